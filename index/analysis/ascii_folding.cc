#include <algorithm>
#include <cstring>

#include "base/unicode.h"
#include "index/analysis/ascii_folding_data.h"
#include "index/analysis/chars.h"
#include "index/analysis/token_filters.h"

namespace stratalog::index {

namespace {

const AsciiFolding* find_folding(char32_t c) {
  const AsciiFolding* const end = kAsciiFoldings + kAsciiFoldingCount;
  const AsciiFolding* found = std::lower_bound(
      kAsciiFoldings, end, c,
      [](const AsciiFolding& folding, char32_t from) { return folding.from < from; });
  return found != end && found->from == c ? found : nullptr;
}

// Four characters come of one of three bytes at most: "(10)".
constexpr size_t kGrowthMax = 3;

}  // namespace

void AsciiFoldingFilter::apply(TokenBuffer& tokens) const {
  std::vector<Token> folded_tokens;
  for (const Token& token : tokens.tokens()) {
    Token folded = token;
    if (!is_ascii(token.text)) {
      const size_t room = token.text.size() * kGrowthMax;
      char* const memory = tokens.allocate(room);
      char* to = memory;
      for (size_t at = 0; at < token.text.size();) {
        const char32_t c = decode_utf8(token.text, at);
        const AsciiFolding* folding = c < 0x80 ? nullptr : find_folding(c);
        if (folding == nullptr) {
          to += write_utf8(c, to);
        } else {
          const size_t length = std::strlen(folding->to);
          std::memcpy(to, folding->to, length);
          to += length;
        }
      }
      const auto length = static_cast<size_t>(to - memory);
      tokens.give_back(room - length);
      folded.text = {memory, length};
    }
    folded_tokens.push_back(folded);
    if (preserve_original_ && folded.text != token.text) folded_tokens.push_back(token);
  }
  tokens.mutable_tokens().swap(folded_tokens);
}

}  // namespace stratalog::index
