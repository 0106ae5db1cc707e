// load: drives a server from outside and prints what it saw as one JSON object a line.
//
//   load URL USER:PASSWORD ingest FILE --connections K --batch N [--path /_bulk]
//     Sends the bulk body in FILE in requests of N documents over K connections. A 429 is tried
//     again after a pause. Prints documents, bytes, seconds, acknowledgement times, retries.
//   load URL USER:PASSWORD query [--pid P] [--seconds S] [--max N]   < lines
//     Each line is {"name", "method", "path", "body"}; repeats each for S seconds (at most N times)
//     after a warm-up. Prints latencies and, with the process id of a server on this machine, the
//     CPU time that a request took there.
//   load URL USER:PASSWORD scroll PATH SIZE
//     Reads everything by scroll.
//   load URL USER:PASSWORD visible INDEX COUNT [wait_for]
//     Writes single documents and measures the time until a search finds each.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "bench/http_client.h"

namespace {

using stratalog::bench::HttpClient;
using stratalog::bench::Target;
namespace json = stratalog::json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "load: %s\n", what.c_str());
  std::exit(1);
}

// The value of `--name` among the arguments, or a default.
std::string option(const std::vector<std::string>& arguments, std::string_view name,
                   std::string fallback) {
  for (size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == name) return arguments[i + 1];
  }
  return fallback;
}

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(std::lround(p * static_cast<double>(values.size() - 1)))];
}

std::string_view map_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) die("can't open " + path);
  const auto bytes = static_cast<size_t>(status.st_size);
  void* data = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (data == MAP_FAILED) die("can't map " + path);
  close(file);
  return {static_cast<const char*>(data), bytes};
}

// Bulk bodies of `batch` documents (two lines each).
std::vector<std::string_view> split(std::string_view text, size_t batch) {
  std::vector<std::string_view> batches;
  size_t begin = 0;
  size_t lines = 0;
  for (size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos;) {
    ++at;
    if (++lines == 2 * batch) {
      batches.push_back(text.substr(begin, at - begin));
      begin = at;
      lines = 0;
    }
  }
  if (begin < text.size()) batches.push_back(text.substr(begin));
  return batches;
}

struct IngestShare {
  std::vector<double> acks_ms;
  uint64_t retries = 0;
};

