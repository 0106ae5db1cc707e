#include "bench/log_generator.h"

#include <array>
#include <cstdio>
#include <utility>

namespace stratalog::bench {
namespace {

// Code point of the UTF-8 sequence at `at`, which moves past it. The text is our own and valid.
uint32_t next_code_point(const std::string& text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  const uint32_t first = byte(at);
  const size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  uint32_t code = more == 0 ? first : first & (0x3fU >> more);
  for (size_t i = 1; i <= more; ++i) code = (code << 6) | (byte(at + i) & 0x3f);
  at += more + 1;
  return code;
}

void append_unit(std::string& out, uint32_t unit) {
  std::array<char, 12> escape;
  std::snprintf(escape.data(), escape.size(), "\\u%04x", unit);
  out += escape.data();
}

void append_json_string(std::string& out, const std::string& text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const uint32_t code = next_code_point(text, at);
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\t') {
      out += "\\t";
    } else if (code >= 0x10000) {
      append_unit(out, 0xd800 + ((code - 0x10000) >> 10));
      append_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else if (code >= 0x80 || code < 0x20) {
      append_unit(out, code);
    } else {
      out += static_cast<char>(code);
    }
  }
  out += '"';
}

}  // namespace

LogGenerator::LogGenerator(GeneratorOptions options)
    : options_(std::move(options)), cluster_(options_.seed), random_(options_.seed) {}

void LogGenerator::append_next(std::string& out) {
  const double progress = static_cast<double>(made_) / static_cast<double>(options_.docs);
  const int64_t now =
      options_.start_ms + static_cast<int64_t>(progress * static_cast<double>(options_.span_ms));
  if (left_in_chunk_ == 0) {
    pod_ = &cluster_.pick(random_);
    left_in_chunk_ = options_.order == ArrivalOrder::kChunked
                         ? static_cast<uint64_t>(random_.between(5, 35))
                         : 1;
    // A shipper sends a file's lines of the last second or two.
    at_ms_ = now - random_.between(0, 2000);
    if (at_ms_ < options_.start_ms) at_ms_ = options_.start_ms;
  }
  at_ms_ += random_.between(0, 60);
  const int64_t last_ms = options_.start_ms + options_.span_ms - 1;
  if (at_ms_ > last_ms) at_ms_ = last_ms;

  const LogLine line = make_line(pod_->style, at_ms_, random_);
  const std::string when = iso_time(at_ms_);
  out += "{\"create\":{\"_index\":\"";
  if (options_.index.empty()) {
    out += options_.prefix + "-" + when.substr(0, 4) + "." + when.substr(5, 2) + "." +
           when.substr(8, 2);
  } else {
    out += options_.index;
  }
  out += "\",\"_type\":\"_doc\"}}\n{\"@timestamp\":\"" + when + "\",\"log\":";
  append_json_string(out, line.text);
  out += line.error ? ",\"stream\":\"stderr\"" : ",\"stream\":\"stdout\"";
  out += ",\"kubernetes\":" + pod_->kubernetes + "}\n";
  ++made_;
  --left_in_chunk_;
}

}  // namespace stratalog::bench
