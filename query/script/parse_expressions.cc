#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "query/script/fault.h"
#include "query/script/parser.h"
#include "query/script/types.h"

namespace stratalog::query::script {

namespace {

struct BinaryToken {
  std::string_view symbol;
  int level;  // the greater, the tighter
  Op op;
  Binary kind;
};
constexpr auto kBinary = std::to_array<BinaryToken>({
    {"||", 1, Op::kOr, {}},
    {"&&", 2, Op::kAnd, {}},
    {"|", 3, Op::kBinary, Binary::kOr},
    {"^", 4, Op::kBinary, Binary::kXor},
    {"&", 5, Op::kBinary, Binary::kAnd},
    {"==", 6, Op::kBinary, Binary::kEqual},
    {"!=", 6, Op::kBinary, Binary::kNotEqual},
    {"===", 6, Op::kBinary, Binary::kSame},
    {"!==", 6, Op::kBinary, Binary::kNotSame},
    {"instanceof", 7, Op::kInstanceOf, {}},
    {"<", 8, Op::kBinary, Binary::kLess},
    {"<=", 8, Op::kBinary, Binary::kLessEqual},
    {">", 8, Op::kBinary, Binary::kGreater},
    {">=", 8, Op::kBinary, Binary::kGreaterEqual},
    {"<<", 9, Op::kBinary, Binary::kShiftLeft},
    {">>", 9, Op::kBinary, Binary::kShiftRight},
    {">>>", 9, Op::kBinary, Binary::kShiftRightUnsigned},
    {"=~", 10, Op::kFind, {}},
    {"==~", 10, Op::kMatch, {}},
    {"+", 11, Op::kBinary, Binary::kAdd},
    {"-", 11, Op::kBinary, Binary::kSubtract},
    {"*", 12, Op::kBinary, Binary::kMultiply},
    {"/", 12, Op::kBinary, Binary::kDivide},
    {"%", 12, Op::kBinary, Binary::kRemainder},
});

struct AssignToken {
  std::string_view symbol;
  Binary kind;
};
constexpr auto kAssign = std::to_array<AssignToken>({
    {"+=", Binary::kAdd},
    {"-=", Binary::kSubtract},
    {"*=", Binary::kMultiply},
    {"/=", Binary::kDivide},
    {"%=", Binary::kRemainder},
    {"&=", Binary::kAnd},
    {"|=", Binary::kOr},
    {"^=", Binary::kXor},
    {"<<=", Binary::kShiftLeft},
    {">>=", Binary::kShiftRight},
    {">>>=", Binary::kShiftRightUnsigned},
});

Tag known_result(Op op, Binary kind, const TreeNode& a, const TreeNode& b) {
  if (op != Op::kBinary) return Tag::kBool;
  if (kind >= Binary::kLess) return Tag::kBool;
  if (a.known < Tag::kByte || b.known < Tag::kByte) return Tag::kNull;
  return std::max(Tag::kInt, std::max(a.known, b.known));
}

}  // namespace

NodePtr Parser::expression() {
  const Level level(*this);
  NodePtr target = conditional();
  const uint32_t at = target->at;
  if (take_if("=")) return assigned(std::move(target), expression(), Binary::kAdd, false, at);
  for (const AssignToken& token : kAssign) {
    if (take_if(token.symbol))
      return assigned(std::move(target), expression(), token.kind, true, at);
  }
  return target;
}

void Parser::check_target(const TreeNode& target) const {
  if (target.op == Op::kLocal) {
    if (frames_.back().lambda == nullptr) return;
    const auto& own = frames_.back().lambda->own;
    if (std::find(own.begin(), own.end(), target.slot) != own.end())
      refuse(target.at, "Variable [" + target.text + "] is read-only.");
    return;
  }
  if ((target.op != Op::kField && target.op != Op::kIndex) || target.safe)
    refuse(target.at, "invalid assignment: cannot assign a value to this expression");
}

NodePtr Parser::assigned(NodePtr target, NodePtr value, Binary op, bool compound, uint32_t at) {
  check_target(*target);
  NodePtr node = make(Op::kAssign, at);
  node->binary = op;
  node->compound = compound;
  node->type = target->op == Op::kLocal ? target->type : TypeRef();
  if (!compound && target->op == Op::kLocal) check_cast(*value, target->type);
  adopt(*node, std::move(target));
  adopt(*node, std::move(value));
  return node;
}

NodePtr Parser::conditional() {
  const Level level(*this);
  NodePtr left = binary(1);
  if (peek().is("?:")) {
    take();
    NodePtr node = make(Op::kElvis, left->at);
    adopt(*node, std::move(left));
    adopt(*node, conditional());
    return node;
  }
  if (!peek().is("?")) return left;
  take();
  NodePtr node = make(Op::kConditional, left->at);
  adopt(*node, std::move(left));
  adopt(*node, expression());
  expect(":");
  adopt(*node, expression());
  if (node->kids[1]->known == node->kids[2]->known) node->known = node->kids[1]->known;
  return node;
}

NodePtr Parser::combine(Op op, Binary kind, NodePtr a, NodePtr b, uint32_t at) const {
  NodePtr node = make(op, at);
  node->binary = kind;
  node->known = known_result(op, kind, *a, *b);
  const bool text = a->known_text || b->known_text;
  if (op == Op::kBinary && kind == Binary::kAdd && text) {
    node->known_text = true;
    node->known = Tag::kNull;
  } else if (op == Op::kBinary && kind < Binary::kEqual && a->known_text && b->known_text) {
    refuse(at,
           "cannot apply the operator [" + std::string(symbol(kind)) +
               "] to the types [java.lang.String] and [java.lang.String]",
           "class_cast_exception");
  }
  const bool divides = kind == Binary::kDivide || kind == Binary::kRemainder;
  if (op == Op::kBinary && divides && b->op == Op::kNumber && a->op == Op::kNumber &&
      b->known <= Tag::kLong && a->known <= Tag::kLong && b->whole == 0)
    refuse(at, "/ by zero", "arithmetic_exception");
  adopt(*node, std::move(a));
  adopt(*node, std::move(b));
  return node;
}

NodePtr Parser::binary(int level) {
  NodePtr left = unary();
  for (;;) {
    const Token& token = peek();
    const auto it = std::find_if(kBinary.begin(), kBinary.end(),
                                 [&](const BinaryToken& one) { return token.is(one.symbol); });
    if (it == kBinary.end() || it->level < level) return left;
    const Level deeper(*this);
    take();
    const uint32_t at = left->at;
    if (it->op == Op::kInstanceOf) {
      NodePtr node = make(Op::kInstanceOf, at);
      node->type = take_type("");
      node->known = Tag::kBool;
      adopt(*node, std::move(left));
      left = std::move(node);
      continue;
    }
    NodePtr right = binary(it->level + 1);
    left = combine(it->op, it->kind, std::move(left), std::move(right), at);
  }
}

// "(type)" before an operand.
bool Parser::cast_ahead() const {
  if (!peek().is("(")) return false;
  TypeRef type;
  size_t length = 0;
  if (!type_at(1, type, length) || !peek(1 + length).is(")")) return false;
  const Token& next = peek(2 + length);
  if (next.kind == Token::Kind::kEnd) return false;
  const bool sign = next.is("+") || next.is("-") || next.is("++") || next.is("--");
  if (next.kind != Token::Kind::kSymbol && next.kind != Token::Kind::kKeyword) return true;
  if (sign) return type.is_primitive() || type.is_def;
  return next.is("(") || next.is("[") || next.is("!") || next.is("~") || next.is("new") ||
         next.is("true") || next.is("false") || next.is("null") || next.is("this");
}

NodePtr Parser::unary() {
  const Level level(*this);
  const Token& token = peek();
  const uint32_t at = token.at;
  const auto wrap = [&](Op op) {
    take();
    NodePtr node = make(op, at);
    adopt(*node, unary());
    const Tag kid = node->kids[0]->known;
    if (op == Op::kNot) {
      node->known = Tag::kBool;
    } else if (kid >= Tag::kByte) {
      node->known = std::max(Tag::kInt, kid);
    }
    return node;
  };
  if (token.is("!")) return wrap(Op::kNot);
  if (token.is("~")) return wrap(Op::kComplement);
  if (token.is("-")) {
    if (peek(1).kind == Token::Kind::kNumber && !peek(2).is(".")) {
      take();
      return number(true, at);
    }
    return wrap(Op::kNegate);
  }
  if (token.is("+")) return wrap(Op::kPlus);
  if (token.is("++") || token.is("--")) {
    const int64_t by = token.is("++") ? 1 : -1;
    NodePtr node = wrap(Op::kIncrement);
    check_target(*node->kids[0]);
    node->whole = by;
    node->known = Tag::kNull;
    return node;
  }
  if (cast_ahead()) {
    take();
    NodePtr node = make(Op::kCast, at);
    node->type = take_type("");
    expect(")");
    adopt(*node, unary());
    const TreeNode& kid = *node->kids[0];
    node->at = kid.at;
    if (node->type.is_primitive()) node->known = node->type.primitive;
    node->known_text = node->type.name == "String" && node->type.dimensions == 0;
    if (kid.known_text && node->type.is_primitive() &&
        !(node->type.primitive == Tag::kChar && kid.op == Op::kText && kid.text.size() == 1)) {
      check_cast(kid, node->type);
    }
    return node;
  }
  return postfix();
}

NodePtr Parser::postfix() {
  NodePtr node = primary();
  for (;;) {
    const Token& token = peek();
    if (token.is(".") || token.is("?.") || token.is("[")) {
      const Level level(*this);
      node = member(std::move(node));
    } else if (token.is("++") || token.is("--")) {
      check_target(*node);
      NodePtr changed = make(Op::kIncrement, node->at);
      changed->whole = take().is("++") ? 1 : -1;
      changed->compound = true;
      adopt(*changed, std::move(node));
      node = std::move(changed);
    } else {
      return node;
    }
  }
}

NodePtr Parser::member(NodePtr object) {
  const uint32_t at = peek().at;
  if (take_if("[")) {
    NodePtr node = make(Op::kIndex, at);
    adopt(*node, std::move(object));
    adopt(*node, expression());
    expect("]");
    return node;
  }
  const bool safe = take().is("?.");
  const Token& name = take();
  if (name.kind != Token::Kind::kName) unexpected();
  const bool call = peek().is("(");
  NodePtr node = make(call ? Op::kCall : Op::kField, at);
  node->text = name.text;
  node->safe = safe;
  adopt(*node, std::move(object));
  if (call) arguments(*node);
  return node;
}

void Parser::arguments(TreeNode& node) {
  expect("(");
  while (!peek().is(")")) {
    adopt(node, argument());
    if (!take_if(",")) break;
  }
  expect(")");
}

NodePtr Parser::argument() {
  if (lambda_ahead()) return lambda();
  return expression();
}

bool Parser::lambda_ahead() const {
  if (peek().kind == Token::Kind::kName && peek(1).is("->")) return true;
  if (!peek().is("(")) return false;
  size_t i = 1;
  while (!peek(i).is(")")) {
    const Token& token = peek(i);
    const bool part = token.kind == Token::Kind::kName || token.is("def") || token.is(",") ||
                      token.is(".") || token.is("[") || token.is("]");
    if (!part) return false;
    ++i;
  }
  return peek(i + 1).is("->");
}

NodePtr Parser::lambda() {
  const Level level(*this);
  NodePtr node = make(Op::kLambda, peek().at);
  Frame frame;
  frame.lambda = node.get();
  frames_.push_back(std::move(frame));
  const auto parameter = [&] {
    TypeRef type;
    size_t length = 0;
    if (type_at(0, type, length) && peek(length).kind == Token::Kind::kName)
      take_type("");
    else
      type = {};
    const uint32_t at = peek().at;
    const std::string name = take_name();
    Frame& own = frames_.back();
    for (const Variable& other : own.variables) {
      if (other.name == name) refuse(at, "variable [" + name + "] is already defined");
    }
    own.variables.push_back({name, own.next++, type});
    own.slots = own.next;
    node->types.push_back(type);
  };
  if (take_if("(")) {
    while (!peek().is(")")) {
      parameter();
      if (!take_if(",")) break;
    }
    expect(")");
  } else {
    parameter();
  }
  node->parameters = static_cast<uint32_t>(node->types.size());
  expect("->");
  if (peek().is("{")) {
    NodePtr inside = block();
    mark_last(*inside, true);
    check_statements(*inside);
    adopt(*node, std::move(inside));
  } else {
    adopt(*node, expression());
  }
  node->frame = frames_.back().slots;
  frames_.pop_back();
  return node;
}

NodePtr Parser::text_node(const Token& token) {
  NodePtr node = make(Op::kText, token.at);
  node->text = token.text;
  node->slot = out_.constants++;
  node->known_text = true;
  return node;
}

NodePtr Parser::primary() {
  const Level level(*this);
  const Token& token = peek();
  const uint32_t at = token.at;
  if (token.kind == Token::Kind::kNumber) return number(false, at);
  if (token.kind == Token::Kind::kText) return text_node(take());
  if (token.kind == Token::Kind::kRegex) {
    NodePtr node = make(Op::kRegex, at);
    node->text = token.text;
    node->names = {token.flags};
    node->slot = out_.constants++;
    take();
    return node;
  }
  if (token.is("true") || token.is("false")) {
    NodePtr node = make(Op::kBool, at);
    node->whole = take().is("true") ? 1 : 0;
    node->known = Tag::kBool;
    return node;
  }
  if (take_if("null")) return make(Op::kNull, at);
  if (token.is("(")) {
    take();
    NodePtr node = expression();
    expect(")");
    return node;
  }
  if (token.is("[")) return brackets();
  if (token.is("new")) return creation();
  if (token.is("this") && peek(1).is("::")) return reference();
  if (token.kind == Token::Kind::kName || token.is("def")) return named();
  unexpected();
}

NodePtr Parser::number(bool negative, uint32_t at) {
  const Token& token = take();
  std::string text = token.text;
  NodePtr node = make(Op::kNumber, at);
  node->text = text;
  const auto refuse_number = [&](const std::string& type) {
    std::string reason = "Invalid " + type + " constant [" + (negative ? "-" : "") + text + "].";
    if (type == "int") {
      reason += " If you want a long constant then change it to [" + text + "L].";
    }
    refuse(token.at, reason);
  };
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char last = text.back();
  const bool is_long = last == 'l' || last == 'L';
  const bool is_float = !hex && (last == 'f' || last == 'F');
  const bool marked = !hex && (last == 'd' || last == 'D');
  if (is_long || is_float || marked) text.pop_back();
  const bool real = !hex && (is_float || marked || text.find_first_of(".eE") != std::string::npos);
  if (real) {
    node->real = std::strtod(text.c_str(), nullptr);
    if (std::isinf(node->real)) refuse_number("double");
    if (negative) node->real = -node->real;
    node->tag = is_float ? Tag::kFloat : Tag::kDouble;
    if (is_float) node->real = static_cast<double>(static_cast<float>(node->real));
  } else {
    const bool octal = !hex && text.size() > 1 && text[0] == '0';
    if (octal && text.find_first_of("89") != std::string::npos) refuse_number("int");
    const std::string digits = hex ? text.substr(2) : text;
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value,
                                              hex     ? 16
                                              : octal ? 8
                                                      : 10);
    const uint64_t most = is_long ? uint64_t{INT64_MAX} : uint64_t{INT32_MAX};
    if (error != std::errc() || value > most + (negative ? 1 : 0))
      refuse_number(is_long ? "long" : "int");
    node->whole = static_cast<int64_t>(negative ? 0 - value : value);
    node->tag = is_long ? Tag::kLong : Tag::kInt;
  }
  node->known = node->tag;
  return node;
}

