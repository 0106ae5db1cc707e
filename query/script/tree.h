// A compiled script: a tree whose names are resolved to slots of frames, immutable and shared by
// all runs.
//
// Shape   kids and their meaning stand with each Op. Depth is at most kTreeDepthMax.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "query/script/operations.h"
#include "query/script/value.h"

namespace stratalog::query::script {

// A type as it is written: a primitive, or a class by its simple name.
struct TypeRef {
  Tag primitive = Tag::kNull;  // kNull: no primitive
  bool is_def = true;
  bool is_void = false;
  std::string name = "def";  // "int", "List"
  uint32_t dimensions = 0;
  bool is_primitive() const { return primitive != Tag::kNull && dimensions == 0; }
};

enum class Op : uint8_t {
  // Expressions.
  kNull,
  kBool,    // whole
  kNumber,  // tag, whole or real
  kText,    // text, slot: in the pool of constants
  kLocal,   // slot
  kListLiteral,
  kMapLiteral,  // key, value, key, value ...
  kBinary,      // binary: a, b
  kAnd,
  kOr,
  kNot,
  kNegate,
  kPlus,
  kComplement,
  kConditional,  // condition, then, else
  kElvis,
  kInstanceOf,  // kid, type
  kCast,        // kid, type
  kFind,        // text, pattern
  kMatch,
  kRegex,      // text, flags in `names[0]`
  kField,      // object, text; safe
  kIndex,      // object, index
  kCall,       // object, arguments ...; text: the method; safe
  kStatic,     // arguments ...; type.name, text: the method
  kConstant,   // type.name, text: a static field
  kInvoke,     // arguments ...; slot: the function
  kHost,       // arguments ...; text: a function of the context
  kNew,        // arguments ...; type
  kNewArray,   // dimensions ...; type: of the elements
  kArrayOf,    // elements ...; type: of the elements
  kLambda,     // body (kBlock or an expression); slot: see Lambda
  kReference,  // Type::method; text: the method, type or slot (`this`), or kid: the object
  kAssign,     // target, value; binary with `compound`
  kIncrement,  // target; whole: +1 or -1; `compound`: the old value is the result
  // Statements.
  kBlock,
  kExpression,
  kDeclare,  // [value]; slot, type
  kIf,       // condition, then, [else]
  kWhile,    // condition, [body]
  kDo,       // body, condition
  kFor,      // init, condition, after, body; each may be nullptr
  kForEach,  // iterable, body; slot, type
  kReturn,   // [value]
  kBreak,
  kContinue,
  kThrow,
  kTry,    // body, then kCatch ...
  kCatch,  // body; slot, text: the class
};

struct TreeNode {
  Op op = Op::kNull;
  uint32_t at = 0;  // in the source
  uint32_t depth = 1;
  uint32_t slot = 0;
  Tag tag = Tag::kNull;
  Binary binary = Binary::kAdd;
  bool compound = false;
  bool safe = false;      // ?.
  bool constant = false;  // of numbers and texts alone
  int64_t whole = 0;
  double real = 0;
  TypeRef type;            // what it names
  Tag known = Tag::kNull;  // type of its value where that is known: primitives
  bool known_text = false;
  std::string text;
  std::vector<std::string> names;
  // Lambdas: captures[i], a slot of the frame around it, becomes own[i] of its frame.
  std::vector<uint32_t> captures;
  std::vector<uint32_t> own;
  uint32_t parameters = 0;     // lambdas
  std::vector<TypeRef> types;  // lambdas: of the parameters
  uint32_t frame = 0;          // lambdas: slots of its frame
  std::vector<std::unique_ptr<TreeNode>> kids;
};
using NodePtr = std::unique_ptr<TreeNode>;

struct FunctionTree {
  std::string name;
  TypeRef type;
  std::vector<TypeRef> parameters;
  uint32_t frame = 0;
  NodePtr body;
};

}  // namespace stratalog::query::script
