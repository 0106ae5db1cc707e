#include "index/live/live_seal.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "base/bytes.h"
#include "base/prefetch.h"
#include "index/segment/sealed_segment.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

namespace {

struct RowOrder {
  std::vector<RowId> old_of_new;
  std::vector<RowId> new_of_old;  // kNoRow: deleted
};

RowOrder order_rows(const LiveRows& rows, const Bitmap* deleted) {
  RowOrder order;
  struct Key {
    int64_t timestamp_ms;
    SeqNo seq_no;
    RowId row;
    auto operator<=>(const Key&) const = default;
  };
  std::vector<Key> keys;
  keys.reserve(rows.count());
  for (RowId row = 0; row < rows.count(); ++row) {
    if (deleted == nullptr || row >= deleted->size() || !deleted->get(row))
      keys.push_back({rows.timestamp_ms(row), rows.seq_no(row), row});
  }
  std::sort(keys.begin(), keys.end());
  order.old_of_new.reserve(keys.size());
  for (const Key& key : keys) order.old_of_new.push_back(key.row);
  order.new_of_old.assign(rows.count(), kNoRow);
  for (RowId row = 0; row < order.old_of_new.size(); ++row)
    order.new_of_old[order.old_of_new[row]] = row;
  return order;
}

// One value at its new row.
template <typename T>
struct Placed {
  RowId row;
  T value;
};

// The values of surviving rows by new row; those of one row keep their order. Of the `count`
// entries, row_of(i) and value_of(i) tell the i-th.
template <typename T>
std::vector<Placed<T>> place(uint32_t count, bool dense, const RowOrder& order, auto&& row_of,
                             auto&& value_of) {
  std::vector<Placed<T>> placed;
  placed.reserve(count);
  if (dense) {
    for (RowId row = 0; row < order.old_of_new.size(); ++row) {
      const RowId old = order.old_of_new[row];
      if (old < count) placed.push_back({row, value_of(old)});
    }
    return placed;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const RowId row = order.new_of_old[row_of(i)];
    if (row != kNoRow) placed.push_back({row, value_of(i)});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.row < b.row; });
  return placed;
}
template <typename T>
std::vector<Placed<T>> place(const EntrySnapshot<T>& entries, const RowOrder& order) {
  return place<T>(
      entries.count, entries.dense, order, [&](uint32_t i) { return entries.row(i); },
      [&](uint32_t i) { return entries.value(i); });
}

class SealNumericInput final : public NumericInput {
 public:
  SealNumericInput(const EntrySnapshot<int64_t>& entries, const RowOrder& order)
      : placed_(place(entries, order)) {}
  void read(RowId begin, RowId end, NumericBatch& out) override {
    out.values.clear();
    out.starts.clear();
    out.one_each = false;
    for (RowId row = begin; row < end; ++row) {
      out.starts.push_back(static_cast<uint32_t>(out.values.size()));
      for (; at_ < placed_.size() && placed_[at_].row == row; ++at_)
        out.values.push_back(placed_[at_].value);
      std::sort(out.values.begin() + out.starts.back(), out.values.end());
    }
    out.starts.push_back(static_cast<uint32_t>(out.values.size()));
    out.one_each = out.values.size() == end - begin && one_value_each(out.starts);
  }

 private:
  static bool one_value_each(const std::vector<uint32_t>& starts) {
    for (uint32_t i = 0; i < starts.size(); ++i) {
      if (starts[i] != i) return false;
    }
    return true;
  }
  std::vector<Placed<int64_t>> placed_;
  size_t at_ = 0;
};

// Terms come in their order, which is none in memory: what the next ones need is asked for ahead.
constexpr size_t kAhead = 16;

// `starts` begins the part of each id in each of `lists`.
[[gnu::always_inline]] inline void prefetch_terms(const TermTable& table,
                                                  std::span<const uint32_t> ids, size_t at,
                                                  const auto& starts, const auto&... lists) {
  if (at + 2 * kAhead < ids.size()) {
    const uint32_t far = ids[at + 2 * kAhead];
    table.prefetch_entry(far);
    prefetch(&starts[far]);
  }
  if (at + kAhead < ids.size()) {
    const uint32_t soon = ids[at + kAhead];
    table.prefetch_term(soon);
    (prefetch(&lists[starts[soon]]), ...);
  }
}

