// Tokens, names, scopes.
#include "query/script/parser.h"

#include <algorithm>

#include "query/script/fault.h"
#include "query/script/types.h"

namespace stratalog::query::script {

Parser::Parser(std::string_view source, const Surroundings& around)
    : source_(source), around_(around), tokens_(read_tokens(source)) {}

Parser::Scope::Scope(Parser& parser)
    : parser_(parser),
      count_(parser.frames_.back().variables.size()),
      frame_(parser.frames_.size() - 1) {}
Parser::Scope::~Scope() {
  if (frame_ >= parser_.frames_.size()) return;  // a fault is on its way
  Frame& frame = parser_.frames_[frame_];
  // What was captured while the scope was open stands behind it and stays.
  std::vector<Variable> captured;
  for (size_t i = count_; i < frame.variables.size(); ++i) {
    if (frame.variables[i].captured) captured.push_back(frame.variables[i]);
  }
  frame.variables.resize(std::min(count_, frame.variables.size()));
  frame.variables.insert(frame.variables.end(), captured.begin(), captured.end());
}

Parser::Level::Level(Parser& parser) : parser_(parser) {
  if (++parser_.level_ > kTreeDepthMax) {
    --parser_.level_;
    parser_.refuse(parser_.peek().at, "the script is nested too deeply");
  }
}

const Token& Parser::peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}
const Token& Parser::take() {
  const Token& token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}
bool Parser::take_if(std::string_view symbol) {
  if (!peek().is(symbol)) return false;
  take();
  return true;
}
void Parser::expect(std::string_view symbol) {
  if (take_if(symbol)) return;
  if (peek().kind == Token::Kind::kEnd) unexpected();
  refuse(peek().at, "unexpected token ['" + peek().text + "'] was expecting one of ['" +
                        std::string(symbol) + "'].");
}
std::string Parser::take_name() {
  if (peek().kind != Token::Kind::kName) unexpected();
  return take().text;
}

void Parser::refuse(uint32_t at, std::string reason, std::string type) const {
  throw CompileFault{at, std::move(type), std::move(reason), ""};
}
void Parser::unexpected() const {
  if (peek().kind == Token::Kind::kEnd) {
    throw CompileFault{peek().at, "illegal_argument_exception", "unexpected end of script.",
                       "no_viable_alt_exception"};
  }
  throw CompileFault{peek().at, "illegal_argument_exception",
                     "invalid sequence of tokens near ['" + peek().text + "'].",
                     "no_viable_alt_exception"};
}

uint32_t Parser::declare(const std::string& name, const TypeRef& type, uint32_t at) {
  if (const Variable* known = look_up(name, frames_.size() - 1);
      known != nullptr && !known->captured)
    refuse(at, "variable [" + name + "] is already defined");
  Frame& frame = frames_.back();
  const uint32_t slot = frame.next++;
  frame.slots = std::max(frame.slots, frame.next);
  frame.variables.push_back({name, slot, type});
  return slot;
}

const Parser::Variable* Parser::look_up(const std::string& name) {
  return look_up(name, frames_.size() - 1);
}

// A variable of an outer frame becomes one of the lambda's own, filled when the lambda is made.
const Parser::Variable* Parser::look_up(const std::string& name, size_t at) {
  Frame& frame = frames_[at];
  for (auto it = frame.variables.rbegin(); it != frame.variables.rend(); ++it) {
    if (it->name == name) return &*it;
  }
  if (frame.lambda == nullptr || at == 0) return nullptr;
  const Variable* outer = look_up(name, at - 1);
  if (outer == nullptr) return nullptr;
  Variable own = *outer;
  own.captured = true;
  frame.lambda->captures.push_back(outer->slot);
  own.slot = frame.next++;
  frame.slots = std::max(frame.slots, frame.next);
  frame.lambda->own.push_back(own.slot);
  frame.variables.push_back(std::move(own));
  return &frame.variables.back();
}

// A type's name at a token: dotted, with dimensions. `length`: tokens that it takes.
bool Parser::type_at(size_t ahead, TypeRef& type, size_t& length) const {
  const Token& first = peek(ahead);
  if (first.is("def") || first.is("void")) {
    find_type(first.text, type);
    length = 1;
  } else if (first.kind == Token::Kind::kName) {
    std::string name = first.text;
    length = 1;
    while (!find_type(name, type)) {
      if (!peek(ahead + length).is(".") || peek(ahead + length + 1).kind != Token::Kind::kName)
        return false;
      name += "." + peek(ahead + length + 1).text;
      length += 2;
    }
    // Map.Entry begins with the name of another type.
    if (peek(ahead + length).is(".") && peek(ahead + length + 1).kind == Token::Kind::kName) {
      TypeRef longer;
      if (find_type(name + "." + peek(ahead + length + 1).text, longer)) {
        type = longer;
        length += 2;
      }
    }
  } else {
    return false;
  }
  while (peek(ahead + length).is("[") && peek(ahead + length + 1).is("]")) {
    ++type.dimensions;
    length += 2;
  }
  return true;
}

