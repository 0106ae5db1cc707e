// The body of _bulk: action lines and documents, split in place. Elasticsearch doc page "Bulk API".
//
// Shape   lines end with \n or \r\n; empty lines between actions are passed over; the last line
// must end with \n. Cost    an action line that is the same as the one before costs a comparison.
// Life    operations point into the body.
// Errors  what makes the whole request fail: illegal_argument_exception and
// action_request_validation_exception in
//         Elasticsearch's words. What fails one operation alone stands in BulkOp::error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/engine.h"
#include "query/fetch/fetch_request.h"

namespace stratalog::api {

struct BulkDefaults {
  std::string index;
  std::string type;  // "": none
  std::optional<std::string> routing;
  std::string pipeline;  // "" and "_none": none
  bool require_alias = false;
  std::optional<query::SourceFilter> source;  // of updates
};

// What a client said about one operation that the engine need not know.
struct BulkItem {
  bool id_given = false;
  // An update that gives its document: what of it.
  std::optional<query::SourceFilter> source;
  std::optional<Error> error;  // the operation is not run
};

struct BulkRequest {
  std::vector<index::WriteOp> ops;      // of items without error, in order
  std::vector<BulkItem> items;          // of all
  std::vector<index::WriteOp> refused;  // of items with an error, in order: for the answer's names
  bool typed = false;                   // some line names a type
};

Result<BulkRequest> parse_bulk(std::string_view body, const BulkDefaults& defaults);

std::string_view op_name(index::OpType type);

}  // namespace stratalog::api
