#include "index/document/json_tokens.h"

#include <simdjson.h>

#include <algorithm>

namespace stratalog::index {

namespace {
// Room for tokens is kept up to this size of text; a greater text gets its own for the time of its
// scan's use.
constexpr size_t kKeptCapacity = 1 << 20;
constexpr size_t kSmallestCapacity = 16 << 10;
constexpr size_t kNesting = 1;  // the second stage, which is not used, would need more
}  // namespace

struct JsonTokens::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;
};

JsonTokens::JsonTokens() : state_(std::make_unique<State>()) {}
JsonTokens::~JsonTokens() = default;

bool JsonTokens::scan(std::string_view text) {
  begin_ = nullptr;
  count_ = 0;
  if (text.empty() || text.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES) return false;
  const bool oversized = state_->capacity > kKeptCapacity && text.size() <= kKeptCapacity;
  if (text.size() > state_->capacity || oversized) {
    const size_t capacity = std::max(text.size() + text.size() / 4, kSmallestCapacity);
    state_->parser.reset();
    state_->capacity = 0;
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            std::min<size_t>(capacity, simdjson::SIMDJSON_MAXSIZE_BYTES), kNesting,
            state_->parser) != simdjson::SUCCESS) {
      return false;
    }
    state_->capacity = capacity;
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  if (state_->parser->stage1(bytes, text.size(), simdjson::stage1_mode::regular) !=
      simdjson::SUCCESS) {
    return false;
  }
  begin_ = state_->parser->structural_indexes.get();
  count_ = state_->parser->n_structural_indexes;
  return true;
}

std::string_view JsonTokens::kernel() {
  static const std::string name = simdjson::get_active_implementation()->name();
  return name;
}

}  // namespace stratalog::index
