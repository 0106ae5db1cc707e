#include "query/script/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "query/script/fault.h"
#include "query/script/lexer.h"

namespace stratalog::query::script {

namespace {

struct Operator {
  std::string_view symbol;
  int level;
  Op op;
  Binary kind;
};
constexpr auto kOperators = std::to_array<Operator>({
    {"||", 1, Op::kOr, {}},
    {"&&", 2, Op::kAnd, {}},
    {"|", 3, Op::kBinary, Binary::kOr},
    {"^", 4, Op::kBinary, Binary::kXor},
    {"&", 5, Op::kBinary, Binary::kAnd},
    {"==", 6, Op::kBinary, Binary::kEqual},
    {"!=", 6, Op::kBinary, Binary::kNotEqual},
    {"<", 7, Op::kBinary, Binary::kLess},
    {"<=", 7, Op::kBinary, Binary::kLessEqual},
    {">", 7, Op::kBinary, Binary::kGreater},
    {">=", 7, Op::kBinary, Binary::kGreaterEqual},
    {"<<", 8, Op::kBinary, Binary::kShiftLeft},
    {">>", 8, Op::kBinary, Binary::kShiftRight},
    {">>>", 8, Op::kBinary, Binary::kShiftRightUnsigned},
    {"+", 9, Op::kBinary, Binary::kAdd},
    {"-", 9, Op::kBinary, Binary::kSubtract},
    {"*", 10, Op::kBinary, Binary::kMultiply},
    {"/", 10, Op::kBinary, Binary::kDivide},
    {"%", 10, Op::kBinary, Binary::kRemainder},
});

struct Name {
  std::string_view name;
  std::string_view math;
  size_t arguments;
};
constexpr auto kFunctions = std::to_array<Name>({
    {"abs", "abs", 1},     {"acos", "acos", 1},   {"asin", "asin", 1}, {"atan", "atan", 1},
    {"atan2", "atan2", 2}, {"ceil", "ceil", 1},   {"cos", "cos", 1},   {"cosh", "cosh", 1},
    {"exp", "exp", 1},     {"floor", "floor", 1}, {"ln", "log", 1},    {"log10", "log10", 1},
    {"pow", "pow", 2},     {"sin", "sin", 1},     {"sinh", "sinh", 1}, {"sqrt", "sqrt", 1},
    {"tan", "tan", 1},     {"tanh", "tanh", 1},   {"max", "max", 2},   {"min", "min", 2},
});

TypeRef primitive(Tag tag, const char* name) {
  TypeRef type;
  type.primitive = tag;
  type.is_def = false;
  type.name = name;
  return type;
}

class ExpressionParser {
 public:
  ExpressionParser(std::string_view source, Context context)
      : source_(source), context_(context), tokens_(read_tokens(source)) {}

  ParsedScript run() {
    NodePtr value = conditional();
    if (peek().kind != Token::Kind::kEnd) refuse();
    NodePtr statement = make(Op::kReturn);
    adopt(*statement, real(std::move(value)));
    ParsedScript out;
    out.main = make(Op::kBlock);
    adopt(*out.main, std::move(statement));
    out.frame = static_cast<uint32_t>(surroundings(context_).variables.size());
    out.constants = constants_;
    out.statements = {0};
    return out;
  }

 private:
  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool take_if(std::string_view symbol) {
    if (!peek().is(symbol)) return false;
    ++at_;
    return true;
  }
  [[noreturn]] void refuse(std::string reason = {}) const {
    const std::string text = peek().kind == Token::Kind::kEnd ? "<EOF>" : peek().text;
    if (reason.empty()) {
      reason = "Invalid expression '" + std::string(source_) + "': unexpected '" + text +
               "' on line (1) position (" + std::to_string(peek().at) + ")";
    }
    throw CompileFault{peek().at, "parse_exception", std::move(reason), ""};
  }
  NodePtr make(Op op) const {
    auto node = std::make_unique<TreeNode>();
    node->op = op;
    node->at = peek().at;
    return node;
  }
  void adopt(TreeNode& node, NodePtr kid) const {
    node.depth = std::max(node.depth, kid->depth + 1);
    if (node.depth > kTreeDepthMax) refuse("the expression is nested too deeply");
    node.kids.push_back(std::move(kid));
  }
  struct Level {
    explicit Level(ExpressionParser& p) : parser(p) {
      if (++parser.level_ > kTreeDepthMax / 4) parser.refuse("the expression is nested too deeply");
    }
    ~Level() { --parser.level_; }
    ExpressionParser& parser;
  };

