#include <catch2/catch.hpp>

#include "query/script/fault.h"
#include "query/script/script.h"

using namespace stratalog;
using namespace stratalog::query::script;

namespace {

// What a script answers, as text: as POST _scripts/painless/_execute prints it.
std::string answer(const std::string& source, const std::string& params = "{}") {
  const auto program = compile("painless", source, Context::kTest);
  if (!program) return program.error().reason + ": " + program.error().caused_by->reason;
  Heap heap;
  Run run(*program, heap);
  run.bind(0, from_json(heap, *json::parse(params)));
  const auto result = run.execute();
  if (!result) return result.error().reason + ": " + result.error().caused_by->reason;
  return to_text(*result);
}

std::string failure(const std::string& source) {
  const auto program = compile("painless", source, Context::kTest);
  Error error(error_types::kScript, "none");
  if (!program) {
    error = program.error();
  } else {
    Heap heap;
    Run run(*program, heap);
    run.bind(0, from_json(heap, json::Value::object()));
    if (auto result = run.execute(); !result) error = result.error();
  }
  std::string out = error.reason;
  for (const Error::Field& field : error.fields) {
    if (field.name == "script_stack" || field.name == "position") out += " " + field.value;
  }
  if (error.caused_by) out += " " + std::string(error.caused_by->type.name);
  return out;
}

struct Case {
  const char* source;
  const char* result;
};

}  // namespace

// The results are those of Elasticsearch 7.10.2, asked through _scripts/painless/_execute.
TEST_CASE("painless: arithmetic, promotion, text") {
  const Case cases[] = {
      {"int x = 5; long y = 7; return x/2 + y * 1.5", "12.5"},
      {"def x = 1; x = x + \"a\" + 2.0 + 1.5f + null + true; return x", "1a2.01.5nulltrue"},
      {"return Math.max(1, 2L) + Math.round(2.5) + Math.floor(1.2)", "6.0"},
      {"return 5 == 5.0", "true"},
      {"def x = 3; return x === 3L", "false"},
      {"return [1,2] == [1,2]", "true"},
      {"int x; return x", "0"},
      {"return 1 instanceof Integer", "true"},
      {"return Integer.MAX_VALUE + 1", "-2147483648"},
      {"return 5 % 0.0", "NaN"},
      {"return (byte)300", "44"},
      {"String s = 'abc'; return s.charAt(0) == (char)'a'", "true"},
      {"return 1 << 33", "2"},
      {"return -8 >>> 28", "15"},
      {"long l = 1; l <<= 40; return l", "1099511627776"},
      {"int i = 5; i += 1.7; return i", "6"},
      {"def a = 7; a /= 2; return a++ + ++a", "8"},
      {"return 'h\xC3\xA9llo'.length() + 'h\xC3\xA9llo'.substring(1, 3)", "5\xC3\xA9l"},
      {"return 'a,b,,c'.splitOnToken(',').length", "4"},
      {"return 'Hello'.replace('l', 'L').toUpperCase().indexOf('O')", "4"},
      {"StringBuilder b = new StringBuilder(); b.append(1).append('x'); return b.reverse()", "x1"},
      {"return 'abc' =~ /b/", "true"},
      {"return 'abc' ==~ /b/", "false"},
      {"def x = /a(b)c/.matcher(\"xabc\"); if (x.find()) return x.group(1)", "b"},
      {"return 'a1b22'.replaceAll(/[0-9]+/, m -> '<' + m.group() + '>')", "a<1>b<22>"},
  };
  for (const Case& one : cases) {
    INFO(one.source);
    CHECK(answer(one.source) == one.result);
  }
}

TEST_CASE("painless: collections, functions, control flow") {
  const Case cases[] = {
      {"def x = [3,1,2]; x.sort((a,b) -> b - a); return x", "[3, 2, 1]"},
      {"def x = [3,1,2]; return x.stream().map(y -> y * 2).collect(Collectors.toList())",
       "[6, 2, 4]"},
      {"def m = [\"b\":1,\"a\":2]; return m.empty", "false"},
      {"return [1,2,3].length", "3"},
      {"return [\"a\":1].a", "1"},
      {"int[] a = new int[3]; a[0]=5; return a.length + a[0]", "8"},
      {"int f(int a) { return a+1 } f(3)", "4"},
      {"def even(int n) { return n == 0 ? true : odd(n - 1) } "
       "def odd(int n) { return n == 0 ? false : even(n - 1) } return even(10)",
       "true"},
      {"int s = 0; for (int i = 0; i < 5; i++) { if (i == 3) continue; s += i } return s", "7"},
      {"int s = 0; for (x in [1,2,3]) { s += x } for (int y : [4]) s += y; return s", "10"},
      {"int i = 0; while (true) { if (++i > 4) break; } do { i += 10 } while (i < 30); return i",
       "35"},
      {"def l = ['a', 'bb', 'a']; Map m = [:]; for (s in l) m.merge(s, 1, (a, b) -> a + b); "
       "return m",
       "{a=2, bb=1}"},
      {"Map m = new HashMap(); m.computeIfAbsent('k', k -> []).add(1); m.k.add(2); return m",
       "{k=[1, 2]}"},
      {"List l = new ArrayList(); l.add(1); l.add(2); l.add(3); l.removeIf(x -> x % 2 == 1); "
       "return l",
       "[2]"},
      {"def m = ['a': 1, 'b': 2]; m.entrySet().removeIf(e -> e.getValue() > 1); return m", "{a=1}"},
      {"def t = new TreeMap(); t.b = 1; t.a = 2; return t", "{a=2, b=1}"},
      {"'12x'.chars().allMatch(Character::isDigit)", "false"},
      {"return [3, 1].stream().mapToInt(Integer::intValue).sum()", "4"},
      {"def a = null; return a?.b", "null"},
      {"return params.x ?: 'none'", "none"},
      {"try { int x = Integer.parseInt(\"q\") } catch (NumberFormatException e) { "
       "return e.getMessage() }",
       "For input string: \"q\""},
      {"int k = 3; return [1, 2].stream().map(x -> x * k).collect(Collectors.toList())", "[3, 6]"},
      {"if (params.y == null) { 5 } else { 6 }", "5"},
  };
  for (const Case& one : cases) {
    INFO(one.source);
    CHECK(answer(one.source) == one.result);
  }
}

