// Fields, indices, and methods of any object.
#include "query/script/fault.h"
#include "query/script/run.h"
#include "query/script/text.h"

namespace stratalog::query::script {

namespace {

// A place of a list; from the end when negative.
size_t place(const Value& index, size_t size) {
  if (!index.is_whole()) {
    if (index.is_null()) fail("null_pointer_exception", "cannot use null as an index");
    fail_cast("cannot implicitly cast def [" + def_name(index) + "] to int");
  }
  int64_t at = index.as_whole();
  if (at < 0) at += static_cast<int64_t>(size);
  if (at < 0 || at >= static_cast<int64_t>(size)) {
    fail("index_out_of_bounds_exception", "Index " + std::to_string(index.as_whole()) +
                                              " out of bounds for length " + std::to_string(size));
  }
  return static_cast<size_t>(at);
}

bool is_list(const Value& value) {
  return value.is(Class::kList) || value.is(Class::kArray) || value.is(Class::kDocValues);
}

bool shortcut_index(const std::string& name, Value& out) {
  if (name.empty() || name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos)
    return false;
  out = Value::of_int(std::stol(name));
  return true;
}

[[noreturn]] void fail_null(const std::string& name) {
  fail("null_pointer_exception",
       "cannot access method/field [" + name + "] from a null def reference");
}

}  // namespace

Value Run::get_field(const Value& object, const std::string& name) {
  if (object.is_null()) fail_null(name);
  spend(1);
  if (is_list(object) && name == "length") {
    return Value::of_int(static_cast<int64_t>(object.as<List>().items.size()));
  }
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
    std::vector<Value> none;
    Value out;
    std::string getter = "get" + name;
    getter[3] = static_cast<char>(getter[3] - 'a' + 'A');
    // A map's own getters come before its keys, as in Painless.
    if (object.is(Class::kMap)) {
      if (name == "empty") return Value::boolean(object.as<Map>().size() == 0);
    } else {
      if (call_method({*this, object, getter, none}, out)) return out;
      getter.replace(0, 3, "is");
      if (call_method({*this, object, getter, none}, out)) return out;
    }
  }
  if (object.is(Class::kMap) || object.is(Class::kDoc)) return get_index(object, text(name));
  if (is_list(object)) {
    Value index;
    if (shortcut_index(name, index)) return get_index(object, index);
    fail_argument("Illegal list shortcut value [" + name + "].");
  }
  fail_argument("dynamic getter [" + class_name(object) + ", " + name + "] not found");
}

void Run::set_field(const Value& object, const std::string& name, Value value) {
  if (object.is_null()) fail_null(name);
  if (object.is(Class::kMap)) return set_index(object, text(name), std::move(value));
  if (is_list(object)) {
    Value index;
    if (!shortcut_index(name, index)) fail_argument("Illegal list shortcut value [" + name + "].");
    return set_index(object, index, std::move(value));
  }
  fail_argument("dynamic setter [" + class_name(object) + ", " + name + "] not found");
}

Value Run::get_index(const Value& object, const Value& index) {
  if (is_list(object)) {
    const auto& items = object.as<List>().items;
    return items[place(index, items.size())];
  }
  if (object.is(Class::kMap)) {
    const Value* found = object.as<Map>().find(index);
    return found == nullptr ? Value() : *found;
  }
  if (object.is(Class::kDoc)) return object.as<Doc>().get(text_argument(index));
  if (object.is_null()) fail("null_pointer_exception", "cannot access an element of null");
  fail_argument("Attempting to address a non-array-like type [" + class_name(object) +
                "] as an array.");
}

