// CPU time and memory of each step of ingest, in this process and on one thread: parse, append,
// seal, merge. For finding out where the time goes (perf, callgrind) without a server around.
//   ingest_steps FILE.ndjson FOLDER [live segment MB, 25] [documents, all]
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "index/analysis/registry.h"
#include "index/document/document_parser.h"
#include "index/live/live_segment.h"
#include "index/mapping/mapping.h"
#include "index/segment/merge.h"
#include "index/segment/sealed_segment.h"
#include "storage/fs.h"
#include "storage/store.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

constexpr size_t kBatch = 1000;
constexpr size_t kPadding = 64;
constexpr int kMergeRounds = 5;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().reason.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

// CPU time by document, over several rounds: their median, since other work on the machine makes
// some of them slow.
struct Step {
  std::vector<double> rounds;  // seconds a document
  template <typename Work>
  void time(size_t docs, Work&& work) {
    const double begin = cpu_seconds();
    work();
    rounds.push_back((cpu_seconds() - begin) / static_cast<double>(docs));
  }
  double median() {
    std::sort(rounds.begin(), rounds.end());
    return rounds[rounds.size() / 2];
  }
};

void report(const char* name, Step& step, double bytes_of_doc) {
  std::printf("%-8s %8.2f us/doc %8.2f s/GB\n", name, step.median() * 1e6,
              step.median() * 1e9 / bytes_of_doc);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "ingest_steps FILE.ndjson FOLDER [live segment MB] [documents]\n");
    return 2;
  }
  const uint64_t live_max = (argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 25) << 20;
  const uint64_t docs_max = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : UINT64_MAX;
  storage::FileSystem& fs = storage::real_file_system();
  const auto store = must(storage::Store::open(fs, argv[2], {}));
  auto mapping = must(Mapping::parse(must(json::parse("{}")), AnalysisRegistry::built_in(), {}));

  std::ifstream in(argv[1]);
  Step parse, append, seal, merge;
  DocumentParser parser;
  Arena arena;
  std::vector<std::string> lines(kBatch);
  std::vector<ParsedDocument> documents(kBatch);
  std::shared_ptr<LiveSegment> live;
  std::vector<std::shared_ptr<SealedSegment>> sealed;
  uint64_t docs = 0, bytes = 0, live_bytes = 0, sealed_bytes = 0;
  const auto seal_live = [&] {
    live_bytes += live->memory_bytes();
    seal.time(live->row_count(), [&] { sealed.push_back(must(live->seal(*store, nullptr))); });
    sealed_bytes += sealed.back()->bytes();
    live.reset();
  };
  while (docs < docs_max && in) {
    size_t count = 0;
    std::string line;
    while (count < kBatch && std::getline(in, line)) {
      if (line.starts_with("{\"create\"")) continue;
      lines[count] = line;
      lines[count].append(kPadding, ' ');
      lines[count].resize(line.size());
      bytes += line.size() + 1;
      ++count;
    }
    if (count == 0) break;
    arena.clear();
    parse.time(count, [&] {
      for (size_t i = 0; i < count; ++i) {
        while (true) {
          MappingUpdate update;
          documents[i].clear();
          if (auto status = parser.parse(*mapping, lines[i], {}, arena, documents[i], update);
              !status) {
            std::fprintf(stderr, "%s\n", status.error().reason.c_str());
            std::exit(1);
          }
          if (update.empty()) break;
          mapping = must(mapping->merge(update.mapping, true));
        }
      }
    });
    append.time(count, [&] {
      if (live == nullptr) live = LiveSegment::create("_" + std::to_string(sealed.size()));
      for (size_t i = 0; i < count; ++i) {
        RowMeta meta;
        meta.seq_no = static_cast<SeqNo>(docs + i);
        meta.auto_id_prefix = 1;
        live->append(mapping, documents[i], meta, lines[i]);
      }
    });
    docs += count;
    if (live->memory_bytes() >= live_max) seal_live();
  }
  if (live != nullptr) seal_live();
  const size_t segments = sealed.size();
  uint64_t merged_bytes = 0;
  std::vector<MergeInput> inputs(sealed.size());
  for (size_t i = 0; i < sealed.size(); ++i) inputs[i].segment = sealed[i];
  for (int round = 0; round < kMergeRounds; ++round) {
    merge.time(docs, [&] {
      const MergeOptions options{.name = "_merged", .time_field = "@timestamp"};
      const auto merged = must(merge_segments(*store, inputs, options));
      merged_bytes = merged->bytes();
      if (auto dropped = store->drop_segment(merged->uid()); !dropped) std::exit(1);
    });
  }
  std::printf(
      "%zu documents, %.0f MB, %zu segments, live %.0f bytes a row, sealed %.3f, merged %.3f\n",
      static_cast<size_t>(docs), static_cast<double>(bytes) / 1e6, segments,
      static_cast<double>(live_bytes) / static_cast<double>(docs),
      static_cast<double>(sealed_bytes) / static_cast<double>(bytes),
      static_cast<double>(merged_bytes) / static_cast<double>(bytes));
  const double bytes_of_doc = static_cast<double>(bytes) / static_cast<double>(docs);
  report("parse", parse, bytes_of_doc);
  report("append", append, bytes_of_doc);
  report("seal", seal, bytes_of_doc);
  report("merge", merge, bytes_of_doc);
}
