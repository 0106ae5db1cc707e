// Documents of every kind of field, sealed in several segments with deletes and merged, are held
// against the same documents in one segment. So are those that do not fit their mapping.
#include <random>

#include "tests/index/engine/engine_fixture.h"
#include "tests/index/segment/segment_compare.h"
#include "tests/run_settings.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;

namespace {

constexpr const char* kMappings = R"({"properties":{
  "@timestamp":{"type":"date"},"long":{"type":"long"},"double":{"type":"double"},
  "scaled":{"type":"scaled_float","scaling_factor":100},"unsigned":{"type":"unsigned_long"},
  "flag":{"type":"boolean"},"nanos":{"type":"date_nanos"},"address":{"type":"ip"},
  "word":{"type":"keyword"},"short":{"type":"keyword","ignore_above":5},
  "labels":{"type":"flattened"},"blob":{"type":"binary","doc_values":true},
  "text":{"type":"text","fields":{"raw":{"type":"keyword"}}},
  "plain":{"type":"text","norms":false,"index_options":"docs"},
  "copied":{"type":"keyword","copy_to":"all"},"all":{"type":"text"}}})";

// Values that fit their field, now and then several or none; the second half of the time also such
// that do not.
class Documents {
 public:
  Documents(uint64_t seed, bool conflicts, bool one_time)
      : random_(seed), conflicts_(conflicts), one_time_(one_time) {}

