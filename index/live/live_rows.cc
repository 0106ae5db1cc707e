#include "index/live/live_rows.h"

namespace stratalog::index {

RowId LiveRows::add(const RowMeta& meta, int64_t timestamp_ms) {
  const RowId row = count();
  seq_nos_.add(row, meta.seq_no);
  versions_.push_back(meta.version);
  primary_terms_.push_back(meta.primary_term);
  timestamps_.push_back(timestamp_ms);
  prefixes_.push_back(meta.auto_id_prefix);
  if (meta.explicit_id) ids_.add(row, *meta.explicit_id, {});
  if (meta.routing) routing_.add(row, *meta.routing, {});
  return row;
}

}  // namespace stratalog::index
