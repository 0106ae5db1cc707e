#include "index/partition/update_body.h"

namespace stratalog::index {

namespace {

// Documents and updates may be as deep as documents may be.
constexpr uint32_t kDepthMax = 256;

const char* token_name(const json::Value& value) {
  if (value.is_string()) return "VALUE_STRING";
  if (value.is_number()) return "VALUE_NUMBER";
  if (value.is_bool()) return "VALUE_BOOLEAN";
  if (value.is_array()) return "START_ARRAY";
  return "VALUE_NULL";
}

Error validation(const char* what) {
  return Error(error_types::kActionRequestValidation,
               std::string("Validation Failed: 1: ") + what + ";");
}

Status take_object(const json::Member& member, json::Value& into) {
  if (!member.value.is_object()) {
    return Error(error_types::kXContentParse,
                 "[UpdateRequest] " + member.key +
                     " doesn't support values of type: " + token_name(member.value));
  }
  into = member.value;
  return {};
}

}  // namespace

Result<UpdateBody> parse_update_body(std::string_view text) {
  ASSIGN_OR_RETURN(const json::Value parsed, json::parse(text, kDepthMax));
  if (!parsed.is_object())
    return Error(error_types::kXContentParse, "[UpdateRequest] Expected START_OBJECT");
  UpdateBody body;
  bool has_doc = false;
  for (const json::Member& member : parsed.as_object()) {
    const std::string& key = member.key;
    if (key == "doc") {
      RETURN_IF_ERROR(take_object(member, body.doc));
      has_doc = true;
    } else if (key == "upsert") {
      RETURN_IF_ERROR(take_object(member, body.upsert));
    } else if (key == "script") {
      body.has_script = true;
    } else if (key == "doc_as_upsert") {
      body.doc_as_upsert = member.value.to_bool().value_or(false);
    } else if (key == "detect_noop") {
      body.detect_noop = member.value.to_bool().value_or(true);
    } else if (key == "_source") {
      body.wants_source = !(member.value.is_bool() && !member.value.as_bool());
    } else if (key != "scripted_upsert" && key != "if_seq_no" && key != "if_primary_term") {
      return Error(error_types::kXContentParse, "[UpdateRequest] unknown field [" + key + "]");
    }
  }
  if (body.has_script && has_doc) return validation("can't provide both script and doc");
  if (!body.has_script && !has_doc) return validation("script or doc is missing");
  if (body.doc_as_upsert && !has_doc)
    return validation("doc must be specified if doc_as_upsert is enabled");
  return body;
}

bool merge_document(json::Value& document, const json::Value& changes) {
  bool changed = false;
  for (const json::Member& member : changes.as_object()) {
    json::Value* old = document.find(member.key);
    if (old == nullptr) {
      document.set(member.key, member.value);
      changed = true;
    } else if (old->is_object() && member.value.is_object()) {
      changed |= merge_document(*old, member.value);
    } else if (!(*old == member.value)) {
      *old = member.value;
      changed = true;
    }
  }
  return changed;
}

}  // namespace stratalog::index
