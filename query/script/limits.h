// All limits of scripts, with the reason for each value.
#pragma once

#include <cstdint>

namespace stratalog::query::script {

// script.max_size_in_bytes, as in Elasticsearch.
inline constexpr uint32_t kSourceBytesMax = 65535;
// Levels of a script's tree: bounds the stack of parser and interpreter. Elasticsearch's parser
// overflows its stack at some thousand.
inline constexpr uint32_t kTreeDepthMax = 200;
// Levels of the tree that are being evaluated at once, over all calls of functions.
inline constexpr uint32_t kRunDepthMax = 1200;
// Rounds of loops in one run: Painless' own bound of one loop.
inline constexpr uint64_t kLoopRoundsMax = 1'000'000;
// Steps of one run: evaluated nodes, and elements or bytes that a method looks at. Some seconds.
inline constexpr uint64_t kStepsMax = 50'000'000;
// What the values of one run may hold.
inline constexpr uint64_t kHeapBytesMax = 16 << 20;
// Levels of lists and maps that are compared, printed or written out as JSON.
inline constexpr uint32_t kValueDepthMax = 100;
// Compiled scripts that are kept, by the bytes of their sources and trees.
inline constexpr uint64_t kCacheBytes = 2 << 20;

}  // namespace stratalog::query::script
