// Partition: what the log holds above the committed sequence number, at recovery. Every operation
// was checked when it was written; here its outcome is repeated. Frames come in the order in which
// they were applied.
#include "base/clock.h"
#include "index/auto_id.h"
#include "index/fault.h"
#include "index/partition/partition.h"

namespace stratalog::index {

Status Partition::replay(storage::Lsn lsn, const OpsFrame& frame, DocumentParser& parser,
                         Arena& arena) {
  const std::shared_ptr<const Mapping> mapping = metadata()->mapping;
  ParsedDocument document;
  MappingUpdate update;
  std::string key_buffer;
  const std::lock_guard guard(mutex_);
  const bool known = std::find(known_prefixes_.begin(), known_prefixes_.end(),
                               frame.auto_id_prefix) != known_prefixes_.end();
  if (!known && frame.auto_id_prefix != 0) known_prefixes_.push_back(frame.auto_id_prefix);
  primary_term_ = std::max(primary_term_, frame.primary_term);
  const int64_t rows_before = live_ == nullptr ? 0 : live_->segment->row_count();
  for (const FrameOp& op : frame.ops) {
    if (op.skipped() || op.seq_no <= record_.committed_seq_no) continue;
    const bool explicit_id = (op.flags & FrameOp::kExplicitId) != 0;
    const std::optional<std::string> routing =
        op.flags & FrameOp::kHasRouting ? std::optional<std::string>(op.routing) : std::nullopt;
    const uint32_t shard = explicit_id ? shards_.of(op.id, routing) : 0;
    const std::string_view key = shards_.key(op.id, shard, key_buffer);
    if (explicit_id) {
      std::optional<Found> found;
      try {
        found = locate(op.id, shard, key);
      } catch (const SegmentFault& fault) {
        return fault.error();
      }
      if (found) kill(*found, key, op.seq_no);
      const auto tombstone = tombstones_.find(key);
      if (tombstone != tombstones_.end()) tombstones_.erase(tombstone);
    }
    if (op.is_delete()) {
      tombstones_[std::string(key)] = {op.seq_no, frame.primary_term, op.version,
                                       steady_clock_ns()};
    } else {
      document.clear();
      arena.clear();
      RETURN_IF_ERROR(parser.parse(*mapping, op.source, {.replay = true, .id = op.id}, arena,
                                   document, update));
      RowMeta meta;
      meta.seq_no = op.seq_no;
      meta.primary_term = frame.primary_term;
      meta.version = op.version;
      if (explicit_id) meta.explicit_id = op.id;
      meta.auto_id_prefix = frame.auto_id_prefix;
      meta.routing = routing;
      LiveSlot& slot = live_slot(*mapping);
      const RowId row = slot.segment->append(mapping, document, meta, op.source);
      slot.note_row(row, op.seq_no, frame.primary_term, explicit_id ? 0 : frame.auto_id_prefix);
      if (explicit_id)
        slot.ids[std::string(key)] = {row, op.seq_no, frame.primary_term, op.version};
      if (meta.routing) slot.routing[row] = *meta.routing;
    }
    next_seq_no_ = std::max(next_seq_no_, op.seq_no + 1);
  }
  if (!frame.retry.empty()) {
    ASSIGN_OR_RETURN(RetryRecord record, decode_retry_record(frame.retry));
    host_.retries().add(id_, lsn, std::move(record));
  }
  last_lsn_ = lsn;
  if (live_ != nullptr) {
    account(*live_);
    host_.unsealed_rows += live_->segment->row_count() - rows_before;
  }
  last_write_ns_.store(steady_clock_ns(), std::memory_order_relaxed);
  return {};
}

}  // namespace stratalog::index
