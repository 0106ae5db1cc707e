// What the parser makes of documents and the live segment takes in: flat lists of typed values,
// strings by reference. A batch is one request's documents of one partition; reused from request to
// request.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "index/types.h"

namespace stratalog::index {

// One value of one field. Strings point into the request's body where they have no escapes, else
// into the batch's arena: both must outlive the batch's use.
struct FieldValue {
  FieldId field = 0;
  Kind kind = Kind::kI64;  // the field's own, or another one by conflict
  int64_t number = 0;      // sortable form, for numeric kinds
  std::string_view
      text;  // for the others: kTerms not yet analysed; kIp 16 bytes; kFlattened "key\0value"
};

struct ParsedDocument {
  std::vector<FieldValue> values;  // in document order; a multi-field's value follows its parent's
  std::vector<std::string_view> ignored;  // paths for _ignored, distinct
  // The time that orders rows: "@timestamp" where it is a date (ms since the epoch), else
  // INT64_MIN.
  int64_t timestamp_ms = INT64_MIN;
  // Byte ranges of `source` that are whole sub-objects directly under the root, largest first: what
  // the live segment may share between documents (D13). May be empty.
  struct SubObject {
    uint32_t begin;
    uint32_t end;
    // Where in `values` its own begin and how many they are, if under this mapping its bytes always
    // give just these; else none.
    uint32_t first_value = 0;
    uint32_t value_count = 0;
    // The same number is the same bytes, in any document; 0: not told.
    uint64_t number = 0;
    uint32_t mapped = 0;  // what it is in the mapping: CompiledObject::number, if it has values
  };
  std::vector<SubObject> sub_objects;

  void clear() {
    values.clear();
    ignored.clear();
    sub_objects.clear();
    timestamp_ms = INT64_MIN;
  }
};

}  // namespace stratalog::index
