// A set of patterns with "*" over dotted paths, asked step by step as a document is walked:
// Elasticsearch's field automata.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stratalog::query {

class PathPatterns {
 public:
  // Places in the patterns that a path so far has reached. Empty: nothing that begins so can match.
  using State = std::vector<uint32_t>;

  explicit PathPatterns(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
  bool empty() const { return patterns_.empty(); }

  State start() const;
  State step(const State& state, std::string_view text) const;
  bool accepts(const State& state) const;
  bool matches(std::string_view path) const { return accepts(step(start(), path)); }

 private:
  void add(State& state, uint32_t pattern, uint32_t place) const;

  std::vector<std::string> patterns_;
};

}  // namespace stratalog::query
