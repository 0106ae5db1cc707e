// One run of a script: the interpreter of its tree.
//
// Calls   bind* execute, any number of times. Steps and loops are counted anew for each execute().
// Threads one. Programs are shared.
// Life    the heap outlives the run and what it returns; the program is kept.
// Errors  execute() gives script_exception "runtime error" in Elasticsearch's form.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/script/fault.h"
#include "query/script/parser.h"

namespace stratalog::query::script {

// A compiled script. Immutable.
struct Program {
  std::string lang;
  std::string name;  // of errors: the source, or a stored script's id
  std::string source;
  ParsedScript tree;
  uint64_t bytes() const;
};
using ProgramPtr = std::shared_ptr<const Program>;

class Run {
 public:
  Run(ProgramPtr program, Heap& heap);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Heap& heap() { return heap_; }
  // The value of a variable of Surroundings.
  void bind(size_t variable, Value value);
  const Value& bound(size_t variable) const { return stack_[variable]; }
  // Functions of Surroundings.
  using Host = std::function<Value(const std::string& name, std::span<const Value> arguments)>;
  void set_host(Host host) { host_ = std::move(host); }

  Result<Value> execute();
  // The same without the error's form: throws ScriptFault.
  Value execute_or_throw();
  // script_exception "runtime error" around what was thrown, at the place where it was.
  Error runtime_error(const ScriptFault& fault) const;

  // For methods. All throw ScriptFault.
  Value call(const Value& function, std::span<const Value> arguments);
  Value call(const Value& function, const Value& a) { return call(function, std::span(&a, 1)); }
  bool test(const Value& function, const Value& a);
  void spend(uint64_t steps) { heap_.spend(steps); }
  Value method(const Value& object, const std::string& name, std::vector<Value> arguments);
  Value text(std::string out) { return heap_.string(std::move(out)); }
  // A list, set, map ... as Value.
  Value list(std::vector<Value> items, Class cls = Class::kList);

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue, kReturn };
  class Depth;

  Flow exec(const TreeNode& node);
  Flow exec_for(const TreeNode& node);
  Flow exec_for_each(const TreeNode& node);
  Flow exec_try(const TreeNode& node);
  void round_of_loop(const TreeNode& node);
  Value eval(const TreeNode& node);
  Value eval_call(const TreeNode& node);
  Value eval_pattern(const TreeNode& node);
  Value assign(const TreeNode& node);
  Value increment(const TreeNode& node);
  Value new_array(const TreeNode& node, size_t dimension);
  Value make_lambda(const TreeNode& node);
  std::vector<Value> values(const TreeNode& node, size_t from);
  bool condition(const TreeNode& node);
  Value invoke(const FunctionTree& function, std::vector<Value> arguments);
  Value cast(const Value& value, const TypeRef& type, bool is_explicit);
  Value& local(uint32_t slot) { return stack_[base_ + slot]; }
  Value get_field(const Value& object, const std::string& name);
  void set_field(const Value& object, const std::string& name, Value value);
  Value get_index(const Value& object, const Value& index);
  void set_index(const Value& object, const Value& index, Value value);

  const ProgramPtr program_;
  Heap& heap_;
  std::vector<Value> stack_;
  std::vector<Value> constants_;
  size_t base_ = 0;
  uint32_t depth_ = 0;
  uint32_t at_ = 0;
  uint64_t rounds_ = 0;
  Value result_;
  Host host_;
};

// Methods and fields of classes, by file. False: there is no such method.
struct MethodCall {
  Run& run;
  const Value& self;
  const std::string& name;
  std::vector<Value>& args;
  bool is(std::string_view method, size_t count) const {
    return args.size() == count && name == method;
  }
};
bool call_method(const MethodCall& call, Value& out);
bool text_method(const MethodCall& call, Value& out);
bool builder_method(const MethodCall& call, Value& out);
bool pattern_method(const MethodCall& call, Value& out);
bool number_method(const MethodCall& call, Value& out);
bool list_method(const MethodCall& call, Value& out);
bool collection_method(const MethodCall& call, Value& out);
bool stream_method(const MethodCall& call, Value& out);
bool map_method(const MethodCall& call, Value& out);
bool date_method(const MethodCall& call, Value& out);
bool static_method(Run& run, std::string_view type, const std::string& name,
                   std::vector<Value>& args, Value& out);
bool math_method(Run& run, std::string_view type, const std::string& name, std::vector<Value>& args,
                 Value& out);
bool date_static(Run& run, std::string_view type, const std::string& name, std::vector<Value>& args,
                 Value& out);
bool static_field(Run& run, std::string_view type, const std::string& name, Value& out);
// Throws for what can't be made.
Value construct(Run& run, std::string_view type, std::vector<Value>& args);
// A comparator's or natural order.
int compare_with(Run& run, const Value* comparator, const Value& a, const Value& b);
void sort_values(Run& run, std::vector<Value>& items, const Value* comparator);
Value call_builtin(Run& run, const Value& function, std::span<const Value> args);
Value make_pattern(Run& run, const std::string& text, std::string_view flags);

// Arguments as methods take them: class_cast_exception for others.
int64_t whole_argument(const Value& value);
double real_argument(const Value& value);
const std::string& text_argument(const Value& value);

}  // namespace stratalog::query::script