// [a, b], [:], [k: v]
NodePtr Parser::brackets() {
  const uint32_t at = take().at;
  if (take_if(":")) {
    expect("]");
    return make(Op::kMapLiteral, at);
  }
  NodePtr node = make(Op::kListLiteral, at);
  if (take_if("]")) return node;
  adopt(*node, expression());
  if (take_if(":")) {
    node->op = Op::kMapLiteral;
    adopt(*node, expression());
    while (take_if(",")) {
      adopt(*node, expression());
      expect(":");
      adopt(*node, expression());
    }
  } else {
    while (take_if(",")) adopt(*node, expression());
  }
  expect("]");
  return node;
}

NodePtr Parser::creation() {
  const uint32_t at = take().at;
  TypeRef type;
  std::string name = peek().text;
  if (peek().kind != Token::Kind::kName && !peek().is("def")) unexpected();
  take();
  while (!find_type(name, type) && peek().is(".") && peek(1).kind == Token::Kind::kName) {
    take();
    name += "." + take().text;
  }
  if (!find_type(name, type) || type.is_void) refuse(at, "Not a type [" + name + "].");
  if (peek().is("(")) {
    NodePtr node = make(Op::kNew, at);
    node->type = type;
    arguments(*node);
    return node;
  }
  NodePtr node = make(Op::kNewArray, at);
  node->type = type;
  while (take_if("[")) {
    if (take_if("]")) {
      expect("{");
      node->op = Op::kArrayOf;
      while (!peek().is("}")) {
        adopt(*node, expression());
        if (!take_if(",")) break;
      }
      expect("}");
      return node;
    }
    adopt(*node, expression());
    expect("]");
  }
  if (node->kids.empty()) unexpected();
  return node;
}

