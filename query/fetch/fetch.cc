#include "query/fetch/fetch.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/json_writer.h"
#include "query/exec/search_memory.h"
#include "query/fetch/docvalues.h"
#include "query/fetch/field_fetcher.h"
#include "query/fetch/granted_source.h"
#include "query/fetch/source_filter.h"
#include "query/fetch/source_tree.h"
#include "query/highlight/highlighter.h"

namespace stratalog::query {

using index::RowId;

namespace {

bool source_shown(const FetchRequest& fetch) {
  if (fetch.source.asked) return fetch.source.enabled;
  if (!fetch.stored_fields_asked) return true;
  return std::find(fetch.stored_fields.begin(), fetch.stored_fields.end(), "_source") !=
         fetch.stored_fields.end();
}

// The parts of one index's fetch.
struct IndexFetch {
  FieldFetcher stored;
  FieldFetcher fields;
  DocvalueFetcher docvalues;
  std::unique_ptr<Highlighter> highlighter;

  static Result<IndexFetch> make(const SearchRequest& search, const IndexRun& run) {
    FieldFetcher stored = FieldFetcher::stored(run.context.mapping(), search.fetch.stored_fields);
    ASSIGN_OR_RETURN(FieldFetcher fields, FieldFetcher::make(run.context, search.fetch.fields));
    ASSIGN_OR_RETURN(DocvalueFetcher docvalues,
                     DocvalueFetcher::make(run.context, search.fetch.docvalue_fields));
    RETURN_IF_ERROR(docvalues.add_metadata(run.context, search.fetch.fields));
    std::unique_ptr<Highlighter> highlighter;
    if (search.highlight) {
      ASSIGN_OR_RETURN(highlighter, Highlighter::make(run.context, *search.highlight, *run.asked));
    }
    return IndexFetch{std::move(stored), std::move(fields), std::move(docvalues),
                      std::move(highlighter)};
  }
};

// Hits of one segment, by row.
class SegmentFetch {
 public:
  SegmentFetch(const SearchRequest& search, QueryRun& run, IndexFetch& parts, uint32_t index,
               uint32_t segment)
      : search_(search),
        run_(run),
        parts_(parts),
        index_(run.indices()[index]),
        context_{index_.context, *index_.context.view.segments[segment].segment, nullptr, segment} {
  }

  void add(size_t place, const Hit& hit) { wanted_.push_back({hit.row, place, &hit}); }

  using Reuse = index::SegmentReader::Reuse;
  Status write(Reuse reuse, std::vector<std::string>& out) {
    std::sort(wanted_.begin(), wanted_.end(),
              [](const Wanted& a, const Wanted& b) { return a.row < b.row; });
    for (const Wanted& wanted : wanted_) rows_.push_back(wanted.row);
    const FetchRequest& fetch = search_.fetch;
    if (!fetch.stored_none()) context_.reader.row_data(rows_, data_);
    docvalues_.resize(rows_.size());
    if (!parts_.docvalues.empty()) parts_.docvalues.append(context_, rows_, docvalues_);
    load_ignored();
    load_names();
    const bool show = source_shown(fetch) && index_.context.mapping().source_enabled();
    const bool need_tree =
        (show && !fetch.source.whole()) || !parts_.fields.empty() || parts_.highlighter != nullptr;
    std::vector<char> written(rows_.size(), 0);
    Status status;
    if (show || need_tree || !parts_.stored.empty()) {
      std::optional<SourceFiltering> filter;
      if (show && !fetch.source.whole()) filter.emplace(fetch.source);
      std::optional<SourceFiltering> mapped;
      if (const SourceFilter kept = mapped_source_filter(index_.context.mapping()); !kept.whole())
        mapped.emplace(kept);
      const index::AccessRules* access = index_.context.metadata->access.get();
      if (access != nullptr && !access->fields_hidden()) access = nullptr;
      std::string granted, kept;
      context_.reader.read_sources(rows_, reuse, [&](size_t i, std::string_view source) {
        if (!status) return;
        stored_.clear();
        if (access != nullptr) source = granted = granted_source(*access, source);
        if (!parts_.stored.empty() && tree_.parse(source)) {
          bool first = true;
          parts_.stored.append(stored_, tree_, first);
        }
        if (mapped) source = kept = mapped->filtered(source);
        if (need_tree) tree_.parse(source);
        written[i] = 1;
        status = write_hit(i, show ? &source : nullptr, filter ? &*filter : nullptr,
                           need_tree ? &tree_ : nullptr, out[wanted_[i].place]);
      });
    }
    for (size_t i = 0; status && i < rows_.size(); ++i) {
      if (written[i] == 0) status = write_hit(i, nullptr, nullptr, nullptr, out[wanted_[i].place]);
    }
    return status;
  }

