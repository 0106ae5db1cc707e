// `fields` and `stored_fields`: values from the source as the mapping understands them, arrays
// always. Elasticsearch doc page "Retrieve selected fields from a search".
//
// Threads one. One an index and request.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "index/date/date_format.h"
#include "query/exec/context.h"
#include "query/fetch/fetch_request.h"
#include "query/fetch/path_patterns.h"
#include "query/fetch/source_tree.h"

namespace stratalog::query {

class FieldFetcher {
 public:
  // Fails with IAE "error fetching [n]: Field [n] of type [long] doesn't support formats."
  static Result<FieldFetcher> make(const IndexContext& index,
                                   const std::vector<FieldAndFormat>& wanted);

  // Fields mapped with `store: true` among the names and patterns. Nothing is kept apart for them:
  // they are read from the whole source, that the mapping hides as well.
  static FieldFetcher stored(const index::Mapping& mapping, const std::vector<std::string>& names);

  bool empty() const { return fields_.empty() && !unmapped_; }
  // Appends members "name":[values...] of a document, without braces; `first` tells whether a comma
  // is due and is cleared.
  void append(std::string& out, const SourceTree& tree, bool& first);
  // Names of the members that the last append() wrote; until the next.
  const std::vector<std::string_view>& written() const { return written_; }
  // Values that their fields did not take, raw, in the order of the fields; as written().
  const std::vector<std::pair<std::string_view, std::string_view>>& refused() const {
    return refused_;
  }

 private:
  struct Field {
    std::string name;    // as answered
    std::string member;  // "name":[
    const index::MappedField* field;
    std::shared_ptr<const index::DateFormat> format;  // dates: to print with
    std::vector<uint32_t> sources;                    // slots
  };
  // The path, its parent's if it is a multi-field, and those copied to it.
  void add_sources(Field& field, const std::string& path);
  void walk(const SourceTree& tree, const SourceTree::Node& node);
  void leaf(const SourceTree::Node& node);
  explicit FieldFetcher(const index::Mapping& mapping);
  bool append_value(std::string& out, const Field& field, const SourceTree::Node& node);
  uint32_t slot(const std::string& path);

  std::vector<Field> fields_;
  std::unordered_map<std::string, uint32_t> slots_;           // by path in the source
  std::vector<std::vector<const SourceTree::Node*>> values_;  // by slot
  std::shared_ptr<PathPatterns> unmapped_;                    // include_unmapped: of these
  const index::Mapping* mapping_ = nullptr;
  std::multimap<std::string, std::string> copies_;  // by target: paths that copy_to it
  std::string path_;
  std::vector<std::pair<std::string, std::vector<const SourceTree::Node*>>> found_unmapped_;
  std::vector<std::string_view> written_;
  std::vector<std::pair<std::string_view, std::string_view>> refused_;
  std::string scratch_;
};

}  // namespace stratalog::query
