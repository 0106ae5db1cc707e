#include "api/bulk_parser.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "api/http.h"
#include "tests/damage.h"

namespace stratalog::api {
namespace {

// A body with the padding that the server gives it and not a byte more.
class Body {
 public:
  explicit Body(std::string_view text) : bytes_(text.begin(), text.end()), size_(text.size()) {
    bytes_.resize(size_ + kBodyPadding);
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::vector<char> bytes_;
  size_t size_;
};

constexpr const char* kLines =
    "{\"index\":{\"_index\":\"logs\",\"_id\":\"1\",\"routing\":\"r\"}}\n"
    "{\"a\":1}\n"
    "{\"create\":{\"_index\":\"logs\"}}\r\n"
    "{\"a\":\"\\u00e4\"}\r\n"
    "{\"delete\":{\"_index\":\"logs\",\"_id\":\"2\",\"if_seq_no\":3,\"if_primary_term\":1}}\n"
    "\n"
    "{\"update\":{\"_index\":\"logs\",\"_id\":\"3\",\"retry_on_conflict\":2,\"_source\":\"a\"}}\n"
    "{\"doc\":{\"a\":{\"b\":[1,2]}},\"doc_as_upsert\":true}\n"
    "{\"index\":{\"version\":5,\"version_type\":\"external\",\"_id\":\"4\"}}\n"
    "{\"a\":null}\n";

}  // namespace

TEST_CASE("bulk: action lines and documents become operations, in order") {
  const Body body(kLines);
  BulkDefaults defaults;
  defaults.index = "fallback";
  const auto parsed = parse_bulk(body.view(), defaults);
  INFO((parsed ? "" : parsed.error().reason));
  REQUIRE(parsed.ok());
  const auto& ops = parsed->ops;
  REQUIRE(ops.size() == 5);
  CHECK(parsed->refused.empty());
  CHECK_FALSE(parsed->typed);
  CHECK(ops[0].type == index::OpType::kIndex);
  CHECK(ops[0].id == "1");
  CHECK(ops[0].routing == "r");
  CHECK(ops[0].source == "{\"a\":1}");
  CHECK(ops[1].type == index::OpType::kCreate);
  CHECK(ops[1].id.empty());
  CHECK(ops[1].source == "{\"a\":\"\\u00e4\"}");
  CHECK(ops[2].type == index::OpType::kDelete);
  CHECK(ops[2].if_seq_no == 3);
  CHECK(ops[3].type == index::OpType::kUpdate);
  CHECK(ops[3].retry_on_conflict == 2);
  CHECK(parsed->items[3].source.has_value());
  CHECK(ops[4].index == "fallback");
  CHECK(ops[4].version == 5);
  CHECK(parsed->items[0].id_given);
  CHECK_FALSE(parsed->items[1].id_given);
}

TEST_CASE("bulk: a body that doesn't end with a newline is refused whole") {
  const Body body("{\"delete\":{\"_index\":\"logs\",\"_id\":\"1\"}}");
  const auto parsed = parse_bulk(body.view(), {});
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().type.status == 400);
}

TEST_CASE("bulk: whatever the bytes are, each item is an operation or refused") {
  const uint64_t seed = test_seed();
  INFO("STRATALOG_TEST_SEED=" << seed);
  Damage damage(seed);
  for (uint64_t i = 0, n = test_rounds(5000); i < n; ++i) {
    std::string text = damage.bytes(kLines);
    if (damage.pick(2) == 0) text += '\n';
    INFO(text);
    const Body body(text);
    BulkDefaults defaults;
    if (damage.pick(2) == 0) defaults.index = "logs";
    const auto parsed = parse_bulk(body.view(), defaults);
    if (!parsed) {
      CHECK(parsed.error().type.status == 400);
      continue;
    }
    const auto failed = std::count_if(parsed->items.begin(), parsed->items.end(),
                                      [](const BulkItem& item) { return item.error.has_value(); });
    CHECK(parsed->refused.size() == static_cast<size_t>(failed));
    CHECK(parsed->ops.size() + parsed->refused.size() == parsed->items.size());
    for (const index::WriteOp& op : parsed->ops) {
      if (op.source.empty()) continue;
      CHECK(op.source.data() >= body.view().data());
      CHECK(op.source.data() + op.source.size() <= body.view().data() + body.view().size());
    }
  }
}

}  // namespace stratalog::api
