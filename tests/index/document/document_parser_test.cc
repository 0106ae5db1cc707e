#include "index/document/document_parser.h"
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/index/document/document_fixture.h"

namespace stratalog::index {

namespace {

struct Case {
  std::string_view source;
  std::string_view result;
};

void check(DocumentFixture& documents, std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    INFO("document " << c.source);
    CHECK(documents.parse(c.source) == c.result);
  }
}

std::string of_type(std::string_view definition) {
  return "{\"properties\": {\"f\": {" + std::string(definition) + "}}}";
}

MappingLimits accepting() {
  MappingLimits limits;
  limits.accept_conflicts = true;
  return limits;
}

}  // namespace

TEST_CASE("document: values of each type") {
  struct TypeCase {
    std::string_view type;
    std::string_view value;
    std::string_view result;
  };
  const TypeCase cases[] = {
      {R"("type": "long")", "1", "f=1"},
      {R"("type": "long")", "1.9", "f=1"},
      {R"("type": "long")", R"("-1.9")", "f=-1"},
      {R"("type": "long")", R"("1e3")", "f=1000"},
      {R"("type": "long")", R"("")", ""},
      {R"("type": "long")", "-9223372036854775808", "f=-9223372036854775808"},
      {R"("type": "long")", "[[1], [2, [3]], []]", "f=1 f=2 f=3"},
      {R"("type": "long", "null_value": 7)", "[null, 1]", "f=7 f=1"},
      {R"("type": "integer")", R"("1.9")", "f=1"},
      {R"("type": "integer")", R"(" 1")", "f=1"},
      {R"("type": "byte")", "-128", "f=-128"},
      {R"("type": "unsigned_long")", "18446744073709551615", "f=18446744073709551615"},
      {R"("type": "double")", "1e308", "f=1.0E308"},
      {R"("type": "double")", R"("0x1p3")", "f=8.0"},
      {R"("type": "float")", "0.1", "f=0.10000000149011612"},
      {R"("type": "half_float")", "0.1", "f=0.0999755859375"},
      {R"("type": "scaled_float", "scaling_factor": 100)", "1.005", "f=100"},
      {R"("type": "scaled_float", "scaling_factor": 100)", "1.006", "f=101"},
      {R"("type": "boolean")", R"([true, "false", ""])", "f=1 f=0 f=0"},
      {R"("type": "date")", R"("2020-01-01T00:00:00.123456789Z")", "f=1577836800123"},
      {R"("type": "date")", "0", "f=0"},
      {R"("type": "date", "format": "yyyy/MM/dd")", R"("1970/01/02")", "f=86400000"},
      {R"("type": "date_nanos")", R"("1970-01-01T00:00:01.123456789Z")", "f=1123456789"},
      {R"("type": "ip")", R"(["1.2.3.4", "::ffff:1.2.3.4", "fe80::1%eth0"])",
       "f=1.2.3.4 f=1.2.3.4 f=fe80::1"},
      {R"("type": "keyword")", R"(["a", 1, 1.50, true])", "f=a f=1 f=1.50 f=true"},
      {R"("type": "keyword", "ignore_above": 3)", R"(["abc", "abcd", "äöü"])",
       "f=abc f=äöü ignored: f"},
      {R"("type": "keyword", "normalizer": "lowercase")", R"("ABC")", "f=abc"},
      {R"("type": "keyword", "index": false, "doc_values": false)", R"("x")", ""},
      {R"("type": "text")", R"("a \"b\" \u00e9 \ud83d\ude00 \ud800")",
       "f=a \"b\" é 😀 \xEF\xBF\xBD"},
      {R"("type": "text", "index": false)", R"("x")", ""},
      {R"("type": "text", "fields": {"k": {"type": "keyword"}, "n": {"type": "long"}})", R"("5")",
       "f=5 f.k=5 f.n=5"},
      {R"("type": "binary")", R"("AAAA")", ""},
      {R"("type": "binary", "doc_values": true)", R"("YWJj")", "f=abc"},
      {R"("type": "flattened")", R"({"a": {"b": [1, null, "x"]}})",
       "f(exact)=1 f=a.b|1 f(exact)=x f=a.b|x"},
      {R"("type": "geo_point")", R"({"lat": 1, "lon": [2]})", "f="},
      {R"("type": "geo_point")", "[1, 2]", "f="},
      {R"("type": "object", "enabled": false)", R"({"a": 1, "": [{}]})", ""},
      {R"("type": "nested", "properties": {"k": {"type": "keyword"}})", R"([{"k": "x"}])", ""},
      {R"("type": "nested", "include_in_root": true, "properties": {"k": {"type": "keyword"}})",
       R"([{"k": "x"}])", "f.k=x"},
  };
  for (const TypeCase& c : cases) {
    INFO(c.type << " " << c.value);
    DocumentFixture documents(of_type(c.type));
    CHECK(documents.parse("{\"f\": " + std::string(c.value) + "}") == c.result);
  }
}

