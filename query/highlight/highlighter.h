// Marks what a query matched in the fields of a document: Elasticsearch's unified highlighter, by
// analysing the source again.
//
// Threads one. One an index and request.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/exec/context.h"
#include "query/exec/segment_query.h"
#include "query/fetch/source_tree.h"
#include "query/highlight/highlight_request.h"

namespace stratalog::query {

class Highlighter {
 public:
  // `plan` is the search's query on this index.
  static Result<std::unique_ptr<Highlighter>> make(const IndexContext& index,
                                                   const HighlightRequest& request,
                                                   const Plan& plan);
  virtual ~Highlighter() = default;
  // Appends {"field":["fragment",...],...}; nothing if nothing is marked. False then.
  virtual Result<bool> append(std::string& out, const SourceTree& tree) = 0;
};

}  // namespace stratalog::query
