#include "query/contexts.h"

#include <random>

#include "base/units.h"

namespace stratalog::query {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kIdLetters = 44;
constexpr std::string_view kIdEnd = "==";

// 264 random bits: an id that can't be guessed.
std::string new_id() {
  static thread_local std::random_device device;
  std::string id;
  for (size_t i = 0; i < kIdLetters; ++i) id += kAlphabet[device() % kAlphabet.size()];
  return id.append(kIdEnd);
}

Error missing(std::string_view) {
  // Elasticsearch names the number inside the id; ours has none.
  return Error(error_types::kSearchContextMissing, "No search context found for id [0]");
}

Status check_keep_alive(int64_t keep_alive_ms) {
  if (keep_alive_ms <= kKeepAliveMaxMs) return {};
  return Error(error_types::kIllegalArgument, "Keep alive for request (" +
                                                  TimeValue::of_millis(keep_alive_ms).pretty() +
                                                  ") is too large. It must be less than (" +
                                                  TimeValue::of_millis(kKeepAliveMaxMs).pretty() +
                                                  "). This limit can be set by changing the "
                                                  "[search.max_keep_alive] cluster level setting.");
}

}  // namespace

bool ContextStore::well_formed(std::string_view id) {
  return id.size() == kIdLetters + kIdEnd.size() && id.ends_with(kIdEnd) &&
         id.find_first_not_of(kAlphabet) == kIdLetters;
}

Result<std::string> ContextStore::open(std::shared_ptr<SearchContext> context,
                                       int64_t keep_alive_ms, int64_t now_ms) {
  RETURN_IF_ERROR(check_keep_alive(keep_alive_ms));
  const std::lock_guard lock(mutex_);
  expire_locked(now_ms);
  if (contexts_.size() >= limit_) {
    return Error(error_types::kRejectedExecution,
                 "Trying to create too many scroll contexts. Must be less than or equal to: [" +
                     std::to_string(limit_) + "]. This limit can be set by changing the " +
                     "[search.max_open_scroll_context] setting.");
  }
  context->keep_alive_ms = keep_alive_ms;
  context->expires_ms = now_ms + keep_alive_ms;
  std::string id = new_id();
  contexts_.emplace(id, std::move(context));
  return id;
}

Result<std::shared_ptr<SearchContext>> ContextStore::find(std::string_view id,
                                                          std::optional<int64_t> keep_alive_ms,
                                                          int64_t now_ms, std::string_view owner) {
  if (keep_alive_ms) RETURN_IF_ERROR(check_keep_alive(*keep_alive_ms));
  const std::lock_guard lock(mutex_);
  expire_locked(now_ms);
  const auto it = contexts_.find(id);
  if (it == contexts_.end() || it->second->owner != owner) return missing(id);
  SearchContext& context = *it->second;
  if (keep_alive_ms) context.keep_alive_ms = *keep_alive_ms;
  context.expires_ms = now_ms + context.keep_alive_ms;
  return it->second;
}

bool ContextStore::close(std::string_view id, std::string_view owner) {
  const std::lock_guard lock(mutex_);
  const auto it = contexts_.find(id);
  if (it == contexts_.end() || it->second->owner != owner) return false;
  contexts_.erase(it);
  return true;
}

size_t ContextStore::close_all_scrolls() {
  const std::lock_guard lock(mutex_);
  return std::erase_if(contexts_,
                       [](const auto& entry) { return entry.second->request != nullptr; });
}

size_t ContextStore::size(int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  expire_locked(now_ms);
  return contexts_.size();
}

void ContextStore::expire(int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  expire_locked(now_ms);
}

void ContextStore::expire_locked(int64_t now_ms) {
  std::erase_if(contexts_, [&](const auto& entry) { return entry.second->expires_ms < now_ms; });
}

}  // namespace stratalog::query
