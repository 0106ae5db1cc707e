// Result<T>: a value or an Error. gcc 12 in C++20 mode has no std::expected; this is the part of it
// that we use.
//
//   Result<Query> parse(std::string_view);
//   auto query = parse(body);
//   if (!query) return query.error();
//   use(*query);
//
// Errors  reading the value of a failed result is a bug and stops the process.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/ensure.h"
#include "base/error.h"

namespace stratalog {

template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor): `return value;` and `return error;` are its use.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& value() {
    ENSURE(ok(), "value() of a failed result");
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    ENSURE(ok(), "value() of a failed result");
    return *std::get_if<0>(&state_);
  }
  Error& error() {
    ENSURE(!ok(), "error() of a good result");
    return *std::get_if<1>(&state_);
  }
  const Error& error() const {
    ENSURE(!ok(), "error() of a good result");
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

// The result of what gives no value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  Error& error() {
    ENSURE(error_.has_value(), "error() of a good result");
    return *error_;
  }
  const Error& error() const {
    ENSURE(error_.has_value(), "error() of a good result");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace stratalog

// Returns the error of `expression` (a Status or Result) from the enclosing function, if it has
// one.
#define RETURN_IF_ERROR(expression)                                    \
  do {                                                                 \
    if (auto status_ = (expression); !status_) return status_.error(); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): names and declarations can't stand in parentheses.
#define STRATALOG_CONCAT2(a, b) a##b
#define STRATALOG_CONCAT(a, b) STRATALOG_CONCAT2(a, b)
#define STRATALOG_ASSIGN_OR_RETURN(temporary, declaration, expression) \
  auto temporary = (expression);                                       \
  if (!temporary) return temporary.error();                            \
  declaration = std::move(*temporary)
// ASSIGN_OR_RETURN(auto x, f()): x is the value, or f's error is returned.
#define ASSIGN_OR_RETURN(declaration, expression) \
  STRATALOG_ASSIGN_OR_RETURN(STRATALOG_CONCAT(result_, __LINE__), declaration, expression)
// NOLINTEND(bugprone-macro-parentheses)
