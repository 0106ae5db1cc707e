// Expressions of the interpreter.
#include <algorithm>

#include "query/script/fault.h"
#include "query/script/run.h"
#include "query/script/types.h"

namespace stratalog::query::script {

namespace {

Value element_default(const TypeRef& type) {
  if (!type.is_primitive()) return {};
  if (type.primitive == Tag::kBool) return Value::boolean(false);
  return convert_number(Value::of_int(0), type.primitive);
}

}  // namespace

std::vector<Value> Run::values(const TreeNode& node, size_t from) {
  std::vector<Value> out;
  out.reserve(node.kids.size() - from);
  for (size_t i = from; i < node.kids.size(); ++i) out.push_back(eval(*node.kids[i]));
  return out;
}

// The interpreter's frames are small: what is rare stands in functions of its own.
Value Run::eval(const TreeNode& node) {
  if (++depth_ > kRunDepthMax) {
    --depth_;
    fail_limit("stack_overflow_error", "the script calls itself too deeply");
  }
  struct Leave {
    uint32_t& depth;
    ~Leave() { --depth; }
  } const leave{depth_};
  spend(1);
  switch (node.op) {
    case Op::kNull:
      return {};
    case Op::kBool:
      return Value::boolean(node.whole != 0);
    case Op::kNumber:
      if (node.tag == Tag::kDouble) return Value::of_double(node.real);
      if (node.tag == Tag::kFloat) return Value::of_float(static_cast<float>(node.real));
      return Value::whole(node.tag, node.whole);
    case Op::kText:
      if (constants_[node.slot].is_null()) constants_[node.slot] = heap_.string(node.text);
      return constants_[node.slot];
    case Op::kLocal:
      return local(node.slot);
    case Op::kListLiteral:
      return list(values(node, 0));
    case Op::kMapLiteral: {
      Map& map = heap_.make<Map>();
      Value out(&map);
      for (size_t i = 0; i + 1 < node.kids.size(); i += 2) {
        const Value key = eval(*node.kids[i]);
        map.put(key, eval(*node.kids[i + 1]));
      }
      return out;
    }
    case Op::kBinary: {
      const Value a = eval(*node.kids[0]);
      const Value b = eval(*node.kids[1]);
      at_ = node.at;
      return script::binary(heap_, node.binary, a, b);
    }
    case Op::kAnd:
      return Value::boolean(condition(*node.kids[0]) && condition(*node.kids[1]));
    case Op::kOr:
      return Value::boolean(condition(*node.kids[0]) || condition(*node.kids[1]));
    case Op::kNot:
      return Value::boolean(!condition(*node.kids[0]));
    case Op::kNegate:
    case Op::kPlus:
    case Op::kComplement: {
      const Value value = eval(*node.kids[0]);
      at_ = node.at;
      if (node.op == Op::kComplement) return complement(value);
      const Value negative = negate(value);
      return node.op == Op::kPlus ? negate(negative) : negative;
    }
    case Op::kConditional:
      return eval(*node.kids[condition(*node.kids[0]) ? 1 : 2]);
    case Op::kElvis: {
      Value value = eval(*node.kids[0]);
      return value.is_null() ? eval(*node.kids[1]) : value;
    }
    case Op::kInstanceOf: {
      const Value value = eval(*node.kids[0]);
      if (node.type.dimensions > 0) return Value::boolean(value.is(Class::kArray));
      if (node.type.is_primitive()) return Value::boolean(value.tag() == node.type.primitive);
      return Value::boolean(instance_of(value, node.type.name));
    }
    case Op::kCast: {
      const Value value = eval(*node.kids[0]);
      at_ = node.at;
      return cast(value, node.type, true);
    }
    case Op::kFind:
    case Op::kMatch:
    case Op::kRegex:
      return eval_pattern(node);
    case Op::kField: {
      const Value object = eval(*node.kids[0]);
      if (node.safe && object.is_null()) return {};
      at_ = node.at;
      return get_field(object, node.text);
    }
    case Op::kIndex: {
      const Value object = eval(*node.kids[0]);
      const Value index = eval(*node.kids[1]);
      at_ = node.at;
      return get_index(object, index);
    }
    case Op::kCall:
    case Op::kStatic:
    case Op::kInvoke:
    case Op::kHost:
    case Op::kConstant:
    case Op::kNew:
      return eval_call(node);
    case Op::kNewArray:
      return new_array(node, 0);
    case Op::kArrayOf: {
      std::vector<Value> items = values(node, 0);
      for (Value& item : items) item = cast(item, node.type, false);
      Value out = list(std::move(items), Class::kArray);
      out.as<List>().element = node.type.primitive;
      return out;
    }
    case Op::kLambda:
    case Op::kReference:
      return make_lambda(node);
    case Op::kAssign:
      return assign(node);
    case Op::kIncrement:
      return increment(node);
    default:
      fail_argument("not an expression");
  }
}

Value Run::eval_call(const TreeNode& node) {
  if (node.op == Op::kCall) {
    const Value object = eval(*node.kids[0]);
    if (node.safe && object.is_null()) return {};
    std::vector<Value> arguments = values(node, 1);
    at_ = node.at;
    return method(object, node.text, std::move(arguments));
  }
  std::vector<Value> arguments = values(node, 0);
  at_ = node.at;
  Value out;
  switch (node.op) {
    case Op::kInvoke:
      return invoke(program_->tree.functions[node.slot], std::move(arguments));
    case Op::kHost:
      if (!host_) fail_argument("the function [" + node.text + "] can't be called here");
      return host_(node.text, arguments);
    case Op::kNew:
      return construct(*this, node.type.name, arguments);
    case Op::kStatic:
      if (static_method(*this, node.type.name, node.text, arguments, out)) return out;
      fail_argument("static method [" + std::string(java_name(node.type.name)) + ", " + node.text +
                    "/" + std::to_string(arguments.size()) + "] not found");
    default:
      if (static_field(*this, node.type.name, node.text, out)) return out;
      fail_argument("field [" + std::string(java_name(node.type.name)) + ", " + node.text +
                    "] not found");
  }
}

Value Run::eval_pattern(const TreeNode& node) {
  if (node.op == Op::kRegex) {
    at_ = node.at;
    if (constants_[node.slot].is_null())
      constants_[node.slot] = make_pattern(*this, node.text, node.names[0]);
    return constants_[node.slot];
  }
  const Value text = eval(*node.kids[0]);
  const Value pattern = eval(*node.kids[1]);
  at_ = node.at;
  if (!pattern.is(Class::kPattern))
    fail_cast("Cannot cast from [" + class_name(pattern) + "] to [java.util.regex.Pattern].");
  const std::string& input = text_argument(text);
  spend(input.size() / 8);
  const auto& compiled = pattern.as<Pattern>();
  index::Regex::Span all, group;
  bool matched = false;
  return Value::boolean((node.op == Op::kFind ? compiled.finds : compiled.matches)
                            .find(input, 0, 0, all, group, matched));
}

Value Run::new_array(const TreeNode& node, size_t dimension) {
  const Value size = eval(*node.kids[dimension]);
  at_ = node.at;
  const int64_t count = whole_argument(size);
  if (count < 0) fail("negative_array_size_exception", std::to_string(count));
  heap_.check(static_cast<uint64_t>(count) * sizeof(Value));
  spend(static_cast<uint64_t>(count));
  std::vector<Value> items(static_cast<size_t>(count));
  const bool last = dimension + 1 == node.kids.size();
  for (Value& item : items)
    item = last ? element_default(node.type) : new_array(node, dimension + 1);
  Value out = list(std::move(items), Class::kArray);
  if (last) out.as<List>().element = node.type.primitive;
  return out;
}

Value Run::make_lambda(const TreeNode& node) {
  Function& made = heap_.make<Function>();
  Value out(&made);
  made.program = program_;
  if (node.op == Op::kReference) {
    made.type = node.type.name;
    made.method = node.text;
    return out;
  }
  made.lambda = &node;
  heap_.grow(made, node.captures.size() * sizeof(Value));
  for (const uint32_t slot : node.captures) made.captured.push_back(local(slot));
  return out;
}

Value Run::cast(const Value& value, const TypeRef& type, bool is_explicit) {
  if (type.is_def || type.is_void) return value;
  if (type.dimensions > 0) {
    if (value.is_null() || value.is(Class::kArray)) return value;
    fail_cast("Cannot cast from [" + class_name(value) + "] to [" + type.name + "[]].");
  }
  if (type.is_primitive()) {
    if (value.tag() == type.primitive) return value;
    if (value.is_null()) fail("null_pointer_exception", "cannot cast null to [" + type.name + "]");
    if (type.primitive == Tag::kChar && is_string(value) && text_of(value).size() == 1)
      return Value::of_char(static_cast<uint8_t>(text_of(value)[0]));
    if (type.primitive == Tag::kBool)
      fail_cast("cannot cast def [" + def_name(value) + "] to boolean");
    if (value.is_number() && (is_explicit || widens(value.tag(), type.primitive)))
      return convert_number(value, type.primitive);
    fail_cast(std::string("cannot ") + (is_explicit ? "explicitly" : "implicitly") + " cast def [" +
              def_name(value) + "] to " + type.name);
  }
  if (value.is_null() || instance_of(value, type.name)) return value;
  if (value.is_number()) {
    // Boxes are widened as what is in them.
    static constexpr std::pair<std::string_view, Tag> kBoxes[] = {
        {"Byte", Tag::kByte},    {"Short", Tag::kShort}, {"Character", Tag::kChar},
        {"Integer", Tag::kInt},  {"Long", Tag::kLong},   {"Float", Tag::kFloat},
        {"Double", Tag::kDouble}};
    for (const auto& [name, tag] : kBoxes) {
      if (name == type.name && (is_explicit || widens(value.tag(), tag)))
        return convert_number(value, tag);
    }
  }
  if (type.name == "String" && value.tag() == Tag::kChar && is_explicit)
    return text(to_text(value));
  if (value.is(Class::kFunction)) return value;
  fail_cast("class " + class_name(value) + " cannot be cast to class " +
            std::string(java_name(type.name)));
}

Value Run::assign(const TreeNode& node) {
  const TreeNode& target = *node.kids[0];
  const TreeNode& source = *node.kids[1];
  const bool checked = source.known != Tag::kNull || source.known_text;
  const auto combined = [&](const Value& old) {
    Value value = eval(source);
    at_ = node.at;
    return node.compound ? script::binary(heap_, node.binary, old, value) : value;
  };
  if (target.op == Op::kLocal) {
    const Value old = node.compound ? local(target.slot) : Value();
    Value value = combined(old);
    at_ = source.at;
    value = cast(value, node.type, node.compound || checked);
    local(target.slot) = value;
    return value;
  }
  const Value object = eval(*target.kids[0]);
  if (target.op == Op::kField) {
    at_ = target.at;
    Value value = combined(node.compound ? get_field(object, target.text) : Value());
    at_ = target.at;
    set_field(object, target.text, value);
    return value;
  }
  const Value index = eval(*target.kids[1]);
  at_ = target.at;
  Value value = combined(node.compound ? get_index(object, index) : Value());
  at_ = target.at;
  set_index(object, index, value);
  return value;
}

Value Run::increment(const TreeNode& node) {
  const TreeNode& target = *node.kids[0];
  const auto changed = [&](const Value& old) {
    at_ = node.at;
    if (!old.is_number()) {
      if (old.is_null()) fail("null_pointer_exception", "cannot increment null");
      fail_cast("Cannot apply [" + std::string(node.whole > 0 ? "++" : "--") +
                "] operation to type [" + class_name(old) + "]");
    }
    // ++ keeps the type: a byte stays one.
    return convert_number(script::binary(heap_, Binary::kAdd, old, Value::of_int(node.whole)),
                          old.tag());
  };
  Value old, value;
  if (target.op == Op::kLocal) {
    old = local(target.slot);
    value = changed(old);
    local(target.slot) = value;
  } else {
    const Value object = eval(*target.kids[0]);
    if (target.op == Op::kField) {
      at_ = target.at;
      old = get_field(object, target.text);
      value = changed(old);
      set_field(object, target.text, value);
    } else {
      const Value index = eval(*target.kids[1]);
      at_ = target.at;
      old = get_index(object, index);
      value = changed(old);
      set_index(object, index, value);
    }
  }
  return node.compound ? old : value;
}

}  // namespace stratalog::query::script
