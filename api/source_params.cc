#include "api/source_params.h"

#include "query/fetch/field_fetcher.h"
#include "query/fetch/source_filter.h"

namespace stratalog::api {

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (comma != 0) parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return parts;
}

Result<SourceParams> SourceParams::read(const QueryParams& params) {
  SourceParams read;
  if (const std::string* source = params.find("_source")) {
    if (*source == "false") {
      read.refused = true;
      read.filter.enabled = false;
    } else {
      read.wanted = true;
      if (*source != "true" && !source->empty()) read.filter.includes = split_list(*source);
    }
  }
  for (const auto& [name, list] : {std::pair("_source_includes", &read.filter.includes),
                                   std::pair("_source_excludes", &read.filter.excludes)}) {
    const std::string* patterns = params.find(name);
    if (patterns == nullptr) continue;
    *list = split_list(*patterns);
    read.wanted = true;
    read.filter.enabled = true;
  }
  return read;
}

namespace {

std::string filter_source(const std::string& source, const query::SourceFilter& filter) {
  return filter.whole() ? source : query::SourceFiltering(filter).filtered(source);
}

}  // namespace

std::string shown_source(const index::GetResult& document, const query::SourceFilter& filter,
                         const index::Engine& engine) {
  const auto state = engine.state();
  const index::IndexMetadata* metadata = state->find(document.index);
  if (metadata == nullptr) return filter_source(document.source, filter);
  return filter_source(
      filter_source(document.source, query::mapped_source_filter(*metadata->mapping)), filter);
}

void append_get(json::Writer& out, const index::WriteResult& result,
                const query::SourceFilter& filter) {
  out.key("get")
      .begin_object()
      .field("_seq_no", result.seq_no)
      .field("_primary_term", result.primary_term);
  out.field("found", true)
      .key("_source")
      .raw(filter_source(result.updated_source, filter))
      .end_object();
}

namespace {

void append_stored(json::Writer& out, const index::GetResult& document, const GetOptions& options,
                   const index::Engine& engine) {
  const auto state = engine.state();
  const index::IndexMetadata* metadata = state->find(document.index);
  if (metadata == nullptr) return;
  auto fields = query::FieldFetcher::stored(*metadata->mapping, options.stored_fields);
  query::SourceTree tree;
  if (fields.empty() || !tree.parse(document.source)) return;
  std::string members;
  bool first = true;
  fields.append(members, tree, first);
  if (!members.empty()) out.key("fields").raw("{" + members + "}");
}

}  // namespace

Status check_stored_fields(const index::GetResult& document, const GetOptions& options,
                           const index::Engine& engine) {
  if (!document.found) return {};
  const auto state = engine.state();
  const index::IndexMetadata* metadata = state->find(document.index);
  if (metadata == nullptr) return {};
  for (const std::string& name : options.stored_fields) {
    const index::Mapping& mapping = *metadata->mapping;
    if (mapping.find(name) == nullptr && !mapping.match(name + ".*").empty())
      return Error(error_types::kIllegalArgument, "field [" + name + "] isn't a leaf field");
  }
  return {};
}

Status check_version(const index::GetResult& document, std::optional<int64_t> wanted,
                     const index::Engine& engine) {
  if (!wanted || !document.found || document.version == *wanted) return {};
  const auto state = engine.state();
  const index::IndexMetadata* metadata = state->find(document.index);
  return Error(error_types::kVersionConflict,
               "[" + document.id + "]: version conflict, current version [" +
                   std::to_string(document.version) + "] is different than the one provided [" +
                   std::to_string(*wanted) + "]")
      .with("index_uuid", metadata == nullptr ? "_na_" : metadata->uuid)
      .with("shard", "0")
      .with("index", document.index);
}

void append_document(json::Writer& out, const index::GetResult& document, const GetOptions& options,
                     const index::Engine& engine) {
  out.field("_index", document.index).key("_type");
  document.type.empty() ? out.null() : out.string(document.type);
  out.field("_id", document.id);
  if (!document.found) {
    out.field("found", false);
    return;
  }
  out.field("_version", document.version).field("_seq_no", document.seq_no);
  out.field("_primary_term", document.primary_term);
  if (document.routing) out.field("_routing", *document.routing);
  out.field("found", true);
  const bool stored_asked = !options.stored_fields.empty();
  bool source = options.source.enabled && (!stored_asked || options.source.asked);
  for (const std::string& name : options.stored_fields) source = source || name == "_source";
  if (source && !document.source.empty())
    out.key("_source").raw(shown_source(document, options.source, engine));
  if (stored_asked) append_stored(out, document, options, engine);
}

}  // namespace stratalog::api
