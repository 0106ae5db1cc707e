#include "index/segment/segment_writer.h"

#include <algorithm>
#include <map>

#include "base/ensure.h"
#include "index/segment/block_io.h"
#include "index/segment/column.h"
#include "index/segment/directory.h"
#include "index/segment/ordinal_writer.h"
#include "index/segment/pending_ordinals.h"
#include "index/segment/row_store.h"
#include "index/segment/sealed_segment.h"
#include "index/segment/segment_writer_impl.h"
#include "index/segment/source_writer.h"
#include "index/segment/text_writer.h"

namespace stratalog::index {
namespace {

constexpr size_t kRootsMax = 8;  // fields that another one is tried against
constexpr size_t kMetaHereMax =
    256;  // bigger metas have an extent, so that the directory stays small

class SegmentWriterImpl final : public StreamingSegmentWriter {
 public:
  SegmentWriterImpl(std::unique_ptr<storage::SegmentFileWriter> file,
                    const SegmentWriterOptions& options)
      : options_(options), sink_(std::move(file)) {}

  Status write_numeric(const FieldKey& field, NumericInput& input) override {
    ENSURE(is_numeric(field.kind));
    ColumnWriter column(sink_, Part::kColumns, options_.row_count);
    NumericBatch batch;
    for (RowId begin = 0; begin < options_.row_count; begin += kChunkRows) {
      const uint32_t rows = std::min(kChunkRows, options_.row_count - begin);
      input.read(begin, begin + rows, batch);
      column.add(
          rows, std::span<const int64_t>(batch.values),
          batch.one_each ? std::span<const uint32_t>() : std::span<const uint32_t>(batch.starts));
    }
    std::string meta;
    column.finish(meta);
    add_structure(StructureKind::kNumeric, &field, std::move(meta));
    return sink_.status();
  }

  Status write_ordinals(const FieldKey& field, TermsInput& input) override {
    ENSURE(has_dictionary(field.kind));
    auto pending = std::make_unique<PendingOrdinals>(options_.row_count);
    std::unique_ptr<OrdinalWriter> writer;
    while (input.next()) {
      if (writer == nullptr && !pending->add(input.term(), input.rows())) {
        writer = std::make_unique<OrdinalWriter>(sink_, options_.row_count, options_.zstd_level);
        pending->replay(*writer);
        pending.reset();
      }
      if (writer != nullptr) writer->add(input.term(), input.rows());
    }
    if (writer != nullptr) {
      std::string meta;
      writer->finish(meta);
      add_structure(StructureKind::kOrdinals, &field, std::move(meta));
      values_[field] = {writer->doc_freqs(), writer->single_valued()};
    } else {
      values_[field] = {pending->doc_freqs(), true};
      pending_bytes_ += pending->bytes();
      pending_.emplace_back(field, std::move(pending));
      if (pending_bytes_ > options_.pending_bytes_max) write_pending();
    }
    return sink_.status();
  }

  Status write_text(const FieldKey& field, TermsInput& input, const TextOptions& options) override {
    ENSURE(field.kind == Kind::kTerms);
    std::string meta;
    write_text_field(sink_, options_.row_count, options_.zstd_level, input, options, {}, false,
                     meta);
    add_structure(StructureKind::kText, &field, std::move(meta));
    return sink_.status();
  }

  Status write_text_by_value(const FieldKey& field, const FieldKey& values_of, TermsInput& input,
                             const TextOptions& options) override {
    ENSURE(field.kind == Kind::kTerms);
    const auto values = values_.find(values_of);
    ENSURE(values != values_.end(), "text by the values of a field that is not written");
    ENSURE(values->second.single_valued);
    const std::vector<uint32_t>& doc_freqs = values->second.doc_freqs;
    std::string meta;
    write_text_field(sink_, static_cast<uint32_t>(doc_freqs.size()), options_.zstd_level, input,
                     options, doc_freqs, true, meta);
    add_structure(StructureKind::kTextByValue, &field, std::move(meta), &values_of);
    return sink_.status();
  }

  Status write_rows(const RowColumns& columns) override {
    std::string meta;
    write_row_store(sink_, options_.row_count, options_.zstd_level, columns, meta);
    add_structure(StructureKind::kRows, nullptr, std::move(meta));
    return sink_.status();
  }

  Status write_row_input(RowInput& input) override {
    std::string meta;
    write_row_store(sink_, options_.row_count, options_.zstd_level, input, meta);
    add_structure(StructureKind::kRows, nullptr, std::move(meta));
    return sink_.status();
  }

  Status write_sources(SourceInput& input) override {
    return write_sources_by([&](SourceWriter& writer) {
      SourceParts parts;
      for (RowId row = 0; row < options_.row_count; ++row) {
        input.read(row, parts);
        if (parts.objects.empty()) {
          writer.add(parts.rest);
        } else {
          writer.add(parts, input);
        }
      }
    });
  }

  Status write_sources_by(const std::function<void(SourceWriter&)>& fill) override {
    SourceWriter writer(sink_, options_.row_count, options_.zstd_level);
    fill(writer);
    std::string meta;
    writer.finish(meta);
    add_structure(StructureKind::kSources, nullptr, std::move(meta));
    return sink_.status();
  }