// Type::method, this::function
NodePtr Parser::reference() {
  NodePtr node = make(Op::kReference, peek().at);
  if (take_if("this")) {
    node->type.name = "this";
  } else {
    node->type = take_type("");
  }
  expect("::");
  if (take_if("new")) {
    node->text = "new";
    return node;
  }
  node->text = take_name();
  if (node->type.name == "this") {
    const auto it = std::find_if(signatures_.begin(), signatures_.end(),
                                 [&](const Signature& one) { return one.name == node->text; });
    if (it == signatures_.end()) {
      refuse(node->at, "invalid function reference: function [" + node->text + "] not found");
    }
    node->slot = static_cast<uint32_t>(it - signatures_.begin());
  }
  return node;
}

// A variable, a call, or a class.
NodePtr Parser::named() {
  const Token& token = peek();
  const uint32_t at = token.at;
  if (peek(1).is("(") && token.kind == Token::Kind::kName) {
    take();
    NodePtr node = make(Op::kInvoke, at);
    node->text = token.text;
    arguments(*node);
    const size_t count = node->kids.size();
    for (size_t i = 0; i < signatures_.size(); ++i) {
      const Signature& signature = signatures_[i];
      if (signature.name != node->text || signature.parameters.size() != count) continue;
      node->slot = static_cast<uint32_t>(i);
      for (size_t p = 0; p < count; ++p) check_cast(*node->kids[p], signature.parameters[p]);
      if (signature.type.is_primitive()) node->known = signature.type.primitive;
      return node;
    }
    for (const Surroundings::HostFunction& function : around_.functions) {
      if (function.name != node->text || count < function.parameters_min ||
          count > function.parameters_max)
        continue;
      node->op = Op::kHost;
      return node;
    }
    refuse(at, "Unknown call [" + node->text + "] with [" + std::to_string(count) + "] arguments.");
  }
  if (token.kind == Token::Kind::kName) {
    if (const Variable* variable = look_up(token.text); variable != nullptr) {
      take();
      NodePtr node = make(Op::kLocal, at);
      node->text = variable->name;
      node->slot = variable->slot;
      node->type = variable->type;
      if (variable->type.is_primitive()) node->known = variable->type.primitive;
      node->known_text = variable->type.name == "String" && variable->type.dimensions == 0;
      return node;
    }
  }
  TypeRef type;
  size_t length = 0;
  if (!type_at(0, type, length)) refuse(at, "cannot resolve symbol [" + token.text + "]");
  if (peek(length).is("::")) return reference();
  for (size_t i = 0; i < length; ++i) take();
  const uint32_t dot = peek().at;
  expect(".");
  const std::string name = take_name();
  NodePtr node = make(peek().is("(") ? Op::kStatic : Op::kConstant, dot);
  node->type = type;
  node->text = name;
  if (node->op == Op::kStatic) arguments(*node);
  return node;
}

}  // namespace stratalog::query::script
