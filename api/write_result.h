// The answer of one document write, alone or in a bulk.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/context.h"
#include "api/http.h"
#include "base/json_writer.h"
#include "index/engine.h"

namespace stratalog::api {

// _index … _primary_term of writes, members of the open object. What is the same for all writes of
// an index is made once. Threads one.
class WriteResults {
 public:
  explicit WriteResults(const Context& context);
  void append(json::Writer& out, const index::WriteResult& result, std::string_view type);

 private:
  void look_up(std::string_view index, std::string_view type);

  std::shared_ptr<const index::CatalogState> state_;
  std::string index_, type_;  // that these are of
  std::string names_;         // _index and _type
  std::string shards_;        // _shards
  std::string text_;          // of the one that is written
};
int write_status(const index::WriteResult& result);
// The object under "error" of a bulk item: without root_cause.
void append_item_error(json::Writer& out, const Error& error);

}  // namespace stratalog::api
