#include "index/live/live_ordinals.h"

#include <algorithm>
#include <array>

#include "base/bits.h"
#include "base/bytes.h"

namespace stratalog::index {

uint32_t lower_rank(const TermOrder& order, const TermTable& table, std::string_view term) {
  const auto at = std::lower_bound(
      order.id_of_rank.begin(), order.id_of_rank.end(), term,
      [&](uint32_t id, std::string_view wanted) { return table.term(id) < wanted; });
  return static_cast<uint32_t>(at - order.id_of_rank.begin());
}

namespace {

constexpr size_t kPrefixBytes = 8;
constexpr size_t kPrefetchAhead = 16;

struct SortKey {
  uint64_t prefix;  // of the eight bytes that are looked at
  uint32_t id;
  uint32_t bytes;  // how many of them the term has; more: kPrefixBytes + 1
};

// Sorts by `prefix`, then `bytes`: by the prefix's byte at `shift` into 256 runs, until a run is
// small (MSD radix sort). What is unique in logs are ids, of which comparisons foresee nothing: it
// takes a third of std::sort's time or less. `spare` is as long as `keys`, or longer.
void sort_keys(std::span<SortKey> keys, std::span<SortKey> spare, unsigned shift) {
  constexpr size_t kSmall = 24;
  if (keys.size() <= kSmall) {
    std::sort(keys.begin(), keys.end(), [](const SortKey& a, const SortKey& b) {
      return a.prefix != b.prefix ? a.prefix < b.prefix : a.bytes < b.bytes;
    });
    return;
  }
  const auto byte = [&](const SortKey& key) { return (key.prefix >> shift) & 0xff; };
  std::array<uint32_t, 257> starts{};
  for (const SortKey& key : keys) ++starts[byte(key) + 1];
  for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::array<uint32_t, 257> next = starts;
  for (const SortKey& key : keys) spare[next[byte(key)]++] = key;
  std::copy_n(spare.begin(), keys.size(), keys.begin());
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    const auto run = keys.subspan(starts[i], starts[i + 1] - starts[i]);
    if (run.size() < 2) continue;
    if (shift > 0) {
      sort_keys(run, spare, shift - 8);
    } else {
      // Terms that end there and differ by zero bytes at their end, then the longer ones.
      std::sort(run.begin(), run.end(),
                [](const SortKey& a, const SortKey& b) { return a.bytes < b.bytes; });
    }
  }
}

// Sorts terms that agree in their first `depth` bytes. Eight bytes of each are looked at, once; the
// runs that agree in those too are sorted by the next eight. Multikey sort (Bentley and Sedgewick)
// with words for characters.
void sort_run(const TermTable& table, std::span<SortKey> keys, std::span<SortKey> spare,
              size_t depth) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i + 2 * kPrefetchAhead < keys.size()) table.prefetch_entry(keys[i + 2 * kPrefetchAhead].id);
    if (i + kPrefetchAhead < keys.size()) table.prefetch_term(keys[i + kPrefetchAhead].id, depth);
    const std::string_view rest = table.term(keys[i].id).substr(depth);
    keys[i].prefix = prefix_number(rest);
    keys[i].bytes = static_cast<uint32_t>(std::min(rest.size(), kPrefixBytes + 1));
  }
  sort_keys(keys, spare, 8 * (kPrefixBytes - 1));
  for (size_t begin = 0; begin < keys.size();) {
    size_t end = begin + 1;
    while (end < keys.size() && keys[end].prefix == keys[begin].prefix &&
           keys[end].bytes == keys[begin].bytes) {
      ++end;
    }
    if (end - begin > 1 && keys[begin].bytes > kPrefixBytes)
      sort_run(table, keys.subspan(begin, end - begin), spare, depth + kPrefixBytes);
    begin = end;
  }
}

}  // namespace

void sort_by_term(const TermTable& table, std::span<uint32_t> ids) {
  std::vector<SortKey> keys(ids.size()), spare(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) keys[i].id = ids[i];
  sort_run(table, keys, spare, 0);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = keys[i].id;
}

