// Math and MovingFunctions.
#include <cmath>
#include <limits>
#include <random>

#include "query/script/fault.h"
#include "query/script/run.h"

namespace stratalog::query::script {

namespace {

using Real = double (*)(double);
struct Function1 {
  std::string_view name;
  Real run;
};
constexpr double kDegree = 3.141592653589793 / 180;
const Function1 kFunctions[] = {
    {"sqrt", [](double v) { return std::sqrt(v); }},
    {"cbrt", [](double v) { return std::cbrt(v); }},
    {"exp", [](double v) { return std::exp(v); }},
    {"expm1", [](double v) { return std::expm1(v); }},
    {"log", [](double v) { return std::log(v); }},
    {"log10", [](double v) { return std::log10(v); }},
    {"log1p", [](double v) { return std::log1p(v); }},
    {"sin", [](double v) { return std::sin(v); }},
    {"cos", [](double v) { return std::cos(v); }},
    {"tan", [](double v) { return std::tan(v); }},
    {"asin", [](double v) { return std::asin(v); }},
    {"acos", [](double v) { return std::acos(v); }},
    {"atan", [](double v) { return std::atan(v); }},
    {"sinh", [](double v) { return std::sinh(v); }},
    {"cosh", [](double v) { return std::cosh(v); }},
    {"tanh", [](double v) { return std::tanh(v); }},
    {"floor", [](double v) { return std::floor(v); }},
    {"ceil", [](double v) { return std::ceil(v); }},
    {"rint", [](double v) { return std::nearbyint(v); }},
    {"signum", [](double v) { return v > 0   ? 1.0
                                     : v < 0 ? -1.0
                                             : v; }},
    {"toRadians", [](double v) { return v * kDegree; }},
    {"toDegrees", [](double v) { return v / kDegree; }},
};

bool exact(const std::string& name, const std::vector<Value>& args, Value& out) {
  if (args.size() != 2) return false;
  const bool add = name == "addExact", subtract = name == "subtractExact";
  if (!add && !subtract && name != "multiplyExact") return false;
  const bool is_long = args[0].tag() == Tag::kLong || args[1].tag() == Tag::kLong;
  if (args[0].is_real() || args[1].is_real()) {
    if (!add) return false;
    out = Value::of_double(args[0].to_double() + args[1].to_double());
    return true;
  }
  const Wide a = whole_argument(args[0]), b = whole_argument(args[1]);
  const Wide v = add ? a + b : subtract ? a - b : a * b;
  if (v > (is_long ? INT64_MAX : INT32_MAX) || v < (is_long ? INT64_MIN : INT32_MIN))
    fail("arithmetic_exception", is_long ? "long overflow" : "integer overflow");
  out = is_long ? Value::of_long(static_cast<int64_t>(v)) : Value::of_int(static_cast<int64_t>(v));
  return true;
}

bool moving(const std::string& name, std::vector<Value>& args, Value& out);

}  // namespace

bool math_method(Run& run, std::string_view type, const std::string& name, std::vector<Value>& args,
                 Value& out) {
  if (type == "MovingFunctions") return moving(name, args, out);
  if (exact(name, args, out)) return true;
  if (args.empty() && name == "random") {
    static thread_local std::mt19937_64 random{std::random_device{}()};
    out = Value::of_double(std::uniform_real_distribution<double>(0, 1)(random));
    return true;
  }
  if (args.size() == 1) {
    for (const Function1& function : kFunctions) {
      if (function.name != name) continue;
      out = Value::of_double(function.run(real_argument(args[0])));
      return true;
    }
    if (name == "abs") {
      real_argument(args[0]);
      const bool negative =
          args[0].is_real() ? std::signbit(args[0].as_real()) : args[0].as_whole() < 0;
      out = negative ? negate(args[0]) : args[0];
      return true;
    }
    if (name == "round") {
      const double v = std::floor(real_argument(args[0]) + 0.5);
      out = convert_number(Value::of_double(v),
                           args[0].tag() == Tag::kFloat ? Tag::kInt : Tag::kLong);
      return true;
    }
    if (name == "toIntExact") {
      const int64_t v = whole_argument(args[0]);
      if (v != static_cast<int32_t>(v)) fail("arithmetic_exception", "integer overflow");
      out = Value::of_int(v);
      return true;
    }
    return false;
  }
  if (args.size() != 2) return false;
  if (name == "max" || name == "min") {
    real_argument(args[0]);
    real_argument(args[1]);
    const Tag to = std::max({args[0].tag(), args[1].tag(), Tag::kInt});
    const Value a = convert_number(args[0], to), b = convert_number(args[1], to);
    if (to >= Tag::kFloat && (std::isnan(a.as_real()) || std::isnan(b.as_real()))) {
      out = std::isnan(a.as_real()) ? a : b;
      return true;
    }
    const bool first = (compare_values(a, b) >= 0) == (name == "max");
    out = first ? a : b;
    return true;
  }
  if (name == "floorDiv" || name == "floorMod") {
    Value quotient = binary(run.heap(), Binary::kDivide, args[0], args[1]);
    const Value rest = binary(run.heap(), Binary::kRemainder, args[0], args[1]);
    const bool down = rest.as_whole() != 0 && (rest.as_whole() < 0) != (args[1].as_whole() < 0);
    if (name == "floorDiv") {
      out = down ? binary(run.heap(), Binary::kSubtract, quotient, Value::of_int(1)) : quotient;
    } else {
      out = down ? binary(run.heap(), Binary::kAdd, rest, args[1]) : rest;
    }
    return true;
  }
  const double a = real_argument(args[0]), b = real_argument(args[1]);
  if (name == "pow") out = Value::of_double(std::pow(a, b));
  if (name == "atan2") out = Value::of_double(std::atan2(a, b));
  if (name == "hypot") out = Value::of_double(std::hypot(a, b));
  if (name == "IEEEremainder") out = Value::of_double(std::remainder(a, b));
  return !out.is_null();
}

namespace {

std::vector<double> numbers(const Value& value) {
  std::vector<Value> items;
  if (!items_of(value, items))
    fail_cast("Cannot cast from [" + class_name(value) + "] to [double[]].");
  std::vector<double> out;
  for (const Value& item : items) {
    const double v = item.is_null() ? std::nan("") : real_argument(item);
    out.push_back(v);
  }
  return out;
}

// Source  org.elasticsearch.search.aggregations.pipeline.MovingFunctions
bool moving(const std::string& name, std::vector<Value>& args, Value& out) {
  if (args.empty()) return false;
  const double nan = std::nan("");
  const std::vector<double> all = numbers(args[0]);
  std::vector<double> seen;
  for (const double v : all) {
    if (!std::isnan(v)) seen.push_back(v);
  }
  const auto done = [&](double v) {
    out = Value::of_double(v);
    return true;
  };
  const auto sum = [&] {
    double total = 0;
    for (const double v : seen) total += v;
    return total;
  };
  const auto count = static_cast<double>(seen.size());
  if (args.size() == 1) {
    if (name == "sum") return done(sum());
    if (name == "unweightedAvg") return done(seen.empty() ? nan : sum() / count);
    if (name == "max" || name == "min") {
      double best = nan;
      for (const double v : seen) {
        if (std::isnan(best) || (name == "max" ? v > best : v < best)) best = v;
      }
      return done(best);
    }
    if (name == "linearWeightedAvg") {
      double average = 0, weights = 1, weight = 1;
      for (const double v : seen) {
        average += v * weight;
        weights += weight;
        weight += 1;
      }
      return done(seen.empty() ? nan : average / weights);
    }
    return false;
  }
  if (name == "stdDev" && args.size() == 2) {
    const double average = real_argument(args[1]);
    if (seen.empty()) return done(nan);
    double squared = 0;
    for (const double v : seen) squared += (v - average) * (v - average);
    return done(std::sqrt(squared / count));
  }
  if (name == "ewma" && args.size() == 2) {
    const double alpha = real_argument(args[1]);
    double average = nan;
    for (const double v : seen)
      average = std::isnan(average) ? v : v * alpha + average * (1 - alpha);
    return done(average);
  }
  if (name == "holt" && args.size() == 3) {
    const double alpha = real_argument(args[1]), beta = real_argument(args[2]);
    if (seen.empty()) return done(nan);
    double s = 0, last_s = 0, b = 0, last_b = 0, last = 0;
    for (size_t i = 0; i < seen.size(); ++i) {
      const double v = seen[i];
      if (i == 0) {
        s = v;
        b = v - last;
      } else {
        s = alpha * v + (1 - alpha) * (last_s + last_b);
        b = beta * (s - last_s) + (1 - beta) * last_b;
      }
      last_s = s;
      last_b = b;
      last = v;
    }
    return done(s);
  }
  return false;
}

}  // namespace

}  // namespace stratalog::query::script
