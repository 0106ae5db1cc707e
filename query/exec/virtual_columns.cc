#include "query/exec/virtual_columns.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "query/exec/metadata_fields.h"

namespace stratalog::query {

using index::Kind;
using index::NumericBatch;
using index::NumericColumn;
using index::OrdinalBatch;
using index::OrdinalColumn;
using index::RowId;

namespace {

constexpr uint32_t kBatchRows = 4096;

std::vector<RowId> rows_between(RowId begin, RowId end) {
  std::vector<RowId> rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

// Sets the bits of rows whose values `takes`, by gathering them.
template <typename Column, typename Batch, typename Takes>
void fill_gathered(const Column& column, RowId begin, RowId end, uint64_t* bits, Takes&& takes) {
  Batch batch;
  for (RowId at = begin; at < end;) {
    const RowId stop = std::min(end, at + kBatchRows);
    const std::vector<RowId> rows = rows_between(at, stop);
    column.gather(rows, batch);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v) {
        if (!takes(batch.values[v])) continue;
        set_bit(bits, rows[i] - begin);
        break;
      }
    }
    at = stop;
  }
}

// What columns of strings have in common whose rows are only gathered.
class GatheredColumn : public OrdinalColumn {
 public:
  std::string term(uint32_t ordinal) const override {
    std::string out;
    terms(std::span(&ordinal, 1), [&](size_t, std::string_view text) { out = text; });
    return out;
  }
  std::optional<uint32_t> find(std::string_view text) const override {
    const uint32_t ordinal = lower_bound(text);
    if (ordinal < ordinal_count() && term(ordinal) == text) return ordinal;
    return std::nullopt;
  }
  void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                  uint64_t* bits) const override {
    fill_gathered<OrdinalColumn, OrdinalBatch>(*this, begin, end, bits,
                                               [&](uint32_t v) { return v >= low && v < high; });
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    fill_range(begin, end, 0, std::numeric_limits<uint32_t>::max(), bits);
  }
};

// Terms that are held, sorted.
class HeldTerms : public GatheredColumn {
 public:
  uint32_t ordinal_count() const override { return static_cast<uint32_t>(terms_.size()); }
  void terms(std::span<const uint32_t> ordinals,
             const std::function<void(size_t, std::string_view)>& visit) const override {
    for (size_t i = 0; i < ordinals.size(); ++i) visit(i, terms_[ordinals[i]]);
  }
  uint32_t lower_bound(std::string_view text) const override {
    return static_cast<uint32_t>(std::lower_bound(terms_.begin(), terms_.end(), text) -
                                 terms_.begin());
  }

 protected:
  std::vector<std::string> terms_;
};

// One text for every row.
class ConstantColumn final : public HeldTerms {
 public:
  ConstantColumn(std::string text, uint32_t rows) : rows_(rows) {
    terms_.push_back(std::move(text));
  }
  uint32_t present_rows() const override { return rows_; }
  bool one_each() const override { return true; }
  bool single_valued() const override { return true; }
  uint32_t doc_freq(uint32_t) const override { return rows_; }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override {
    out.one_each = true;
    out.values.assign(rows.size(), 0);
  }

 private:
  uint32_t rows_;
};

// Visits the row data of a segment, a batch at a time.
template <typename Visit>
void each_row(const SegmentContext& segment, Visit&& visit) {
  std::vector<index::RowData> data;
  for (RowId begin = 0; begin < segment.row_count(); begin += kBatchRows) {
    const RowId end = std::min(segment.row_count(), begin + kBatchRows);
    segment.reader.row_data(rows_between(begin, end), data);
    for (RowId row = begin; row < end; ++row) visit(row, data[row - begin]);
  }
}

class IdColumn final : public HeldTerms {
 public:
  explicit IdColumn(const SegmentContext& segment) : ordinals_(segment.row_count()) {
    std::vector<std::string> ids(segment.row_count());
    each_row(segment, [&](RowId row, index::RowData& data) { ids[row] = std::move(data.id); });
    std::vector<RowId> order = rows_between(0, segment.row_count());
    std::sort(order.begin(), order.end(), [&](RowId a, RowId b) { return ids[a] < ids[b]; });
    for (const RowId row : order) {
      if (terms_.empty() || terms_.back() != ids[row]) {
        terms_.push_back(std::move(ids[row]));
        counts_.push_back(0);
      }
      ordinals_[row] = static_cast<uint32_t>(terms_.size() - 1);
      ++counts_.back();
    }
  }
  uint32_t present_rows() const override { return static_cast<uint32_t>(ordinals_.size()); }
  bool one_each() const override { return true; }
  bool single_valued() const override { return true; }
  uint32_t doc_freq(uint32_t ordinal) const override { return counts_[ordinal]; }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override {
    out.one_each = true;
    out.values.clear();
    for (const RowId row : rows) out.values.push_back(ordinals_[row]);
  }

