#include "index/document/object_memo.h"

#include <atomic>
#include <cstring>

#include "base/hash.h"

namespace stratalog::index {

namespace {
constexpr uint32_t kTriesPerVerdict = 1024;
constexpr uint32_t kPause = 64 << 10;
constexpr uint32_t kWorthwhile = 8;  // one hit in so many tries

std::atomic<uint64_t> last_number = 0;
}  // namespace

ObjectMemo::Known ObjectMemo::find(std::string_view rest, Rate& rate, Arena& arena,
                                   std::vector<FieldValue>& values) {
  looked_ = 0;
  if (rest.size() < kObjectBytesMin) return {};
  if (rate.pause > 0) {
    --rate.pause;
    return {};
  }
  if (++rate.tries == kTriesPerVerdict) {
    if (rate.hits * kWorthwhile < rate.tries) rate.pause = kPause;
    rate.tries = rate.hits = 0;
  }
  if (slots_.empty()) slots_.resize(kSlots);
  const uint64_t hash =
      hash64(rest.substr(0, kObjectBytesMin), reinterpret_cast<uintptr_t>(&rate)) | 1;
  Slot& slot = slots_[(hash >> 20) % kSlots];
  const bool known = slot.hash == hash && slot.key == &rate && slot.object_bytes <= rest.size() &&
                     std::memcmp(slot.bytes.data(), rest.data(), slot.object_bytes) == 0;
  if (!known) {
    looked_ = hash;
    return {};
  }
  ++rate.hits;
  slot.candidate = 0;
  const size_t base = values.size();
  values.resize(base + slot.values.size());
  for (size_t i = 0; i < slot.values.size(); ++i) {
    const Value& from = slot.values[i];
    FieldValue& to = values[base + i];
    to = from.value;
    if (to.text.empty()) continue;
    const std::string_view text(slot.bytes.data() + from.text_offset, to.text.size());
    to.text = from.in_memo ? arena.copy(text) : rest.substr(from.text_offset, text.size());
  }
  return {slot.object_bytes, slot.tokens, slot.number};
}

void ObjectMemo::enter(std::string_view object, const Rate& rate, uint32_t tokens,
                       const FieldValue* values, size_t count) {
  const uint64_t hash = looked_;
  looked_ = 0;
  if (hash == 0 || object.size() < kObjectBytesMin || object.size() > kObjectBytesMax) return;
  Slot& slot = slots_[(hash >> 20) % kSlots];
  if (slot.candidate != hash) {
    slot.candidate = hash;
    return;
  }
  if (bytes_ > kBytesMax) {
    slots_.assign(kSlots, Slot{});
    bytes_ = 0;
  }
  const auto size_of = [](const Slot& s) {
    return s.bytes.size() + s.values.size() * sizeof(Value);
  };
  bytes_ -= size_of(slot);
  slot = Slot{};
  slot.hash = hash;
  slot.key = &rate;
  slot.bytes = object;
  slot.object_bytes = static_cast<uint32_t>(object.size());
  slot.tokens = tokens;
  slot.number = ++last_number;
  slot.values.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    Value out;
    const std::string_view text = values[i].text;
    out.value = values[i];
    if (text.empty()) out.value.text = {};
    const bool inside =
        text.data() >= object.data() && text.data() + text.size() <= object.data() + object.size();
    out.in_memo = !inside;
    out.text_offset =
        static_cast<uint32_t>(inside ? text.data() - object.data() : slot.bytes.size());
    if (!inside) slot.bytes += text;
    slot.values.push_back(out);
  }
  bytes_ += size_of(slot);
}

}  // namespace stratalog::index
