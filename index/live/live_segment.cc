#include "index/live/live_segment.h"

#include <algorithm>
#include <map>

#include "index/auto_id.h"
#include "index/live/live_columns.h"
#include "index/live/live_rows.h"
#include "index/live/live_seal.h"
#include "index/live/live_sources.h"
#include "index/live/object_replays.h"

namespace stratalog::index {

namespace {

constexpr std::string_view kSeqNoPath = "_seq_no";
constexpr std::string_view kIgnoredPath = "_ignored";
constexpr std::string_view kRoutingPath = "_routing";

class LiveSegmentImpl final : public LiveSegment {
 public:
  explicit LiveSegmentImpl(std::string name) : name_(std::move(name)) {}

  RowId append(const std::shared_ptr<const Mapping>& mapping, const ParsedDocument& document,
               const RowMeta& meta, std::string_view source) override {
    const RowId row = rows_.add(meta, document.timestamp_ms);
    sources_.add(source, document.sub_objects);
    const std::span<const FieldValue> values = document.values;
    const auto [object, first, count] = repeated_object(mapping, document);
    const bool known = object && replays_.knows(*object);
    touched_.clear();
    add_values(*mapping, row, known ? values.first(first) : values, source);
    if (known) add_values(*mapping, row, values.subspan(first + count), source);
    for (LiveText* text : touched_) text->commit(row, tokens_);
    if (known) {
      replays_.replay(*object, row);
    } else if (object) {
      replays_.note(*object, values.subspan(first, count), columns_);
    }
    for (const std::string_view path : document.ignored) ignored_.add(row, path, {});
    return row;
  }

  uint32_t row_count() const override { return rows_.count(); }
  uint64_t memory_bytes() const override {
    uint64_t bytes =
        arena_.bytes() + rows_.bytes() + sources_.bytes() + ignored_.bytes() + replays_.bytes();
    for (const auto& column : columns_.all()) bytes += column->bytes();
    return bytes;
  }
  std::string_view source(RowId row, std::string& buffer) const override {
    return sources_.get(row, buffer);
  }
  std::shared_ptr<const SegmentReader> reader(uint32_t rows) const override;
  Result<std::shared_ptr<SealedSegment>> seal(storage::Store& store,
                                              const Bitmap* deleted) override {
    return seal_live({name_, rows_, columns_, ignored_, sources_}, store, deleted);
  }

 private:
  friend class LiveReader;

  // Of the source that was added last: the greatest object that is known by a number and whose
  // fields get values from nowhere else.
  struct Repeated {
    std::optional<ObjectReplays::Object> object;
    uint32_t first_value = 0;
    uint32_t value_count = 0;
  };
  Repeated repeated_object(const std::shared_ptr<const Mapping>& mapping,
                           const ParsedDocument& document) {
    for (size_t i = 0; i < document.sub_objects.size(); ++i) {
      const ParsedDocument::SubObject& at = document.sub_objects[i];
      const ObjectReplays::Object object{sources_.object_of(i), at.mapped};
      if (at.value_count == 0 || object.number == LiveSources::kNoObject) continue;
      replays_.use_mapping(mapping);
      const std::span<const FieldValue> values = document.values;
      const bool apart = replays_.apart(object, values.subspan(at.first_value, at.value_count),
                                        values.first(at.first_value),
                                        values.subspan(at.first_value + at.value_count));
      return apart ? Repeated{object, at.first_value, at.value_count} : Repeated{};
    }
    return {};
  }
  void add_values(const Mapping& mapping, RowId row, std::span<const FieldValue> values,
                  std::string_view source) {
    for (const FieldValue& value : values) {
      LiveColumn& column = columns_.column(mapping, value.field, value.kind);
      if (column.numeric) {
        column.numeric->add(row, value.number);
      } else if (column.ordinals) {
        column.ordinals->add(row, value.text, sources_.stable(source, value.text));
      } else {
        if (!column.text->has_pending()) touched_.push_back(column.text.get());
        column.text->add_value(value.text);
      }
    }
  }

  std::string name_;
  Arena arena_{32 << 10};
  LiveRows rows_{arena_};
  LiveColumns columns_{arena_};
  LiveOrdinals ignored_{arena_};
  LiveSources sources_{arena_};
  ObjectReplays replays_;
  TokenBuffer tokens_;
  std::vector<LiveText*> touched_;  // text fields of the row in work
};

class LiveReader final : public SegmentReader {
 public:
  explicit LiveReader(std::shared_ptr<const LiveSegmentImpl> segment)
      : segment_(std::move(segment)),
        row_count_(segment_->row_count()),
        bytes_(segment_->memory_bytes()),
        rows_(segment_->rows_.snapshot()) {
    for (const auto& column : segment_->columns_.all()) add(*column);
    add_ordinals({std::string(kIgnoredPath), Kind::kOrdinals}, segment_->ignored_);
    if (rows_.routing.count > 0)
      add_ordinals({std::string(kRoutingPath), Kind::kOrdinals}, segment_->rows_.routing());
    columns_[{std::string(kSeqNoPath), Kind::kI64}].numeric =
        segment_->rows_.seq_nos().reader(row_count_);
    for (const auto& [key, readers] : columns_) fields_.push_back(key);
    seq_no_column_ = numeric(kSeqNoPath, Kind::kI64);
  }

