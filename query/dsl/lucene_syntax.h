// Lucene's query syntax -> a tree, as its classic query parser of 8.11 reads it.
// https://lucene.apache.org/core/8_11_1/queryparser/org/apache/lucene/queryparser/classic/package-summary.html
//
// Errors  Lucene's ParseException: parse_exception "Cannot parse '...': Encountered ...".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stratalog::query {

// Lucene's own parse_exception: of another status than Elasticsearch's, so that it is not taken for
// one (it is no ElasticsearchException, which decides about root causes). Never shown as a status.
inline constexpr ErrorType kLuceneParse{"parse_exception", 500};

struct LuceneClause;

struct LuceneNode {
  enum class Type : uint8_t {
    kBool,      // clauses
    kTerm,      // text, unescaped; words: those of a run of bare terms
    kQuoted,    // text, unescaped; slop
    kWildcard,  // text with its escapes: has "*" or "?"
    kPrefix,    // text unescaped, without the star
    kRegexp,    // text between the slashes
    kRange,
    kFuzzy,  // text; fuzzy
  };
  Type type = Type::kTerm;
  std::string field;  // "": the default ones. May hold wildcards
  bool has_field = false;
  std::string text;
  std::vector<std::string> words;  // kTerm of several bare words
  std::string fuzzy;               // what stands behind "~"
  uint32_t slop = 0;
  bool has_slop = false;
  float boost = 1;
  std::string low, high;  // kRange; "*": open
  bool low_quoted = false, high_quoted = false;
  bool include_low = true, include_high = true;
  std::vector<LuceneClause> clauses;
};

struct LuceneClause {
  enum class Conjunction : uint8_t { kNone, kAnd, kOr } conjunction = Conjunction::kNone;
  enum class Modifier : uint8_t { kNone, kNot, kRequired } modifier = Modifier::kNone;
  std::unique_ptr<LuceneNode> node;
};

// A tree whose root is of type kBool.
Result<LuceneNode> parse_lucene(std::string_view query);

// With every character that means something to the syntax escaped (`escape: true`).
std::string escape_lucene(std::string_view text);

}  // namespace stratalog::query
