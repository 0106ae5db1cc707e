#include "index/partition/merge_policy.h"

#include <catch2/catch.hpp>

using namespace stratalog::index;

namespace {

MergePolicy policy_of_three() {
  MergePolicy policy;
  policy.floor_bytes = 100;
  policy.factor = 3;
  policy.rows_max = 1000;
  return policy;
}

MergeCandidate segment(uint64_t bytes, uint32_t rows = 10, uint32_t deleted = 0,
                       bool busy = false) {
  return {bytes, rows, deleted, busy};
}

std::vector<MergeCandidate> many(size_t count, const MergeCandidate& each) {
  return std::vector<MergeCandidate>(count, each);
}

constexpr MergeRange kNone{0, 0};

}  // namespace

TEST_CASE("merges wait for enough neighbours and then take all of their level") {
  const MergePolicy policy = policy_of_three();
  CHECK(choose_merge(many(2, segment(50)), policy) == kNone);
  CHECK(choose_merge(many(3, segment(50)), policy) == MergeRange{0, 3});
  CHECK(choose_merge(many(7, segment(50)), policy) == MergeRange{0, 7});
  CHECK(choose_merge({}, policy) == kNone);
}

TEST_CASE("merges take as many neighbours as fit into one segment") {
  const MergePolicy policy = policy_of_three();
  CHECK(choose_merge(many(9, segment(50, 240)), policy) == MergeRange{0, 4});
  CHECK(choose_merge(many(9, segment(50, 400)), policy) == kNone);
  // The cheapest three, with what fits on either side of them.
  const std::vector<MergeCandidate> mixed{segment(90, 300), segment(20, 100), segment(10, 200),
                                          segment(10, 200), segment(10, 200), segment(20, 200),
                                          segment(90, 300)};
  CHECK(choose_merge(mixed, policy) == MergeRange{1, 6});
}

TEST_CASE("merges begin with the lowest level and leave bigger neighbours alone") {
  const MergePolicy policy = policy_of_three();
  std::vector<MergeCandidate> segments = many(3, segment(1000));
  const auto small = many(3, segment(50));
  segments.insert(segments.end(), small.begin(), small.end());
  CHECK(choose_merge(segments, policy) == MergeRange{3, 6});
  segments.resize(5);
  CHECK(choose_merge(segments, policy) == MergeRange{0, 5});  // two small ones go with the big
  segments = {segment(50), segment(50), segment(100000), segment(50)};
  CHECK(choose_merge(segments, policy) == kNone);
}

TEST_CASE("a long segment is not written anew for a few short ones") {
  const MergePolicy policy = policy_of_three();
  std::vector<MergeCandidate> segments = many(3, segment(300));
  segments.insert(segments.begin(), segment(1000));
  CHECK(choose_merge(segments, policy) == MergeRange{1, 4});
  CHECK(choose_merge(std::span(segments).first(3), policy) == kNone);
  segments = {segment(1000), segment(500), segment(500)};
  CHECK(choose_merge(segments, policy) == MergeRange{0, 3});
}

TEST_CASE("merges pass over segments that are being merged") {
  const MergePolicy policy = policy_of_three();
  std::vector<MergeCandidate> segments = many(6, segment(50));
  segments[2].busy = true;
  CHECK(choose_merge(segments, policy) == MergeRange{3, 6});
  segments[4].busy = true;
  CHECK(choose_merge(segments, policy) == kNone);
}

TEST_CASE("a segment with many deleted rows is written anew, and counts by those that live") {
  const MergePolicy policy = policy_of_three();
  std::vector<MergeCandidate> segments{segment(5000, 100), segment(5000, 100, 20)};
  CHECK(choose_merge(segments, policy) == MergeRange{1, 2});
  segments[1].busy = true;
  CHECK(choose_merge(segments, policy) == kNone);
  segments[1] = segment(5000, 100, 19);
  CHECK(choose_merge(segments, policy) == kNone);
  CHECK(choose_merge(many(3, segment(50, 400, 70)), policy) == MergeRange{0, 3});
}

TEST_CASE("while rows come fast, merges wait for four times as many") {
  MergePolicy busy = MergePolicy::when_busy();
  CHECK(busy.factor == 4 * MergePolicy().factor);
  CHECK(choose_merge(many(31, segment(1 << 20)), busy) == kNone);
  CHECK(choose_merge(many(31, segment(1 << 20)), MergePolicy()) == MergeRange{0, 31});
  CHECK(choose_merge(many(32, segment(1 << 20)), busy) == MergeRange{0, 32});
}

TEST_CASE("a forced merge takes the smallest group that reaches the count") {
  const std::vector<MergeCandidate> segments{segment(500), segment(10), segment(10), segment(500)};
  CHECK(choose_forced_merge(segments, 4) == kNone);
  CHECK(choose_forced_merge(segments, 3) == MergeRange{1, 3});
  CHECK(choose_forced_merge(segments, 1) == MergeRange{0, 4});
  CHECK(choose_forced_merge(segments, 0) == MergeRange{0, 4});
  std::vector<MergeCandidate> one_busy = segments;
  one_busy[1].busy = true;
  CHECK(choose_forced_merge(one_busy, 3) == MergeRange{2, 4});
}
