#include "storage/store.h"

#include "storage/random.h"

namespace stratalog::storage {

SegmentUid SegmentUid::random() {
  SegmentUid uid;
  fill_random(uid.bytes.data(), uid.bytes.size());
  return uid;
}

std::string SegmentUid::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) out.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return out;
}

}  // namespace stratalog::storage
