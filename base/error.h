// Expected failures as values. An Error carries what Elasticsearch's error body shows: a type with
// its HTTP status, a reason, extra fields, a cause. api/ renders it; every layer may make one.
//
// A reason is lower case (but for Elasticsearch's own wording), concrete, without a final full
// stop, and never contains bytes that did not come from the request it answers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stratalog {

// The `type` of an Elasticsearch error and the HTTP status that belongs to it. `name` is a string
// literal.
struct ErrorType {
  const char* name;
  int status;
  friend bool operator==(const ErrorType& a, const ErrorType& b) {
    return a.status == b.status && std::string_view(a.name) == b.name;
  }
};

struct Error {
  // One extra member of the error object, such as "index" or "line". `raw` values are written as
  // they are (numbers).
  struct Field {
    std::string name;
    std::string value;
    bool raw = false;
  };

  ErrorType type;
  std::string reason;
  std::vector<Field> fields;               // after type and reason, in this order
  std::shared_ptr<const Error> caused_by;  // may be null
  std::vector<Error> root_causes;          // empty: the error is its own root cause

  Error(ErrorType error_type, std::string error_reason)
      : type(error_type), reason(std::move(error_reason)) {}

  Error with(std::string name, std::string value) && {
    fields.push_back({std::move(name), std::move(value), false});
    return std::move(*this);
  }
  Error with_number(std::string name, long long value) && {
    fields.push_back({std::move(name), std::to_string(value), true});
    return std::move(*this);
  }
  Error because(Error cause) && {
    caused_by = std::make_shared<const Error>(std::move(cause));
    return std::move(*this);
  }
};

// Types that more than one layer uses, alphabetically. Elasticsearch's RestStatus of each.
namespace error_types {
inline constexpr ErrorType kActionRequestValidation{"action_request_validation_exception", 400};
inline constexpr ErrorType kAliasesNotFound{"aliases_not_found_exception", 404};
inline constexpr ErrorType kArithmetic{"arithmetic_exception", 500};
inline constexpr ErrorType kCircuitBreaking{"circuit_breaking_exception", 429};
inline constexpr ErrorType kClusterBlock{"cluster_block_exception", 403};
inline constexpr ErrorType kContentTooLong{"content_too_long_exception", 413};
inline constexpr ErrorType kDateTimeParse{"date_time_parse_exception", 400};
inline constexpr ErrorType kDocumentMissing{"document_missing_exception", 404};
inline constexpr ErrorType kDocumentSourceMissing{"document_source_missing_exception", 400};
inline constexpr ErrorType kElasticsearchParse{"parse_exception", 400};
inline constexpr ErrorType kEngineFailed{"engine_closed_exception", 503};
inline constexpr ErrorType kIllegalArgument{"illegal_argument_exception", 400};
inline constexpr ErrorType kIllegalState{"illegal_state_exception", 500};
inline constexpr ErrorType kIndexClosed{"index_closed_exception", 400};
inline constexpr ErrorType kIndexNotFound{"index_not_found_exception", 404};
inline constexpr ErrorType kIndexTemplateMissing{"index_template_missing_exception", 404};
inline constexpr ErrorType kInternal{"exception", 500};
inline constexpr ErrorType kInvalidAliasName{"invalid_alias_name_exception", 400};
inline constexpr ErrorType kInvalidIndexName{"invalid_index_name_exception", 400};
inline constexpr ErrorType kInvalidIndexTemplate{"index_template_exception", 400};
inline constexpr ErrorType kJsonParse{"json_parse_exception", 400};
inline constexpr ErrorType kMapperParsing{"mapper_parsing_exception", 400};
inline constexpr ErrorType kNumberFormat{"number_format_exception", 400};
inline constexpr ErrorType kParsing{"parsing_exception", 400};
inline constexpr ErrorType kQueryShard{"query_shard_exception", 400};
inline constexpr ErrorType kRejectedExecution{"es_rejected_execution_exception", 429};
inline constexpr ErrorType kResourceAlreadyExists{"resource_already_exists_exception", 400};
inline constexpr ErrorType kResourceNotFound{"resource_not_found_exception", 404};
inline constexpr ErrorType kRoutingMissing{"routing_missing_exception", 400};
inline constexpr ErrorType kScript{"script_exception", 400};
inline constexpr ErrorType kSearchContextMissing{"search_context_missing_exception", 404};
inline constexpr ErrorType kSearchPhaseExecution{"search_phase_execution_exception", 400};
inline constexpr ErrorType kSecurity{"security_exception", 401};
inline constexpr ErrorType kForbidden{"security_exception", 403};
inline constexpr ErrorType kSettings{"settings_exception", 500};
inline constexpr ErrorType kStrictDynamicMapping{"strict_dynamic_mapping_exception", 400};
inline constexpr ErrorType kTooLongFrame{"too_long_frame_exception", 400};
inline constexpr ErrorType kTooManyBuckets{"too_many_buckets_exception", 503};
inline constexpr ErrorType kVersionConflict{"version_conflict_engine_exception", 409};
inline constexpr ErrorType kXContentParse{"x_content_parse_exception", 400};
// Not of Elasticsearch: storage faults. A corruption names file and offset.
inline constexpr ErrorType kCorruption{"corruption_exception", 500};
inline constexpr ErrorType kIo{"io_exception", 500};
}  // namespace error_types

}  // namespace stratalog
