#include "query/exec/row_script.h"

#include <map>

#include "index/fault.h"
#include "index/sortable.h"
#include "query/exec/field_plans.h"
#include "query/exec/field_value.h"
#include "query/exec/search_memory.h"
#include "query/script/dates.h"
#include "query/script/fault.h"

namespace stratalog::query {

using index::FieldType;
using index::Kind;
using index::RowId;
using script::Value;

namespace {

Value number_value(script::Heap& heap, const index::MappedField& field, int64_t value) {
  switch (field.type) {
    case FieldType::kDate:
      return script::date_time(heap, index::Instant::of_millis(value));
    case FieldType::kDateNanos:
      return script::date_time(heap, index::Instant::of_nanos(value));
    case FieldType::kBoolean:
      return Value::boolean(value != 0);
    case FieldType::kScaledFloat:
      return Value::of_double(static_cast<double>(value) / field.scaling_factor);
    default:
      break;
  }
  if (field.kind == Kind::kF64) return Value::of_double(index::double_from_sortable(value));
  if (field.kind == Kind::kU64)
    return Value::of_long(static_cast<int64_t>(index::u64_from_sortable(value)));
  return Value::of_long(value);
}

}  // namespace

class RowScript::FieldDoc final : public script::Doc {
 public:
  explicit FieldDoc(const IndexContext& index) : index_(index) {}
  void clear() override { values_.clear(); }

  void begin_segment(const SegmentContext& segment) {
    if (segment_ == &segment.reader) return;
    segment_ = &segment.reader;
    columns_.clear();
    values_.clear();
  }
  void move_to(RowId row) {
    row_ = row;
    values_.clear();
  }

  Value get(const std::string& name) override {
    if (const auto kept = values_.find(name); kept != values_.end()) return kept->second;
    const Column& column = column_of(name);
    auto& values = heap().make<script::DocValues>();
    const Value out(&values);
    if (column.numeric != nullptr) {
      column.numeric->gather(std::span(&row_, 1), numbers_);
      for (uint32_t v = numbers_.begin(0); v < numbers_.end(0); ++v)
        values.add(number_value(heap(), *column.field, numbers_.values[v]));
    } else if (column.ordinals != nullptr) {
      column.ordinals->gather(std::span(&row_, 1), ordinals_);
      for (uint32_t v = ordinals_.begin(0); v < ordinals_.end(0); ++v) {
        std::string term = column.ordinals->term(ordinals_.values[v]);
        if (column.field->kind == Kind::kIp) term = ip_address_text(term);
        values.add(heap().string(std::move(term)));
      }
    }
    values_.emplace(name, out);
    return out;
  }

  bool contains(const std::string& name) override {
    const FieldRef ref = resolve_field(index_, name);
    return ref.field != nullptr && !ref.keyed;
  }

 private:
  struct Column {
    const index::MappedField* field = nullptr;
    const index::NumericColumn* numeric = nullptr;
    const index::OrdinalColumn* ordinals = nullptr;
  };

  const Column& column_of(const std::string& name) {
    if (const auto known = columns_.find(name); known != columns_.end()) return known->second;
    const FieldRef ref = resolve_field(index_, name);
    if (ref.field == nullptr || ref.keyed)
      script::fail_argument("No field found for [" + name + "] in mapping");
    const index::MappedField& field = *ref.field;
    if (field.type == FieldType::kText) {
      script::fail_argument(
          "Text fields are not optimised for operations that require per-document field data like "
          "aggregations and sorting, so these operations are disabled by default. Please use a "
          "keyword field instead. Alternatively, set fielddata=true on [" +
          name +
          "] in order to load field data by uninverting the inverted index. Note that this can use "
          "significant memory.");
    }
    if (!field.doc_values || (!field.numeric() && !index::is_ordinal(field.kind))) {
      script::fail_argument("Can't load fielddata on [" + name +
                            "] because fielddata is unsupported on fields of type [" +
                            field.type_name + "]. Use doc values instead.");
    }
    Column column{&field, nullptr, nullptr};
    if (field.numeric()) {
      column.numeric = segment_->numeric(field.path, field.kind);
    } else {
      column.ordinals = segment_->ordinals(field.path, field.kind);
    }
    return columns_.emplace(name, column).first->second;
  }

