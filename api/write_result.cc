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
  // One piece instead of a dozen: there are as many of these as documents.
  text_ = names_;
  text_ += ",\"_id\":";
  json::append_escaped(text_, result.id);
  text_ += ",\"_version\":";
  text_ += std::to_string(result.version);
  text_ += ",\"result\":\"";
  text_ += result_name(result.kind);
  text_ += result.forced_refresh ? "\",\"forced_refresh\":true," : "\",";
  text_ += result.kind == Kind::kNoop ? kNoShards : shards_;
  text_ += ",\"_seq_no\":";
  text_ += std::to_string(result.seq_no);
  text_ += ",\"_primary_term\":";
  text_ += std::to_string(result.primary_term);
  out.members(text_);
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
