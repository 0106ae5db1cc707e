// `docvalue_fields`: values from the columns, as they are kept: sorted, keywords distinct.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/date/date_format.h"
#include "query/exec/virtual_columns.h"
#include "query/fetch/fetch_request.h"

namespace stratalog::query {

class DocvalueFetcher {
 public:
  // A member of a hit's `fields`: its values with commas between them, without brackets.
  struct Member {
    std::string_view name;  // lives as long as the fetcher
    std::string values;
  };

  // Fails as Elasticsearch does for text fields and for formats where there are none.
  static Result<DocvalueFetcher> make(const IndexContext& index,
                                      const std::vector<FieldAndFormat>& wanted);
  // Those of `fields` that are metadata, which no source holds. Fails where Elasticsearch has none.
  Status add_metadata(const IndexContext& index, const std::vector<FieldAndFormat>& fields);
  bool empty() const { return fields_.empty(); }

  // Appends what each of the rows (ascending) has to out[i]; a field that is asked for twice is one
  // member with its values twice, as in Elasticsearch.
  void append(const SegmentContext& segment, std::span<const index::RowId> rows,
              std::vector<std::vector<Member>>& out) const;

 private:
  struct Field {
    std::string name;
    FieldRef ref;
    const index::MappedField* field;
    std::shared_ptr<const index::DateFormat> format;
  };
  void append_number(std::string& out, const Field& field, int64_t value) const;

  std::vector<Field> fields_;
};

}  // namespace stratalog::query
