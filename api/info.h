// GET / : who answers, in the words of Elasticsearch 7.17.3's default distribution, by which
// clients know it.
#pragma once

#include <string_view>

namespace stratalog::api {

inline constexpr std::string_view kVersionNumber = "7.17.3";
inline constexpr std::string_view kBuildHash = "5ad023604c8d7416c9eb6c0eadb62b14e766caff";

class Router;

void add_info_routes(Router& router);

}  // namespace stratalog::api
