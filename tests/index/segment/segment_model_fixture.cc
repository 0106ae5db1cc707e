#include "tests/index/segment/segment_model.h"

#include <algorithm>

namespace stratalog::test {
namespace {

template <typename Map>
void add_keys(std::set<std::string>& names, const Map& map) {
  for (const auto& [name, value] : map) names.insert(name);
}

std::string token(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0:
      return "t" + std::to_string(random());
    case 1:
      return "err" + std::to_string(random() % 400);
    default:
      return "w" + std::to_string(std::min({random() % 40, random() % 40, random() % 40}));
  }
}

ModelText random_text(std::mt19937_64& random) {
  ModelText text;
  for (uint64_t i = random() % 12; i > 0; --i)
    text.tokens.push_back(random() % 10 == 0 ? "" : token(random));
  text.norm = static_cast<uint8_t>(1 + text.tokens.size());
  return text;
}

std::string random_source(std::mt19937_64& random, const ModelRow& row) {
  static const std::string kPods[] = {
      R"({"pod":"a","labels":{"app":"x}\"{","n":[1,{"y":2}]},"container_image":"registry.example/a/b:1.2.3","host":"node-1","uid":"0123456789abcdef0123456789"})",
      R"({ "pod" : "b", "labels": {}, "host":"node-2 \\", "uid":"ffffffffffffffffffffffffffffff" })",
      R"({"small":1})"};
  const std::string object = kPods[random() % 3];
  switch (random() % 8) {
    case 0:
      return "";
    case 1:
      return "not json at all " + std::to_string(random());
    case 2:
      return R"({"broken": {"a": "b)" + std::to_string(random());
    case 3:
      return object;
    case 4:
      return R"({"k8s":)" + object + R"(, "again" : )" + object + "}";
    case 5:
      return std::string("{\"x\":\"\0\xff\xfe\",\"k\":", 14) + object + "}";
    default:
      return R"({"@timestamp":)" + std::to_string(row.seq_no) + R"(,"log":"a {\"b\": line )" +
             std::to_string(random()) + R"(","list":[{"z":1}],"kubernetes":)" + object +
             R"(,"end":true})";
  }
}

}  // namespace

std::set<std::string> Model::number_fields() const {
  std::set<std::string> names;
  for (const ModelRow& row : rows) add_keys(names, row.numbers);
  return names;
}
std::set<std::string> Model::keyword_fields() const {
  std::set<std::string> names;
  for (const ModelRow& row : rows) add_keys(names, row.keywords);
  return names;
}
std::set<std::string> Model::text_fields() const {
  std::set<std::string> names;
  for (const ModelRow& row : rows) add_keys(names, row.texts);
  return names;
}
std::set<std::string> Model::value_text_fields() const {
  std::set<std::string> names;
  for (const ModelRow& row : rows) add_keys(names, row.value_texts);
  return names;
}

Model random_model(uint64_t seed, uint32_t row_count) {
  std::mt19937_64 random(seed);
  Model model;
  model.freqs = random() % 4 != 0;
  model.positions = model.freqs && random() % 3 != 0;
  model.norms = random() % 3 != 0;
  const bool ids = random() % 2 == 0;
  const bool prefixes = random() % 3 == 0;
  const uint64_t pods = 1 + random() % 30;
  int64_t time = 1'700'000'000'000 + static_cast<int64_t>(random() % 1'000'000);
  std::map<std::string, ModelText> value_texts;
  for (uint32_t i = 0; i < row_count; ++i) {
    ModelRow row;
    row.seq_no = static_cast<int64_t>(i) + 1000;
    if (i % 7 == 3) row.seq_no += 100'000;
    row.version = random() % 50 == 0 ? 2 : 1;
    row.primary_term = 1 + (i > row_count / 2 ? 1 : 0);
    if (prefixes) row.prefix = 77 + random() % 2;
    if (ids && random() % 3 != 0) row.id = "id" + std::to_string(random() % (row_count * 2));
    if (random() % 20 == 0) row.routing = "r" + std::to_string(random() % 5);

    time += static_cast<int64_t>(random() % 9);
    row.numbers["n_time"] = {time};
    row.numbers["n_constant"] = {42};
    row.numbers["n_seconds"] = {(time - static_cast<int64_t>(random() % 100'000)) / 1000 * 1000};
    if (random() % 2 == 0) row.numbers["n_half"] = {static_cast<int64_t>(random() % 500) - 250};
    if (random() % 300 == 0) row.numbers["n_rare"] = {static_cast<int64_t>(random())};
    row.numbers["n_wide"] = {static_cast<int64_t>(random())};
    if (random() % 5 == 0) row.numbers["n_same_or_none"] = {7};
    for (uint64_t k = random() % 4; k > 0; --k)
      row.numbers["n_multi"].push_back(static_cast<int64_t>(random() % 1000));
    if (row.numbers.contains("n_multi"))
      std::sort(row.numbers["n_multi"].begin(), row.numbers["n_multi"].end());
    if (random() % 1000 == 0) row.numbers["n_extremes"] = {INT64_MIN, INT64_MAX};

    const uint64_t pod = std::min(random() % pods, random() % pods);
    row.keywords["k_pod"] = {"pod" + std::to_string(pod)};
    row.keywords["k_namespace"] = {"ns" + std::to_string(pod % 5)};
    if (pod % 3 != 0) row.keywords["k_label"] = {"label" + std::to_string(pod % 4)};
    row.keywords["k_constant"] = {"same"};
    row.keywords["k_unique"] = {"u" + std::to_string(random()) + std::string(random() % 30, 'x')};
    if (random() % 100 == 0) row.keywords["k_rare"] = {"rare" + std::to_string(random() % 3)};
    for (uint64_t k = random() % 3; k > 0; --k)
      row.keywords["k_tags"].insert("tag" + std::to_string(random() % 20));
    if (random() % 10 != 0) row.keywords["k_phrase"] = {"p" + std::to_string(random() % 9)};

    if (random() % 20 != 0) row.texts["t_log"] = random_text(random);
    for (const char* field : {"k_phrase", "k_label"}) {
      if (!row.keywords.contains(field)) continue;
      const std::string& value = *row.keywords[field].begin();
      if (!value_texts.contains(value)) value_texts[value] = random_text(random);
      row.value_texts[field] = value_texts[value];
    }
    row.source = random_source(random, row);
    model.rows.push_back(std::move(row));
  }
  return model;
}

}  // namespace stratalog::test
