// An index's mapping: the fields and how each is indexed. Immutable; a change makes a new one
// (merge). Elasticsearch doc pages "Mapping parameters", "Field data types", "Dynamic mapping";
// error texts are those of 7.17.3.
//
// Nested  Objects of type nested are mapped, validated and counted, and their leaves are dynamic
// fields as elsewhere; their
//         values are indexed into the root row only where include_in_root says so (or
//         include_in_parent all the way up), as Elasticsearch does. Rows of their own
//         (Kind::kChild) are not built yet: is_nested() tells who asks.
// Accept  Under accept_conflicts a path may be a field and an object at once ("app" and "app.sub"):
// to_json() shows the
//         children of such a field as siblings with dotted names, which parse() reads back.
// Runtime Under `dynamic: runtime` new fields become indexed fields of the type that a runtime
// field would have (keyword,
//         long, double, boolean, date): the same answers. Runtime fields with scripts are refused.
// Shape   FieldIds are positions in fields(): a merge only appends, so ids mean the same in every
// later mapping. Threads any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/types.h"

namespace stratalog::index {

class Analyzer;          // index/analysis/
class Normalizer;        // index/analysis/
class AnalysisRegistry;  // index/analysis/
class DateFormat;        // index/date/

enum class FieldType : uint8_t {
  kText,
  kKeyword,
  kConstantKeyword,
  kWildcard,
  kLong,
  kInteger,
  kShort,
  kByte,
  kUnsignedLong,
  kDouble,
  kFloat,
  kHalfFloat,
  kScaledFloat,
  kDate,
  kDateNanos,
  kBoolean,
  kIp,
  kBinary,
  kFlattened,
  kAlias,
  kUnsearched,  // accepted and stored, found by `exists` only: geo_point, geo_shape, dense_vector,
                // ... (type_name tells)
};

struct MappedField {
  FieldId id = 0;
  std::string path;       // "kubernetes.labels.app", "log.keyword"
  std::string type_name;  // as written in the mapping: "keyword"
  FieldType type = FieldType::kText;
  Kind kind = Kind::kTerms;
  bool indexed = true;  // "index"
  bool doc_values = true;
  bool stored = false;
  bool norms = true;  // text
  bool freqs = true;  // index_options
  bool positions = true;
  bool ignore_malformed = false;
  bool coerce = true;
  uint32_t ignore_above = UINT32_MAX;  // UTF-16 units, keyword
  double scaling_factor = 1;
  std::optional<json::Value> null_value;
  std::shared_ptr<const Analyzer> analyzer;         // text, never null there; null elsewhere
  std::shared_ptr<const Analyzer> search_analyzer;  // text
  std::shared_ptr<const Analyzer> search_quote_analyzer;
  std::shared_ptr<const Normalizer>
      normalizer;  // keyword; null: none. FieldValues are normalized by the parser
  uint32_t position_increment_gap = 100;          // text: its own or the analyzer's
  bool boolean_similarity = false;                // "similarity": "boolean"; else BM25
  bool fielddata = false;                         // text
  bool split_queries_on_whitespace = false;       // keyword, flattened
  double boost = 1;                               // as mapped (deprecated in 7)
  uint32_t depth_limit = 20;                      // flattened
  std::optional<std::string> constant_value;      // constant_keyword: of all documents, once known
  std::shared_ptr<const DateFormat> date_format;  // date, date_nanos
  std::string alias_target;                       // alias: the path it stands for
  std::vector<std::string> copy_to;
  std::vector<FieldId> multi_fields;  // that index the same JSON value, sorted by name
  std::optional<FieldId> parent;      // of a multi-field
  json::Value parameters;  // its JSON as _mapping shows it, without "fields" and "properties"

