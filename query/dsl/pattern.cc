#include "query/dsl/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/unicode.h"
#include "query/exec/boolean.h"

namespace stratalog::query {
namespace {

struct WildcardToken {
  enum Kind : uint8_t { kLiteral, kOne, kMany } kind = kLiteral;
  char32_t c = 0;
};

char32_t lower_ascii(char32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }

std::vector<WildcardToken> wildcard_tokens(std::string_view text) {
  std::vector<WildcardToken> tokens;
  for (size_t at = 0; at < text.size();) {
    char32_t c = decode_utf8(text, at);
    if (c == '*') {
      if (tokens.empty() || tokens.back().kind != WildcardToken::kMany)
        tokens.push_back({WildcardToken::kMany, 0});
    } else if (c == '?') {
      tokens.push_back({WildcardToken::kOne, 0});
    } else {
      if (c == '\\' && at < text.size()) c = decode_utf8(text, at);
      tokens.push_back({WildcardToken::kLiteral, c});
    }
  }
  return tokens;
}

// Greedy with one place to come back to: linear for each star.
bool wildcard_matches(const std::vector<WildcardToken>& tokens, std::string_view text,
                      bool any_case) {
  size_t token = 0, at = 0, star = SIZE_MAX, star_at = 0;
  while (at < text.size()) {
    if (token < tokens.size() && tokens[token].kind == WildcardToken::kMany) {
      star = token++;
      star_at = at;
      continue;
    }
    size_t next = at;
    const char32_t c = decode_utf8(text, next);
    const bool fits = token < tokens.size() &&
                      (tokens[token].kind == WildcardToken::kOne || tokens[token].c == c ||
                       (any_case && lower_ascii(tokens[token].c) == lower_ascii(c)));
    if (fits) {
      ++token;
      at = next;
    } else if (star != SIZE_MAX) {
      token = star + 1;
      decode_utf8(text, star_at);
      at = star_at;
    } else {
      return false;
    }
  }
  while (token < tokens.size() && tokens[token].kind == WildcardToken::kMany) ++token;
  return token == tokens.size();
}

Error unsupported_operator(const char* what) {
  return Error(error_types::kIllegalArgument,
               std::string("[regexp] ") + what + " are not supported");
}

// Lucene's syntax as RE2's. Positions in messages are code units of the pattern.
Result<std::string> translate_regexp(std::string_view text) {
  std::string out;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '~':
        return unsupported_operator("complements (~)");
      case '&':
        return unsupported_operator("intersections (&)");
      case '<':
        return unsupported_operator("numeric intervals (<>)");
      case '@':
        out += "(?:.*)";
        break;
      case '#':
        out += "[^\\x{0}-\\x{10FFFF}]";
        break;
      case '^':
      case '$':
        out += '\\';
        out += c;
        break;
      case '"': {
        const size_t close = text.find('"', i + 1);
        if (close == std::string_view::npos) {
          return Error(error_types::kIllegalArgument,
                       "expected '\"' at position " + std::to_string(text.size()));
        }
        out +=
            "(?:" + re2::RE2::QuoteMeta(re2::StringPiece(text.data() + i + 1, close - i - 1)) + ")";
        i = close;
        break;
      }
      case '\\': {
        if (i + 1 >= text.size())
          return Error(error_types::kIllegalArgument, "unexpected end-of-string");
        const char next = text[++i];
        if (std::string_view("dDwWsS").find(next) != std::string_view::npos) {
          out += '\\';
          out += next;
        } else {
          size_t at = i;
          decode_utf8(text, at);
          out += re2::RE2::QuoteMeta(re2::StringPiece(text.data() + i, at - i));
          i = at - 1;
        }
        break;
      }
      case '[': {
        size_t close = i + 1;
        if (close < text.size() && text[close] == '^') ++close;
        while (close < text.size() && text[close] != ']') close += text[close] == '\\' ? 2 : 1;
        if (close >= text.size()) {
          return Error(error_types::kIllegalArgument,
                       "expected ']' at position " + std::to_string(text.size()));
        }
        std::string inner;
        for (size_t k = i + 1; k < close; ++k) {
          if (text[k] == '[') inner += '\\';
          inner += text[k];
        }
        out += "[" + inner + "]";
        i = close;
        break;
      }
      case '(':
        ++depth;
        out += "(?:";
        break;
      case ')':
        --depth;
        out += c;
        break;
      default:
        out += c;
    }
  }
  if (depth > 0)
    return Error(error_types::kIllegalArgument,
                 "expected ')' at position " + std::to_string(text.size()));
  return out;
}

}  // namespace

