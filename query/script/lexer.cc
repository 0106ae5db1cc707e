#include "query/script/lexer.h"

#include <algorithm>
#include <array>

#include "query/script/fault.h"

namespace stratalog::query::script {
namespace {

constexpr std::array<std::string_view, 21> kKeywords = {
    "if",    "else",   "while", "do",         "for",   "in",   "continue",
    "break", "return", "new",   "this",       "throw", "try",  "catch",
    "true",  "false",  "null",  "instanceof", "def",   "void", "instanceof"};

// Longest first.
constexpr std::array<std::string_view, 48> kSymbols = {
    ">>>=", "===", "!==", "==~", "<<=", ">>=", ">>>", "==", "!=", "=~", "<=", ">=",
    "&&",   "||",  "++",  "--",  "+=",  "-=",  "*=",  "/=", "%=", "&=", "^=", "|=",
    "->",   "::",  "?:",  "?.",  "<<",  ">>",  "{",   "}",  "[",  "]",  "(",  ")",
    "$",    ".",   ",",   ";",   "!",   "~",   "*",   "/",  "%",  "+",  "-",  "<"};
constexpr std::array<std::string_view, 7> kMoreSymbols = {">", "&", "^", "|", "?", ":", "="};

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    for (;;) {
      skip();
      if (at_ >= source_.size()) break;
      next();
    }
    Token end;
    end.at = static_cast<uint32_t>(source_.size());
    tokens_.push_back(end);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void refuse(std::string_view text) const {
    throw CompileFault{static_cast<uint32_t>(at_), "illegal_argument_exception",
                       "unexpected character [" + std::string(text) + "].",
                       "lexer_no_viable_alt_exception"};
  }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void skip() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else if (source_.substr(at_, 2) == "//") {
        at_ = std::min(source_.find_first_of("\r\n", at_), source_.size());
      } else if (source_.substr(at_, 2) == "/*") {
        const size_t end = source_.find("*/", at_ + 2);
        if (end == std::string_view::npos) refuse(source_.substr(at_));
        at_ = end + 2;
      } else {
        return;
      }
    }
  }

  void push(Token::Kind kind, std::string text, size_t end) {
    tokens_.push_back({kind, std::move(text), {}, static_cast<uint32_t>(at_)});
    at_ = end;
  }

  // A slash after an operand divides, elsewhere it opens a regular expression.
  bool operand_before() const {
    if (tokens_.empty()) return false;
    const Token& last = tokens_.back();
    if (last.kind == Token::Kind::kSymbol)
      return last.text == ")" || last.text == "]" || last.text == "}" || last.text == "++" ||
             last.text == "--";
    if (last.kind == Token::Kind::kKeyword)
      return last.text == "this" || last.text == "true" || last.text == "false" ||
             last.text == "null";
    return true;
  }

  void next() {
    const char c = peek();
    if (letter(c)) {
      size_t end = at_;
      while (end < source_.size() && (letter(source_[end]) || digit(source_[end]))) ++end;
      std::string text(source_.substr(at_, end - at_));
      const bool member = !tokens_.empty() && (tokens_.back().is(".") || tokens_.back().is("?."));
      const bool keyword =
          !member && std::find(kKeywords.begin(), kKeywords.end(), text) != kKeywords.end();
      push(keyword ? Token::Kind::kKeyword : Token::Kind::kName, std::move(text), end);
      return;
    }
    if (digit(c) || (c == '.' && digit(peek(1)) && !operand_before())) return number();
    if (c == '\'' || c == '"') return text(c);
    if (c == '/' && !operand_before()) return regex();
    for (const std::string_view symbol : kSymbols) {
      if (source_.substr(at_, symbol.size()) == symbol)
        return push(Token::Kind::kSymbol, std::string(symbol), at_ + symbol.size());
    }
    for (const std::string_view symbol : kMoreSymbols) {
      if (source_.substr(at_, symbol.size()) == symbol)
        return push(Token::Kind::kSymbol, std::string(symbol), at_ + symbol.size());
    }
    size_t end = at_ + 1;
    while (end < source_.size() && (source_[end] & 0xC0) == 0x80) ++end;
    refuse(source_.substr(at_, end - at_));
  }

  void number() {
    size_t end = at_;
    const bool member = !tokens_.empty() && (tokens_.back().is(".") || tokens_.back().is("?."));
    if (member) {  // l.0
      while (end < source_.size() && digit(source_[end])) ++end;
      return push(Token::Kind::kName, std::string(source_.substr(at_, end - at_)), end);
    }
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && hex(peek(2))) {
      end += 2;
      while (end < source_.size() && hex(source_[end])) ++end;
      if (end < source_.size() && (source_[end] == 'l' || source_[end] == 'L')) ++end;
      return push(Token::Kind::kNumber, std::string(source_.substr(at_, end - at_)), end);
    }
    while (end < source_.size() && digit(source_[end])) ++end;
    if (end + 1 < source_.size() && source_[end] == '.' && digit(source_[end + 1])) {
      ++end;
      while (end < source_.size() && digit(source_[end])) ++end;
    }
    if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
      size_t exponent = end + 1;
      if (exponent < source_.size() && (source_[exponent] == '+' || source_[exponent] == '-'))
        ++exponent;
      if (exponent < source_.size() && digit(source_[exponent])) {
        end = exponent;
        while (end < source_.size() && digit(source_[end])) ++end;
      }
    }
    if (end < source_.size() && std::string_view("fFdDlL").find(source_[end]) != std::string::npos)
      ++end;
    push(Token::Kind::kNumber, std::string(source_.substr(at_, end - at_)), end);
  }

  void text(char quote) {
    std::string out;
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) {
      if (source_[end] == '\\') {
        const char escaped = end + 1 < source_.size() ? source_[end + 1] : '\0';
        if (escaped != '\\' && escaped != quote)
          refuse(source_.substr(at_, std::min(end + 2, source_.size()) - at_));
        ++end;
      }
      out += source_[end++];
    }
    if (end >= source_.size()) refuse(source_.substr(at_));
    push(Token::Kind::kText, std::move(out), end + 1);
  }

  void regex() {
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != '/') {
      if (source_[end] == '\n') refuse(source_.substr(at_, end - at_));
      end += source_[end] == '\\' ? 2 : 1;
    }
    if (end >= source_.size()) refuse(source_.substr(at_));
    const std::string pattern(source_.substr(at_ + 1, end - at_ - 1));
    size_t flags = ++end;
    while (flags < source_.size() &&
           std::string_view("cilmsUux").find(source_[flags]) != std::string::npos)
      ++flags;
    const std::string letters(source_.substr(end, flags - end));
    push(Token::Kind::kRegex, pattern, flags);
    tokens_.back().flags = letters;
  }

  std::string_view source_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> read_tokens(std::string_view source) { return Lexer(source).run(); }

}  // namespace stratalog::query::script
