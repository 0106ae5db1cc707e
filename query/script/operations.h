// Java's rules for values: promotion, conversion, equality, order, printing.
//
// Errors  ScriptFault.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "query/script/objects.h"
#include "query/script/value.h"

namespace stratalog::query::script {

// "java.lang.Integer", "java.util.HashMap": the class' name in messages; "null" of null.
std::string class_name(const Value& value);
// "int" for numbers: how casts name them.
std::string def_name(const Value& value);
std::string_view primitive_name(Tag tag);

// For sums of what fits 64 bits.
__extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using)

enum class Binary : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kShiftLeft,
  kShiftRight,
  kShiftRightUnsigned,
  kAnd,
  kOr,
  kXor,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kSame,
  kNotSame,
};
std::string_view symbol(Binary op);

Value binary(Heap& heap, Binary op, const Value& a, const Value& b);
Value negate(const Value& value);
Value complement(const Value& value);

// A number in a primitive type, as Java narrows and widens it.
Value convert_number(const Value& value, Tag to);
// Whether Java widens by itself.
bool widens(Tag from, Tag to);

// Object.equals, hashCode and compareTo. Numbers of different types are not equal here.
bool java_equals(const Value& a, const Value& b, uint32_t depth = 0);
int32_t java_hash(const Value& value, uint32_t depth = 0);
int compare_values(const Value& a, const Value& b);
// Objects.equals with numbers compared by value: Painless' == of def.
bool loosely_equal(const Value& a, const Value& b);

void append_text(std::string& out, const Value& value, uint32_t depth = 0);
std::string to_text(const Value& value);

// Documents, parameters and results.
Value from_json(Heap& heap, const json::Value& tree, uint32_t depth = 0);
// Fails with illegal_argument_exception for what JSON can't hold.
json::Value to_json(const Value& value, uint32_t depth = 0);

// The items of anything that can be walked, as they are now. False: it can't.
bool items_of(const Value& value, std::vector<Value>& out);

}  // namespace stratalog::query::script
