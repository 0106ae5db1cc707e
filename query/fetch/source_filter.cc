#include "query/fetch/source_filter.h"

#include "base/json_writer.h"

namespace stratalog::query {
namespace {

// A pattern takes what is below it too, in keys with dots as well: "a" that of {"a.b": 1}.
std::vector<std::string> with_inner(const std::vector<std::string>& patterns) {
  std::vector<std::string> out;
  out.reserve(2 * patterns.size());
  for (const std::string& pattern : patterns) {
    out.push_back(pattern);
    out.push_back(pattern + ".*");
  }
  return out;
}

std::vector<std::string> strings_of(const json::Value* list) {
  std::vector<std::string> out;
  if (list == nullptr) return out;
  for (const json::Value& element : list->as_array()) out.push_back(element.as_string());
  return out;
}

}  // namespace

SourceFilter mapped_source_filter(const index::Mapping& mapping) {
  SourceFilter filter;
  const json::Value* source = mapping.to_json().find("_source");
  if (source == nullptr) return filter;
  filter.includes = strings_of(source->find("includes"));
  filter.excludes = strings_of(source->find("excludes"));
  return filter;
}

std::string SourceFiltering::filtered(std::string_view source) const {
  SourceTree tree;
  if (!tree.parse(source)) return std::string(source);
  std::string out;
  append(out, tree);
  return out;
}

SourceFiltering::SourceFiltering(const SourceFilter& filter)
    : include_(with_inner(filter.includes)), exclude_(with_inner(filter.excludes)) {}

void SourceFiltering::append(std::string& out, const SourceTree& tree) const {
  State state{include_.start(), exclude_.start(), include_.empty()};
  object(out, tree, tree.root(), state);
}

SourceFiltering::State SourceFiltering::down(const State& state) const {
  State inner = state;
  if (!state.include_all) inner.include = include_.step(state.include, ".");
  inner.exclude = exclude_.step(state.exclude, ".");
  return inner;
}

// Appends what of the object stays; false if nothing did.
bool SourceFiltering::object(std::string& out, const SourceTree& tree, const SourceTree::Node& node,
                             const State& outer) const {
  bool any = false;
  out += '{';
  tree.each_child(node, [&](const SourceTree::Node& child) {
    State state = outer;
    if (!state.include_all) {
      state.include = include_.step(outer.include, child.key);
      if (state.include.empty()) return;
    }
    state.exclude = exclude_.step(outer.exclude, child.key);
    if (exclude_.accepts(state.exclude)) return;
    const bool included = accepts(state);
    const size_t before = out.size();
    if (any) out += ',';
    if (included) {
      if (exclude_.step(state.exclude, ".").empty()) {
        out += child.raw_member;
        any = true;
        return;
      }
      state.include_all = true;
    }
    bool keep = included;
    json::append_escaped(out, child.key);
    out += ':';
    if (child.type == SourceTree::Type::kObject) {
      const State inner = down(state);
      const bool possible = inner.include_all || !inner.include.empty();
      keep = possible && (object(out, tree, child, inner) || included);
    } else if (child.type == SourceTree::Type::kArray) {
      keep = array(out, tree, child, state) || included;
    } else if (keep) {
      out += child.raw;
    }
    if (keep) {
      any = true;
    } else {
      out.resize(before);
    }
  });
  out += '}';
  return any;
}

// Objects and arrays of which nothing stays leave the array, those that came empty too.
bool SourceFiltering::array(std::string& out, const SourceTree& tree, const SourceTree::Node& node,
                            const State& state) const {
  bool any = false;
  const bool included = accepts(state);
  out += '[';
  tree.each_child(node, [&](const SourceTree::Node& child) {
    const size_t before = out.size();
    if (any) out += ',';
    bool keep = true;
    if (child.type == SourceTree::Type::kObject) {
      keep = object(out, tree, child, down(state));
    } else if (child.type == SourceTree::Type::kArray) {
      keep = array(out, tree, child, state);
    } else if (included) {
      out += child.raw;
    } else {
      keep = false;
    }
    if (keep) {
      any = true;
    } else {
      out.resize(before);
    }
  });
  out += ']';
  return any;
}

}  // namespace stratalog::query
