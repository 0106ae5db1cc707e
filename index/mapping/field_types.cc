#include "index/mapping/field_types.h"

#include <algorithm>
#include <limits>

#include "index/date/date_format.h"

namespace stratalog::index {

namespace {

ParamSpec flag(std::string_view name, bool fallback, bool fixed = true) {
  return {name, ParamKind::kBool, fallback, fixed, false, {}};
}
ParamSpec meta() { return {"meta", ParamKind::kMeta, json::Value(), false, false, {}}; }
ParamSpec boost() { return {"boost", ParamKind::kDouble, 1.0, false, false, {}}; }
ParamSpec null_value() { return {"null_value", ParamKind::kNull, json::Value(), true, false, {}}; }
ParamSpec similarity() {
  return {"similarity", ParamKind::kSimilarity, json::Value(), true, false, {}};
}
// A default of the index's settings decides what is not given, so what was given is shown.
ParamSpec ignore_malformed() {
  return {"ignore_malformed", ParamKind::kBool, false, false, true, {}};
}
ParamSpec coerce() { return {"coerce", ParamKind::kBool, true, false, true, {}}; }
ParamSpec ignore_above() {
  return {"ignore_above", ParamKind::kInt, int64_t{std::numeric_limits<int32_t>::max()},
          false,          false,           {}};
}
ParamSpec number_of(std::string_view name, ParamKind kind, int64_t fallback, bool fixed) {
  return {name, kind, fallback, fixed, false, {}};
}
ParamSpec any(std::string_view name, bool fixed) {
  return {name, ParamKind::kAny, json::Value(), fixed, false, {}};
}
ParamSpec term_index_options() {
  return {"index_options", ParamKind::kChoice, "docs", true, false, {"docs", "freqs"}};
}

std::vector<ParamSpec> keyword_params() {
  return {flag("index", true),
          flag("doc_values", true),
          flag("store", false),
          null_value(),
          flag("eager_global_ordinals", false, false),
          ignore_above(),
          term_index_options(),
          flag("norms", false),
          similarity(),
          {"normalizer", ParamKind::kNormalizer, json::Value(), true, false, {}},
          flag("split_queries_on_whitespace", false, false),
          any("script", true),
          any("on_script_error", true),
          boost(),
          meta(),
          flag("time_series_dimension", false)};
}

std::vector<ParamSpec> text_params() {
  return {boost(),
          flag("index", true),
          flag("store", false),
          meta(),
          {"index_options",
           ParamKind::kChoice,
           "positions",
           true,
           false,
           {"positions", "docs", "freqs", "offsets"}},
          {"term_vector",
           ParamKind::kChoice,
           "no",
           true,
           false,
           {"no", "yes", "with_positions", "with_offsets", "with_positions_offsets",
            "with_positions_payloads", "with_positions_offsets_payloads"}},
          flag("norms", true),
          {"analyzer", ParamKind::kAnalyzer, "default", true, false, {}},
          {"search_analyzer", ParamKind::kAnalyzer, json::Value(), false, false, {}},
          {"search_quote_analyzer", ParamKind::kAnalyzer, json::Value(), true, false, {}},
          similarity(),
          flag("eager_global_ordinals", false, false),
          number_of("position_increment_gap", ParamKind::kGap, 100, true),
          flag("fielddata", false, false),
          any("fielddata_frequency_filter", false),
          any("index_prefixes", true),
          flag("index_phrases", false)};
}

std::vector<ParamSpec> number_params() {
  return {flag("index", true),
          flag("doc_values", true),
          flag("store", false),
          ignore_malformed(),
          coerce(),
          null_value(),
          any("script", true),
          any("on_script_error", true),
          meta(),
          flag("time_series_dimension", false),
          {"time_series_metric", ParamKind::kText, json::Value(), true, false, {}}};
}

std::vector<ParamSpec> scaled_float_params() {
  return {flag("index", true),
          flag("doc_values", true),
          flag("store", false),
          ignore_malformed(),
          meta(),
          {"scaling_factor", ParamKind::kScale, json::Value(), true, false, {}},
          coerce(),
          null_value()};
}

std::vector<ParamSpec> date_params(std::string_view format) {
  return {flag("index", true),
          flag("doc_values", true),
          flag("store", false),
          {"format", ParamKind::kFormat, format, true, false, {}},
          {"print_format", ParamKind::kText, json::Value(), true, false, {}},
          {"locale", ParamKind::kText, "", true, false, {}},
          null_value(),
          ignore_malformed(),
          boost(),
          any("script", true),
          any("on_script_error", true),
          meta()};
}

std::vector<ParamSpec> boolean_params() {
  return {meta(),
          boost(),
          flag("doc_values", true),
          flag("index", true),
          null_value(),
          flag("store", false),
          any("script", true),
          any("on_script_error", true)};
}

std::vector<ParamSpec> ip_params() {
  return {flag("index", true),
          flag("doc_values", true),
          flag("store", false),
          ignore_malformed(),
          null_value(),
          any("script", true),
          any("on_script_error", true),
          meta(),
          flag("time_series_dimension", false)};
}

std::vector<ParamSpec> flattened_params() {
  return {flag("index", true),
          flag("doc_values", true),
          number_of("depth_limit", ParamKind::kInt, 20, false),
          null_value(),
          flag("eager_global_ordinals", false, false),
          ignore_above(),
          term_index_options(),
          similarity(),
          flag("split_queries_on_whitespace", false, false),
          meta()};
}

std::vector<TypeSpec> make_types() {
  std::vector<TypeSpec> types{
      {"text", FieldType::kText, Kind::kTerms, text_params()},
      {"match_only_text", FieldType::kText, Kind::kTerms, {meta()}},
      {"keyword", FieldType::kKeyword, Kind::kOrdinals, keyword_params()},
      {"constant_keyword",
       FieldType::kConstantKeyword,
       Kind::kOrdinals,
       {{"value", ParamKind::kText, json::Value(), false, false, {}}, meta()}},
      {"wildcard", FieldType::kWildcard, Kind::kOrdinals, {ignore_above(), null_value(), meta()}},
      {"long", FieldType::kLong, Kind::kI64, number_params()},
      {"integer", FieldType::kInteger, Kind::kI64, number_params()},
      {"short", FieldType::kShort, Kind::kI64, number_params()},
      {"byte", FieldType::kByte, Kind::kI64, number_params()},
      {"unsigned_long", FieldType::kUnsignedLong, Kind::kU64, number_params()},
      {"double", FieldType::kDouble, Kind::kF64, number_params()},
      {"float", FieldType::kFloat, Kind::kF64, number_params()},
      {"half_float", FieldType::kHalfFloat, Kind::kF64, number_params()},
      {"scaled_float", FieldType::kScaledFloat, Kind::kI64, scaled_float_params()},
      {"date", FieldType::kDate, Kind::kI64, date_params(kDateFormatDefault)},
      {"date_nanos", FieldType::kDateNanos, Kind::kNanos, date_params(kDateNanosFormatDefault)},
      {"boolean", FieldType::kBoolean, Kind::kI64, boolean_params()},
      {"ip", FieldType::kIp, Kind::kIp, ip_params()},
      {"binary",
       FieldType::kBinary,
       Kind::kBlob,
       {meta(), flag("store", false), flag("doc_values", false)}},
      {"flattened", FieldType::kFlattened, Kind::kFlattened, flattened_params()},
      {"alias",
       FieldType::kAlias,
       Kind::kOrdinals,
       {{"path", ParamKind::kText, json::Value(), false, false, {}}}},
  };
  for (const std::string_view name : {"geo_point",
                                      "geo_shape",
                                      "shape",
                                      "point",
                                      "dense_vector",
                                      "integer_range",
                                      "long_range",
                                      "float_range",
                                      "double_range",
                                      "date_range",
                                      "ip_range",
                                      "version",
                                      "token_count",
                                      "completion",
                                      "search_as_you_type",
                                      "rank_feature",
                                      "rank_features",
                                      "histogram",
                                      "aggregate_metric_double",
                                      "murmur3"}) {
    types.push_back({name,
                     FieldType::kUnsearched,
                     Kind::kOrdinals,
                     {meta(), ignore_malformed(), coerce()},
                     true});
    if (name == "completion") {
      types.back().shown_defaults = {{"analyzer", "simple"},
                                     {"preserve_separators", true},
                                     {"preserve_position_increments", true},
                                     {"max_input_length", 50}};
    } else if (name == "search_as_you_type") {
      types.back().shown_defaults = {{"doc_values", false}, {"max_shingle_size", 3}};
    }
  }
  return types;
}

}  // namespace

const ParamSpec* TypeSpec::find(std::string_view param) const {
  const auto it = std::find_if(params.begin(), params.end(),
                               [&](const ParamSpec& spec) { return spec.name == param; });
  return it == params.end() ? nullptr : &*it;
}

const TypeSpec* find_type(std::string_view name) {
  static const std::vector<TypeSpec> types = make_types();
  const auto it = std::find_if(types.begin(), types.end(),
                               [&](const TypeSpec& type) { return type.name == name; });
  return it == types.end() ? nullptr : &*it;
}

}  // namespace stratalog::index
