// What analysis makes of a text: tokens in order, kept in a buffer that is reused from text to
// text.
//
// Calls   clear (allocate | push)*; then tokens(). Analyzer::analyze() clears by itself.
// Shape   Token::text lies in the analysed text, in the buffer's arena, or in static memory: valid
// until the next
//         clear() of the buffer and no longer than the analysed text. start and end are byte
//         offsets into the text given to analyze(), also behind char filters. Positions count from
//         0 and never fall.
// Cost    no allocation once the buffer has seen a text of the size.
// Threads one thread a buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stratalog::index {

enum class TokenType : uint8_t {
  kWord,  // "word": every tokenizer but the standard ones
  kAlphanum,
  kNum,
  kSoutheastAsian,
  kIdeographic,
  kHiragana,
  kKatakana,
  kHangul,
  kEmoji,
  kUrl,
  kEmail,
  kSynonym,
};
std::string_view token_type_name(TokenType type);  // as _analyze shows it: "<ALPHANUM>", "word"

struct Token {
  std::string_view text;
  uint32_t start = 0;     // bytes
  uint32_t end = 0;       // bytes
  uint32_t position = 0;  // of the first token usually 0; a gap where a token was removed
  uint16_t position_length = 1;
  TokenType type = TokenType::kWord;
  bool keyword = false;  // not to be stemmed
};

class TokenBuffer {
 public:
  TokenBuffer() = default;
  TokenBuffer(const TokenBuffer&) = delete;
  TokenBuffer& operator=(const TokenBuffer&) = delete;

  void clear() {
    tokens_.clear();
    position_count_ = 0;
    chunk_ = 0;
    used_ = 0;
  }
  std::span<const Token> tokens() const { return tokens_; }
  std::vector<Token>& mutable_tokens() { return tokens_; }
  void push(const Token& token) { tokens_.push_back(token); }

  // Positions that the text takes, holes at its end included: the first token of a further value of
  // the same field stands at the sum of all former counts plus a gap (index.mapping
  // position_increment_gap, by default 100) for each.
  uint32_t position_count() const { return position_count_; }
  void set_position_count(uint32_t count) { position_count_ = count; }

  // `bytes` of memory that stays where it is until clear().
  char* allocate(size_t bytes) {
    if (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ >= bytes) {
      char* memory = chunks_[chunk_].memory.get() + used_;
      used_ += bytes;
      return memory;
    }
    return allocate_slow(bytes);
  }
  // Gives back the end of the last allocation: `bytes` of it were not needed.
  void give_back(size_t bytes) { used_ -= bytes; }
  std::string_view copy(std::string_view text);

  // Scratch for char filters and token filters; contents are nobody's between calls.
  std::string& scratch() { return scratch_; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  char* allocate_slow(size_t bytes);

  std::vector<Token> tokens_;
  std::vector<Chunk> chunks_;
  size_t chunk_ = 0;
  size_t used_ = 0;
  uint32_t position_count_ = 0;
  std::string scratch_;
};

// Byte offsets to UTF-16 offsets, as Elasticsearch's answers count. Ask in rising order: a linear
// pass over the text.
class Utf16Offsets {
 public:
  explicit Utf16Offsets(std::string_view text) : text_(text) {}
  uint32_t at(uint32_t byte);

 private:
  std::string_view text_;
  uint32_t byte_ = 0;
  uint32_t units_ = 0;
};

}  // namespace stratalog::index
