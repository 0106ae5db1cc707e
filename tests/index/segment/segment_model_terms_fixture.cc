#include "tests/index/segment/segment_model_terms.h"

namespace stratalog::test {

using namespace index;

void add_text(Inverted& terms, RowId row, const ModelText& text) {
  std::map<std::string, std::vector<uint32_t>> positions;
  for (uint32_t i = 0; i < text.tokens.size(); ++i) {
    if (!text.tokens[i].empty()) positions[text.tokens[i]].push_back(i);
  }
  for (const auto& [token, at] : positions) {
    Occurrences& occurrences = terms[token];
    occurrences.rows.push_back(row);
    occurrences.freqs.push_back(static_cast<uint32_t>(at.size()));
    occurrences.positions.insert(occurrences.positions.end(), at.begin(), at.end());
  }
}

Inverted invert_keyword(const Model& model, const std::string& field) {
  Inverted terms;
  for (RowId row = 0; row < model.rows.size(); ++row) {
    const auto found = model.rows[row].keywords.find(field);
    if (found == model.rows[row].keywords.end()) continue;
    for (const std::string& value : found->second) {
      terms[value].rows.push_back(row);
      terms[value].freqs.push_back(1);
    }
  }
  return terms;
}

Inverted invert_text(const Model& model, const std::string& field) {
  Inverted terms;
  for (RowId row = 0; row < model.rows.size(); ++row) {
    const auto found = model.rows[row].texts.find(field);
    if (found != model.rows[row].texts.end()) add_text(terms, row, found->second);
    const auto by_value = model.rows[row].value_texts.find(field);
    if (by_value != model.rows[row].value_texts.end()) add_text(terms, row, by_value->second);
  }
  return terms;
}

}  // namespace stratalog::test
