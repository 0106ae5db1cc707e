#include "index/ops_frame.h"

#include <catch2/catch.hpp>
#include <random>

using namespace stratalog;
using namespace stratalog::index;

namespace {

struct Op {
  uint8_t flags;
  int64_t version;
  std::string id;
  std::string routing;
  std::string source;
};

const std::vector<Op> kOps = {
    {FrameOp::kExplicitId, 1, "one", "", R"({"a":1})"},
    {0, 1, "", "", R"({"a":2,"text":"some words that repeat, some words that repeat"})"},
    {FrameOp::kExplicitId | FrameOp::kSkipped, 3, "two", "", R"({"refused":true})"},
    {FrameOp::kExplicitId | FrameOp::kHasRouting, INT64_MAX, "three", "r", "{}"},
    {FrameOp::kExplicitId | FrameOp::kDelete, 9, "one", "", ""},
};

std::string encoded() {
  OpsFrame frame;
  frame.partition = 7;
  frame.primary_term = 3;
  frame.auto_id_prefix = 0xfedcba9876543210;
  frame.first_seq_no = 40;
  std::string sources, packed, out;
  for (const Op& op : kOps) {
    FrameOp& to = frame.ops.emplace_back();
    to.flags = op.flags;
    to.version = op.version;
    to.id = op.id;
    to.routing = op.routing;
    to.source_bytes = static_cast<uint32_t>(op.source.size());
    sources += op.source;
  }
  pack_sources(sources, packed);
  encode_frame(frame, packed, out);
  return out;
}

}  // namespace

TEST_CASE("ops frame: what was encoded is decoded") {
  const std::string payload = encoded();
  std::string sources;
  const auto frame = decode_frame(payload, sources);
  REQUIRE(frame.ok());
  CHECK(frame->partition == 7);
  CHECK(frame->primary_term == 3);
  CHECK(frame->auto_id_prefix == 0xfedcba9876543210);
  REQUIRE(frame->ops.size() == kOps.size());
  SeqNo next = 40;
  for (size_t i = 0; i < kOps.size(); ++i) {
    const FrameOp& op = frame->ops[i];
    CHECK(op.flags == kOps[i].flags);
    CHECK(op.version == kOps[i].version);
    CHECK(op.id == kOps[i].id);
    CHECK(op.routing == kOps[i].routing);
    CHECK(op.source == kOps[i].source);
    if (!op.skipped()) CHECK(op.seq_no == next++);
  }
  const auto head = decode_frame_head(payload);
  REQUIRE(head.ok());
  CHECK(head->partition == 7);
  CHECK(head->max_seq_no == next - 1);
}

TEST_CASE("ops frame: damaged bytes give an error or a frame, never a crash") {
  const std::string good = encoded();
  std::mt19937_64 random(1);
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string payload = good;
    if (random() % 3 == 0) {
      payload.resize(random() % payload.size());
    } else {
      for (uint64_t flips = 1 + random() % 4; flips > 0; --flips)
        payload[random() % payload.size()] = static_cast<char>(random());
    }
    std::string sources;
    static_cast<void>(decode_frame_head(payload));
    const auto frame = decode_frame(payload, sources);
    if (!frame) {
      REQUIRE(frame.error().type == error_types::kCorruption);
      ++refused;
      continue;
    }
    for (const FrameOp& op : frame->ops) {
      if (!op.source.empty())
        REQUIRE((op.source.data() >= sources.data() &&
                 op.source.data() + op.source.size() <= sources.data() + sources.size()));
    }
  }
  CHECK(refused > 1000);
}
