// Sub-objects that come again and again, byte for byte (a pod's metadata), with the values they
// gave: the second and later times nothing of them is parsed (D13).
//
// Shape   an object enters when its like is seen the second time under the same key, found by a
// hash of its first bytes and compared whole.
//         Bounded by kBytesMax; a key whose objects do not repeat is given up.
// Threads one user. Belongs to one mapping: values are what that mapping made of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "index/document/parsed_document.h"

namespace stratalog::index {

class ObjectMemo {
 public:
  // Of a key, for which its address stands: whether it is worth looking.
  struct Rate {
    uint32_t tries = 0;
    uint32_t hits = 0;
    uint32_t pause = 0;  // objects not to look at
  };

  static constexpr size_t kObjectBytesMin =
      192;  // the hashed part; smaller ones are parsed faster than looked up
  static constexpr size_t kObjectBytesMax = 16 << 10;

  struct Known {
    uint32_t bytes = 0;  // of the object; 0: not known
    uint32_t tokens = 0;
    uint64_t number = 0;  // of just these bytes, in this process; never 0
  };
  // The object that `rest` begins with, `rest` being the document from its "{" on. Known: its
  // values are appended to `values`. Else remembers the look for enter().
  Known find(std::string_view rest, Rate& rate, Arena& arena, std::vector<FieldValue>& values);
  // After find() has failed and the object was parsed: takes it in if it was seen before.
  void enter(std::string_view object, const Rate& rate, uint32_t tokens, const FieldValue* values,
             size_t count);

 private:
  // Text: at `text_offset` of the object, or, in_memo, of memo bytes behind it (it had escapes).
  struct Value {
    FieldValue value;
    uint32_t text_offset = 0;
    bool in_memo = false;
  };
  struct Slot {
    uint64_t hash = 0;
    const Rate* key = nullptr;
    uint64_t candidate = 0;  // another hash that was seen here last
    std::string bytes;       // the object, then unescaped texts
    uint32_t object_bytes = 0;
    uint32_t tokens = 0;
    uint64_t number = 0;
    std::vector<Value> values;
  };
  static constexpr size_t kSlots = 4096;
  static constexpr size_t kBytesMax = 4 << 20;

  std::vector<Slot> slots_;
  size_t bytes_ = 0;
  uint64_t looked_ = 0;  // the hash of the last find() that failed; 0: none
};

}  // namespace stratalog::index
