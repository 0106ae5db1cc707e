#include "api/write_result.h"

#include "index/catalog.h"

namespace stratalog::api {

namespace {

using Kind = index::WriteResult::Kind;

std::string_view result_name(Kind kind) {
  switch (kind) {
    case Kind::kCreated:
      return "created";
    case Kind::kUpdated:
      return "updated";
    case Kind::kDeleted:
      return "deleted";
    case Kind::kNotFound:
      return "not_found";
    case Kind::kNoop:
      return "noop";
  }
  return "noop";
}

constexpr std::string_view kNoShards = R"("_shards":{"total":0,"successful":0,"failed":0})";

}  // namespace

WriteResults::WriteResults(const Context& context) : state_(context.engine.state()) {}

void WriteResults::look_up(std::string_view index, std::string_view type) {
  index_ = index;
  type_ = type;
  names_ = "\"_index\":";
  json::append_escaped(names_, index);
  names_ += ",\"_type\":";
  json::append_escaped(names_, type);
  const index::IndexMetadata* found = state_->find(index);
  const uint32_t copies = found == nullptr ? 1 : found->number_of_replicas() + 1;
  shards_ = "\"_shards\":{\"total\":" + std::to_string(copies) + R"(,"successful":1,"failed":0})";
}

void WriteResults::append(json::Writer& out, const index::WriteResult& result,
                          std::string_view type) {
  if (index_ != result.index || type_ != type || names_.empty()) look_up(result.index, type);
  out.members(names_).field("_id", result.id).field("_version", result.version);
  out.field("result", result_name(result.kind));
  if (result.forced_refresh) out.field("forced_refresh", true);
  out.members(result.kind == Kind::kNoop ? kNoShards : shards_);
  out.field("_seq_no", result.seq_no).field("_primary_term", result.primary_term);
}

int write_status(const index::WriteResult& result) {
  if (result.kind == Kind::kCreated) return 201;
  return result.kind == Kind::kNotFound ? 404 : 200;
}

void append_item_error(json::Writer& out, const Error& error) {
  out.begin_object().field("type", error.type.name).field("reason", error.reason);
  for (const Error::Field& field : error.fields) {
    out.key(field.name);
    field.raw ? out.raw(field.value) : out.string(field.value);
  }
  if (error.caused_by != nullptr) {
    out.key("caused_by");
    append_item_error(out, *error.caused_by);
  }
  out.end_object();
}

}  // namespace stratalog::api