 private:
  std::vector<uint32_t> ordinals_;  // by row
  std::vector<uint32_t> counts_;    // rows, by ordinal
};

class VersionColumn final : public NumericColumn {
 public:
  explicit VersionColumn(const SegmentContext& segment) : versions_(segment.row_count()) {
    each_row(segment,
             [&](RowId row, const index::RowData& data) { versions_[row] = data.version; });
    if (versions_.empty()) return;
    const auto [least, most] = std::minmax_element(versions_.begin(), versions_.end());
    min_ = *least;
    max_ = *most;
  }
  uint64_t value_count() const override { return versions_.size(); }
  uint32_t present_rows() const override { return static_cast<uint32_t>(versions_.size()); }
  int64_t min() const override { return min_; }
  int64_t max() const override { return max_; }
  bool one_each() const override { return true; }
  bool sorted() const override { return false; }
  RowId lower_bound(int64_t) const override { return 0; }
  void gather(std::span<const RowId> rows, NumericBatch& out) const override {
    out.one_each = true;
    out.values.clear();
    for (const RowId row : rows) out.values.push_back(versions_[row]);
  }
  void fill_range(RowId begin, RowId end, int64_t low, int64_t high,
                  uint64_t* bits) const override {
    fill_gathered<NumericColumn, NumericBatch>(*this, begin, end, bits,
                                               [&](int64_t v) { return v >= low && v <= high; });
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    fill_range(begin, end, INT64_MIN, INT64_MAX, bits);
  }

 private:
  std::vector<int64_t> versions_;  // by row
  int64_t min_ = 0;
  int64_t max_ = 0;
};

// The values under one key: those terms of a flattened field that begin with "key\0".
class KeyedColumn final : public GatheredColumn {
 public:
  KeyedColumn(const OrdinalColumn& whole, const std::string& key)
      : whole_(whole),
        prefix_(key + '\0'),
        low_(whole.lower_bound(prefix_)),
        high_(whole.lower_bound(key + '\1')) {}
  uint32_t ordinal_count() const override { return high_ - low_; }
  uint32_t present_rows() const override {
    return std::min<uint32_t>(whole_.present_rows(), sum_doc_freq());
  }
  bool one_each() const override { return false; }
  bool single_valued() const override { return whole_.single_valued(); }
  void terms(std::span<const uint32_t> ordinals,
             const std::function<void(size_t, std::string_view)>& visit) const override {
    std::vector<uint32_t> inner(ordinals.begin(), ordinals.end());
    for (uint32_t& ordinal : inner) ordinal += low_;
    whole_.terms(inner,
                 [&](size_t i, std::string_view text) { visit(i, text.substr(prefix_.size())); });
  }
  uint32_t lower_bound(std::string_view text) const override {
    return std::clamp(whole_.lower_bound(prefix_ + std::string(text)), low_, high_) - low_;
  }
  uint32_t doc_freq(uint32_t ordinal) const override { return whole_.doc_freq(ordinal + low_); }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override {
    OrdinalBatch all;
    whole_.gather(rows, all);
    out.one_each = false;
    out.values.clear();
    out.starts.assign(1, 0);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (uint32_t v = all.begin(i); v < all.end(i); ++v) {
        const uint32_t ordinal = all.values[v];
        if (ordinal >= low_ && ordinal < high_) out.values.push_back(ordinal - low_);
      }
      out.starts.push_back(static_cast<uint32_t>(out.values.size()));
    }
  }

 private:
  uint32_t sum_doc_freq() const {
    uint64_t sum = 0;
    for (uint32_t ordinal = low_; ordinal < high_; ++ordinal) sum += whole_.doc_freq(ordinal);
    return static_cast<uint32_t>(std::min<uint64_t>(sum, UINT32_MAX));
  }

  const OrdinalColumn& whole_;
  const std::string prefix_;
  const uint32_t low_, high_;  // ordinals of `whole_`
};