TEST_CASE("document: a value that its field refuses is named with its preview and the cause") {
  struct RefusedCase {
    std::string_view type;
    std::string_view value;
    std::string_view preview;
    std::string_view cause;
  };
  const RefusedCase cases[] = {
      {"long", R"("abc")", "abc", R"(illegal_argument_exception: For input string: "abc")"},
      {"long", R"("99999999999999999999")", "99999999999999999999",
       "illegal_argument_exception: Value [99999999999999999999] is out of range for a long"},
      {"long", "1e+30", "1.0E30",
       "input_coercion_exception: Numeric value (1e+30) out of range of long (-9223372036854775808 "
       "- "
       "9223372036854775807)\n at [Source: (ByteArrayInputStream); line: 1, column: 12]"},
      {"long", "true", "true",
       "json_parse_exception: Current token (VALUE_TRUE) not numeric, can not use numeric value "
       "accessors\n at [Source: "
       "(ByteArrayInputStream); line: 1, column: 11]"},
      {"long", R"({"a": 1})", "{a=1}",
       "json_parse_exception: Current token (START_OBJECT) not numeric, can not use numeric value "
       "accessors\n at [Source: "
       "(ByteArrayInputStream); line: 1, column: 8]"},
      {"byte", R"("1e3")", "1e3",
       "illegal_argument_exception: Value [1000] is out of range for a byte"},
      {"byte", R"("abc")", "abc", R"(number_format_exception: For input string: "abc")"},
      {"short", "40000", "40000",
       "json_parse_exception: Numeric value (40000) out of range of Java short\n at [Source: "
       "(ByteArrayInputStream); line: "
       "1, column: 12]"},
      {"integer", R"("99999999999")", "99999999999",
       "illegal_argument_exception: Value [99999999999] is out of range for an integer"},
      {"float", "1e39", "1.0E39",
       "illegal_argument_exception: [float] supports only finite values, but got [Infinity]"},
      {"half_float", "1e30", "1.0E30",
       "illegal_argument_exception: [half_float] supports only finite values, but got [1.0E30]"},
      {"boolean", "1", "1",
       "json_parse_exception: Current token (VALUE_NUMBER_INT) not of boolean type\n at [Source: "
       "(ByteArrayInputStream); "
       "line: 1, column: 8]"},
      {"boolean", R"("yes")", "yes",
       "illegal_argument_exception: Failed to parse value [yes] as only [true] or [false] are "
       "allowed."},
      {"date", R"("abc")", "abc",
       "illegal_argument_exception: failed to parse date field [abc] with format "
       "[strict_date_optional_time||epoch_millis] <- date_time_parse_exception: Failed to parse "
       "with all enclosed parsers"},
      {"ip", R"("1.2.3")", "1.2.3",
       "illegal_argument_exception: '1.2.3' is not an IP string literal."},
      {"keyword", "{}", "{}", "illegal_state_exception: Can't get text on a START_OBJECT at 1:7"},
      {"text", R"({"a": 1})", "{a=1}",
       "illegal_state_exception: Can't get text on a START_OBJECT at 1:7"},
      {"flattened", "5", "5",
       "parsing_exception: Failed to parse object: expecting token of type [START_OBJECT] but "
       "found [VALUE_NUMBER]"},
  };
  for (const RefusedCase& c : cases) {
    INFO(c.type << " " << c.value);
    DocumentFixture documents(of_type("\"type\": \"" + std::string(c.type) + "\""));
    CHECK(documents.parse("{\"f\": " + std::string(c.value) + "}") ==
          "mapper_parsing_exception: failed to parse field [f] of type [" + std::string(c.type) +
              "] in document with id '1'. Preview of field's value: '" + std::string(c.preview) +
              "' <- " + std::string(c.cause));
  }
}