std::shared_ptr<const TermOrder> make_order(const TermTable& table, uint32_t count,
                                            const TermOrder* earlier) {
  auto order = std::make_shared<TermOrder>();
  std::vector<uint32_t>& ids = order->id_of_rank;
  const uint32_t known = earlier == nullptr ? 0 : static_cast<uint32_t>(earlier->id_of_rank.size());
  if (known != 0) ids = earlier->id_of_rank;
  for (uint32_t id = known; id < count; ++id) ids.push_back(id);
  sort_by_term(table, std::span(ids).subspan(known));
  std::inplace_merge(ids.begin(), ids.begin() + known, ids.end(),
                     [&](uint32_t a, uint32_t b) { return table.term(a) < table.term(b); });
  order->rank_of_id.resize(count);
  for (uint32_t rank = 0; rank < count; ++rank) order->rank_of_id[ids[rank]] = rank;
  return order;
}

RowId FoundPostings::next() {
  if (at_ <= rows_.size()) ++at_;
  return row();
}
RowId FoundPostings::advance(RowId target) {
  if (at_ != 0 && at_ <= rows_.size() && rows_[at_ - 1] >= target) return rows_[at_ - 1];
  const auto from = rows_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, rows_.size()));
  at_ = static_cast<size_t>(std::lower_bound(from, rows_.end(), target) - rows_.begin()) + 1;
  return row();
}
void FoundPostings::fill(RowId begin, RowId end, uint64_t* bits) {
  for (auto it = std::lower_bound(rows_.begin(), rows_.end(), begin);
       it != rows_.end() && *it < end; ++it) {
    set_bit(bits, *it - begin);
  }
}

namespace {

// What both readers of a field share: the values and rows as of the reader's making.
struct OrdinalsSnapshot {
  const LiveOrdinals& field;
  EntrySnapshot<uint32_t> entries;
  uint32_t term_count;
  uint32_t row_count;
};

class LiveOrdinalColumn final : public OrdinalColumn {
 public:
  explicit LiveOrdinalColumn(const OrdinalsSnapshot& snapshot) : s_(snapshot) {}

  uint32_t ordinal_count() const override { return s_.term_count; }
  uint32_t present_rows() const override { return s_.entries.present_rows; }
  bool one_each() const override { return s_.entries.dense && s_.entries.count == s_.row_count; }
  bool single_valued() const override { return s_.entries.single_valued(); }
  std::string term(uint32_t ordinal) const override {
    return std::string(s_.field.table().term(order().id_of_rank[ordinal]));
  }
  void terms(std::span<const uint32_t> ordinals,
             const std::function<void(size_t, std::string_view)>& visit) const override {
    const TermOrder& sorted = order();
    for (size_t i = 0; i < ordinals.size(); ++i) {
      visit(i, s_.field.table().term(sorted.id_of_rank[ordinals[i]]));
    }
  }
  std::optional<uint32_t> find(std::string_view term) const override {
    const auto id = s_.field.table().find(term, s_.term_count);
    if (!id) return std::nullopt;
    return order().rank_of_id[*id];
  }
  uint32_t lower_bound(std::string_view term) const override {
    return lower_rank(order(), s_.field.table(), term);
  }
  uint32_t doc_freq(uint32_t ordinal) const override {
    return s_.field.doc_freq(order().id_of_rank[ordinal]);
  }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override {
    const TermOrder& sorted = order();
    s_.entries.gather(rows, s_.row_count, out, [&](uint32_t id) { return sorted.rank_of_id[id]; });
  }
  void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                  uint64_t* bits) const override {
    const TermOrder& sorted = order();
    s_.entries.fill(begin, end, bits, [&](uint32_t id) {
      return sorted.rank_of_id[id] >= low && sorted.rank_of_id[id] < high;
    });
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    s_.entries.fill(begin, end, bits, [](uint32_t) { return true; });
  }

 private:
  const TermOrder& order() const {
    std::call_once(once_, [&] { order_ = s_.field.order(s_.term_count); });
    return *order_;
  }

