#include "query/exec/context.h"

#include <atomic>
#include <charconv>

namespace stratalog::query {

uint64_t RequestContext::next_number() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

int64_t IndexContext::setting(std::string_view name, int64_t fallback) const {
  const std::string text = metadata->setting(name, "");
  int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc{} && end == text.data() + text.size() && !text.empty() ? value : fallback;
}

Error IndexContext::shard_error(std::string reason) const {
  return Error(error_types::kQueryShard, std::move(reason))
      .with("index_uuid", metadata->uuid)
      .with("index", metadata->name);
}

}  // namespace stratalog::query
