#include "query/exec/phrase.h"

#include <algorithm>

#include "query/exec/bm25.h"
#include "query/exec/constant.h"
#include "query/exec/phrase_match.h"
#include "query/exec/term.h"

namespace stratalog::query {

using index::Kind;
using index::Postings;
using index::RowId;
using index::RowRange;
using index::TermInfo;
using index::TermsIndex;

namespace {

// One place of a phrase in a segment: its terms' postings.
struct Place {
  uint32_t offset = 0;
  std::vector<TermInfo> infos;
  uint64_t doc_freq = 0;
};

// The cursors that read positions. Moves forward only; reopened when asked for an earlier row.
class PhraseReader {
 public:
  PhraseReader(const TermsIndex& terms, const std::vector<Place>& places, uint32_t slop)
      : terms_(terms), places_(places), slop_(slop) {}

  float freq(RowId row, bool any) {
    if (cursors_.empty() || row < row_) open();
    row_ = row;
    found_.resize(places_.size());
    merged_.resize(places_.size());
    for (size_t i = 0; i < places_.size(); ++i) {
      found_[i].offset = places_[i].offset;
      found_[i].positions = positions(i, row);
      if (found_[i].positions.empty()) return 0;
    }
    if (slop_ == 0) return static_cast<float>(exact_phrase_freq(found_, any));
    return sloppy_phrase_freq(found_, slop_, any);
  }

 private:
  void open() {
    cursors_.clear();
    for (const Place& place : places_) {
      auto& list = cursors_.emplace_back();
      for (const TermInfo& info : place.infos)
        list.push_back(terms_.postings(info, TermsIndex::Want::kPositions));
      for (const auto& cursor : list) cursor->next();
    }
  }

  std::span<const uint32_t> positions(size_t place, RowId row) {
    auto& list = cursors_[place];
    if (list.size() == 1)
      return move(*list[0], row) ? list[0]->positions() : std::span<const uint32_t>();
    std::vector<uint32_t>& merged = merged_[place];
    merged.clear();
    for (const auto& cursor : list) {
      if (!move(*cursor, row)) continue;
      const std::span<const uint32_t> some = cursor->positions();
      merged.insert(merged.end(), some.begin(), some.end());
    }
    std::sort(merged.begin(), merged.end());
    merged.erase(std::unique(merged.begin(), merged.end()), merged.end());
    return merged;
  }

  static bool move(Postings& cursor, RowId row) {
    if (cursor.row() == index::kNoRow) return false;
    if (cursor.row() < row) cursor.advance(row);
    return cursor.row() == row;
  }

  const TermsIndex& terms_;
  const std::vector<Place>& places_;
  uint32_t slop_;
  RowId row_ = 0;
  std::vector<std::vector<std::unique_ptr<Postings>>> cursors_;
  std::vector<PhrasePlace> found_;
  std::vector<std::vector<uint32_t>> merged_;
};

class PhraseQuery final : public SegmentQuery {
 public:
  PhraseQuery(const TermsIndex& terms, std::vector<Place> places, uint32_t slop,
              const Bm25Scorer* scorer, float score, RowRange rows)
      : terms_(terms),
        places_(std::move(places)),
        scorer_(scorer),
        score_(score),
        rows_(rows),
        matching_(terms, places_, slop),
        scoring_(terms, places_, slop) {
    for (const Place& place : places_) {
      auto& list = fills_.emplace_back();
      for (const TermInfo& info : place.infos)
        list.push_back(terms.postings(info, TermsIndex::Want::kRows));
      order_.push_back(order_.size());
    }
    std::sort(order_.begin(), order_.end(),
              [&](size_t a, size_t b) { return places_[a].doc_freq < places_[b].doc_freq; });
  }

  void evaluate(RowId begin, RowId end, const uint64_t* mask, uint64_t* bits) override {
    const size_t words = words_for(end - begin);
    if (mask != nullptr) {
      std::copy_n(mask, words, bits);
    } else {
      std::fill_n(bits, words, 0);
      set_bit_range(bits, 0, end - begin);
    }
    for (const size_t place : order_) {
      scratch_.assign(words, 0);
      for (const auto& list : fills_[place]) list->fill(begin, end, scratch_.data());
      uint64_t any = 0;
      for (size_t w = 0; w < words; ++w) any |= bits[w] &= scratch_[w];
      if (any == 0) return;
    }
    for (size_t w = 0; w < words; ++w) {
      for (uint64_t word = bits[w]; word != 0; word &= word - 1) {
        const size_t i = w * 64 + static_cast<size_t>(std::countr_zero(word));
        if (matching_.freq(begin + static_cast<RowId>(i), true) == 0) clear_bit(bits, i);
      }
    }
  }

