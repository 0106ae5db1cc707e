// Index expressions -> index names: lists, wildcards, -exclusions, _all, aliases, date math, closed
// and hidden indices (Elasticsearch doc pages "Multi-target syntax", "Date math support in index
// names"; IndexNameExpressionResolver's rules).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/catalog.h"

namespace stratalog::index {

struct IndicesOptions {
  bool ignore_unavailable = false;
  bool allow_no_indices = true;
  bool expand_open = true;
  bool expand_closed = false;
  bool expand_hidden = false;
  bool forbid_closed =
      true;  // a closed index named plainly is index_closed_exception (or left out when ignored)
  bool allow_aliases = true;  // false: an alias named plainly is an error (index deletion)
};

struct ResolvedIndex {
  std::shared_ptr<const IndexMetadata> index;
  std::vector<std::string>
      via_aliases;  // aliases by which it was reached, when only by filtered ones (search filters)
};

// Splits "a,b,-c*"; "" and "_all" and "*" mean all.
Result<std::vector<ResolvedIndex>> resolve_indices(const CatalogState& state,
                                                   std::string_view expression,
                                                   const IndicesOptions& options, int64_t now_ms);

// The one index that a write to `name` goes to: the index, or an alias' write index. nullptr: there
// is none yet.
Result<std::shared_ptr<const IndexMetadata>> resolve_write_index(const CatalogState& state,
                                                                 std::string_view name,
                                                                 int64_t now_ms);

// Elasticsearch's rules for new names; invalid_index_name_exception.
Status validate_index_name(std::string_view name);

}  // namespace stratalog::index
