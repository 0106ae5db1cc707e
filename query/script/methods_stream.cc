// Streams, which are lists that are made at each step, and collectors.
#include <algorithm>
#include <limits>

#include "query/script/fault.h"
#include "query/script/run.h"

namespace stratalog::query::script {

namespace {

Value optional(Run& run, std::optional<Value> value) {
  return Value(&run.heap().make<Optional>(std::move(value)));
}

Value stream_like(Run& run, const List& source, std::vector<Value> items, Tag element) {
  static_cast<void>(source);
  Value out = run.list(std::move(items), Class::kStream);
  out.as<List>().element = element;
  return out;
}

Value collect(Run& run, const std::vector<Value>& items, const Value& collector) {
  if (!collector.is(Class::kFunction)) fail_cast("not a Collector: " + class_name(collector));
  const auto& made = collector.as<Function>();
  using Builtin = Function::Builtin;
  switch (made.builtin) {
    case Builtin::kToList:
      return run.list(items);
    case Builtin::kToSet:
      return run.list(items, Class::kSet);
    case Builtin::kCounting:
      return Value::of_long(static_cast<int64_t>(items.size()));
    case Builtin::kJoining: {
      const auto part = [&](size_t i) {
        return i < made.captured.size() ? text_argument(made.captured[i]) : std::string();
      };
      std::string text = part(1);
      for (size_t i = 0; i < items.size(); ++i) {
        if (i > 0) text += part(0);
        append_text(text, items[i]);
      }
      return run.text(text + part(2));
    }
    case Builtin::kGrouping: {
      Map& map = run.heap().make<Map>();
      Value out(&map);
      for (const Value& item : items) {
        const Value key = run.call(made.captured[0], item);
        if (map.find(key) == nullptr) map.put(key, run.list({}));
        map.find(key)->as<List>().add(item);
      }
      if (made.captured.size() > 1) {
        for (const Map::Entry& entry : map.entries())
          map.put(entry.key, collect(run, entry.value.as<List>().items, made.captured[1]));
      }
      return out;
    }
    case Builtin::kToMap: {
      Map& map = run.heap().make<Map>();
      Value out(&map);
      for (const Value& item : items) {
        const Value key = run.call(made.captured[0], item);
        if (!map.put(key, run.call(made.captured[1], item)))
          fail("illegal_state_exception", "Duplicate key " + to_text(key));
      }
      return out;
    }
    default:
      fail_cast("not a Collector");
  }
}

bool numeric_end(const MethodCall& call, const List& self, Value& out) {
  Run& run = call.run;
  const bool real = self.element == Tag::kDouble;
  if (call.is("sum", 0)) {
    Value sum = real                         ? Value::of_double(0)
                : self.element == Tag::kLong ? Value::of_long(0)
                                             : Value::of_int(0);
    for (const Value& item : self.items) sum = binary(run.heap(), Binary::kAdd, sum, item);
    out = sum;
    return true;
  }
  if (call.is("average", 0)) {
    double sum = 0;
    for (const Value& item : self.items) sum += real_argument(item);
    out = optional(run, self.items.empty()
                            ? std::optional<Value>()
                            : Value::of_double(sum / static_cast<double>(self.items.size())));
    return true;
  }
  return false;
}

}  // namespace

bool stream_method(const MethodCall& call, Value& out) {
  Run& run = call.run;
  auto& args = call.args;
  const Value kept = call.self;
  const auto& self = kept.as<List>();
  const auto& items = self.items;
  run.spend(items.size());
  const auto stream = [&](std::vector<Value> made, Tag element) {
    out = stream_like(run, self, std::move(made), element);
    return true;
  };
  const auto mapped = [&](Tag element) {
    std::vector<Value> made;
    run.heap().check(items.size() * sizeof(Value));
    for (const Value& item : items) {
      Value value = run.call(args[0], item);
      if (element != Tag::kNull && value.is_number()) value = convert_number(value, element);
      made.push_back(std::move(value));
    }
    return stream(std::move(made), element);
  };
  if (call.is("filter", 1)) {
    std::vector<Value> made;
    for (const Value& item : items) {
      if (run.test(args[0], item)) made.push_back(item);
    }
    return stream(std::move(made), self.element);
  }
  if (call.is("map", 1)) return mapped(self.element);
  if (call.is("mapToObj", 1)) return mapped(Tag::kNull);
  if (call.is("mapToInt", 1)) return mapped(Tag::kInt);
  if (call.is("mapToLong", 1)) return mapped(Tag::kLong);
  if (call.is("mapToDouble", 1)) return mapped(Tag::kDouble);
  if (call.is("boxed", 0) || call.is("sequential", 0)) return stream(items, Tag::kNull);
  if (call.is("asLongStream", 0) || call.is("asDoubleStream", 0)) {
    const Tag to = call.name == "asLongStream" ? Tag::kLong : Tag::kDouble;
    std::vector<Value> made;
    for (const Value& item : items) made.push_back(convert_number(item, to));
    return stream(std::move(made), to);
  }
  if (call.is("flatMap", 1)) {
    std::vector<Value> made;
    for (const Value& item : items) {
      if (!items_of(run.call(args[0], item), made)) fail_cast("flatMap wants a Stream");
      run.heap().check(made.size() * sizeof(Value));
    }
    return stream(std::move(made), self.element);
  }
  if (call.is("limit", 1) || call.is("skip", 1)) {
    const int64_t count = whole_argument(args[0]);
    if (count < 0) fail_argument(std::to_string(count));
    const auto at = items.begin() + static_cast<ptrdiff_t>(std::min<uint64_t>(
                                        static_cast<uint64_t>(count), items.size()));
    return stream(call.name == "limit" ? std::vector<Value>(items.begin(), at)
                                       : std::vector<Value>(at, items.end()),
                  self.element);
  }
  if (call.is("distinct", 0)) {
    const Value set = run.list(items, Class::kSet);
    std::vector<Value> made;
    items_of(set, made);
    return stream(std::move(made), self.element);
  }
  if (call.is("sorted", 0) || call.is("sorted", 1)) {
    std::vector<Value> made = items;
    sort_values(run, made, args.empty() ? nullptr : &args[0]);
    return stream(std::move(made), self.element);
  }
  if (call.is("forEach", 1) || call.is("forEachOrdered", 1)) {
    for (const Value& item : items) run.call(args[0], item);
    out = Value();
    return true;
  }
  const bool any = call.is("anyMatch", 1), all = call.is("allMatch", 1);
  if (any || all || call.is("noneMatch", 1)) {
    bool result = !any;
    for (const Value& item : items) {
      if (run.test(args[0], item) == all) continue;
      result = any;
      break;
    }
    out = Value::boolean(result);
    return true;
  }
  if (call.is("count", 0)) {
    out = Value::of_long(static_cast<int64_t>(items.size()));
    return true;
  }
  if (call.is("findFirst", 0) || call.is("findAny", 0)) {
    out = optional(run, items.empty() ? std::optional<Value>() : items[0]);
    return true;
  }
  if (call.name == "max" || call.name == "min") {
    if (args.size() > 1) return false;
    const Value* by = args.empty() ? nullptr : &args[0];
    const int sign = call.name == "max" ? 1 : -1;
    std::optional<Value> best;
    for (const Value& item : items) {
      if (!best || compare_with(run, by, item, *best) * sign > 0) best = item;
    }
    out = optional(run, std::move(best));
    return true;
  }
  if (call.is("reduce", 1) || call.is("reduce", 2)) {
    std::optional<Value> sum;
    if (args.size() == 2) sum = args[0];
    for (const Value& item : items) {
      if (!sum) {
        sum = item;
        continue;
      }
      const Value both[] = {*sum, item};
      sum = run.call(args.back(), both);
    }
    out = args.size() == 2 ? *sum : optional(run, std::move(sum));
    return true;
  }
  if (call.is("collect", 1)) {
    out = collect(run, items, args[0]);
    return true;
  }
  if (call.is("toArray", 0) || call.is("toArray", 1)) {
    out = run.list(items, Class::kArray);
    out.as<List>().element = self.element;
    return true;
  }
  if (call.is("toList", 0)) {
    out = run.list(items);
    return true;
  }
  if (call.is("iterator", 0)) {
    out = Value(&run.heap().make<Iterator>(items));
    return true;
  }
  return numeric_end(call, self, out);
}

Value call_builtin(Run& run, const Value& function, std::span<const Value> args) {
  const auto& made = function.as<Function>();
  const auto wants = [&](size_t count) {
    if (args.size() != count) fail_argument("Incorrect number of parameters");
  };
  using Builtin = Function::Builtin;
  switch (made.builtin) {
    case Builtin::kNatural:
      wants(2);
      return Value::of_int(compare_values(args[0], args[1]));
    case Builtin::kReversed: {
      wants(2);
      const Value* by = made.captured.empty() ? nullptr : &made.captured[0];
      return Value::of_int(compare_with(run, by, args[1], args[0]));
    }
    case Builtin::kComparing: {
      wants(2);
      const Value a = run.call(made.captured[0], args[0]);
      const Value b = run.call(made.captured[0], args[1]);
      const Value* by = made.captured.size() > 1 ? &made.captured[1] : nullptr;
      return Value::of_int(compare_with(run, by, a, b));
    }
    case Builtin::kThen: {
      wants(2);
      const int first = compare_with(run, &made.captured[0], args[0], args[1]);
      if (first != 0) return Value::of_int(first);
      return Value::of_int(compare_with(run, &made.captured[1], args[0], args[1]));
    }
    case Builtin::kIdentity:
      wants(1);
      return args[0];
    case Builtin::kNone:
      break;
    default:
      fail_cast("a Collector can't be called");
  }
  // Type::method: static with all arguments, or a method of the first.
  std::vector<Value> all(args.begin(), args.end());
  if (made.method == "new") return construct(run, made.type, all);
  Value out;
  if (static_method(run, made.type, made.method, all, out)) return out;
  if (args.empty())
    fail_argument("function reference [" + made.type + "::" + made.method + "/0] not found");
  return run.method(args[0], made.method, {args.begin() + 1, args.end()});
}

}  // namespace stratalog::query::script
