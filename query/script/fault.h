// What stops a script: an exception of the script's language, which it may catch, or a limit, which
// it may not. Thrown inside query/script/ only; script.h gives Errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "query/script/value.h"

namespace stratalog::query::script {

// Elasticsearch's name of the exception's class ("null_pointer_exception").
struct ScriptFault {
  std::string type;
  std::string reason;
  bool catchable = true;
};

[[noreturn]] void fail(std::string_view type, std::string reason);
[[noreturn]] inline void fail_argument(std::string reason) {
  fail("illegal_argument_exception", std::move(reason));
}
[[noreturn]] inline void fail_cast(std::string reason) {
  fail("class_cast_exception", std::move(reason));
}
// The run took more than it may: no script catches that.
[[noreturn]] void fail_limit(std::string_view type, std::string reason);

// A compile error at an offset of the source.
struct CompileFault {
  uint32_t at = 0;
  std::string type;
  std::string reason;
  std::string cause;  // type of a further cause without reason; "": none
};

}  // namespace stratalog::query::script
