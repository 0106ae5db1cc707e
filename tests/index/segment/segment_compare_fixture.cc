#include <catch2/catch.hpp>
#include <numeric>

#include "base/bits.h"
#include "tests/index/segment/segment_compare.h"

namespace stratalog::test {
namespace {

using namespace index;

struct Both {
  const SegmentReader& a;
  const SegmentReader& b;
  std::vector<RowId> rows;
};

template <typename Fill>
std::vector<uint64_t> bits_of(size_t rows, const Fill& fill) {
  std::vector<uint64_t> words(words_for(rows));
  fill(words.data());
  return words;
}

template <typename T>
std::vector<std::vector<T>> by_row(const ValueBatch<T>& batch, size_t rows) {
  std::vector<std::vector<T>> out;
  for (size_t i = 0; i < rows; ++i)
    out.emplace_back(batch.values.begin() + batch.begin(i), batch.values.begin() + batch.end(i));
  return out;
}

void check_numbers(const NumericColumn& a, const NumericColumn& b, const std::vector<RowId>& rows) {
  REQUIRE(a.value_count() == b.value_count());
  REQUIRE(a.present_rows() == b.present_rows());
  REQUIRE(a.one_each() == b.one_each());
  REQUIRE(a.sorted() == b.sorted());
  if (a.value_count() > 0) {
    REQUIRE(a.min() == b.min());
    REQUIRE(a.max() == b.max());
  }
  NumericBatch x, y;
  a.gather(rows, x);
  b.gather(rows, y);
  REQUIRE((by_row(x, rows.size()) == by_row(y, rows.size())));
  const auto end = static_cast<RowId>(rows.size());
  REQUIRE(bits_of(end, [&](uint64_t* out) { a.fill_present(0, end, out); }) ==
          bits_of(end, [&](uint64_t* out) { b.fill_present(0, end, out); }));
}

void check_ordinals(const OrdinalColumn& a, const OrdinalColumn& b,
                    const std::vector<RowId>& rows) {
  REQUIRE(a.ordinal_count() == b.ordinal_count());
  REQUIRE(a.present_rows() == b.present_rows());
  REQUIRE(a.one_each() == b.one_each());
  REQUIRE(a.single_valued() == b.single_valued());
  for (uint32_t i = 0; i < a.ordinal_count(); ++i) {
    REQUIRE(a.term(i) == b.term(i));
    REQUIRE(a.doc_freq(i) == b.doc_freq(i));
    REQUIRE(a.find(b.term(i)) == i);
  }
  OrdinalBatch x, y;
  a.gather(rows, x);
  b.gather(rows, y);
  REQUIRE((by_row(x, rows.size()) == by_row(y, rows.size())));
}

void check_terms(const TermsIndex& a, const TermsIndex& b, const std::vector<RowId>& rows) {
  REQUIRE(a.term_count() == b.term_count());
  REQUIRE(a.doc_count() == b.doc_count());
  REQUIRE(a.sum_doc_freq() == b.sum_doc_freq());
  REQUIRE(a.sum_total_term_freq() == b.sum_total_term_freq());
  REQUIRE(a.has_positions() == b.has_positions());
  REQUIRE(a.has_norms() == b.has_norms());
  const auto end = static_cast<RowId>(rows.size());
  const auto x = a.iterate(""), y = b.iterate("");
  for (; x->valid(); x->next(), y->next()) {
    REQUIRE(y->valid());
    REQUIRE(x->term() == y->term());
    REQUIRE(x->info().doc_freq == y->info().doc_freq);
    REQUIRE(x->info().total_term_freq == y->info().total_term_freq);
    const auto p = a.postings(x->info(), TermsIndex::Want::kPositions);
    const auto q = b.postings(y->info(), TermsIndex::Want::kPositions);
    while (p->next() != kNoRow) {
      REQUIRE(q->next() == p->row());
      REQUIRE(p->freq() == q->freq());
      const auto at_p = p->positions(), at_q = q->positions();
      REQUIRE(std::vector<uint32_t>(at_p.begin(), at_p.end()) ==
              std::vector<uint32_t>(at_q.begin(), at_q.end()));
    }
    REQUIRE(q->next() == kNoRow);
  }
  REQUIRE_FALSE(y->valid());
  std::vector<uint8_t> norms_a(rows.size()), norms_b(rows.size());
  a.norms(rows, norms_a.data());
  b.norms(rows, norms_b.data());
  REQUIRE(norms_a == norms_b);
  REQUIRE(bits_of(end, [&](uint64_t* out) { a.fill_present(0, end, out); }) ==
          bits_of(end, [&](uint64_t* out) { b.fill_present(0, end, out); }));
}

void check_rows(const Both& both) {
  std::vector<RowData> a, b;
  both.a.row_data(both.rows, a);
  both.b.row_data(both.rows, b);
  for (size_t i = 0; i < both.rows.size(); ++i) {
    REQUIRE(a[i].id == b[i].id);
    REQUIRE(a[i].routing == b[i].routing);
    REQUIRE(both.a.rows_of_explicit_id(a[i].id) == both.b.rows_of_explicit_id(a[i].id));
    REQUIRE(both.a.find_seq_no(a[i].seq_no) == both.rows[i]);
  }
  std::vector<std::string> x(both.rows.size()), y(both.rows.size());
  both.a.sources(both.rows, [&](size_t i, std::string_view source) { x[i] = source; });
  both.b.sources(both.rows, [&](size_t i, std::string_view source) { y[i] = source; });
  REQUIRE(x == y);
}

}  // namespace

void check_same(const SegmentReader& a, const SegmentReader& b, const std::set<std::string>& but) {
  REQUIRE(a.row_count() == b.row_count());
  REQUIRE(a.fields() == b.fields());
  Both both{a, b, std::vector<RowId>(a.row_count())};
  std::iota(both.rows.begin(), both.rows.end(), 0);
  for (const FieldKey& field : a.fields()) {
    if (field.path == "_seq_no" || but.contains(field.path)) continue;
    INFO(field.path << ", kind " << static_cast<int>(field.kind));
    if (is_numeric(field.kind)) {
      check_numbers(*a.numeric(field.path, field.kind), *b.numeric(field.path, field.kind),
                    both.rows);
    } else {
      if (has_dictionary(field.kind))
        check_ordinals(*a.ordinals(field.path, field.kind), *b.ordinals(field.path, field.kind),
                       both.rows);
      const TermsIndex* terms = a.terms(field.path, field.kind);
      REQUIRE((terms == nullptr) == (b.terms(field.path, field.kind) == nullptr));
      if (terms != nullptr) check_terms(*terms, *b.terms(field.path, field.kind), both.rows);
    }
  }
  check_rows(both);
}

}  // namespace stratalog::test
