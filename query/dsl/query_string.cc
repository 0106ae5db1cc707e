#include <algorithm>

#include "index/analysis/analyzer.h"
#include "index/date/time_zone.h"
#include "query/dsl/lucene_syntax.h"
#include "query/dsl/min_should_match.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/dsl/text_query.h"
#include "query/dsl/url_query.h"
#include "query/exec/boolean.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {
namespace {

class QueryString final : public Clause {
 public:
  std::string_view kind() const override { return "query_string"; }

  Result<PlanPtr> plan(const PlanContext& context) const override;

  std::string query;
  std::string default_field;
  std::vector<BoostedField> fields;
  bool default_and = false;
  bool allow_leading_wildcard = true;
  bool analyze_wildcard = false;
  bool escape = false;
  std::optional<bool> lenient;
  std::string analyzer, quote_analyzer, quote_field_suffix, minimum_should_match, time_zone,
      fuzziness = "AUTO";
  uint32_t phrase_slop = 0, fuzzy_prefix_length = 0, fuzzy_max_expansions = kFuzzyExpansionsDefault;
  bool fuzzy_transpositions = true;
  float tie_breaker = 0;
  TextMode text_mode = TextMode::kBoolean;  // type: phrase and phrase_prefix
};

// One query on one index: the tree of the syntax becomes plans.
class Builder {
 public:
  Builder(const QueryString& query, const PlanContext& context)
      : query_(query), context_(context) {}

  Result<PlanPtr> run() {
    for (const auto& [what, name] :
         {std::pair("analyzer", &query_.analyzer), {"quote_analyzer", &query_.quote_analyzer}}) {
      RETURN_IF_ERROR(check_analyzer(context_.index, "query_string", what, *name));
    }
    const std::string text = query_.escape ? escape_lucene(query_.query) : query_.query;
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return none_plan();
    if (!query_.default_field.empty() && !query_.fields.empty()) {
      const char* reason =
          "Validation Failed: 1: [query_string] cannot use [fields] parameter in conjunction with "
          "[default_field];";
      return Error({"query_validation_exception", 400}, reason);
    }
    std::vector<BoostedField> patterns = query_.fields;
    if (!query_.default_field.empty()) patterns = {{query_.default_field, 1}};
    bool all = false;
    ASSIGN_OR_RETURN(defaults_, expand_fields(context_.index, patterns, all));
    all_ = all;
    lenient_ = query_.lenient.value_or(all);
    Result<LuceneNode> tree = parse_lucene(text);
    if (!tree) {
      return context_.index.shard_error("Failed to parse query [" + text + "]")
          .because(std::move(tree.error()));
    }
    ASSIGN_OR_RETURN(std::optional<PlanPtr> plan, group(*tree, context_, true));
    return plan ? *plan : none_plan();
  }

 private:
  using Maybe = std::optional<PlanPtr>;  // empty: the text came to nothing, the clause is dropped

  struct Occurring {
    enum Occur : uint8_t { kMust, kShould, kMustNot } occur;
    PlanPtr plan;
  };

