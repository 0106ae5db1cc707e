#include "index/mapping/field_builder.h"

#include "index/analysis/analyzer.h"
#include "index/analysis/registry.h"
#include "index/date/date_format.h"

namespace stratalog::index {

namespace {

class Params {
 public:
  explicit Params(const FieldNode& node) : node_(node) {}

  const json::Value* given(std::string_view name) const { return node_.params.find(name); }
  // As given, or the type's default; null for what the type does not have.
  json::Value value(std::string_view name) const {
    if (const json::Value* v = given(name)) return *v;
    const ParamSpec* spec = node_.spec->find(name);
    return spec == nullptr ? json::Value() : spec->fallback;
  }
  bool flag(std::string_view name, bool absent) const {
    const json::Value v = value(name);
    return v.is_bool() ? v.as_bool() : absent;
  }
  std::string text(std::string_view name) const { return value(name).to_text(); }

 private:
  const FieldNode& node_;
};

class AnalyzerFinder {
 public:
  explicit AnalyzerFinder(const std::shared_ptr<const AnalysisRegistry>& analysis)
      : analysis_(analysis) {}

  Result<std::shared_ptr<const Analyzer>> find(const std::string& name) const {
    if (name == "default") return share(&analysis_->default_analyzer());
    const Analyzer* analyzer = analysis_->analyzer(name);
    if (analyzer != nullptr) return share(analyzer);
    return Error(error_types::kIllegalArgument,
                 "analyzer [" + name + "] has not been configured in mappings");
  }
  // An analyzer that lives as long as its registry.
  std::shared_ptr<const Analyzer> share(const Analyzer* analyzer) const {
    return {analysis_, analyzer};
  }

 private:
  const std::shared_ptr<const AnalysisRegistry>& analysis_;
};

Status set_analyzers(MappedField& field, const Params& params,
                     const std::shared_ptr<const AnalysisRegistry>& analysis) {
  const AnalyzerFinder finder(analysis);
  const json::Value* index = params.given("analyzer");
  const json::Value* search = params.given("search_analyzer");
  const json::Value* quote = params.given("search_quote_analyzer");
  ASSIGN_OR_RETURN(field.analyzer, finder.find(index == nullptr ? "default" : index->to_text()));
  if (search != nullptr) {
    ASSIGN_OR_RETURN(field.search_analyzer, finder.find(search->to_text()));
  } else if (index != nullptr) {
    field.search_analyzer = field.analyzer;
  } else {
    field.search_analyzer = finder.share(&analysis->default_search_analyzer());
  }
  if (quote != nullptr) {
    ASSIGN_OR_RETURN(field.search_quote_analyzer, finder.find(quote->to_text()));
  } else if (search != nullptr || index != nullptr) {
    field.search_quote_analyzer = field.search_analyzer;
  } else {
    field.search_quote_analyzer = finder.share(&analysis->default_search_quote_analyzer());
  }
  return {};
}

Status set_text(MappedField& field, const Params& params,
                const std::shared_ptr<const AnalysisRegistry>& analysis) {
  field.doc_values = false;
  field.norms = params.flag("norms", field.type_name == "text");
  const std::string options = params.text("index_options");
  field.freqs = options != "docs" && field.type_name == "text";
  field.positions = options != "docs" && options != "freqs";
  field.fielddata = params.flag("fielddata", false);
  RETURN_IF_ERROR(set_analyzers(field, params, analysis));
  const json::Value* gap = params.given("position_increment_gap");
  field.position_increment_gap = gap == nullptr ? field.analyzer->position_increment_gap()
                                                : static_cast<uint32_t>(gap->as_int());
  return {};
}

}  // namespace

Result<std::shared_ptr<MappedField>> build_field(
    const std::string& path, const FieldNode& node,
    const std::shared_ptr<const AnalysisRegistry>& analysis, const MappingLimits& limits) {
  auto field = std::make_shared<MappedField>();
  const Params params(node);
  field->path = path;
  field->type_name = std::string(node.spec->name);
  field->type = node.spec->type;
  field->kind = node.spec->kind;
  field->indexed = params.flag("index", true);
  field->doc_values = params.flag("doc_values", true);
  field->stored = params.flag("store", false);
  field->norms = params.flag("norms", false);
  field->ignore_malformed = limits.ignore_malformed;
  field->coerce = limits.coerce;
  if (const json::Value* v = params.given("ignore_malformed"))
    field->ignore_malformed = v->as_bool();
  if (const json::Value* v = params.given("coerce")) field->coerce = v->as_bool();
  if (const json::Value v = params.value("ignore_above"); v.is_int() && v.as_int() >= 0) {
    field->ignore_above = static_cast<uint32_t>(v.as_int());
  } else if (v.is_int()) {
    field->ignore_above = 0;
  }
  if (const json::Value v = params.value("scaling_factor"); v.is_number()) {
    field->scaling_factor = v.as_double();
  }
  if (const json::Value v = params.value("boost"); v.is_number()) field->boost = v.as_double();
  if (const json::Value v = params.value("depth_limit"); v.is_int()) {
    field->depth_limit = static_cast<uint32_t>(std::max<int64_t>(v.as_int(), 0));
  }
  if (const json::Value* v = params.given("null_value"); v != nullptr && !v->is_null())
    field->null_value = *v;
  if (const json::Value* v = params.given("similarity"))
    field->boolean_similarity = v->to_text() == "boolean";
  field->split_queries_on_whitespace = params.flag("split_queries_on_whitespace", false);
  field->copy_to = node.copy_to;
  if (const json::Value* v = params.given("normalizer")) {
    const Normalizer* normalizer = analysis->normalizer(v->to_text());
    if (normalizer == nullptr) {
      return Error(error_types::kMapperParsing,
                   "normalizer [" + v->to_text() + "] not found for field [" + path + "]");
    }
    field->normalizer = {analysis, normalizer};
  }
  if (field->type == FieldType::kText) RETURN_IF_ERROR(set_text(*field, params, analysis));
  if (field->date()) {
    ASSIGN_OR_RETURN(field->date_format, DateFormat::compile(params.text("format")));
  }
  if (field->type == FieldType::kAlias) {
    field->alias_target = params.text("path");
    field->indexed = field->doc_values = false;
  }
  if (field->type == FieldType::kConstantKeyword && params.given("value") != nullptr) {
    field->constant_value = params.text("value");
  }
  if (field->type == FieldType::kUnsearched) field->doc_values = false;
  field->parameters = json::Value::object({{"type", json::Value(node.spec->name)}});
  for (const auto& [key, value] : node.params.as_object()) field->parameters.set(key, value);
  return field;
}

}  // namespace stratalog::index
