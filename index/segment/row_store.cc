#include "index/segment/row_store.h"

#include <algorithm>

#include "base/ensure.h"
#include "index/auto_id.h"
#include "index/segment/ordinal_writer.h"

namespace stratalog::index {
namespace {

constexpr uint8_t kExplicitIds = 1;
constexpr uint8_t kDerivedIds = 2;
constexpr uint8_t kRouting = 4;

// Texts that are held by row, as terms.
class TextsByRow final : public TermsInput {
 public:
  explicit TextsByRow(std::span<const std::string_view> texts) : texts_(texts) {
    for (RowId row = 0; row < texts.size(); ++row) {
      if (!texts[row].empty()) rows_.push_back(row);
    }
    std::sort(rows_.begin(), rows_.end(), [&](RowId a, RowId b) {
      const int order = texts[a].compare(texts[b]);
      return order != 0 ? order < 0 : a < b;
    });
  }
  uint64_t row_count() const { return rows_.size(); }
  bool next() override {
    begin_ = end_;
    if (begin_ == rows_.size()) return false;
    while (end_ < rows_.size() && texts_[rows_[end_]] == texts_[rows_[begin_]]) ++end_;
    return true;
  }
  std::string_view term() const override { return texts_[rows_[begin_]]; }
  std::span<const RowId> rows() const override {
    return std::span<const RowId>(rows_).subspan(begin_, end_ - begin_);
  }
  std::span<const uint32_t> freqs() const override { return {}; }
  std::string_view positions() const override { return {}; }

 private:
  const std::span<const std::string_view> texts_;
  std::vector<RowId> rows_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

class ColumnsInput final : public RowInput {
 public:
  explicit ColumnsInput(const RowColumns& columns)
      : columns_(columns), ids_(columns.ids), routing_(columns.routing) {}
  void read(RowId begin, RowId end, Window& out) override {
    const auto copy = [&](std::span<const int64_t> from, std::vector<int64_t>& to) {
      to.assign(from.begin() + begin, from.begin() + end);
    };
    copy(columns_.seq_no, out.seq_no);
    copy(columns_.version, out.version);
    copy(columns_.primary_term, out.primary_term);
    out.prefix.assign(end - begin, static_cast<int64_t>(columns_.auto_id_prefix));
    if (columns_.auto_id_prefixes.empty()) return;
    for (RowId row = begin; row < end; ++row) {
      out.prefix[row - begin] = static_cast<int64_t>(columns_.auto_id_prefixes[row]);
    }
  }
  TermsInput* ids() override { return ids_.row_count() == 0 ? nullptr : &ids_; }
  uint64_t id_count_max() const override { return ids_.row_count(); }
  TermsInput* routing() override { return routing_.row_count() == 0 ? nullptr : &routing_; }

