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

// The source through a filter.
std::string filter_source(const std::string& source, const query::SourceFilter& filter);

// "get":{"_seq_no":…,"_primary_term":…,"found":true,"_source":…} of an update.
void append_get(json::Writer& out, const index::WriteResult& result,
                const query::SourceFilter& filter);

// Engine::get(), and of the source what the index's mapping lets through.
Result<index::GetResult> get_document(index::Engine& engine, const index::GetOp& op);

struct GetOptions {
  query::SourceFilter source;
  std::vector<std::string> stored_fields;  // empty: not asked for
};
// Members of a document's answer: _index, _type, _id, _version … _source.
void append_document(json::Writer& out, const index::GetResult& document, const GetOptions& options,
                     const index::Engine& engine);

// version_conflict_engine_exception unless the document, if there, has the version asked for.
Status check_version(const index::GetResult& document, std::optional<int64_t> wanted,
                     const index::Engine& engine);

std::vector<std::string> split_list(std::string_view text);  // at commas

}  // namespace stratalog::api
