// Where settings are read from: files and the environment.
#pragma once

#include <map>
#include <string>

#include "server/settings.h"

namespace stratalog::server {

Result<std::string> read_settings_file(const std::string& path);

// Dotted names in lower case as Elasticsearch's image takes them ("cluster.name"), and its
// ES_SETTING_CLUSTER_NAME form
// ("__" is an underscore).
SettingMap settings_of_environment(const std::map<std::string, std::string>& environment);

// ELASTIC_PASSWORD, or the content of the file that ELASTIC_PASSWORD_FILE names. Unchanged when
// neither is set; both at once are an error.
Status read_password(const std::map<std::string, std::string>& environment, std::string& password);

}  // namespace stratalog::server