TermPattern prefix_pattern(std::string_view text, bool case_insensitive) {
  TermPattern pattern;
  pattern.key = (case_insensitive ? "P" : "p") + std::string(text);
  if (!case_insensitive) {
    pattern.prefix = text;
    return pattern;
  }
  std::vector<WildcardToken> tokens;
  for (size_t at = 0; at < text.size();)
    tokens.push_back({WildcardToken::kLiteral, decode_utf8(text, at)});
  tokens.push_back({WildcardToken::kMany, 0});
  pattern.matches = [tokens](std::string_view term) {
    return wildcard_matches(tokens, term, true);
  };
  return pattern;
}

TermPattern wildcard_pattern(std::string_view text, bool case_insensitive) {
  const std::vector<WildcardToken> tokens = wildcard_tokens(text);
  TermPattern pattern;
  pattern.key = (case_insensitive ? "W" : "w") + std::string(text);
  if (!case_insensitive) {
    std::string run;
    bool first = true;
    const auto finish = [&] {
      if (first) {
        pattern.prefix = run;
      } else if (!run.empty()) {
        pattern.parts.push_back(run);
      }
      first = false;
      run.clear();
    };
    for (const WildcardToken& token : tokens) {
      if (token.kind == WildcardToken::kLiteral) {
        append_utf8(run, token.c);
      } else {
        finish();
      }
    }
    finish();
    const bool only_prefix = !tokens.empty() && tokens.back().kind == WildcardToken::kMany &&
                             std::all_of(tokens.begin(), tokens.end() - 1, [](const auto& t) {
                               return t.kind == WildcardToken::kLiteral;
                             });
    if (only_prefix) return pattern;
    const bool contains =
        pattern.prefix.empty() && pattern.parts.size() == 1 && tokens.size() > 2 &&
        tokens.front().kind == WildcardToken::kMany && tokens.back().kind == WildcardToken::kMany &&
        std::all_of(tokens.begin() + 1, tokens.end() - 1,
                    [](const auto& t) { return t.kind == WildcardToken::kLiteral; });
    if (contains) {
      pattern.matches = [part = pattern.parts[0]](std::string_view term) {
        return term.find(part) != std::string_view::npos;
      };
      return pattern;
    }
  }
  pattern.matches = [tokens, case_insensitive](std::string_view term) {
    return wildcard_matches(tokens, term, case_insensitive);
  };
  return pattern;
}

Result<TermPattern> regexp_pattern(std::string_view text, bool case_insensitive) {
  ASSIGN_OR_RETURN(const std::string translated, translate_regexp(text));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_case_sensitive(!case_insensitive);
  options.set_max_mem(8 << 20);
  auto regexp = std::make_shared<const re2::RE2>(translated, options);
  if (!regexp->ok()) {
    return Error(error_types::kIllegalArgument,
                 "[regexp] can't read [" + std::string(text) + "]: " + regexp->error());
  }
  TermPattern pattern;
  pattern.key = (case_insensitive ? "R" : "r") + std::string(text);
  if (!case_insensitive) {
    // A literal beginning narrows the terms to look at; a quantifier takes its last character back.
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ' ' || c == '/' ||
                         c == ':';
      if (plain) {
        pattern.prefix += c;
        continue;
      }
      if ((c == '*' || c == '?' || c == '{' || c == '+') && !pattern.prefix.empty())
        pattern.prefix.pop_back();
      break;
    }
    if (text.find('|') != std::string_view::npos) pattern.prefix.clear();
  }
  pattern.matches = [regexp](std::string_view term) {
    return re2::RE2::FullMatch(re2::StringPiece(term.data(), term.size()), *regexp);
  };
  return pattern;
}

