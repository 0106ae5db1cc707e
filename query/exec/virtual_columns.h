// Columns as sorting and aggregations ask for them, also where a segment stores none of that shape:
// _index, _type, _id and _version, a key inside a flattened field, a flattened field's values
// without their keys.
//
// Cost    _id, _version and a whole flattened field are made at the call, row by row or term by
//         term, in memory of the search; a key of a flattened field is a window on its column.
// Threads one thread a request.
// Life    what is returned may borrow from the segment's reader.
// Errors  SegmentFault.
#pragma once

#include <memory>

#include "query/exec/field_plans.h"

namespace stratalog::query {

// nullptr: no row of the segment has a value, or the field has no column of this kind.
std::shared_ptr<const index::OrdinalColumn> ordinal_column(const SegmentContext& segment,
                                                           const FieldRef& ref);
std::shared_ptr<const index::NumericColumn> numeric_column(const SegmentContext& segment,
                                                           const FieldRef& ref);

// "Fielddata is not supported on field [_routing] of type [_routing]"
Status check_fielddata(const FieldRef& ref);

}  // namespace stratalog::query
