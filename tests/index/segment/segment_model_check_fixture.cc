#include <algorithm>
#include <catch2/catch.hpp>

#include "base/bits.h"
#include "index/auto_id.h"
#include "tests/index/segment/segment_model.h"
#include "tests/index/segment/segment_model_terms.h"

namespace stratalog::test {

using namespace index;

namespace {

std::vector<uint64_t> filled(size_t bits, const std::function<void(uint64_t*)>& fill) {
  std::vector<uint64_t> words(words_for(bits) + 1);
  words.back() = 0x5a5a;  // what lies behind the window is left alone
  fill(words.data());
  REQUIRE(words.back() == 0x5a5a);
  words.pop_back();
  return words;
}

template <typename Holds>
std::vector<uint64_t> expected_bits(RowId begin, RowId end, Holds&& holds) {
  std::vector<uint64_t> words(words_for(end - begin));
  for (RowId row = begin; row < end; ++row) {
    if (holds(row)) set_bit(words.data(), row - begin);
  }
  return words;
}

struct Window {
  RowId begin;
  RowId end;
};
Window random_window(std::mt19937_64& random, uint32_t rows) {
  const auto a = static_cast<RowId>(random() % (rows + 1));
  const auto b = static_cast<RowId>(random() % (rows + 1));
  return {std::min(a, b), std::max(a, b)};
}

std::vector<RowId> random_rows(std::mt19937_64& random, uint32_t rows) {
  std::vector<RowId> some;
  const uint64_t one_in = 1 + random() % 50;
  for (RowId row = 0; row < rows; ++row) {
    if (random() % one_in == 0) some.push_back(row);
  }
  return some;
}

void check_numbers(const SegmentReader& segment, const Model& model, const std::string& field,
                   std::mt19937_64& random) {
  const NumericColumn* column = segment.numeric(field, Kind::kI64);
  REQUIRE(column != nullptr);
  const auto rows = static_cast<uint32_t>(model.rows.size());
  const std::vector<int64_t> none;
  const auto values_of = [&](RowId row) -> const std::vector<int64_t>& {
    const auto found = model.rows[row].numbers.find(field);
    return found == model.rows[row].numbers.end() ? none : found->second;
  };
  uint64_t count = 0;
  uint32_t present = 0;
  bool one_each = true;
  bool sorted = true;
  std::vector<int64_t> all;
  for (RowId row = 0; row < rows; ++row) {
    const auto& values = values_of(row);
    count += values.size();
    present += values.empty() ? 0 : 1;
    one_each = one_each && values.size() == 1;
    if (!all.empty() && !values.empty() && all.back() > values.front()) sorted = false;
    all.insert(all.end(), values.begin(), values.end());
  }
  REQUIRE(column->value_count() == count);
  REQUIRE(column->present_rows() == present);
  REQUIRE(column->one_each() == one_each);
  REQUIRE(column->sorted() == (one_each && sorted));
  if (count > 0) {
    REQUIRE(column->min() == *std::min_element(all.begin(), all.end()));
    REQUIRE(column->max() == *std::max_element(all.begin(), all.end()));
  }
  NumericBatch batch;
  const std::vector<RowId> some = random_rows(random, rows);
  column->gather(some, batch);
  for (size_t i = 0; i < some.size(); ++i) {
    const auto begin = batch.values.begin() + batch.begin(i);
    const std::vector<int64_t> got(begin, batch.values.begin() + batch.end(i));
    REQUIRE(got == values_of(some[i]));
  }
  for (int i = 0; i < 6; ++i) {
    const Window w = random_window(random, rows);
    int64_t low = all.empty() ? 0 : all[random() % all.size()];
    int64_t high = all.empty() ? 0 : all[random() % all.size()];
    if (i == 0) low = INT64_MIN;
    if (i == 1) high = INT64_MAX;
    if (low > high) std::swap(low, high);
    const auto bits = filled(w.end - w.begin, [&](uint64_t* out) {
      column->fill_range(w.begin, w.end, low, high, out);
    });
    REQUIRE(bits == expected_bits(w.begin, w.end, [&](RowId row) {
              return std::any_of(values_of(row).begin(), values_of(row).end(),
                                 [&](int64_t v) { return low <= v && v <= high; });
            }));
    const auto there =
        filled(w.end - w.begin, [&](uint64_t* out) { column->fill_present(w.begin, w.end, out); });
    REQUIRE(there ==
            expected_bits(w.begin, w.end, [&](RowId row) { return !values_of(row).empty(); }));
    if (column->sorted()) {
      for (const int64_t value :
           {low, high, low == INT64_MIN ? low : low - 1, high == INT64_MAX ? high : high + 1}) {
        REQUIRE(column->lower_bound(value) ==
                static_cast<RowId>(std::lower_bound(all.begin(), all.end(), value) - all.begin()));
      }
    }
  }
}

void check_postings(Postings& postings, const Occurrences& expected, bool freqs, bool positions,
                    uint32_t rows, std::mt19937_64& random) {
  REQUIRE(postings.doc_freq() == expected.rows.size());
  REQUIRE(postings.row() == kNoRow);
  size_t position = 0;
  size_t i = 0;
  const Window w = random_window(random, rows);
  const auto bits =
      filled(w.end - w.begin, [&](uint64_t* out) { postings.fill(w.begin, w.end, out); });
  std::set<RowId> in(expected.rows.begin(), expected.rows.end());
  REQUIRE(bits == expected_bits(w.begin, w.end, [&](RowId row) { return in.contains(row); }));
  const bool skipping = random() % 2 == 0;
  while (i < expected.rows.size()) {
    RowId got;
    if (skipping && random() % 3 == 0) {
      const size_t to = std::min(expected.rows.size() - 1, i + random() % 300);
      for (; i < to; ++i) position += expected.freqs[i];
      const RowId before = i == 0 ? 0 : expected.rows[i - 1] + 1;
      got =
          postings.advance(before + static_cast<RowId>(random() % (expected.rows[i] - before + 1)));
    } else {
      got = postings.next();
    }
    REQUIRE(got == expected.rows[i]);
    REQUIRE(postings.row() == got);
    REQUIRE(postings.advance(got) == got);
    if (!skipping || random() % 4 == 0) REQUIRE(postings.freq() == (freqs ? expected.freqs[i] : 1));
    if (positions && (!skipping || random() % 4 == 0)) {
      const auto at = postings.positions();
      REQUIRE(
          std::vector<uint32_t>(at.begin(), at.end()) ==
          std::vector<uint32_t>(expected.positions.begin() + static_cast<std::ptrdiff_t>(position),
                                expected.positions.begin() +
                                    static_cast<std::ptrdiff_t>(position + expected.freqs[i])));
    }
    position += expected.freqs[i++];
  }
  REQUIRE(postings.next() == kNoRow);
  REQUIRE(postings.next() == kNoRow);
  REQUIRE(postings.advance(0) == kNoRow);
  const auto again = filled(rows, [&](uint64_t* out) { postings.fill(0, rows, out); });
  REQUIRE(count_bits(again) == expected.rows.size());
}

void check_terms(const TermsIndex& terms, const Inverted& expected, bool freqs, bool positions,
                 uint32_t rows, std::mt19937_64& random) {
  REQUIRE(terms.term_count() == expected.size());
  REQUIRE(terms.has_positions() == positions);
  uint64_t sum_df = 0;
  uint64_t sum_ttf = 0;
  std::set<RowId> with;
  auto it = terms.iterate("");
  for (const auto& [term, occurrences] : expected) {
    uint64_t ttf = 0;
    for (const uint32_t freq : occurrences.freqs) ttf += freqs ? freq : 1;
    sum_df += occurrences.rows.size();
    sum_ttf += ttf;
    with.insert(occurrences.rows.begin(), occurrences.rows.end());
    REQUIRE(it->valid());
    REQUIRE(it->term() == term);
    REQUIRE(it->info().doc_freq == occurrences.rows.size());
    REQUIRE(it->info().total_term_freq == ttf);
    it->next();
    if (expected.size() > 200 && occurrences.rows.size() < 3 && random() % 20 != 0) continue;
    const auto found = terms.find(term);
    REQUIRE(found.has_value());
    REQUIRE(found->doc_freq == occurrences.rows.size());
    REQUIRE(found->total_term_freq == ttf);
    using Want = TermsIndex::Want;
    const Want want = positions ? Want::kPositions : freqs ? Want::kFreqs : Want::kRows;
    check_postings(*terms.postings(*found, want), occurrences, freqs, positions, rows, random);
    const auto plain = terms.postings(*found, Want::kRows);
    for (const RowId row : occurrences.rows) REQUIRE(plain->next() == row);
    REQUIRE_FALSE(terms.find(term + "\x01").has_value());
    REQUIRE_FALSE(terms.find(term + "~no").has_value());
  }
  REQUIRE_FALSE(it->valid());
  REQUIRE(terms.doc_count() == with.size());
  REQUIRE(terms.sum_doc_freq() == sum_df);
  REQUIRE(terms.sum_total_term_freq() == sum_ttf);

  for (const std::string& from : {std::string("a"), std::string("t5"), std::string("zzzz")}) {
    auto expect = expected.lower_bound(from);
    for (auto at = terms.iterate(from); at->valid(); at->next(), ++expect)
      REQUIRE(at->term() == expect->first);
    REQUIRE(expect == expected.end());
  }
  using Parts = std::vector<std::string_view>;
  for (const Parts& parts :
       {Parts{}, Parts{"1"}, Parts{"1", "t"}, Parts{"err", "r"}, Parts{"not there"}, Parts{""}}) {
    std::vector<std::string> visited;
    terms.visit_containing(parts, [&](std::string_view term, const TermInfo& info) {
      visited.emplace_back(term);
      REQUIRE(info.doc_freq == expected.at(std::string(term)).rows.size());
    });
    std::vector<std::string> expect;
    for (const auto& [term, occurrences] : expected) {
      if (std::all_of(parts.begin(), parts.end(),
                      [&](std::string_view p) { return term.find(p) != std::string::npos; })) {
        expect.push_back(term);
      }
    }
    REQUIRE(visited == expect);
  }
}

void check_keywords(const SegmentReader& segment, const Model& model, const std::string& field,
                    std::mt19937_64& random) {
  const OrdinalColumn* column = segment.ordinals(field);
  REQUIRE(column != nullptr);
  const auto rows = static_cast<uint32_t>(model.rows.size());
  const Inverted expected = invert_keyword(model, field);
  std::vector<std::string> terms;
  for (const auto& [term, occurrences] : expected) terms.push_back(term);
  REQUIRE(column->ordinal_count() == terms.size());

  const std::set<std::string> none;
  const auto values_of = [&](RowId row) -> const std::set<std::string>& {
    const auto found = model.rows[row].keywords.find(field);
    return found == model.rows[row].keywords.end() ? none : found->second;
  };
  uint32_t present = 0;
  bool one_each = true;
  bool single = true;
  for (RowId row = 0; row < rows; ++row) {
    present += values_of(row).empty() ? 0 : 1;
    one_each = one_each && values_of(row).size() == 1;
    single = single && values_of(row).size() <= 1;
  }
  REQUIRE(column->present_rows() == present);
  REQUIRE(column->one_each() == one_each);
  REQUIRE(column->single_valued() == single);

  std::vector<uint32_t> ordinals;
  for (uint32_t i = 0; i < terms.size(); i += 1 + static_cast<uint32_t>(random() % 7)) {
    REQUIRE(column->term(i) == terms[i]);
    REQUIRE(column->find(terms[i]) == i);
    REQUIRE(column->lower_bound(terms[i]) == i);
    REQUIRE(column->lower_bound(terms[i] + '\0') == i + 1);
    REQUIRE(column->doc_freq(i) == expected.at(terms[i]).rows.size());
    ordinals.push_back(i);
  }
  REQUIRE_FALSE(column->find("not there").has_value());
  size_t visited = 0;
  column->terms(ordinals, [&](size_t i, std::string_view term) {
    REQUIRE(i == visited++);
    REQUIRE(term == terms[ordinals[i]]);
  });
  REQUIRE(visited == ordinals.size());

  OrdinalBatch batch;
  const std::vector<RowId> some = random_rows(random, rows);
  column->gather(some, batch);
  for (size_t i = 0; i < some.size(); ++i) {
    std::set<std::string> got;
    for (uint32_t k = batch.begin(i); k < batch.end(i); ++k) {
      REQUIRE((k == batch.begin(i) || batch.values[k - 1] < batch.values[k]));
      got.insert(terms.at(batch.values[k]));
    }
    REQUIRE(got == values_of(some[i]));
  }
  for (int i = 0; i < 4; ++i) {
    const Window w = random_window(random, rows);
    const auto low = static_cast<uint32_t>(random() % (terms.size() + 1));
    const auto high = static_cast<uint32_t>(random() % (terms.size() + 1));
    const auto bits = filled(w.end - w.begin, [&](uint64_t* out) {
      column->fill_range(w.begin, w.end, low, high, out);
    });
    REQUIRE(bits == expected_bits(w.begin, w.end, [&](RowId row) {
              return std::any_of(
                  values_of(row).begin(), values_of(row).end(), [&](const std::string& v) {
                    const auto at = static_cast<uint32_t>(
                        std::lower_bound(terms.begin(), terms.end(), v) - terms.begin());
                    return low <= at && at < high;
                  });
            }));
    const auto there =
        filled(w.end - w.begin, [&](uint64_t* out) { column->fill_present(w.begin, w.end, out); });
    REQUIRE(there ==
            expected_bits(w.begin, w.end, [&](RowId row) { return !values_of(row).empty(); }));
  }
  check_terms(*segment.terms(field, Kind::kOrdinals), expected, false, false, rows, random);
}

void check_text(const SegmentReader& segment, const Model& model, const std::string& field,
                std::mt19937_64& random) {
  const TermsIndex* terms = segment.terms(field, Kind::kTerms);
  REQUIRE(terms != nullptr);
  const auto rows = static_cast<uint32_t>(model.rows.size());
  const Inverted expected = invert_text(model, field);
  check_terms(*terms, expected, model.freqs, model.positions, rows, random);
  REQUIRE(terms->has_norms() == model.norms);

  const auto norm_of = [&](RowId row) -> uint8_t {
    const ModelRow& r = model.rows[row];
    if (const auto found = r.texts.find(field); found != r.texts.end()) return found->second.norm;
    if (const auto found = r.value_texts.find(field); found != r.value_texts.end())
      return found->second.norm;
    return 0;
  };
  if (model.norms) {
    const std::vector<RowId> some = random_rows(random, rows);
    std::vector<uint8_t> norms(some.size() + 1, 0x5a);
    terms->norms(some, norms.data());
    for (size_t i = 0; i < some.size(); ++i) REQUIRE(norms[i] == norm_of(some[i]));
    REQUIRE(norms.back() == 0x5a);
  }
  const Window w = random_window(random, rows);
  const auto bits =
      filled(w.end - w.begin, [&](uint64_t* out) { terms->fill_present(w.begin, w.end, out); });
  REQUIRE(bits == expected_bits(w.begin, w.end, [&](RowId row) { return norm_of(row) != 0; }));
}

void check_rows(const SegmentReader& segment, const Model& model, std::mt19937_64& random) {
  const auto rows = static_cast<uint32_t>(model.rows.size());
  std::vector<RowId> some = random_rows(random, rows);
  std::vector<RowData> data;
  segment.row_data(some, data);
  REQUIRE(data.size() == some.size());
  std::map<std::string, std::vector<RowId>> rows_of_id;
  for (RowId row = 0; row < rows; ++row) {
    if (!model.rows[row].id.empty()) rows_of_id[model.rows[row].id].push_back(row);
  }
  for (size_t i = 0; i < some.size(); ++i) {
    const ModelRow& row = model.rows[some[i]];
    REQUIRE(data[i].seq_no == row.seq_no);
    REQUIRE(data[i].version == row.version);
    REQUIRE(data[i].primary_term == row.primary_term);
    REQUIRE(data[i].id == (row.id.empty() ? encode_auto_id({row.prefix, row.seq_no}) : row.id));
    REQUIRE(data[i].routing == (row.routing.empty() ? std::nullopt : std::optional(row.routing)));
    REQUIRE(segment.find_seq_no(row.seq_no) == some[i]);
    if (!row.id.empty()) {
      REQUIRE(segment.rows_of_explicit_id(row.id) == rows_of_id.at(row.id));
    }
  }
  REQUIRE_FALSE(segment.find_seq_no(-7).has_value());
  for (int i = 0; i < 20; ++i)
    REQUIRE(segment.rows_of_explicit_id("absent" + std::to_string(random())).empty());
  if (rows > 0) {
    REQUIRE(segment.min_seq_no() == std::min_element(model.rows.begin(), model.rows.end(),
                                                     [](const ModelRow& a, const ModelRow& b) {
                                                       return a.seq_no < b.seq_no;
                                                     })
                                        ->seq_no);
    REQUIRE(segment.numeric("_seq_no", Kind::kI64)->max() == segment.max_seq_no());
  }
  std::shuffle(some.begin(), some.end(), random);
  // Decoded, kept, and taken from what was kept.
  using Reuse = SegmentReader::Reuse;
  for (const Reuse reuse : {Reuse::kUnlikely, Reuse::kLikely, Reuse::kLikely}) {
    std::vector<std::string> sources(some.size());
    std::vector<bool> seen(some.size());
    segment.read_sources(some, reuse, [&](size_t i, std::string_view source) {
      REQUIRE_FALSE(seen.at(i));
      seen[i] = true;
      sources[i] = source;
    });
    for (size_t i = 0; i < some.size(); ++i) {
      REQUIRE(sources[i] == model.rows[some[i]].source);
      REQUIRE(seen[i] == !model.rows[some[i]].source.empty());
    }
  }
}

}  // namespace

void check_model(const SegmentReader& segment, const Model& model, std::mt19937_64& random) {
  REQUIRE(segment.row_count() == model.rows.size());
  REQUIRE_FALSE(segment.live());
  std::vector<FieldKey> keys;
  for (const std::string& field : model.number_fields()) keys.push_back({field, Kind::kI64});
  for (const std::string& field : model.keyword_fields()) keys.push_back({field, Kind::kOrdinals});
  for (const std::string& field : model.text_fields()) keys.push_back({field, Kind::kTerms});
  for (const std::string& field : model.value_text_fields()) keys.push_back({field, Kind::kTerms});
  std::sort(keys.begin(), keys.end());
  REQUIRE(segment.fields() == keys);
  REQUIRE(segment.numeric("n_none", Kind::kI64) == nullptr);
  REQUIRE(segment.numeric("n_time", Kind::kF64) == nullptr);
  REQUIRE(segment.ordinals("t_log") == nullptr);
  REQUIRE(segment.terms("n_time", Kind::kTerms) == nullptr);
  for (const std::string& field : model.number_fields()) {
    INFO(field);
    check_numbers(segment, model, field, random);
  }
  for (const std::string& field : model.keyword_fields()) {
    INFO(field);
    check_keywords(segment, model, field, random);
  }
  for (const std::string& field : model.text_fields()) {
    INFO(field);
    check_text(segment, model, field, random);
  }
  for (const std::string& field : model.value_text_fields()) {
    INFO(field << " by value");
    check_text(segment, model, field, random);
  }
  check_rows(segment, model, random);
}

void read_everything(const SegmentReader& segment, std::mt19937_64& random) {
  const uint32_t rows = segment.row_count();
  std::vector<uint64_t> bits(words_for(rows) + 1);
  const std::vector<RowId> some = random_rows(random, rows);
  NumericBatch numbers;
  OrdinalBatch ordinals;
  const auto read_terms = [&](const TermsIndex& terms) {
    std::vector<TermInfo> infos;
    for (auto it = terms.iterate(""); it->valid(); it->next()) {
      if (random() % 8 == 0) infos.push_back(it->info());
      if (random() % 64 == 0) terms.find(it->term());
    }
    for (const TermInfo& info : infos) {
      const auto postings = terms.postings(info, TermsIndex::Want::kPositions);
      postings->fill(0, rows, bits.data());
      while (postings->next() != kNoRow) {
        REQUIRE(postings->row() < rows);
        postings->freq();
        postings->positions();
      }
      const auto skipping = terms.postings(info, TermsIndex::Want::kRows);
      for (RowId row = 0; row < rows && skipping->advance(row) != kNoRow;
           row = skipping->row() + 100) {
        REQUIRE(skipping->row() < rows);
      }
    }
    terms.visit_containing({}, [](std::string_view, const TermInfo&) {});
    std::vector<uint8_t> norms(some.size());
    terms.norms(some, norms.data());
    terms.fill_present(0, rows, bits.data());
  };
  for (const FieldKey& field : segment.fields()) {
    if (is_numeric(field.kind)) {
      const NumericColumn& column = *segment.numeric(field.path, field.kind);
      column.gather(some, numbers);
      column.fill_range(0, rows, column.min() + 1, column.max(), bits.data());
      column.fill_present(0, rows, bits.data());
      if (column.sorted()) {
        for (int i = 0; i < 10; ++i) {
          REQUIRE(column.lower_bound(column.min() + static_cast<int64_t>(random() % 5000)) <= rows);
        }
      }
    } else if (field.kind == Kind::kTerms) {
      read_terms(*segment.terms(field.path, field.kind));
    } else {
      const OrdinalColumn& column = *segment.ordinals(field.path, field.kind);
      column.gather(some, ordinals);
      for (const uint32_t ordinal : ordinals.values) REQUIRE(ordinal < column.ordinal_count());
      column.fill_range(0, rows, 1, column.ordinal_count(), bits.data());
      column.fill_present(0, rows, bits.data());
      if (column.ordinal_count() > 0)
        column.term(static_cast<uint32_t>(random() % column.ordinal_count()));
      read_terms(*segment.terms(field.path, field.kind));
    }
  }
  std::vector<RowData> data;
  segment.row_data(some, data);
  for (const RowData& row : data) {
    segment.rows_of_explicit_id(row.id);
    segment.find_seq_no(row.seq_no);
  }
  segment.sources(some, [](size_t, std::string_view) {});
}

}  // namespace stratalog::test
