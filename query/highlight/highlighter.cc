#include "query/highlight/highlighter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/json_writer.h"
#include "base/unicode.h"
#include "index/analysis/analyzer.h"
#include "index/analysis/token.h"
#include "query/exec/field_plans.h"
#include "query/highlight/boundaries.h"

namespace stratalog::query {

using index::FieldType;
using index::MappedField;

namespace {

struct Phrase {
  std::vector<PlanVisitor::PhraseTerm> places;
  uint32_t slop = 0;
};

// What a query looks for in one field.
struct Wanted {
  std::vector<std::string> terms;
  std::vector<std::function<bool(std::string_view)>> patterns;
  std::vector<Phrase> phrases;
  bool empty() const { return terms.empty() && patterns.empty() && phrases.empty(); }
};

class WantedByField final : public PlanVisitor {
 public:
  void term(const std::string& field, const std::string& term) override {
    fields_[field].terms.push_back(term);
  }
  void phrase(const std::string& field, const std::vector<PhraseTerm>& terms,
              uint32_t slop) override {
    fields_[field].phrases.push_back({terms, slop});
  }
  void pattern(const std::string& field, std::function<bool(std::string_view)> matches) override {
    fields_[field].patterns.push_back(std::move(matches));
  }

  const Wanted* of(const std::string& field) const {
    const auto it = fields_.find(field);
    return it == fields_.end() || it->second.empty() ? nullptr : &it->second;
  }
  Wanted all() const {
    Wanted out;
    for (const auto& [field, wanted] : fields_) {
      out.terms.insert(out.terms.end(), wanted.terms.begin(), wanted.terms.end());
      out.patterns.insert(out.patterns.end(), wanted.patterns.begin(), wanted.patterns.end());
      out.phrases.insert(out.phrases.end(), wanted.phrases.begin(), wanted.phrases.end());
    }
    return out;
  }

 private:
  std::map<std::string, Wanted> fields_;
};

// A match: units of the whole text (values joined by one unit).
struct Match {
  size_t begin = 0;
  size_t end = 0;
  uint32_t term = 0;  // what matched, for scores of passages
};

struct Passage {
  size_t begin = 0;
  size_t end = 0;
  std::vector<Match> matches;
  float score = 0;
};

// Lucene's PassageScorer.
float passage_score(const Passage& passage, size_t content_length,
                    const std::vector<uint32_t>& freqs) {
  constexpr float kK1 = 1.2F, kB = 0.75F, kPivot = 87.0F;
  std::map<uint32_t, uint32_t> here;
  for (const Match& match : passage.matches) ++here[match.term];
  float score = 0;
  for (const auto& [term, count] : here) {
    const float documents = 1 + static_cast<float>(content_length) / kPivot;
    const float weight =
        (kK1 + 1) * static_cast<float>(
                        std::log(1 + (static_cast<double>(documents) + 0.5) / (freqs[term] + 0.5)));
    const float norm =
        kK1 * ((1 - kB) + kB * (static_cast<float>(passage.end - passage.begin) / kPivot));
    score += static_cast<float>(count) / (static_cast<float>(count) + norm) * weight;
  }
  return score * (1 + 1 / static_cast<float>(std::log(kPivot + static_cast<float>(passage.begin))));
}

std::u16string to_utf16(std::string_view text) {
  // Mostly all of it is ASCII.
  size_t at = 0;
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  std::u16string out(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at));
  out.reserve(text.size());
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      out.push_back(byte);
      ++at;
      continue;
    }
    const char32_t c = decode_utf8(text, at);
    if (c < 0x10000) {
      out.push_back(static_cast<char16_t>(c));
    } else {
      out.push_back(static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF)));
    }
  }
  return out;
}