void Run::set_index(const Value& object, const Value& index, Value value) {
  if (is_list(object)) {
    auto& list = object.as<List>();
    if (list.fixed) fail("unsupported_operation_exception", "the list can't be changed");
    Value& item = list.items[place(index, list.items.size())];
    if (list.element != Tag::kNull && value.tag() != list.element) {
      if (!widens(value.tag(), list.element))
        fail_cast("cannot implicitly cast def [" + def_name(value) + "] to " +
                  std::string(primitive_name(list.element)));
      value = convert_number(value, list.element);
    }
    item = std::move(value);
    return;
  }
  if (object.is(Class::kMap)) {
    auto& map = object.as<Map>();
    if (map.fixed) fail("unsupported_operation_exception", "the map can't be changed");
    map.put(index, std::move(value));
    return;
  }
  if (object.is_null()) fail("null_pointer_exception", "cannot set an element of null");
  fail_argument("Attempting to address a non-array-like type [" + class_name(object) +
                "] as an array.");
}

int64_t whole_argument(const Value& value) {
  if (value.is_whole()) return value.as_whole();
  if (value.is_null()) fail("null_pointer_exception", "null where a number is wanted");
  fail_cast("cannot implicitly cast def [" + def_name(value) + "] to int");
}
double real_argument(const Value& value) {
  if (value.is_number()) return value.to_double();
  if (value.is_null()) fail("null_pointer_exception", "null where a number is wanted");
  fail_cast("cannot implicitly cast def [" + def_name(value) + "] to double");
}
const std::string& text_argument(const Value& value) {
  if (is_string(value)) return text_of(value);
  if (value.is_null()) fail("null_pointer_exception", "null where a String is wanted");
  fail_cast("class " + class_name(value) + " cannot be cast to class java.lang.String");
}

bool call_method(const MethodCall& call, Value& out) {
  const Value& self = call.self;
  // Of every object.
  if (call.is("equals", 1)) {
    out = Value::boolean(java_equals(self, call.args[0]));
    return true;
  }
  if (call.is("hashCode", 0)) {
    out = Value::of_int(java_hash(self));
    return true;
  }
  if (call.is("toString", 0)) {
    out = call.run.text(to_text(self));
    return true;
  }
  if (!self.is_object()) return number_method(call, out);
  switch (self.object()->cls()) {
    case Class::kString:
      return text_method(call, out);
    case Class::kStringBuilder:
      return builder_method(call, out);
    case Class::kList:
    case Class::kArray:
    case Class::kDocValues:
      return list_method(call, out) || collection_method(call, out);
    case Class::kSet:
    case Class::kMapView:
      return collection_method(call, out);
    case Class::kStream:
      return stream_method(call, out);
    case Class::kMap:
    case Class::kEntry:
    case Class::kDoc:
    case Class::kIterator:
    case Class::kOptional:
      return map_method(call, out);
    case Class::kPattern:
    case Class::kMatcher:
      return pattern_method(call, out);
    case Class::kDateTime:
    case Class::kInstant:
    case Class::kDuration:
    case Class::kZone:
    case Class::kDateFormat:
    case Class::kConstant:
      return date_method(call, out);
    case Class::kException:
      if (!call.is("getMessage", 0) && !call.is("getLocalizedMessage", 0)) return false;
      out = call.run.text(self.as<Exception>().message);
      return true;
    case Class::kFunction: {
      // Comparators, and functional interfaces that a script was given.
      if (call.is("reversed", 0)) {
        Function& made = call.run.heap().make<Function>();
        out = Value(&made);
        made.builtin = Function::Builtin::kReversed;
        made.captured.push_back(self);
        return true;
      }
      if (call.is("thenComparing", 1)) {
        Function& made = call.run.heap().make<Function>();
        out = Value(&made);
        made.builtin = Function::Builtin::kThen;
        made.captured = {self, call.args[0]};
        return true;
      }
      for (const std::string_view name : {"apply", "test", "accept", "get", "applyAsInt",
                                          "applyAsLong", "applyAsDouble", "compare", "run"}) {
        if (call.name != name) continue;
        out = call.run.call(self, call.args);
        return true;
      }
      return false;
    }
    case Class::kBigInteger:
      if (call.is("doubleValue", 0)) {
        out = Value::of_double(static_cast<double>(self.as<BigInteger>().value));
        return true;
      }
      if (call.is("longValue", 0)) {
        out = Value::of_long(static_cast<int64_t>(self.as<BigInteger>().value));
        return true;
      }
      return false;
  }
  return false;
}

}  // namespace stratalog::query::script
