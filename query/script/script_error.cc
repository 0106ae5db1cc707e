#include "query/script/script_error.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/unicode.h"

namespace stratalog::query::script {

namespace {

Error script_error(std::string_view reason, std::string_view source, std::string_view name,
                   std::string_view lang, uint32_t at, uint32_t begin, uint32_t end,
                   bool dots_before) {
  std::string stack;
  json::Writer out(stack);
  std::string snippet, pointer;
  if (begin > 0 && dots_before) {
    snippet = "... ";
    pointer = "    ";
  }
  snippet += source.substr(begin, end - begin);
  if (end < source.size() && dots_before) snippet += " ...";
  pointer.append(at >= begin ? utf16_length(source.substr(begin, at - begin)) : 0, ' ');
  pointer += "^---- HERE";
  out.begin_array().string(repair_utf8(std::move(snippet))).string(pointer).end_array();
  std::string position;
  json::Writer(position)
      .begin_object()
      .field("offset", at)
      .field("start", begin)
      .field("end", end)
      .end_object();
  Error error(error_types::kScript, std::string(reason));
  error.fields.push_back({"script_stack", std::move(stack), true});
  error.fields.push_back({"script", std::string(name), false});
  error.fields.push_back({"lang", std::string(lang), false});
  error.fields.push_back({"position", std::move(position), true});
  return error;
}

// The types of causes live as long as errors do: a small set of names.
ErrorType cause_type(std::string_view name) {
  static constexpr const char* kNames[] = {
      "arithmetic_exception",
      "array_index_out_of_bounds_exception",
      "circuit_breaking_exception",
      "class_cast_exception",
      "concurrent_modification_exception",
      "date_time_exception",
      "date_time_parse_exception",
      "exception",
      "illegal_argument_exception",
      "illegal_state_exception",
      "index_out_of_bounds_exception",
      "lexer_no_viable_alt_exception",
      "negative_array_size_exception",
      "no_such_element_exception",
      "no_viable_alt_exception",
      "null_pointer_exception",
      "number_format_exception",
      "painless_error",
      "parse_exception",
      "runtime_exception",
      "stack_overflow_error",
      "string_index_out_of_bounds_exception",
      "task_cancelled_exception",
      "unsupported_operation_exception",
      "unsupported_temporal_type_exception",
      "zone_rules_exception",
  };
  for (const char* known : kNames) {
    if (name == known) return {known, 400};
  }
  return {"exception", 400};
}

}  // namespace

Error compile_script_error(std::string_view source, std::string_view lang,
                           const CompileFault& fault) {
  // 25 characters to either side, whole ones.
  constexpr uint32_t kAround = 25;
  const auto size = static_cast<uint32_t>(source.size());
  const uint32_t at = std::min(fault.at, size);
  const auto whole = [&](uint32_t byte) {
    while (byte > 0 && byte < size && (source[byte] & 0xC0) == 0x80) --byte;
    return byte;
  };
  Error cause(cause_type(fault.type), fault.reason);
  if (!fault.cause.empty()) cause = std::move(cause).because(Error(cause_type(fault.cause), ""));
  return script_error("compile error", source, source, lang, at,
                      whole(at > kAround ? at - kAround : 0), whole(std::min(at + kAround, size)),
                      true)
      .because(std::move(cause));
}

Error runtime_script_error(const Program& program, uint32_t at, const ScriptFault& fault) {
  const auto& starts = program.tree.statements;
  const auto size = static_cast<uint32_t>(program.source.size());
  at = std::min(at, size);
  const auto next = std::upper_bound(starts.begin(), starts.end(), at);
  const uint32_t begin = next == starts.begin() ? 0 : *(next - 1);
  const uint32_t end = next == starts.end() ? size : *next;
  return script_error("runtime error", program.source, program.name, program.lang, at, begin, end,
                      false)
      .because(Error(cause_type(fault.type), fault.reason));
}

}  // namespace stratalog::query::script
