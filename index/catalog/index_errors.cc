#include "index/catalog/index_errors.h"

namespace stratalog::index {

namespace {
constexpr const char* kNoUuid = "_na_";
}

Error index_not_found(std::string_view name, std::string_view resource_type) {
  std::string reason = "no such index [" + std::string(name) + "]";
  if (name == "_all") reason += " and no indices exist";
  return Error(error_types::kIndexNotFound, std::move(reason))
      .with("resource.type", std::string(resource_type))
      .with("resource.id", std::string(name))
      .with("index_uuid", kNoUuid)
      .with("index", std::string(name));
}

Error index_closed(const IndexMetadata& index) {
  return Error(error_types::kIndexClosed, "closed")
      .with("index_uuid", index.uuid)
      .with("index", index.name);
}

Error invalid_index_name(std::string_view name, std::string_view why) {
  return Error(error_types::kInvalidIndexName,
               "Invalid index name [" + std::string(name) + "], " + std::string(why))
      .with("index_uuid", kNoUuid)
      .with("index", std::string(name));
}

Error invalid_alias_name(std::string_view name, std::string_view why) {
  return Error(error_types::kInvalidAliasName,
               "Invalid alias name [" + std::string(name) + "]: " + std::string(why));
}

Error index_already_exists(const IndexMetadata& index) {
  return Error(error_types::kResourceAlreadyExists,
               "index [" + index.name + "/" + index.uuid + "] already exists")
      .with("index_uuid", index.uuid)
      .with("index", index.name);
}

Error routing_missing(const IndexMetadata& index, std::string_view type, std::string_view id) {
  return Error(error_types::kRoutingMissing, "routing is required for [" + index.name + "]/[" +
                                                 std::string(type.empty() ? kDefaultType : type) +
                                                 "]/[" + std::string(id) + "]")
      .with("index_uuid", "_na_")
      .with("index", index.name);
}

}  // namespace stratalog::index