  Result<Maybe> group(const LuceneNode& node, const PlanContext& outer, bool root) {
    const PlanContext context = outer.boosted(node.boost);
    std::vector<Occurring> found;
    for (const LuceneClause& clause : node.clauses) {
      using Conjunction = LuceneClause::Conjunction;
      using Modifier = LuceneClause::Modifier;
      // QueryParserBase.addClause: AND makes the clause before it required, OR under a default of
      // AND optional.
      if (!found.empty() && clause.conjunction == Conjunction::kAnd &&
          found.back().occur != Occurring::kMustNot) {
        found.back().occur = Occurring::kMust;
      }
      if (!found.empty() && query_.default_and && clause.conjunction == Conjunction::kOr &&
          found.back().occur != Occurring::kMustNot) {
        found.back().occur = Occurring::kShould;
      }
      const bool prohibited = clause.modifier == Modifier::kNot;
      const bool required = query_.default_and
                                ? !prohibited && clause.conjunction != Conjunction::kOr
                                : clause.modifier == Modifier::kRequired ||
                                      (clause.conjunction == Conjunction::kAnd && !prohibited);
      const auto occur = prohibited ? Occurring::kMustNot
                         : required ? Occurring::kMust
                                    : Occurring::kShould;
      const PlanContext inner = prohibited ? context.without_scores() : context;
      // Bare words on one analysed field are clauses of their own; else one text for each field.
      if (clause.node->words.size() > 1 && splits_words(*clause.node)) {
        for (const std::string& word : clause.node->words) {
          LuceneNode one;
          one.field = clause.node->field;
          one.has_field = clause.node->has_field;
          one.text = word;
          ASSIGN_OR_RETURN(Maybe plan, leaf(one, inner));
          if (plan)
            found.push_back({query_.default_and ? Occurring::kMust : Occurring::kShould, *plan});
        }
        continue;
      }
      ASSIGN_OR_RETURN(Maybe plan, clause.node->type == LuceneNode::Type::kBool
                                       ? group(*clause.node, inner, false)
                                       : leaf(*clause.node, inner));
      if (plan) found.push_back({occur, *plan});
    }
    if (found.empty()) return Maybe();
    if (found.size() > kClausesMax) {
      return Error({"too_many_clauses", 400},
                   "maxClauseCount is set to " + std::to_string(kClausesMax));
    }
    if (found.size() == 1 && found[0].occur != Occurring::kMustNot) return Maybe(found[0].plan);
    BoolParts parts;
    for (Occurring& clause : found) {
      auto& list = clause.occur == Occurring::kMust     ? parts.must
                   : clause.occur == Occurring::kShould ? parts.should
                                                        : parts.must_not;
      list.push_back(std::move(clause.plan));
    }
    parts.min_should = parts.must.empty() && !parts.should.empty() ? 1 : 0;
    if (root && !query_.minimum_should_match.empty() && !parts.should.empty()) {
      ASSIGN_OR_RETURN(const uint32_t wanted,
                       min_should_match(query_.minimum_should_match,
                                        static_cast<uint32_t>(parts.should.size())));
      parts.min_should = std::max(parts.min_should, wanted);
    }
    return Maybe(bool_plan(std::move(parts), context.scores));
  }

  std::vector<BoostedField> fields_of(const LuceneNode& node) const {
    if (!node.has_field) return defaults_;
    if (node.field.find('*') == std::string::npos) return {{node.field, 1}};
    bool all = false;
    auto found = expand_fields(context_.index, {{node.field, 1}}, all);
    return found ? *found : std::vector<BoostedField>();
  }

  bool splits_words(const LuceneNode& node) const {
    const auto fields = fields_of(node);
    if (fields.size() != 1) return false;
    const index::MappedField* field = resolve_field(context_.index, fields[0].pattern).field;
    return field != nullptr &&
           (field->type == index::FieldType::kText || field->split_queries_on_whitespace);
  }

  Result<Maybe> leaf(const LuceneNode& node, const PlanContext& outer) {
    using Type = LuceneNode::Type;
    const PlanContext context = outer.boosted(node.boost);
    if (node.has_field && node.field == "_exists_") {
      ASSIGN_OR_RETURN(PlanPtr plan, field_exists_plan(context, node.text));
      return Maybe(std::move(plan));
    }
    if (node.type == Type::kWildcard && node.text == "*") {
      const bool everything = node.has_field ? node.field == "*" : all_;
      if (everything) return Maybe(all_plan(context.boost));
      if (node.has_field && node.field.find('*') == std::string::npos) {
        ASSIGN_OR_RETURN(PlanPtr plan, field_exists_plan(context, node.field));  // never leniently
        return Maybe(std::move(plan));
      }
    }
    std::vector<PlanPtr> plans;
    bool any = false;
    for (const BoostedField& field : fields_of(node)) {
      Result<Maybe> plan = field_plan(node, field.pattern, context.boosted(field.boost));
      if (!plan) {
        if (!lenient_) return plan.error();
        any = true;
        continue;
      }
      if (!*plan) continue;
      any = true;
      plans.push_back(**plan);
    }
    if (!any && !node.has_field && defaults_.empty()) return Maybe(none_plan());
    if (!any) return Maybe();
    return Maybe(dis_max_plan(std::move(plans), query_.tie_breaker, context.scores));
  }

