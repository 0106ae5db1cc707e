// Painless text -> tree, with all names resolved. Recursive descent, bounded by kTreeDepthMax.
//
// Source  the grammar of https://www.elastic.co/guide/en/elasticsearch/painless/7.17/painless-lang-spec.html
// Errors  CompileFault.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/script/lexer.h"
#include "query/script/tree.h"

namespace stratalog::query::script {

// What a script finds around it.
struct Surroundings {
  std::vector<std::string> variables;  // in the first slots of the main frame
  struct HostFunction {
    std::string name;
    uint32_t parameters_min = 0;
    uint32_t parameters_max = 0;
  };
  std::vector<HostFunction> functions;
  bool returns = true;  // false: expressions must do something
};

struct ParsedScript {
  NodePtr main;
  uint32_t frame = 0;
  uint32_t constants = 0;
  std::vector<FunctionTree> functions;
  std::vector<uint32_t> statements;  // where they begin, ascending
};

class Parser {
 public:
  Parser(std::string_view source, const Surroundings& around);
  ParsedScript run();

 private:
  struct Variable {
    std::string name;
    uint32_t slot;
    TypeRef type;
    bool captured = false;
  };
  // A frame of slots: the script's, a function's or a lambda's.
  struct Frame {
    std::vector<Variable> variables;
    uint32_t slots = 0;
    uint32_t next = 0;
    TreeNode* lambda = nullptr;  // what it captures goes there
    uint32_t loops = 0;
    TypeRef returns;
  };
  // Ends the scope of variables.
  class Scope {
   public:
    explicit Scope(Parser& parser);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Parser& parser_;
    size_t count_;
    size_t frame_;
  };
  // One level deeper.
  class Level {
   public:
    explicit Level(Parser& parser);
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  // Tokens.
  const Token& peek(size_t ahead = 0) const;
  const Token& take();
  bool take_if(std::string_view symbol);
  void expect(std::string_view symbol);
  std::string take_name();
  [[noreturn]] void refuse(uint32_t at, std::string reason,
                           std::string type = "illegal_argument_exception") const;
  [[noreturn]] void unexpected() const;

  // Names and types.
  uint32_t declare(const std::string& name, const TypeRef& type, uint32_t at);
  const Variable* look_up(const std::string& name);
  const Variable* look_up(const std::string& name, size_t frame);
  bool type_at(size_t ahead, TypeRef& type, size_t& length) const;
  TypeRef take_type(std::string_view where);
  bool declaration_ahead() const;
  bool function_ahead() const;

  NodePtr make(Op op, uint32_t at) const;
  void adopt(TreeNode& node, NodePtr kid) const;
  void check_cast(const TreeNode& value, const TypeRef& type) const;

  // Statements (parse_statements.cc).
  void function();
  NodePtr statement();
  NodePtr block();
  NodePtr body();
  NodePtr declaration();
  NodePtr expression_statement();
  NodePtr if_statement();
  NodePtr while_statement();
  NodePtr do_statement();
  NodePtr for_statement();
  NodePtr for_each(bool typed, uint32_t at);
  NodePtr try_statement();
  NodePtr return_statement();
  void end_of_statement();
  void check_used(const TreeNode& node) const;
  void mark_last(TreeNode& node, bool value);
  void check_statements(const TreeNode& node) const;

  // Expressions (parse_expressions.cc).
  NodePtr expression();
  NodePtr conditional();
  NodePtr binary(int level);
  NodePtr unary();
  NodePtr postfix();
  NodePtr primary();
  NodePtr number(bool negative, uint32_t at);
  NodePtr brackets();
  NodePtr named();
  NodePtr creation();
  NodePtr member(NodePtr object);
  NodePtr argument();
  NodePtr lambda();
  NodePtr reference();
  NodePtr text_node(const Token& token);
  bool lambda_ahead() const;
  bool cast_ahead() const;
  void arguments(TreeNode& node);
  NodePtr combine(Op op, Binary kind, NodePtr a, NodePtr b, uint32_t at) const;
  NodePtr assigned(NodePtr target, NodePtr value, Binary op, bool compound, uint32_t at);
  void check_target(const TreeNode& target) const;

  const std::string_view source_;
  const Surroundings& around_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  uint32_t level_ = 0;
  std::vector<Frame> frames_;
  ParsedScript out_;
  struct Signature {
    std::string name;
    std::vector<TypeRef> parameters;
    TypeRef type;
  };
  std::vector<Signature> signatures_;
};

}  // namespace stratalog::query::script
