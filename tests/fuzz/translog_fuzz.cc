// Generations of the translog made of good frames, marks and anything else, and the operations in
// frames: frames are given in order, and an operation's source lies where it should.
#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "base/hash.h"
#include "index/ops_frame.h"
#include "storage/sim_fs.h"
#include "storage/translog_format.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

constexpr const char* kFolder = "/log";
constexpr const char* kPath = "/log/generation";

// Takes pieces from an input's front; nothing when there is no more.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }
  uint8_t byte() {
    const std::string_view taken = take(1);
    return taken.empty() ? 0 : static_cast<uint8_t>(taken[0]);
  }
  std::string_view take(size_t count) {
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view bytes_;
};

void append_frame(std::string& out, std::string_view payload, Lsn lsn, Lsn synced, uint32_t salt) {
  out += encode_frame_header({static_cast<uint32_t>(payload.size()), crc32c(payload), lsn, synced},
                             salt);
  out += payload;
}

std::string generation_of(Input& input) {
  const uint32_t salt = input.byte();
  std::string out = encode_generation_header({1, 1, salt});
  Lsn lsn = 1;
  while (!input.done()) {
    switch (input.byte() % 6) {
      case 0:
      case 1:
        append_frame(out, input.take(input.byte()), lsn, lsn - 1, salt);
        ++lsn;
        break;
      case 2:
        append_frame(out, "", lsn - 1, lsn - 1, salt);
        break;
      case 3:
        append_frame(out, input.take(8), lsn + input.byte(), input.byte(), salt);
        break;
      case 4:
        out.resize(out.size() - std::min<size_t>(out.size(), input.byte()));
        break;
      default:
        out += input.take(input.byte());
        break;
    }
  }
  return out;
}

void decode(std::string_view payload) {
  static_cast<void>(index::decode_frame_head(payload));
  std::string sources;
  const auto frame = index::decode_frame(payload, sources);
  if (!frame) return;
  for (const index::FrameOp& op : frame->ops) {
    if (op.source.empty()) continue;
    REQUIRE(op.source.data() >= sources.data());
    REQUIRE(op.source.data() + op.source.size() <= sources.data() + sources.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  decode(bytes);

  Input input(bytes);
  const bool newest = input.byte() % 2 != 0;
  SimFs fs;
  REQUIRE(fs.create_folders(kFolder).ok());
  REQUIRE((*fs.create(kPath))->append(generation_of(input)).ok());
  Lsn next = 1;
  const auto contents =
      read_generation(fs, kPath, {1, 1, newest}, [&](Lsn lsn, std::string_view payload) -> Status {
        REQUIRE(lsn == next++);
        decode(payload);
        return {};
      });
  if (!contents) return 0;
  REQUIRE(contents->last == next - 1);
  REQUIRE(contents->good_bytes <= contents->file_bytes);
  return 0;
}
