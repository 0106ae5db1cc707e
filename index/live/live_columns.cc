#include "index/live/live_columns.h"

namespace stratalog::index {

LiveColumn& LiveColumns::column(const Mapping& mapping, FieldId field, Kind kind) {
  if (field >= by_field_.size()) by_field_.resize(field + 1);
  for (LiveColumn* column : by_field_[field]) {
    if (column->key.kind == kind) return *column;
  }
  return make(mapping, *mapping.fields()[field], kind);
}

LiveColumn& LiveColumns::make(const Mapping& mapping, const MappedField& field, Kind kind) {
  auto made = std::make_unique<LiveColumn>();
  made->key = {field.path, kind};
  if (is_numeric(kind)) {
    made->numeric = std::make_unique<LiveNumeric>();
  } else if (kind == Kind::kTerms) {
    const bool own = field.kind == Kind::kTerms;  // else a text in conflict with its mapping
    LiveText::Options options;
    if (own)
      options = {field.analyzer, field.position_increment_gap, field.norms, field.freqs,
                 field.positions};
    const LiveOrdinals* sibling = nullptr;
    for (const FieldId id : field.multi_fields) {
      const MappedField& multi = *mapping.fields()[id];
      if (!own || multi.kind != Kind::kOrdinals) continue;
      LiveColumn& keyword = column(mapping, id, Kind::kOrdinals);
      sibling = keyword.ordinals.get();
      made->sibling_key = keyword.key;
      break;
    }
    made->text = std::make_unique<LiveText>(arena_, std::move(options), sibling);
  } else {
    made->ordinals = std::make_unique<LiveOrdinals>(arena_);
  }
  columns_.push_back(std::move(made));
  if (field.id >= by_field_.size()) by_field_.resize(field.id + 1);
  by_field_[field.id].push_back(columns_.back().get());
  return *columns_.back();
}

}  // namespace stratalog::index