TEST_CASE("document: coercion can be off") {
  DocumentFixture documents(of_type(R"("type": "long", "coerce": false)"));
  const std::string start =
      "mapper_parsing_exception: failed to parse field [f] of type [long] in document with id "
      "'1'. ";
  CHECK(documents.parse(R"({"f": 1.0})") == "f=1");
  CHECK(documents.parse(R"({"f": 1.5})") ==
        start +
            "Preview of field's value: '1.5' <- illegal_argument_exception: 1.5 cannot be "
            "converted to Long without data loss");
  CHECK(documents.parse(R"({"f": "1"})") ==
        start +
            "Preview of field's value: '1' <- illegal_argument_exception: Long value passed as "
            "String");
}

TEST_CASE("document: what ignore_malformed lets pass is named in _ignored") {
  DocumentFixture documents(of_type(R"("type": "long", "ignore_malformed": true)"));
  check(documents,
        {{R"({"f": "x"})", " ignored: f"}, {R"({"f": [1, "x", true]})", "f=1 ignored: f"}});
  CHECK(documents.parse(R"({"f": {}})").starts_with("mapper_parsing_exception"));
}

TEST_CASE("document: new fields are mapped by what they look like") {
  struct NewCase {
    std::string_view source;
    std::string_view properties;
  };
  const NewCase cases[] = {
      {R"({"a": 1})", R"({"a":{"type":"long"}})"},
      {R"({"a": 1.5})", R"({"a":{"type":"float"}})"},
      {R"({"a": true})", R"({"a":{"type":"boolean"}})"},
      {R"({"a": "x"})",
       R"({"a":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}})"},
      {R"({"a": "2020"})",
       R"({"a":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}})"},
      {R"({"a": "2020-01"})", R"({"a":{"type":"date"}})"},
      {R"({"a": "2020/01/01"})",
       R"({"a":{"type":"date","format":"yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis"}})"},
      {R"({"a": [null, 1]})", R"({"a":{"type":"long"}})"},
      {R"({"a": [[1, 2], [3]]})", R"({"a":{"type":"long"}})"},
      {R"({"a": {"b": {"c": 1}}})",
       R"({"a":{"properties":{"b":{"properties":{"c":{"type":"long"}}}}}})"},
      {R"({"a.b": 1, "a": {"c": 2}})",
       R"({"a":{"properties":{"b":{"type":"long"},"c":{"type":"long"}}}})"},
      {R"({"a.": 1})", R"({"a":{"type":"long"}})"},
      {R"({"c": {}, "d": [{}], "f": [null, {}], "g": {"h": {}}})",
       R"({"c":{"type":"object"},"d":{"type":"object"},"f":{"type":"object"},"g":{"properties":{"h":{"type":"object"}}}})"},
  };
  for (const NewCase& c : cases) {
    INFO(c.source);
    DocumentFixture documents;
    documents.parse(c.source);
    CHECK(documents.mapping_json() == "{\"properties\":" + std::string(c.properties) + "}");
  }
}

TEST_CASE("document: nulls and empty arrays map nothing") {
  DocumentFixture documents;
  check(documents, {{R"({"b": null})", ""}, {R"({"a": [[]]})", ""}, {R"({"e": [null]})", ""}});
  CHECK(documents.mapping_json() == "{}");
}

