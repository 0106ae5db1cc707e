// `docvalue_fields`: values from the columns, as they are kept: sorted, keywords distinct.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/date/date_format.h"
#include "query/exec/context.h"
#include "query/fetch/fetch_request.h"

namespace stratalog::query {

class DocvalueFetcher {
 public:
  // Fails as Elasticsearch does for text fields and for formats where there are none.
  static Result<DocvalueFetcher> make(const IndexContext& index,
                                      const std::vector<FieldAndFormat>& wanted);
  bool empty() const { return fields_.empty(); }

  // For each of the rows (ascending) appends members "name":[...] to out[i].
  void append(const SegmentContext& segment, std::span<const index::RowId> rows,
              std::vector<std::string>& out) const;

 private:
  struct Field {
    std::string name;
    const index::MappedField* field;
    std::shared_ptr<const index::DateFormat> format;
  };
  void append_number(std::string& out, const Field& field, int64_t value) const;

  std::vector<Field> fields_;
};

}  // namespace stratalog::query