TypeRef Parser::take_type(std::string_view where) {
  TypeRef type;
  size_t length = 0;
  if (!type_at(0, type, length)) {
    if (peek().kind != Token::Kind::kName) unexpected();
    refuse(peek().at, std::string(where) + "cannot resolve type [" + peek().text + "]");
  }
  for (size_t i = 0; i < length; ++i) take();
  return type;
}

// Two names in a row (with dimensions between them) begin a declaration.
bool Parser::declaration_ahead() const {
  TypeRef type;
  size_t length = 0;
  if (type_at(0, type, length)) return peek(length).kind == Token::Kind::kName;
  return peek().kind == Token::Kind::kName && peek(1).kind == Token::Kind::kName;
}

bool Parser::function_ahead() const {
  TypeRef type;
  size_t length = 0;
  if (!type_at(0, type, length) || peek(length).kind != Token::Kind::kName ||
      !peek(length + 1).is("("))
    return false;
  return true;
}

NodePtr Parser::make(Op op, uint32_t at) const {
  auto node = std::make_unique<TreeNode>();
  node->op = op;
  node->at = at;
  return node;
}

void Parser::adopt(TreeNode& node, NodePtr kid) const {
  if (kid != nullptr) {
    node.depth = std::max(node.depth, kid->depth + 1);
    if (node.depth > kTreeDepthMax) refuse(node.at, "the script is nested too deeply");
  }
  node.kids.push_back(std::move(kid));
}

// What can be told before the script runs.
void Parser::check_cast(const TreeNode& value, const TypeRef& type) const {
  if (type.is_def || type.is_void || type.dimensions > 0) return;
  const auto refuse_cast = [&](std::string_view from) {
    refuse(value.at,
           "Cannot cast from [" + std::string(from) + "] to [" +
               (type.is_primitive() ? type.name : std::string(java_name(type.name))) + "].",
           "class_cast_exception");
  };
  if (value.known_text) {
    const bool one_unit = value.op == Op::kText && value.text.size() == 1;
    if (type.is_primitive() && !(type.primitive == Tag::kChar && one_unit))
      refuse_cast("java.lang.String");
    return;
  }
  if (value.known == Tag::kNull || !type.is_primitive()) return;
  if (value.known == type.primitive) return;
  // A constant that fits is narrowed.
  const bool fits =
      value.op == Op::kNumber && value.known == Tag::kInt &&
      ((type.primitive == Tag::kByte && value.whole >= -128 && value.whole < 128) ||
       (type.primitive == Tag::kShort && value.whole >= -32768 && value.whole < 32768) ||
       (type.primitive == Tag::kChar && value.whole >= 0 && value.whole < 65536));
  if (!fits && !widens(value.known, type.primitive)) refuse_cast(primitive_name(value.known));
}

ParsedScript Parser::run() {
  Frame main;
  frames_.push_back(std::move(main));
  for (const std::string& name : around_.variables) declare(name, {}, 0);
  // Functions may call those that come after them.
  const size_t begin = at_;
  while (function_ahead()) {
    Signature signature;
    signature.type = take_type("");
    signature.name = take_name();
    expect("(");
    while (!peek().is(")")) {
      signature.parameters.push_back(take_type("invalid function definition: "));
      take_name();
      if (!take_if(",")) break;
    }
    expect(")");
    signatures_.push_back(std::move(signature));
    uint32_t open = 0;
    do {
      if (peek().is("{")) ++open;
      if (peek().is("}")) --open;
      if (peek().kind == Token::Kind::kEnd) unexpected();
      take();
    } while (open > 0);
  }
  at_ = begin;
  for (size_t i = 0; i < signatures_.size(); ++i) function();

  NodePtr block = make(Op::kBlock, 0);
  while (peek().kind != Token::Kind::kEnd) {
    if (take_if(";")) continue;
    adopt(*block, statement());
  }
  if (block->kids.empty()) {
    refuse(0,
           "invalid function definition: found no statements for function [execute] with [0] "
           "parameters");
  }
  mark_last(*block, around_.returns);
  check_statements(*block);
  out_.main = std::move(block);
  out_.frame = frames_.back().slots;
  std::sort(out_.statements.begin(), out_.statements.end());
  return std::move(out_);
}

}  // namespace stratalog::query::script
