// List, arrays, and what all collections have.
#include <algorithm>

#include "query/script/fault.h"
#include "query/script/run.h"

namespace stratalog::query::script {

namespace {

void must_change(const List& list) {
  if (list.fixed || list.cls() != Class::kList)
    fail("unsupported_operation_exception", "the list can't be changed");
}

size_t place(const Value& index, size_t size, bool end) {
  const int64_t at = whole_argument(index);
  if (at < 0 || at > static_cast<int64_t>(size) || (!end && at == static_cast<int64_t>(size)))
    fail("index_out_of_bounds_exception",
         "Index " + std::to_string(at) + " out of bounds for length " + std::to_string(size));
  return static_cast<size_t>(at);
}

std::vector<Value> items(const Value& value) {
  std::vector<Value> out;
  if (!items_of(value, out)) {
    if (value.is_null()) fail("null_pointer_exception", "null where a collection is wanted");
    fail_cast("class " + class_name(value) + " cannot be cast to class java.util.Collection");
  }
  return out;
}

// Keeps what `keep` says; works on the list, the set, or the map behind a view.
bool retain(const MethodCall& call, const std::function<bool(const Value&)>& keep) {
  const Value self = call.self;
  const std::vector<Value> all = items(self);
  call.run.spend(all.size());
  std::vector<bool> kept(all.size());
  bool changed = false;
  for (size_t i = 0; i < all.size(); ++i) {
    kept[i] = keep(all[i]);
    changed |= !kept[i];
  }
  if (!changed) return false;
  if (self.is(Class::kList)) {
    must_change(self.as<List>());
    std::vector<Value> rest;
    for (size_t i = 0; i < all.size(); ++i) {
      if (kept[i]) rest.push_back(all[i]);
    }
    self.as<List>().items = std::move(rest);
    return true;
  }
  const Value map = self.is(Class::kMapView) ? self.as<MapView>().map : self;
  if (!map.is(Class::kMap) && !map.is(Class::kSet))
    fail("unsupported_operation_exception", "the collection can't be changed");
  if (map.as<Map>().fixed) fail("unsupported_operation_exception", "the map can't be changed");
  const std::vector<Map::Entry> entries = map.as<Map>().entries();
  for (size_t i = 0; i < all.size() && i < entries.size(); ++i) {
    if (!kept[i]) map.as<Map>().erase(entries[i].key);
  }
  return true;
}

bool holds(Run& run, const std::vector<Value>& all, const Value& wanted) {
  run.spend(all.size());
  return std::any_of(all.begin(), all.end(),
                     [&](const Value& item) { return java_equals(item, wanted); });
}

}  // namespace

bool list_method(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  const Value self = call.self;
  auto& list = self.as<List>();
  const auto truth = [&](bool v) {
    out = Value::boolean(v);
    return true;
  };
  if (call.is("get", 1)) {
    out = list.items[place(args[0], list.items.size(), false)];
    return true;
  }
  if (call.is("getLength", 0)) {
    out = Value::of_int(static_cast<int64_t>(list.items.size()));
    return true;
  }
  if (list.cls() == Class::kDocValues) {
    if (call.is("getValue", 0)) {
      if (list.items.empty()) {
        fail("illegal_state_exception",
             "A document doesn't have a value for a field! Use doc[<field>].size()==0 to check if "
             "a document is missing a field!");
      }
      out = list.items[0];
      return true;
    }
  }
  if (call.is("add", 1) || call.is("push", 1) || call.is("addLast", 1)) {
    must_change(list);
    list.add(args[0]);
    return truth(true);
  }
  if (call.is("add", 2)) {
    must_change(list);
    const size_t at = place(args[0], list.items.size(), true);
    run.spend((list.items.size() - at) / 16);
    list.add(Value());
    list.items.pop_back();
    list.items.insert(list.items.begin() + static_cast<ptrdiff_t>(at), args[1]);
    out = Value();
    return true;
  }
  if (call.is("addAll", 1)) {
    must_change(list);
    for (const Value& item : items(args[0])) list.add(item);
    return truth(true);
  }
  if (call.is("set", 2)) {
    if (list.fixed) must_change(list);
    Value& item = list.items[place(args[0], list.items.size(), false)];
    out = std::exchange(item, args[1]);
    return true;
  }
  if (call.is("remove", 1)) {
    must_change(list);
    if (args[0].is_whole()) {
      const auto at =
          list.items.begin() + static_cast<ptrdiff_t>(place(args[0], list.items.size(), false));
      run.spend(list.items.size() / 16);
      out = *at;
      list.items.erase(at);
      return true;
    }
    run.spend(list.items.size());
    const auto at = std::find_if(list.items.begin(), list.items.end(),
                                 [&](const Value& item) { return java_equals(item, args[0]); });
    if (at == list.items.end()) return truth(false);
    list.items.erase(at);
    return truth(true);
  }
  if (call.is("indexOf", 1) || call.is("lastIndexOf", 1)) {
    run.spend(list.items.size());
    int64_t found = -1;
    for (size_t i = 0; i < list.items.size(); ++i) {
      if (!java_equals(list.items[i], args[0])) continue;
      found = static_cast<int64_t>(i);
      if (call.name == "indexOf") break;
    }
    out = Value::of_int(found);
    return true;
  }
  if (call.is("subList", 2)) {
    const size_t begin = place(args[0], list.items.size(), true);
    const size_t end = place(args[1], list.items.size(), true);
    if (begin > end)
      fail_argument("fromIndex(" + std::to_string(begin) + ") > toIndex(" + std::to_string(end) +
                    ")");
    run.heap().check((end - begin) * sizeof(Value));
    run.spend(end - begin);
    out = run.list({list.items.begin() + static_cast<ptrdiff_t>(begin),
                    list.items.begin() + static_cast<ptrdiff_t>(end)});
    return true;
  }
  if (call.is("sort", 1)) {
    if (list.fixed) must_change(list);
    std::vector<Value> sorted = list.items;
    sort_values(run, sorted, args[0].is_null() ? nullptr : &args[0]);
    list.items = std::move(sorted);
    out = Value();
    return true;
  }
  if (call.is("replaceAll", 1)) {
    must_change(list);
    for (size_t i = 0; i < list.items.size(); ++i) {
      Value replaced = run.call(args[0], list.items[i]);
      if (i < list.items.size()) list.items[i] = std::move(replaced);
    }
    out = Value();
    return true;
  }
  return false;
}

bool collection_method(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  const Value self = call.self;
  const auto truth = [&](bool v) {
    out = Value::boolean(v);
    return true;
  };
  const auto count = [&]() -> size_t {
    if (self.is(Class::kSet)) return self.as<Map>().size();
    if (self.is(Class::kMapView)) return self.as<MapView>().map.as<Map>().size();
    return self.as<List>().items.size();
  };
  if (call.is("size", 0)) {
    out = Value::of_int(static_cast<int64_t>(count()));
    return true;
  }
  if (call.is("isEmpty", 0)) return truth(count() == 0);
  if (call.is("contains", 1)) {
    if (self.is(Class::kSet)) return truth(self.as<Map>().find(args[0]) != nullptr);
    if (self.is(Class::kMapView) && self.as<MapView>().kind == MapView::Kind::kKeys)
      return truth(self.as<MapView>().map.as<Map>().find(args[0]) != nullptr);
    if (self.is(Class::kMapView)) return truth(holds(run, items(self), args[0]));
    return truth(holds(run, self.as<List>().items, args[0]));
  }
  if (call.is("containsAll", 1)) {
    const std::vector<Value> all = items(self), wanted = items(args[0]);
    return truth(std::all_of(wanted.begin(), wanted.end(),
                             [&](const Value& one) { return holds(run, all, one); }));
  }
  if (self.is(Class::kSet)) {
    auto& set = self.as<Map>();
    if (call.is("add", 1)) return truth(set.put(args[0], Value()));
    if (call.is("remove", 1)) return truth(set.erase(args[0]));
    if (call.is("addAll", 1)) {
      bool changed = false;
      for (const Value& item : items(args[0])) changed |= set.put(item, Value());
      return truth(changed);
    }
  }
  if (self.is(Class::kMapView) && call.is("remove", 1) &&
      self.as<MapView>().kind == MapView::Kind::kKeys)
    return truth(self.as<MapView>().map.as<Map>().erase(args[0]));
  if (call.is("removeIf", 1))
    return truth(retain(call, [&](const Value& item) { return !run.test(args[0], item); }));
  if (call.is("removeAll", 1) || call.is("retainAll", 1)) {
    const std::vector<Value> others = items(args[0]);
    const bool keep = call.name == "retainAll";
    return truth(retain(call, [&](const Value& item) { return holds(run, others, item) == keep; }));
  }
  if (call.is("clear", 0)) {
    retain(call, [](const Value&) { return false; });
    out = Value();
    return true;
  }
  if (call.is("forEach", 1) || call.is("each", 1)) {
    for (const Value& item : items(self)) run.call(args[0], item);
    out = call.name == "each" ? self : Value();
    return true;
  }
  if (call.is("toArray", 0) || call.is("toArray", 1)) {
    out = run.list(items(self), Class::kArray);
    return true;
  }
  if (call.is("stream", 0)) {
    out = run.list(items(self), Class::kStream);
    return true;
  }
  if (call.is("iterator", 0) || call.is("listIterator", 0)) {
    Iterator& made = run.heap().make<Iterator>(items(self));
    out = Value(&made);
    run.heap().grow(made, made.items.size() * sizeof(Value));
    made.source = self;
    return true;
  }
  if (call.is("asList", 0) || call.is("asCollection", 0)) {
    out = self.is(Class::kMapView) ? run.list(items(self)) : self;
    return true;
  }
  // Painless' own, and those that streams have too.
  if (call.is("join", 1)) {
    std::string text;
    const std::vector<Value> all = items(self);
    for (size_t i = 0; i < all.size(); ++i) {
      if (i > 0) text += text_argument(args[0]);
      append_text(text, all[i]);
    }
    out = run.text(std::move(text));
    return true;
  }
  if (call.is("eachWithIndex", 1)) {
    int64_t at = 0;
    for (const Value& item : items(self)) {
      const Value both[] = {item, Value::of_int(at++)};
      run.call(args[0], both);
    }
    out = self;
    return true;
  }
  if (call.is("find", 1)) {
    for (const Value& item : items(self)) {
      if (!run.test(args[0], item)) continue;
      out = item;
      return true;
    }
    out = Value();
    return true;
  }
  if (call.is("groupBy", 1)) {
    Map& map = run.heap().make<Map>();
    out = Value(&map);
    for (const Value& item : items(self)) {
      const Value key = run.call(args[0], item);
      if (map.find(key) == nullptr) map.put(key, run.list({}));
      map.find(key)->as<List>().add(item);
    }
    return true;
  }
  static constexpr std::pair<std::string_view, std::string_view> kAsStream[] = {
      {"any", "anyMatch"}, {"every", "allMatch"}, {"findAll", "filter"}, {"collect", "map"}};
  for (const auto& [name, method] : kAsStream) {
    if (!call.is(name, 1)) continue;
    const Value stream = run.list(items(self), Class::kStream);
    const std::string as(method);
    stream_method({run, stream, as, args}, out);
    if (out.is(Class::kStream)) out = run.list(items(out));
    return true;
  }
  if (call.is("sum", 0) || call.is("sum", 1)) {
    double sum = 0;
    for (const Value& item : items(self))
      sum += real_argument(args.empty() ? item : run.call(args[0], item));
    out = Value::of_double(sum);
    return true;
  }
  if (call.is("count", 1)) {
    int64_t matching = 0;
    for (const Value& item : items(self)) matching += run.test(args[0], item) ? 1 : 0;
    out = Value::of_int(matching);
    return true;
  }
  return false;
}

int compare_with(Run& run, const Value* comparator, const Value& a, const Value& b) {
  run.spend(1);
  if (comparator == nullptr) return compare_values(a, b);
  const Value both[] = {a, b};
  const int64_t order = whole_argument(run.call(*comparator, both));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// Merge sort: whatever a comparator says, it ends and stays inside.
void sort_values(Run& run, std::vector<Value>& values, const Value* comparator) {
  std::vector<Value> other(values.size());
  for (size_t width = 1; width < values.size(); width *= 2) {
    for (size_t begin = 0; begin < values.size(); begin += 2 * width) {
      const size_t middle = std::min(begin + width, values.size());
      const size_t end = std::min(begin + 2 * width, values.size());
      size_t a = begin, b = middle;
      for (size_t to = begin; to < end; ++to) {
        const bool left =
            b >= end || (a < middle && compare_with(run, comparator, values[a], values[b]) <= 0);
        other[to] = values[left ? a++ : b++];
      }
    }
    values.swap(other);
  }
}

}  // namespace stratalog::query::script