  void score(std::span<const RowId> rows, float* scores) override {
    if (scorer_ == nullptr) {
      std::fill_n(scores, rows.size(), score_);
      return;
    }
    norms_.assign(rows.size(), 1);
    if (terms_.has_norms()) terms_.norms(rows, norms_.data());
    for (size_t i = 0; i < rows.size(); ++i)
      scores[i] = scorer_->score(scoring_.freq(rows[i], false), norms_[i]);
  }

  uint64_t cost() const override { return places_[order_[0]].doc_freq; }
  RowRange bounds() const override { return rows_; }
  float max_score() const override { return scorer_ == nullptr ? score_ : scorer_->max_score(); }

 private:
  const TermsIndex& terms_;
  std::vector<Place> places_;
  const Bm25Scorer* scorer_;
  float score_;
  RowRange rows_;
  PhraseReader matching_;
  PhraseReader scoring_;
  std::vector<std::vector<std::unique_ptr<Postings>>> fills_;
  std::vector<size_t> order_;  // rarest first
  std::vector<uint64_t> scratch_;
  std::vector<uint8_t> norms_;
};

class PhrasePlan final : public Plan {
 public:
  PhrasePlan(const IndexContext& index, std::string path, std::vector<PhraseTerm> terms,
             uint32_t slop, uint32_t expansions_max, float boost, bool scores)
      : path_(std::move(path)), terms_(std::move(terms)), slop_(slop), boost_(boost) {
    for (PhraseTerm& place : terms_) {
      if (place.prefix) expand(index, place, expansions_max);
    }
    if (scores) prepare_scores(index);
  }

  SegmentQueryPtr open(const SegmentContext& segment) const override {
    const TermsIndex* terms = segment.reader.terms(path_, Kind::kTerms);
    if (terms == nullptr) return nullptr;
    std::vector<Place> places;
    for (const PhraseTerm& term : terms_) {
      Place place;
      place.offset = term.position;
      for (const std::string& text : term.terms) {
        if (const auto info = terms->find(text)) {
          place.infos.push_back(*info);
          place.doc_freq += info->doc_freq;
        }
      }
      if (place.infos.empty()) return nullptr;
      places.push_back(std::move(place));
    }
    return std::make_unique<PhraseQuery>(*terms, std::move(places), slop_,
                                         scorer_ ? &*scorer_ : nullptr, boost_, all_rows(segment));
  }
  void visit(PlanVisitor& visitor) const override { visitor.phrase(path_, terms_, slop_); }

 private:
  // A prefix stands for the first terms of the index that begin so.
  void expand(const IndexContext& index, PhraseTerm& place, uint32_t expansions_max) {
    std::vector<std::string> found;
    for (const std::string& prefix : place.terms) {
      for (const index::SegmentView& segment : index.view.segments) {
        const TermsIndex* terms = segment.segment->terms(path_, Kind::kTerms);
        if (terms == nullptr) continue;
        uint32_t count = 0;
        for (auto it = terms->iterate(prefix); it->valid() && count < expansions_max;
             it->next(), ++count) {
          if (!it->term().starts_with(prefix)) break;
          found.emplace_back(it->term());
        }
      }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > expansions_max) found.resize(expansions_max);
    place.terms = std::move(found);
  }

  void prepare_scores(const IndexContext& index) {
    const FieldStats stats = field_stats(index, path_, Kind::kTerms);
    double idf = 0;
    for (const PhraseTerm& place : terms_) {
      for (const std::string& term : place.terms) {
        const uint64_t doc_freq = doc_frequency(index, path_, Kind::kTerms, term);
        if (doc_freq > 0) idf += static_cast<double>(bm25_idf(doc_freq, stats.doc_count));
      }
    }
    scorer_.emplace(static_cast<float>(idf), boost_, stats);
  }

  std::string path_;
  std::vector<PhraseTerm> terms_;
  uint32_t slop_;
  float boost_;
  std::optional<Bm25Scorer> scorer_;
};

}  // namespace

PlanPtr phrase_plan(const IndexContext& index, std::string path, std::vector<PhraseTerm> terms,
                    uint32_t slop, uint32_t expansions_max, float boost, bool scores) {
  if (terms.empty()) return none_plan();
  if (terms.size() == 1 && terms[0].terms.size() == 1 && !terms[0].prefix) {
    return term_plan(index, {std::move(path), Kind::kTerms, std::move(terms[0].terms[0])}, boost,
                     scores);
  }
  return std::make_shared<PhrasePlan>(index, std::move(path), std::move(terms), slop,
                                      expansions_max, boost, scores);
}

}  // namespace stratalog::query