TEST_CASE("painless: dates") {
  const std::string d = "def d = ZonedDateTime.parse(\"2020-02-03T04:05:06.007Z\"); return ";
  CHECK(answer(d + "d.year + ' ' + d.monthValue + ' ' + d.dayOfWeek + ' ' + "
                   "d.toInstant().toEpochMilli() + ' ' + d") ==
        "2020 2 MONDAY 1580702706007 2020-02-03T04:05:06.007Z");
  CHECK(answer(d + "d.plusMonths(1).minusDays(2).truncatedTo(ChronoUnit.DAYS)") ==
        "2020-03-01T00:00Z");
  CHECK(answer(d + "ChronoUnit.DAYS.between(d, d.plusWeeks(2))") == "14");
  CHECK(answer(d + "d.withZoneSameInstant(ZoneId.of('Europe/Moscow'))") ==
        "2020-02-03T07:05:06.007+03:00[Europe/Moscow]");
  CHECK(answer("return Instant.ofEpochMilli(0).plusSeconds(90)") == "1970-01-01T00:01:30Z");
}

TEST_CASE("painless: errors stand where Elasticsearch has them") {
  CHECK(
      failure("return 1/0") ==
      R"~(compile error ["return 1/0","       ^---- HERE"] {"offset":7,"start":0,"end":10} arithmetic_exception)~");
  CHECK(
      failure("def x = \"a\"; x.foo(1)") ==
      R"~(runtime error ["x.foo(1)"," ^---- HERE"] {"offset":14,"start":13,"end":21} illegal_argument_exception)~");
  CHECK(
      failure("foo") ==
      R"~(compile error ["foo","^---- HERE"] {"offset":0,"start":0,"end":3} illegal_argument_exception)~");
  CHECK(
      failure("return 1 +") ==
      R"~(compile error ["return 1 +","          ^---- HERE"] {"offset":10,"start":0,"end":10} illegal_argument_exception)~");
  CHECK(
      failure("int aaaaaaaaaaaaaaaaaa = 1; int bbbbbbbbbbbbbbbbbbbbbbbbb = 2; foo; "
              "int cccccccccccccccccccccccccc = 1; int ddddddddddddddddddd = 5; ") ==
      R"~(compile error ["... bbbbbbbbbbbbbbbbbbb = 2; foo; int cccccccccccccccc ...","                             ^---- HERE"] {"offset":63,"start":38,"end":88} illegal_argument_exception)~");
  CHECK(
      failure("def x = 1.5; int y = x; return y") ==
      R"~(runtime error ["y = x; ","    ^---- HERE"] {"offset":21,"start":17,"end":24} class_cast_exception)~");
  const Case reasons[] = {
      {"int x = \"a\"; return x", "compile error: Cannot cast from [java.lang.String] to [int]."},
      {"while(true){}", "compile error: no paths escape from while loop"},
      {"def x = \"5\"; x - 1",
       "runtime error: Cannot apply [-] operation to types [java.lang.String] and "
       "[java.lang.Integer]."},
      {"1;2", "compile error: not a statement: numeric constant [1] not used"},
      {"throw new IllegalArgumentException(\"boo\")", "runtime error: boo"},
      {"def l = [\"a\"]; l.x", "runtime error: Illegal list shortcut value [x]."},
      {"unknownType x = 1",
       "compile error: invalid declaration: cannot resolve type [unknownType]"},
      {"return new Foo()", "compile error: Not a type [Foo]."},
      {"int x = 1; int x = 2;", "compile error: variable [x] is already defined"},
      {"break;", "compile error: invalid break statement: not inside loop"},
      {"return 'a", "compile error: unexpected character ['a]."},
      {"def x = [1]; x[5]", "runtime error: Index 5 out of bounds for length 1"},
      {"def x = 2; x.foo = 3", "runtime error: dynamic setter [java.lang.Integer, foo] not found"},
      {"def x = 2; return x ? 1 : 2", "runtime error: cannot cast def [int] to boolean"},
      {"def x = [1,2,3]; int s = 0; x.forEach(y -> s += y); return s",
       "compile error: Variable [s] is read-only."},
      {"return 10000000000",
       "compile error: Invalid int constant [10000000000]. If you want a long constant then change "
       "it to [10000000000L]."},
      {"def x = 5; for (int i = 0; i < 10000000; i++) { x += i } return x",
       "runtime error: The maximum number of statements that can be executed in a loop has been "
       "reached."},
  };
  for (const Case& one : reasons) {
    INFO(one.source);
    CHECK(answer(one.source) == one.result);
  }
}

