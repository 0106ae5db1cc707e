// The administration endpoints, one function a family, each in the file of its name (api/routes.cc
// adds them all).
#pragma once

namespace stratalog::api {

class Router;

void add_index_routes(Router& router);     // /{index}, _open, _close, _refresh, _flush, _forcemerge
void add_mapping_routes(Router& router);   // _mapping
void add_settings_routes(Router& router);  // /{index}/_settings
void add_alias_routes(Router& router);     // _aliases, _alias
void add_template_routes(Router& router);  // _template, _index_template, _component_template
void add_cluster_routes(
    Router& router);  // _cluster/health, _cluster/settings, _cluster/state, _nodes, _stats
void add_cat_routes(Router& router);       // _cat
void add_analyze_routes(Router& router);   // _analyze
void add_license_routes(Router& router);   // _license, _xpack
void add_script_routes(Router& router);    // _scripts, _script_language
void add_by_query_routes(Router& router);  // _update_by_query, _delete_by_query, _reindex
void add_task_routes(Router& router);      // _tasks

// _security: not there where security is off.
void add_security_routes(Router& router);
void add_security_user_routes(Router& router);       // users, passwords, who am I, what may I
void add_security_role_routes(Router& router);       // roles, role mappings
void add_security_privilege_routes(Router& router);  // application privileges
void add_security_key_routes(Router& router);        // API keys
void add_security_token_routes(Router& router);      // service accounts, oauth2 tokens

}  // namespace stratalog::api
