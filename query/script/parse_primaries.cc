// Literals, names, creation: what operators stand between.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "query/script/fault.h"
#include "query/script/parser.h"
#include "query/script/types.h"

namespace stratalog::query::script {

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