void append_units(std::string& out, std::u16string_view text, bool html) {
  if (!html && std::all_of(text.begin(), text.end(), [](char16_t c) { return c < 0x80; })) {
    const size_t before = out.size();
    out.resize(before + text.size());
    std::transform(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(before),
                   [](char16_t c) { return static_cast<char>(c); });
    return;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    char32_t c = text[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < text.size()) {
      c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00U);
    }
    if (html) {
      const char* entity = c == '"'    ? "&quot;"
                           : c == '&'  ? "&amp;"
                           : c == '<'  ? "&lt;"
                           : c == '>'  ? "&gt;"
                           : c == '\'' ? "&#x27;"
                           : c == '/'  ? "&#x2F;"
                                       : nullptr;
      if (entity != nullptr) {
        out += entity;
        continue;
      }
    }
    append_utf8(out, c);
  }
}

std::string_view trimmed(std::string_view text) {  // Java's String.trim
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

struct TokenAt {
  std::string text;
  uint32_t position = 0;
  size_t begin = 0;  // units of the whole text
  size_t end = 0;
};

// One field that is highlighted, prepared once a request and index.
class FieldHighlighter {
 public:
  FieldHighlighter(const IndexContext& index, const MappedField& field, std::string name,
                   std::string source_path, const HighlightOptions& options, bool html,
                   Wanted wanted)
      : index_(index),
        field_(field),
        name_(std::move(name)),
        source_path_(std::move(source_path)),
        options_(options),
        html_(html),
        wanted_(std::move(wanted)) {
    for (const std::string& term : wanted_.terms)
      by_term_.emplace(term, static_cast<uint32_t>(by_term_.size()));
    for (const Phrase& phrase : wanted_.phrases) {
      for (const auto& place : phrase.places) {
        for (const std::string& term : place.terms) {
          phrase_terms_.emplace(term,
                                static_cast<uint32_t>(by_term_.size() + phrase_terms_.size()));
        }
      }
    }
  }

  const std::string& name() const { return name_; }

  Result<std::vector<std::string>> run(const SourceTree& tree) {
    values_.clear();
    collect(tree, tree.root(), source_path_);
    std::vector<std::string> out;
    if (values_.empty()) return out;
    size_t length = 0;
    texts_.clear();
    starts_.clear();
    for (const std::string_view value : values_) {
      texts_.push_back(to_utf16(value));
      starts_.push_back(length);
      length += texts_.back().size() + 1;
    }
    --length;
    const int64_t most = index_.setting("highlight.max_analyzed_offset", kHighlightOffsetMax);
    if (static_cast<int64_t>(length) > most && !options_.max_analyzed_offset &&
        field_.type == FieldType::kText) {
      return Error(error_types::kIllegalArgument,
                   "The length of [" + name_ + "] field has exceeded [" + std::to_string(most) +
                       "] - maximum allowed to be analyzed for highlighting. This maximum can be "
                       "set by changing the " +
                       "[index.highlight.max_analyzed_offset] index level setting. For large "
                       "texts, indexing with " +
                       "offsets or term vectors is recommended!");
    }
    const std::vector<Match> matches = find_matches();
    if (matches.empty()) {
      if (options_.no_match_size > 0) out.push_back(summary());
      return out;
    }
    std::vector<Passage> passages = cut(matches, length);
    if (options_.order_by_score) {
      std::stable_sort(passages.begin(), passages.end(),
                       [](const Passage& a, const Passage& b) { return a.score > b.score; });
    }
    for (const Passage& passage : passages) out.push_back(format(passage));
    return out;
  }

 private:
  // The values at a dotted path; keys may hold dots themselves.
  void collect(const SourceTree& tree, const SourceTree::Node& node, std::string_view path) {
    if (node.type == SourceTree::Type::kArray) {
      tree.each_child(node, [&](const SourceTree::Node& child) { collect(tree, child, path); });
      return;
    }
    if (path.empty()) {
      if (node.type == SourceTree::Type::kObject || node.type == SourceTree::Type::kNull) return;
      if (field_.ignore_above != UINT32_MAX && node.text.size() > field_.ignore_above &&
          utf16_length(node.text) > field_.ignore_above) {
        return;
      }
      values_.push_back(node.text);
      return;
    }
    if (node.type != SourceTree::Type::kObject) return;
    tree.each_child(node, [&](const SourceTree::Node& child) {
      if (!path.starts_with(child.key)) return;
      const std::string_view rest = path.substr(child.key.size());
      if (rest.empty()) {
        collect(tree, child, rest);
      } else if (rest[0] == '.') {
        collect(tree, child, rest.substr(1));
      }
    });
  }

  std::vector<TokenAt> tokens() {
    std::vector<TokenAt> out;
    uint32_t position = 0;
    for (size_t v = 0; v < values_.size(); ++v) {
      if (field_.type != FieldType::kText) {
        TokenAt token{std::string(values_[v]), position, starts_[v], starts_[v] + texts_[v].size()};
        if (field_.analyzer != nullptr) token.text = field_.analyzer->normalize(values_[v]);
        out.push_back(std::move(token));
        position += index::kPositionIncrementGap;
        continue;
      }
      std::string_view text = values_[v];
      if (options_.max_analyzed_offset &&
          text.size() > static_cast<size_t>(*options_.max_analyzed_offset)) {
        text = text.substr(0, static_cast<size_t>(*options_.max_analyzed_offset));
      }
      const index::Analyzer& analyzer =
          field_.analyzer ? *field_.analyzer : index::standard_analyzer();
      analyzer.analyze(text, buffer_);
      index::Utf16Offsets units(text);
      const bool plain = texts_[v].size() == values_[v].size();  // one unit a byte
      for (const index::Token& token : buffer_.tokens()) {
        const uint32_t begin = plain ? token.start : units.at(token.start);
        const uint32_t end = plain ? token.end : units.at(token.end);
        if (!interesting(token.text)) continue;
        out.push_back({std::string(token.text), position + token.position, starts_[v] + begin,
                       starts_[v] + end});
      }
      position += buffer_.position_count() + field_.position_increment_gap;
    }
    return out;
  }

  bool interesting(std::string_view term) const {
    if (by_term_.contains(std::string(term)) || phrase_terms_.contains(std::string(term)))
      return true;
    for (const auto& matches : wanted_.patterns) {
      if (matches(term)) return true;
    }
    for (const Phrase& phrase : wanted_.phrases) {
      for (const auto& place : phrase.places) {
        if (!place.prefix) continue;
        for (const std::string& prefix : place.terms) {
          if (term.starts_with(prefix)) return true;
        }
      }
    }
    return false;
  }

  std::vector<Match> find_matches() {
    const std::vector<TokenAt> found = tokens();
    std::vector<Match> out;
    const auto pattern_base = static_cast<uint32_t>(by_term_.size() + phrase_terms_.size());
    freqs_.assign(pattern_base + wanted_.patterns.size() + 1, 0);
    std::vector<char> in_phrase(found.size(), 0);
    for (const Phrase& phrase : wanted_.phrases) mark_phrase(phrase, found, in_phrase);
    for (size_t i = 0; i < found.size(); ++i) {
      const TokenAt& token = found[i];
      uint32_t term = UINT32_MAX;
      if (const auto it = by_term_.find(token.text); it != by_term_.end()) {
        term = it->second;
      } else if (in_phrase[i] != 0) {
        const auto word = phrase_terms_.find(token.text);
        term = word == phrase_terms_.end()
                   ? pattern_base + static_cast<uint32_t>(wanted_.patterns.size())
                   : word->second;
      } else {
        for (size_t p = 0; term == UINT32_MAX && p < wanted_.patterns.size(); ++p) {
          if (wanted_.patterns[p](token.text)) term = pattern_base + static_cast<uint32_t>(p);
        }
      }
      if (term == UINT32_MAX) continue;
      ++freqs_[term];
      out.push_back({token.begin, token.end, term});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Match& a, const Match& b) { return a.begin < b.begin; });
    return out;
  }

  // Marks the tokens of every place where the phrase occurs.
  static void mark_phrase(const Phrase& phrase, const std::vector<TokenAt>& tokens,
                          std::vector<char>& marks) {
    const auto fits = [](const PlanVisitor::PhraseTerm& place, const std::string& text) {
      for (const std::string& term : place.terms) {
        if (place.prefix ? text.starts_with(term) : text == term) return true;
      }
      return false;
    };
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (!fits(phrase.places[0], tokens[i].text)) continue;
      const int64_t base = static_cast<int64_t>(tokens[i].position) - phrase.places[0].position;
      std::vector<size_t> chosen{i};
      int64_t least = base, greatest = base;
      for (size_t p = 1; p < phrase.places.size(); ++p) {
        // The nearest token to where the place should be.
        size_t best = SIZE_MAX;
        int64_t best_distance = INT64_MAX;
        for (size_t k = 0; k < tokens.size(); ++k) {
          if (!fits(phrase.places[p], tokens[k].text)) continue;
          if (std::find(chosen.begin(), chosen.end(), k) != chosen.end()) continue;
          const int64_t distance =
              std::abs(static_cast<int64_t>(tokens[k].position) - phrase.places[p].position - base);
          if (distance < best_distance) {
            best_distance = distance;
            best = k;
          }
        }
        if (best == SIZE_MAX) {
          chosen.clear();
          break;
        }
        chosen.push_back(best);
        const int64_t start =
            static_cast<int64_t>(tokens[best].position) - phrase.places[p].position;
        least = std::min(least, start);
        greatest = std::max(greatest, start);
      }
      if (greatest - least > static_cast<int64_t>(phrase.slop)) continue;
      for (const size_t k : chosen) marks[k] = 1;
    }
  }

  size_t value_of(size_t unit) const {
    return static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), unit) -
                               starts_.begin()) -
           1;
  }

  // Lucene's FieldHighlighter: passages around matches, the best of them kept, in document order.
  std::vector<Passage> cut(const std::vector<Match>& matches, size_t content_length) {
    using Mode = PassageScanner::Mode;
    const bool whole = options_.number_of_fragments == 0;
    const Mode mode = whole                        ? Mode::kWhole
                      : options_.word_boundaries   ? Mode::kWord
                      : options_.fragment_size > 0 ? Mode::kBoundedSentence
                                                   : Mode::kSentence;
    const size_t most =
        whole ? SIZE_MAX : static_cast<size_t>(std::max<int64_t>(1, options_.number_of_fragments));
    std::vector<Passage> passages;
    Passage current;
    bool open = false;
    size_t value = SIZE_MAX;
    std::unique_ptr<PassageScanner> scanner;
    const auto close = [&] {
      if (!open) return;
      open = false;
      current.score = passage_score(current, content_length, freqs_);
      passages.push_back(std::move(current));
      current = {};
      if (passages.size() <= most) return;
      const auto worst = std::min_element(
          passages.begin(), passages.end(), [](const Passage& a, const Passage& b) {
            return a.score != b.score ? a.score < b.score : a.begin < b.begin;
          });
      passages.erase(worst);
    };
    for (const Match& match : matches) {
      if (!open || match.begin >= current.end) {
        close();
        const size_t in = value_of(match.begin);
        if (in != value) {
          value = in;
          scanner = std::make_unique<PassageScanner>(texts_[in], mode,
                                                     static_cast<size_t>(options_.fragment_size));
        }
        const PassageScanner::Span span = scanner->around(match.begin - starts_[in]);
        current.begin = starts_[in] + span.begin;
        current.end = starts_[in] + span.end;
        open = true;
      }
      current.matches.push_back(match);
    }
    close();
    std::sort(passages.begin(), passages.end(),
              [](const Passage& a, const Passage& b) { return a.begin < b.begin; });
    return passages;
  }

  std::string format(const Passage& passage) const {
    const size_t value = value_of(passage.begin);
    const std::u16string_view text = texts_[value];
    const size_t base = starts_[value];
    std::string out;
    size_t at = passage.begin;
    for (size_t i = 0; i < passage.matches.size(); ++i) {
      const size_t begin = passage.matches[i].begin;
      size_t end = passage.matches[i].end;
      if (begin < at) continue;
      append_units(out, text.substr(at - base, begin - at), html_);
      while (i + 1 < passage.matches.size() && passage.matches[i + 1].begin < end) {
        end = std::max(end, passage.matches[++i].end);
      }
      end = std::min(end, base + text.size());
      out += options_.pre_tags[0];
      append_units(out, text.substr(begin - base, end - begin), html_);
      out += options_.post_tags[0];
      at = end;
    }
    if (at < passage.end) append_units(out, text.substr(at - base, passage.end - at), html_);
    return std::string(trimmed(out));
  }

  // The beginning, where nothing matched (no_match_size).
  std::string summary() const {
    const std::u16string_view text = texts_[0];
    size_t end = text.size();
    const auto wanted = static_cast<size_t>(options_.no_match_size);
    if (wanted < end) end = word_after(text, wanted);
    std::string out;
    append_units(out, text.substr(0, end), html_);
    return std::string(trimmed(out));
  }

  const IndexContext& index_;
  const MappedField& field_;
  std::string name_;
  std::string source_path_;
  HighlightOptions options_;
  bool html_;
  Wanted wanted_;
  std::unordered_map<std::string, uint32_t> by_term_;
  std::unordered_map<std::string, uint32_t> phrase_terms_;
  std::vector<uint32_t> freqs_;
  std::vector<std::string_view> values_;
  std::vector<std::u16string> texts_;
  std::vector<size_t> starts_;
  index::TokenBuffer buffer_;
};

