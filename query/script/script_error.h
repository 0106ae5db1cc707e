// script_exception in Elasticsearch's form: script_stack, script, lang, position, caused_by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "query/script/fault.h"
#include "query/script/run.h"

namespace stratalog::query::script {

Error compile_script_error(std::string_view source, std::string_view lang,
                           const CompileFault& fault);
Error runtime_script_error(const Program& program, uint32_t at, const ScriptFault& fault);

}  // namespace stratalog::query::script