  Result<Maybe> field_plan(const LuceneNode& node, const std::string& field,
                           const PlanContext& context) {
    using Type = LuceneNode::Type;
    Result<PlanPtr> plan = none_plan();
    switch (node.type) {
      case Type::kQuoted:
        return text_plan(node, field, context, true);
      case Type::kTerm:
        if (node.text.size() > 1 && (node.text[0] == '<' || node.text[0] == '>')) {
          plan = comparison(node.text, field, context);
          break;
        }
        return text_plan(node, field, context, false);
      case Type::kRange:
        plan = range(node, field, context);
        break;
      case Type::kFuzzy:
        plan = fuzzy(node, field, context);
        break;
      case Type::kPrefix:
        plan = prefix(node.text, field, context);
        break;
      case Type::kWildcard:
        plan = wildcard(node.text, field, context);
        break;
      case Type::kRegexp: {
        ASSIGN_OR_RETURN(TermPattern pattern, regexp_pattern(node.text, false));
        plan = field_pattern_plan(context, field, "regexp", std::move(pattern));
        break;
      }
      case Type::kBool:
        break;
    }
    if (!plan) return plan.error();
    return Maybe(std::move(*plan));
  }

  Result<Maybe> text_plan(const LuceneNode& node, const std::string& name,
                          const PlanContext& context, bool quoted) {
    TextOptions options;
    options.all_terms = query_.default_and;
    options.lenient = lenient_;
    options.analyzer =
        quoted && !query_.quote_analyzer.empty() ? query_.quote_analyzer : query_.analyzer;
    options.slop = node.has_slop ? node.slop : query_.phrase_slop;
    std::string field = name;
    if (quoted && !query_.quote_field_suffix.empty() &&
        resolve_field(context.index, name + query_.quote_field_suffix).field != nullptr) {
      field = name + query_.quote_field_suffix;
    }
    const FieldRef ref = resolve_field(context.index, field);
    if (ref.field != nullptr && ref.field->type == index::FieldType::kText) {
      ASSIGN_OR_RETURN(
          const std::vector<AnalyzedTerm> terms,
          analyze_for(context, ref.field, options.analyzer, node.text, quoted, "query_string"));
      if (terms.empty()) return Maybe();
    }
    if (ref.field != nullptr && ref.field->date() && !query_.time_zone.empty()) {
      RangeBounds bounds;
      bounds.low = bounds.high = Literal::of_text(node.text);
      bounds.time_zone = query_.time_zone;
      ASSIGN_OR_RETURN(PlanPtr plan, field_range_plan(context, field, bounds));
      return Maybe(std::move(plan));
    }
    const TextMode mode = quoted ? TextMode::kPhrase : query_.text_mode;
    ASSIGN_OR_RETURN(PlanPtr plan, field_text_plan(context, field, Literal::of_text(node.text),
                                                   mode, options, "query_string"));
    return Maybe(std::move(plan));
  }

  Result<PlanPtr> comparison(std::string_view text, const std::string& field,
                             const PlanContext& context) {
    const bool greater = text[0] == '>';
    const bool equal = text.size() > 2 && text[1] == '=';
    const Literal value = Literal::of_text(std::string(text.substr(equal ? 2 : 1)));
    RangeBounds bounds;
    bounds.time_zone = query_.time_zone;
    if (greater) {
      bounds.low = value;
      bounds.include_low = equal;
    } else {
      bounds.high = value;
      bounds.include_high = equal;
    }
    return field_range_plan(context, field, bounds);
  }

  Result<PlanPtr> range(const LuceneNode& node, const std::string& field,
                        const PlanContext& context) {
    RangeBounds bounds;
    bounds.time_zone = query_.time_zone;
    bounds.include_low = node.include_low;
    bounds.include_high = node.include_high;
    if (node.low_quoted || node.low != "*")
      bounds.low = Literal::of_text(normalized(field, node.low));
    if (node.high_quoted || node.high != "*")
      bounds.high = Literal::of_text(normalized(field, node.high));
    if (!bounds.low && !bounds.high) return field_exists_plan(context, field);
    return field_range_plan(context, field, bounds);
  }

  Result<PlanPtr> fuzzy(const LuceneNode& node, const std::string& field,
                        const PlanContext& context) {
    const FieldRef ref = resolve_field(context.index, field);
    if (ref.field == nullptr) return none_plan();
    if (!is_string_field(*ref.field) || ref.field->type == index::FieldType::kFlattened)
      return field_pattern_plan(context, field, "fuzzy", {});
    FuzzyOptions options;
    ASSIGN_OR_RETURN(options.fuzziness,
                     Fuzziness::parse(node.fuzzy.empty() ? query_.fuzziness : node.fuzzy));
    options.prefix_length = query_.fuzzy_prefix_length;
    options.max_expansions = query_.fuzzy_max_expansions;
    options.transpositions = query_.fuzzy_transpositions;
    return fuzzy_plan(context, ref.path, ref.field->kind, normalized(field, node.text), options);
  }