TEST_CASE("document: new fields of two types in one document are refused and not mapped") {
  const Case cases[] = {
      {R"({"a": [1, 1.5]})",
       "illegal_argument_exception: mapper [a] cannot be changed from type [long] to [float]"},
      {R"({"a": ["x", 1]})",
       "illegal_argument_exception: mapper [a] cannot be changed from type [text] to [long]"},
      {R"({"a": [{"b": 1}, {"b": 1.5}]})",
       "illegal_argument_exception: mapper [a.b] cannot be changed from type [float] to [long]"},
      {R"({"a": [1, {"b": 1}]})",
       "illegal_argument_exception: can't merge a non object mapping [a] with an object mapping"},
      {R"({"a": 1, "a.b": 2})",
       "illegal_argument_exception: can't merge a non object mapping [a] with an object mapping"},
      {R"({"a.b": 2, "a": 1})",
       "illegal_argument_exception: can't merge a non object mapping [a] with an object mapping"},
  };
  for (const Case& c : cases) {
    INFO(c.source);
    DocumentFixture documents;
    CHECK(documents.parse(c.source) == c.result);
    CHECK(documents.mapping_json() == "{}");
  }
}

TEST_CASE("document: numeric detection reads numbers in strings as Java does") {
  DocumentFixture documents(R"({"numeric_detection": true})");
  documents.parse(
      R"({"a": "1", "b": "1.5", "e": "12345678901234567890", "g": " 1", "h": "1d", "i": "0x10", "j": "+1"})");
  CHECK(
      documents.mapping_json() ==
      R"({"numeric_detection":true,"properties":{"a":{"type":"long"},"b":{"type":"float"},"e":{"type":"float"},)"
      R"("g":{"type":"float"},"h":{"type":"float"},)"
      R"("i":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},"j":{"type":"long"}}})");
}

TEST_CASE("document: dynamic templates decide what new fields become") {
  DocumentFixture documents(R"({"dynamic_templates": [
      {"t0": {"match_mapping_type": "long", "mapping": {"index": false}}},
      {"t1": {"match_mapping_type": "string", "match": "o*", "mapping": {"type": "keyword", "zz": 1}}},
      {"t2": {"match_mapping_type": "object", "match": "n*", "mapping": {"type": "nested"}}},
      {"t3": {"match": "q", "mapping": {"type": "nope"}}},
      {"t4": {"match": "^p\\d+$", "match_pattern": "regex", "mapping": {"type": "keyword"}}},
      {"t5": {"path_match": "x.*.y", "path_unmatch": "x.b.*",
              "mapping": {"type": "keyword", "fields": {"{name}": {"type": "text"}}}}}]})");
  documents.parse(
      R"({"l": 1, "o": "x", "n": {"a": 1}, "p12": "x", "x": {"a": {"y": "1"}, "b": {"y": true}}})");
  const json::Value* properties = documents.mapping()->to_json().find("properties");
  CHECK(
      json::to_string(*properties) ==
      R"({"l":{"type":"long","index":false},"n":{"type":"nested","properties":{"a":{"type":"long","index":false}}},)"
      R"("o":{"type":"keyword"},"p12":{"type":"keyword"},)"
      R"("x":{"properties":{"a":{"properties":{"y":{"type":"keyword","fields":{"y":{"type":"text"}}}}},)"
      R"("b":{"properties":{"y":{"type":"boolean"}}}}}})");
  CHECK(documents.parse(R"({"q": "x"})") ==
        "mapper_parsing_exception: failed to find type parsed [nope] for [q]");
}

TEST_CASE("document: strict and false objects take nothing new") {
  DocumentFixture strict(R"({"dynamic": "strict", "properties": {"f": {"type": "object"}}})");
  const auto refused = [](std::string_view name, std::string_view where) {
    return "strict_dynamic_mapping_exception: mapping set to strict, dynamic introduction of [" +
           std::string(name) + "] within [" + std::string(where) + "] is not allowed";
  };
  CHECK(strict.parse(R"({"f": {"x": 1}})") == refused("x", "f"));
  CHECK(strict.parse(R"({"x": null})") == refused("x", "_doc"));
  CHECK(strict.parse(R"({"a.b": 1})") == refused("a", "_doc"));
  CHECK(strict.parse(R"({"f.b": 1})") == refused("b", "f"));
  DocumentFixture off(R"({"dynamic": "false"})");
  check(off, {{R"({"f": {"x": 1}})", ""}, {R"({"x": {"": 1}})", ""}});
  CHECK(off.mapping_json() == R"({"dynamic":"false"})");
}

