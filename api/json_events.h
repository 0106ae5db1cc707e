// A finished JSON text as a stream of events, and back: what pretty printing, filter_path and YAML
// are made of.
//
// Shape   tokens arrive as Jackson would write them again: strings with the least escapes (quotes
// included), floating
//         point numbers as Double.toString prints them, integers as they are. That is what
//         Elasticsearch does to a stored source when it can't copy its bytes.
// Threads plain objects; a token is valid during the call only.
// Errors  read_json() gives false for a text that is not JSON; what was passed on until then is of
// no use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stratalog::api {

class JsonSink {
 public:
  virtual ~JsonSink() = default;
  virtual void begin(bool object) = 0;
  virtual void end(bool object) = 0;
  virtual void key(std::string_view token) = 0;
  virtual void scalar(std::string_view token) = 0;
};

// Depth is bound by memory only: no recursion.
bool read_json(std::string_view text, JsonSink& sink);

// The bytes that a string token stands for. Lone surrogates become U+FFFD.
std::string string_of_token(std::string_view token);

class CompactPrinter : public JsonSink {
 public:
  explicit CompactPrinter(std::string& out) : out_(out) {}
  void begin(bool object) override;
  void end(bool object) override;
  void key(std::string_view token) override;
  void scalar(std::string_view token) override;

 private:
  void before_value();
  std::string& out_;
  bool comma_ = false;
};

// Jackson's DefaultPrettyPrinter with two spaces, arrays one element a line, as Elasticsearch sets
// it up.
class PrettyPrinter : public JsonSink {
 public:
  explicit PrettyPrinter(std::string& out) : out_(out) {}
  void begin(bool object) override;
  void end(bool object) override;
  void key(std::string_view token) override;
  void scalar(std::string_view token) override;

 private:
  void before_value();
  void new_line();
  std::string& out_;
  size_t depth_ = 0;
  bool after_key_ = false;
  bool empty_ = true;  // nothing printed yet at this level
};

}  // namespace stratalog::api
