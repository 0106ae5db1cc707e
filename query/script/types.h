// The classes that scripts may name.
#pragma once

#include <string>
#include <string_view>

#include "query/script/tree.h"

namespace stratalog::query::script {

// Java's name of a class known by its simple or full one, or "".
std::string_view java_name(std::string_view name);
inline bool is_type_name(std::string_view name) { return !java_name(name).empty(); }
// The simple name of a known class: "java.util.List" -> "List".
std::string_view simple_name(std::string_view name);
// A TypeRef by name; primitives, def and void too. False: no such type.
bool find_type(std::string_view name, TypeRef& out);

// "illegal_argument_exception" of IllegalArgumentException; "" of what is none.
std::string_view exception_type(std::string_view class_name);
// Whether a `catch (class_name e)` takes an exception of the type.
bool catches(std::string_view class_name, std::string_view type);

// The instanceof of a class, by its simple name.
bool instance_of(const Value& value, std::string_view name);

}  // namespace stratalog::query::script