TEST_CASE("document: values are copied to other fields") {
  DocumentFixture documents(
      R"({"properties": {"a": {"type": "keyword", "copy_to": ["z", "n"]}, "n": {"type": "long"}}})");
  CHECK(documents.parse(R"({"a": "5"})") == "a=5 z=5 z.keyword=5 n=5");
  CHECK(documents.parse(R"({"a": "x"})").find("failed to parse field [n] of type [long]") !=
        std::string::npos);
}

TEST_CASE("document: names that can't be fields") {
  const std::string start =
      "mapper_parsing_exception: failed to parse <- illegal_argument_exception: ";
  const auto ambiguous = [&](std::string_view name) {
    return start +
           "object field starting or ending with a [.] makes object resolution ambiguous: [" +
           std::string(name) + "]";
  };
  DocumentFixture documents;
  CHECK(documents.parse(R"({"": 1})") == start + "field name cannot be an empty string");
  CHECK(documents.parse(R"({"a": {"": 1}})") == start + "field name cannot be an empty string");
  CHECK(documents.parse(R"({"a": {" ": 1}})") ==
        "illegal_argument_exception: object field cannot contain only whitespace: ['a. ']");
  CHECK(documents.parse(R"({"..": 1})") == start + "field name cannot contain only dots");
  CHECK(documents.parse(R"({".a": 1})") == ambiguous(".a"));
  CHECK(documents.parse(R"({"a..b": 1})") == ambiguous("a..b"));
  CHECK(documents.parse(R"({"_id": "x"})") ==
        "mapper_parsing_exception: failed to parse field [_id] of type [_id] in document with id "
        "'1'. Preview of field's "
        "value: 'x' <- mapper_parsing_exception: Field [_id] is a metadata field and cannot be "
        "added inside a document. "
        "Use the index API request parameters.");
}

TEST_CASE("document: objects and fields do not change places") {
  DocumentFixture documents(
      R"({"properties": {"o": {"type": "object"}, "f": {"type": "long"}, "g": {"type": "alias", "path": "f"},
          "n": {"type": "nested", "properties": {"k": {"type": "keyword"}}}}})");
  CHECK(documents.parse(R"({"o": 1})") ==
        "mapper_parsing_exception: object mapping for [o] tried to parse field [o] as object, but "
        "found a concrete value");
  CHECK(documents.parse(R"({"o": [1]})") ==
        "mapper_parsing_exception: object mapping for [o] tried to parse field [null] as object, "
        "but found a concrete value");
  CHECK(documents.parse(R"({"f.x": 1})") ==
        "mapper_parsing_exception: Could not dynamically add mapping for field [f.x]. Existing "
        "mapping for [f] must be of "
        "type object but found [long].");
  CHECK(documents.parse(R"({"g": 1})") ==
        "mapper_parsing_exception: failed to parse <- illegal_argument_exception: Cannot write to "
        "a field alias [g].");
  CHECK(documents.parse(R"({"n.k": "x"})") ==
        "mapper_parsing_exception: Cannot add a value for field [n.k] since one of the "
        "intermediate objects is mapped as a "
        "nested object: [n]");
}

