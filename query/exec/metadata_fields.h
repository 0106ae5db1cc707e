// The fields that every document has beside its own: _id, _index, _type, _seq_no, _version,
// _routing, _ignored, _source, _field_names, _doc_count. What Elasticsearch's metadata mappers let
// be asked of them.
//
// Shape   Those that are kept as columns (_seq_no, _routing, _ignored) are asked as fields of their
//         stand-in's type; of the others only what is below has a meaning.
// Threads any; the stand-ins are constant.
// Errors  as of query/exec/field_plans.h.
#pragma once

#include <string_view>
#include <vector>

#include "query/dsl/clause.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {

// A stand-in for the mapping of a metadata field; its type_name is the name. nullptr: no such one.
const index::MappedField* metadata_field(std::string_view name);
// Those that a pattern of fields in a text query means.
std::vector<const index::MappedField*> match_metadata(std::string_view pattern);

bool is_metadata(const index::MappedField& field);
// Neither a column nor terms: only metadata_*_plan() answer.
bool is_virtual(const index::MappedField& field);
// Whether match and its like can be asked at all.
bool takes_text(const index::MappedField& field);
// _index and _type: one value for all of an index.
bool is_constant(const index::MappedField& field);

// Virtual fields only.
Result<PlanPtr> metadata_term_plan(const PlanContext& context, const index::MappedField& field,
                                   const std::string& value);
Result<PlanPtr> metadata_range_plan(const PlanContext& context, const index::MappedField& field,
                                    const RangeBounds& bounds);
Result<PlanPtr> metadata_exists_plan(const PlanContext& context, const index::MappedField& field);
// Constant ones only: whether any name of the index (its aliases are names too), or the type, fits.
PlanPtr metadata_pattern_plan(const PlanContext& context, const index::MappedField& field,
                              const TermPattern& pattern);

}  // namespace stratalog::query
