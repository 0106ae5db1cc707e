#include "query/exec/term.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "query/exec/bm25.h"
#include "query/exec/filter_cache.h"

namespace stratalog::query {

using index::Kind;
using index::Postings;
using index::RowId;
using index::RowRange;
using index::TermInfo;
using index::TermsIndex;

namespace {

class TermQuery final : public SegmentQuery {
 public:
  TermQuery(const TermsIndex& terms, const TermInfo& info, const Bm25Scorer* scorer, float score,
            RowRange rows)
      : terms_(terms), info_(info), scorer_(scorer), score_(score), rows_(rows) {}

  // Windows of its rows are in the filter cache under this key; those that are not are put there if
  // `fills`.
  void use_cache(std::string key, bool fills) {
    key_ = std::move(key);
    fills_ = fills;
  }

  void evaluate(RowId begin, RowId end, const uint64_t*, uint64_t* bits) override {
    if (key_.empty()) return fill(begin, end, bits);
    for (RowId at = begin; at < end;) {
      const RowId window = at / kWindowRows * kWindowRows;
      const RowId window_end = std::min(window + kWindowRows, rows_.end);
      const RowId stop = std::min(end, window_end);
      uint64_t* const out = bits + (at - begin) / 64;
      if (const auto cached = cached_window(window, window_end)) {
        cached->copy(at - window, stop - window, out);
      } else {
        fill(at, stop, out);
      }
      at = stop;
    }
  }

  void score(std::span<const RowId> rows, float* scores) override {
    if (scorer_ == nullptr) {
      std::fill_n(scores, rows.size(), score_);
      return;
    }
    open_scoring();
    load_norms(rows);
    for (size_t i = 0; i < rows.size(); ++i) {
      move_to(rows[i]);
      scores[i] = scorer_->score(static_cast<float>(scoring_->freq()), norms_[i]);
    }
  }

  void score_optional(std::span<const RowId> rows, float* scores, uint8_t* matched) override {
    open_scoring();
    load_norms(rows);
    for (size_t i = 0; i < rows.size(); ++i) {
      matched[i] = move_to(rows[i]);
      if (matched[i] == 0) {
        scores[i] = 0;
      } else {
        scores[i] = scorer_ == nullptr
                        ? score_
                        : scorer_->score(static_cast<float>(scoring_->freq()), norms_[i]);
      }
    }
  }

  void score_window(RowId begin, RowId end, const uint64_t* bits, float* scores) override {
    each_score(begin, end, bits, [&](size_t i, float score) { scores[i] = score; });
  }
  void add_scores(RowId begin, RowId end, const uint64_t* bits, double* sums) override {
    each_score(begin, end, bits,
               [&](size_t i, float score) { sums[i] += static_cast<double>(score); });
  }

  uint64_t cost() const override { return info_.doc_freq; }
  RowRange bounds() const override { return rows_; }
  std::optional<uint64_t> count() const override { return info_.doc_freq; }
  float max_score() const override { return scorer_ == nullptr ? score_ : scorer_->max_score(); }

 private:
  void fill(RowId begin, RowId end, uint64_t* bits) {
    if (postings_ == nullptr) postings_ = terms_.postings(info_, TermsIndex::Want::kRows);
    std::fill_n(bits, words_for(end - begin), 0);
    postings_->fill(begin, end, bits);
  }
  std::shared_ptr<const CachedRows> cached_window(RowId begin, RowId end) {
    std::string key = key_;
    put_fixed(key, begin);
    std::shared_ptr<const CachedRows> cached = filter_cache().find(key);
    if (cached != nullptr || !fills_) return cached;
    auto made = std::make_shared<CachedRows>();
    made->rows = Bitmap(end - begin);
    fill(begin, end, made->rows.words().data());
    filter_cache().put(key, made, made->bytes() + key.size());
    return made;
  }

