#include "api/write_result.h"

#include "api/common.h"

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

}  // namespace

void append_write_result(json::Writer& out, const index::WriteResult& result, std::string_view type,
                         const Context& context) {
  out.field("_index", result.index)
      .field("_type", type)
      .field("_id", result.id)
      .field("_version", result.version);
  out.field("result", result_name(result.kind));
  if (result.forced_refresh) out.field("forced_refresh", true);
  if (result.kind == Kind::kNoop) {
    out.key("_shards")
        .begin_object()
        .field("total", 0)
        .field("successful", 0)
        .field("failed", 0)
        .end_object();
  } else {
    append_write_shards(out, context, result.index);
  }
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
