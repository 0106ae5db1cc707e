#include "api/source_params.h"

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

std::string filter_source(const std::string& source, const query::SourceFilter& filter) {
  if (filter.whole()) return source;
  query::SourceTree tree;
  std::string out;
  if (!tree.parse(source)) return source;
  query::SourceFiltering(filter).append(out, tree);
  return out;
}

Result<index::GetResult> get_document(index::Engine& engine, const index::GetOp& op) {
  ASSIGN_OR_RETURN(index::GetResult document, engine.get(op));
  if (document.source.empty()) return document;
  const auto state = engine.state();
  if (const index::IndexMetadata* metadata = state->find(document.index))
    document.source =
        filter_source(document.source, query::mapped_source_filter(*metadata->mapping));
  return document;
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

// Values of stored fields, read back from the source. Elasticsearch keeps them apart; what they
// show is the same.
void append_stored(json::Writer& out, const index::GetResult& document, const GetOptions& options,
                   const index::Engine& engine) {
  const auto state = engine.state();
  const index::IndexMetadata* metadata = state->find(document.index);
  query::SourceTree tree;
  if (metadata == nullptr || !tree.parse(document.source)) return;
  bool any = false;
  for (const std::string& path : options.stored_fields) {
    const index::MappedField* field = metadata->mapping->resolve(path);
    if (field == nullptr || !field->stored) continue;
    std::vector<std::string> values;
    const auto collect = [&](const auto& self, const query::SourceTree::Node& node,
                             std::string_view rest) -> void {
      if (node.type == query::SourceTree::Type::kArray) {
        tree.each_child(node,
                        [&](const query::SourceTree::Node& element) { self(self, element, rest); });
      } else if (rest.empty()) {
        if (node.type != query::SourceTree::Type::kNull) values.emplace_back(node.raw);
      } else if (node.type == query::SourceTree::Type::kObject) {
        tree.each_child(node, [&](const query::SourceTree::Node& member) {
          if (rest == member.key) {
            self(self, member, {});
          } else if (rest.starts_with(member.key) && rest.size() > member.key.size() &&
                     rest[member.key.size()] == '.') {
            self(self, member, rest.substr(member.key.size() + 1));
          }
        });
      }
    };
    collect(collect, tree.root(), path);
    if (values.empty()) continue;
    if (!any) out.key("fields").begin_object();
    any = true;
    out.key(path).begin_array();
    for (const std::string& value : values) out.raw(value);
    out.end_array();
  }
  if (any) out.end_object();
}

}  // namespace

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
    out.key("_source").raw(filter_source(document.source, options.source));
  if (stored_asked) append_stored(out, document, options, engine);
}

}  // namespace stratalog::api
