#include "base/edit_distance.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace stratalog {

float name_similarity(std::string_view a, std::string_view b) {
  const size_t longer = std::max(a.size(), b.size());
  if (longer == 0) return 1;
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return 1.0F - static_cast<float>(row[b.size()]) / static_cast<float>(longer);
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
  constexpr float kNear = 0.5F;
  std::vector<std::pair<float, std::string_view>> near;
  for (const std::string_view candidate : known) {
    const float similarity = name_similarity(name, candidate);
    if (similarity > kNear) near.emplace_back(-similarity, candidate);
  }
  if (near.empty()) return {};
  std::sort(near.begin(), near.end());
  if (near.size() == 1) return " did you mean [" + std::string(near[0].second) + "]?";
  std::string out = " did you mean any of [";
  for (size_t i = 0; i < near.size(); ++i) {
    if (i > 0) out += ", ";
    out += near[i].second;
  }
  return out + "]?";
}

}  // namespace stratalog
