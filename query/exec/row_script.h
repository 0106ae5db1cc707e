// A script over rows: doc values of the row that is looked at as `doc`, its source as `_source`.
//
// Calls   make (begin_segment (number | truth | value)*)*
// Threads one, as a request.
// Errors  make(): script_exception "compile error" and the like. The others throw SegmentFault with
//         script_exception "runtime error".
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "query/exec/context.h"
#include "query/script/script.h"

namespace stratalog::query {

class RowScript {
 public:
  static Result<std::shared_ptr<RowScript>> make(const IndexContext& index,
                                                 const script::ScriptSpec& spec,
                                                 script::Context context);
  RowScript();  // empty: see make()
  ~RowScript();
  // Nothing when it is the segment that was begun last.
  void begin_segment(const SegmentContext& segment);

  // What the script returns of a row; null is 0 and false.
  double number(index::RowId row, float score = 0);
  bool truth(index::RowId row);
  json::Value json(index::RowId row);

  // The parts, for scripts that keep values from row to row.
  script::Run& run();
  script::Heap& heap();
  // What `doc` is from now on.
  void move_to(index::RowId row);

 private:
  class FieldDoc;
  template <typename Use>
  auto guarded(index::RowId row, float score, Use&& use);

  const IndexContext* index_ = nullptr;
  script::Context context_ = script::Context::kFilter;
  std::unique_ptr<script::Heap> heap_;
  std::unique_ptr<script::Run> run_;
  FieldDoc* doc_ = nullptr;  // of the heap
  std::string lang_;
};

}  // namespace stratalog::query
