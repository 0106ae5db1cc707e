// `_source`, `_source_includes`, `_source_excludes` of the URL, and a document's answer members.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "base/json_writer.h"
#include "index/engine.h"
#include "query/fetch/fetch_request.h"

namespace stratalog::api {

struct SourceParams {
  bool wanted = false;   // something was said and it is not "false"
  bool refused = false;  // _source=false
  query::SourceFilter filter;

  static Result<SourceParams> read(const QueryParams& params);
  static std::vector<std::string> names() {
    return {"_source", "_source_includes", "_source_excludes"};
  }
};

// What of a document's source the index's mapping and then the filter let through.
std::string shown_source(const index::GetResult& document, const query::SourceFilter& filter,
                         const index::Engine& engine);

// "get":{"_seq_no":…,"_primary_term":…,"found":true,"_source":…} of an update: of the whole
// document, whatever the mapping lets through.
void append_get(json::Writer& out, const index::WriteResult& result,
                const query::SourceFilter& filter);

struct GetOptions {
  query::SourceFilter source;
  std::vector<std::string> stored_fields;  // empty: not asked for
};
// Members of a document's answer: _index, _type, _id, _version … _source.
void append_document(json::Writer& out, const index::GetResult& document, const GetOptions& options,
                     const index::Engine& engine);

// illegal_argument_exception if a stored field that is asked for is an object.
Status check_stored_fields(const index::GetResult& document, const GetOptions& options,
                           const index::Engine& engine);

// version_conflict_engine_exception unless the document, if there, has the version asked for.
Status check_version(const index::GetResult& document, std::optional<int64_t> wanted,
                     const index::Engine& engine);

std::vector<std::string> split_list(std::string_view text);  // at commas

}  // namespace stratalog::api
