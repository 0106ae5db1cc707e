// Requests damaged at random, for tests that whatever comes in is answered: bytes changed anywhere,
// or a JSON tree in which values, names and places are others.
//
// The same seed gives the same damage (tests/run_settings.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "tests/run_settings.h"

namespace stratalog {

class Damage {
 public:
  explicit Damage(uint64_t seed) : random_(seed) {}

  uint64_t pick(uint64_t count) { return random_() % count; }
  std::string one_of(std::initializer_list<const char*> texts) {
    return *(texts.begin() + pick(texts.size()));
  }

  std::string bytes(std::string text) {
    for (uint64_t i = 0, n = 1 + pick(3); i < n && !text.empty(); ++i) {
      const size_t at = pick(text.size());
      switch (pick(6)) {
        case 0:
          text[at] = static_cast<char>(pick(256));
          break;
        case 1:
          text.erase(at, 1 + pick(8));
          break;
        case 2:
          text.insert(at, text.substr(pick(text.size()), 1 + pick(16)));
          break;
        case 3:
          text.insert(at, one_of({"{",   "}",  "[", "]",    ",", ":", "\"", "\\", "null", "-", "1e",
                                  "\\u", "\n", "*", "\xC3", "?", "~", "(",  "^",  " TO "}));
          break;
        case 4:
          text.resize(at);
          break;
        default:
          text.insert(at, std::string(1 + pick(40), one_of({"[", "{", "(", " ", "*"})[0]));
          break;
      }
    }
    return text;
  }

  // `donor` lends values and names.
  json::Value tree(json::Value value, const json::Value& donor) {
    for (uint64_t i = 0, n = 1 + pick(3); i < n; ++i) change(value, donor);
    return value;
  }

 private:
  static void collect(json::Value& value, std::vector<json::Value*>& out) {
    out.push_back(&value);
    if (value.is_array()) {
      for (json::Value& element : value.as_array()) collect(element, out);
    } else if (value.is_object()) {
      for (json::Member& member : value.as_object()) collect(member.value, out);
    }
  }
  json::Value& any(json::Value& value) {
    std::vector<json::Value*> all;
    collect(value, all);
    return *all[pick(all.size())];
  }

  void change(json::Value& value, const json::Value& donor) {
    json::Value lender = donor;
    json::Value& place = any(value);
    switch (pick(6)) {
      case 0:
        place = any(lender);
        break;
      case 1:
        if (place.is_object() && place.size() > 0) {
          place.as_object()[pick(place.size())].key = name(lender);
        } else {
          place = odd_value();
        }
        break;
      case 2:
        if (place.is_object()) {
          place.set(name(lender), any(lender));
        } else {
          place = json::Value(json::Array{place, odd_value()});
        }
        break;
      case 3:
        if (place.is_object() && place.size() > 0) {
          json::Object& members = place.as_object();
          members.erase(members.begin() + static_cast<std::ptrdiff_t>(pick(members.size())));
        } else if (place.is_string()) {
          place = bytes(place.as_string());
        } else {
          place = odd_value();
        }
        break;
      case 4:
        if (place.is_string()) {
          place = bytes(place.as_string());
        } else {
          place = odd_value();
        }
        break;
      default:
        place = odd_value();
        break;
    }
  }

  std::string name(json::Value& lender) {
    const json::Value& found = any(lender);
    if (found.is_object() && found.size() > 0) return found.as_object()[pick(found.size())].key;
    return one_of({"", "*", ".", "a.b", "boost", "_name", "field", "query", "type", "size",
                   "properties", "index", "format", "missing", "value"});
  }

  json::Value odd_value() {
    switch (pick(24)) {
      case 0:
        return nullptr;
      case 1:
        return true;
      case 2:
        return 0;
      case 3:
        return -1;
      case 4:
        return std::numeric_limits<int64_t>::max();
      case 5:
        return std::numeric_limits<int64_t>::min();
      case 6:
        return std::numeric_limits<uint64_t>::max();
      case 7:
        return 1e308;
      case 8:
        return -0.0;
      case 9:
        return 0.1;
      case 10:
        return json::Value::array();
      case 11:
        return json::Value::object();
      case 12:
        return std::string(1 + pick(5000), 'a');
      case 13:
        return "2147483648";
      case 14:
        return json::Value::object({{"", json::Value::array()}});
      case 15:
        return json::Value(json::Array{nullptr, json::Value::array(), 1, "x"});
      default:
        return one_of({"",
                       "*",
                       ".",
                       "..",
                       "a.",
                       "_all",
                       "now",
                       "now/d",
                       "now-1d||",
                       "2024-01-01||/M",
                       "-5%",
                       "3<90%",
                       "NaN",
                       "Infinity",
                       "1e999",
                       "0x1F",
                       "\xEF\xBF\xBD",
                       "AUTO:3,",
                       "(((",
                       "/[a-",
                       "a~99",
                       "UTC+25",
                       "yyyy-'",
                       "true",
                       "-1",
                       "1d",
                       "0s",
                       "text",
                       "keyword",
                       "date",
                       "10.0.0.0/33",
                       "::1"});
    }
  }

  std::mt19937_64 random_;
};

}  // namespace stratalog
