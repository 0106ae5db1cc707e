#include "query/script/run.h"

#include <algorithm>

#include "query/script/fault.h"
#include "query/script/script_error.h"
#include "query/script/types.h"

namespace stratalog::query::script {

// One level deeper into tree and calls.
class Run::Depth {
 public:
  explicit Depth(Run& run) : run_(run) {
    if (++run_.depth_ > kRunDepthMax) {
      --run_.depth_;
      fail_limit("stack_overflow_error", "the script calls itself too deeply");
    }
  }
  ~Depth() { --run_.depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  Run& run_;
};

Run::Run(ProgramPtr program, Heap& heap) : program_(std::move(program)), heap_(heap) {
  stack_.resize(program_->tree.frame);
  constants_.resize(program_->tree.constants);
}
Run::~Run() = default;

void Run::bind(size_t variable, Value value) { stack_[variable] = std::move(value); }

Value Run::execute_or_throw() {
  heap_.restart_steps();
  rounds_ = 0;
  depth_ = 0;
  base_ = 0;
  stack_.resize(program_->tree.frame);
  result_ = Value();
  exec(*program_->tree.main);
  return std::move(result_);
}

Result<Value> Run::execute() {
  try {
    return execute_or_throw();
  } catch (const ScriptFault& fault) {
    return runtime_error(fault);
  }
}

Error Run::runtime_error(const ScriptFault& fault) const {
  return runtime_script_error(*program_, at_, fault);
}

bool Run::condition(const TreeNode& node) {
  const Value value = eval(node);
  if (value.is_bool()) return value.as_bool();
  at_ = node.at;
  if (value.is_null()) fail("null_pointer_exception", "cannot cast null to boolean");
  fail_cast("cannot cast def [" + def_name(value) + "] to boolean");
}

void Run::round_of_loop(const TreeNode& node) {
  spend(1);
  if (++rounds_ <= kLoopRoundsMax) return;
  at_ = node.at;
  fail_limit("painless_error",
             "The maximum number of statements that can be executed in a loop has been reached.");
}

Run::Flow Run::exec(const TreeNode& node) {
  const Depth depth(*this);
  switch (node.op) {
    case Op::kBlock:
      for (const NodePtr& kid : node.kids) {
        if (const Flow flow = exec(*kid); flow != Flow::kNext) return flow;
      }
      return Flow::kNext;
    case Op::kExpression: {
      Value value = eval(*node.kids[0]);
      if (node.safe) result_ = std::move(value);
      return Flow::kNext;
    }
    case Op::kDeclare: {
      Value value;
      if (!node.kids.empty()) {
        const TreeNode& init = *node.kids[0];
        value = eval(init);
        at_ = init.at;
        value = cast(value, node.type, init.known != Tag::kNull || init.known_text);
      } else if (node.type.is_primitive()) {
        value = node.type.primitive == Tag::kBool
                    ? Value::boolean(false)
                    : convert_number(Value::of_int(0), node.type.primitive);
      }
      local(node.slot) = std::move(value);
      return Flow::kNext;
    }
    case Op::kIf:
      if (condition(*node.kids[0])) return exec(*node.kids[1]);
      return node.kids.size() > 2 ? exec(*node.kids[2]) : Flow::kNext;
    case Op::kWhile:
      while (condition(*node.kids[0])) {
        round_of_loop(node);
        if (node.kids.size() < 2) continue;
        const Flow flow = exec(*node.kids[1]);
        if (flow == Flow::kReturn) return flow;
        if (flow == Flow::kBreak) break;
      }
      return Flow::kNext;
    case Op::kDo:
      do {
        round_of_loop(node);
        const Flow flow = exec(*node.kids[0]);
        if (flow == Flow::kReturn) return flow;
        if (flow == Flow::kBreak) break;
      } while (condition(*node.kids[1]));
      return Flow::kNext;
    case Op::kFor:
      return exec_for(node);
    case Op::kForEach:
      return exec_for_each(node);
    case Op::kReturn:
      result_ = node.kids.empty() ? Value() : eval(*node.kids[0]);
      return Flow::kReturn;
    case Op::kBreak:
      return Flow::kBreak;
    case Op::kContinue:
      return Flow::kContinue;
    case Op::kThrow: {
      const Value thrown = eval(*node.kids[0]);
      at_ = node.at;
      if (!thrown.is(Class::kException))
        fail_cast("Cannot cast from [" + class_name(thrown) + "] to [java.lang.Exception].");
      fail(thrown.as<Exception>().type, thrown.as<Exception>().message);
    }
    case Op::kTry:
      return exec_try(node);
    default:
      result_ = eval(node);
      return Flow::kNext;
  }
}

Run::Flow Run::exec_for(const TreeNode& node) {
  if (node.kids[0] != nullptr) exec(*node.kids[0]);
  while (node.kids[1] == nullptr || condition(*node.kids[1])) {
    round_of_loop(node);
    if (node.kids[3] != nullptr) {
      const Flow flow = exec(*node.kids[3]);
      if (flow == Flow::kReturn) return flow;
      if (flow == Flow::kBreak) break;
    }
    if (node.kids[2] != nullptr) exec(*node.kids[2]);
  }
  return Flow::kNext;
}

Run::Flow Run::exec_for_each(const TreeNode& node) {
  const Value iterable = eval(*node.kids[0]);
  at_ = node.at;
  std::vector<Value> items;
  if (iterable.is(Class::kIterator)) {
    items = iterable.as<Iterator>().items;
  } else if (!items_of(iterable, items)) {
    if (iterable.is_null()) fail("null_pointer_exception", "cannot iterate over null");
    fail_argument("Cannot iterate over [" + class_name(iterable) + "]");
  }
  const bool list = iterable.is(Class::kList);
  const Value* keys = iterable.is(Class::kMapView) ? &iterable.as<MapView>().map : nullptr;
  if (iterable.is(Class::kSet)) keys = &iterable;
  const uint64_t changes = keys == nullptr ? 0 : keys->as<Map>().changes();
  spend(items.size());
  for (const Value& item : items) {
    round_of_loop(node);
    at_ = node.at;
    if ((list && iterable.as<List>().items.size() != items.size()) ||
        (keys != nullptr && keys->as<Map>().changes() != changes))
      fail("concurrent_modification_exception", "the collection was changed while it is walked");
    local(node.slot) = cast(item, node.type, false);
    const Flow flow = exec(*node.kids[1]);
    if (flow == Flow::kReturn) return flow;
    if (flow == Flow::kBreak) break;
  }
  return Flow::kNext;
}

Run::Flow Run::exec_try(const TreeNode& node) {
  const size_t base = base_;
  const size_t height = stack_.size();
  const uint32_t depth = depth_;
  ScriptFault caught;
  try {
    return exec(*node.kids[0]);
  } catch (ScriptFault& fault) {
    if (!fault.catchable) throw;
    const bool any =
        std::any_of(node.kids.begin() + 1, node.kids.end(),
                    [&](const NodePtr& handler) { return catches(handler->text, fault.type); });
    if (!any) throw;
    caught = std::move(fault);
  }
  base_ = base;
  depth_ = depth;
  stack_.resize(height);
  for (size_t i = 1; i < node.kids.size(); ++i) {
    const TreeNode& handler = *node.kids[i];
    if (!catches(handler.text, caught.type)) continue;
    local(handler.slot) = Value(&heap_.make<Exception>(caught.type, caught.reason));
    return exec(*handler.kids[0]);
  }
  return Flow::kNext;
}

Value Run::invoke(const FunctionTree& function, std::vector<Value> arguments) {
  const Depth depth(*this);
  spend(1);
  for (size_t i = 0; i < arguments.size(); ++i)
    arguments[i] = cast(arguments[i], function.parameters[i], false);
  const size_t base = base_;
  const size_t height = stack_.size();
  const uint32_t at = at_;
  stack_.resize(height + function.frame);
  base_ = height;
  for (size_t i = 0; i < arguments.size(); ++i) stack_[height + i] = std::move(arguments[i]);
  Value outer = std::exchange(result_, Value());
  exec(*function.body);
  Value out = std::exchange(result_, std::move(outer));
  stack_.resize(height);
  base_ = base;
  if (function.type.is_void) return {};
  at_ = at;
  return cast(out, function.type, false);
}

Value Run::call(const Value& function, std::span<const Value> arguments) {
  if (!function.is(Class::kFunction)) {
    if (function.is_null()) fail("null_pointer_exception", "cannot call a null function");
    fail_cast("Cannot cast from [" + class_name(function) + "] to a functional interface");
  }
  const Depth depth(*this);
  spend(1);
  const Value kept = function;  // it may be all that holds the function
  const auto& made = kept.as<Function>();
  if (made.program != nullptr && made.program != program_)
    fail_argument("a function of another script can't be called");
  if (made.lambda == nullptr) {
    if (made.type == "this") {
      const FunctionTree* own = nullptr;
      for (const FunctionTree& one : program_->tree.functions) {
        if (one.name == made.method && one.parameters.size() == arguments.size()) own = &one;
      }
      if (own == nullptr) fail_argument("Incorrect number of parameters for [" + made.method + "]");
      return invoke(*own, {arguments.begin(), arguments.end()});
    }
    return call_builtin(*this, kept, arguments);
  }
  const TreeNode& lambda = *made.lambda;
  if (arguments.size() != lambda.parameters) {
    fail_argument("Incorrect number of parameters for lambda: expected [" +
                  std::to_string(arguments.size()) + "] but found [" +
                  std::to_string(lambda.parameters) + "]");
  }
  const size_t base = base_;
  const size_t height = stack_.size();
  stack_.resize(height + lambda.frame);
  for (size_t i = 0; i < arguments.size(); ++i)
    stack_[height + i] = cast(arguments[i], lambda.types[i], false);
  for (size_t i = 0; i < lambda.own.size(); ++i) stack_[height + lambda.own[i]] = made.captured[i];
  base_ = height;
  Value outer = std::exchange(result_, Value());
  exec(*lambda.kids[0]);
  Value out = std::exchange(result_, std::move(outer));
  stack_.resize(height);
  base_ = base;
  return out;
}

bool Run::test(const Value& function, const Value& a) {
  const Value result = call(function, a);
  if (result.is_bool()) return result.as_bool();
  fail_cast("cannot cast def [" + def_name(result) + "] to boolean");
}

Value Run::method(const Value& object, const std::string& name, std::vector<Value> arguments) {
  if (object.is_null()) {
    fail("null_pointer_exception",
         "cannot access method/field [" + name + "] from a null def reference");
  }
  spend(1);
  Value out;
  if (call_method({*this, object, name, arguments}, out)) return out;
  fail_argument("dynamic method [" + class_name(object) + ", " + name + "/" +
                std::to_string(arguments.size()) + "] not found");
}

Value Run::list(std::vector<Value> items, Class cls) {
  if (cls == Class::kSet) {
    Map& set = heap_.make<Map>(Class::kSet);
    Value out(&set);
    for (const Value& item : items) set.put(item, Value());
    return out;
  }
  List& made = heap_.make<List>(cls);
  Value out(&made);
  heap_.grow(made, items.size() * sizeof(Value));
  made.items = std::move(items);
  return out;
}

}  // namespace stratalog::query::script
