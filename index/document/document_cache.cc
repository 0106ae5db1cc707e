#include "index/document/document_cache.h"

#include <algorithm>

namespace stratalog::index {

namespace {

// A request writes into few indices at a time; documents have some hundred keys. Beyond, what was
// learned is dropped.
constexpr size_t kMappingsMax = 8;
constexpr size_t kEntriesMax = 20'000;

constexpr std::string_view kMetadata[] = {"_id",          "_index",   "_type",     "_source",
                                          "_routing",     "_seq_no",  "_version",  "_ignored",
                                          "_field_names", "_feature", "_doc_count"};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\r\f\v") == std::string_view::npos;
}

// The parts of a name, as Java's split at dots leaves them: none behind the last that is not empty.
std::vector<std::string_view> split(std::string_view name) {
  std::vector<std::string_view> parts;
  while (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.empty()) return parts;
  while (true) {
    const size_t dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    name.remove_prefix(dot + 1);
  }
}

// Why a name with dots can't be one; "" if it can.
std::string bad_parts(std::string_view key, const std::vector<std::string_view>& parts) {
  if (parts.empty()) return "field name cannot contain only dots";
  for (const std::string_view part : parts) {
    if (part.empty()) {
      return "object field starting or ending with a [.] makes object resolution ambiguous: [" +
             std::string(key) + "]";
    }
    if (is_blank(part))
      return "object field cannot contain only whitespace: ['" + std::string(key) + "']";
  }
  return {};
}

void resolve(const CompiledObject& object, std::string_view key, KeyEntry& entry) {
  entry.owner = &object;
  entry.path = join_path(object.path, key);
  const bool dotted = key.find('.') != std::string_view::npos;
  if (!dotted) {
    if (key.empty()) {
      entry.state = KeyEntry::kBadName;
      entry.missing = "field name cannot be an empty string";
    } else if (object.number == 0 &&
               std::find(std::begin(kMetadata), std::end(kMetadata), key) != std::end(kMetadata)) {
      entry.state = KeyEntry::kMetadata;
    } else if (const auto it = object.children.find(key); it != object.children.end()) {
      entry.state = KeyEntry::kMapped;
      entry.child = it->second;
    } else {
      entry.missing = key;
    }
    return;
  }
  const std::vector<std::string_view> parts = split(key);
  if (std::string why = bad_parts(key, parts); !why.empty()) {
    entry.state = KeyEntry::kBadName;
    entry.missing = std::move(why);
    return;
  }
  std::string path = object.path;
  const CompiledObject* at = &object;
  for (size_t i = 0; i < parts.size(); ++i) {
    path = join_path(path, parts[i]);
    const auto it = at->children.find(parts[i]);
    const bool last = i + 1 == parts.size();
    if (it == at->children.end()) {
      entry.missing = parts[i];
      break;
    }
    if (last) {
      entry.state = KeyEntry::kMapped;
      entry.child = it->second;
      break;
    }
    if (it->second.object == nullptr) {
      entry.state = KeyEntry::kThroughField;
      entry.missing = path;
      break;
    }
    at = it->second.object;
    if (at->nested) {
      entry.state = KeyEntry::kThroughNested;
      entry.missing = path;
      break;
    }
    if (!at->enabled) {
      entry.state = KeyEntry::kIgnored;
      break;
    }
  }
  entry.owner = at;
  entry.path = object.path;
  for (const std::string_view part : parts) entry.path = join_path(entry.path, part);
}

}  // namespace

KeyEntry& ObjectKeys::look_up(const CompiledObject& object, std::string_view key,
                              size_t& entry_count) {
  if (const auto it = entries_.find(key); it != entries_.end()) return *it->second;
  auto entry = std::make_unique<KeyEntry>();
  entry->key = key;
  resolve(object, key, *entry);
  KeyEntry& out = *entry;
  entries_.emplace(out.key, std::move(entry));
  ++entry_count;
  return out;
}

MappingKeys& DocumentCache::keys_of(const CompiledMapping& mapping) {
  ++clock_;
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const MappingKeys& keys) {
    return keys.serial == mapping.serial();
  });
  if (found != kept_.end() && found->entry_count <= kEntriesMax) {
    found->used = clock_;
    return *found;
  }
  auto slot = found;
  if (slot == kept_.end()) {
    if (kept_.size() < kMappingsMax) {
      kept_.emplace_back();
      slot = kept_.end() - 1;
    } else {
      slot = std::min_element(
          kept_.begin(), kept_.end(),
          [](const MappingKeys& a, const MappingKeys& b) { return a.used < b.used; });
    }
  }
  *slot = MappingKeys{};
  slot->serial = mapping.serial();
  slot->used = clock_;
  slot->timestamp = mapping.find_compiled("@timestamp");
  if (slot->timestamp != nullptr && !slot->timestamp->field->date()) slot->timestamp = nullptr;
  slot->objects = std::vector<ObjectKeys>(mapping.objects().size());
  return *slot;
}

}  // namespace stratalog::index
