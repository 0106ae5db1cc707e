#include "query/agg/order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace stratalog::query {

Result<BucketOrder> BucketOrder::parse(const Node& order) {
  std::vector<Part> parts;
  const auto add = [&](const Node& object) -> Status {
    if (!object.is_object() || object.members().size() != 1) {
      return parsing_error(object.start(), "Must specify at least one field for [order]");
    }
    const NodeMember& member = object.members()[0];
    std::string direction = member.value.to_text();
    std::transform(direction.begin(), direction.end(), direction.begin(),
                   [](char c) { return static_cast<char>(std::tolower(c)); });
    if (direction != "asc" && direction != "desc") {
      return parsing_error(member.value.start(),
                           "Unknown order direction [" + member.value.to_text() + "]");
    }
    const Part::Kind kind = member.key == "_key" || member.key == "_term" || member.key == "_time"
                                ? Part::Kind::kKey
                            : member.key == "_count" ? Part::Kind::kCount
                                                     : Part::Kind::kPath;
    parts.push_back({kind, member.key, direction == "asc"});
    return {};
  };
  if (order.is_array()) {
    for (const Node& element : order.elements()) RETURN_IF_ERROR(add(element));
  } else {
    RETURN_IF_ERROR(add(order));
  }
  if (parts.empty())
    return parsing_error(order.start(), "Must specify at least one field for [order]");
  return BucketOrder(std::move(parts));
}

Result<double> BucketOrder::number(const AggSpec& spec, const SortableBucket& bucket,
                                   std::string_view path) {
  const size_t dot = path.find('.');
  const size_t bracket = path.find('[');
  const size_t cut = std::min(dot, bracket);
  const std::string_view name = path.substr(0, cut);
  std::string_view property =
      cut == std::string_view::npos ? std::string_view() : path.substr(cut + 1);
  if (bracket < dot && property.ends_with(']')) property.remove_suffix(1);
  for (size_t i = 0; i < spec.children.size(); ++i) {
    // A name with dots is tried whole first.
    if (spec.children[i]->name == path) return spec.children[i]->metric(*(*bucket.children)[i], "");
  }
  for (size_t i = 0; i < spec.children.size(); ++i) {
    if (spec.children[i]->name == name)
      return spec.children[i]->metric(*(*bucket.children)[i], property);
  }
  const std::string cause = "Cannot find aggregation named [" + std::string(name) + "]";
  return Error(error_types::kIllegalArgument,
               "Invalid aggregation order path [" + std::string(path) + "]. " + cause)
      .because(Error(error_types::kIllegalArgument, cause));
}

Status BucketOrder::sort(const AggSpec& spec, std::vector<SortableBucket>& buckets,
                         const std::function<bool(int64_t, int64_t)>& key_less) const {
  std::vector<std::vector<double>> numbers(parts_.size());
  for (size_t p = 0; p < parts_.size(); ++p) {
    if (parts_[p].kind != Part::Kind::kPath) continue;
    for (const SortableBucket& bucket : buckets) {
      ASSIGN_OR_RETURN(const double v, number(spec, bucket, parts_[p].path));
      numbers[p].push_back(v);
    }
  }
  std::vector<size_t> at(buckets.size());
  std::iota(at.begin(), at.end(), size_t{0});
  const auto by_key = [&](size_t a, size_t b, bool ascending) {
    const int64_t x = buckets[a].id, y = buckets[b].id;
    return ascending ? key_less(x, y) : key_less(y, x);
  };
  std::sort(at.begin(), at.end(), [&](size_t a, size_t b) {
    for (size_t p = 0; p < parts_.size(); ++p) {
      const Part& part = parts_[p];
      if (part.kind == Part::Kind::kKey) {
        if (by_key(a, b, part.ascending)) return true;
        if (by_key(b, a, part.ascending)) return false;
        continue;
      }
      if (part.kind == Part::Kind::kCount) {
        if (buckets[a].count != buckets[b].count)
          return (buckets[a].count < buckets[b].count) == part.ascending;
        continue;
      }
      const double x = numbers[p][a], y = numbers[p][b];
      if (std::isnan(x) || std::isnan(y)) {  // not a number comes last
        if (std::isnan(x) != std::isnan(y)) return std::isnan(y);
        continue;
      }
      if (x != y) return (x < y) == part.ascending;
    }
    return by_key(a, b, true);
  });
  std::vector<SortableBucket> sorted;
  sorted.reserve(at.size());
  for (const size_t i : at) sorted.push_back(buckets[i]);
  buckets = std::move(sorted);
  return {};
}

}  // namespace stratalog::query