  uint32_t row_count() const override { return row_count_; }
  SeqNo min_seq_no() const override { return seq_no_column_->min(); }
  SeqNo max_seq_no() const override { return seq_no_column_->max(); }
  uint64_t bytes() const override { return bytes_; }
  bool live() const override { return true; }
  const std::string& name() const override { return segment_->name_; }
  const std::vector<FieldKey>& fields() const override { return fields_; }
  const NumericColumn* numeric(std::string_view path, Kind kind) const override {
    const Readers* readers = find(path, kind);
    return readers == nullptr ? nullptr : readers->numeric.get();
  }
  const OrdinalColumn* ordinals(std::string_view path, Kind kind) const override {
    const Readers* readers = find(path, kind);
    return readers == nullptr ? nullptr : readers->ordinals.get();
  }
  const TermsIndex* terms(std::string_view path, Kind kind) const override {
    const Readers* readers = find(path, kind);
    return readers == nullptr ? nullptr : readers->terms.get();
  }

  std::optional<Bounds> known_bounds(std::string_view path, Kind kind) const override {
    const NumericColumn* column = numeric(path, kind);
    if (column == nullptr || column->value_count() == 0) return Bounds{1, 0};
    return Bounds{column->min(), column->max()};
  }

  void row_data(std::span<const RowId> rows, std::vector<RowData>& out) const override {
    out.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const RowId row = rows[i];
      RowData& data = out[i];
      data.seq_no = rows_.seq_nos.value(row);
      data.primary_term = segment_->rows_.primary_term(row);
      data.version = segment_->rows_.version(row);
      if (const auto id = only_value(rows_.ids, row)) {
        data.id = segment_->rows_.ids().table().term(*id);
      } else {
        data.id = encode_auto_id({segment_->rows_.auto_id_prefix(row), data.seq_no});
      }
      const auto routing = only_value(rows_.routing, row);
      data.routing.reset();
      if (routing) data.routing = std::string(segment_->rows_.routing().table().term(*routing));
    }
  }
  std::vector<RowId> rows_of_explicit_id(std::string_view id) const override {
    std::vector<RowId> rows;
    const auto found = segment_->rows_.ids().table().find(id, rows_.id_count);
    if (!found) return rows;
    for (uint32_t i = 0; i < rows_.ids.count; ++i) {
      if (rows_.ids.value(i) == *found) rows.push_back(rows_.ids.row(i));
    }
    return rows;
  }
  std::optional<RowId> find_seq_no(SeqNo seq_no) const override {
    if (seq_no_column_->sorted()) {
      const RowId row = seq_no_column_->lower_bound(seq_no);
      if (row < row_count_ && rows_.seq_nos.value(row) == seq_no) return row;
      return std::nullopt;
    }
    for (RowId row = 0; row < row_count_; ++row) {
      if (rows_.seq_nos.value(row) == seq_no) return row;
    }
    return std::nullopt;
  }
  void read_sources(std::span<const RowId> rows, Reuse, const VisitSource& visit) const override {
    std::string buffer;
    for (size_t i = 0; i < rows.size(); ++i) visit(i, segment_->sources_.get(rows[i], buffer));
  }

 private:
  struct Readers {
    std::unique_ptr<NumericColumn> numeric;
    std::unique_ptr<OrdinalColumn> ordinals;
    std::unique_ptr<TermsIndex> terms;
  };
  struct KeyView {
    std::string_view path;
    Kind kind;
  };
  struct Less {
    using is_transparent = void;
    static std::pair<std::string_view, Kind> of(const FieldKey& key) {
      return {key.path, key.kind};
    }
    static std::pair<std::string_view, Kind> of(const KeyView& key) { return {key.path, key.kind}; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return of(a) < of(b);
    }
  };

  void add(const LiveColumn& column) {
    if (column.numeric) {
      columns_[column.key].numeric = column.numeric->reader(row_count_);
    } else if (column.text) {
      columns_[column.key].terms = column.text->reader();
    } else {
      add_ordinals(column.key, *column.ordinals);
    }
  }
  void add_ordinals(const FieldKey& key, const LiveOrdinals& ordinals) {
    LiveOrdinals::Readers made = ordinals.readers(row_count_);
    Readers& readers = columns_[key];
    readers.ordinals = std::move(made.column);
    readers.terms = std::move(made.terms);
  }
  const Readers* find(std::string_view path, Kind kind) const {
    const auto it = columns_.find(KeyView{path, kind});
    return it == columns_.end() ? nullptr : &it->second;
  }

  std::shared_ptr<const LiveSegmentImpl> segment_;
  uint32_t row_count_;
  uint64_t bytes_;
  LiveRows::Snapshot rows_;
  std::map<FieldKey, Readers, Less> columns_;
  std::vector<FieldKey> fields_;
  const NumericColumn* seq_no_column_ = nullptr;
};

std::shared_ptr<const SegmentReader> LiveSegmentImpl::reader(uint32_t rows) const {
  ENSURE(rows == row_count());
  return std::make_shared<LiveReader>(
      std::static_pointer_cast<const LiveSegmentImpl>(shared_from_this()));
}

}  // namespace

std::shared_ptr<LiveSegment> LiveSegment::create(std::string name) {
  return std::make_shared<LiveSegmentImpl>(std::move(name));
}

}  // namespace stratalog::index
