#include "tests/index/document/document_fixture.h"

#include <catch2/catch.hpp>

#include "index/analysis/registry.h"
#include "index/mapping/field_values.h"
#include "index/sortable.h"

namespace stratalog::index {

std::shared_ptr<const Mapping> make_mapping(std::string_view body, const MappingLimits& limits) {
  const Result<json::Value> json = json::parse(body);
  REQUIRE(json.ok());
  Result<std::shared_ptr<const Mapping>> mapping =
      Mapping::parse(*json, AnalysisRegistry::built_in(), limits);
  INFO((mapping ? std::string() : mapping.error().reason));
  REQUIRE(mapping.ok());
  return *mapping;
}

std::string describe(const Error& error) {
  std::string out = std::string(error.type.name) + ": " + error.reason;
  if (error.caused_by != nullptr) out += " <- " + describe(*error.caused_by);
  return out;
}

std::string DocumentFixture::parse(std::string_view source, bool replay) {
  DocumentParser::Options options;
  options.id = "1";
  options.replay = replay;
  // No byte more than the text, so that a sanitizer sees who reads behind it.
  text_.assign(source);
  text_.shrink_to_fit();
  constexpr int kRoundsMax = 30;
  for (int round = 0; round < kRoundsMax; ++round) {
    MappingUpdate update;
    arena_.clear();
    const Status status = parser_.parse(*mapping_, text_, options, arena_, document_, update);
    if (!status) return describe(status.error());
    if (update.empty()) return shown();
    const Result<std::shared_ptr<const Mapping>> merged = mapping_->merge(update.mapping, true);
    if (!merged) return describe(merged.error());
    mapping_ = *merged;
  }
  return "asks for updates without end";
}

void DocumentFixture::merge(std::string_view mapping) {
  const Result<json::Value> body = json::parse(mapping);
  REQUIRE(body.ok());
  const Result<std::shared_ptr<const Mapping>> merged = mapping_->merge(*body, false);
  REQUIRE(merged.ok());
  mapping_ = *merged;
}

std::string DocumentFixture::mapping_json() const { return json::to_string(mapping_->to_json()); }

std::string DocumentFixture::shown() const {
  std::string out;
  for (const FieldValue& value : document_.values) {
    const MappedField& field = *mapping_->fields()[value.field];
    if (!out.empty()) out += ' ';
    out += field.path;
    if (value.kind != field.kind) {
      out += value.kind == Kind::kF64     ? "(f64)"
             : value.kind == Kind::kTerms ? "(terms)"
                                          : "(exact)";
    }
    out += '=';
    switch (value.kind) {
      case Kind::kI64:
      case Kind::kNanos:
        out += std::to_string(value.number);
        break;
      case Kind::kU64:
        out += std::to_string(u64_from_sortable(value.number));
        break;
      case Kind::kF64:
        out += json::to_string(json::Value(double_from_sortable(value.number)));
        break;
      case Kind::kIp:
        out += ip_text(value.text);
        break;
      default:
        for (const char c : value.text) out += c == '\0' ? '|' : c;
    }
  }
  if (document_.ignored.empty()) return out;
  out += " ignored:";
  for (const std::string_view path : document_.ignored) out += " " + std::string(path);
  return out;
}

}  // namespace stratalog::index