  std::string normalized(const std::string& field, const std::string& text) const {
    const FieldRef ref = resolve_field(context_.index, field);
    if (ref.field == nullptr) return text;
    if (ref.field->type == index::FieldType::kText && ref.field->search_analyzer != nullptr) {
      return ref.field->search_analyzer->normalize(text);
    }
    if (ref.field->type == index::FieldType::kKeyword && ref.field->analyzer != nullptr) {
      return ref.field->analyzer->normalize(text);
    }
    return text;
  }

  Result<PlanPtr> prefix(const std::string& text, const std::string& field,
                         const PlanContext& context) {
    const FieldRef ref = resolve_field(context.index, field);
    const bool analyzed = ref.field != nullptr && ref.field->type == index::FieldType::kText;
    if (query_.analyze_wildcard && analyzed) {
      ASSIGN_OR_RETURN(
          const std::vector<AnalyzedTerm> terms,
          analyze_for(context, ref.field, query_.analyzer, text, false, "query_string"));
      if (terms.size() > 1) {
        BoolParts parts;
        for (size_t i = 0; i < terms.size(); ++i) {
          PlanPtr plan = i + 1 == terms.size()
                             ? pattern_plan(ref.path, ref.field->kind,
                                            prefix_pattern(terms[i].text), context.boost)
                             : term_plan(context.index, {ref.path, ref.field->kind, terms[i].text},
                                         context.boost, context.scores);
          (query_.default_and ? parts.must : parts.should).push_back(std::move(plan));
        }
        parts.min_should = query_.default_and ? 0 : 1;
        return bool_plan(std::move(parts), context.scores);
      }
      if (terms.size() == 1)
        return field_pattern_plan(context, field, "prefix", prefix_pattern(terms[0].text));
    }
    return field_pattern_plan(context, field, "prefix", prefix_pattern(normalized(field, text)));
  }

  Result<PlanPtr> wildcard(const std::string& text, const std::string& field,
                           const PlanContext& context) {
    if (text == "*") return field_exists_plan(context, field);
    if (!query_.allow_leading_wildcard && (text[0] == '*' || text[0] == '?')) {
      Error cause(kLuceneParse, "'*' or '?' not allowed as first character in WildcardQuery");
      return context_.index.shard_error("Failed to parse query [" + query_.query + "]")
          .because(std::move(cause));
    }
    if (const index::MappedField* metadata = metadata_field(field);
        metadata != nullptr && is_constant(*metadata)) {
      return context.index.shard_error(
          "Can only use wildcard queries on keyword, text and wildcard fields - not on [" + field +
          "] which is of type [" + field + "]");
    }
    return field_pattern_plan(context, field, "wildcard",
                              wildcard_pattern(normalized(field, text)));
  }

