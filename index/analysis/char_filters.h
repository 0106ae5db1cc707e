// Char filters: html_strip, mapping, pattern_replace.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/analysis-charfilters.html
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "index/analysis/chain.h"
#include "index/analysis/split_tokenizers.h"

namespace stratalog::index {

// Tags and comments go, block tags become a line feed, entities become their characters.
class HtmlStripCharFilter : public CharFilter {
 public:
  explicit HtmlStripCharFilter(std::vector<std::string> escaped_tags)
      : escaped_tags_(std::move(escaped_tags)) {}
  void apply(std::string_view text, std::string& out, OffsetMap& map) const override;
  bool in_normalizers() const override { return false; }

 private:
  std::vector<std::string> escaped_tags_;
};

// The longest key that fits is replaced.
class MappingCharFilter : public CharFilter {
 public:
  explicit MappingCharFilter(std::vector<std::pair<std::string, std::string>> rules);
  void apply(std::string_view text, std::string& out, OffsetMap& map) const override;

 private:
  std::vector<std::pair<std::string, std::string>> rules_;  // longest keys first
};

class PatternReplaceCharFilter : public CharFilter {
 public:
  PatternReplaceCharFilter(Regex regex, std::string replacement)
      : regex_(std::move(regex)), replacement_(std::move(replacement)) {}
  void apply(std::string_view text, std::string& out, OffsetMap& map) const override;

 private:
  Regex regex_;
  std::string replacement_;
};

}  // namespace stratalog::index
