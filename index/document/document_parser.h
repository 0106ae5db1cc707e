// JSON document -> typed values under a mapping: one simdjson On Demand pass, no tree. All that can
// fail about a document fails here, before it is logged (D4).
//
// Threads one parser, one thread; the mapping is only read.
// Errors  mapper_parsing_exception, strict_dynamic_mapping_exception, illegal_argument_exception
// with Elasticsearch's
//         texts. Under accept_conflicts (and in replay) no document is refused because of the
//         mapping: a value that does not fit its field is kept under its own kind (D17) and the
//         path is named in `ignored`.
#pragma once

#include <memory>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "index/document/parsed_document.h"
#include "index/mapping/mapping.h"

namespace stratalog::index {

class DocumentParser {
 public:
  DocumentParser();
  ~DocumentParser();

  struct Options {
    bool replay = false;  // from the log: never refuse, never ask for an update
    bool frozen = false;  // never ask for an update: what is not mapped is not indexed (flattened,
                          // if accept_conflicts)
    std::string_view id;  // the document's, for messages
  };
  // `source`: 64 bytes behind it are readable (or the parser copies). `update` gathers what the
  // mapping lacks: when it is not empty afterwards, merge it and parse again. Strings in `out` live
  // as long as `source` and `arena`.
  Status parse(const Mapping& mapping, std::string_view source, const Options& options,
               Arena& arena, ParsedDocument& out, MappingUpdate& update);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stratalog::index
