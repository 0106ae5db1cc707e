// Partition::prepare: documents are parsed under the index's mapping, which grows with what they
// bring and is durable before any of them is logged.
#include "index/auto_id.h"
#include "index/catalog/index_errors.h"
#include "index/catalog/names.h"
#include "index/partition/prepared.h"
#include "storage/random.h"

namespace stratalog::index {

namespace {

constexpr size_t kIdBytesMax = 512;  // Elasticsearch's
// A document whose parts keep asking for changes after so many is parsed without further ones.
constexpr int kGrowthsMax = 8;
constexpr uint32_t kVersionsKept = 16;  // of the mapping, by the documents of a run

Error validation(const std::string& what) {
  return Error(error_types::kActionRequestValidation, "Validation Failed: 1: " + what + ";");
}

Error invalid_type(const Mapping& mapping, std::string_view given) {
  return Error(error_types::kIllegalArgument, "Invalid type: expecting [" + mapping.type() +
                                                  "] but got [" + std::string(given) + "]");
}

std::optional<Error> refuse_request(const WriteOp& op, const IndexMetadata& index) {
  if (op.id.size() > kIdBytesMax) {
    return validation("id [" + op.id + "] is too long, must be no longer than 512 bytes but was: " +
                      std::to_string(op.id.size()));
  }
  if (op.id.empty() && op.type == OpType::kDelete) return validation("id is missing");
  if (op.version && op.version_type == VersionType::kInternal) {
    return validation(
        "internal versioning can not be used for optimistic concurrency control. Please use "
        "`if_seq_no` and "
        "`if_primary_term` instead");
  }
  if (index.mapping->routing_required() && !op.routing) {
    const std::string id = op.id.empty() ? "null" : op.id;
    return routing_missing(index, op.doc_type, id);
  }
  return std::nullopt;
}

}  // namespace

// The mapping that the documents of one run are parsed under. From the first change on it holds the
// index's mapping lock.
class Partition::MappingGrowth {
 public:
  explicit MappingGrowth(Partition& partition)
      : partition_(partition), mapping_(partition.metadata()->mapping) {}

  const std::shared_ptr<const Mapping>& mapping() const { return mapping_; }

  // The first operation settles the type of an index that has none; later ones must name it or
  // none.
  Status settle_type(std::string_view type) {
    if (!mapping_->type().empty()) [[likely]] {
      if (!mapping_->has_type(type)) return invalid_type(*mapping_, type);
      return type.empty() || type == mapping_->type() ? Status() : validate_type_name(type);
    }
    RETURN_IF_ERROR(validate_type_name(type));
    if (!take_current()) {
      ASSIGN_OR_RETURN(mapping_, mapping_->with_type(type.empty() ? kDefaultType : type));
      grown_ = true;
      return {};
    }
    return settle_type(type);
  }

  enum class Step { kParseAgain, kNoChange };
  // Takes in what a document brought.
  Result<Step> grow(const MappingUpdate& update) {
    if (take_current()) return Step::kParseAgain;
    ASSIGN_OR_RETURN(auto merged, mapping_->merge(update.mapping, true));
    if (merged == mapping_) return Step::kNoChange;
    mapping_ = std::move(merged);
    grown_ = true;
    ++versions_;
    return Step::kParseAgain;
  }
  uint32_t versions() const { return versions_; }

  Status commit() {
    if (!grown_) return {};
    return partition_.host_.commit_mapping(partition_, mapping_);
  }

 private:
  // With the lock from now on. True if another thread has changed the mapping meanwhile.
  bool take_current() {
    if (lock_.owns_lock()) return false;
    lock_ = partition_.mapping_lock();
    auto current = partition_.metadata()->mapping;
    if (current == mapping_) return false;
    mapping_ = std::move(current);
    return true;
  }

  Partition& partition_;
  std::shared_ptr<const Mapping> mapping_;
  std::unique_lock<std::mutex> lock_;
  bool grown_ = false;
  uint32_t versions_ = 0;  // that grow() has made
};

// Each document keeps the mapping that it was parsed under. Where many bring something new that
// would be many mappings at a time: all are parsed once more, under the last one.
Status Partition::prepare(std::span<const Item> items, WriteScratch& scratch,
                          std::vector<Prepared>& prepared) {
  MappingGrowth growth(*this);
  RETURN_IF_ERROR(prepare(items, growth, scratch, prepared));
  if (growth.versions() > kVersionsKept) RETURN_IF_ERROR(prepare(items, growth, scratch, prepared));
  RETURN_IF_ERROR(growth.commit());
  scratch.packed.clear();
  pack_sources(scratch.sources, scratch.packed);
  return {};
}

Status Partition::prepare(std::span<const Item> items, MappingGrowth& growth, WriteScratch& scratch,
                          std::vector<Prepared>& prepared) {
  const auto index = metadata();
  prepared.assign(items.size(), {});
  if (scratch.documents.size() < items.size()) scratch.documents.resize(items.size());
  scratch.arena.clear();
  scratch.sources.clear();
  const uint32_t versions_before = growth.versions();
  const auto keeps_mappings = [&] { return growth.versions() - versions_before <= kVersionsKept; };
  const bool holds_back = !shards_.single() && index->setting("refresh_interval", "1s") == "-1";
  MappingUpdate update;
  // Ids that are shown for documents which are refused before they have one of their own.
  uint64_t spare_prefix = 0;
  storage::fill_random(&spare_prefix, sizeof(spare_prefix));

  for (size_t i = 0; i < items.size(); ++i) {
    const WriteOp& op = *items[i].op;
    WriteResult& result = *items[i].result;
    Prepared& mine = prepared[i];
    mine.auto_id = op.id.empty();
    mine.document = i;
    mine.holds_back = holds_back;
    result.id = op.id;
    result.error = refuse_request(op, *index);
    if (!result.error) {
      if (Status typed = growth.settle_type(op.doc_type); !typed) result.error = typed.error();
    }
    if (!result.error && !op.id.empty()) RETURN_IF_ERROR(guard_prefix(op.id));
    if (!result.error && op.type != OpType::kDelete) {
      if (mine.auto_id) result.id = encode_auto_id({spare_prefix, static_cast<SeqNo>(i)});
      DocumentParser::Options options{.id = result.id};
      ParsedDocument& document = scratch.documents[i];
      for (int growths = 0;;) {
        document.clear();
        update.mapping = nullptr;
        const Status status = scratch.parser.parse(*growth.mapping(), op.source, options,
                                                   scratch.arena, document, update);
        if (!status) {
          result.error = status.error();
          break;
        }
        if (update.empty() || options.frozen) break;
        auto step = growth.grow(update);
        if (!step) {
          result.error = step.error();
          break;
        }
        options.frozen = *step == MappingGrowth::Step::kNoChange || ++growths >= kGrowthsMax;
        if (!keeps_mappings()) {
          for (size_t before = 0; before < i; ++before) prepared[before].mapping = nullptr;
        }
      }
      if (!result.error) {
        if (keeps_mappings()) mine.mapping = growth.mapping();
        scratch.sources.append(op.source);
      }
    }
    mine.refused = result.error.has_value();
  }
  return {};
}

}  // namespace stratalog::index
