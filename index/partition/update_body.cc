#include "index/partition/update_body.h"

#include "base/edit_distance.h"

namespace stratalog::index {

namespace {

// Documents and updates may be as deep as documents may be.
constexpr uint32_t kDepthMax = 256;

Error at(json::Location place, const std::string& problem) {
  return Error(error_types::kXContentParse, at_text(place) + " [UpdateRequest] " + problem);
}

Error wrong_kind(const json::NodeMember& member) {
  return at(member.value.start(),
            member.key + " doesn't support values of type: " + member.value.token_name());
}

Error not_parsed(const json::NodeMember& member, Error why) {
  return at(member.value.start(), "failed to parse field [" + member.key + "]")
      .because(std::move(why));
}

Status take_object(const json::NodeMember& member, json::Value& into) {
  if (!member.value.is_object()) return wrong_kind(member);
  into = member.value.to_value();
  return {};
}

Status take_bool(const json::NodeMember& member, bool& into) {
  if (!member.value.is_bool() && !member.value.is_string()) return wrong_kind(member);
  const auto value = member.value.to_bool();
  if (!value) {
    return not_parsed(member, Error(error_types::kIllegalArgument,
                                    "Failed to parse value [" + member.value.text() +
                                        "] as only [true] or [false] are allowed."));
  }
  into = *value;
  return {};
}

Status take_number(const json::NodeMember& member, std::optional<int64_t>& into) {
  if (!member.value.is_number() && !member.value.is_string()) return wrong_kind(member);
  into = member.value.to_int();
  if (into) return {};
  return not_parsed(member, Error(error_types::kIllegalArgument,
                                  "For input string: \"" + member.value.text() + "\""));
}

Status take_member(const json::NodeMember& member, UpdateBody& body) {
  const std::string& key = member.key;
  if (key == "doc") return take_object(member, body.doc);
  if (key == "upsert") return take_object(member, body.upsert);
  if (key == "doc_as_upsert") return take_bool(member, body.doc_as_upsert);
  if (key == "detect_noop") return take_bool(member, body.detect_noop);
  if (key == "scripted_upsert") return take_bool(member, body.scripted_upsert);
  if (key == "if_seq_no") return take_number(member, body.if_seq_no);
  if (key == "if_primary_term") return take_number(member, body.if_primary_term);
  if (key == "script") {
    body.has_script = true;
    body.script = member.value.to_value();
    return {};
  }
  if (key == "_source") {
    if (member.value.is_number() || member.value.is_null()) return wrong_kind(member);
    body.source = member.value;
    return {};
  }
  return at(member.at,
            "unknown field [" + key + "]" +
                did_you_mean(key, {"script", "scripted_upsert", "upsert", "doc", "doc_as_upsert",
                                   "detect_noop", "_source", "if_seq_no", "if_primary_term"}));
}

}  // namespace

Result<UpdateBody> parse_update_body(std::string_view text) {
  ASSIGN_OR_RETURN(const json::Node tree, json::parse_tree(text, kDepthMax));
  if (!tree.is_object()) {
    return at(tree.start(), std::string("Expected START_OBJECT but was: ") + tree.token_name());
  }
  UpdateBody body;
  for (const json::NodeMember& member : tree.members()) {
    RETURN_IF_ERROR(take_member(member, body));
  }
  return body;
}

std::vector<std::string> update_problems(const UpdateBody& body, const WriteOp& op) {
  std::vector<std::string> problems;
  const bool has_doc = body.doc.is_object();
  if (op.if_seq_no) {
    if (op.retry_on_conflict > 0)
      problems.emplace_back("compare and write operations can not be retried");
    if (body.doc_as_upsert)
      problems.emplace_back("compare and write operations can not be used with upsert");
    if (!body.upsert.is_null()) {
      problems.emplace_back("upsert requests don't support `if_seq_no` and `if_primary_term`");
    }
  }
  if (!body.has_script && !has_doc) problems.emplace_back("script or doc is missing");
  if (body.has_script && has_doc) problems.emplace_back("can't provide both script and doc");
  if (body.doc_as_upsert && !has_doc)
    problems.emplace_back("doc must be specified if doc_as_upsert is enabled");
  return problems;
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
