// Where settings are read from: files and the environment.
#pragma once

#include <map>
#include <string>

#include "server/settings.h"

namespace stratalog::server {

Result<std::string> read_settings_file(const std::string& path);

// Dotted names in lower case as Elasticsearch's image takes them ("cluster.name"), and its
// ES_SETTING_CLUSTER_NAME form
// ("__" is an underscore). Empty ones set nothing, as in that image.
SettingMap settings_of_environment(const std::map<std::string, std::string>& environment);

// The variable `name` (ELASTIC_PASSWORD), or the content of the file that `name`_FILE names.
// Unchanged when neither is set; both at once are an error.
Status read_secret_variable(const std::map<std::string, std::string>& environment,
                            const std::string& name, std::string& secret);

// What the keystore of a folder sets; nothing when there is none.
Result<SettingMap> read_keystore_settings(const std::string& config_folder,
                                          const std::map<std::string, std::string>& environment);

}  // namespace stratalog::server
