// simple_query_string: a syntax that never fails. Lucene's SimpleQueryParser of 8.11.
#include <algorithm>
#include <charconv>
#include <utility>

#include "query/dsl/min_should_match.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/dsl/text_query.h"
#include "query/exec/boolean.h"

namespace stratalog::query {
namespace {

class SimpleQueryString final : public Clause {
 public:
  std::string_view kind() const override { return "simple_query_string"; }
  Result<PlanPtr> plan(const PlanContext& context) const override;

  std::string query;
  std::vector<BoostedField> fields;
  bool default_and = false;
  std::optional<bool> lenient;
  std::string analyzer, quote_field_suffix, minimum_should_match;
  FuzzyOptions fuzzy;
};

class SimpleParser {
 public:
  SimpleParser(const SimpleQueryString& query, const PlanContext& context)
      : query_(query), context_(context) {}

  Result<PlanPtr> run() {
    RETURN_IF_ERROR(
        check_analyzer(context_.index, "simple_query_string", "analyzer", query_.analyzer));
    bool all = false;
    ASSIGN_OR_RETURN(fields_, expand_fields(context_.index, query_.fields, all));
    lenient_ = query_.lenient.value_or(all);
    text_ = query_.query;
    if (text_ == "*" && all) return all_plan(context_.boost);
    ASSIGN_OR_RETURN(State state, sequence(0, text_.size(), 0));
    if (!state.any) return none_plan();
    if (!state.conjunction && state.items.size() > 1 && !query_.minimum_should_match.empty()) {
      ASSIGN_OR_RETURN(
          const uint32_t wanted,
          min_should_match(query_.minimum_should_match, static_cast<uint32_t>(state.items.size())));
      min_should_ = std::max<uint32_t>(1, wanted);
    }
    return combine(std::move(state));
  }

 private:
  struct State {
    bool any = false;
    bool conjunction = false;       // what joins the items
    std::optional<bool> operation;  // said between the last item and the next: "+" is true
    uint32_t nots = 0;
    std::vector<PlanPtr> items;
  };

  PlanPtr combine(State state) {
    if (state.items.size() == 1) return state.items[0];
    BoolParts parts;
    if (state.conjunction) {
      parts.must = std::move(state.items);
    } else {
      parts.should = std::move(state.items);
      parts.min_should = min_should_;
    }
    return bool_plan(std::move(parts), context_.scores);
  }

  void add(State& state, PlanPtr plan) {
    if (state.nots % 2 == 1) {
      BoolParts parts;
      parts.must_not.push_back(std::move(plan));
      parts.should.push_back(all_plan(context_.boost));
      parts.min_should = 1;
      plan = bool_plan(std::move(parts), context_.scores);
    }
    state.nots = 0;
    const bool conjunction = state.operation.value_or(query_.default_and);
    state.operation.reset();
    if (state.items.size() > 1 && state.conjunction != conjunction) {
      PlanPtr left = combine(std::exchange(state, State()));
      state.items.push_back(std::move(left));
    }
    state.any = true;
    state.conjunction = conjunction;
    state.items.push_back(std::move(plan));
  }

  Result<State> sequence(size_t at, size_t end, uint32_t depth) {
    State state;
    while (at < end) {
      const char c = text_[at];
      if (c == '(' && depth < kQueryStringDepthMax) {
        const size_t close = closing(at + 1, end);
        if (close == std::string::npos) {
          ++at;
          continue;
        }
        ASSIGN_OR_RETURN(State inner, sequence(at + 1, close, depth + 1));
        if (inner.any) add(state, combine(std::move(inner)));
        at = close + 1;
      } else if (c == ')' || c == '(') {
        ++at;
      } else if (c == '"') {
        RETURN_IF_ERROR(phrase(state, at, end));
      } else if (c == '+' || c == '|') {
        if (!state.operation && state.any) state.operation = c == '+';
        ++at;
      } else if (c == '-') {
        ++state.nots;
        ++at;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at;
      } else {
        RETURN_IF_ERROR(word(state, at, end));
      }
    }
    return state;
  }