Result<Fuzziness> Fuzziness::parse(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  Fuzziness fuzziness;
  if (upper == "AUTO") return fuzziness;
  const auto bad = [&] {
    return Error(error_types::kNumberFormat, "For input string: \"" + upper + "\"");
  };
  if (upper.starts_with("AUTO:")) {
    const size_t comma = upper.find(',');
    if (comma == std::string::npos) {
      return Error(error_types::kElasticsearchParse, "failed to find low and high distance values");
    }
    const auto low = std::from_chars(upper.data() + 5, upper.data() + comma, fuzziness.low);
    const auto high =
        std::from_chars(upper.data() + comma + 1, upper.data() + upper.size(), fuzziness.high);
    if (low.ec != std::errc{} || high.ec != std::errc{}) return bad();
    return fuzziness;
  }
  float edits = 0;
  const auto [end, ec] = std::from_chars(upper.data(), upper.data() + upper.size(), edits);
  if (ec != std::errc{} || end != upper.data() + upper.size()) return bad();
  fuzziness.automatic = false;
  fuzziness.edits = std::clamp(static_cast<int>(edits), 0, 2);
  return fuzziness;
}

int Fuzziness::edits_for(std::string_view term) const {
  if (!automatic) return edits;
  const int length = static_cast<int>(code_points(term).size());
  if (length < low) return 0;
  return length < high ? 1 : 2;
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (size_t at = 0; at < text.size();) out.push_back(decode_utf8(text, at));
  return out;
}

int edit_distance(std::u32string_view a, std::u32string_view b, int most, bool transpositions) {
  const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  if (std::abs(n - m) > most) return most + 1;
  std::vector<int> before(static_cast<size_t>(m) + 1), above(before), row(before);
  for (int j = 0; j <= m; ++j) above[static_cast<size_t>(j)] = j;
  for (int i = 1; i <= n; ++i) {
    row[0] = i;
    int least = i;
    for (int j = 1; j <= m; ++j) {
      const auto at = static_cast<size_t>(j);
      const bool same = a[static_cast<size_t>(i - 1)] == b[at - 1];
      int v = std::min({above[at] + 1, row[at - 1] + 1, above[at - 1] + (same ? 0 : 1)});
      if (transpositions && i > 1 && j > 1 && a[static_cast<size_t>(i - 1)] == b[at - 2] &&
          a[static_cast<size_t>(i - 2)] == b[at - 1]) {
        v = std::min(v, before[at - 2] + 1);
      }
      row[at] = v;
      least = std::min(least, v);
    }
    if (least > most) return most + 1;
    before.swap(above);
    above.swap(row);
  }
  return std::min(above[static_cast<size_t>(m)], most + 1);
}

PlanPtr fuzzy_plan(const PlanContext& context, const std::string& path, index::Kind kind,
                   const std::string& term, const FuzzyOptions& options) {
  const int most = options.fuzziness.edits_for(term);
  if (most == 0) return term_plan(context.index, {path, kind, term}, context.boost, context.scores);
  const std::u32string target = code_points(term);
  std::string prefix;
  for (size_t i = 0; i < std::min<size_t>(options.prefix_length, target.size()); ++i)
    append_utf8(prefix, target[i]);
  struct Near {
    float similarity = 0;
    uint64_t doc_freq = 0;
  };
  std::map<std::string, Near, std::less<>> near;
  for (const index::SegmentView& segment : context.index.view.segments) {
    const index::TermsIndex* terms = segment.segment->terms(path, kind);
    if (terms == nullptr) continue;
    for (auto it = terms->iterate(prefix); it->valid() && it->term().starts_with(prefix);
         it->next()) {
      const std::string_view candidate = it->term();
      if (candidate.size() > term.size() * 4 + 16) continue;
      const std::u32string points = code_points(candidate);
      const int edits = edit_distance(target, points, most, options.transpositions);
      if (edits > most) continue;
      Near& entry = near[std::string(candidate)];
      // A word as far as it is long matches, for no score.
      entry.similarity =
          std::max(0.0F, 1.0F - static_cast<float>(edits) /
                                    static_cast<float>(std::min(target.size(), points.size())));
      entry.doc_freq += it->info().doc_freq;
    }
  }
  std::vector<std::pair<std::string, Near>> best(near.begin(), near.end());
  std::stable_sort(best.begin(), best.end(), [](const auto& a, const auto& b) {
    return a.second.similarity > b.second.similarity;
  });
  if (best.size() > options.max_expansions) best.resize(options.max_expansions);
  uint64_t doc_freq = 0;
  for (const auto& entry : best) doc_freq = std::max(doc_freq, entry.second.doc_freq);
  BoolParts parts;
  parts.min_should = 1;
  for (const auto& [text, entry] : best) {
    parts.should.push_back(term_plan(context.index, {path, kind, text, doc_freq},
                                     entry.similarity * context.boost, context.scores));
  }
  return bool_plan(std::move(parts), context.scores);
}

}  // namespace stratalog::query