  // A boolean as 1 or 0.
  NodePtr real(NodePtr value) const {
    if (value->known != Tag::kBool) return value;
    NodePtr node = make(Op::kConditional);
    node->known = Tag::kDouble;
    adopt(*node, std::move(value));
    adopt(*node, number(1));
    adopt(*node, number(0));
    return node;
  }
  NodePtr truth(NodePtr value) const {
    if (value->known == Tag::kBool) return value;
    NodePtr node = make(Op::kBinary);
    node->binary = Binary::kNotEqual;
    node->known = Tag::kBool;
    adopt(*node, std::move(value));
    adopt(*node, number(0));
    return node;
  }
  NodePtr whole(NodePtr value) const {
    NodePtr node = make(Op::kCast);
    node->type = primitive(Tag::kLong, "long");
    adopt(*node, real(std::move(value)));
    return node;
  }
  NodePtr number(double value) const {
    NodePtr node = make(Op::kNumber);
    node->tag = node->known = Tag::kDouble;
    node->real = value;
    return node;
  }

  NodePtr conditional() {
    const Level level(*this);
    NodePtr value = binary(1);
    if (!take_if("?")) return value;
    NodePtr node = make(Op::kConditional);
    adopt(*node, truth(std::move(value)));
    adopt(*node, real(conditional()));
    if (!take_if(":")) refuse();
    adopt(*node, real(conditional()));
    return node;
  }

  NodePtr binary(int level) {
    NodePtr left = unary();
    for (;;) {
      const auto it = std::find_if(kOperators.begin(), kOperators.end(),
                                   [&](const Operator& one) { return peek().is(one.symbol); });
      if (it == kOperators.end() || it->level < level) return left;
      ++at_;
      NodePtr right = binary(it->level + 1);
      NodePtr node = make(it->op);
      node->binary = it->kind;
      const bool logic = it->op != Op::kBinary;
      const bool bits =
          it->op == Op::kBinary && it->kind >= Binary::kShiftLeft && it->kind <= Binary::kXor;
      if (logic || it->kind >= Binary::kLess) node->known = Tag::kBool;
      const auto operand = [&](NodePtr kid) {
        return logic ? truth(std::move(kid)) : bits ? whole(std::move(kid)) : real(std::move(kid));
      };
      adopt(*node, operand(std::move(left)));
      adopt(*node, operand(std::move(right)));
      if (bits) {
        NodePtr back = make(Op::kCast);
        back->type = primitive(Tag::kDouble, "double");
        adopt(*back, std::move(node));
        node = std::move(back);
      }
      left = std::move(node);
    }
  }

  NodePtr unary() {
    const Level level(*this);
    if (take_if("-")) {
      NodePtr node = make(Op::kNegate);
      adopt(*node, real(unary()));
      return node;
    }
    if (take_if("+")) return real(unary());
    if (take_if("!")) {
      NodePtr node = make(Op::kNot);
      node->known = Tag::kBool;
      adopt(*node, truth(unary()));
      return node;
    }
    if (take_if("~")) {
      NodePtr node = make(Op::kComplement);
      adopt(*node, whole(unary()));
      NodePtr back = make(Op::kCast);
      back->type = primitive(Tag::kDouble, "double");
      adopt(*back, std::move(node));
      return back;
    }
    return primary();
  }

