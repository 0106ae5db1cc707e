// Where the tokens of a JSON text begin: the first stage of simdjson
// (https://arxiv.org/abs/1902.08318), which also checks UTF-8, that strings end, and that no
// control character stands in one. The library chooses its kernel for the machine at run time, so
// this needs no build for a certain processor; the grammar is the reader's work (json_cursor.h).
//
// Shape   offsets of { } [ ] : , and of the first byte of each string, number and word; ascending.
// Threads one user.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace stratalog::index {

class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();

  // False if the text can't be JSON. Reads nothing behind the text.
  bool scan(std::string_view text);
  const uint32_t* begin() const { return begin_; }
  const uint32_t* end() const { return begin_ + count_; }

  static std::string_view
  kernel();  // the library's kernel on this machine: "icelake", "haswell", "fallback", ...

 private:
  struct State;
  std::unique_ptr<State> state_;
  const uint32_t* begin_ = nullptr;
  uint32_t count_ = 0;
};

}  // namespace stratalog::index