 private:
  const RowColumns& columns_;
  TextsByRow ids_;
  TextsByRow routing_;
};

// Writes the texts as an ordinal field and returns how many rows have one.
template <typename Visit>
uint64_t write_texts(BlockSink& sink, uint32_t row_count, int zstd_level, TermsInput& input,
                     std::string& meta, Visit&& visit) {
  OrdinalWriter writer(sink, row_count, zstd_level);
  uint64_t rows = 0;
  while (input.next()) {
    writer.add(input.term(), input.rows());
    rows += input.rows().size();
    visit(input.term());
  }
  writer.finish(meta);
  return rows;
}

// Visits the texts of the rows that have one, in the order of the texts, so that no dictionary
// block is decoded twice.
template <typename Visit>
void for_each_text(const OrdinalField& field, std::span<const RowId> rows, Visit&& visit) {
  OrdinalBatch batch;
  field.gather(rows, batch);
  std::vector<uint32_t> with;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (batch.begin(i) < batch.end(i)) with.push_back(i);
  }
  const auto ordinal_of = [&](uint32_t i) { return batch.values[batch.begin(i)]; };
  std::sort(with.begin(), with.end(),
            [&](uint32_t a, uint32_t b) { return ordinal_of(a) < ordinal_of(b); });
  std::vector<uint32_t> ordinals;
  ordinals.reserve(with.size());
  for (const uint32_t i : with) ordinals.push_back(ordinal_of(i));
  field.terms(ordinals, [&](size_t k, std::string_view text) { visit(with[k], text); });
}

}  // namespace

void write_row_store(BlockSink& sink, uint32_t row_count, int zstd_level, RowInput& input,
                     std::string& meta) {
  std::string ids;
  uint64_t with_id = 0;
  if (input.ids() != nullptr) {
    IdFilterWriter filter(input.id_count_max());
    with_id = write_texts(sink, row_count, zstd_level, *input.ids(), ids,
                          [&](std::string_view id) { filter.add(id); });
    filter.finish(sink, ids);
  }
  std::string routing;
  uint64_t with_routing = 0;
  if (input.routing() != nullptr) {
    with_routing = write_texts(sink, row_count, zstd_level, *input.routing(), routing,
                               [](std::string_view) {});
  }

  ColumnWriter seq_no(sink, Part::kRows, row_count);
  ColumnWriter version(sink, Part::kRows, row_count);
  ColumnWriter primary_term(sink, Part::kRows, row_count);
  ColumnWriter prefix(sink, Part::kRows, row_count);
  RowInput::Window window;
  for (RowId begin = 0; begin < row_count; begin += kChunkRows) {
    const uint32_t rows = std::min(kChunkRows, row_count - begin);
    input.read(begin, begin + rows, window);
    const auto add = [&](ColumnWriter& column, const std::vector<int64_t>& values) {
      column.add(rows, std::span<const int64_t>(values), {});
    };
    add(seq_no, window.seq_no);
    add(version, window.version);
    add(primary_term, window.primary_term);
    if (with_id < row_count) add(prefix, window.prefix);
  }
  seq_no.finish(meta);
  version.finish(meta);
  primary_term.finish(meta);
  meta.push_back(static_cast<char>((with_id > 0 ? kExplicitIds : 0) |
                                   (with_id < row_count ? kDerivedIds : 0) |
                                   (with_routing > 0 ? kRouting : 0)));
  if (with_id > 0) meta.append(ids);
  if (with_id < row_count) prefix.finish(meta);
  if (with_routing > 0) meta.append(routing);
}

void write_row_store(BlockSink& sink, uint32_t row_count, int zstd_level, const RowColumns& columns,
                     std::string& meta) {
  ENSURE(columns.seq_no.size() == row_count && columns.version.size() == row_count &&
         columns.primary_term.size() == row_count);
  ENSURE(columns.ids.empty() || columns.ids.size() == row_count);
  ENSURE(columns.routing.empty() || columns.routing.size() == row_count);
  ENSURE(columns.auto_id_prefixes.empty() || columns.auto_id_prefixes.size() == row_count);
  ColumnsInput input(columns);
  write_row_store(sink, row_count, zstd_level, input, meta);
}

RowStore::RowStore(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : seq_no_(source, row_count, meta),
      version_(source, row_count, meta),
      primary_term_(source, row_count, meta) {
  for (const ColumnReader* column : {&seq_no_, &version_, &primary_term_}) {
    check_stored(column->one_each() || row_count == 0, "column of the rows");
  }
  const auto flags = meta.fixed<uint8_t>();
  check_stored(meta.ok() && flags < 8, "rows");
  if ((flags & kExplicitIds) != 0) {
    ids_ = std::make_unique<OrdinalField>(source, row_count, meta);
    check_stored(ids_->single_valued(), "ids of the rows");
    filter_ = std::make_unique<IdFilterReader>(source, meta);
  }
  if ((flags & kDerivedIds) != 0) {
    prefixes_ = std::make_unique<ColumnReader>(source, row_count, meta);
    check_stored(prefixes_->one_each() || row_count == 0, "prefixes of the rows");
  }
  if ((flags & kRouting) != 0) {
    routing_ = std::make_unique<OrdinalField>(source, row_count, meta);
    check_stored(routing_->single_valued(), "routing of the rows");
  }
  check_stored(prefixes_ != nullptr || row_count == 0 || (ids_ != nullptr && ids_->one_each()),
               "ids of the rows");
}

void RowStore::read(std::span<const RowId> rows, std::vector<RowData>& out) const {
  out.assign(rows.size(), {});
  NumericBatch numbers;
  seq_no_.gather(rows, numbers);
  for (size_t i = 0; i < rows.size(); ++i) out[i].seq_no = numbers.values[i];
  version_.gather(rows, numbers);
  for (size_t i = 0; i < rows.size(); ++i) out[i].version = numbers.values[i];
  primary_term_.gather(rows, numbers);
  for (size_t i = 0; i < rows.size(); ++i) out[i].primary_term = numbers.values[i];

  if (prefixes_ != nullptr) {
    prefixes_->gather(rows, numbers);
    for (size_t i = 0; i < rows.size(); ++i) {
      out[i].id = encode_auto_id({static_cast<uint64_t>(numbers.values[i]), out[i].seq_no});
    }
  }
  if (ids_ != nullptr) {
    for_each_text(*ids_, rows, [&](size_t i, std::string_view id) { out[i].id = id; });
  }
  if (routing_ != nullptr) {
    for_each_text(*routing_, rows, [&](size_t i, std::string_view routing) {
      out[i].routing = std::string(routing);
    });
  }
}

std::vector<RowId> RowStore::rows_of_explicit_id(std::string_view id) const {
  if (ids_ == nullptr || !filter_->may_hold(id)) return {};
  TermEntry entry;
  const auto ordinal = ids_->dictionary().find(id, &entry);
  if (!ordinal) return {};
  if (entry.list_count == 1) return {entry.row};
  std::vector<RowId> rows;
  const auto list = ids_->rows().postings({*ordinal}, entry.doc_freq);
  while (list->next() != kNoRow) rows.push_back(list->row());
  return rows;
}

uint64_t RowStore::resident_bytes() const {
  uint64_t bytes = sizeof(*this) + seq_no_.resident_bytes() + version_.resident_bytes() +
                   primary_term_.resident_bytes();
  if (ids_ != nullptr) bytes += ids_->resident_bytes();
  if (routing_ != nullptr) bytes += routing_->resident_bytes();
  if (prefixes_ != nullptr) bytes += prefixes_->resident_bytes();
  return bytes;
}

}  // namespace stratalog::index
