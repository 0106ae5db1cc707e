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

}  // namespace stratalog::query::script