// Where the part of each id begins in a counting sort, from how much each has. While the sort puts
// things in their places, next(id) tells where; after it begin(id) and end(id) are right.
class Parts {
 public:
  explicit Parts(size_t id_count) : ends_(id_count + 1, 0) {}
  uint64_t& count(uint32_t id) { return ends_[id + 1]; }
  // The sum of all.
  uint64_t begin_to_place() {
    uint64_t sum = 0;
    for (uint64_t& end : ends_) {
      const uint64_t count = end;
      end = sum;
      sum += count;
    }
    return sum;
  }
  uint64_t next(uint32_t id) { return ends_[id + 1]++; }
  uint64_t begin(uint32_t id) const { return ends_[id]; }
  uint64_t end(uint32_t id) const { return ends_[id + 1]; }
  const uint64_t& operator[](uint32_t id) const { return ends_[id]; }  // begin(id), to fetch ahead
  // Ids that have something.
  std::vector<uint32_t> ids() const {
    std::vector<uint32_t> out;
    for (uint32_t id = 0; id + 1 < ends_.size(); ++id) {
      if (end(id) > begin(id)) out.push_back(id);
    }
    return out;
  }

 private:
  std::vector<uint64_t> ends_;
};

// The rows of each id by counting sort: entries come by ascending row, so each id's rows ascend.
class SealOrdinalsInput final : public TermsInput {
 public:
  SealOrdinalsInput(const LiveOrdinals& field, const RowOrder& order)
      : table_(field.table()), parts_(field.term_count()) {
    const std::vector<Placed<uint32_t>> placed = place(field.entries(), order);
    for (const Placed<uint32_t>& p : placed) ++parts_.count(p.value);
    rows_.resize(parts_.begin_to_place());
    for (const Placed<uint32_t>& p : placed) rows_[parts_.next(p.value)] = p.row;
    ids_ = parts_.ids();
    sort_by_term(table_, ids_);
  }
  bool next() override {
    prefetch_terms(table_, ids_, at_, parts_, rows_);
    return ++at_ <= ids_.size();
  }
  std::string_view term() const override { return table_.term(id()); }
  std::span<const RowId> rows() const override {
    return std::span(rows_).subspan(parts_.begin(id()), parts_.end(id()) - parts_.begin(id()));
  }
  std::span<const uint32_t> freqs() const override { return {}; }
  std::string_view positions() const override { return {}; }

  // Those that survive, in the order of their terms.
  std::vector<uint32_t> take_ids() && { return std::move(ids_); }

 private:
  uint32_t id() const { return ids_[at_ - 1]; }
  const TermTable& table_;
  Parts parts_;
  std::vector<RowId> rows_;
  std::vector<uint32_t> ids_;
  size_t at_ = 0;
};

using RowUnit = Placed<uint32_t>;  // a unit of text

// Postings with positions from units in row order, by counting sort over the tokens.
class SealTextInput final : public TermsInput {
 public:
  SealTextInput(const LiveText& field, uint32_t unit_count, std::span<const RowUnit> units)
      : field_(field), parts_(field.table().size()) {
    count(unit_count, units);
    tokens_ = std::make_unique_for_overwrite<Token[]>(parts_.begin_to_place());
    for (const RowUnit& u : units) {
      field.tokens_of(u.value, [&](uint32_t id, uint32_t position) {
        tokens_[parts_.next(id)] = {u.row, position};
      });
    }
    ids_ = parts_.ids();
    sort_by_term(field.table(), ids_);
  }
  bool next() override {
    prefetch_terms(field_.table(), ids_, at_, parts_, tokens_);
    if (++at_ > ids_.size()) return false;
    const uint64_t begin = parts_.begin(id()), end = parts_.end(id());
    make_room(end - begin);
    // Whether a token is of another row can't be foreseen: added, not jumped over.
    RowId* const rows = rows_.get();
    uint32_t* const freqs = freqs_.get();
    char* position = positions_.get();
    size_t count = 0;
    uint32_t freq = 0, last = 0;
    RowId last_row = kNoRow;
    for (uint64_t i = begin; i < end; ++i) {
      const Token token = tokens_[i];
      const bool next_row = token.row != last_row;
      count += next_row ? 1 : 0;
      freq = next_row ? 1 : freq + 1;
      rows[count - 1] = last_row = token.row;
      freqs[count - 1] = freq;
      position = put_varint32(position, token.position - (next_row ? 0 : last));
      last = token.position;
    }
    row_count_ = count;
    positions_end_ = position;
    return true;
  }
  std::string_view term() const override { return field_.table().term(id()); }
  std::span<const RowId> rows() const override { return {rows_.get(), row_count_}; }
  std::span<const uint32_t> freqs() const override {
    if (!field_.options().freqs) return {};
    return {freqs_.get(), row_count_};
  }
  std::string_view positions() const override {
    if (!field_.options().positions) return {};
    return {positions_.get(), static_cast<size_t>(positions_end_ - positions_.get())};
  }