 private:
  struct Wanted {
    RowId row;
    size_t place;
    const Hit* hit;
  };

  void load_ignored() {
    ignored_.resize(rows_.size());
    const index::OrdinalColumn* column = context_.reader.ordinals("_ignored");
    if (column == nullptr || search_.fetch.stored_none()) return;
    index::OrdinalBatch batch;
    column->gather(rows_, batch);
    for (size_t i = 0; i < rows_.size(); ++i) {
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v) {
        std::string name(column->term(batch.values[v]));
        if (!index_.context.mapping().hides(name)) ignored_[i].push_back(std::move(name));
      }
    }
  }

  // Which named queries each hit matches.
  void load_names() {
    names_.resize(rows_.size());
    for (const PlanContext::Named& named : index_.named) {
      RowFilter filter(*named.plan, context_);
      for (size_t i = 0; i < rows_.size(); ++i) {
        if (!filter.matches(rows_[i])) continue;
        const bool known =
            std::find(names_[i].begin(), names_[i].end(), named.name) != names_[i].end();
        if (!known) names_[i].push_back(named.name);
      }
    }
  }

  Status write_hit(size_t i, const std::string_view* source, const SourceFiltering* filter,
                   const SourceTree* tree, std::string& out) {
    const Hit& hit = *wanted_[i].hit;
    const FetchRequest& fetch = search_.fetch;
    const bool ids = !fetch.stored_none();
    check_memory();
    out.reserve((source != nullptr ? source->size() : 0) + 512);
    json::Writer w(out);
    w.begin_object();
    w.key("_index").string(index_.context.name());
    w.field("_type", index_.context.mapping().shown_type());
    if (ids) {
      w.key("_id").string(data_[i].id);
      if (fetch.version) w.field("_version", data_[i].version);
      if (fetch.seq_no_primary_term) {
        w.field("_seq_no", data_[i].seq_no);
        w.field("_primary_term", data_[i].primary_term);
      }
    }
    w.key("_score");
    if (run_.scores_wanted()) {
      w.float_number(hit.score);
    } else {
      w.null();
    }
    if (ids && data_[i].routing) w.key("_routing").string(*data_[i].routing);
    if (!ignored_[i].empty()) write_strings("_ignored", ignored_[i], w);
    if (source != nullptr) {
      w.key("_source");
      if (filter == nullptr) {
        w.raw(*source);
      } else {
        filter->append(scratch_, *tree);
        w.raw(scratch_);
        scratch_.clear();
      }
    }
    write_fields(i, tree, w);
    if (parts_.highlighter != nullptr && tree != nullptr) {
      ASSIGN_OR_RETURN(const bool any, parts_.highlighter->append(scratch_, *tree));
      if (any) w.key("highlight").raw(scratch_);
      scratch_.clear();
    }
    if (!search_.sort.empty() && !(search_.sort.size() == 1 && search_.sort[0].field == "_score" &&
                                   search_.sort[0].descending)) {
      w.key("sort").begin_array();
      const std::vector<IndexSortKey>& keys = run_.keys()[hit.index];
      for (size_t k = 0; k < keys.size(); ++k) keys[k].append(w, hit.sort[k]);
      w.end_array();
    }
    if (!names_[i].empty()) write_strings("matched_queries", names_[i], w);
    w.end_object();
    return {};
  }

  static void write_strings(std::string_view key, const std::vector<std::string>& texts,
                            json::Writer& w) {
    w.key(key).begin_array();
    for (const std::string& text : texts) w.string(text);
    w.end_array();
  }

