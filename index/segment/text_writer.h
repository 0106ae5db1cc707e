// Writes a text field. Read by text_field.h, where its meta is described.
//
// Threads one. Errors: the sink's.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "index/segment/block_io.h"
#include "index/segment/segment_writer.h"

namespace stratalog::index {

// Appends the meta. `list_doc_freqs`: by value, how many rows each list row (an ordinal) stands
// for; empty: by row.
void write_text_field(BlockSink& sink, uint32_t list_rows, int zstd_level, TermsInput& input,
                      const SegmentWriter::TextOptions& options,
                      std::span<const uint32_t> list_doc_freqs, bool by_value, std::string& meta);

}  // namespace stratalog::index
