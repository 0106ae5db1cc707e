#include "query/fetch/source_tree.h"

#include <algorithm>
#include <cstring>

#include "base/plain_text.h"
#include "base/unicode.h"

namespace stratalog::query {
namespace {
constexpr uint32_t kDepthLimit = 1000;  // of sources; far over what documents may have
}

void SourceTree::space() {
  while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
}

bool SourceTree::parse(std::string_view source) {
  nodes_.clear();
  arena_.clear();
  text_ = source;
  at_ = 0;
  uint32_t root = kNone;
  if (value(root, 0) && nodes_[0].type == Type::kObject) return true;
  nodes_.assign(1, Node{});
  nodes_[0].type = Type::kObject;
  return false;
}

bool SourceTree::string(std::string_view& out) {
  const size_t begin = ++at_;
  at_ += json::plain_words(text_, at_);
  while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
  if (at_ >= text_.size()) return false;
  if (text_[at_] == '"') {
    out = text_.substr(begin, at_++ - begin);
    return true;
  }
  size_t end = at_;
  while (end < text_.size() && text_[end] != '"') {
    end += text_[end] == '\\' ? 2 : 1;
    end += json::plain_words(text_, end);
  }
  if (end >= text_.size()) return false;
  std::string plain(text_.substr(begin, at_ - begin));
  const auto hex4 = [&]() {
    uint32_t v = 0;
    for (int i = 0; i < 4 && at_ < end; ++i, ++at_) {
      const char c = text_[at_];
      v = v * 16 + static_cast<uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
  };
  while (at_ < end) {
    const size_t run = std::min(text_.substr(at_, end - at_).find('\\'), end - at_);
    plain.append(text_, at_, run);
    at_ += run;
    if (at_ == end) break;
    ++at_;
    const char escape = text_[at_++];
    switch (escape) {
      case 'b':
        plain.push_back('\b');
        continue;
      case 'f':
        plain.push_back('\f');
        continue;
      case 'n':
        plain.push_back('\n');
        continue;
      case 'r':
        plain.push_back('\r');
        continue;
      case 't':
        plain.push_back('\t');
        continue;
      case 'u':
        break;
      default:
        plain.push_back(escape);
        continue;
    }
    uint32_t code = hex4();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      code = 0x10000 + ((code - 0xD800) << 10) + ((hex4() - 0xDC00) & 0x3FF);
    }
    append_utf8(plain, code >= 0xD800 && code < 0xE000 ? kReplacementCharacter : char32_t{code});
  }
  at_ = end + 1;
  out = arena_.copy(plain);
  return true;
}

bool SourceTree::value(uint32_t& out, uint32_t depth) {
  space();
  if (at_ >= text_.size() || depth > kDepthLimit) return false;
  out = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  const size_t begin = at_;
  const char c = text_[at_];
  Node node;
  if (c == '"') {
    node.type = Type::kString;
    if (!string(node.text)) return false;
  } else if (c == '{' || c == '[') {
    const bool object = c == '{';
    node.type = object ? Type::kObject : Type::kArray;
    ++at_;
    uint32_t last = kNone;
    for (space(); at_ < text_.size() && text_[at_] != '}' && text_[at_] != ']'; space()) {
      std::string_view key;
      const size_t member = at_;
      if (object) {
        if (text_[at_] != '"' || !string(key)) return false;
        space();
        if (at_ >= text_.size() || text_[at_] != ':') return false;
        ++at_;
      }
      uint32_t child = kNone;
      if (!value(child, depth + 1)) return false;
      nodes_[child].key = key;
      nodes_[child].raw_member = text_.substr(member, at_ - member);
      if (last == kNone) {
        node.first = child;
      } else {
        nodes_[last].next = child;
      }
      last = child;
      space();
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
    }
    if (at_ >= text_.size()) return false;
    ++at_;
  } else {
    while (at_ < text_.size() && std::strchr(",]} \t\r\n", text_[at_]) == nullptr) ++at_;
    node.text = text_.substr(begin, at_ - begin);
    if (node.text.empty()) return false;
    node.type = c == 't' || c == 'f' ? Type::kBool : c == 'n' ? Type::kNull : Type::kNumber;
  }
  node.raw = text_.substr(begin, at_ - begin);
  nodes_[out] = node;
  return true;
}

}  // namespace stratalog::query
