// The body of a partial update and what it makes of a document.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace stratalog::index {

struct UpdateBody {
  json::Value doc;     // null: none
  json::Value upsert;  // null: none
  bool has_script = false;
  bool doc_as_upsert = false;
  bool detect_noop = true;
  bool wants_source = false;  // "_source" asks for the outcome
};

// Fails with x_content_parse_exception or action_request_validation_exception in Elasticsearch's
// words.
Result<UpdateBody> parse_update_body(std::string_view text);

// Puts `changes` into `document`, objects member by member, all else as a whole. True if anything
// is different afterwards.
bool merge_document(json::Value& document, const json::Value& changes);

}  // namespace stratalog::index
