#include "index/document/document_parser.h"

#include "index/document/document_walk.h"
#include "index/document/json_problem.h"
#include "index/document/json_tokens.h"

namespace stratalog::index {

class DocumentParser::Impl {
 public:
  Impl() : dynamic_(context_), walk_(context_, json_, cache_, dynamic_) {}

  Status parse(const CompiledMapping& mapping, std::string_view source, const Options& options,
               Arena& arena, ParsedDocument& out, MappingUpdate& update);

 private:
  Error not_json(std::string_view source) const {
    return Error(error_types::kMapperParsing, "failed to parse")
        .because(describe_json_problem(source));
  }

  JsonTokens tokens_;
  JsonCursor json_;
  DocumentCache cache_;
  ParseContext context_;
  DynamicFields dynamic_;
  DocumentWalk walk_;
};

Status DocumentParser::Impl::parse(const CompiledMapping& mapping, std::string_view source,
                                   const Options& options, Arena& arena, ParsedDocument& out,
                                   MappingUpdate& update) {
  out.clear();
  update.mapping = json::Value();
  if (!tokens_.scan(source)) return not_json(source);
  context_.mapping = &mapping;
  context_.source = source;
  context_.id = options.id;
  context_.arena = &arena;
  context_.out = &out;
  context_.accept = options.replay || mapping.limits().accept_conflicts;
  context_.frozen = options.replay || options.frozen;
  context_.error.reset();
  context_.constants.clear();
  MappingKeys& keys = cache_.keys_of(mapping);
  context_.timestamp = keys.timestamp;
  if (!dynamic_.empty()) dynamic_.clear();
  json_.reset(source, tokens_.begin(), tokens_.end(), arena);
  if (!walk_.run(keys)) {
    if (context_.error) return std::move(*context_.error);
    return not_json(source);
  }
  for (const auto& [field, value] : context_.constants) dynamic_.set_constant(*field, value);
  if (!dynamic_.empty()) update.mapping = dynamic_.update();
  return {};
}

DocumentParser::DocumentParser() : impl_(std::make_unique<Impl>()) {}
DocumentParser::~DocumentParser() = default;

Status DocumentParser::parse(const Mapping& mapping, std::string_view source,
                             const Options& options, Arena& arena, ParsedDocument& out,
                             MappingUpdate& update) {
  // CompiledMapping is the only kind of Mapping.
  return impl_->parse(static_cast<const CompiledMapping&>(mapping), source, options, arena, out,
                      update);
}

}  // namespace stratalog::index