TEST_CASE("document: a term over Lucene's limit") {
  DocumentFixture documents(of_type(R"("type": "keyword")"));
  CHECK(documents.parse("{\"f\": \"" + std::string(32766, 'x') + "\"}").size() == 32768);
  const std::string error = documents.parse("{\"f\": \"" + std::string(32767, 'x') + "\"}");
  CHECK(
      error.starts_with("illegal_argument_exception: Document contains at least one immense term "
                        "in field=\"f\" (whose UTF8 "
                        "encoding is longer than the max length 32766), all of which were skipped. "
                        " Please correct the "
                        "analyzer to not produce such terms.  The prefix of the first immense term "
                        "is: '[120, 120, "));
  CHECK(error.ends_with(
      "120]...', original message: bytes can be at most 32766 in length; got 32767 <- "
      "max_bytes_length_exceeded_exception: bytes can be at most 32766 in length; got 32767"));
}

TEST_CASE("document: the timestamp and whole sub-objects are reported") {
  DocumentFixture documents;
  const std::string big = R"({"pod": ")" + std::string(80, 'x') + R"("})";
  const std::string source =
      R"({"@timestamp": "1970-01-01T00:00:01.000Z", "a": {"b": 1}, "k": )" + big + "}";
  documents.parse(source);
  CHECK(documents.document().timestamp_ms == 1000);
  REQUIRE(documents.document().sub_objects.size() == 1);
  const ParsedDocument::SubObject& at = documents.document().sub_objects[0];
  CHECK(source.substr(at.begin, at.end - at.begin) == big);
}

TEST_CASE("accepting: a value that does not fit is kept beside its field") {
  DocumentFixture documents(
      R"({"properties": {"n": {"type": "long"}, "d": {"type": "date"}, "b": {"type": "boolean"},
                               "i": {"type": "ip"}, "k": {"type": "keyword"}}})",
      accepting());
  check(documents, {{R"({"n": "abc"})", "n(exact)=abc n(terms)=abc ignored: n"},
                    {R"({"n": 1e30})", "n(f64)=1.0E30 ignored: n"},
                    {R"({"n": [1, true]})", "n=1 n(exact)=true n(terms)=true ignored: n"},
                    {R"({"d": "soon"})", "d(exact)=soon d(terms)=soon ignored: d"},
                    {R"({"b": 5})", "b(f64)=5.0 ignored: b"},
                    {R"({"i": "local"})", "i(exact)=local i(terms)=local ignored: i"}});
  CHECK(documents.parse("{\"k\": \"" + std::string(40000, 'x') + "\"}") == " ignored: k");
}

TEST_CASE("a null of a field without search is what its null_value says") {
  DocumentFixture documents(R"({"properties": {
      "p": {"type": "geo_point", "null_value": {"lat": 0, "lon": 0}},
      "q": {"type": "geo_point", "null_value": null}}})");
  CHECK(documents.parse(R"({"p": null})") == "p=");
  CHECK(documents.parse(R"({"p": [null, "1,2"]})") == "p=");
  CHECK(documents.parse(R"({"q": null})") == "");
}

TEST_CASE("the same object under several keys gives values of each") {
  DocumentFixture documents;
  const std::string long_text(200, 'x');
  const std::string object = R"({"pod":"a\n","text":")" + long_text + R"("})";
  const auto values = [&](const std::string& key) {
    return key + ".pod=a\n " + key + ".pod.keyword=a\n " + key + ".text=" + long_text + " " + key +
           ".text.keyword=" + long_text;
  };
  REQUIRE(documents.parse(R"({"before":{"pod":"a","text":"b"},"after":{"pod":"a","text":"b"}})") !=
          "");
  for (int i = 0; i < 5; ++i) {
    for (const std::string key : {"before", "after"})
      CHECK(documents.parse("{\"" + key + "\":" + object + "}") == values(key));
    CHECK(documents.parse(R"({"before":)" + object + R"(,"after":)" + object + "}") ==
          values("before") + " " + values("after"));
  }
}