  // A field's doc values go on where its stored values end; `fields` stand before both.
  void write_fields(size_t i, const SourceTree* tree, json::Writer& w) {
    bool first = true;
    const bool from_source = tree != nullptr && !parts_.fields.empty();
    if (from_source) parts_.fields.append(scratch_, *tree, first);
    const auto is_given = [&](std::string_view name) {
      const auto& given = parts_.fields.written();
      return from_source && std::find(given.begin(), given.end(), name) != given.end();
    };
    const auto member = [&](std::string_view name, std::string_view values, std::string_view more) {
      if (is_given(name)) return;
      if (!first) scratch_ += ',';
      first = false;
      json::append_escaped(scratch_, name);
      scratch_.append(":[").append(values).append(values.empty() || more.empty() ? "" : ",");
      scratch_.append(more) += ']';
    };
    const std::string object = "{" + stored_ + "}";
    stored_tree_.parse(object);
    const SourceTree& stored = stored_tree_;
    std::vector<std::string_view> joined;
    for (const DocvalueFetcher::Member& docvalues : docvalues_[i]) {
      std::string_view before;
      stored.each_child(stored.root(), [&](const SourceTree::Node& node) {
        if (node.key != docvalues.name) return;
        before = node.raw.substr(1, node.raw.size() - 2);
        joined.push_back(node.key);
      });
      member(docvalues.name, before, docvalues.values);
    }
    stored.each_child(stored.root(), [&](const SourceTree::Node& node) {
      if (std::find(joined.begin(), joined.end(), node.key) == joined.end())
        member(node.key, node.raw.substr(1, node.raw.size() - 2), {});
    });
    if (!first) w.key("fields").raw("{" + scratch_ + "}");
    scratch_.clear();
    if (from_source && !ignored_[i].empty()) write_refused(i, w);
  }

  void write_refused(size_t i, json::Writer& w) {
    std::string_view open;  // the field whose values are being written
    const std::vector<std::string>& ignored = ignored_[i];
    for (const auto& [name, raw] : parts_.fields.refused()) {
      if (std::find(ignored.begin(), ignored.end(), name) == ignored.end()) continue;
      if (open.empty()) w.key("ignored_field_values").begin_object();
      if (name != open) {
        if (!open.empty()) w.end_array();
        w.key(name).begin_array();
        open = name;
      }
      w.raw(raw);
    }
    if (!open.empty()) w.end_array().end_object();
  }

  const SearchRequest& search_;
  QueryRun& run_;
  IndexFetch& parts_;
  IndexRun& index_;
  SegmentContext context_;
  std::vector<Wanted> wanted_;
  std::vector<RowId> rows_;
  std::vector<index::RowData> data_;
  std::vector<std::vector<DocvalueFetcher::Member>> docvalues_;
  std::vector<std::vector<std::string>> ignored_;  // names of fields
  std::vector<std::vector<std::string>> names_;
  SourceTree tree_;
  SourceTree stored_tree_;
  std::string stored_;  // members of `fields` that stored fields give
  std::string scratch_;
};

}  // namespace

Status check_fetch(const SearchRequest& search, const IndexRun& index) {
  Result<IndexFetch> parts = IndexFetch::make(search, index);
  if (!parts) return parts.error();
  return {};
}

Status fetch_hits(const SearchRequest& search, QueryRun& run, std::span<const Hit> hits,
                  std::string& out, uint32_t& failed_index) {
  if (hits.empty()) return {};
  std::map<std::pair<uint32_t, uint32_t>, std::vector<size_t>> by_segment;
  for (size_t i = 0; i < hits.size(); ++i)
    by_segment[{hits[i].index, hits[i].segment}].push_back(i);
  std::vector<std::string> parts(hits.size());
  // A table is asked for again; an export is not.
  using Reuse = index::SegmentReader::Reuse;
  const bool table = !search.scroll_ms && hits.size() <= index::SegmentReader::reused_rows_max();
  const Reuse reuse = table ? Reuse::kLikely : Reuse::kUnlikely;
  std::optional<IndexFetch> fetch;
  uint32_t fetched = UINT32_MAX;
  for (const auto& [where, places] : by_segment) {
    failed_index = where.first;
    if (where.first != fetched) {
      fetched = where.first;
      ASSIGN_OR_RETURN(fetch, IndexFetch::make(search, run.indices()[where.first]));
    }
    SegmentFetch segment(search, run, *fetch, where.first, where.second);
    for (const size_t place : places) segment.add(place, hits[place]);
    RETURN_IF_ERROR(segment.write(reuse, parts));
  }
  size_t bytes = 0;
  for (const std::string& part : parts) bytes += part.size() + 1;
  check_memory(bytes);  // beside the parts; later the answer beside this
  out.reserve(out.size() + bytes);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += ',';
    out += parts[i];
    std::string().swap(parts[i]);
  }
  return {};
}

}  // namespace stratalog::query
