// Bodies of _bulk: each item is an operation, whose text lies within the body, or refused.
#include <cstdlib>
#include <string>

#include "api/bulk_parser.h"

using namespace stratalog;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  api::BulkDefaults defaults;
  if (data[0] % 2 != 0) defaults.index = "logs";
  // Not a byte more than the body, so that a sanitizer sees who reads behind it.
  const std::vector<char> exact(data + 1, data + size);
  const std::string_view body(exact.data(), exact.size());
  const auto parsed = api::parse_bulk(body, defaults);
  if (!parsed) return 0;
  if (parsed->ops.size() + parsed->refused.size() != parsed->items.size()) std::abort();
  for (const index::WriteOp& op : parsed->ops) {
    if (op.source.empty()) continue;
    if (op.source.data() < body.data() ||
        op.source.data() + op.source.size() > body.data() + body.size()) {
      std::abort();
    }
  }
  return 0;
}
