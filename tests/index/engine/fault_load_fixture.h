// A scripted load on an engine whose disk fails, beside a plain model of what may be in it
// afterwards.
//
// What was acknowledged is in the model as the one thing that may be; what was refused may be there
// as a whole or not at all: both are in the model until a check has seen which.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "index/engine.h"

namespace stratalog::index::test {

class FaultLoad {
 public:
  // Runs all steps, whatever fails. True: nothing did.
  bool run(Engine& engine);
  // A few more steps, for an engine that must work.
  void run_on(Engine& engine);
  // REQUIREs that `engine` holds what the model says, and makes the model say what it holds.
  void check(Engine& engine);

 private:
  using Source = std::optional<std::string>;  // none: no such document
  struct Document {
    std::string id;
    std::string source;
  };
  struct Index {
    bool may_be = false;
    bool may_be_absent = true;
    std::map<std::string, std::set<Source>> documents;  // by id: what may be there
    std::set<std::string> unnamed;                      // sources of refused automatic ids
    // Refused requests: all of their documents are there or none is.
    std::vector<std::vector<Document>> refused;
    std::set<std::string> fields;  // that the mapping must have
    std::set<std::string> aliases;
  };

  void bulk(const std::string& index, const std::vector<Document>& documents);
  void remove(const std::string& index, const std::vector<std::string>& ids);
  void update(const std::string& index, const std::string& id, const std::string& member,
              int value);
  void create_index(const std::string& name);
  void delete_index(const std::string& name);
  void put_mapping(const std::string& name, const std::string& field);
  void put_alias(const std::string& name, const std::string& alias);
  void put_template(const std::string& name);
  void delete_template(const std::string& name);
  void other(const Status& status) { note(status.ok()); }

  void note(bool done) { all_done_ = all_done_ && done; }
  std::set<Source>& may_be(const std::string& index, const std::string& id);
  Index& touched(const std::string& index, bool done);
  void check_index(Engine& engine, const std::string& name, Index& index);
  std::map<std::string, std::string> listed(Engine& engine, const std::string& name);

  Engine* engine_ = nullptr;
  bool all_done_ = true;
  int round_ = 0;
  std::map<std::string, Index> indices_;
  std::map<std::string, std::set<bool>> templates_;  // by name: whether it may be there
};

}  // namespace stratalog::index::test