TEST_CASE("accepting: a path is a field and an object at once") {
  DocumentFixture documents("{}", accepting());
  CHECK(documents.parse(R"({"app": "web"})") == "app=web app.keyword=web");
  CHECK(documents.parse(R"({"app": {"sub": "x", "keyword": "y"}})") ==
        "app.sub=x app.sub.keyword=x _flattened=app.keyword|y ignored: app app.keyword");
  CHECK(documents.parse(R"({"app.sub": "z"})") == "app.sub=z app.sub.keyword=z");
  CHECK(
      documents.mapping_json() ==
      R"({"properties":{"app":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}},)"
      R"("app.sub":{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}}})");
  const auto again = make_mapping(documents.mapping_json(), accepting());
  CHECK(again->find("app.sub") != nullptr);
  CHECK(again->to_json() == documents.mapping()->to_json());

  DocumentFixture other("{}", accepting());
  CHECK(other.parse(R"({"app": {"sub": 1}})") == "app.sub=1");
  CHECK(other.parse(R"({"app": "web"})") == "app=web app.keyword=web");  // its field takes it
}

TEST_CASE("accepting: what is over a limit goes to the flattened column") {
  MappingLimits limits = accepting();
  limits.total_fields = 3;
  DocumentFixture documents("{}", limits);
  CHECK(documents.parse(R"({"a": 1, "b": {"c": 2}, "d": "x", "e": {"f": [3, {"g": true}]}})") ==
        "a=1 b.c=2 _flattened=d|x _flattened=e.f|3 _flattened=e.f.g|true ignored: d e.f e.f.g");
  CHECK(documents.mapping()->total_fields() == 3);
  CHECK(documents.parse(R"({"d": "x"})") == "_flattened=d|x ignored: d");
  // Many are told apart as a few are, from document to document.
  std::string many = "{\"z\": 0";
  for (int i = 0; i < 40; ++i) many += ", \"p" + std::to_string(i) + "\": [1, 2]";
  many += "}";
  const std::string first = documents.parse(many);
  CHECK(std::count(first.begin(), first.end(), '|') == 81);
  CHECK(first.ends_with("ignored: z " + [] {
    std::string names;
    for (int i = 0; i < 40; ++i) names += (i > 0 ? " p" : "p") + std::to_string(i);
    return names;
  }()));
  CHECK(documents.parse(many) == first);
}

TEST_CASE("accepting: nothing about the mapping refuses a document, bad JSON does") {
  DocumentFixture documents(
      R"({"dynamic": "strict", "properties": {"a": {"type": "alias", "path": "n"},
                               "n": {"type": "long"}}})",
      accepting());
  check(documents, {{R"({"x": 1})", "_flattened=x|1 ignored: x"},
                    {R"({"_id": 1, "": 2, "a..b": [3]})",
                     "_flattened=_id|1 _flattened=|2 _flattened=a..b|3 ignored: _id  a..b"},
                    {R"({"a": 5})", " ignored: a"}});
  CHECK(documents.parse(R"({"n": 1, "n": 2})")
            .starts_with("mapper_parsing_exception: failed to parse <- json_parse"));
}

TEST_CASE("replay: takes what the log has under any mapping and asks for nothing") {
  DocumentFixture documents(R"({"properties": {"n": {"type": "long"}}})");
  CHECK(documents.parse(R"({"n": "abc"})", true) == "n(exact)=abc n(terms)=abc ignored: n");
  CHECK(documents.parse(R"({"new": {"a": 1}, "n": {"x": 2}})", true) ==
        "_flattened=new.a|1 _flattened=n.x|2 ignored: new.a n n.x");
  CHECK(documents.mapping_json() == R"({"properties":{"n":{"type":"long"}}})");
}

TEST_CASE("document: depth is bounded") {
  DocumentFixture documents(R"({"dynamic": "false"})");
  const auto nested = [](size_t levels) {
    std::string out;
    for (size_t i = 0; i < levels; ++i) out += R"({"a":)";
    return out + "1" + std::string(levels, '}');
  };
  CHECK(documents.parse(nested(84)).empty());
  CHECK(documents.parse(nested(85)) ==
        "mapper_parsing_exception: failed to parse <- illegal_argument_exception: Depth of the "
        "document is over the limit of "
        "[84]");
  CHECK(documents.parse(R"({"a":)" + std::string(100000, '['))
            .starts_with("mapper_parsing_exception"));
}

}  // namespace stratalog::index
