#include "index/analysis/case_filters.h"

#include "index/analysis/chars.h"

namespace stratalog::index {

namespace {

template <size_t (*write)(std::string_view, char*)>
void map_tokens(TokenBuffer& tokens) {
  for (Token& token : tokens.mutable_tokens()) {
    const size_t room = case_mapped_bytes_max(token.text.size());
    char* mapped = tokens.allocate(room);
    const size_t length = write(token.text, mapped);
    tokens.give_back(room - length);
    token.text = {mapped, length};
  }
}

}  // namespace

void LowercaseFilter::apply(TokenBuffer& tokens) const { map_tokens<write_lower>(tokens); }
void UppercaseFilter::apply(TokenBuffer& tokens) const { map_tokens<write_upper>(tokens); }

}  // namespace stratalog::index