  std::string next() {
    std::string out = "{";
    if (one_time_) {
      add(out, "@timestamp", std::to_string(1'700'000'000'000 + pick(5'000)));
    } else if (!chance(4)) {
      add(out, "@timestamp", values([&] { return quoted("2026-11-22T00:00:" + two(pick(60))); }));
    }
    maybe(out, "long", [&] { return std::to_string(static_cast<int64_t>(pick(1000)) - 500); });
    maybe(out, "double", [&] { return std::to_string(pick(100)) + "." + std::to_string(pick(9)); });
    maybe(out, "scaled", [&] { return std::to_string(pick(50)) + ".25"; });
    maybe(out, "unsigned", [&] { return std::to_string(random_()); });
    maybe(out, "flag", [&] { return std::string(chance(2) ? "true" : "false"); });
    maybe(out, "nanos",
          [&] { return quoted("2026-11-22T00:00:00." + std::to_string(100'000'000 + pick(999))); });
    maybe(out, "address", [&] {
      return chance(3) ? quoted("2001:db8::" + std::to_string(pick(99)))
                       : quoted("10.0.0." + std::to_string(pick(255)));
    });
    maybe(out, "word", [&] { return quoted(word()); });
    maybe(out, "short", [&] { return quoted(word() + word()); });
    maybe(out, "labels", [&] { return "{\"app\":" + quoted(word()) + ",\"n\":[1,2]}"; });
    maybe(out, "blob", [&] { return quoted("AAECAw=="); });
    maybe(out, "text", [&] { return quoted(sentence()); });
    maybe(out, "plain", [&] { return quoted(sentence()); });
    maybe(out, "copied", [&] { return quoted(word() + " " + word()); });
    if (chance(2))
      add(out, "k8s",
          R"({"pod":{"name":)" + quoted(word()) + R"(},"host":)" + quoted(word()) + "}");
    if (conflicts_) add_conflicts(out);
    return out + "}";
  }

 private:
  void add_conflicts(std::string& out) {
    maybe(out, "app", [&] {
      return chance(2) ? quoted(word()) : "{\"name\":" + quoted(word()) + ",\"port\":80}";
    });
    maybe(out, "count", [&] {
      switch (pick(4)) {
        case 0:
          return quoted("many " + word());
        case 1:
          return std::string("1.5");
        case 2:
          return std::string("true");
        default:
          return std::to_string(pick(50));
      }
    });
    maybe(out, "address", [&] { return quoted("no address"); });
    maybe(out, "flag", [&] { return quoted(word()); });
    maybe(out, "when",
          [&] { return chance(2) ? quoted("2026-11-22T01:02:03Z") : quoted("yesterday"); });
    maybe(out, "new_" + std::to_string(pick(40)),
          [&] { return chance(2) ? quoted(sentence()) : std::to_string(pick(9)); });
  }

  template <typename Make>
  std::string values(const Make& make) {
    if (!chance(4)) return make();
    std::string out = "[";
    for (uint64_t i = pick(4); i > 0; --i) out += make() + ",";
    return out + make() + "]";
  }
  template <typename Make>
  void maybe(std::string& out, const std::string& name, const Make& make) {
    if (names_of_this_.find("," + name + ",") != std::string::npos) return;
    if (chance(8)) return add(out, name, "null");
    if (!chance(3)) add(out, name, values(make));
  }
  void add(std::string& out, const std::string& name, const std::string& value) {
    if (out.size() == 1) names_of_this_ = ",";
    // A key twice in one object is refused.
    if (names_of_this_.find("," + name + ",") != std::string::npos) return;
    names_of_this_ += name + ",";
    out += (out.size() > 1 ? "," : "") + quoted(name) + ":" + value;
  }

  static std::string quoted(const std::string& text) { return "\"" + text + "\""; }
  static std::string two(uint64_t n) { return std::to_string(100 + n).substr(1); }
  std::string word() { return "w" + std::to_string(std::min(pick(30), pick(30))); }
  std::string sentence() {
    std::string out;
    for (uint64_t i = pick(8); i > 0; --i) out += word() + (chance(5) ? ", " : " ");
    return out + word();
  }
  uint64_t pick(uint64_t below) { return random_() % below; }
  bool chance(uint64_t one_in) { return pick(one_in) == 0; }

  std::mt19937_64 random_;
  const bool conflicts_;
  const bool one_time_;
  std::string names_of_this_;
};

struct MergeFixture : EngineFixture {
  std::shared_ptr<const SegmentReader> only_segment(const std::string& name) {
    REQUIRE(engine().refresh(name).ok());
    const auto view = engine().view(*engine().state()->find(name));
    REQUIRE(view.ok());
    REQUIRE(view->segments.size() == 1);
    REQUIRE(view->segments[0].deleted_count == 0);
    return view->segments[0].segment;
  }
  const json::Value& mapping(const std::string& name) {
    return engine().state()->find(name)->mapping->to_json();
  }

  // Whether a path was mapped after values of it had been flattened: the last field that the limit
  // allowed was too small for what came first. Such values stay where they are in the segment that
  // has them, and go to the field in a new one.
  bool mapped_late(const std::string& name) {
    const auto segment = only_segment(name);
    const OrdinalColumn* flattened = segment->ordinals(kFlattenedPath, Kind::kFlattened);
    const auto& mapping = engine().state()->find(name)->mapping;
    for (uint32_t i = 0; flattened != nullptr && i < flattened->ordinal_count(); ++i) {
      const std::string term = flattened->term(i);
      if (mapping->find(term.substr(0, term.find('\0'))) != nullptr) return true;
    }
    return false;
  }

  // Writes `rounds` segments; gives what is left, in the order in which it was written.
  std::vector<std::pair<std::string, std::string>> write(Documents& documents,
                                                         std::mt19937_64& random, int rounds) {
    std::vector<std::pair<std::string, std::string>> left;
    int next = 0;
    for (int round = 0; round < rounds; ++round) {
      for (uint64_t i = 1 + random() % 120; i > 0; --i) {
        const bool replaces = !left.empty() && random() % 12 == 0;
        std::string id = std::to_string(next++);
        if (replaces) {
          const auto at = left.begin() + static_cast<std::ptrdiff_t>(random() % left.size());
          id = at->first;
          left.erase(at);
        }
        const std::string document = documents.next();
        CAPTURE(document);
        const WriteResult result = index("parts", id, document);
        INFO((result.error ? result.error->reason : ""));
        REQUIRE_FALSE(result.error);
        left.emplace_back(id, document);
        if (random() % 10 == 0) {
          const auto at = left.begin() + static_cast<std::ptrdiff_t>(random() % left.size());
          REQUIRE_FALSE(remove("parts", at->first).error);
          left.erase(at);
        }
      }
      REQUIRE(engine().flush("parts").ok());
    }
    return left;
  }

  void check(uint64_t seed, bool conflicts, bool one_time = true) {
    INFO("STRATALOG_TEST_SEED=" << test_seed(1) << ", of this round " << seed);
    std::mt19937_64 random(seed);
    Documents documents(seed, conflicts, one_time);
    const std::string settings =
        conflicts ? R"({"mapping.conflicts":"accept","mapping.total_fields.limit":45})" : "{}";
    create("parts", settings, kMappings);
    const auto left = write(documents, random, 2 + static_cast<int>(random() % 4));
    REQUIRE(engine().force_merge("parts", 1, false).ok());
    if (random() % 2 == 0) cut_power();
    if (mapped_late("parts")) {
      REQUIRE(engine().delete_index("parts").ok());
      return;
    }

    create("whole", settings, json::to_string(mapping("parts")));
    for (const auto& [id, source] : left) REQUIRE_FALSE(index("whole", id, source).error);
    REQUIRE(engine().flush("whole").ok());
    if (!one_time) {
      // Where there is not one time in each document, a merge leaves them as they were written.
      REQUIRE_FALSE(index("whole", "gone", R"({"@timestamp":1})").error);
      REQUIRE(engine().flush("whole").ok());
      REQUIRE_FALSE(remove("whole", "gone").error);
      REQUIRE(engine().force_merge("whole", 1, false).ok());
    }
    REQUIRE(mapping("whole") == mapping("parts"));
    // Documents that came before the mapping knew what they are in conflict with do not name it.
    stratalog::test::check_same(
        *only_segment("parts"), *only_segment("whole"),
        conflicts ? std::set<std::string>{"_ignored"} : std::set<std::string>());
    REQUIRE(engine().delete_index("parts").ok());
    REQUIRE(engine().delete_index("whole").ok());
  }
};

}  // namespace

TEST_CASE_METHOD(MergeFixture, "merged segments are what one segment of their documents is") {
  const int rounds = test_long() ? 60 : 6;
  for (int i = 0; i < rounds; ++i) check(test_seed(1) * 100 + static_cast<uint64_t>(i), false);
}

TEST_CASE_METHOD(MergeFixture, "and so with documents that do not fit their mapping") {
  const int rounds = test_long() ? 60 : 6;
  for (int i = 0; i < rounds; ++i) check(test_seed(1) * 900 + static_cast<uint64_t>(i), true);
}

TEST_CASE_METHOD(MergeFixture, "and so where documents have no time or several") {
  const int rounds = test_long() ? 60 : 4;
  for (int i = 0; i < rounds; ++i) {
    check(test_seed(1) * 7'000 + static_cast<uint64_t>(i), i % 2 == 0, false);
  }
}
