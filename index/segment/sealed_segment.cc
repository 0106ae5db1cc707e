#include "index/segment/sealed_segment.h"

#include <algorithm>

#include "base/thread_memory.h"
#include "index/segment/sealed_segment_impl.h"

namespace stratalog::index {

Result<std::shared_ptr<SealedSegment>> SealedSegment::open(
    std::shared_ptr<storage::SegmentHandle> handle) {
  try {
    return std::shared_ptr<SealedSegment>(
        std::make_shared<SealedSegmentImpl>(std::move(handle), storage::CacheUse::kFill));
  } catch (const SegmentFault& fault) {
    return fault.error();
  }
}

SealedSegmentImpl::SealedSegmentImpl(std::shared_ptr<storage::SegmentHandle> handle,
                                     storage::CacheUse use)
    : source_(std::move(handle), use) {
  const uint32_t blocks = source_.handle().block_count();
  check_stored(blocks > 0, "no blocks");
  {
    const ExtentBytes last = source_.read_block(blocks - 1);
    directory_ = Directory::decode(last.bytes());
    directory_bytes_ = last.bytes().size();
  }
  for (const uint32_t block : directory_.packs)
    check_stored(block < blocks, "pack beyond the last block");
  source_.set_packs(std::move(directory_.packs));

  slots_ = std::make_unique<Slot[]>(directory_.structures.size());
  std::vector<std::pair<FieldKey, uint32_t>> fields;
  for (uint32_t i = 0; i < directory_.structures.size(); ++i) {
    const Directory::Structure& structure = directory_.structures[i];
    if (is_field(structure.kind)) {
      fields.push_back({{structure.path, structure.field_kind}, i});
    } else if (structure.kind == StructureKind::kRows) {
      with_meta(i, [&](ByteReader& meta) {
        rows_ = std::make_unique<RowStore>(source_, row_count(), meta);
      });
      seq_no_ = std::make_unique<NumericField>(rows_->seq_no());
    } else {
      with_meta(i, [&](ByteReader& meta) {
        sources_ = std::make_unique<SourceReader>(source_, row_count(), meta);
      });
    }
  }
  std::sort(fields.begin(), fields.end());
  for (auto& [key, structure] : fields) {
    check_stored(fields_.empty() || fields_.back() != key, "field twice");
    fields_.push_back(std::move(key));
    field_structures_.push_back(structure);
  }
}

template <typename Read>
void SealedSegmentImpl::with_meta(uint32_t structure, Read&& read) const {
  const Directory::Structure& s = directory_.structures[structure];
  // A meta that is part of the directory is followed by bytes that may be read, as one in a block
  // is.
  std::string here;
  ExtentBytes extent;
  std::string_view bytes;
  if (s.meta_here) {
    here = s.meta;
    here.append(8, '\0');
    bytes = std::string_view(here).substr(0, s.meta.size());
  } else {
    extent = source_.read(s.meta_extent);
    bytes = extent.bytes();
  }
  ByteReader meta(bytes);
  read(meta);
  check_stored(meta.ok() && meta.done(), "meta of a structure");
}

std::optional<uint32_t> SealedSegmentImpl::find_field(std::string_view path, Kind kind) const {
  const auto found = std::lower_bound(fields_.begin(), fields_.end(), path,
                                      [&](const FieldKey& key, std::string_view p) {
                                        const int order = std::string_view(key.path).compare(p);
                                        return order != 0 ? order < 0 : key.kind < kind;
                                      });
  if (found == fields_.end() || found->path != path || found->kind != kind) return std::nullopt;
  return field_structures_[static_cast<size_t>(found - fields_.begin())];
}

const SealedSegmentImpl::Slot& SealedSegmentImpl::opened(uint32_t structure) const {
  Slot& slot = slots_[structure];
  if (slot.ready.load(std::memory_order_acquire)) return slot;
  const std::lock_guard lock(open_mutex_);
  if (!slot.ready.load(std::memory_order_relaxed)) {
    const CacheFill fill;
    open_field(structure, slot);
    slot.ready.store(true, std::memory_order_release);
  }
  return slot;
}

void SealedSegmentImpl::open_field(uint32_t structure, Slot& slot) const {
  const Directory::Structure& s = directory_.structures[structure];
  const OrdinalField* const needed =
      needs_another(s.kind) ? opened(s.needs).ordinals.get() : nullptr;
  with_meta(structure, [&](ByteReader& meta) {
    switch (s.kind) {
      case StructureKind::kNumeric:
        slot.numeric = std::make_unique<NumericField>(source_, row_count(), meta);
        break;
      case StructureKind::kOrdinals:
        slot.ordinals = std::make_unique<OrdinalField>(source_, row_count(), meta);
        break;
      case StructureKind::kDerived:
        slot.ordinals = std::make_unique<OrdinalField>(source_, *needed, meta);
        break;
      default:
        slot.text = std::make_unique<TextField>(source_, row_count(), needed, meta);
    }
  });
}

const NumericField* SealedSegmentImpl::numeric_field(std::string_view path, Kind kind) const {
  if (path == "_seq_no" && kind == Kind::kI64) return seq_no_.get();
  if (!is_numeric(kind)) return nullptr;
  const auto structure = find_field(path, kind);
  return structure ? opened(*structure).numeric.get() : nullptr;
}

const OrdinalField* SealedSegmentImpl::ordinal_field(std::string_view path, Kind kind) const {
  if (!has_dictionary(kind)) return nullptr;
  if (path == "_routing" && kind == Kind::kOrdinals)
    return rows_ == nullptr ? nullptr : rows_->routing();
  const auto structure = find_field(path, kind);
  return structure ? opened(*structure).ordinals.get() : nullptr;
}

const TextField* SealedSegmentImpl::text_field(std::string_view path) const {
  const auto structure = find_field(path, Kind::kTerms);
  return structure ? opened(*structure).text.get() : nullptr;
}

const NumericColumn* SealedSegmentImpl::numeric(std::string_view path, Kind kind) const {
  return numeric_field(path, kind);
}
const OrdinalColumn* SealedSegmentImpl::ordinals(std::string_view path, Kind kind) const {
  return ordinal_field(path, kind);
}

const TermsIndex* SealedSegmentImpl::terms(std::string_view path, Kind kind) const {
  if (kind == Kind::kTerms) return text_field(path);
  const OrdinalField* field = ordinal_field(path, kind);
  return field == nullptr ? nullptr : &field->terms_index();
}

void SealedSegmentImpl::row_data(std::span<const RowId> rows, std::vector<RowData>& out) const {
  check_stored(rows_ != nullptr, "no row data");
  rows_->read(rows, out);
}

std::vector<RowId> SealedSegmentImpl::rows_of_explicit_id(std::string_view id) const {
  return rows_ == nullptr ? std::vector<RowId>() : rows_->rows_of_explicit_id(id);
}

std::optional<RowId> SealedSegmentImpl::find_seq_no(SeqNo seq_no) const {
  return rows_ == nullptr ? std::nullopt : rows_->seq_no().find(seq_no);
}

void SealedSegmentImpl::read_sources(std::span<const RowId> rows, Reuse reuse,
                                     const VisitSource& visit) const {
  if (sources_ != nullptr) sources_->read(rows, reuse == Reuse::kLikely, visit);
}

uint64_t SealedSegmentImpl::resident_bytes() const {
  uint64_t bytes = sizeof(*this) + source_.resident_bytes();
  bytes += directory_.structures.capacity() * (sizeof(Directory::Structure) + sizeof(Slot));
  for (const auto& structure : directory_.structures)
    bytes += structure.path.size() + structure.meta.size();
  bytes += fields_.capacity() * (sizeof(FieldKey) + sizeof(uint32_t));
  if (rows_ != nullptr) bytes += rows_->resident_bytes();
  if (sources_ != nullptr) bytes += sources_->resident_bytes();
  for (size_t i = 0; i < directory_.structures.size(); ++i) {
    const Slot& slot = slots_[i];
    if (!slot.ready.load(std::memory_order_acquire)) continue;
    if (slot.numeric != nullptr) bytes += slot.numeric->resident_bytes();
    if (slot.ordinals != nullptr) bytes += slot.ordinals->resident_bytes();
    if (slot.text != nullptr) bytes += slot.text->resident_bytes();
  }
  return bytes;
}

std::vector<std::pair<std::string, uint64_t>> SealedSegmentImpl::bytes_by_structure() const {
  std::vector<std::pair<std::string, uint64_t>> parts;
  for (size_t i = 0; i < directory_.part_bytes.size(); ++i) {
    const auto part = static_cast<Part>(i);
    const uint64_t bytes = part == Part::kDirectory ? directory_bytes_ : directory_.part_bytes[i];
    parts.emplace_back(part_name(part), bytes);
  }
  return parts;
}

const FieldKey* SealedSegmentImpl::shares_values_of(const FieldKey& text_field) const {
  const auto structure = find_field(text_field.path, text_field.kind);
  if (!structure || directory_.structures[*structure].kind != StructureKind::kTextByValue)
    return nullptr;
  const Directory::Structure& values =
      directory_.structures[directory_.structures[*structure].needs];
  const auto found =
      std::lower_bound(fields_.begin(), fields_.end(), FieldKey{values.path, values.field_kind});
  return &*found;
}

const FieldKey* SealedSegmentImpl::follows_from(const FieldKey& field) const {
  const auto structure = find_field(field.path, field.kind);
  if (!structure || directory_.structures[*structure].kind != StructureKind::kDerived)
    return nullptr;
  const Directory::Structure& root = directory_.structures[directory_.structures[*structure].needs];
  const auto found =
      std::lower_bound(fields_.begin(), fields_.end(), FieldKey{root.path, root.field_kind});
  return &*found;
}

}  // namespace stratalog::index