  Result<std::shared_ptr<SealedSegment>> finish() override {
    write_pending();
    Directory directory;
    directory.name = options_.name;
    directory.row_count = options_.row_count;
    order_structures(directory);
    sink_.flush_packs();
    directory.packs = sink_.packs();
    for (size_t i = 0; i < directory.part_bytes.size(); ++i)
      directory.part_bytes[i] = sink_.part_bytes(static_cast<Part>(i));
    RETURN_IF_ERROR(sink_.status());
    sink_.put_last(directory.encode());
    RETURN_IF_ERROR(sink_.status());
    ASSIGN_OR_RETURN(std::shared_ptr<storage::SegmentHandle> handle, sink_.file().finish());
    return SealedSegment::open(std::move(handle));
  }

 private:
  struct Written {
    Directory::Structure structure;
    std::optional<FieldKey> needs;
  };
  struct Values {
    std::vector<uint32_t> doc_freqs;
    bool single_valued = true;
  };

  void add_structure(StructureKind kind, const FieldKey* field, std::string meta,
                     const FieldKey* needs = nullptr) {
    Written written;
    written.structure.kind = kind;
    if (field != nullptr) {
      ENSURE(std::none_of(written_.begin(), written_.end(),
                          [&](const Written& w) {
                            return is_field(w.structure.kind) && w.structure.path == field->path &&
                                   w.structure.field_kind == field->kind;
                          }),
             "field written twice");
      written.structure.path = field->path;
      written.structure.field_kind = field->kind;
    }
    written.structure.meta_here = meta.size() <= kMetaHereMax;
    if (written.structure.meta_here) {
      written.structure.meta = std::move(meta);
    } else {
      written.structure.meta_extent = sink_.put(Part::kMeta, meta);
    }
    if (needs != nullptr) written.needs = *needs;
    written_.push_back(std::move(written));
  }

  // From the field with the most values on, each is tried against those before it that are stored.
  void write_pending() {
    std::sort(pending_.begin(), pending_.end(), [](const auto& a, const auto& b) {
      return a.second->term_count() != b.second->term_count()
                 ? a.second->term_count() > b.second->term_count()
                 : a.first < b.first;
    });
    std::vector<const std::pair<FieldKey, std::unique_ptr<PendingOrdinals>>*> roots;
    for (const auto& entry : pending_) {
      const auto& [field, pending] = entry;
      std::string meta;
      const FieldKey* root = nullptr;
      for (auto candidate = roots.rbegin(); candidate != roots.rend() && root == nullptr;
           ++candidate) {
        if (const auto table = pending->follows_from(*(*candidate)->second)) {
          pending->write_derived(sink_, options_.zstd_level, *table, meta);
          root = &(*candidate)->first;
        }
      }
      if (root != nullptr) {
        add_structure(StructureKind::kDerived, &field, std::move(meta), root);
        continue;
      }
      OrdinalWriter writer(sink_, options_.row_count, options_.zstd_level);
      pending->replay(writer);
      writer.finish(meta);
      add_structure(StructureKind::kOrdinals, &field, std::move(meta));
      if (roots.size() < kRootsMax) roots.push_back(&entry);
    }
    pending_.clear();
    pending_bytes_ = 0;
  }

  // What is needed goes before what needs it.
  void order_structures(Directory& directory) {
    const auto rank = [](const Written& w) {
      return w.structure.kind == StructureKind::kDerived       ? 1
             : w.structure.kind == StructureKind::kTextByValue ? 2
                                                               : 0;
    };
    std::stable_sort(written_.begin(), written_.end(),
                     [&](const Written& a, const Written& b) { return rank(a) < rank(b); });
    std::map<FieldKey, uint32_t> numbers;
    for (Written& written : written_) {
      Directory::Structure& structure = written.structure;
      if (written.needs) {
        const auto needed = numbers.find(*written.needs);
        ENSURE(needed != numbers.end());
        structure.needs = needed->second;
      }
      if (is_field(structure.kind)) {
        numbers[{structure.path, structure.field_kind}] =
            static_cast<uint32_t>(directory.structures.size());
      }
      directory.structures.push_back(std::move(structure));
    }
  }

  const SegmentWriterOptions options_;
  BlockSink sink_;
  std::vector<Written> written_;
  std::map<FieldKey, Values> values_;
  std::vector<std::pair<FieldKey, std::unique_ptr<PendingOrdinals>>> pending_;
  uint64_t pending_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<StreamingSegmentWriter>> StreamingSegmentWriter::create(
    storage::Store& store, const SegmentWriterOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<storage::SegmentFileWriter> file, store.create_segment());
  return std::unique_ptr<StreamingSegmentWriter>(
      std::make_unique<SegmentWriterImpl>(std::move(file), options));
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(storage::Store& store,
                                                             const SegmentWriterOptions& options) {
  ASSIGN_OR_RETURN(auto writer, StreamingSegmentWriter::create(store, options));
  return std::unique_ptr<SegmentWriter>(std::move(writer));
}

}  // namespace stratalog::index