  OrdinalsSnapshot s_;
  mutable std::once_flag once_;
  mutable std::shared_ptr<const TermOrder> order_;
};

class LiveOrdinalTerms final : public TermsIndex {
 public:
  explicit LiveOrdinalTerms(const OrdinalsSnapshot& snapshot) : s_(snapshot) {}

  uint64_t term_count() const override { return s_.term_count; }
  uint32_t doc_count() const override { return s_.entries.present_rows; }
  uint64_t sum_doc_freq() const override { return s_.entries.count; }
  uint64_t sum_total_term_freq() const override { return s_.entries.count; }
  bool has_positions() const override { return false; }
  bool has_norms() const override { return false; }
  std::optional<TermInfo> find(std::string_view term) const override {
    const auto id = s_.field.table().find(term, s_.term_count);
    if (!id) return std::nullopt;
    return info(*id);
  }
  std::unique_ptr<TermIterator> iterate(std::string_view from) const override {
    auto order = s_.field.order(s_.term_count);
    const uint32_t rank = lower_rank(*order, s_.field.table(), from);
    return std::make_unique<OrderedTermIterator>(std::move(order), s_.field.table(), rank,
                                                 [this](uint32_t id) { return info(id); });
  }
  void visit_containing(
      std::span<const std::string_view> parts,
      const std::function<void(std::string_view, const TermInfo&)>& visit) const override {
    for (const uint32_t id : s_.field.order(s_.term_count)->id_of_rank) {
      const std::string_view term = s_.field.table().term(id);
      const bool all = std::all_of(parts.begin(), parts.end(), [&](std::string_view part) {
        return term.find(part) != std::string_view::npos;
      });
      if (all) visit(term, info(id));
    }
  }
  std::unique_ptr<Postings> postings(const TermInfo& term, Want) const override {
    const uint32_t id = static_cast<uint32_t>(term.handle);
    std::vector<RowId> rows;
    for (uint32_t i = 0; i < s_.entries.count; ++i) {
      if (s_.entries.value(i) == id) rows.push_back(s_.entries.row(i));
    }
    return std::make_unique<FoundPostings>(std::move(rows));
  }
  void norms(std::span<const RowId> rows, uint8_t* out) const override {
    std::fill_n(out, rows.size(), uint8_t{1});
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    s_.entries.fill(begin, end, bits, [](uint32_t) { return true; });
  }

 private:
  TermInfo info(uint32_t id) const {
    const uint32_t doc_freq = s_.field.doc_freq(id);
    return {doc_freq, doc_freq, id};
  }
  OrdinalsSnapshot s_;
};

}  // namespace

void LiveOrdinals::add(RowId row, std::string_view value, std::string_view stable) {
  note(row, table_.find_or_add(value, stable), value.data());
}

void LiveOrdinals::note(RowId row, uint32_t id, const char* data) {
  TermTable::Tally& tally = table_.tally(id);
  last_row_values_ = last_row_ == row ? last_row_values_ + 1 : 1;
  last_row_ = row;
  last_data_ = data;
  last_id_ = id;
  if (tally.last == row) return;  // a row has a value once
  tally.last = row;
  TermTable::add_one(tally.places);
  entries_.add(row, id);
}

std::shared_ptr<const TermOrder> LiveOrdinals::order(uint32_t count) const {
  const std::lock_guard lock(order_mutex_);
  if (order_ != nullptr && order_->id_of_rank.size() == count) return order_;
  // A reader from before the kept order was made gets one of its own.
  if (order_ != nullptr && order_->id_of_rank.size() > count)
    return make_order(table_, count, nullptr);
  order_ = make_order(table_, count, order_.get());
  return order_;
}

LiveOrdinals::Readers LiveOrdinals::readers(uint32_t row_count) const {
  const OrdinalsSnapshot snapshot{*this, entries_.snapshot(), table_.size(), row_count};
  return {std::make_unique<LiveOrdinalColumn>(snapshot),
          std::make_unique<LiveOrdinalTerms>(snapshot)};
}

}  // namespace stratalog::index