  NodePtr primary() {
    const Token token = peek();
    if (token.kind == Token::Kind::kNumber) {
      ++at_;
      char* end = nullptr;
      const double value = std::strtod(token.text.c_str(), &end);
      if (*end != '\0' || !std::isfinite(value)) refuse();
      return number(value);
    }
    if (take_if("(")) {
      NodePtr inside = conditional();
      if (!take_if(")")) refuse();
      return inside;
    }
    if (token.kind != Token::Kind::kName) refuse();
    if (peek(1).is("(")) return function();
    if (token.text == "doc") return field();
    ++at_;
    if (token.text == "_score" || token.text == "_value") {
      const auto& names = surroundings(context_).variables;
      const auto it = std::find(names.begin(), names.end(), token.text);
      if (it != names.end()) {
        NodePtr node = make(Op::kLocal);
        node->text = token.text;
        node->slot = static_cast<uint32_t>(it - names.begin());
        NodePtr cast = make(Op::kCast);
        cast->type = primitive(Tag::kDouble, "double");
        adopt(*cast, std::move(node));
        return cast;
      }
    }
    // A parameter, as a double.
    NodePtr params = make(Op::kLocal);
    params->slot = static_cast<uint32_t>(variable(context_, "params"));
    NodePtr get = make(Op::kField);
    get->text = token.text;
    while (peek().is(".") && peek(1).kind == Token::Kind::kName) {
      get->text += "." + peek(1).text;
      at_ += 2;
    }
    adopt(*get, std::move(params));
    NodePtr cast = make(Op::kCast);
    cast->type = primitive(Tag::kDouble, "double");
    adopt(*cast, std::move(get));
    return cast;
  }

  NodePtr function() {
    const std::string name = peek().text;
    at_ += 2;
    NodePtr node = make(Op::kStatic);
    node->type.name = "Math";
    node->type.is_def = false;
    while (!peek().is(")")) {
      adopt(*node, real(conditional()));
      if (!take_if(",")) break;
    }
    if (!take_if(")")) refuse();
    const auto it = std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Name& one) {
      return one.name == name && one.arguments == node->kids.size();
    });
    if (it == kFunctions.end()) {
      refuse("Invalid expression '" + std::string(source_) + "': Unrecognized function call (" +
             name + ")");
    }
    node->text = it->math;
    NodePtr cast = make(Op::kCast);
    cast->type = primitive(Tag::kDouble, "double");
    adopt(*cast, std::move(node));
    return cast;
  }

  // doc['f'].value, .length, .empty, .min(), .max(), .sum(), .avg(), .count()
  NodePtr field() {
    const auto& names = surroundings(context_).variables;
    const auto it = std::find(names.begin(), names.end(), "doc");
    if (it == names.end() || !peek(1).is("[") || peek(2).kind != Token::Kind::kText ||
        !peek(3).is("]"))
      refuse();
    NodePtr doc = make(Op::kLocal);
    doc->slot = static_cast<uint32_t>(it - names.begin());
    NodePtr key = make(Op::kText);
    key->text = peek(2).text;
    key->slot = constants_++;
    NodePtr values = make(Op::kIndex);
    adopt(*values, std::move(doc));
    adopt(*values, std::move(key));
    at_ += 4;
    std::string what = "value";
    if (take_if(".")) {
      if (peek().kind != Token::Kind::kName) refuse();
      what = peek().text;
      ++at_;
      if (take_if("(") && !take_if(")")) refuse();
    }
    NodePtr node = make(Op::kHost);
    node->text = "expression_" + what;
    static constexpr std::string_view kKnown[] = {
        "value",         "length",       "empty",      "min",       "max",
        "sum",           "avg",          "count",      "getYear",   "getMonth",
        "getDayOfMonth", "getHourOfDay", "getMinutes", "getSeconds"};
    if (std::find(std::begin(kKnown), std::end(kKnown), what) == std::end(kKnown))
      refuse("Member variable [" + what + "] does not exist for a field.");
    adopt(*node, std::move(values));
    return node;
  }

  const std::string_view source_;
  const Context context_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
  uint32_t level_ = 0;
  uint32_t constants_ = 0;
};

}  // namespace

ParsedScript parse_expression(std::string_view source, Context context) {
  return ExpressionParser(source, context).run();
}

}  // namespace stratalog::query::script
