// Partition::write: runs of plain operations, and partial updates one by one.
#include "base/clock.h"
#include "index/catalog/index_errors.h"
#include "index/catalog/names.h"
#include "index/fault.h"
#include "index/partition/partition.h"
#include "index/partition/update_body.h"

namespace stratalog::index {

namespace {

constexpr size_t kRunOpsMax = 10'000;  // as NodeLimits::run_bytes_max
constexpr size_t kPadding = 64;        // readable behind a source, for the parser

Error blocked(const IndexMetadata& index, const char* why, int status) {
  return Error({"cluster_block_exception", status},
               "index [" + index.name + "] blocked by: [" + why + "];");
}

std::optional<Error> write_block(const IndexMetadata& index) {
  if (index.settings.find("blocks") == nullptr) return std::nullopt;
  const auto set = [&](std::string_view name) { return index.setting(name, "false") == "true"; };
  if (set("blocks.read_only")) return blocked(index, "FORBIDDEN/5/index read-only (api)", 403);
  if (set("blocks.write")) return blocked(index, "FORBIDDEN/8/index write (api)", 403);
  if (set("blocks.read_only_allow_delete")) {
    return blocked(index,
                   "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
                   "read-only-allow-delete block",
                   429);
  }
  return std::nullopt;
}

// Of a document that is not there, or has no source, by the error's type.
Error missing(const ErrorType& type, const char* what, const IndexMetadata& index,
              const WriteOp& op, uint32_t shard) {
  const std::string doc_type(op.doc_type.empty() ? kDefaultType : op.doc_type);
  return Error(type, "[" + doc_type + "][" + op.id + "]: " + what + " missing")
      .with("index_uuid", index.uuid)
      .with("shard", std::to_string(shard))
      .with("index", index.name);
}

}  // namespace

Result<storage::Lsn> Partition::write(std::span<const Item> items, bool want_source,
                                      const RetryDigest* retry) {
  const auto index = metadata();
  for (const Item& item : items) item.result->index = index->name;
  if (const auto block = write_block(*index)) {
    for (const Item& item : items) {
      item.result->id = item.op->id;
      item.result->error = *block;
    }
    return storage::Lsn{0};
  }
  RETURN_IF_ERROR(ensure_writable());
  storage::Lsn position = 0;
  for (size_t begin = 0; begin < items.size();) {
    if (items[begin].op->type == OpType::kUpdate) {
      ASSIGN_OR_RETURN(const storage::Lsn lsn, write_update(items[begin], want_source));
      position = std::max(position, lsn);
      ++begin;
      continue;
    }
    size_t end = begin;
    for (size_t bytes = 0; end < items.size() && items[end].op->type != OpType::kUpdate; ++end) {
      bytes += items[end].op->source.size();
      if (end > begin && (bytes > host_.limits().run_bytes_max || end - begin == kRunOpsMax)) break;
    }
    ASSIGN_OR_RETURN(const storage::Lsn lsn, write_run(items.subspan(begin, end - begin), retry));
    position = std::max(position, lsn);
    begin = end;
    if (begin == items.size()) break;
    if (seal_due()) host_.request_seal(*this, SealScope::kFull);
    host_.wait_for_memory();
  }
  if (position > 0) host_.note_unrefreshed(*this);
  if (seal_due()) host_.request_seal(*this, SealScope::kFull);
  return position;
}

// Reads the document, changes it, and writes it on condition that it is still the one that was
// read.
Result<storage::Lsn> Partition::write_update(const Item& item, bool want_source) {
  const WriteOp& op = *item.op;
  WriteResult& result = *item.result;
  const auto index = metadata();
  const uint32_t shard = shards_.of(op.id, op.routing);
  result.id = op.id;
  std::shared_ptr<const UpdateBody> body = op.update;
  if (body == nullptr) {
    auto parsed = parse_update_body(op.source);
    if (!parsed) {
      result.error = parsed.error();
      return storage::Lsn{0};
    }
    if (const auto problems = update_problems(*parsed, op); !problems.empty()) {
      result.error = Error(error_types::kActionRequestValidation, validation_failed(problems));
      return storage::Lsn{0};
    }
    body = std::make_shared<const UpdateBody>(std::move(*parsed));
  }
  want_source |= body->wants_source();
  if (body->has_script && !body->run_script) {
    result.error =
        Error(error_types::kIllegalArgument, "failed to execute script")
            .because(Error(error_types::kIllegalArgument, "script_lang not supported [painless]"));
    return storage::Lsn{0};
  }
  for (int retries_left = op.retry_on_conflict;; --retries_left) {
    GetOp read;
    read.id = op.id;
    read.doc_type = op.doc_type.empty() ? kDefaultType : std::string_view(op.doc_type);
    read.routing = op.routing;
    auto found = get(read);
    if (!found) {
      result.error = found.error();
      return storage::Lsn{0};
    }
    GetResult& current = *found;
    WriteOp write;
    write.id = op.id;
    write.doc_type = op.doc_type;
    write.routing = op.routing ? op.routing : current.routing;
    const auto noop = [&] {
      result.kind = WriteResult::Kind::kNoop;
      result.seq_no = current.seq_no;
      result.primary_term = current.primary_term;
      result.version = current.version;
      if (want_source) result.updated_source = std::move(current.source);
      ++counters_.noop_update_total;
      return storage::Lsn{0};
    };
    json::Value document;
    bool deletes = false;
    if (!current.found) {
      if (body->doc_as_upsert) {
        document = body->doc;
      } else if (!body->upsert.is_null()) {
        document = body->upsert;
      } else {
        result.error = missing(error_types::kDocumentMissing, "document", *index, op, shard);
        return storage::Lsn{0};
      }
      write.type = OpType::kCreate;
    } else {
      if (op.if_seq_no && (current.seq_no != *op.if_seq_no ||
                           current.primary_term != op.if_primary_term.value_or(0))) {
        result.error =
            conflict(op.id, shard,
                     "required seqNo [" + std::to_string(*op.if_seq_no) + "], primary term [" +
                         std::to_string(op.if_primary_term.value_or(0)) +
                         "]. current document has seqNo [" + std::to_string(current.seq_no) +
                         "] and primary term [" + std::to_string(current.primary_term) + "]");
        return storage::Lsn{0};
      }
      if (current.source.empty()) {
        result.error =
            missing(error_types::kDocumentSourceMissing, "document source", *index, op, shard);
        return storage::Lsn{0};
      }
      ASSIGN_OR_RETURN(document, json::parse(current.source, 4096));
      if (!body->has_script && !merge_document(document, body->doc) && body->detect_noop)
        return noop();
      write.type = OpType::kIndex;
      write.if_seq_no = current.seq_no;
      write.if_primary_term = current.primary_term;
    }
    if (body->has_script && (current.found || body->scripted_upsert)) {
      const std::string& type = index->mapping->shown_type();
      auto made = body->run_script({index->name, type, op.id, write.routing,
                                    current.found ? current.version : -1, !current.found},
                                   std::move(document));
      if (!made) {
        result.error = std::move(made.error());
        return storage::Lsn{0};
      }
      if (made->op == ScriptedDocument::Op::kNone) {
        if (!current.found) {
          current.seq_no = kNoSeqNo;
          current.version = -1;
          current.primary_term = 0;
        }
        return noop();
      }
      deletes = made->op == ScriptedDocument::Op::kDelete;
      document = std::move(made->source);
    }
    std::string source = json::to_string(document);
    const size_t source_bytes = source.size();
    source.append(kPadding, '\0');
    if (deletes) {
      write.type = OpType::kDelete;
    } else {
      write.source = std::string_view(source).substr(0, source_bytes);
    }
    result.error.reset();
    const Item inner{&write, &result};
    ASSIGN_OR_RETURN(const storage::Lsn lsn, write_run(std::span(&inner, 1), nullptr));
    if (result.error && result.error->type == error_types::kVersionConflict && retries_left > 0)
      continue;
    if (!result.error && (want_source)) {
      source.resize(source_bytes);
      result.updated_source = std::move(source);
    }
    return lsn;
  }
}

}  // namespace stratalog::index
