// A document's source as a tree of views into its bytes: for source filtering, the fields API and
// highlighting. Reads only what was accepted when the document came in; of anything else it gives
// an empty tree.
//
// Threads one. Reused from document to document; nothing is allocated once it has seen one of the
// size. Life    nodes and strings live until the next parse() and as long as the source.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace stratalog::query {

class SourceTree {
 public:
  enum class Type : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Node {
    Type type = Type::kNull;
    std::string_view key;         // unescaped; of an object's member
    std::string_view text;        // string: unescaped; number, bool: as written
    std::string_view raw;         // the value's bytes
    std::string_view raw_member;  // from the key's quote to the value's end
    uint32_t first = kNone;       // child
    uint32_t next = kNone;        // sibling
  };

  // False if the bytes are no JSON object.
  bool parse(std::string_view source);
  const Node& root() const { return nodes_[0]; }
  const Node& at(uint32_t i) const { return nodes_[i]; }
  template <typename Visit>
  void each_child(const Node& node, Visit&& visit) const {
    for (uint32_t i = node.first; i != kNone; i = nodes_[i].next) visit(nodes_[i]);
  }

 private:
  bool value(uint32_t& out, uint32_t depth);
  bool string(std::string_view& out);
  void space();

  std::vector<Node> nodes_;
  Arena arena_{16 << 10};
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace stratalog::query
