#include "index/live/live_sources.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace stratalog::index {

LiveSources::LiveSources(Arena& arena) : arena_(arena), objects_(arena), seen_(kSeenSlots) {}

uint32_t LiveSources::find_object(std::string_view text, const ParsedDocument::SubObject& range) {
  Known* known = nullptr;
  if (range.number != 0) {
    if (known_.empty()) known_.resize(kKnownSlots);
    known = &known_[range.number % kKnownSlots];
    if (known->number == range.number) return known->object;
  }
  std::optional<uint32_t> object = objects_.find(text, objects_.size());
  if (!object) {
    const uint64_t hash = hash64(text);
    uint64_t& slot = seen_[hash % kSeenSlots];
    if (slot == hash && object_bytes_ < kTableBytesMax) {
      object = objects_.find_or_add(text);
      object_bytes_ += text.size();
    }
    slot = hash;
  }
  if (!object) return kNoObject;
  if (known != nullptr) *known = {range.number, *object};
  return *object;
}

void LiveSources::add(std::string_view source,
                      std::span<const ParsedDocument::SubObject> sub_objects) {
  struct Reference {
    uint32_t begin;
    uint32_t end;
    uint32_t object;
  };
  std::vector<Reference> references;
  objects_of_last_.clear();
  for (const ParsedDocument::SubObject& range : sub_objects) {
    objects_of_last_.push_back(kNoObject);
    if (range.end - range.begin < kObjectBytesMin) continue;
    const std::string_view text = source.substr(range.begin, range.end - range.begin);
    const uint32_t object = find_object(text, range);
    if (object == kNoObject) continue;
    objects_of_last_.back() = object;
    references.push_back({range.begin, range.end, object});
  }
  std::sort(references.begin(), references.end(),
            [](const Reference& a, const Reference& b) { return a.begin < b.begin; });

  head_.clear();
  put_varint(head_, source.size());
  put_varint(head_, references.size());
  uint32_t last = 0;
  size_t shared = 0;
  for (const Reference& reference : references) {
    put_varint(head_, reference.begin - last);
    put_varint(head_, reference.object);
    last = reference.end;
    shared += reference.end - reference.begin;
  }
  const size_t record_bytes = head_.size() + source.size() - shared;
  char* record = arena_.allocate(record_bytes);
  std::copy(head_.begin(), head_.end(), record);
  char* at = record + head_.size();
  pieces_.clear();
  const auto keep = [&](uint32_t begin, uint32_t end) {
    std::copy(source.begin() + begin, source.begin() + end, at);
    pieces_.push_back({begin, end, at});
    at += end - begin;
  };
  last = 0;
  for (const Reference& reference : references) {
    keep(last, reference.begin);
    last = reference.end;
  }
  keep(last, static_cast<uint32_t>(source.size()));
  records_.push_back({record, record_bytes});
}

std::string_view LiveSources::stable(std::string_view source, std::string_view part) const {
  if (part.data() < source.data() || part.data() >= source.data() + source.size()) return {};
  const uint32_t begin = static_cast<uint32_t>(part.data() - source.data());
  const uint32_t end = begin + static_cast<uint32_t>(part.size());
  for (const Piece& piece : pieces_) {
    if (begin >= piece.begin && end <= piece.end)
      return {piece.kept + (begin - piece.begin), part.size()};
  }
  return {};
}

void LiveSources::read(uint32_t row, SourceParts& out) const {
  ByteReader record(records_[row]);
  uint64_t left = record.varint();
  out.objects.resize(record.varint());
  // All the numbers stand before the text.
  ByteReader text = record;
  for (size_t i = 0; i < 2 * out.objects.size(); ++i) text.varint();
  for (SourceParts::Object& at : out.objects) {
    at.before = text.bytes(record.varint());
    at.number = static_cast<uint32_t>(record.varint());
    left -= at.before.size() + object(at.number).size();
  }
  out.rest = text.bytes(left);
}

std::string_view LiveSources::get(uint32_t row, std::string& buffer) const {
  SourceParts parts;
  read(row, parts);
  if (parts.objects.empty()) return parts.rest;
  buffer.clear();
  for (const SourceParts::Object& at : parts.objects) {
    buffer.append(at.before);
    buffer.append(object(at.number));
  }
  buffer.append(parts.rest);
  return buffer;
}

}  // namespace stratalog::index
