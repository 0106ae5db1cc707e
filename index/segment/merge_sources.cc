#include "index/segment/merge_sources.h"

namespace stratalog::index {

MergeSources::MergeSources(const MergeRows& rows) : rows_(rows) {
  for (size_t i = 0; i < rows.input_count(); ++i) {
    const SourceReader* reader = rows.segment(i).source_reader();
    cursors_.push_back(reader == nullptr ? nullptr
                                         : std::make_unique<SourceReader::Cursor>(*reader));
  }
}

std::string_view MergeSources::source(RowId row) {
  const MergeRows::Place place = rows_.old_row(row);
  return cursors_[place.input] == nullptr ? std::string_view()
                                          : cursors_[place.input]->get(place.row);
}

}  // namespace stratalog::index
