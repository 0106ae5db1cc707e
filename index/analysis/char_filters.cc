#include "index/analysis/char_filters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/unicode.h"

namespace stratalog::index {

namespace {

// Writes an output and the map of its offsets.
class Rewriter {
 public:
  Rewriter(std::string& out, OffsetMap& map) : out_(out), map_(map) {
    out_.clear();
    map_.clear();
  }
  void keep(std::string_view text) { out_ += text; }
  // `bytes` of the input, which end at input offset `end`, become `text`.
  void replace(std::string_view text, size_t end) {
    out_ += text;
    map_.add(static_cast<uint32_t>(out_.size()),
             static_cast<int64_t>(end) - static_cast<int64_t>(out_.size()));
  }

 private:
  std::string& out_;
  OffsetMap& map_;
};

struct Entity {
  std::string_view name;
  char32_t character;
};
constexpr std::array<Entity, 18> kEntities = {{{"amp", '&'},
                                               {"lt", '<'},
                                               {"gt", '>'},
                                               {"quot", '"'},
                                               {"apos", '\''},
                                               {"nbsp", ' '},
                                               {"copy", 0xA9},
                                               {"reg", 0xAE},
                                               {"hellip", 0x2026},
                                               {"mdash", 0x2014},
                                               {"ndash", 0x2013},
                                               {"lsquo", 0x2018},
                                               {"rsquo", 0x2019},
                                               {"ldquo", 0x201C},
                                               {"rdquo", 0x201D},
                                               {"euro", 0x20AC},
                                               {"auml", 0xE4},
                                               {"trade", 0x2122}}};

// Tags that separate words: a line feed stands for them. Others vanish.
constexpr std::array<std::string_view, 40> kBlockTags = {
    "address",  "article", "aside",   "blockquote", "body", "br",   "caption",  "center",
    "col",      "dd",      "dir",     "div",        "dl",   "dt",   "fieldset", "form",
    "frameset", "h1",      "h2",      "h3",         "h4",   "h5",   "h6",       "head",
    "hr",       "html",    "isindex", "li",         "link", "menu", "ol",       "p",
    "pre",      "script",  "style",   "table",      "td",   "th",   "tr",       "ul"};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == ':' || c == '_';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

// The end of the tag that starts at `at` ("<" and a letter or a slash), quotes respected; npos if
// it is not closed.
size_t tag_end(std::string_view text, size_t at) {
  char quote = 0;
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    } else if (c == '<') {
      return text.npos;
    }
  }
  return text.npos;
}

std::string tag_name(std::string_view tag) {
  size_t at = 1;
  if (at < tag.size() && tag[at] == '/') ++at;
  size_t end = at;
  while (end < tag.size() && is_name_char(tag[end])) ++end;
  return lower(tag.substr(at, end - at));
}

// An entity at `at` ("&"): its character and end; false if it is none.
bool read_entity(std::string_view text, size_t at, char32_t& character, size_t& end) {
  const size_t semicolon = text.find(';', at);
  if (semicolon == text.npos || semicolon - at > 12) return false;
  const std::string_view name = text.substr(at + 1, semicolon - at - 1);
  end = semicolon + 1;
  if (name.starts_with('#')) {
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string_view digits = name.substr(hex ? 2 : 1);
    uint32_t value = 0;
    const auto parsed =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return false;
    if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
      value = kReplacementCharacter;
    character = value;
    return true;
  }
  const auto* entity = std::find_if(kEntities.begin(), kEntities.end(),
                                    [&](const Entity& e) { return e.name == name; });
  if (entity == kEntities.end()) return false;
  character = entity->character;
  return true;
}

}  // namespace

void HtmlStripCharFilter::apply(std::string_view text, std::string& out, OffsetMap& map) const {
  Rewriter rewriter(out, map);
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '<' && text.substr(at).starts_with("<!--")) {
      const size_t close = text.find("-->", at);
      if (close != text.npos) {
        rewriter.replace({}, close + 3);
        at = close + 3;
        continue;
      }
    } else if (c == '<' && at + 1 < text.size() &&
               (is_name_char(text[at + 1]) || text[at + 1] == '/' || text[at + 1] == '!' ||
                text[at + 1] == '?')) {
      size_t end = tag_end(text, at);
      if (end != text.npos) {
        const std::string name = tag_name(text.substr(at, end - at));
        if (std::find(escaped_tags_.begin(), escaped_tags_.end(), name) != escaped_tags_.end()) {
          rewriter.keep(text.substr(at, end - at));
        } else {
          if ((name == "script" || name == "style") &&
              text[at + 1] != '/') {  // with all that it holds
            const size_t close = lower(text.substr(end)).find("</" + name);
            const size_t close_end =
                close == std::string::npos ? text.npos : tag_end(text, end + close);
            if (close_end != text.npos) end = close_end;
          }
          const bool block =
              std::find(kBlockTags.begin(), kBlockTags.end(), name) != kBlockTags.end();
          rewriter.replace(block ? "\n" : "", end);
        }
        at = end;
        continue;
      }
    } else if (c == '&') {
      char32_t character = 0;
      size_t end = 0;
      if (read_entity(text, at, character, end)) {
        std::string encoded;
        append_utf8(encoded, character);
        rewriter.replace(encoded, end);
        at = end;
        continue;
      }
    }
    rewriter.keep(text.substr(at++, 1));
  }
}

MappingCharFilter::MappingCharFilter(std::vector<std::pair<std::string, std::string>> rules)
    : rules_(std::move(rules)) {
  std::stable_sort(rules_.begin(), rules_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

void MappingCharFilter::apply(std::string_view text, std::string& out, OffsetMap& map) const {
  Rewriter rewriter(out, map);
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                   [&](const auto& r) { return rest.starts_with(r.first); });
    if (rule == rules_.end()) {
      rewriter.keep(rest.substr(0, 1));
      ++at;
    } else {
      at += rule->first.size();
      rewriter.replace(rule->second, at);
    }
  }
}

void PatternReplaceCharFilter::apply(std::string_view text, std::string& out,
                                     OffsetMap& map) const {
  Rewriter rewriter(out, map);
  size_t kept = 0;
  for (size_t at = 0; at <= text.size();) {
    Regex::Span all, group;
    bool matched = false;
    if (!regex_.find(text, at, 0, all, group, matched)) break;
    rewriter.keep(text.substr(kept, all.start - kept));
    std::string replaced;
    regex_.append_replacement(text, at, replacement_, replaced);
    rewriter.replace(replaced, all.end);
    kept = all.end;
    at = all.end > all.start ? all.end : all.end + 1;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  if (kept < text.size()) rewriter.keep(text.substr(kept));
}

}  // namespace stratalog::index