  size_t closing(size_t at, size_t end) const {
    uint32_t open = 1;
    for (; at < end; ++at) {
      if (text_[at] == '\\') {
        ++at;
      } else if (text_[at] == '(') {
        ++open;
      } else if (text_[at] == ')' && --open == 0) {
        return at;
      }
    }
    return std::string::npos;
  }

  Status phrase(State& state, size_t& at, size_t end) {
    std::string text;
    size_t i = at + 1;
    for (; i < end && text_[i] != '"'; ++i) {
      if (text_[i] == '\\' && i + 1 < end) ++i;
      text += text_[i];
    }
    if (i >= end) {  // no end: the quote means nothing
      ++at;
      return {};
    }
    at = i + 1;
    const uint32_t slop = tilde(at, end).value_or(0);
    ASSIGN_OR_RETURN(auto plan, on_fields(text, TextMode::kPhrase, slop, std::nullopt));
    if (plan) add(state, *plan);
    return {};
  }

  // "~2" at a place.
  std::optional<uint32_t> tilde(size_t& at, size_t end) const {
    if (at >= end || text_[at] != '~') return std::nullopt;
    uint32_t number = 0;
    const auto [stop, ec] = std::from_chars(text_.data() + at + 1, text_.data() + end, number);
    at = ec == std::errc{} ? static_cast<size_t>(stop - text_.data()) : at + 1;
    return ec == std::errc{} ? std::optional(number) : std::optional<uint32_t>(2);
  }

  Status word(State& state, size_t& at, size_t end) {
    std::string text;
    bool prefix = false;
    std::optional<uint32_t> edits;
    for (; at < end; ++at) {
      const char c = text_[at];
      if (c == '\\' && at + 1 < end) {
        text += text_[++at];
        prefix = false;
        continue;
      }
      if (std::string_view(" \t\n\r\"|+()").find(c) != std::string_view::npos) break;
      if (c == '~' && !text.empty()) {
        size_t behind = at;
        const auto number = tilde(behind, end);
        if (behind >= end ||
            std::string_view(" \t\n\r\"|+()").find(text_[behind]) != std::string_view::npos) {
          edits = number;
          at = behind;
          break;
        }
      }
      prefix = c == '*';
      text += c;
    }
    if (prefix && text.size() > 1) {
      text.pop_back();
      ASSIGN_OR_RETURN(auto plan, on_fields(text, TextMode::kBoolPrefix, 0, std::nullopt));
      if (plan) add(state, *plan);
      return {};
    }
    ASSIGN_OR_RETURN(auto plan, on_fields(text, TextMode::kBoolean, 0, edits));
    if (plan) add(state, *plan);
    return {};
  }

  // Empty: no field made a term of it.
  Result<std::optional<PlanPtr>> on_fields(const std::string& text, TextMode mode, uint32_t slop,
                                           std::optional<uint32_t> edits) {
    TextOptions options;
    options.all_terms = query_.default_and;
    options.lenient = lenient_;
    options.analyzer = query_.analyzer;
    options.slop = slop;
    options.prefix_length = query_.fuzzy.prefix_length;
    options.max_expansions = query_.fuzzy.max_expansions;
    options.transpositions = query_.fuzzy.transpositions;
    if (edits) {
      Fuzziness fuzziness;
      fuzziness.automatic = false;
      fuzziness.edits = static_cast<int>(std::min<uint32_t>(*edits, 2));
      options.fuzziness = fuzziness;
    }
    std::vector<PlanPtr> plans;
    bool any = fields_.empty();
    for (const BoostedField& field : fields_) {
      std::string name = field.pattern;
      if (mode == TextMode::kPhrase && !query_.quote_field_suffix.empty() &&
          resolve_field(context_.index, name + query_.quote_field_suffix).field != nullptr) {
        name += query_.quote_field_suffix;
      }
      const FieldRef ref = resolve_field(context_.index, name);
      if (ref.field != nullptr && ref.field->type == index::FieldType::kText) {
        ASSIGN_OR_RETURN(const std::vector<AnalyzedTerm> terms,
                         analyze_for(context_, ref.field, query_.analyzer, text,
                                     mode == TextMode::kPhrase, "simple_query_string"));
        if (terms.empty()) continue;
      }
      any = true;
      ASSIGN_OR_RETURN(PlanPtr plan,
                       field_text_plan(context_.boosted(field.boost), name, Literal::of_text(text),
                                       mode, options, "simple_query_string"));
      plans.push_back(std::move(plan));
    }
    if (!any) return std::optional<PlanPtr>();
    return std::optional(dis_max_plan(std::move(plans), 1, context_.scores));
  }