  // The scores of those rows of `bits` that have the term.
  template <typename Give>
  void each_score(RowId begin, RowId end, const uint64_t* bits, Give&& give) {
    open_scoring();
    const std::span<const uint64_t> words(bits, words_for(end - begin));
    const uint64_t wanted = count_bits(words);
    if (wanted == 0) return;
    found_.clear();
    freqs_.clear();
    // Few rows of a frequent term: step from one to the next rather than read the whole window.
    const uint64_t expected =
        info_.doc_freq * uint64_t{end - begin} / std::max<uint32_t>(1, rows_.end);
    if (wanted * 16 < expected) {
      for_each_bit(words, [&](size_t i) {
        if (!move_to(begin + static_cast<RowId>(i))) return;
        found_.push_back(begin + static_cast<RowId>(i));
        freqs_.push_back(scoring_->freq());
      });
    } else {
      scoring_->read(begin, end, found_, freqs_);
      size_t kept = 0;
      for (size_t i = 0; i < found_.size(); ++i) {
        if (!get_bit(bits, found_[i] - begin)) continue;
        found_[kept] = found_[i];
        freqs_[kept++] = freqs_[i];
      }
      found_.resize(kept);
      freqs_.resize(kept);
    }
    if (scorer_ == nullptr) {
      for (const RowId row : found_) give(row - begin, score_);
      return;
    }
    load_norms(found_);
    for (size_t i = 0; i < found_.size(); ++i) {
      give(found_[i] - begin, scorer_->score(static_cast<float>(freqs_[i]), norms_[i]));
    }
  }

  void open_scoring() {
    if (scoring_ == nullptr) scoring_ = terms_.postings(info_, TermsIndex::Want::kFreqs);
  }
  bool move_to(RowId row) {
    if (scoring_->row() == index::kNoRow && started_) return false;
    if (!started_ || scoring_->row() < row) scoring_->advance(row);
    started_ = true;
    return scoring_->row() == row;
  }
  void load_norms(std::span<const RowId> rows) {
    norms_.assign(rows.size(), 1);
    if (scorer_ != nullptr && terms_.has_norms()) terms_.norms(rows, norms_.data());
  }

  const TermsIndex& terms_;
  TermInfo info_;
  const Bm25Scorer* scorer_;
  float score_;
  RowRange rows_;
  std::string key_;  // empty: nothing is kept
  bool fills_ = false;
  std::unique_ptr<Postings> postings_;
  std::unique_ptr<Postings> scoring_;
  bool started_ = false;
  std::vector<uint8_t> norms_;
  std::vector<RowId> found_;
  std::vector<uint32_t> freqs_;
};

std::string clause_name(char type, const std::string& path, Kind kind, std::string_view text) {
  return std::to_string(path.size()) + ':' + path +
         static_cast<char>('0' + static_cast<int>(kind)) + type + std::string(text);
}

class TermPlan final : public Plan {
 public:
  TermPlan(const IndexContext& index, TermKey key, float boost, bool scores)
      : key_(std::move(key)),
        boost_(boost),
        clause_(clause_name('t', key_.path, key_.kind, key_.term)) {
    const auto& segments = index.view.segments;
    const bool any = std::any_of(segments.begin(), segments.end(), [](const auto& segment) {
      return segment.segment->row_count() >= kRowsMin;
    });
    repeated_ = any && asked_before(hash64(clause_), index.request);
    if (!scores) return;
    // Statistics of all indices are each term's own, also of those that are scored alike.
    const bool given = key_.doc_freq != 0 && index.request.statistics.empty();
    const uint64_t doc_freq =
        given ? key_.doc_freq : doc_frequency(index, key_.path, key_.kind, key_.term);
    const FieldStats stats = field_stats(index, key_.path, key_.kind);
    scorer_.emplace(bm25_idf(doc_freq, stats.doc_count), boost, stats);
  }

  SegmentQueryPtr open(const SegmentContext& segment) const override {
    const TermsIndex* terms = segment.reader.terms(key_.path, key_.kind);
    if (terms == nullptr) return nullptr;
    const auto info = terms->find(key_.term);
    if (!info || info->doc_freq == 0) return nullptr;
    auto query = std::make_unique<TermQuery>(*terms, *info, scorer_ ? &*scorer_ : nullptr, boost_,
                                             all_rows(segment));
    const uint32_t rows = segment.row_count();
    if (rows >= kRowsMin && info->doc_freq >= rows / kOneIn) {
      if (auto key = cache_key(segment, clause_)) query->use_cache(std::move(*key), repeated_);
    }
    return query;
  }
  void visit(PlanVisitor& visitor) const override { visitor.term(key_.path, key_.term); }