int ingest(const Target& target, const std::vector<std::string>& arguments) {
  const size_t connections = std::stoul(option(arguments, "--connections", "2"));
  const size_t batch = std::stoul(option(arguments, "--batch", "1000"));
  const std::string path = option(arguments, "--path", "/_bulk");
  const std::string_view text = map_file(arguments.at(0));
  const std::vector<std::string_view> batches = split(text, batch);
  std::atomic<size_t> next = 0;
  std::vector<IngestShare> shares(connections);
  std::vector<std::thread> threads;
  threads.reserve(shares.size());
  const auto begin = Clock::now();
  for (IngestShare& share : shares) {
    threads.emplace_back([&] {
      HttpClient client(target);
      for (size_t at; (at = next++) < batches.size();) {
        for (;;) {
          const auto sent = Clock::now();
          if (!client.request("POST", path, "application/x-ndjson", batches[at])) {
            die(client.error());
          }
          if (client.status() == 429) {
            ++share.retries;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            continue;
          }
          const bool good =
              client.status() == 200 && client.body().find("\"errors\":false") != std::string::npos;
          if (!good) die("bulk refused: " + client.body().substr(0, 1000));
          share.acks_ms.push_back(seconds_since(sent) * 1000);
          break;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(begin);
  std::vector<double> acks;
  uint64_t retries = 0;
  for (const IngestShare& share : shares) {
    acks.insert(acks.end(), share.acks_ms.begin(), share.acks_ms.end());
    retries += share.retries;
  }
  const auto docs = static_cast<double>(std::count(text.begin(), text.end(), '\n')) / 2;
  std::string out;
  json::Writer(out)
      .begin_object()
      .field("docs", docs)
      .field("bytes", static_cast<double>(text.size()))
      .field("seconds", seconds)
      .field("docs_per_second", docs / seconds)
      .field("ack_ms_p50", percentile(acks, 0.5))
      .field("ack_ms_p99", percentile(acks, 0.99))
      .field("retries", retries)
      .end_object();
  std::puts(out.c_str());
  return 0;
}

// User and system CPU of a process so far.
double cpu_ms(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 2, text.size())));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1000 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string text_of(const json::Value& line, std::string_view key) {
  const json::Value* found = line.find(key);
  return found == nullptr ? "" : found->to_text();
}

int query(const Target& target, const std::vector<std::string>& arguments) {
  const std::string pid = option(arguments, "--pid", "");
  const double seconds = std::stod(option(arguments, "--seconds", "2"));
  const size_t times_max = std::stoul(option(arguments, "--max", "2000"));
  HttpClient client(target);
  std::string line;
  while (std::getline(std::cin, line)) {
    auto parsed = json::parse(line);
    if (!parsed.ok()) die("not JSON: " + line);
    const json::Value& wanted = parsed.value();
    const std::string name = text_of(wanted, "name");
    const json::Value* body = wanted.find("body");
    const std::string sent = body == nullptr ? "" : json::to_string(*body);
    const auto ask = [&] {
      if (!client.request(text_of(wanted, "method"), text_of(wanted, "path"), "application/json",
                          sent)) {
        die(name + ": " + client.error());
      }
    };
    const auto warm = Clock::now();
    for (int i = 0; i < 3 || (i < 200 && seconds_since(warm) < seconds / 2); ++i) ask();
    std::vector<double> latencies;
    const double cpu_before = pid.empty() ? 0 : cpu_ms(pid);
    const auto begin = Clock::now();
    while (latencies.size() < 3 ||
           (latencies.size() < times_max && seconds_since(begin) < seconds)) {
      const auto asked = Clock::now();
      ask();
      latencies.push_back(seconds_since(asked) * 1000);
    }
    const double cpu = pid.empty() ? 0 : cpu_ms(pid) - cpu_before;
    const auto times = static_cast<double>(latencies.size());
    std::string out;
    json::Writer(out)
        .begin_object()
        .field("name", std::string_view(name))
        .field("status", client.status())
        .field("times", times)
        .field("p50_ms", percentile(latencies, 0.5))
        .field("p99_ms", percentile(latencies, 0.99))
        .field("cpu_ms", cpu / times)
        .field("bytes", static_cast<uint64_t>(client.body().size()))
        .field("head", std::string_view(client.body()).substr(0, 300))
        .end_object();
    std::puts(out.c_str());
    std::fflush(stdout);
  }
  return 0;
}

// The string value of `"key":"..."` near the start of an answer.
std::string scroll_id(const std::string& body) {
  constexpr std::string_view kKey = "\"_scroll_id\":\"";
  const size_t at = body.find(kKey);
  if (at == std::string::npos) die("no scroll id: " + body.substr(0, 500));
  const size_t begin = at + kKey.size();
  return body.substr(begin, body.find('"', begin) - begin);
}

int scroll(const Target& target, const std::vector<std::string>& arguments) {
  HttpClient client(target);
  const std::string path = arguments.at(0) + "?scroll=1m&size=" + arguments.at(1);
  const auto begin = Clock::now();
  if (!client.request("POST", path, "application/json", R"({"sort":["_doc"]})")) {
    die(client.error());
  }
  uint64_t docs = 0;
  uint64_t bytes = 0;
  std::string id;
  for (;;) {
    id = scroll_id(client.body());
    bytes += client.body().size();
    uint64_t hits = 0;
    for (size_t at = 0; (at = client.body().find("\"_source\":", at)) != std::string::npos; ++at) {
      ++hits;
    }
    docs += hits;
    if (hits == 0) break;
    const std::string body = R"({"scroll":"1m","scroll_id":")" + id + "\"}";
    if (!client.request("POST", "/_search/scroll", "application/json", body)) die(client.error());
  }
  const double seconds = seconds_since(begin);
  client.request("DELETE", "/_search/scroll", "application/json", R"({"scroll_id":")" + id + "\"}");
  std::string out;
  json::Writer(out)
      .begin_object()
      .field("docs", docs)
      .field("bytes", bytes)
      .field("seconds", seconds)
      .field("docs_per_second", static_cast<double>(docs) / seconds)
      .end_object();
  std::puts(out.c_str());
  return 0;
}

int visible(const Target& target, const std::vector<std::string>& arguments) {
  HttpClient client(target);
  const std::string& index = arguments.at(0);
  const int count = std::stoi(arguments.at(1));
  const bool wait = arguments.size() > 2 && arguments[2] == "wait_for";
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const std::string word = "visible" + std::to_string(getpid()) + "x" + std::to_string(i);
    const std::string doc = R"({"@timestamp":"2024-05-01T12:00:00.000Z","log":")" + word + "\"}";
    const std::string path = "/" + index + "/_doc" + (wait ? "?refresh=wait_for" : "");
    const std::string search = R"({"size":0,"query":{"match":{"log":")" + word + "\"}}}";
    const auto begin = Clock::now();
    if (!client.request("POST", path, "application/json", doc)) die(client.error());
    for (;;) {
      if (!client.request("POST", "/" + index + "/_search", "application/json", search)) {
        die(client.error());
      }
      if (client.body().find("\"value\":1,") != std::string::npos) break;
      if (seconds_since(begin) > 30) die("not visible after 30 s: " + client.body());
    }
    times.push_back(seconds_since(begin) * 1000);
  }
  std::string out;
  json::Writer(out)
      .begin_object()
      .field("count", count)
      .field("p50_ms", percentile(times, 0.5))
      .field("p99_ms", percentile(times, 0.99))
      .end_object();
  std::puts(out.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) die("usage: load URL USER:PASSWORD ingest|query|scroll|visible ...");
  Target target;
  if (!stratalog::bench::parse_url(argv[1], argv[2], target)) die("not a URL");
  const std::string_view what = argv[3];
  const std::vector<std::string> arguments(argv + 4, argv + argc);
  if (what == "ingest") return ingest(target, arguments);
  if (what == "query") return query(target, arguments);
  if (what == "scroll") return scroll(target, arguments);
  if (what == "visible") return visible(target, arguments);
  die("unknown command " + std::string(what));
}
