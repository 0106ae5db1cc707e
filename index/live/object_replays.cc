#include "index/live/object_replays.h"

#include <algorithm>

namespace stratalog::index {

void ObjectReplays::use_mapping(const std::shared_ptr<const Mapping>& mapping) {
  if (mapping == mapping_) return;
  mapping_ = mapping;
  objects_.clear();
  fields_.assign(mapping->fields().size(), false);
  bytes_ = 0;
}

bool ObjectReplays::apart(Object object, std::span<const FieldValue> object_values,
                          std::span<const FieldValue> before, std::span<const FieldValue> after) {
  if (!knows(object)) {
    for (const FieldValue& value : object_values) fields_[value.field] = true;
  }
  const auto mixed = [&](const FieldValue& value) { return fields_[value.field]; };
  return std::none_of(before.begin(), before.end(), mixed) &&
         std::none_of(after.begin(), after.end(), mixed);
}

void ObjectReplays::replay(Object object, RowId row) const {
  for (const Step& step : objects_[object.number].steps) {
    if (step.column->numeric) {
      step.column->numeric->add(row, step.number);
    } else if (step.column->ordinals) {
      step.column->ordinals->add_known(row, static_cast<uint32_t>(step.number));
    } else {
      step.column->text->commit_known(row, static_cast<uint32_t>(step.number));
    }
  }
}

void ObjectReplays::note(Object object, std::span<const FieldValue> values, LiveColumns& columns) {
  std::vector<Step> steps, texts;
  for (const FieldValue& value : values) {
    LiveColumn& column = columns.column(*mapping_, value.field, value.kind);
    if (column.numeric) {
      steps.push_back({&column, value.number});
    } else if (column.ordinals) {
      const TermTable& table = column.ordinals->table();
      steps.push_back({&column, *table.find(value.text, table.size())});
    } else if (std::none_of(texts.begin(), texts.end(),
                            [&](const Step& step) { return step.column == &column; })) {
      texts.push_back({&column, column.text->last_unit()});
    }
  }
  steps.insert(steps.end(), texts.begin(), texts.end());
  steps.shrink_to_fit();
  if (object.number >= objects_.size()) objects_.resize(object.number + 1);
  Noted& noted = objects_[object.number];
  bytes_ += steps.size() * sizeof(Step);
  bytes_ -= noted.steps.size() * sizeof(Step);
  noted = {object.mapped, std::move(steps)};
}

}  // namespace stratalog::index
