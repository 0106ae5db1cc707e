#include <algorithm>

#include "query/script/fault.h"
#include "query/script/parser.h"
#include "query/script/types.h"

namespace stratalog::query::script {

namespace {

// Whether control never goes on behind the statement.
bool escapes(const TreeNode& node) {
  switch (node.op) {
    case Op::kReturn:
    case Op::kThrow:
    case Op::kBreak:
    case Op::kContinue:
      return true;
    case Op::kBlock:
      return !node.kids.empty() && escapes(*node.kids.back());
    case Op::kIf:
      return node.kids.size() == 3 && escapes(*node.kids[1]) && escapes(*node.kids[2]);
    case Op::kTry:
      return std::all_of(node.kids.begin(), node.kids.end(), [](const NodePtr& kid) {
        return escapes(kid->op == Op::kCatch ? *kid->kids[0] : *kid);
      });
    default:
      return false;
  }
}

// A loop without an end that nothing leaves.
bool leaves(const TreeNode& node) {
  if (node.op == Op::kBreak || node.op == Op::kReturn || node.op == Op::kThrow) return true;
  if (node.op == Op::kLambda) return false;
  return std::any_of(node.kids.begin(), node.kids.end(),
                     [](const NodePtr& kid) { return kid != nullptr && leaves(*kid); });
}

}  // namespace

void Parser::function() {
  const size_t index = out_.functions.size();
  FunctionTree made;
  made.type = take_type("");
  const uint32_t at = peek().at;
  made.name = take_name();
  made.parameters = signatures_[index].parameters;
  Frame frame;
  frame.returns = made.type;
  frames_.push_back(std::move(frame));
  expect("(");
  while (!peek().is(")")) {
    const TypeRef type = take_type("");
    const uint32_t name_at = peek().at;
    declare(take_name(), type, name_at);
    if (!take_if(",")) break;
  }
  expect(")");
  made.body = block();
  if (made.body->kids.empty()) {
    refuse(at, "invalid function definition: found no statements for function [" + made.name +
                   "] with [" + std::to_string(made.parameters.size()) + "] parameters");
  }
  mark_last(*made.body, !made.type.is_void);
  check_statements(*made.body);
  made.frame = frames_.back().slots;
  frames_.pop_back();
  out_.functions.push_back(std::move(made));
}

NodePtr Parser::statement() {
  const Level level(*this);
  const Token& token = peek();
  if (token.is("{")) return block();
  const uint32_t at = token.at;
  const auto begins = [&] { out_.statements.push_back(at); };
  if (token.is("if")) {
    begins();
    return if_statement();
  }
  if (token.is("while")) {
    begins();
    return while_statement();
  }
  if (token.is("do")) {
    begins();
    return do_statement();
  }
  if (token.is("for")) {
    begins();
    return for_statement();
  }
  if (token.is("try")) {
    begins();
    return try_statement();
  }
  if (token.is("return")) {
    begins();
    return return_statement();
  }
  if (token.is("throw")) {
    begins();
    take();
    NodePtr node = make(Op::kThrow, peek().at);
    adopt(*node, expression());
    end_of_statement();
    return node;
  }
  for (const Op op : {Op::kBreak, Op::kContinue}) {
    const std::string word = op == Op::kBreak ? "break" : "continue";
    if (!token.is(word)) continue;
    begins();
    take();
    if (frames_.back().loops == 0) refuse(at, "invalid " + word + " statement: not inside loop");
    end_of_statement();
    return make(op, at);
  }
  if (declaration_ahead()) {
    NodePtr node = declaration();
    end_of_statement();
    return node;
  }
  begins();
  NodePtr node = expression_statement();
  end_of_statement();
  return node;
}

// A semicolon, which may be left out before a bracket and at the end.
void Parser::end_of_statement() {
  if (take_if(";") || peek().is("}") || peek().kind == Token::Kind::kEnd) return;
  refuse(peek().at,
         "unexpected token ['" + peek().text + "'] was expecting one of [{<EOF>, ';'}].");
}

NodePtr Parser::block() {
  NodePtr node = make(Op::kBlock, peek().at);
  expect("{");
  const Scope scope(*this);
  while (!peek().is("}")) {
    if (take_if(";")) continue;
    if (peek().kind == Token::Kind::kEnd) unexpected();
    adopt(*node, statement());
  }
  expect("}");
  return node;
}

// Of a loop or condition: a block or one statement, with a scope of its own.
NodePtr Parser::body() {
  const Scope scope(*this);
  if (peek().is("{")) return block();
  NodePtr node = make(Op::kBlock, peek().at);
  adopt(*node, statement());
  return node;
}

NodePtr Parser::declaration() {
  const TypeRef type = take_type("invalid declaration: ");
  if (type.is_void) refuse(peek().at, "invalid declaration: type [void] not allowed");
  NodePtr all = make(Op::kBlock, peek().at);
  do {
    const uint32_t at = peek().at;
    out_.statements.push_back(at);
    NodePtr node = make(Op::kDeclare, at);
    const std::string name = take_name();
    node->type = type;
    if (take_if("=")) {
      adopt(*node, expression());
      check_cast(*node->kids[0], type);
    }
    node->slot = declare(name, type, at);
    adopt(*all, std::move(node));
  } while (take_if(","));
  if (all->kids.size() == 1) return std::move(all->kids[0]);
  return all;
}

NodePtr Parser::expression_statement() {
  NodePtr node = make(Op::kExpression, peek().at);
  adopt(*node, expression());
  return node;
}

NodePtr Parser::if_statement() {
  NodePtr node = make(Op::kIf, take().at);
  expect("(");
  adopt(*node, expression());
  if (node->kids[0]->op == Op::kBool) refuse(node->at, "extraneous if block");
  expect(")");
  adopt(*node, body());
  if (take_if("else")) adopt(*node, body());
  return node;
}

NodePtr Parser::while_statement() {
  NodePtr node = make(Op::kWhile, take().at);
  expect("(");
  adopt(*node, expression());
  expect(")");
  if (take_if(";")) return node;
  ++frames_.back().loops;
  adopt(*node, body());
  --frames_.back().loops;
  if (node->kids[0]->op == Op::kBool) {
    if (node->kids[0]->whole == 0) refuse(node->at, "extraneous while loop");
    if (!leaves(*node->kids[1])) refuse(node->at, "no paths escape from while loop");
  }
  return node;
}

NodePtr Parser::do_statement() {
  NodePtr node = make(Op::kDo, take().at);
  ++frames_.back().loops;
  adopt(*node, block());
  --frames_.back().loops;
  expect("while");
  expect("(");
  adopt(*node, expression());
  expect(")");
  end_of_statement();
  return node;
}

NodePtr Parser::for_statement() {
  const uint32_t at = take().at;
  expect("(");
  const Scope scope(*this);
  TypeRef type;
  size_t length = 0;
  if (type_at(0, type, length) && peek(length).kind == Token::Kind::kName &&
      peek(length + 1).is(":"))
    return for_each(true, at);
  if (peek().kind == Token::Kind::kName && peek(1).is("in")) return for_each(false, at);
  NodePtr node = make(Op::kFor, at);
  if (peek().is(";")) {
    adopt(*node, nullptr);
  } else {
    adopt(*node, declaration_ahead() ? declaration() : expression_statement());
  }
  expect(";");
  adopt(*node, peek().is(";") ? nullptr : expression());
  expect(";");
  adopt(*node, peek().is(")") ? nullptr : expression_statement());
  expect(")");
  ++frames_.back().loops;
  adopt(*node, take_if(";") ? nullptr : body());
  --frames_.back().loops;
  const bool endless = node->kids[1] == nullptr || node->kids[1]->op == Op::kBool;
  if (endless && (node->kids[3] == nullptr || !leaves(*node->kids[3])))
    refuse(at, "no paths escape from for loop");
  return node;
}

NodePtr Parser::for_each(bool typed, uint32_t at) {
  NodePtr node = make(Op::kForEach, at);
  if (typed) node->type = take_type("invalid foreach loop: ");
  const uint32_t name_at = peek().at;
  const std::string name = take_name();
  expect(typed ? ":" : "in");
  adopt(*node, expression());
  expect(")");
  node->slot = declare(name, node->type, name_at);
  ++frames_.back().loops;
  adopt(*node, body());
  --frames_.back().loops;
  return node;
}

NodePtr Parser::try_statement() {
  NodePtr node = make(Op::kTry, take().at);
  adopt(*node, block());
  while (peek().is("catch")) {
    NodePtr handler = make(Op::kCatch, take().at);
    expect("(");
    const Scope scope(*this);
    const uint32_t at = peek().at;
    const TypeRef type = take_type("");
    if (exception_type(type.name).empty())
      refuse(at, "cannot cast from [" + type.name + "] to [java.lang.Exception]",
             "class_cast_exception");
    handler->text = type.name;
    const uint32_t name_at = peek().at;
    handler->slot = declare(take_name(), type, name_at);
    expect(")");
    adopt(*handler, block());
    adopt(*node, std::move(handler));
  }
  if (node->kids.size() == 1) unexpected();
  return node;
}

NodePtr Parser::return_statement() {
  NodePtr node = make(Op::kReturn, take().at);
  if (!peek().is(";") && !peek().is("}") && peek().kind != Token::Kind::kEnd) {
    adopt(*node, expression());
    check_cast(*node->kids[0], frames_.back().returns);
  }
  end_of_statement();
  return node;
}

// The value of the last expression is the script's, wherever the last statement stands.
void Parser::mark_last(TreeNode& node, bool value) {
  if (node.op == Op::kBlock) {
    if (!node.kids.empty()) mark_last(*node.kids.back(), value);
  } else if (node.op == Op::kExpression) {
    node.safe = value;
  } else if (node.op == Op::kIf) {
    for (size_t i = 1; i < node.kids.size(); ++i) mark_last(*node.kids[i], value);
  } else if (node.op == Op::kTry) {
    for (const NodePtr& kid : node.kids)
      mark_last(kid->op == Op::kCatch ? *kid->kids[0] : *kid, value);
  }
}

// An expression alone must do something.
void Parser::check_used(const TreeNode& node) const {
  std::string what;
  switch (node.op) {
    case Op::kAssign:
    case Op::kIncrement:
    case Op::kCall:
    case Op::kStatic:
    case Op::kInvoke:
    case Op::kHost:
    case Op::kNew:
    case Op::kNewArray:
      return;
    case Op::kNumber:
      what = "numeric constant [" + std::string(source_.substr(node.at, node.text.size())) + "]";
      break;
    case Op::kText:
      what = "string constant [" + node.text + "]";
      break;
    case Op::kLocal:
      what = "variable [" + node.text + "]";
      break;
    case Op::kField:
    case Op::kConstant:
      what = "result of dot operator [.]";
      break;
    case Op::kIndex:
      what = "result of brace operator";
      break;
    case Op::kBinary:
      what = "result of operation [" + std::string(symbol(node.binary)) + "]";
      break;
    default:
      what = "result of expression";
      break;
  }
  refuse(node.at, "not a statement: " + what + " not used");
}

void Parser::check_statements(const TreeNode& node) const {
  if (node.op == Op::kExpression) {
    if (!node.safe) check_used(*node.kids[0]);
    return;
  }
  if (node.op == Op::kBlock) {
    for (size_t i = 0; i + 1 < node.kids.size(); ++i) {
      if (escapes(*node.kids[i])) refuse(node.at, "invalid block: unreachable statement");
    }
  }
  const bool statements = node.op >= Op::kBlock;
  if (!statements || node.op == Op::kDeclare || node.op == Op::kReturn) return;
  for (const NodePtr& kid : node.kids) {
    if (kid != nullptr) check_statements(*kid);
  }
}

}  // namespace stratalog::query::script