  bool numeric() const { return is_numeric(kind); }
  bool date() const { return type == FieldType::kDate || type == FieldType::kDateNanos; }
};

enum class Dynamic : uint8_t { kTrue, kFalse, kStrict, kRuntime };

// What a document brought that the mapping does not know: becomes durable before the document
// (index/catalog.h).
struct MappingUpdate {
  json::Value mapping;  // as a _mapping body: {"properties": {...}}
  bool empty() const { return mapping.is_null(); }
};

// What the mapping takes from the index's settings.
struct MappingLimits {
  uint32_t total_fields = 1000;
  uint32_t depth = 20;
  uint32_t nested_fields = 50;
  uint32_t nested_objects = 10000;
  uint32_t field_name_length = 512;
  bool accept_conflicts = false;  // index.mapping.conflicts: accept
  bool ignore_malformed = false;
  bool coerce = true;
  static Result<MappingLimits> from_settings(const json::Value& index_settings);
};

// The field under which paths are kept that the mapping has no room for (over a limit) or no name
// for, when conflicts are accepted: kFlattened terms "path\0value", path whole from the root. Every
// mapping has it, as FieldId 0; find() gives it, match() does not, to_json() does not show it. A
// query on a path that is mapped later asks here too: older rows are found.
inline constexpr std::string_view kFlattenedPath = "_flattened";
inline constexpr FieldId kFlattenedField = 0;

// The type of an index that has none of its own.
inline constexpr std::string_view kDefaultType = "_doc";

class Mapping {
 public:
  // From a mapping body (`{"properties":…, "dynamic":…}`; null: empty). Fails with
  // mapper_parsing_exception and the like.
  static Result<std::shared_ptr<const Mapping>> parse(
      const json::Value& body, std::shared_ptr<const AnalysisRegistry> analysis,
      const MappingLimits& limits, std::string_view type = {});
  virtual ~Mapping() = default;

  // This with `body` merged in; Elasticsearch's conflict errors. A body that changes nothing gives
  // this very mapping. `dynamic_update`: the body came from documents: over the field limit or in
  // conflict with what another thread added is no error under accept_conflicts.
  virtual Result<std::shared_ptr<const Mapping>> merge(const json::Value& body,
                                                       bool dynamic_update) const = 0;

  // The one type that Elasticsearch 7 still lets an index have, by the name that old clients gave
  // it. "": nothing has settled it yet, which is shown as "_doc".
  virtual const std::string& type() const = 0;
  const std::string& shown_type() const;
  // Whether requests for a type mean this index's documents: its own, and "_doc" for any.
  bool has_type(std::string_view name) const;
  virtual Result<std::shared_ptr<const Mapping>> with_type(std::string_view type) const = 0;

  virtual const std::vector<std::shared_ptr<const MappedField>>& fields() const = 0;  // by FieldId
  // By full path; follows no alias. nullptr if absent.
  virtual const MappedField* find(std::string_view path) const = 0;
  // find(), and an alias gives its target.
  virtual const MappedField* resolve(std::string_view path) const = 0;
  virtual bool is_object(std::string_view path) const = 0;  // an object or nested path
  virtual bool is_nested(std::string_view path) const = 0;
  // The fields whose path matches a pattern with "*", sorted by path; a plain name is itself.
  virtual std::vector<const MappedField*> match(std::string_view pattern) const = 0;

  virtual const json::Value& to_json() const = 0;  // as GET _mapping shows it under "mappings"
  virtual const MappingLimits& limits() const = 0;
  virtual uint32_t total_fields()
      const = 0;  // as counted against limits().total_fields: fields, objects, multi-fields
  virtual bool source_enabled() const = 0;
  virtual bool routing_required() const = 0;
  virtual const std::shared_ptr<const AnalysisRegistry>& analysis() const = 0;
  // The same for all that merge() and with_type() made of one parse(): FieldIds of other lineages
  // mean other fields.
  virtual uint64_t lineage() const = 0;
  // The path may not be seen (index/security/restricted_mapping.h), in no column whatsoever.
  virtual bool hides(std::string_view path) const {
    (void)path;
    return false;
  }
};

}  // namespace stratalog::index
