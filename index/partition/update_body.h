// The body of a partial update and what it makes of a document.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update.html
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_tree.h"
#include "base/result.h"
#include "index/engine.h"

namespace stratalog::index {

// What a script makes of a document: as it is left in `source`.
struct ScriptedDocument {
  enum class Op : uint8_t { kIndex, kDelete, kNone } op = Op::kIndex;
  json::Value source;
};
// What a script knows of the document.
struct ScriptedTarget {
  std::string_view index;
  std::string_view type;
  std::string_view id;
  const std::optional<std::string>& routing;
  int64_t version = 0;
  bool create = false;  // there is none yet: the source is the upsert
};
// Runs an update's script. Its outcome is what is logged; a replay never runs it. Given by api/, as
// scripts live above this layer. May be called several times, by one thread.
using UpdateScript =
    std::function<Result<ScriptedDocument>(const ScriptedTarget& target, json::Value source)>;

struct UpdateBody {
  json::Value doc;     // null: none
  json::Value upsert;  // null: none
  bool has_script = false;
  bool scripted_upsert = false;
  json::Value script;       // as it stands there
  UpdateScript run_script;  // of `script`; none: scripts are refused
  bool doc_as_upsert = false;
  bool detect_noop = true;
  std::optional<json::Node> source;  // "_source" as it stands there
  std::optional<int64_t> if_seq_no;
  std::optional<int64_t> if_primary_term;

  // Whether "_source" asks for the outcome.
  bool wants_source() const { return source && source->text() != "false"; }
};

// Fails with json_parse_exception or x_content_parse_exception in Elasticsearch's words.
Result<UpdateBody> parse_update_body(std::string_view text);

// What UpdateRequest.validate finds wrong with an update of this body; `op` says the rest.
std::vector<std::string> update_problems(const UpdateBody& body, const WriteOp& op);

// Puts `changes` into `document`, objects member by member, all else as a whole. True if anything
// is different afterwards.
bool merge_document(json::Value& document, const json::Value& changes);

}  // namespace stratalog::index
