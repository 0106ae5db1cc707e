// Random documents and queries: what the windows of rows find, against looking at every document in
// turn.
#include <catch2/catch.hpp>
#include <iostream>
#include <random>
#include <set>

#include "query/search.h"
#include "tests/query/search_fixture.h"
#include "tests/run_settings.h"

namespace stratalog::query {
namespace {

struct Document {
  int64_t n = 0;
  bool has_n = true;
  std::string level;
  std::vector<std::string> words;
  bool deleted = false;
};

constexpr const char* kWords[] = {"red", "green", "blue", "cyan", "black", "white", "grey"};
constexpr const char* kLevels[] = {"info", "warn", "error"};

// A query as a body and as a test of one document.
struct Question {
  std::string body;
  std::function<bool(const Document&)> holds;
};

class Questions {
 public:
  explicit Questions(std::mt19937& random) : random_(random) {}

  Question make(int depth) {
    switch (pick(depth > 0 ? 9 : 7)) {
      case 0:
        return term();
      case 1:
        return word();
      case 2:
        return range();
      case 3:
        return phrase();
      case 4:
        return {R"({"exists":{"field":"n"}})", [](const Document& d) { return d.has_n; }};
      case 5:
        return prefix();
      case 6:
        return {R"({"match_all":{}})", [](const Document&) { return true; }};
      default:
        return combined(depth - 1);
    }
  }

 private:
  uint32_t pick(uint32_t count) { return static_cast<uint32_t>(random_() % count); }

  Question term() {
    const std::string level = kLevels[pick(3)];
    return {R"({"term":{"level":")" + level + R"("}})",
            [level](const Document& d) { return d.level == level; }};
  }
  Question word() {
    const std::string a = kWords[pick(7)], b = kWords[pick(7)];
    const bool both = pick(2) == 0;
    const auto has = [](const Document& d, const std::string& w) {
      return std::find(d.words.begin(), d.words.end(), w) != d.words.end();
    };
    return {R"({"match":{"log":{"query":")" + a + " " + b + R"(","operator":")" +
                (both ? "and" : "or") + R"("}}})",
            [a, b, both, has](const Document& d) {
              return both ? has(d, a) && has(d, b) : has(d, a) || has(d, b);
            }};
  }
  Question phrase() {
    const std::string a = kWords[pick(7)], b = kWords[pick(7)];
    return {R"({"match_phrase":{"log":")" + a + " " + b + R"("}})", [a, b](const Document& d) {
              for (size_t i = 0; i + 1 < d.words.size(); ++i) {
                if (d.words[i] == a && d.words[i + 1] == b) return true;
              }
              return false;
            }};
  }
  Question prefix() {
    const std::string start(1, "gbw"[pick(3)]);
    return {R"({"prefix":{"log":")" + start + R"("}})", [start](const Document& d) {
              return std::any_of(d.words.begin(), d.words.end(),
                                 [&](const auto& w) { return w.starts_with(start); });
            }};
  }
  Question range() {
    const int64_t low = pick(100), high = low + pick(60);
    return {R"({"range":{"n":{"gte":)" + std::to_string(low) + R"(,"lt":)" + std::to_string(high) +
                "}}}",
            [low, high](const Document& d) { return d.has_n && d.n >= low && d.n < high; }};
  }
  Question combined(int depth) {
    std::vector<Question> must, filter, should, must_not;
    const auto some = [&](std::vector<Question>& list, uint32_t most) {
      for (uint32_t i = pick(most + 1); i > 0; --i) list.push_back(make(depth));
    };
    some(must, 2);
    some(filter, 2);
    some(should, 3);
    some(must_not, 1);
    const uint32_t least = should.size() > 1 && pick(2) == 0 ? 2
                           : must.empty() && filter.empty()  ? 1
                                                             : 0;
    std::string body = R"({"bool":{"must":)" + list_of(must) + R"(,"filter":)" + list_of(filter) +
                       R"(,"should":)" + list_of(should) + R"(,"must_not":)" + list_of(must_not);
    if (least == 2) body += R"(,"minimum_should_match":2)";
    body += "}}";
    const bool none = must.empty() && filter.empty() && should.empty() && must_not.empty();
    return {body, [=](const Document& d) {
              if (none) return true;
              const auto all = [&](const std::vector<Question>& list) {
                return std::all_of(list.begin(), list.end(),
                                   [&](const Question& q) { return q.holds(d); });
              };
              const auto found = std::count_if(should.begin(), should.end(),
                                               [&](const Question& q) { return q.holds(d); });
              const auto bad = std::any_of(must_not.begin(), must_not.end(),
                                           [&](const Question& q) { return q.holds(d); });
              return all(must) && all(filter) && !bad &&
                     (should.empty() || found >= static_cast<long>(least));
            }};
  }
  static std::string list_of(const std::vector<Question>& list) {
    std::string out = "[";
    for (const Question& question : list) out += (out.size() > 1 ? "," : "") + question.body;
    return out + "]";
  }

  std::mt19937& random_;
};

}  // namespace

