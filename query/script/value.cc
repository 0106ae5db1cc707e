#include "query/script/value.h"

#include <algorithm>

#include "query/script/fault.h"

namespace stratalog::query::script {

void fail(std::string_view type, std::string reason) {
  throw ScriptFault{std::string(type), std::move(reason), true};
}
void fail_limit(std::string_view type, std::string reason) {
  throw ScriptFault{std::string(type), std::move(reason), false};
}

bool String::ascii() const {
  if (ascii_ < 0) {
    ascii_ = std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; }) ? 1 : 0;
  }
  return ascii_ == 1;
}

void Heap::check(uint64_t bytes) const {
  if (bytes > bytes_max_ || bytes_ > bytes_max_ - bytes) {
    fail_limit("circuit_breaking_exception",
               "a script's values take more than " + std::to_string(bytes_max_) + " bytes");
  }
}

void Heap::ask() const {
  if (steps_ > kStepsMax) {
    fail_limit("painless_error",
               "The script takes more than " + std::to_string(kStepsMax) + " steps.");
  }
  if (stop_ && stop_()) fail_limit("task_cancelled_exception", "the script was stopped");
}

Value Heap::string(std::string text) {
  const uint64_t bytes = text.size();
  check(bytes);
  String& made = make<String>(std::move(text));
  Value value(&made);
  grow(made, bytes);
  return value;
}

// Not by recursion: what an object held goes to the list and is freed after it.
void Heap::free(Object* object) {
  freed_.push_back(object);
  if (freeing_) return;
  freeing_ = true;
  while (!freed_.empty()) {
    Object* next = freed_.back();
    freed_.pop_back();
    bytes_ -= next->bytes_;
    if (next->previous_ != nullptr) next->previous_->next_ = next->next_;
    if (next->next_ != nullptr) next->next_->previous_ = next->previous_;
    if (first_ == next) first_ = next->next_;
    const std::unique_ptr<Object> gone(next);
  }
  freeing_ = false;
}

Heap::~Heap() {
  // What is left holds itself in cycles. Pinned first, so that nothing goes while it is walked.
  for (Object* o = first_; o != nullptr; o = o->next_) ++o->refs_;
  for (Object* o = first_; o != nullptr; o = o->next_) o->clear();
  while (first_ != nullptr) {
    Object* next = first_->next_;
    const std::unique_ptr<Object> gone(first_);
    first_ = next;
  }
}

}  // namespace stratalog::query::script
