// What the keys of documents mean under a mapping, learned once for each key of each object and
// then found again by comparing bytes: documents of one source have their keys in one order, so the
// key behind the last one is tried first.
//
// Threads one user.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/document/object_memo.h"
#include "index/mapping/compiled_mapping.h"

namespace stratalog::index {

struct KeyEntry {
  enum State : uint8_t {
    kMapped,
    kUnmapped,       // owner decides by `dynamic`
    kIgnored,        // inside of an object that is not enabled
    kThroughField,   // a dotted name with a field inside that is no object: `missing` is that
                     // field's path
    kThroughNested,  // a dotted name with a nested object inside: `missing` is its path
    kMetadata,       // of Elasticsearch: _id, ...
    kBadName,        // `missing` says why
  };
  std::string key;   // as in the document, unescaped
  std::string path;  // from the root
  State state = kUnmapped;
  CompiledChild child;
  const CompiledObject* owner = nullptr;  // the innermost mapped object around it
  std::string missing;                    // kUnmapped: the first part that is not mapped
  uint64_t visit = 0;        // of an object in which the key was last seen: finds duplicates
  ObjectMemo::Rate memo;     // of objects under it, if it is a key of the root
  KeyEntry* next = nullptr;  // what came behind it the last time
};

class ObjectKeys {
 public:
  // The entry of `key`, which followed `previous` (nullptr: is the object's first).
  KeyEntry& find(const CompiledObject& object, KeyEntry* previous, std::string_view key,
                 size_t& entry_count) {
    KeyEntry*& guess = previous == nullptr ? first_ : previous->next;
    if (guess != nullptr && guess->key == key) [[likely]]
      return *guess;
    guess = &look_up(object, key, entry_count);
    return *guess;
  }

 private:
  KeyEntry& look_up(const CompiledObject& object, std::string_view key, size_t& entry_count);

  KeyEntry* first_ = nullptr;
  std::unordered_map<std::string_view, std::unique_ptr<KeyEntry>> entries_;
};

// The keys of one mapping's objects.
struct MappingKeys {
  uint64_t serial = 0;
  uint64_t used = 0;
  size_t entry_count = 0;
  ObjectMemo memo;
  std::vector<ObjectKeys> objects;           // by CompiledObject::number
  const CompiledField* timestamp = nullptr;  // "@timestamp" if it is a date
};

// Those of the mappings used last; bounded.
class DocumentCache {
 public:
  MappingKeys& keys_of(const CompiledMapping& mapping);
  uint64_t next_visit() { return ++visit_; }

 private:
  std::vector<MappingKeys> kept_;
  uint64_t clock_ = 0;
  uint64_t visit_ = 0;
};

}  // namespace stratalog::index