TEST_CASE("random queries find what looking at every document finds") {
  const auto seed = static_cast<uint32_t>(test_seed());
  INFO("STRATALOG_TEST_SEED=" << seed);
  std::mt19937 random(seed);
  MemoryIndices indices;
  auto mappings =
      json::parse(R"({"mappings":{"properties":{"n":{"type":"long"},"level":{"type":"keyword"},
                                  "log":{"type":"text"}}}})");
  indices.create("logs", *mappings);
  std::vector<Document> documents(700);
  for (size_t i = 0; i < documents.size(); ++i) {
    Document& d = documents[i];
    d.n = static_cast<int64_t>(random() % 130);
    d.has_n = random() % 8 != 0;
    d.level = kLevels[random() % 3];
    for (uint32_t w = random() % 9; w > 0; --w)
      d.words.push_back(kWords[std::min(random() % 7, random() % 7)]);
    std::string log;
    for (const std::string& word : d.words) log += (log.empty() ? "" : " ") + word;
    std::string source = "{";
    if (d.has_n) source += R"("n":)" + std::to_string(d.n) + ",";
    source += R"("level":")" + d.level + R"(","log":")" + log + R"("})";
    indices.add("logs", std::to_string(i), source);
    if (random() % 200 == 0) indices.cut("logs");
  }
  for (size_t i = 0; i < documents.size(); ++i) {
    if (random() % 10 != 0) continue;
    documents[i].deleted = true;
    indices.remove("logs", std::to_string(i));
  }
  Questions questions(random);
  for (int round = 0; round < 300; ++round) {
    const Question question = questions.make(3);
    CAPTURE(question.body);
    std::set<std::string> expected;
    for (size_t i = 0; i < documents.size(); ++i) {
      if (!documents[i].deleted && question.holds(documents[i])) expected.insert(std::to_string(i));
    }
    // By score, by a field, and counted alone must all agree.
    for (const char* how : {R"("size":1000)", R"("size":1000,"sort":["n"])",
                            R"("size":1000,"sort":[{"level":"desc"},"n"])"}) {
      const json::Value answer =
          run_search(indices, {"logs"},
                     R"({"track_total_hits":true,"_source":false,)" + std::string(how) +
                         R"(,"query":)" + question.body + "}");
      std::set<std::string> got;
      for (const json::Value& hit : answer.find_path("hits.hits")->as_array())
        got.insert(hit.find("_id")->as_string());
      CHECK(got == expected);
      CHECK(answer.find_path("hits.total.value")->as_int() ==
            static_cast<int64_t>(expected.size()));
    }
    const json::Value counted = run_search(
        indices, {"logs"}, R"({"size":0,"track_total_hits":true,"query":)" + question.body + "}");
    CHECK(counted.find_path("hits.total.value")->as_int() == static_cast<int64_t>(expected.size()));
  }
}

TEST_CASE("pages by search_after and by from give what one page gives") {
  const auto seed = static_cast<uint32_t>(test_seed());
  INFO("STRATALOG_TEST_SEED=" << seed);
  std::mt19937 random(seed);
  MemoryIndices indices;
  auto mappings = json::parse(
      R"({"mappings":{"properties":{"n":{"type":"long"},"level":{"type":"keyword"}}}})");
  indices.create("logs", *mappings);
  for (int i = 0; i < 200; ++i) {
    std::string source = R"({"level":")" + std::string(kLevels[random() % 3]) + R"(")";
    if (random() % 5 != 0) source += R"(,"n":)" + std::to_string(random() % 20);
    indices.add("logs", std::to_string(i), source + "}");
    if (random() % 40 == 0) indices.cut("logs");
  }
  const auto ids = [](const json::Value& answer) {
    std::vector<std::string> out;
    for (const json::Value& hit : answer.find_path("hits.hits")->as_array())
      out.push_back(hit.find("_id")->as_string());
    return out;
  };
  for (const char* sort :
       {R"([{"n":"asc"},{"_doc":"asc"}])", R"([{"n":"desc"},{"_doc":"asc"}])",
        R"([{"level":"asc"},{"n":{"order":"desc","missing":"_first"}},{"_doc":"desc"}])",
        R"([{"_doc":"desc"}])", R"([{"n":{"order":"asc","missing":7}},{"_doc":"asc"}])"}) {
    CAPTURE(sort);
    const std::string head = R"({"_source":false,"sort":)" + std::string(sort);
    const std::vector<std::string> whole =
        ids(run_search(indices, {"logs"}, head + R"(,"size":1000})"));
    REQUIRE(whole.size() == 200);
    std::vector<std::string> by_after, by_from;
    std::string after;
    while (by_after.size() < whole.size()) {
      const json::Value page = run_search(indices, {"logs"}, head + R"(,"size":17)" + after + "}");
      const json::Array& hits = page.find_path("hits.hits")->as_array();
      REQUIRE_FALSE(hits.empty());
      for (const std::string& id : ids(page)) by_after.push_back(id);
      after = R"(,"search_after":)" + json::to_string(*hits.back().find("sort"));
    }
    for (int from = 0; from < 200; from += 23) {
      for (const std::string& id : ids(run_search(
               indices, {"logs"}, head + R"(,"size":23,"from":)" + std::to_string(from) + "}"))) {
        by_from.push_back(id);
      }
    }
    CHECK(by_after == whole);
    CHECK(by_from == whole);
  }
}

}  // namespace stratalog::query
