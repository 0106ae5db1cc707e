// String, StringBuilder, Pattern, Matcher.
#include <algorithm>

#include "index/document/base64.h"
#include "query/script/fault.h"
#include "query/script/run.h"
#include "query/script/text.h"

namespace stratalog::query::script {

namespace {

std::string replace_all(Run& run, const std::string& text, const std::string& from,
                        const std::string& to) {
  std::string out;
  size_t at = 0;
  run.spend(text.size() / 8);
  if (from.empty()) {
    // Between all characters.
    run.heap().check(text.size() * (to.size() + 1));
    out = to;
    for (const char c : text) {
      out += c;
      if ((c & 0xC0) != 0xC0) out += to;
    }
    return out;
  }
  for (;;) {
    const size_t found = text.find(from, at);
    if (found == std::string::npos) break;
    out.append(text, at, found - at);
    out += to;
    run.heap().check(out.size());
    at = found + from.size();
  }
  return out.append(text, at);
}

// "." and 1 character units of a CharSequence or char.
std::string sequence(const Value& value) {
  if (is_string(value)) return text_of(value);
  if (value.tag() == Tag::kChar || value.is(Class::kStringBuilder)) return to_text(value);
  return text_argument(value);
}

Value chars(Run& run, const std::string& text, bool as_char) {
  const std::u16string units = to_utf16(text);
  run.heap().check(units.size() * sizeof(Value));
  run.spend(units.size());
  std::vector<Value> items;
  items.reserve(units.size());
  for (const char16_t unit : units)
    items.push_back(as_char ? Value::of_char(unit) : Value::of_int(unit));
  Value out = run.list(std::move(items), as_char ? Class::kArray : Class::kStream);
  out.as<List>().element = as_char ? Tag::kChar : Tag::kInt;
  return out;
}

Value split(Run& run, const std::string& text, const std::string& token, int64_t limit) {
  std::vector<Value> parts;
  size_t at = 0;
  run.spend(text.size() / 8);
  while (limit < 0 || static_cast<int64_t>(parts.size()) + 1 < limit) {
    const size_t found = token.empty() ? std::string::npos : text.find(token, at);
    if (found == std::string::npos) break;
    parts.push_back(run.text(text.substr(at, found - at)));
    at = found + token.size();
  }
  parts.push_back(run.text(text.substr(at)));
  return run.list(std::move(parts), Class::kArray);
}

Value replace_by(const MethodCall& call, bool all) {
  const Value pattern = call.args[0];
  if (!pattern.is(Class::kPattern))
    fail_cast("Cannot cast from [" + class_name(pattern) + "] to [java.util.regex.Pattern].");
  const std::string& text = text_of(call.self);
  std::string out;
  size_t at = 0;
  size_t from = 0;
  const auto& regex = pattern.as<Pattern>().finds;
  index::Regex::Span found, group;
  bool matched = false;
  while (from <= text.size() && regex.find(text, from, 0, found, group, matched)) {
    call.run.spend(16 + (found.end - at) / 8);
    Matcher& matcher = call.run.heap().make<Matcher>(pattern, call.self);
    const Value given(&matcher);
    matcher.found_from = from;
    matcher.found = true;
    out.append(text, at, found.start - at);
    out += to_text(call.run.call(call.args[1], given));
    call.run.heap().check(out.size());
    at = found.end;
    from = found.end > found.start ? found.end : found.end + 1;
    if (!all) break;
  }
  return call.run.text(out.append(text, std::min(at, text.size())));
}

}  // namespace

bool text_method(const MethodCall& call, Value& out) {
  Run& run = call.run;
  const auto& self = call.self.as<String>();
  const std::string& text = self.text;
  auto& args = call.args;
  const auto whole = [&](int64_t v) {
    out = Value::of_int(v);
    return true;
  };
  const auto yes = [&](bool v) {
    out = Value::boolean(v);
    return true;
  };
  const auto made = [&](std::string v) {
    out = run.text(std::move(v));
    return true;
  };
  run.spend(text.size() / 32);
  if (call.is("length", 0)) return whole(units(self));
  if (call.is("isEmpty", 0)) return yes(text.empty());
  if (call.is("charAt", 1)) {
    out = Value::of_char(unit_at(self, whole_argument(args[0])));
    return true;
  }
  if (call.is("codePointAt", 1)) return whole(unit_at(self, whole_argument(args[0])));
  if (call.is("substring", 1)) return made(unit_range(self, whole_argument(args[0]), units(self)));
  if (call.is("substring", 2) || call.is("subSequence", 2))
    return made(unit_range(self, whole_argument(args[0]), whole_argument(args[1])));
  if (call.is("contains", 1)) return yes(text.find(sequence(args[0])) != std::string::npos);
  if (call.is("startsWith", 1)) return yes(text.starts_with(text_argument(args[0])));
  if (call.is("startsWith", 2)) {
    const int64_t from = whole_argument(args[1]);
    if (from < 0 || from > units(self)) return yes(false);
    return yes(std::string_view(text)
                   .substr(byte_of_unit(text, from))
                   .starts_with(text_argument(args[0])));
  }
  if (call.is("endsWith", 1)) return yes(text.ends_with(text_argument(args[0])));
  const auto part = [&] {
    return args[0].is_whole() ? to_text(convert_number(args[0], Tag::kChar))
                              : text_argument(args[0]);
  };
  if (call.is("indexOf", 1)) return whole(index_of(self, part(), 0));
  if (call.is("indexOf", 2)) return whole(index_of(self, part(), whole_argument(args[1])));
  if (call.is("lastIndexOf", 1)) return whole(last_index_of(self, part()));
  if (call.is("equalsIgnoreCase", 1))
    return yes(is_string(args[0]) && lower(upper(text)) == lower(upper(text_of(args[0]))));
  if (call.is("compareTo", 1)) return whole(compare_text(text, text_argument(args[0])));
  if (call.is("compareToIgnoreCase", 1))
    return whole(compare_text(lower(upper(text)), lower(upper(text_argument(args[0])))));
  if (call.is("contentEquals", 1)) return yes(text == sequence(args[0]));
  if (call.is("toLowerCase", 0) || call.is("toLowerCase", 1)) return made(lower(text));
  if (call.is("toUpperCase", 0) || call.is("toUpperCase", 1)) return made(upper(text));
  if (call.is("trim", 0)) return made(trim(text));
  if (call.is("concat", 1)) return made(text + text_argument(args[0]));
  if (call.is("replace", 2))
    return made(replace_all(run, text, sequence(args[0]), sequence(args[1])));
  if (call.is("replaceAll", 2)) {
    out = replace_by(call, true);
    return true;
  }
  if (call.is("replaceFirst", 2)) {
    out = replace_by(call, false);
    return true;
  }
  if (call.is("toCharArray", 0)) {
    out = chars(run, text, true);
    return true;
  }
  if (call.is("chars", 0) || call.is("codePoints", 0)) {
    out = chars(run, text, false);
    return true;
  }
  if (call.is("splitOnToken", 1) || call.is("splitOnToken", 2)) {
    out = split(run, text, text_argument(args[0]), args.size() == 2 ? whole_argument(args[1]) : -1);
    return true;
  }
  if (call.is("encodeBase64", 0)) return made(encode_base64(text));
  if (call.is("decodeBase64", 0)) {
    std::string bytes;
    if (!index::decode_base64(text, bytes))
      fail_argument("Illegal base64 character in [" + text + "]");
    return made(std::move(bytes));
  }
  return false;
}

bool builder_method(const MethodCall& call, Value& out) {
  auto& builder = call.self.as<StringBuilder>();
  Run& run = call.run;
  auto& args = call.args;
  const auto append = [&](const std::string& text) {
    run.heap().grow(builder, text.size());
    run.spend(text.size() / 16);
    builder.text += text;
    out = call.self;
    return true;
  };
  // As a String, for what only looks.
  const auto edit = [&](auto&& change) {
    run.spend(builder.text.size() / 8);
    std::u16string units = to_utf16(builder.text);
    change(units);
    builder.text = from_utf16(units);
    run.heap().check(builder.text.size());
    out = call.self;
    return true;
  };
  const auto bound = [](int64_t at, size_t size) {
    if (at < 0 || at > static_cast<int64_t>(size))
      fail("string_index_out_of_bounds_exception",
           "index " + std::to_string(at) + ",length " + std::to_string(size));
    return static_cast<size_t>(at);
  };
  if (call.is("append", 1)) return append(to_text(args[0]));
  if (call.is("append", 3)) {
    const String part(to_text(args[0]));
    return append(unit_range(part, whole_argument(args[1]), whole_argument(args[2])));
  }
  if (call.is("insert", 2)) {
    const std::string text = to_text(args[1]);
    run.heap().grow(builder, text.size());
    return edit([&](std::u16string& units) {
      units.insert(bound(whole_argument(args[0]), units.size()), to_utf16(text));
    });
  }
  if (call.is("reverse", 0)) {
    return edit([](std::u16string& units) { std::reverse(units.begin(), units.end()); });
  }
  if (call.is("deleteCharAt", 1)) {
    return edit([&](std::u16string& units) {
      const size_t at = bound(whole_argument(args[0]), units.size());
      if (at == units.size()) bound(-1, 0);
      units.erase(at, 1);
    });
  }
  if (call.is("delete", 2) || call.is("replace", 3)) {
    const std::u16string by = args.size() == 3 ? to_utf16(text_argument(args[2])) : u"";
    run.heap().grow(builder, by.size() * 3);
    return edit([&](std::u16string& units) {
      const size_t begin = bound(whole_argument(args[0]), units.size());
      const size_t end = std::min(
          static_cast<size_t>(std::max<int64_t>(whole_argument(args[1]), 0)), units.size());
      if (end < begin) bound(-1, 0);
      units.replace(begin, end - begin, by);
    });
  }
  if (call.is("setLength", 1)) {
    const int64_t length = whole_argument(args[0]);
    run.heap().check(static_cast<uint64_t>(std::max<int64_t>(length, 0)));
    run.heap().grow(builder, static_cast<uint64_t>(std::max<int64_t>(length, 0)));
    edit([&](std::u16string& units) {
      units.resize(
          bound(length, std::max(units.size(), static_cast<size_t>(std::max<int64_t>(length, 0)))));
    });
    out = Value();
    return true;
  }
  if (call.is("setCharAt", 2)) {
    edit([&](std::u16string& units) {
      const size_t at = bound(whole_argument(args[0]), units.size());
      if (at == units.size()) bound(-1, 0);
      units[at] = static_cast<char16_t>(whole_argument(args[1]));
    });
    out = Value();
    return true;
  }
  if (call.is("length", 0) || call.is("charAt", 1) || call.is("indexOf", 1) ||
      call.is("lastIndexOf", 1) || call.is("substring", 1) || call.is("substring", 2) ||
      call.is("isEmpty", 0)) {
    const Value text = run.text(builder.text);
    return text_method({run, text, call.name, args}, out);
  }
  return false;
}

Value make_pattern(Run& run, const std::string& text, std::string_view flags) {
  std::string names;
  for (const char flag : flags) {
    const std::string_view name = flag == 'i'                  ? "CASE_INSENSITIVE"
                                  : flag == 'm'                ? "MULTILINE"
                                  : flag == 's'                ? "DOTALL"
                                  : flag == 'l'                ? "LITERAL"
                                  : flag == 'u' || flag == 'U' ? "UNICODE_CASE"
                                                               : "";
    if (name.empty()) fail_argument(std::string("Unknown flag [") + flag + "]");
    if (!names.empty()) names += '|';
    names += name;
  }
  run.spend(text.size() * 64);
  const bool literal = flags.find('l') != std::string_view::npos;
  Result<index::Regex> finds = index::Regex::compile(text, names);
  // A literal can't stand between anchors: it is looked for, and its ends are checked by find().
  Result<index::Regex> whole =
      index::Regex::compile(literal ? text : "\\A(?:" + text + ")\\z", names);
  if (!finds || !whole)
    fail_argument("Error compiling regex: " + (finds ? whole : finds).error().reason);
  return Value(&run.heap().make<Pattern>(std::move(*finds), std::move(*whole), text));
}

bool pattern_method(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  if (call.self.is(Class::kPattern)) {
    if (call.is("matcher", 1)) {
      const Value text = run.text(sequence(args[0]));
      out = Value(&run.heap().make<Matcher>(call.self, text));
      return true;
    }
    if (call.is("pattern", 0)) {
      out = run.text(call.self.as<Pattern>().text);
      return true;
    }
    if (call.is("split", 1)) {
      const std::string text = sequence(args[0]);
      std::vector<Value> parts;
      size_t at = 0, from = 0;
      index::Regex::Span found, group;
      bool matched = false;
      while (from <= text.size() &&
             call.self.as<Pattern>().finds.find(text, from, 0, found, group, matched)) {
        run.spend(4 + (found.end - at) / 8);
        from = found.end > found.start ? found.end : found.end + 1;
        if (found.end == found.start && (found.start == 0 || found.start == text.size())) continue;
        parts.push_back(run.text(text.substr(at, found.start - at)));
        at = found.end;
      }
      parts.push_back(run.text(text.substr(std::min(at, text.size()))));
      while (parts.size() > 1 && text_of(parts.back()).empty()) parts.pop_back();
      out = run.list(std::move(parts), Class::kArray);
      return true;
    }
    return false;
  }
  auto& matcher = call.self.as<Matcher>();
  const auto& pattern = matcher.pattern.as<Pattern>();
  const std::string& text = text_of(matcher.input);
  index::Regex::Span all, group;
  bool matched = false;
  run.spend(text.size() / 16);
  if (call.is("matches", 0)) {
    matcher.found = matcher.whole = pattern.matches.find(text, 0, 0, all, group, matched);
    matcher.found_from = 0;
    out = Value::boolean(matcher.found);
    return true;
  }
  if (call.is("find", 0)) {
    matcher.whole = false;
    matcher.found =
        matcher.at <= text.size() && pattern.finds.find(text, matcher.at, 0, all, group, matched);
    matcher.found_from = matcher.at;
    if (matcher.found) matcher.at = all.end > all.start ? all.end : all.end + 1;
    out = Value::boolean(matcher.found);
    return true;
  }
  if (call.is("reset", 0)) {
    matcher.at = 0;
    matcher.found = false;
    out = call.self;
    return true;
  }
  if (call.is("groupCount", 0)) {
    out = Value::of_int(pattern.finds.group_count());
    return true;
  }
  const bool start = call.name == "start", end = call.name == "end";
  if ((call.name == "group" || start || end) && args.size() <= 1) {
    if (!matcher.found) fail("illegal_state_exception", "No match found");
    const int64_t number = args.empty() ? 0 : whole_argument(args[0]);
    if (number < 0 || number > pattern.finds.group_count())
      fail("index_out_of_bounds_exception", "No group " + std::to_string(number));
    const index::Regex& regex = matcher.whole ? pattern.matches : pattern.finds;
    if (!regex.find(text, matcher.found_from, static_cast<int>(number), all, group, matched))
      fail_argument("only the first 15 groups of a pattern can be asked for");
    if (start || end) {
      out = Value::of_int(matched ? unit_of_byte(text, start ? group.start : group.end) : -1);
    } else if (matched) {
      out = run.text(text.substr(group.start, group.end - group.start));
    }
    return true;
  }
  if (call.is("replaceAll", 1) || call.is("replaceFirst", 1)) {
    const std::string& by = text_argument(args[0]);
    std::string made;
    size_t at = 0, from = 0;
    while (from <= text.size() && pattern.finds.find(text, from, 0, all, group, matched)) {
      run.spend(4 + by.size() / 8);
      made.append(text, at, all.start - at);
      pattern.finds.append_replacement(text, from, by, made);
      run.heap().check(made.size());
      at = all.end;
      from = all.end > all.start ? all.end : all.end + 1;
      if (call.name == "replaceFirst") break;
    }
    out = run.text(made.append(text, std::min(at, text.size())));
    return true;
  }
  return false;
}

}  // namespace stratalog::query::script
