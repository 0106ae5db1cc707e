// A request body as a tree that knows where each token stood: Elasticsearch's parsing errors name
// line and column.
//
// Shape   lines and columns from 1, columns in bytes, as Jackson counts. Members keep their order.
// Life    the tree owns its strings.
// Errors  those of json::parse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/result.h"

namespace stratalog::json {

struct Location {
  uint32_t line = 1;
  uint32_t column = 1;
};

struct NodeMember;

class Node {
 public:
  enum class Type : uint8_t { kNull, kBool, kInt, kUint, kDouble, kString, kArray, kObject };

  Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::kNull; }
  bool is_bool() const { return type_ == Type::kBool; }
  bool is_int() const { return type_ == Type::kInt; }  // fits int64
  bool is_number() const {
    return type_ == Type::kInt || type_ == Type::kUint || type_ == Type::kDouble;
  }
  bool is_string() const { return type_ == Type::kString; }
  bool is_array() const { return type_ == Type::kArray; }
  bool is_object() const { return type_ == Type::kObject; }
  bool is_scalar() const { return !is_array() && !is_object(); }

  Location start() const { return start_; }  // of the token; of the opening bracket
  Location end() const { return end_; }      // of the closing bracket; of a scalar: start()

  const std::string& text() const {
    return text_;
  }  // of strings and numbers as written; "true", "false", "null"
  const std::vector<Node>& elements() const { return elements_; }      // of an array
  const std::vector<NodeMember>& members() const { return members_; }  // of an object
  const Node* find(std::string_view key) const;
  size_t size() const;  // elements or members

  // Loose reading as Elasticsearch's XContent parsers do it: numbers and booleans also as strings.
  std::optional<bool> to_bool() const;
  std::optional<int64_t> to_int()
      const;  // a fraction is cut, as XContentParser.intValue does of numbers
  std::optional<double> to_double() const;
  // XContentParser.text(): scalars printed; numbers as written.
  const std::string& to_text() const { return text_; }
  Value to_value() const;

  // "START_OBJECT", "VALUE_STRING", ...: the token as Elasticsearch's messages name it.
  const char* token_name() const;

 private:
  friend class TreeParser;
  Type type_ = Type::kNull;
  Location start_;
  Location end_;
  std::string text_;
  std::vector<Node> elements_;
  std::vector<NodeMember> members_;
};

struct NodeMember {
  std::string key;
  Location at;  // of the key
  Node value;
};

inline size_t Node::size() const { return is_array() ? elements_.size() : members_.size(); }

// Brackets of a request's body, with room for queries and aggregations as deep as they may nest.
inline constexpr uint32_t kTreeDepthMax = 400;

Result<Node> parse_tree(std::string_view text, uint32_t depth_max = kTreeDepthMax);
// The same of a tree without places (alias filters): lines and columns are those of its compact
// form.
Result<Node> parse_tree(const Value& value);

// "[1:24]", with which many messages of Elasticsearch's parsers begin.
std::string at_text(Location at);

// parsing_exception with line and col.
Error parsing_error(Location at, std::string reason);

}  // namespace stratalog::json