  const SimpleQueryString& query_;
  PlanContext context_;
  std::vector<BoostedField> fields_;
  bool lenient_ = false;
  uint32_t min_should_ = 1;
  std::string text_;
};

Result<PlanPtr> SimpleQueryString::plan(const PlanContext& context) const {
  return SimpleParser(*this, context).run();
}

Error unsupported_field(const NodeMember& member, ParseContext& context) {
  return fail_at(context, member.value.start(),
                 "[simple_query_string] unsupported field [" + member.key + "]");
}

}  // namespace

Result<ClausePtr> parse_simple_query_string(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<SimpleQueryString>();
  bool found = false;
  for (const NodeMember& member : body.members()) {
    const Node& value = member.value;
    if (member.key == "fields" && value.is_array()) {
      for (const Node& element : value.elements()) {
        ASSIGN_OR_RETURN(const std::string text, read_text(element, context));
        ASSIGN_OR_RETURN(BoostedField field, parse_boosted_field(text));
        clause->fields.push_back(std::move(field));
      }
      continue;
    }
    if (!value.is_scalar()) return unsupported_field(member, context);
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (common) continue;
    if (member.key == "query") {
      ASSIGN_OR_RETURN(clause->query, read_text(value, context));
      found = true;
    } else if (member.key == "analyzer") {
      ASSIGN_OR_RETURN(clause->analyzer, read_text(value, context));
    } else if (member.key == "default_operator") {
      ASSIGN_OR_RETURN(clause->default_and, parse_operator_is_and(value.text()));
    } else if (member.key == "lenient") {
      ASSIGN_OR_RETURN(clause->lenient, read_bool(value, context));
    } else if (member.key == "minimum_should_match") {
      ASSIGN_OR_RETURN(clause->minimum_should_match, read_text_or_null(value, context));
    } else if (member.key == "quote_field_suffix") {
      ASSIGN_OR_RETURN(clause->quote_field_suffix, read_text_or_null(value, context));
    } else if (member.key == "fuzzy_prefix_length") {
      ASSIGN_OR_RETURN(const int64_t v, read_int(value, context));
      clause->fuzzy.prefix_length = static_cast<uint32_t>(std::max<int64_t>(v, 0));
    } else if (member.key == "fuzzy_max_expansions") {
      ASSIGN_OR_RETURN(const int64_t v, read_int(value, context));
      clause->fuzzy.max_expansions = static_cast<uint32_t>(std::clamp<int64_t>(v, 1, kClausesMax));
    } else if (member.key == "fuzzy_transpositions") {
      ASSIGN_OR_RETURN(clause->fuzzy.transpositions, read_bool(value, context));
    } else if (member.key == "analyze_wildcard" ||
               member.key == "auto_generate_synonyms_phrase_query") {
      RETURN_IF_ERROR(
          read_bool(value, context));  // prefixes are always analysed here, synonyms are no graphs
    } else if (member.key == "flags") {
      // -1, ALL: every operator.
      if (value.text() != "ALL" && value.text() != "-1") {
        return fail_at(context, value.start(),
                       "[simple_query_string] flags [" + value.text() + "] are not supported");
      }
    } else {
      return unsupported_field(member, context);
    }
  }
  if (!found) return fail_at(context, body.end(), "[simple_query_string] query text missing");
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
