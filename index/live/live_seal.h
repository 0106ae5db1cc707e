// Live to sealed: sorts the rows, turns streams into postings by counting sort, and hands all to a
// SegmentWriter.
#pragma once

#include <memory>
#include <string>

#include "base/bits.h"
#include "base/result.h"
#include "index/live/live_columns.h"
#include "index/live/live_rows.h"
#include "index/live/live_sources.h"

namespace stratalog::index {

// The parts of a live segment that no longer changes. Borrowed.
struct LiveParts {
  const std::string& name;
  const LiveRows& rows;
  const LiveColumns& columns;
  const LiveOrdinals& ignored;
  const LiveSources& sources;
};

Result<std::shared_ptr<SealedSegment>> seal_live(const LiveParts& live, storage::Store& store,
                                                 const Bitmap* deleted);

}  // namespace stratalog::index
