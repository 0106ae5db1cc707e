// Finds the objects directly under the root of a JSON text without parsing it: strings and brackets
// are followed, nothing is validated. Any bytes will do; on text that is not an object the list
// just stays short.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace stratalog::index {

struct ByteRange {
  uint32_t begin;
  uint32_t end;
};

// Walks a text's root members. Calls must match: (next() skip_to(end)?)*
class SubObjectScanner {
 public:
  explicit SubObjectScanner(std::string_view json);

  // Moves to the next member whose value is an object; false at the end. begin() is where its `{`
  // is.
  bool next();
  uint32_t begin() const { return static_cast<uint32_t>(begin_); }
  // Finds the end of the object at begin(), one behind its `}`; false where it has none.
  bool find_end(uint32_t& end);
  // Goes on behind the object: for a caller that knows where it ends.
  void skip_to(uint32_t end) { at_ = end; }

 private:
  void skip_space();
  bool skip_string();
  bool skip_nested();

  const std::string_view json_;
  size_t at_ = 0;
  size_t begin_ = 0;
  bool broken_ = false;
};

}  // namespace stratalog::index
