#include "query/dsl/lucene_syntax.h"

#include <charconv>

#include "query/limits.h"

namespace stratalog::query {
namespace {

enum class Kind : uint8_t {
  kEnd,
  kAnd,
  kOr,
  kNot,
  kPlus,
  kMinus,
  kBareOperator,
  kOpen,
  kClose,
  kColon,
  kStar,
  kCaret,
  kQuoted,
  kTerm,
  kFuzzySlop,
  kPrefix,
  kWildcard,
  kRegexp,
  kRangeOpen,
  kRangeOpenExclusive,
};

struct Token {
  Kind kind = Kind::kEnd;
  std::string image;
  size_t column = 0;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_special(char c) {
  return std::string_view("+-!():^[]\"{}~*?\\/").find(c) != std::string_view::npos;
}
bool starts_term(char c) { return !is_space(c) && !is_special(c); }

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() &&
             (is_space(text_[at_]) || text_.substr(at_).starts_with("\xE3\x80\x80"))) {
        at_ += is_space(text_[at_]) ? 1 : 3;
      }
      Token token;
      token.column = at_;
      if (at_ >= text_.size()) {
        tokens.push_back(token);
        return tokens;
      }
      RETURN_IF_ERROR(next(token));
      const bool range = token.kind == Kind::kRangeOpen || token.kind == Kind::kRangeOpenExclusive;
      tokens.push_back(std::move(token));
      // Inside a range other rules hold: the parser reads it from the text.
      if (range) skip_range();
    }
  }

 private:
  Error lexical() const {
    return Error(kLuceneParse, "Lexical error at line 1, column " +
                                   std::to_string(text_.size() + 1) +
                                   ".  Encountered: <EOF> after : \"" + escaped_tail() + "\"");
  }
  std::string escaped_tail() const {
    std::string out;
    for (const char c : text_.substr(at_)) {
      if (c == '"') out += '\\';
      out += c;
    }
    return out;
  }

  void take(Token& token, Kind kind, size_t length) {
    token.kind = kind;
    token.image = text_.substr(at_, length);
    at_ += length;
  }

  Status next(Token& token) {
    const char c = text_[at_];
    const std::string_view rest = text_.substr(at_);
    const bool before_space = rest.size() > 1 && is_space(rest[1]);
    switch (c) {
      case '+':
        take(token, before_space ? Kind::kBareOperator : Kind::kPlus, 1);
        return {};
      case '-':
        take(token, before_space ? Kind::kBareOperator : Kind::kMinus, 1);
        return {};
      case '!':
        take(token, before_space ? Kind::kBareOperator : Kind::kNot, 1);
        return {};
      case '(':
        take(token, Kind::kOpen, 1);
        return {};
      case ')':
        take(token, Kind::kClose, 1);
        return {};
      case ':':
        take(token, Kind::kColon, 1);
        return {};
      case '^':
        take(token, Kind::kCaret, 1);
        return {};
      case '[':
        take(token, Kind::kRangeOpen, 1);
        return {};
      case '{':
        take(token, Kind::kRangeOpenExclusive, 1);
        return {};
      case ']':
      case '}':
        return Error(kLuceneParse, "Encountered \" \"" + std::string(1, c) + "\" \"" +
                                       std::string(1, c) + " \"\" at line 1, column " +
                                       std::to_string(at_) + ".");
      case '~': {
        size_t length = 1;
        while (length < rest.size() &&
               ((rest[length] >= '0' && rest[length] <= '9') || rest[length] == '.'))
          ++length;
        take(token, Kind::kFuzzySlop, length);
        return {};
      }
      case '"':
      case '/': {
        size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != c) end += text_[end] == '\\' ? 2 : 1;
        if (end >= text_.size()) return lexical();
        take(token, c == '"' ? Kind::kQuoted : Kind::kRegexp, end + 1 - at_);
        return {};
      }
      default:
        break;
    }
    if (rest.starts_with("&&")) return take(token, Kind::kAnd, 2), Status();
    if (rest.starts_with("||")) return take(token, Kind::kOr, 2), Status();
    return word(token);
  }

  Status word(Token& token) {
    size_t end = at_;
    bool wild = false, only_last_star = false;
    while (end < text_.size()) {
      const char c = text_[end];
      if (c == '\\') {
        if (end + 1 >= text_.size()) return lexical();
        end += 2;
        only_last_star = false;
      } else if (c == '*' || c == '?') {
        only_last_star = !wild && c == '*';
        wild = true;
        ++end;
      } else if (starts_term(c) || (end > at_ && (c == '-' || c == '+'))) {
        only_last_star = false;
        ++end;
      } else {
        break;
      }
    }
    const std::string_view image = text_.substr(at_, end - at_);
    Kind kind = Kind::kTerm;
    if (image == "*") {
      kind = Kind::kStar;
    } else if (wild) {
      kind = only_last_star ? Kind::kPrefix : Kind::kWildcard;
    } else if (image == "AND") {
      kind = Kind::kAnd;
    } else if (image == "OR") {
      kind = Kind::kOr;
    } else if (image == "NOT") {
      kind = Kind::kNot;
    }
    take(token, kind, end - at_);
    return {};
  }

  void skip_range() {
    bool quoted = false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') quoted = !quoted;
      if (!quoted && (c == ']' || c == '}')) return;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

constexpr const char* kClauseExpected =
    "Was expecting one of:\n    <NOT> ...\n    \"+\" ...\n    \"-\" ...\n    <BAREOPER> ...\n    "
    "\"(\" ...\n    \"*\" "
    "...\n    <QUOTED> ...\n    <TERM> ...\n    <PREFIXTERM> ...\n    <WILDTERM> ...\n    "
    "<REGEXPTERM> ...\n    \"[\" "
    "...\n    \"{\" ...\n    <NUMBER> ...\n    <TERM> ...\n    \"*\" ...\n    ";
constexpr const char* kTopExpected =
    "Was expecting one of:\n    <EOF> \n    <AND> ...\n    <OR> ...\n    <NOT> ...\n    \"+\" "
    "...\n    \"-\" ...\n    "
    "<BAREOPER> ...\n    \"(\" ...\n    \"*\" ...\n    \"^\" ...\n    <QUOTED> ...\n    <TERM> "
    "...\n    "
    "<FUZZY_SLOP> ...\n    <PREFIXTERM> ...\n    <WILDTERM> ...\n    <REGEXPTERM> ...\n    \"[\" "
    "...\n    \"{\" "
    "...\n    <NUMBER> ...\n    ";
constexpr const char* kGroupExpected =
    "Was expecting one of:\n    <AND> ...\n    <OR> ...\n    <NOT> ...\n    \"+\" ...\n    \"-\" "
    "...\n    <BAREOPER> "
    "...\n    \"(\" ...\n    \")\" ...\n    \"*\" ...\n    \"^\" ...\n    <QUOTED> ...\n    <TERM> "
    "...\n    "
    "<FUZZY_SLOP> ...\n    <PREFIXTERM> ...\n    <WILDTERM> ...\n    <REGEXPTERM> ...\n    \"[\" "
    "...\n    \"{\" "
    "...\n    <NUMBER> ...\n    ";
constexpr const char* kRangeExpected =
    "Was expecting one of:\n    \"TO\" ...\n    <RANGE_QUOTED> ...\n    <RANGE_GOOP> ...\n    ";

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Result<LuceneNode> parse() {
    ASSIGN_OR_RETURN(LuceneNode root, query("", false, 0));
    if (peek().kind != Kind::kEnd) return unexpected(kTopExpected);
    return root;
  }

 private:
  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }

  Error unexpected(const char* expected) const {
    const Token& token = peek();
    const std::string where =
        " at line 1, column " + std::to_string(token.column) + ".\n" + expected;
    if (token.kind == Kind::kEnd) return Error(kLuceneParse, "Encountered \"<EOF>\"" + where);
    static constexpr const char* kNames[] = {
        "<EOF>",        "<AND>",      "<OR>",         "<NOT>",  "\"+\"",
        "\"-\"",        "<BAREOPER>", "\"(\"",        "\")\"",  "\":\"",
        "\"*\"",        "\"^\"",      "<QUOTED>",     "<TERM>", "<FUZZY_SLOP>",
        "<PREFIXTERM>", "<WILDTERM>", "<REGEXPTERM>", "\"[\"",  "\"{\""};
    return Error(kLuceneParse, std::string("Encountered \" ") +
                                   kNames[static_cast<size_t>(token.kind)] + " \"" + token.image +
                                   " \"\"" + where);
  }

  static bool ends_words(Kind kind) {
    return kind == Kind::kColon || kind == Kind::kStar || kind == Kind::kFuzzySlop ||
           kind == Kind::kCaret || kind == Kind::kAnd || kind == Kind::kOr;
  }

  // A run of two or more bare words is analysed as one text.
  bool words_ahead() const {
    return peek().kind == Kind::kTerm && peek(1).kind == Kind::kTerm && !ends_words(peek(2).kind);
  }

  Result<LuceneNode> query(const std::string& field, bool has_field, uint32_t depth) {
    if (depth > kQueryStringDepthMax) {
      return Error(kLuceneParse,
                   "too many nested groups: more than " + std::to_string(kQueryStringDepthMax));
    }
    LuceneNode node;
    node.type = LuceneNode::Type::kBool;
    bool first = true;
    while (first || !(peek().kind == Kind::kEnd || peek().kind == Kind::kClose)) {
      LuceneClause clause;
      if (words_ahead()) {
        clause.node = std::make_unique<LuceneNode>();
        clause.node->field = field;
        clause.node->has_field = has_field;
        while (peek().kind == Kind::kTerm && !ends_words(peek(1).kind)) {
          clause.node->words.push_back(unescape(take().image));
        }
        for (const std::string& word : clause.node->words) {
          clause.node->text += (clause.node->text.empty() ? "" : " ") + word;
        }
        first = false;
        node.clauses.push_back(std::move(clause));
        continue;
      }
      if (!first && (peek().kind == Kind::kAnd || peek().kind == Kind::kOr)) {
        clause.conjunction = take().kind == Kind::kAnd ? LuceneClause::Conjunction::kAnd
                                                       : LuceneClause::Conjunction::kOr;
      }
      if (peek().kind == Kind::kPlus) {
        take();
        clause.modifier = LuceneClause::Modifier::kRequired;
      } else if (peek().kind == Kind::kMinus || peek().kind == Kind::kNot) {
        take();
        clause.modifier = LuceneClause::Modifier::kNot;
      }
      ASSIGN_OR_RETURN(LuceneNode inner, this->clause(field, has_field, depth));
      clause.node = std::make_unique<LuceneNode>(std::move(inner));
      node.clauses.push_back(std::move(clause));
      first = false;
    }
    return node;
  }

  Result<LuceneNode> clause(std::string field, bool has_field, uint32_t depth) {
    if ((peek().kind == Kind::kTerm || peek().kind == Kind::kStar ||
         peek().kind == Kind::kWildcard || peek().kind == Kind::kPrefix) &&
        peek(1).kind == Kind::kColon) {
      if (peek().kind == Kind::kWildcard || peek().kind == Kind::kPrefix) {
        at_ += 1;
        return unexpected(depth == 0 ? kTopExpected : kGroupExpected);
      }
      field = unescape(take().image);
      has_field = true;
      take();
    }
    if (peek().kind == Kind::kOpen) {
      take();
      ASSIGN_OR_RETURN(LuceneNode node, query(field, has_field, depth + 1));
      if (peek().kind != Kind::kClose) return unexpected(kGroupExpected);
      take();
      RETURN_IF_ERROR(boost(node));
      return node;
    }
    LuceneNode node;
    node.field = std::move(field);
    node.has_field = has_field;
    RETURN_IF_ERROR(term(node));
    return node;
  }

  Status term(LuceneNode& node) {
    using Type = LuceneNode::Type;
    const Token token = peek();
    switch (token.kind) {
      case Kind::kTerm:
      case Kind::kBareOperator:
        node.type = Type::kTerm;
        node.text = unescape(token.image);
        break;
      case Kind::kStar:
      case Kind::kWildcard:
        node.type = Type::kWildcard;
        node.text = token.image;
        break;
      case Kind::kPrefix:
        node.type = Type::kPrefix;
        node.text = unescape(token.image.substr(0, token.image.size() - 1));
        break;
      case Kind::kRegexp:
        node.type = Type::kRegexp;
        node.text = token.image.substr(1, token.image.size() - 2);
        break;
      case Kind::kQuoted:
        node.type = Type::kQuoted;
        node.text = unescape(std::string_view(token.image).substr(1, token.image.size() - 2));
        break;
      case Kind::kRangeOpen:
      case Kind::kRangeOpenExclusive:
        return range(node, token);
      default:
        return unexpected(kClauseExpected);
    }
    take();
    fuzzy_slop(node);
    RETURN_IF_ERROR(boost(node));
    fuzzy_slop(node);
    return {};
  }

  void fuzzy_slop(LuceneNode& node) {
    if (peek().kind != Kind::kFuzzySlop) return;
    const std::string number = take().image.substr(1);
    if (node.type == LuceneNode::Type::kQuoted) {
      float slop = 0;
      std::from_chars(number.data(), number.data() + number.size(), slop);
      node.slop = slop > 0 ? static_cast<uint32_t>(std::min(slop, 1e6F)) : 0;
      node.has_slop = true;
    } else if (node.type == LuceneNode::Type::kTerm) {
      node.type = LuceneNode::Type::kFuzzy;
      node.fuzzy = number;
    }
  }

  Status boost(LuceneNode& node) {
    if (peek().kind != Kind::kCaret) return {};
    take();
    const Token number = peek();
    const char* first = number.image.data();
    const char* last = first + number.image.size();
    if (number.kind != Kind::kTerm || std::from_chars(first, last, node.boost).ptr != last) {
      return unexpected("Was expecting:\n    <NUMBER> ...\n    ");
    }
    take();
    return {};
  }

  Status range(LuceneNode& node, const Token& open) {
    node.type = LuceneNode::Type::kRange;
    node.include_low = open.kind == Kind::kRangeOpen;
    size_t at = open.column + 1;
    const auto spaces = [&] {
      while (at < text_.size() && is_space(text_[at])) ++at;
    };
    const auto failed = [&](const char* expected) {
      const std::string where = " at line 1, column " + std::to_string(at) + ".\n" + expected;
      if (at >= text_.size()) return Error(kLuceneParse, "Encountered \"<EOF>\"" + where);
      return Error(kLuceneParse, "Encountered \" \"" + std::string(1, text_[at]) + "\" \"" +
                                     std::string(1, text_[at]) + " \"\"" + where);
    };
    const auto part = [&](std::string& out, bool& quoted) {
      spaces();
      quoted = at < text_.size() && text_[at] == '"';
      if (quoted) {
        size_t end = at + 1;
        while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
        if (end >= text_.size()) return false;
        out = unescape(text_.substr(at + 1, end - at - 1));
        at = end + 1;
        return true;
      }
      const size_t begin = at;
      while (at < text_.size() && !is_space(text_[at]) && text_[at] != ']' && text_[at] != '}')
        ++at;
      out = unescape(text_.substr(begin, at - begin));
      return at > begin;
    };
    if (!part(node.low, node.low_quoted)) return failed(kRangeExpected);
    spaces();
    if (text_.substr(at, 2) == "TO" && (at + 2 >= text_.size() || is_space(text_[at + 2]))) at += 2;
    if (!part(node.high, node.high_quoted)) return failed(kRangeExpected);
    spaces();
    if (at >= text_.size() || (text_[at] != ']' && text_[at] != '}')) {
      return failed("Was expecting one of:\n    \"]\" ...\n    \"}\" ...\n    ");
    }
    node.include_high = text_[at] == ']';
    take();
    return boost(node);
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace

Result<LuceneNode> parse_lucene(std::string_view query) {
  const auto named = [&](Error cause) {
    std::string reason = "Cannot parse '" + std::string(query) + "': " + cause.reason;
    return Error(kLuceneParse, std::move(reason)).because(std::move(cause));
  };
  auto tokens = Lexer(query).run();
  if (!tokens) return named(std::move(tokens.error()));
  Result<LuceneNode> root = Parser(query, std::move(*tokens)).parse();
  if (!root) return named(std::move(root.error()));
  return root;
}

std::string escape_lucene(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_special(c) || c == '|' || c == '&') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace stratalog::query