 private:
  struct Token {
    RowId row;
    uint32_t position;
  };

  // The field knows how often each term comes in all its units; most stand in `units` once.
  void count(uint32_t unit_count, std::span<const RowUnit> units) {
    const TermTable& table = field_.table();
    for (uint32_t id = 0; id < table.size(); ++id) parts_.count(id) = table.total(id);
    std::vector<uint32_t> uses(unit_count, 0);
    for (const RowUnit& u : units) ++uses[u.value];
    for (uint32_t unit = 0; unit < unit_count; ++unit) {
      if (uses[unit] == 1) continue;
      // Unused ones take away what the sum of all has too much.
      const uint64_t more = uint64_t{uses[unit]} - 1;
      field_.tokens_of(unit, [&](uint32_t id, uint32_t) { parts_.count(id) += more; });
    }
  }

  void make_room(uint64_t tokens) {
    if (tokens <= room_) return;
    room_ = std::max(tokens, 2 * room_);
    rows_ = std::make_unique_for_overwrite<RowId[]>(room_);
    freqs_ = std::make_unique_for_overwrite<uint32_t[]>(room_);
    positions_ = std::make_unique_for_overwrite<char[]>(room_ * kVarint32BytesMax);
  }

  uint32_t id() const { return ids_[at_ - 1]; }
  const LiveText& field_;
  Parts parts_;
  std::unique_ptr<Token[]> tokens_;
  std::vector<uint32_t> ids_;
  size_t at_ = 0;
  // Of the term.
  uint64_t room_ = 0;
  size_t row_count_ = 0;
  std::unique_ptr<RowId[]> rows_;
  std::unique_ptr<uint32_t[]> freqs_;
  std::unique_ptr<char[]> positions_;
  const char* positions_end_ = nullptr;
};

class SealSourceInput final : public SourceInput {
 public:
  SealSourceInput(const LiveSources& sources, const RowOrder& order)
      : sources_(sources), order_(order) {}
  void read(RowId row, SourceParts& out) override { sources_.read(order_.old_of_new[row], out); }
  std::string_view object(uint32_t number) const override { return sources_.object(number); }

 private:
  const LiveSources& sources_;
  const RowOrder& order_;
};

// Values worth sharing: each stands for several rows.
constexpr uint32_t kRowsPerSharedValueMin = 4;
bool few_values(const LiveOrdinals& field) {
  return uint64_t{field.term_count()} * kRowsPerSharedValueMin <= field.entries().count;
}

class Sealer {
 public:
  Sealer(const LiveParts& live, SegmentWriter& writer, const RowOrder& order)
      : live_(live), writer_(writer), order_(order) {}

  Status run() {
    for (const auto& column : live_.columns.all()) {
      if (column->numeric) {
        if (column->numeric->entries().count == 0) continue;
        SealNumericInput input(column->numeric->entries(), order_);
        RETURN_IF_ERROR(writer_.write_numeric(column->key, input));
      } else if (column->ordinals && column->ordinals->term_count() > 0) {
        SealOrdinalsInput input(*column->ordinals, order_);
        RETURN_IF_ERROR(writer_.write_ordinals(column->key, input));
        if (few_values(*column->ordinals))
          values_[column->ordinals.get()] = std::move(input).take_ids();
      }
    }
    if (live_.ignored.term_count() > 0) {
      SealOrdinalsInput input(live_.ignored, order_);
      RETURN_IF_ERROR(writer_.write_ordinals({"_ignored", Kind::kOrdinals}, input));
    }
    for (const auto& column : live_.columns.all()) {
      if (column->text) RETURN_IF_ERROR(write_text(*column));
    }
    RETURN_IF_ERROR(write_rows());
    SealSourceInput sources(live_.sources, order_);
    return writer_.write_sources(sources);
  }