// The values under any key: the same value under two keys of a row is one.
class KeylessColumn final : public HeldTerms {
 public:
  KeylessColumn(const OrdinalColumn& whole, uint32_t row_count)
      : whole_(whole), row_count_(row_count) {
    std::vector<uint32_t> all(whole.ordinal_count());
    std::iota(all.begin(), all.end(), 0);
    std::vector<std::pair<std::string, uint32_t>> values;
    values.reserve(all.size());
    whole.terms(all, [&](size_t i, std::string_view text) {
      values.emplace_back(text.substr(text.find('\0') + 1), static_cast<uint32_t>(i));
    });
    std::sort(values.begin(), values.end());
    of_whole_.resize(all.size());
    for (auto& [text, ordinal] : values) {
      if (terms_.empty() || terms_.back() != text) terms_.push_back(std::move(text));
      of_whole_[ordinal] = static_cast<uint32_t>(terms_.size() - 1);
    }
  }
  uint32_t present_rows() const override { return whole_.present_rows(); }
  bool one_each() const override { return whole_.one_each(); }
  bool single_valued() const override { return whole_.single_valued(); }
  uint32_t doc_freq(uint32_t ordinal) const override {
    if (counts_.empty()) count();
    return counts_[ordinal];
  }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override {
    OrdinalBatch all;
    whole_.gather(rows, all);
    out.one_each = false;
    out.values.clear();
    out.starts.assign(1, 0);
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto first = static_cast<std::ptrdiff_t>(out.values.size());
      for (uint32_t v = all.begin(i); v < all.end(i); ++v)
        out.values.push_back(of_whole_[all.values[v]]);
      std::sort(out.values.begin() + first, out.values.end());
      out.values.erase(std::unique(out.values.begin() + first, out.values.end()), out.values.end());
      out.starts.push_back(static_cast<uint32_t>(out.values.size()));
    }
  }

 private:
  void count() const {
    counts_.resize(terms_.size());
    OrdinalBatch batch;
    for (RowId begin = 0; begin < row_count_; begin += kBatchRows) {
      gather(rows_between(begin, std::min(row_count_, begin + kBatchRows)), batch);
      for (const uint32_t ordinal : batch.values) ++counts_[ordinal];
    }
  }

  const OrdinalColumn& whole_;
  const uint32_t row_count_;
  std::vector<uint32_t> of_whole_;        // its ordinals to ours
  mutable std::vector<uint32_t> counts_;  // rows, by ordinal; empty: not counted yet
};

// One that the reader owns.
template <typename Column>
std::shared_ptr<const Column> borrowed(const Column* column) {
  return {std::shared_ptr<void>(), column};
}

}  // namespace

std::shared_ptr<const OrdinalColumn> ordinal_column(const SegmentContext& segment,
                                                    const FieldRef& ref) {
  if (ref.field == nullptr || !index::is_ordinal(ref.field->kind)) return nullptr;
  if (is_constant(*ref.field)) {
    const std::string& text =
        ref.path == "_index" ? segment.index.name() : segment.index.mapping().shown_type();
    return std::make_shared<ConstantColumn>(text, segment.row_count());
  }
  if (is_virtual(*ref.field))
    return ref.path == "_id" ? std::make_shared<IdColumn>(segment) : nullptr;
  const OrdinalColumn* column = segment.reader.ordinals(ref.path, ref.field->kind);
  if (column == nullptr || ref.field->kind != Kind::kFlattened) return borrowed(column);
  if (!ref.keyed) return std::make_shared<KeylessColumn>(*column, segment.row_count());
  auto keyed = std::make_shared<KeyedColumn>(*column, ref.flattened_key);
  return keyed->ordinal_count() == 0 ? nullptr : keyed;
}

std::shared_ptr<const NumericColumn> numeric_column(const SegmentContext& segment,
                                                    const FieldRef& ref) {
  if (ref.field == nullptr || !index::is_numeric(ref.field->kind)) return nullptr;
  if (is_virtual(*ref.field))
    return ref.path == "_version" ? std::make_shared<VersionColumn>(segment) : nullptr;
  return borrowed(segment.reader.numeric(ref.path, ref.field->kind));
}

Status check_fielddata(const FieldRef& ref) {
  if (ref.field == nullptr || !is_metadata(*ref.field)) return {};
  for (const std::string_view name : {"_id", "_index", "_seq_no", "_type", "_version"}) {
    if (ref.path == name) return {};
  }
  return Error(error_types::kIllegalArgument,
               "Fielddata is not supported on field [" + ref.path + "] of type [" + ref.path + "]");
}

}  // namespace stratalog::query
