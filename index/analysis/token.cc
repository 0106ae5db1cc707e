#include "index/analysis/token.h"

#include <algorithm>
#include <cstring>

namespace stratalog::index {

namespace {
constexpr size_t kChunkBytesMin = 4096;
}

std::string_view token_type_name(TokenType type) {
  switch (type) {
    case TokenType::kWord:
      return "word";
    case TokenType::kAlphanum:
      return "<ALPHANUM>";
    case TokenType::kNum:
      return "<NUM>";
    case TokenType::kSoutheastAsian:
      return "<SOUTHEAST_ASIAN>";
    case TokenType::kIdeographic:
      return "<IDEOGRAPHIC>";
    case TokenType::kHiragana:
      return "<HIRAGANA>";
    case TokenType::kKatakana:
      return "<KATAKANA>";
    case TokenType::kHangul:
      return "<HANGUL>";
    case TokenType::kEmoji:
      return "<EMOJI>";
    case TokenType::kUrl:
      return "<URL>";
    case TokenType::kEmail:
      return "<EMAIL>";
    case TokenType::kSynonym:
      return "SYNONYM";
  }
  return "word";
}

// The next chunk that is large enough; chunks are kept from text to text, so a buffer soon stops
// growing.
char* TokenBuffer::allocate_slow(size_t bytes) {
  if (chunk_ < chunks_.size()) ++chunk_;
  while (chunk_ < chunks_.size() && chunks_[chunk_].size < bytes) ++chunk_;
  if (chunk_ == chunks_.size()) {
    const size_t size = std::max(bytes, chunks_.empty() ? kChunkBytesMin : chunks_.back().size * 2);
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
  }
  used_ = bytes;
  return chunks_[chunk_].memory.get();
}

std::string_view TokenBuffer::copy(std::string_view text) {
  if (text.empty()) return {};
  char* memory = allocate(text.size());
  std::memcpy(memory, text.data(), text.size());
  return {memory, text.size()};
}

uint32_t Utf16Offsets::at(uint32_t byte) {
  if (byte < byte_) {
    byte_ = 0;
    units_ = 0;
  }
  for (; byte_ < byte && byte_ < text_.size(); ++byte_) {
    const auto c = static_cast<unsigned char>(text_[byte_]);
    if ((c & 0xC0) != 0x80) units_ += c >= 0xF0 ? 2 : 1;
  }
  return units_;
}

}  // namespace stratalog::index
