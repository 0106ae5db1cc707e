// The inverted view of a live text field: every question is answered by a scan of its token stream.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "base/bits.h"
#include "index/live/live_text.h"

namespace stratalog::index {

namespace {

// Positions are decoded from the row's unit when asked for.
class LiveTextPostings final : public FoundPostings {
 public:
  LiveTextPostings(const LiveText::Snapshot& snapshot, uint32_t term, std::vector<RowId> rows,
                   std::vector<uint32_t> units)
      : FoundPostings(std::move(rows)), s_(snapshot), term_(term), units_(std::move(units)) {}

  uint32_t freq() override {
    uint32_t count = 0;
    s_.field->tokens_of(units_[index()],
                        [&](uint32_t id, uint32_t) { count += id == term_ ? 1 : 0; });
    return s_.field->options().freqs ? count : 1;
  }
  std::span<const uint32_t> positions() override {
    positions_.clear();
    if (!s_.field->options().positions) return {};
    s_.field->tokens_of(units_[index()], [&](uint32_t id, uint32_t position) {
      if (id == term_) positions_.push_back(position);
    });
    return positions_;
  }

 private:
  const LiveText::Snapshot& s_;
  uint32_t term_;
  std::vector<uint32_t> units_;  // of rows_
  std::vector<uint32_t> positions_;
};

class LiveTextTerms final : public TermsIndex {
 public:
  explicit LiveTextTerms(const LiveText::Snapshot& snapshot) : s_(snapshot) {}

  uint64_t term_count() const override { return s_.term_count; }
  uint32_t doc_count() const override { return s_.term_rows; }
  uint64_t sum_doc_freq() const override { return s_.sum_doc_freq; }
  uint64_t sum_total_term_freq() const override {
    return s_.field->options().freqs ? s_.sum_total_term_freq : s_.sum_doc_freq;
  }
  bool has_positions() const override { return s_.field->options().positions; }
  bool has_norms() const override { return s_.field->options().norms; }

  std::optional<TermInfo> find(std::string_view term) const override {
    const auto id = s_.field->table().find(term, s_.term_count);
    if (!id) return std::nullopt;
    return info(*id);
  }
  std::unique_ptr<TermIterator> iterate(std::string_view from) const override {
    auto order = s_.field->order(s_.term_count);
    const uint32_t rank = lower_rank(*order, s_.field->table(), from);
    return std::make_unique<OrderedTermIterator>(std::move(order), s_.field->table(), rank,
                                                 [this](uint32_t id) { return info(id); });
  }
  void visit_containing(
      std::span<const std::string_view> parts,
      const std::function<void(std::string_view, const TermInfo&)>& visit) const override {
    const TermTable& table = s_.field->table();
    std::vector<std::string_view> found;
    for (uint32_t id = 0; id < s_.term_count; ++id) {
      const std::string_view term = table.term(id);
      const bool all = std::all_of(parts.begin(), parts.end(), [&](std::string_view part) {
        return term.find(part) != std::string_view::npos;
      });
      if (all) found.push_back(term);
    }
    std::sort(found.begin(), found.end());
    for (const std::string_view term : found) visit(term, info(*table.find(term, s_.term_count)));
  }
  std::unique_ptr<Postings> postings(const TermInfo& term, Want) const override {
    const uint32_t id = static_cast<uint32_t>(term.handle);
    const Bitmap with_term = units_with(id);
    std::vector<RowId> rows;
    std::vector<uint32_t> units;
    const uint32_t entries = s_.entry_count();
    for (uint32_t i = 0; i < entries; ++i) {
      const uint32_t unit = s_.unit(i);
      if (!with_term.get(unit)) continue;
      rows.push_back(s_.row(i));
      units.push_back(unit);
    }
    return std::make_unique<LiveTextPostings>(s_, id, std::move(rows), std::move(units));
  }
  void norms(std::span<const RowId> rows, uint8_t* out) const override {
    uint32_t at = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      at = s_.lower(rows[i], at);
      const bool present = at < s_.entry_count() && s_.row(at) == rows[i];
      out[i] = present ? s_.field->unit(s_.unit(at)).norm : 0;
    }
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    for (uint32_t i = s_.lower(begin); i < s_.entry_count() && s_.row(i) < end; ++i) {
      set_bit(bits, s_.row(i) - begin);
    }
  }

 private:
  Bitmap units_with(uint32_t id) const {
    Bitmap found(s_.unit_count);
    if (s_.unit_count == 0) return found;
    const LiveText::Unit& last = s_.field->unit(s_.unit_count - 1);
    uint32_t unit = 0;
    s_.field->stream().spans(
        0, last.start + last.words, [&](std::span<const uint32_t> words, size_t first) {
          constexpr size_t kStep =
              32;  // a block without the term is passed by one vectorised comparison
          for (size_t block = 0; block < words.size(); block += kStep) {
            const size_t end = std::min(words.size(), block + kStep);
            bool any = false;
            for (size_t i = block; i < end; ++i) any |= words[i] == id;
            if (!any) continue;
            for (size_t i = block; i < end; ++i) {
              if (words[i] != id) continue;
              unit = unit_at(static_cast<uint32_t>(first + i), unit);
              found.set(unit);
            }
          }
        });
    return found;
  }
  // The unit that holds stream word `at`, from unit `from` on.
  uint32_t unit_at(uint32_t at, uint32_t from) const {
    uint32_t low = from, step = 1, high = from + 1;
    while (high < s_.unit_count && s_.field->unit(high).start <= at) {
      low = high;
      high = std::min(s_.unit_count, high + step);
      step *= 2;
    }
    while (low + 1 < high) {
      const uint32_t middle = low + (high - low) / 2;
      (s_.field->unit(middle).start <= at ? low : high) = middle;
    }
    return low;
  }

  // Rows and tokens of a term. Units that several rows share are counted on first need, once for
  // all terms.
  TermInfo info(uint32_t id) const {
    std::call_once(repeats_once_, [&] { count_repeats(); });
    const TermTable& table = s_.field->table();
    TermInfo out{table.places(id), table.total(id), id};
    if (const auto it = repeats_.find(id); it != repeats_.end()) {
      out.doc_freq += it->second.rows;
      out.total_term_freq += it->second.tokens;
    }
    if (!s_.field->options().freqs) out.total_term_freq = out.doc_freq;
    return out;
  }
  struct Repeats {
    uint32_t rows = 0;
    uint64_t tokens = 0;
    uint32_t last_unit = kNoUnit;
  };
  void count_repeats() const {
    for (uint32_t unit = 0; unit < s_.unit_count; ++unit) {
      auto& shared_count = const_cast<uint32_t&>(s_.field->unit(unit).row_count);
      const uint32_t rows = std::atomic_ref(shared_count).load(std::memory_order_relaxed);
      if (rows < 2) continue;
      s_.field->tokens_of(unit, [&](uint32_t id, uint32_t) {
        Repeats& repeats = repeats_[id];
        repeats.tokens += rows - 1;
        if (repeats.last_unit == unit) return;
        repeats.last_unit = unit;
        repeats.rows += rows - 1;
      });
    }
  }

  LiveText::Snapshot s_;
  mutable std::once_flag repeats_once_;
  mutable std::unordered_map<uint32_t, Repeats> repeats_;
};

}  // namespace

std::unique_ptr<TermsIndex> LiveText::reader() const {
  return std::make_unique<LiveTextTerms>(snapshot());
}

}  // namespace stratalog::index