TEST_CASE("painless: what a run may take is bounded") {
  CHECK(answer("def f(def x) { return f(x) } return f(1)") ==
        "runtime error: the script calls itself too deeply");
  CHECK(answer("def s = 'x'; for (int i = 0; i < 100; i++) s += s; return s.length()")
            .find("a script's values take more than") != std::string::npos);
  CHECK(answer("def l = []; while (true) { l.add('x') ; if (l.size() < 0) break; } return l.size()")
            .find("runtime error") == 0);
  // It catches its own exceptions, not the limits.
  CHECK(answer("try { def s = 'x'; for (int i = 0; i < 100; i++) s += s; } catch (Exception e) { "
               "return 1 } return 2")
            .find("runtime error") == 0);
  // Shared parts are printed and compared within the limit.
  CHECK(
      answer("def a = ['x']; def b = ['x']; for (int i = 0; i < 60; i++) { a = [a, a]; b = [b, b] "
             "} return a == b")
          .find("runtime error: The script takes more than") == 0);
  CHECK(answer("def a = []; a.add(a); return a.toString()").find("runtime error") == 0);
  CHECK(answer("int[] a = new int[2147483647]; return 1").find("runtime error") == 0);
  const std::string deep(5000, '(');
  CHECK(answer("return " + deep + "1").find("compile error: the script is nested too deeply") == 0);
  std::string chain = "return 1";
  for (int i = 0; i < 5000; ++i) chain += "+1";
  CHECK(answer(chain).find("compile error") == 0);
  CHECK(compile("painless", std::string(70000, ' '), Context::kTest)
            .error()
            .reason.find("exceeded max allowed inline script size") == 0);
}

TEST_CASE("painless: cycles and deep lists go with their heap") {
  const auto program =
      compile("painless",
              "def l = []; for (int i = 0; i < 50000; i++) { l = [l] } def c = [:]; c.c = c; "
              "return 1",
              Context::kTest);
  REQUIRE(program);
  uint64_t before = 0;
  Heap heap;
  {
    Run run(*program, heap);
    run.bind(0, from_json(heap, json::Value::object()));
    before = heap.bytes();
    REQUIRE(run.execute());
    CHECK(heap.bytes() > before);  // the locals still hold them
  }
  CHECK(heap.bytes() < before + 1000);  // the map that holds itself alone is left
}

TEST_CASE("painless: a function stays with its script") {
  Heap heap;
  const auto run_with = [&](const std::string& source, const Value& state) {
    auto program = compile("painless", source, Context::kAggsCombine);
    REQUIRE(program);
    Run run(*program, heap);
    run.bind(0, Value());
    run.bind(1, state);
    const auto result = run.execute();
    return result ? to_text(*result) : result.error().caused_by->reason;
  };
  const Value state(&heap.make<Map>());
  const std::string keep = "def keep(def s, def f) { s.f = f } keep(state, x -> x + 'y'); ";
  CHECK(run_with(keep + "return state.f.apply('x')", state) == "xy");
  CHECK(run_with("return state.f.apply('x')", state) ==
        "a function of another script can't be called");
}

TEST_CASE("expression: arithmetic over parameters") {
  const auto value = [](const std::string& source) {
    const auto program = compile("expression", source, Context::kBucket);
    if (!program) return program.error().reason;
    Heap heap;
    Run run(*program, heap);
    run.bind(0, from_json(heap, *json::parse(R"({"count": 3, "other": 0.5})")));
    const auto result = run.execute();
    return result ? to_text(*result) : result.error().reason;
  };
  CHECK(value("count * 1") == "3.0");
  CHECK(value("count / 2 + other") == "2.0");
  CHECK(value("count > 2 && !(other == 1) ? max(count, 10) : -1") == "10.0");
  CHECK(value("(count & 1) + (1 << 3) + ~0") == "8.0");
  CHECK(value("count >= 3") == "1.0");
  CHECK(value("count +") == "compile error");
  CHECK(value("nosuch(1)") == "compile error");
  CHECK(value("missing * 2") == "runtime error");
}