  const IndexContext& index_;
  const index::SegmentReader* segment_ = nullptr;
  RowId row_ = 0;
  std::map<std::string, Column> columns_;  // of the segment
  std::map<std::string, Value> values_;    // of the row
  index::NumericBatch numbers_;
  index::OrdinalBatch ordinals_;
};

namespace {

// doc['f'].min() and the like of expressions: a field's values as one number, 0 without any.
Value expression_member(const std::string& name, const Value& values) {
  const auto& items = values.as<script::List>().items;
  const auto real = [](const Value& value) {
    if (value.is(script::Class::kDateTime))
      return static_cast<double>(value.as<script::DateTime>().instant.millis());
    if (value.is_bool()) return value.as_bool() ? 1.0 : 0.0;
    return script::real_argument(value);
  };
  double least = 0, greatest = 0, sum = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const double v = real(items[i]);
    least = i == 0 ? v : std::min(least, v);
    greatest = i == 0 ? v : std::max(greatest, v);
    sum += v;
  }
  const auto count = static_cast<double>(items.size());
  if (name == "expression_value") return Value::of_double(items.empty() ? 0 : real(items[0]));
  if (name == "expression_length" || name == "expression_count") return Value::of_double(count);
  if (name == "expression_empty") return Value::of_double(items.empty() ? 1 : 0);
  if (name == "expression_min") return Value::of_double(least);
  if (name == "expression_max") return Value::of_double(greatest);
  if (name == "expression_sum") return Value::of_double(sum);
  if (name == "expression_avg") return Value::of_double(items.empty() ? 0 : sum / count);
  script::fail_argument("[" + name.substr(11) + "] of a date is not supported in expressions");
}

}  // namespace

RowScript::RowScript() = default;
RowScript::~RowScript() = default;

Result<std::shared_ptr<RowScript>> RowScript::make(const IndexContext& index,
                                                   const script::ScriptSpec& spec,
                                                   script::Context context) {
  ASSIGN_OR_RETURN(const script::ProgramPtr program, script::compile(spec, context));
  auto out = std::make_shared<RowScript>();
  out->index_ = &index;
  out->context_ = context;
  out->lang_ = program->lang;
  out->heap_ = std::make_unique<script::Heap>();
  out->run_ = std::make_unique<script::Run>(program, *out->heap_);
  RequestContext& request = index.request;
  out->heap_->set_stop([&request] { return request.expired(); });
  out->run_->set_host([](const std::string& name, std::span<const Value> args) {
    if (name.starts_with("expression_")) return expression_member(name, args[0]);
    script::fail_argument("the function [" + name + "] is not supported");
  });
  out->doc_ = &out->heap_->make<FieldDoc>(index);
  try {
    out->run_->bind(script::variable(context, "params"),
                    script::from_json(*out->heap_, spec.params));
  } catch (const script::ScriptFault& fault) {
    return out->run_->runtime_error(fault);
  }
  out->run_->bind(script::variable(context, "doc"), Value(out->doc_));
  return out;
}

void RowScript::begin_segment(const SegmentContext& segment) { doc_->begin_segment(segment); }
void RowScript::move_to(RowId row) { doc_->move_to(row); }
script::Run& RowScript::run() { return *run_; }
script::Heap& RowScript::heap() { return *heap_; }

template <typename Use>
auto RowScript::guarded(RowId row, float score, Use&& use) {
  check_memory();
  try {
    doc_->move_to(row);
    const auto& names = script::surroundings(context_).variables;
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == "_score") run_->bind(i, Value::of_double(static_cast<double>(score)));
    }
    return use(run_->execute_or_throw());
  } catch (const script::ScriptFault& fault) {
    throw index::SegmentFault(run_->runtime_error(fault));
  }
}

double RowScript::number(RowId row, float score) {
  return guarded(row, score, [](const Value& value) {
    if (value.is_null()) return 0.0;
    return script::real_argument(value);
  });
}

bool RowScript::truth(RowId row) {
  return guarded(row, 0, [&](const Value& value) {
    if (value.is_null()) return false;
    if (value.is_bool()) return value.as_bool();
    if (lang_ == "expression" && value.is_number()) return value.to_double() != 0;
    script::fail_cast("cannot cast def [" + script::def_name(value) + "] to boolean");
  });
}

json::Value RowScript::json(RowId row) {
  return guarded(row, 0, [](const Value& value) { return script::to_json(value); });
}

}  // namespace stratalog::query
