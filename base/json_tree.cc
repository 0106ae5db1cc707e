#include "base/json_tree.h"

#include <charconv>
#include <cmath>

#include "base/unicode.h"

namespace stratalog::json {

Node::Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

const Node* Node::find(std::string_view key) const {
  for (const NodeMember& member : members_) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::optional<bool> Node::to_bool() const {
  if (is_bool() || is_string()) {
    if (text_ == "true") return true;
    if (text_ == "false") return false;
  }
  return std::nullopt;
}

std::optional<double> Node::to_double() const {
  if (!is_number() && !is_string()) return std::nullopt;
  double v = 0;
  const auto [end, ec] = std::from_chars(text_.data(), text_.data() + text_.size(), v);
  if (ec != std::errc{} || end != text_.data() + text_.size()) return std::nullopt;
  return v;
}

std::optional<int64_t> Node::to_int() const {
  if (!is_number() && !is_string()) return std::nullopt;
  int64_t v = 0;
  const auto [end, ec] = std::from_chars(text_.data(), text_.data() + text_.size(), v);
  if (ec == std::errc{} && end == text_.data() + text_.size()) return v;
  const std::optional<double> number = to_double();
  if (!number || std::isnan(*number) || std::fabs(*number) >= 9.2e18) return std::nullopt;
  return static_cast<int64_t>(*number);
}

Value Node::to_value() const {
  switch (type_) {
    case Type::kNull:
      return {};
    case Type::kBool:
      return Value(text_ == "true");
    case Type::kInt:
      return Value(to_int().value_or(0));
    case Type::kUint: {
      uint64_t v = 0;
      std::from_chars(text_.data(), text_.data() + text_.size(), v);
      return Value(v);
    }
    case Type::kDouble:
      return Value(to_double().value_or(0));
    case Type::kString:
      return Value(text_);
    case Type::kArray: {
      Array array;
      for (const Node& element : elements_) array.push_back(element.to_value());
      return Value(std::move(array));
    }
    case Type::kObject:
      break;
  }
  Object object;
  for (const NodeMember& member : members_) object.push_back({member.key, member.value.to_value()});
  return Value(std::move(object));
}

const char* Node::token_name() const {
  switch (type_) {
    case Type::kNull:
      return "VALUE_NULL";
    case Type::kBool:
      return "VALUE_BOOLEAN";
    case Type::kInt:
    case Type::kUint:
    case Type::kDouble:
      return "VALUE_NUMBER";
    case Type::kString:
      return "VALUE_STRING";
    case Type::kArray:
      return "START_ARRAY";
    case Type::kObject:
      break;
  }
  return "START_OBJECT";
}

// Reads text that parse has accepted, so that nothing here can fail.
class TreeParser {
 public:
  explicit TreeParser(std::string_view text) : text_(text) {}

  Node parse() { return value(); }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  Location here() const { return {line_, static_cast<uint32_t>(at_ - line_start_) + 1}; }

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
      ++at_;
    }
  }

  Node value() {
    skip_space();
    Node node;
    node.start_ = node.end_ = here();
    switch (peek()) {
      case '{':
        object(node);
        break;
      case '[':
        array(node);
        break;
      case '"':
        node.type_ = Node::Type::kString;
        node.text_ = string();
        break;
      case 't':
        literal(node, Node::Type::kBool, "true");
        break;
      case 'f':
        literal(node, Node::Type::kBool, "false");
        break;
      case 'n':
        literal(node, Node::Type::kNull, "null");
        break;
      default:
        number(node);
    }
    return node;
  }

  void literal(Node& node, Node::Type type, std::string_view word) {
    node.type_ = type;
    node.text_ = word;
    at_ += word.size();
  }

  void number(Node& node) {
    const size_t begin = at_;
    bool fraction = false;
    for (char c = peek();
         (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
         c = peek()) {
      fraction |= c == '.' || c == 'e' || c == 'E';
      ++at_;
    }
    if (at_ == begin) ++at_;  // not JSON: never stand still
    node.text_ = text_.substr(begin, at_ - begin);
    const char* first = node.text_.data();
    const char* last = first + node.text_.size();
    int64_t small = 0;
    uint64_t big = 0;
    if (fraction) {
      node.type_ = Node::Type::kDouble;
    } else if (std::from_chars(first, last, small).ec == std::errc{}) {
      node.type_ = Node::Type::kInt;
    } else if (std::from_chars(first, last, big).ec == std::errc{}) {
      node.type_ = Node::Type::kUint;
    } else {
      node.type_ = Node::Type::kDouble;
    }
  }

  void object(Node& node) {
    node.type_ = Node::Type::kObject;
    ++at_;
    for (skip_space(); peek() == '"'; skip_space()) {
      NodeMember member;
      member.at = here();
      member.key = string();
      skip_space();
      ++at_;  // :
      member.value = value();
      node.members_.push_back(std::move(member));
      skip_space();
      if (peek() == ',') ++at_;
    }
    node.end_ = here();
    ++at_;
  }

  void array(Node& node) {
    node.type_ = Node::Type::kArray;
    ++at_;
    for (skip_space(); peek() != ']' && at_ < text_.size(); skip_space()) {
      node.elements_.push_back(value());
      skip_space();
      if (peek() == ',') ++at_;
    }
    node.end_ = here();
    ++at_;
  }

  uint32_t hex4() {
    uint32_t v = 0;
    for (int i = 0; i < 4 && at_ < text_.size(); ++i, ++at_) {
      const char c = text_[at_];
      v = v * 16 + static_cast<uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
  }

  std::string string() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"';) {
      const char c = text_[at_++];
      if (c == '\\' && at_ < text_.size()) {
        escape(out);
      } else {
        out.push_back(c);
      }
    }
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    const char c = text_[at_++];
    switch (c) {
      case 'b':
        out.push_back('\b');
        return;
      case 'f':
        out.push_back('\f');
        return;
      case 'n':
        out.push_back('\n');
        return;
      case 'r':
        out.push_back('\r');
        return;
      case 't':
        out.push_back('\t');
        return;
      case 'u':
        break;
      default:
        out.push_back(c);
        return;
    }
    uint32_t code = hex4();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      const size_t back = at_;
      at_ += 2;
      const uint32_t low = hex4();
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = back;
      }
    }
    if (code >= 0xD800 && code < 0xE000) code = kReplacementCharacter;
    append_utf8(out, code);
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_start_ = 0;
  uint32_t line_ = 1;
};

Result<Node> parse_tree(std::string_view text, uint32_t depth_max) {
  RETURN_IF_ERROR(parse(text, depth_max));
  return TreeParser(text).parse();
}

Result<Node> parse_tree(const Value& value) {
  const std::string text = to_string(value);
  return parse_tree(std::string_view(text));
}

std::string at_text(Location at) {
  return "[" + std::to_string(at.line) + ":" + std::to_string(at.column) + "]";
}

Error parsing_error(Location at, std::string reason) {
  return Error(error_types::kParsing, std::move(reason))
      .with_number("line", at.line)
      .with_number("col", at.column);
}

}  // namespace stratalog::json
