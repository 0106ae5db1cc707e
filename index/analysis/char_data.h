// General categories and simple case mappings of code points, of Unicode 13.0. Made by
// scripts/char_tables.py. index/analysis/chars.h asks the questions.
#pragma once

#include <cstdint>

namespace stratalog::index::char_data {

struct CaseShift {
  int32_t to_lower;
  int32_t to_upper;
};

inline constexpr uint32_t kCategoryIndexCount =
    8704;  // blocks of 128 code points; behind them: unassigned
inline constexpr uint32_t kCaseIndexCount = 979;  // behind them: no case

extern const uint8_t kCategoryIndex[kCategoryIndexCount];
extern const uint8_t kCategoryBlock[];
extern const uint8_t kCaseIndex[kCaseIndexCount];
extern const uint8_t kCaseBlock[];
extern const CaseShift kCaseShift[];

}  // namespace stratalog::index::char_data