 private:
  // Bits take no more than a plain list of rows would, and enough rows to be worth a look-up.
  static constexpr uint32_t kRowsMin = 16 << 10;
  static constexpr uint32_t kOneIn = 32;

  TermKey key_;
  float boost_;
  const std::string clause_;
  bool repeated_ = false;
  std::optional<Bm25Scorer> scorer_;
};

class NumericRangePlan final : public Plan {
 public:
  using Open = std::function<SegmentQueryPtr(const SegmentContext&)>;
  NumericRangePlan(std::string path, Kind kind, int64_t low, int64_t high, Open open)
      : path_(std::move(path)), kind_(kind), low_(low), high_(high), open_(std::move(open)) {}

  SegmentQueryPtr open(const SegmentContext& segment) const override {
    return excludes(segment) ? nullptr : open_(segment);
  }
  bool excludes(const SegmentContext& segment) const override {
    const auto bounds = segment.reader.known_bounds(path_, kind_);
    return bounds && (bounds->min > bounds->max || bounds->max < low_ || bounds->min > high_);
  }

 private:
  const std::string path_;
  const Kind kind_;
  const int64_t low_;
  const int64_t high_;
  const Open open_;
};

// The union of many terms' rows.
SegmentQueryPtr union_of(const TermsIndex& terms, const std::vector<TermInfo>& infos,
                         const SegmentContext& segment, float score) {
  if (infos.empty()) return nullptr;
  uint64_t cost = 0;
  auto postings = std::make_shared<std::vector<std::unique_ptr<Postings>>>();
  for (const TermInfo& info : infos) {
    cost += info.doc_freq;
    postings->push_back(terms.postings(info, TermsIndex::Want::kRows));
  }
  const std::optional<uint64_t> count =
      infos.size() == 1 ? std::optional<uint64_t>(cost) : std::nullopt;
  return std::make_unique<FillQuery>(
      [postings](RowId begin, RowId end, uint64_t* bits) {
        for (const auto& list : *postings) list->fill(begin, end, bits);
      },
      std::min<uint64_t>(cost, segment.row_count()), all_rows(segment), score, count);
}

// Every row that a query matches in a segment.
std::shared_ptr<const CachedRows> all_rows_of(SegmentQueryPtr query,
                                              const SegmentContext& segment) {
  auto out = std::make_shared<CachedRows>();
  out->rows = Bitmap(segment.row_count());
  if (query == nullptr) return out;
  for (RowId begin = 0; begin < segment.row_count(); begin += kWindowRows) {
    const RowId end = std::min(segment.row_count(), begin + kWindowRows);
    query->evaluate(begin, end, nullptr, out->rows.words().data() + begin / 64);
  }
  out->count = out->rows.count();
  return out;
}

}  // namespace

PlanPtr term_plan(const IndexContext& index, TermKey key, float boost, bool scores) {
  return std::make_shared<TermPlan>(index, std::move(key), boost, scores);
}

PlanPtr terms_plan(const std::string& path, Kind kind, std::vector<std::string> terms,
                   float score) {
  if (terms.empty()) return none_plan();
  auto shared = std::make_shared<const std::vector<std::string>>(std::move(terms));
  return lambda_plan(
      [path, kind, shared, score](const SegmentContext& segment) -> SegmentQueryPtr {
        const TermsIndex* index = segment.reader.terms(path, kind);
        if (index == nullptr) return nullptr;
        std::vector<TermInfo> infos;
        for (const std::string& term : *shared) {
          if (const auto info = index->find(term)) infos.push_back(*info);
        }
        return union_of(*index, infos, segment, score);
      },
      [path, shared](PlanVisitor& visitor) {
        for (const std::string& term : *shared) visitor.term(path, term);
      });
}

void visit_terms(const TermsIndex& terms, const TermPattern& pattern,
                 const std::function<void(std::string_view, const TermInfo&)>& visit) {
  if (pattern.prefix.empty() && !pattern.parts.empty()) {
    const std::vector<std::string_view> parts(pattern.parts.begin(), pattern.parts.end());
    terms.visit_containing(parts, [&](std::string_view term, const TermInfo& info) {
      if (!pattern.matches || pattern.matches(term)) visit(term, info);
    });
    return;
  }
  for (auto it = terms.iterate(pattern.prefix); it->valid(); it->next()) {
    const std::string_view term = it->term();
    if (!term.starts_with(pattern.prefix)) return;
    if (!pattern.matches || pattern.matches(term)) visit(term, it->info());
  }
}

PlanPtr pattern_plan(const std::string& path, Kind kind, TermPattern pattern, float score) {
  auto shared = std::make_shared<const TermPattern>(std::move(pattern));
  return lambda_plan(
      [path, kind, shared, score](const SegmentContext& segment) -> SegmentQueryPtr {
        const TermsIndex* terms = segment.reader.terms(path, kind);
        if (terms == nullptr) return nullptr;
        const auto open = [&]() -> SegmentQueryPtr {
          std::vector<TermInfo> infos;
          visit_terms(*terms, *shared,
                      [&](std::string_view, const TermInfo& info) { infos.push_back(info); });
          return union_of(*terms, infos, segment, score);
        };
        // The walk through the dictionary is what costs: its result is kept.
        std::optional<std::string> key;
        if (!shared->key.empty()) {
          key = cache_key(segment, clause_name('p', path, kind, shared->key));
        }
        if (!key) return open();
        std::shared_ptr<const CachedRows> rows = filter_cache().find(*key);
        if (rows == nullptr) {
          rows = all_rows_of(open(), segment);
          filter_cache().put(*key, rows, rows->bytes() + key->size());
        }
        if (rows->count == 0) return nullptr;
        return std::make_unique<FillQuery>(
            [rows](RowId begin, RowId end, uint64_t* bits) { rows->copy(begin, end, bits); },
            rows->count, all_rows(segment), score, rows->count);
      },
      [path, shared](PlanVisitor& visitor) {
        visitor.pattern(path, [shared](std::string_view term) { return shared->takes(term); });
      });
}

PlanPtr term_range_plan(const std::string& path, Kind kind, TermRange range, float score) {
  auto shared = std::make_shared<const TermRange>(std::move(range));
  const auto inside = [shared](std::string_view term) {
    if (shared->low && (shared->include_low ? term < *shared->low : term <= *shared->low))
      return false;
    return !shared->high || (shared->include_high ? term <= *shared->high : term < *shared->high);
  };
  return lambda_plan(
      [path, kind, shared, score, inside](const SegmentContext& segment) -> SegmentQueryPtr {
        if (const index::OrdinalColumn* column = segment.reader.ordinals(path, kind)) {
          uint32_t low = shared->low ? column->lower_bound(*shared->low) : 0;
          if (shared->low && !shared->include_low && low < column->ordinal_count() &&
              column->term(low) == *shared->low) {
            ++low;
          }
          uint32_t high =
              shared->high ? column->lower_bound(*shared->high) : column->ordinal_count();
          if (shared->high && shared->include_high && high < column->ordinal_count() &&
              column->term(high) == *shared->high) {
            ++high;
          }
          if (low >= high) return nullptr;
          return std::make_unique<FillQuery>(
              [column, low, high](RowId begin, RowId end, uint64_t* bits) {
                column->fill_range(begin, end, low, high, bits);
              },
              column->present_rows(), all_rows(segment), score);
        }
        const TermsIndex* terms = segment.reader.terms(path, kind);
        if (terms == nullptr) return nullptr;
        std::vector<TermInfo> infos;
        for (auto it = terms->iterate(shared->low.value_or("")); it->valid(); it->next()) {
          if (shared->high && it->term() > *shared->high) break;
          if (inside(it->term())) infos.push_back(it->info());
        }
        return union_of(*terms, infos, segment, score);
      },
      [path, inside](PlanVisitor& visitor) { visitor.pattern(path, inside); });
}

PlanPtr present_plan(const std::string& path, Kind kind, float score) {
  return lambda_plan([path, kind, score](const SegmentContext& segment) -> SegmentQueryPtr {
    const auto fill = [&](const auto* structure, uint64_t cost,
                          std::optional<uint64_t> present) -> SegmentQueryPtr {
      if (present == 0) return nullptr;
      if (cost == segment.row_count())
        return std::make_unique<IntervalQuery>(all_rows(segment), score);
      return std::make_unique<FillQuery>(
          [structure](RowId begin, RowId end, uint64_t* bits) {
            structure->fill_present(begin, end, bits);
          },
          cost, all_rows(segment), score, present);
    };
    if (index::is_numeric(kind)) {
      const index::NumericColumn* column = segment.reader.numeric(path, kind);
      return column == nullptr ? nullptr
                               : fill(column, column->present_rows(), column->present_rows());
    }
    if (index::is_ordinal(kind)) {
      if (const index::OrdinalColumn* column = segment.reader.ordinals(path, kind)) {
        return fill(column, column->present_rows(), column->present_rows());
      }
    }
    const TermsIndex* terms = segment.reader.terms(path, kind);
    // Texts without a term are there too.
    return terms == nullptr ? nullptr : fill(terms, terms->doc_count(), {});
  });
}

PlanPtr numeric_range_plan(const std::string& path, Kind kind, int64_t low, int64_t high,
                           float score) {
  if (low > high) return none_plan();
  return std::make_shared<NumericRangePlan>(
      path, kind, low, high,
      [path, kind, low, high, score](const SegmentContext& segment) -> SegmentQueryPtr {
        const index::NumericColumn* column = segment.reader.numeric(path, kind);
        if (column == nullptr || column->value_count() == 0) return nullptr;
        if (column->max() < low || column->min() > high) return nullptr;
        const bool inside = column->min() >= low && column->max() <= high;
        if (column->sorted()) {
          RowRange rows = all_rows(segment);
          if (column->min() < low) rows.begin = column->lower_bound(low);
          if (column->max() > high) rows.end = column->lower_bound(high + 1);
          if (rows.begin >= rows.end) return nullptr;
          return std::make_unique<IntervalQuery>(rows, score);
        }
        if (inside && column->one_each())
          return std::make_unique<IntervalQuery>(all_rows(segment), score);
        return std::make_unique<FillQuery>(
            [column, low, high](RowId begin, RowId end, uint64_t* bits) {
              column->fill_range(begin, end, low, high, bits);
            },
            column->present_rows(), all_rows(segment), score,
            inside ? std::optional<uint64_t>(column->present_rows()) : std::nullopt);
      });
}

PlanPtr numeric_set_plan(const std::string& path, Kind kind, std::vector<int64_t> values,
                         float score) {
  if (values.empty()) return none_plan();
  if (values.size() == 1) return numeric_range_plan(path, kind, values[0], values[0], score);
  auto shared = std::make_shared<const std::vector<int64_t>>(std::move(values));
  return lambda_plan([path, kind, shared, score](const SegmentContext& segment) -> SegmentQueryPtr {
    const index::NumericColumn* column = segment.reader.numeric(path, kind);
    if (column == nullptr || column->value_count() == 0) return nullptr;
    const auto first = std::lower_bound(shared->begin(), shared->end(), column->min());
    const auto last = std::upper_bound(first, shared->end(), column->max());
    if (first == last) return nullptr;
    const size_t begin_value = static_cast<size_t>(first - shared->begin());
    const size_t end_value = static_cast<size_t>(last - shared->begin());
    return std::make_unique<FillQuery>(
        [column, shared, begin_value, end_value](RowId begin, RowId end, uint64_t* bits) {
          for (size_t i = begin_value; i < end_value; ++i) {
            column->fill_range(begin, end, (*shared)[i], (*shared)[i], bits);
          }
        },
        column->present_rows(), all_rows(segment), score);
  });
}

}  // namespace stratalog::query