 private:
  Status write_text(const LiveColumn& column) {
    const LiveText& text = *column.text;
    const LiveText::Snapshot s = text.snapshot();
    if (s.present_rows == 0) return {};
    const bool by_value = s.derived && text.sibling()->entries().count == s.present_rows &&
                          few_values(*text.sibling());
    std::vector<RowUnit> units;
    uint32_t norm_count = static_cast<uint32_t>(order_.old_of_new.size());
    if (by_value) {
      const std::vector<uint32_t>& values = values_[text.sibling()];
      norm_count = static_cast<uint32_t>(values.size());
      for (uint32_t rank = 0; rank < norm_count; ++rank)
        units.push_back({rank, text.unit_of_value(values[rank])});
    } else {
      const bool dense = s.derived ? s.sibling_of_rows.dense : s.units_of_rows.dense;
      units = place<uint32_t>(
          s.entry_count(), dense, order_, [&](uint32_t i) { return s.row(i); },
          [&](uint32_t i) { return s.unit(i); });
    }
    const bool has_norms = text.options().norms;
    std::vector<uint8_t> norms(norm_count);
    for (const RowUnit& u : units) norms[u.row] = has_norms ? text.unit(u.value).norm : 1;
    const SegmentWriter::TextOptions options{text.options().freqs, text.options().positions,
                                             has_norms, norms};
    SealTextInput input(text, s.unit_count, units);
    if (by_value)
      return writer_.write_text_by_value(column.key, column.sibling_key, input, options);
    return writer_.write_text(column.key, input, options);
  }

  Status write_rows() {
    const size_t count = order_.old_of_new.size();
    std::vector<int64_t> seq_nos(count), versions(count), primary_terms(count);
    std::vector<std::string_view> ids(count), routing(count);
    std::vector<uint64_t> prefixes(count);
    const LiveRows::Snapshot rows = live_.rows.snapshot();
    for (size_t i = 0; i < count; ++i) {
      const RowId row = order_.old_of_new[i];
      seq_nos[i] = live_.rows.seq_no(row);
      versions[i] = live_.rows.version(row);
      primary_terms[i] = live_.rows.primary_term(row);
      prefixes[i] = live_.rows.auto_id_prefix(row);
      if (const auto id = only_value(rows.ids, row)) ids[i] = live_.rows.ids().table().term(*id);
      if (const auto value = only_value(rows.routing, row))
        routing[i] = live_.rows.routing().table().term(*value);
    }
    RowColumns columns;
    columns.seq_no = seq_nos;
    columns.version = versions;
    columns.primary_term = primary_terms;
    columns.ids = ids;
    columns.auto_id_prefix = prefixes.front();
    const bool one_prefix =
        std::all_of(prefixes.begin(), prefixes.end(), [&](uint64_t p) { return p == prefixes[0]; });
    if (!one_prefix) columns.auto_id_prefixes = prefixes;
    if (rows.routing.count > 0) columns.routing = routing;
    return writer_.write_rows(columns);
  }

  const LiveParts& live_;
  SegmentWriter& writer_;
  const RowOrder& order_;
  // Of fields with few values, those that survive, in the order of their terms.
  std::unordered_map<const LiveOrdinals*, std::vector<uint32_t>> values_;
};

}  // namespace

Result<std::shared_ptr<SealedSegment>> seal_live(const LiveParts& live, storage::Store& store,
                                                 const Bitmap* deleted) {
  const RowOrder order = order_rows(live.rows, deleted);
  if (order.old_of_new.empty()) return std::shared_ptr<SealedSegment>();
  SegmentWriterOptions options;
  options.row_count = static_cast<uint32_t>(order.old_of_new.size());
  options.name = live.name;
  ASSIGN_OR_RETURN(auto writer, SegmentWriter::create(store, options));
  RETURN_IF_ERROR(Sealer(live, *writer, order).run());
  return writer->finish();
}

}  // namespace stratalog::index
