// Where a text may be cut: sentences and words, near enough to Java's BreakIterator for log lines,
// and Elasticsearch's BoundedBreakIteratorScanner on top of them.
//
// Shape   offsets are UTF-16 units of one value.
#pragma once

#include <cstdint>
#include <string_view>

namespace stratalog::query {

// The start of the sentence that holds unit offset - 1; the end of the one that holds `offset`.
size_t sentence_before(std::u16string_view text, size_t offset);
size_t sentence_after(std::u16string_view text, size_t offset);

// The last word boundary before `offset`; the first behind it.
size_t word_before(std::u16string_view text, size_t offset);
size_t word_after(std::u16string_view text, size_t offset);

// Cuts passages around matches, in order of their starts.
class PassageScanner {
 public:
  enum class Mode : uint8_t { kWhole, kSentence, kBoundedSentence, kWord };
  PassageScanner(std::u16string_view text, Mode mode, size_t length_max)
      : text_(text), mode_(mode), length_max_(length_max) {}
  struct Span {
    size_t begin = 0;
    size_t end = 0;
  };
  // The passage of a match that starts at `start`, behind the end of the last passage.
  Span around(size_t start);

 private:
  Span bounded(size_t offset);

  std::u16string_view text_;
  Mode mode_;
  size_t length_max_;
  size_t window_begin_ = SIZE_MAX, window_end_ = 0;
  size_t inner_end_ = 0;
  bool started_ = false;
};

}  // namespace stratalog::query
