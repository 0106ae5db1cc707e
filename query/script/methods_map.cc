// Map, Map.Entry, doc, Iterator, Optional.
#include "query/script/fault.h"
#include "query/script/run.h"

namespace stratalog::query::script {

namespace {

Value view(Run& run, const Value& map, MapView::Kind kind) {
  return Value(&run.heap().make<MapView>(map, kind));
}

void must_change(const Map& map) {
  if (map.fixed) fail("unsupported_operation_exception", "the map can't be changed");
}

bool change(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  auto& map = call.self.as<Map>();
  const auto value_of = [&](const Value& key) {
    const Value* found = map.find(key);
    return found == nullptr ? Value() : *found;
  };
  const auto put_or_erase = [&](const Value& value) {
    if (value.is_null()) {
      map.erase(args[0]);
    } else {
      map.put(args[0], value);
    }
    out = value;
    return true;
  };
  if (call.is("put", 2)) {
    must_change(map);
    out = value_of(args[0]);
    map.put(args[0], args[1]);
    return true;
  }
  if (call.is("remove", 1)) {
    must_change(map);
    out = value_of(args[0]);
    map.erase(args[0]);
    return true;
  }
  if (call.is("remove", 2)) {
    must_change(map);
    const Value* found = map.find(args[0]);
    out = Value::boolean(found != nullptr && java_equals(*found, args[1]));
    if (out.as_bool()) map.erase(args[0]);
    return true;
  }
  if (call.is("putAll", 1)) {
    must_change(map);
    if (!args[0].is(Class::kMap))
      fail_cast("class " + class_name(args[0]) + " cannot be cast to class java.util.Map");
    for (const Map::Entry& entry : args[0].as<Map>().entries()) map.put(entry.key, entry.value);
    out = Value();
    return true;
  }
  if (call.is("putIfAbsent", 2)) {
    must_change(map);
    out = value_of(args[0]);
    if (out.is_null()) map.put(args[0], args[1]);
    return true;
  }
  if (call.is("replace", 2)) {
    must_change(map);
    out = value_of(args[0]);
    if (map.find(args[0]) != nullptr) map.put(args[0], args[1]);
    return true;
  }
  if (call.is("computeIfAbsent", 2)) {
    must_change(map);
    out = value_of(args[0]);
    if (!out.is_null()) return true;
    out = run.call(args[1], args[0]);
    if (!out.is_null()) map.put(args[0], out);
    return true;
  }
  if (call.is("computeIfPresent", 2) || call.is("compute", 2)) {
    must_change(map);
    const Value both[] = {args[0], value_of(args[0])};
    if (both[1].is_null() && call.name == "computeIfPresent") {
      out = Value();
      return true;
    }
    return put_or_erase(run.call(args[1], both));
  }
  if (call.is("merge", 3)) {
    must_change(map);
    const Value both[] = {value_of(args[0]), args[1]};
    return put_or_erase(both[0].is_null() ? args[1] : run.call(args[2], both));
  }
  if (call.is("replaceAll", 1)) {
    must_change(map);
    for (const Map::Entry& entry : map.entries()) {
      const Value both[] = {entry.key, entry.value};
      map.put(entry.key, run.call(args[0], both));
    }
    out = Value();
    return true;
  }
  if (call.is("clear", 0)) {
    must_change(map);
    map.clear();
    out = Value();
    return true;
  }
  return false;
}

// each, any, every, find, findAll, collect, count: with key and value.
bool walk(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  if (args.size() != 1) return false;
  const auto entries = [&] { return call.self.as<Map>().entries(); };
  const auto ask = [&](const Map::Entry& entry) {
    const Value both[] = {entry.key, entry.value};
    return run.call(args[0], both);
  };
  const auto yes = [&](const Map::Entry& entry) {
    const Value answer = ask(entry);
    if (!answer.is_bool()) fail_cast("cannot cast def [" + def_name(answer) + "] to boolean");
    return answer.as_bool();
  };
  const std::string& name = call.name;
  if (name == "forEach" || name == "each") {
    for (const Map::Entry& entry : entries()) ask(entry);
    out = name == "each" ? call.self : Value();
    return true;
  }
  if (name == "any" || name == "every") {
    bool result = name == "every";
    for (const Map::Entry& entry : entries()) {
      if (yes(entry) == (name == "every")) continue;
      result = !result;
      break;
    }
    out = Value::boolean(result);
    return true;
  }
  if (name == "count") {
    int64_t count = 0;
    for (const Map::Entry& entry : entries()) count += yes(entry) ? 1 : 0;
    out = Value::of_int(count);
    return true;
  }
  if (name == "collect") {
    std::vector<Value> made;
    for (const Map::Entry& entry : entries()) made.push_back(ask(entry));
    out = run.list(std::move(made));
    return true;
  }
  if (name == "findAll") {
    Map& map = run.heap().make<Map>();
    out = Value(&map);
    for (const Map::Entry& entry : entries()) {
      if (yes(entry)) map.put(entry.key, entry.value);
    }
    return true;
  }
  if (name == "find") {
    out = Value();
    for (const Map::Entry& entry : entries()) {
      if (!yes(entry)) continue;
      out = Value(&run.heap().make<MapEntry>(Value(), entry.key, entry.value));
      break;
    }
    return true;
  }
  return false;
}

bool map_only(const MethodCall& call, Value& out) {
  auto& args = call.args;
  auto& map = call.self.as<Map>();
  if (call.is("get", 1) || call.is("getOrDefault", 2)) {
    const Value* found = map.find(args[0]);
    out = found != nullptr ? *found : args.size() == 2 ? args[1] : Value();
    return true;
  }
  if (call.is("containsKey", 1)) {
    out = Value::boolean(map.find(args[0]) != nullptr);
    return true;
  }
  if (call.is("containsValue", 1)) {
    bool found = false;
    map.each([&](const Map::Entry& entry) { found |= java_equals(entry.value, args[0]); });
    out = Value::boolean(found);
    return true;
  }
  if (call.is("size", 0)) {
    out = Value::of_int(static_cast<int64_t>(map.size()));
    return true;
  }
  if (call.is("isEmpty", 0)) {
    out = Value::boolean(map.size() == 0);
    return true;
  }
  if (call.is("keySet", 0)) out = view(call.run, call.self, MapView::Kind::kKeys);
  if (call.is("values", 0)) out = view(call.run, call.self, MapView::Kind::kValues);
  if (call.is("entrySet", 0)) out = view(call.run, call.self, MapView::Kind::kEntries);
  if (out.is(Class::kMapView)) return true;
  if (map.sorted && (call.is("firstKey", 0) || call.is("lastKey", 0))) {
    if (map.size() == 0) fail("no_such_element_exception", "the map is empty");
    const auto entries = map.entries();
    out = call.name == "firstKey" ? entries.front().key : entries.back().key;
    return true;
  }
  return walk(call, out) || change(call, out);
}

bool iterator_method(const MethodCall& call, Value& out) {
  auto& self = call.self.as<Iterator>();
  if (call.is("hasNext", 0)) {
    out = Value::boolean(self.next < self.items.size());
    return true;
  }
  if (call.is("next", 0)) {
    if (self.next >= self.items.size()) fail("no_such_element_exception", "no more elements");
    out = self.items[self.next++];
    return true;
  }
  if (!call.is("remove", 0)) return false;
  if (self.next == 0) fail("illegal_state_exception", "next() was not called");
  std::vector<Value> args = {self.items[self.next - 1]};
  std::string name = "remove";
  if (self.source.is(Class::kList)) {
    args[0] = Value::of_int(static_cast<int64_t>(self.next - 1 - self.gone++));
    return list_method({call.run, self.source, name, args}, out);
  }
  if (self.source.is(Class::kMapView)) {
    const auto& of = self.source.as<MapView>();
    if (of.kind == MapView::Kind::kValues)
      fail("unsupported_operation_exception", "remove() of an iterator over values");
    const Value key = of.kind == MapView::Kind::kEntries ? args[0].as<MapEntry>().key : args[0];
    must_change(of.map.as<Map>());
    of.map.as<Map>().erase(key);
  } else if (self.source.is(Class::kSet)) {
    self.source.as<Map>().erase(args[0]);
  } else {
    fail("unsupported_operation_exception", "remove");
  }
  out = Value();
  return true;
}

bool optional_method(const MethodCall& call, Value& out) {
  const auto& self = call.self.as<Optional>();
  auto& args = call.args;
  if (call.is("isPresent", 0)) {
    out = Value::boolean(self.value.has_value());
    return true;
  }
  if (call.is("get", 0) || call.is("getAsInt", 0) || call.is("getAsLong", 0) ||
      call.is("getAsDouble", 0)) {
    if (!self.value) fail("no_such_element_exception", "No value present");
    out = *self.value;
    return true;
  }
  if (call.is("orElse", 1)) {
    out = self.value.value_or(args[0]);
    return true;
  }
  if (call.is("orElseGet", 1)) {
    out = self.value ? *self.value : call.run.call(args[0], std::span<const Value>());
    return true;
  }
  if (call.is("ifPresent", 1)) {
    if (self.value) call.run.call(args[0], *self.value);
    out = Value();
    return true;
  }
  if (call.is("map", 1) || call.is("filter", 1)) {
    std::optional<Value> made = self.value;
    if (made && call.name == "map") made = call.run.call(args[0], *made);
    if (made && call.name == "filter" && !call.run.test(args[0], *made)) made.reset();
    if (made && made->is_null()) made.reset();
    out = Value(&call.run.heap().make<Optional>(std::move(made)));
    return true;
  }
  return false;
}

}  // namespace

bool map_method(const MethodCall& call, Value& out) {
  auto& args = call.args;
  switch (call.self.object()->cls()) {
    case Class::kMap:
      return map_only(call, out);
    case Class::kDoc: {
      auto& doc = call.self.as<Doc>();
      if (call.is("get", 1)) {
        out = doc.get(text_argument(args[0]));
        return true;
      }
      if (call.is("containsKey", 1)) {
        out = Value::boolean(doc.contains(text_argument(args[0])));
        return true;
      }
      return false;
    }
    case Class::kEntry: {
      auto& entry = call.self.as<MapEntry>();
      if (call.is("getKey", 0) || call.is("getValue", 0)) {
        out = call.name == "getKey" ? entry.key : entry.value;
        return true;
      }
      if (call.is("setValue", 1)) {
        out = entry.value;
        entry.value = args[0];
        if (entry.map.is(Class::kMap)) {
          must_change(entry.map.as<Map>());
          entry.map.as<Map>().put(entry.key, args[0]);
        }
        return true;
      }
      return false;
    }
    case Class::kIterator:
      return iterator_method(call, out);
    default:
      return optional_method(call, out);
  }
}

}  // namespace stratalog::query::script
