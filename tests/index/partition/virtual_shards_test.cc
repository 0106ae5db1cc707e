// Shards as Elasticsearch 7.17.3 gave them (_search_shards?routing=...).
#include "index/partition/virtual_shards.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index;

namespace {

VirtualShards shards_of(std::string_view settings) {
  IndexMetadata index;
  index.settings = *json::parse(settings);
  return VirtualShards(index);
}

struct Case {
  const char* routing;
  uint32_t of_five;   // number_of_shards 5
  uint32_t of_three;  // number_of_shards 3, number_of_routing_shards 6
};

}  // namespace

TEST_CASE("routing leads to the shard that Elasticsearch would choose") {
  const VirtualShards five = shards_of(R"({"number_of_shards":"5"})");
  const VirtualShards three =
      shards_of(R"({"number_of_shards":"3","number_of_routing_shards":"6"})");
  const Case cases[] = {{"1", 4, 2},
                        {"2", 3, 1},
                        {"3", 0, 1},
                        {"user x", 1, 0},
                        {"Köln", 1, 0},
                        {"😀", 2, 1},
                        {"a-long-routing-value-of-some-length", 1, 0}};
  for (const Case& each : cases) {
    INFO(each.routing);
    CHECK(five.of("any", std::string(each.routing)) == each.of_five);
    CHECK(five.of(each.routing, std::nullopt) == each.of_five);
    CHECK(three.of("any", std::string(each.routing)) == each.of_three);
  }
}

TEST_CASE("a routing partition spreads the documents of one routing over neighbours") {
  const VirtualShards shards =
      shards_of(R"({"number_of_shards":"5","routing_partition_size":"2"})");
  for (const char* id : {"1", "2", "3", "4", "x", "y"}) CHECK(shards.of(id, std::string("r")) == 3);
}

TEST_CASE("a key tells documents of one id on several shards apart") {
  std::string buffer, other;
  const VirtualShards one = shards_of(R"({"number_of_shards":"1"})");
  CHECK(one.single());
  CHECK(one.of("id", std::string("x")) == 0);
  CHECK(one.key("id", 0, buffer) == "id");
  const VirtualShards two = shards_of(R"({"number_of_shards":"2"})");
  CHECK_FALSE(two.single());
  CHECK(two.key("id", 0, buffer) != two.key("id", 1, other));
  CHECK(two.key("id", 1, buffer) == two.key("id", 1, other));
}
