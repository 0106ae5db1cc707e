// _analyze. Elasticsearch doc page "Analyze API".
#include "api/admin_common.h"
#include "api/families.h"
#include "api/guard.h"
#include "index/analysis/registry.h"
#include "index/mapping/mapping.h"

namespace stratalog::api {

namespace {

constexpr uint32_t kAnalyzedTokensMax = 10000;  // index.analyze.max_token_count

// The analyzer that the body names, by itself or by a field of the index.
Result<std::shared_ptr<const index::Analyzer>> choose(const json::Value& body,
                                                      const index::IndexMetadata* metadata) {
  if (const json::Value* field = body.find("field")) {
    if (metadata == nullptr) {
      return Error(error_types::kIllegalArgument,
                   "analysis based on a specific field requires an index");
    }
    const index::MappedField* mapped = metadata->mapping->resolve(field->to_text());
    if (mapped != nullptr && mapped->kind != index::Kind::kTerms &&
        mapped->kind != index::Kind::kOrdinals) {
      return Error(error_types::kIllegalArgument,
                   "Can't process field [" + mapped->path +
                       "], Analysis requests are only supported on tokenized fields");
    }
    if (mapped != nullptr && mapped->analyzer != nullptr) return mapped->analyzer;
    const index::Analyzer& fallback = mapped != nullptr && mapped->kind == index::Kind::kOrdinals
                                          ? index::keyword_analyzer()
                                          : metadata->mapping->analysis()->default_analyzer();
    return std::shared_ptr<const index::Analyzer>(metadata->mapping, &fallback);
  }
  const auto registry =
      metadata != nullptr ? metadata->mapping->analysis() : index::AnalysisRegistry::built_in();
  const bool named = body.find("analyzer") != nullptr || body.find("tokenizer") != nullptr ||
                     body.find("normalizer") != nullptr || body.find("filter") != nullptr ||
                     body.find("char_filter") != nullptr;
  if (!named)
    return std::shared_ptr<const index::Analyzer>(registry, &registry->default_analyzer());
  return registry->for_request(body, metadata == nullptr ? "" : metadata->name);
}

void append_tokens(json::Writer& out, std::span<const index::Token> tokens, std::string_view text,
                   uint32_t position_base, uint32_t offset_base) {
  for (const index::Token& token : tokens) {
    out.begin_object().field("token", token.text);
    // Each from the start: an n-gram may begin before the one that ended last.
    const uint32_t start = index::Utf16Offsets(text).at(token.start),
                   end = index::Utf16Offsets(text).at(token.end);
    out.field("start_offset", offset_base + start).field("end_offset", offset_base + end);
    out.field("type", index::token_type_name(token.type))
        .field("position", position_base + token.position);
    if (token.position_length > 1) out.field("positionLength", token.position_length);
    out.end_object();
  }
}

Result<Response> analyze(const Request& request, Context& context) {
  if (request.body.empty()) {
    return Error(error_types::kElasticsearchParse, "request body or source parameter is required");
  }
  for (const char* name : {"text", "analyzer", "field", "normalizer", "tokenizer"}) {
    if (!request.params.has(name)) continue;
    return Error(error_types::kIllegalArgument,
                 "request [" + request.path + "] contains unrecognized parameter: [" + name + "]");
  }
  ASSIGN_OR_RETURN(const json::Value body, read_body(request));
  for (const json::Member& member : body.as_object()) {
    static constexpr std::string_view kKnown[] = {
        "text",        "analyzer",   "field",   "tokenizer",  "filter",
        "char_filter", "normalizer", "explain", "attributes", "index"};
    bool known = false;
    for (const std::string_view name : kKnown) known = known || name == member.key;
    if (!known) {
      return Error(error_types::kXContentParse,
                   "[analyze_request] unknown field [" + member.key + "]");
    }
  }
  if (const json::Value* explain = body.find("explain");
      explain != nullptr && explain->to_bool().value_or(true)) {
    return Error(error_types::kIllegalArgument, "[explain] is not supported by [_analyze]");
  }
  const json::Value* text = body.find("text");
  if (text == nullptr || (text->is_array() && text->empty()))
    return validation_error("text is missing");
  std::shared_ptr<const index::IndexMetadata> metadata;
  if (request.has_path_param("index") || request.params.has("index")) {
    const std::string name =
        request.has_path_param("index") ? request.path_param("index") : request.params.get("index");
    ASSIGN_OR_RETURN(const auto resolved, resolve(context, name, {}));
    if (!resolved.empty()) metadata = resolved[0].index;
  }
  ASSIGN_OR_RETURN(const auto analyzer, choose(body, metadata.get()));
  json::Array texts = text->is_array() ? text->as_array() : json::Array{*text};
  Response response;
  json::Writer out(response.body);
  out.begin_object().key("tokens").begin_array();
  uint32_t position_base = 0, offset_base = 0, count = 0;
  for (const json::Value& one : texts) {
    const std::string value = one.to_text();
    index::TokenBuffer buffer;
    analyzer->analyze(value, buffer);
    count += static_cast<uint32_t>(buffer.tokens().size());
    if (count > kAnalyzedTokensMax) {
      return Error(error_types::kIllegalState,
                   "The number of tokens produced by calling _analyze has exceeded the allowed "
                   "maximum of [" +
                       std::to_string(kAnalyzedTokensMax) +
                       "]. This limit can be set by changing the [index.analyze.max_token_count] "
                       "index level setting.");
    }
    append_tokens(out, buffer.tokens(), value, position_base, offset_base);
    // Only an index's analyzers have a gap.
    position_base += buffer.position_count();
    if (metadata != nullptr) position_base += analyzer->position_increment_gap();
    offset_base += index::Utf16Offsets(value).at(static_cast<uint32_t>(value.size())) + 1;
  }
  out.end_array().end_object();
  return response;
}

}  // namespace

void add_analyze_routes(Router& router) {
  add_routes(
      router, {Method::kGet, Method::kPost}, {"/_analyze", "/{index}/_analyze"}, analyze,
      {"index", "text", "analyzer", "field", "normalizer", "tokenizer", "prefer_local", "format"});
}

}  // namespace stratalog::api
