// A few indices in memory for tests of searching: real mappings, parser and segments behind an
// engine that only shows views.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "index/engine.h"
#include "index/resolve.h"

namespace stratalog::query {

class MemoryIndices {
 public:
  MemoryIndices();
  ~MemoryIndices();
  MemoryIndices(const MemoryIndices&) = delete;
  MemoryIndices& operator=(const MemoryIndices&) = delete;

  void create(const std::string& name, const json::Value& body);
  // Adds a document; dynamic fields are mapped. An empty id: an automatic one.
  void add(const std::string& name, const std::string& id, std::string_view source);
  // The next document of the index goes to a new segment.
  void cut(const std::string& name);
  void remove(const std::string& name, const std::string& id);

  index::Engine& engine();
  // All of the names, which are plain.
  std::vector<index::ResolvedIndex> targets(const std::vector<std::string>& names);
  const index::Mapping& mapping(const std::string& name) const;
  std::shared_ptr<const index::IndexMetadata> metadata(const std::string& name) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The answer of POST {index}/_search as JSON, an error as Elasticsearch shows it: {"error": {...},
// "status": 400}.
json::Value run_search(MemoryIndices& indices, const std::vector<std::string>& names,
                       std::string_view body,
                       const std::map<std::string, std::string>& params = {});

// The answer's member "aggregations" as text; there must be one.
std::string aggregations_of(MemoryIndices& indices, const std::string& name, std::string_view body);

// An error as api/ renders it.
json::Value error_body(const Error& error);

}  // namespace stratalog::query
