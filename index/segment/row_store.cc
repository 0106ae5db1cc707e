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

void write_column(BlockSink& sink, std::span<const int64_t> values, std::string& meta) {
  ColumnWriter column(sink, Part::kRows, static_cast<uint32_t>(values.size()));
  column.add(static_cast<uint32_t>(values.size()), values, {});
  column.finish(meta);
}

// Rows with a text, by (text, row).
std::vector<RowId> rows_by_text(std::span<const std::string_view> texts) {
  std::vector<RowId> rows;
  for (RowId row = 0; row < texts.size(); ++row) {
    if (!texts[row].empty()) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [&](RowId a, RowId b) {
    const int order = texts[a].compare(texts[b]);
    return order != 0 ? order < 0 : a < b;
  });
  return rows;
}

template <typename Visit>
void write_texts(BlockSink& sink, uint32_t row_count, int zstd_level,
                 std::span<const std::string_view> texts, std::span<const RowId> rows,
                 std::string& meta, Visit&& visit) {
  OrdinalWriter writer(sink, row_count, zstd_level);
  for (size_t begin = 0; begin < rows.size();) {
    const std::string_view text = texts[rows[begin]];
    size_t end = begin + 1;
    while (end < rows.size() && texts[rows[end]] == text) ++end;
    writer.add(text, rows.subspan(begin, end - begin));
    visit(text);
    begin = end;
  }
  writer.finish(meta);
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

void write_row_store(BlockSink& sink, uint32_t row_count, int zstd_level, const RowColumns& columns,
                     std::string& meta) {
  ENSURE(columns.seq_no.size() == row_count && columns.version.size() == row_count &&
         columns.primary_term.size() == row_count);
  ENSURE(columns.ids.empty() || columns.ids.size() == row_count);
  ENSURE(columns.routing.empty() || columns.routing.size() == row_count);
  ENSURE(columns.auto_id_prefixes.empty() || columns.auto_id_prefixes.size() == row_count);
  write_column(sink, columns.seq_no, meta);
  write_column(sink, columns.version, meta);
  write_column(sink, columns.primary_term, meta);

  const std::vector<RowId> with_id = rows_by_text(columns.ids);
  const std::vector<RowId> with_routing = rows_by_text(columns.routing);
  const bool derived = with_id.size() < row_count;
  meta.push_back(static_cast<char>((with_id.empty() ? 0 : kExplicitIds) |
                                   (derived ? kDerivedIds : 0) |
                                   (with_routing.empty() ? 0 : kRouting)));
  if (!with_id.empty()) {
    IdFilterWriter filter(with_id.size());
    write_texts(sink, row_count, zstd_level, columns.ids, with_id, meta,
                [&](std::string_view id) { filter.add(id); });
    filter.finish(sink, meta);
  }
  if (derived) {
    std::vector<int64_t> prefixes(row_count, static_cast<int64_t>(columns.auto_id_prefix));
    for (size_t i = 0; i < columns.auto_id_prefixes.size(); ++i) {
      prefixes[i] = static_cast<int64_t>(columns.auto_id_prefixes[i]);
    }
    write_column(sink, prefixes, meta);
  }
  if (!with_routing.empty()) {
    write_texts(sink, row_count, zstd_level, columns.routing, with_routing, meta,
                [](std::string_view) {});
  }
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

std::optional<RowId> RowStore::find_explicit_id(std::string_view id) const {
  if (ids_ == nullptr || !filter_->may_hold(id)) return std::nullopt;
  TermEntry entry;
  const auto ordinal = ids_->dictionary().find(id, &entry);
  if (!ordinal) return std::nullopt;
  if (entry.list_count == 1) return entry.row;
  std::vector<RowId> rows;
  const auto list = ids_->rows().postings({*ordinal}, entry.doc_freq);
  while (list->next() != kNoRow) rows.push_back(list->row());
  NumericBatch numbers;
  seq_no_.gather(rows, numbers);
  const auto newest = std::max_element(numbers.values.begin(), numbers.values.end());
  check_stored(newest != numbers.values.end(), "rows of an id");
  return rows[static_cast<size_t>(newest - numbers.values.begin())];
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
