// Documents under a mapping as one line of text: what the tests compare.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "index/document/document_parser.h"
#include "index/mapping/mapping.h"

namespace stratalog::index {

std::shared_ptr<const Mapping> make_mapping(std::string_view body,
                                            const MappingLimits& limits = {});

// "type: reason <- type: reason"
std::string describe(const Error& error);

class DocumentFixture {
 public:
  explicit DocumentFixture(std::string_view mapping = "{}", const MappingLimits& limits = {})
      : mapping_(make_mapping(mapping, limits)) {}

  // Parses, merging what the document asks for until it asks for nothing. "path=value ..." of its
  // values in their order, then " ignored: a b"; or the error.
  std::string parse(std::string_view source, bool replay = false);
  void merge(std::string_view mapping);
  std::string mapping_json() const;
  const std::shared_ptr<const Mapping>& mapping() const { return mapping_; }
  const ParsedDocument& document() const { return document_; }

 private:
  std::string shown() const;

  std::shared_ptr<const Mapping> mapping_;
  DocumentParser parser_;
  ParsedDocument document_;
  Arena arena_;
  std::string text_;
};

}  // namespace stratalog::index