class UnifiedHighlighter final : public Highlighter {
 public:
  explicit UnifiedHighlighter(std::vector<std::unique_ptr<FieldHighlighter>> fields)
      : fields_(std::move(fields)) {}

  Result<bool> append(std::string& out, const SourceTree& tree) override {
    json::Writer w(out);
    bool any = false;
    for (const auto& field : fields_) {
      ASSIGN_OR_RETURN(const std::vector<std::string> fragments, field->run(tree));
      if (fragments.empty()) continue;
      if (!any) w.begin_object();
      any = true;
      w.key(field->name()).begin_array();
      for (const std::string& fragment : fragments) w.string(fragment);
      w.end_array();
    }
    if (any) w.end_object();
    return any;
  }

 private:
  std::vector<std::unique_ptr<FieldHighlighter>> fields_;
};

}  // namespace

Result<std::unique_ptr<Highlighter>> Highlighter::make(const IndexContext& index,
                                                       const HighlightRequest& request,
                                                       const Plan& plan) {
  WantedByField wanted;
  plan.visit(wanted);
  std::vector<std::unique_ptr<FieldHighlighter>> out;
  std::vector<std::string> done;
  for (const HighlightField& spec : request.fields) {
    std::optional<WantedByField> own;
    if (spec.options.query != nullptr) {
      ASSIGN_OR_RETURN(const PlanPtr own_plan, make_filter_plan(*spec.options.query, index));
      own.emplace();
      own_plan->visit(*own);
    }
    const WantedByField& from = own ? *own : wanted;
    const bool pattern = spec.pattern.find('*') != std::string::npos;
    std::vector<const MappedField*> fields;
    if (pattern) {
      fields = index.mapping().match(spec.pattern);
    } else if (const MappedField* field = index.mapping().find(spec.pattern)) {
      fields.push_back(field);
    }
    for (const MappedField* field : fields) {
      const MappedField* target = index.mapping().resolve(field->path);
      if (target == nullptr) continue;
      const bool text = target->type == FieldType::kText || target->type == FieldType::kKeyword;
      if (!text || std::find(done.begin(), done.end(), field->path) != done.end()) continue;
      Wanted looked_for;
      if (!spec.options.require_field_match) {
        looked_for = from.all();
      } else if (const Wanted* here = from.of(target->path)) {
        looked_for = *here;
      }
      if (looked_for.empty() && spec.options.no_match_size <= 0) continue;
      done.push_back(field->path);
      const std::string source =
          target->parent ? index.mapping().fields()[*target->parent]->path : target->path;
      out.push_back(std::make_unique<FieldHighlighter>(
          index, *target, field->path, source, spec.options, request.html, std::move(looked_for)));
    }
  }
  return std::unique_ptr<Highlighter>(std::make_unique<UnifiedHighlighter>(std::move(out)));
}

}  // namespace stratalog::query