  const QueryString& query_;
  PlanContext context_;
  std::vector<BoostedField> defaults_;
  bool all_ = false;
  bool lenient_ = false;
};

Result<PlanPtr> QueryString::plan(const PlanContext& context) const {
  return Builder(*this, context).run();
}

Status read_member(QueryString& clause, const NodeMember& member, ParseContext& context) {
  const std::string& key = member.key;
  const Node& value = member.value;
  const auto text = [&](std::string& out) -> Status {
    ASSIGN_OR_RETURN(out, read_text_or_null(value, context));
    return {};
  };
  const auto flag = [&](bool& out) -> Status {
    ASSIGN_OR_RETURN(out, read_bool(value, context));
    return {};
  };
  const auto count = [&](uint32_t& out) -> Status {
    ASSIGN_OR_RETURN(const int64_t v, read_int(value, context));
    out = static_cast<uint32_t>(std::clamp<int64_t>(v, 0, INT32_MAX));
    return {};
  };
  if (key == "query") return text(clause.query);
  if (key == "default_field") return text(clause.default_field);
  if (key == "default_operator") {
    ASSIGN_OR_RETURN(clause.default_and, parse_operator_is_and(value.text()));
    return {};
  }
  if (key == "analyzer") return text(clause.analyzer);
  if (key == "quote_analyzer") return text(clause.quote_analyzer);
  if (key == "quote_field_suffix") return text(clause.quote_field_suffix);
  if (key == "allow_leading_wildcard") return flag(clause.allow_leading_wildcard);
  if (key == "analyze_wildcard") return flag(clause.analyze_wildcard);
  if (key == "escape") return flag(clause.escape);
  if (key == "fuzzy_transpositions") return flag(clause.fuzzy_transpositions);
  if (key == "fuzzy_prefix_length") return count(clause.fuzzy_prefix_length);
  if (key == "fuzzy_max_expansions") return count(clause.fuzzy_max_expansions);
  if (key == "phrase_slop") return count(clause.phrase_slop);
  if (key == "fuzziness") return text(clause.fuzziness);
  if (key == "minimum_should_match") return text(clause.minimum_should_match);
  if (key == "tie_breaker") {
    ASSIGN_OR_RETURN(clause.tie_breaker, read_float(value, context));
    return {};
  }
  if (key == "lenient") {
    if (value.is_null()) return {};
    ASSIGN_OR_RETURN(clause.lenient, read_bool(value, context));
    return {};
  }
  if (key == "time_zone") {
    RETURN_IF_ERROR(text(clause.time_zone));
    if (clause.time_zone.empty()) return {};
    auto zone = index::TimeZone::make(clause.time_zone);
    if (!zone) return fail_with(context, value.start(), std::move(zone.error()));
    return {};
  }
  if (key == "type") {
    if (value.text() == "best_fields") return {};
    if (value.text() == "most_fields") {
      clause.tie_breaker = 1;
      return {};
    }
    if (value.text() == "phrase" || value.text() == "phrase_prefix") {
      clause.text_mode = value.text() == "phrase" ? TextMode::kPhrase : TextMode::kPhrasePrefix;
      return {};
    }
    if (value.text() == "cross_fields" || value.text() == "bool_prefix") {
      return fail_at(context, value.start(),
                     "[query_string] query does not support [type] [" + value.text() + "]");
    }
    return fail_with(
        context, value.start(),
        Error(error_types::kElasticsearchParse,
              "failed to parse [multi_match] query type [" + value.text() + "]. unknown type."));
  }
  // Scores, automata and synonyms of which we make nothing else.
  if (key == "rewrite" || key == "fuzzy_rewrite" || key == "max_determinized_states" ||
      key == "enable_position_increments" || key == "auto_generate_synonyms_phrase_query") {
    RETURN_IF_ERROR(read_text_or_null(value, context));
    return {};
  }
  return unsupported_member("query_string", member, context);
}

}  // namespace

Result<ClausePtr> parse_query_string(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<QueryString>();
  bool found = false;
  for (const NodeMember& member : body.members()) {
    if (member.key == "fields" && member.value.is_array()) {
      for (const Node& element : member.value.elements()) {
        ASSIGN_OR_RETURN(const std::string text, read_text(element, context));
        ASSIGN_OR_RETURN(BoostedField field, parse_boosted_field(text));
        clause->fields.push_back(std::move(field));
      }
      continue;
    }
    if (!member.value.is_scalar()) return unsupported_member("query_string", member, context);
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (common) continue;
    RETURN_IF_ERROR(read_member(*clause, member, context));
    found |= member.key == "query" && !member.value.is_null();
  }
  if (!found) return fail_at(context, body.end(), "[query_string] must be provided with a [query]");
  return ClausePtr(std::move(clause));
}

Result<ClausePtr> parse_url_query(const ParamLookup& params) {
  auto clause = std::make_shared<QueryString>();
  clause->query = *params("q");
  if (const auto* v = params("df")) clause->default_field = *v;
  if (const auto* v = params("analyzer")) clause->analyzer = *v;
  const auto flag = [&](std::string_view name) -> Result<std::optional<bool>> {
    const std::string* v = params(name);
    if (v == nullptr) return std::optional<bool>();
    if (v->empty() || *v == "true" || *v == "false") return std::optional(*v != "false");
    return Error(error_types::kIllegalArgument,
                 "Failed to parse value [" + *v + "] as only [true] or [false] are allowed.");
  };
  ASSIGN_OR_RETURN(const std::optional<bool> wildcards, flag("analyze_wildcard"));
  clause->analyze_wildcard = wildcards.value_or(false);
  ASSIGN_OR_RETURN(clause->lenient, flag("lenient"));
  if (const auto* v = params("default_operator")) {
    ASSIGN_OR_RETURN(clause->default_and, parse_operator_is_and(*v));
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
