// JSON scalars to values of their field: Elasticsearch's parsing, coercion, null values and
// refusals, and what becomes of a value that does not fit when conflicts are accepted (D17):
//
//   a number where a boolean or a narrower number is mapped   kF64
//   anything else                                             kOrdinals, and kTerms (standard
//   analyzer), of its text
//
// under the field's path, which is then named in `ignored`. Text over Lucene's term limit is kept
// as kTerms only.
#pragma once

#include "index/document/json_cursor.h"
#include "index/document/parse_context.h"

namespace stratalog::index {

class ValueReader {
 public:
  explicit ValueReader(ParseContext& context) : context_(context) {}

  // The scalar and its multi-fields'. False: context.error says why.
  bool put(const CompiledField& field, const Scalar& scalar);
  // Keeps a value that does not fit; only when conflicts are accepted.
  void keep_conflict(const MappedField& field, const Scalar& scalar);
  // mapper_parsing_exception "failed to parse field [..] of type [..] in document with id '..'.
  // ...".
  Error refusal(const MappedField& field, std::string_view preview, Error cause) const;
  // Such a preview of any JSON text.
  static std::string preview(std::string_view json);
  // What kOrdinals of `path` may hold; else the error of an immense term.
  bool check_term(const MappedField& field, std::string_view term);
  void push(const MappedField& field, Kind kind, std::string_view text) {
    context_.out->values.push_back({field.id, kind, 0, text});
  }

 private:
  struct Number {
    int64_t sortable = 0;
    std::optional<Error> problem;
  };
  bool put_one(const CompiledField& field, const Scalar& scalar);
  bool put_null(const CompiledField& field);
  bool put_text(const CompiledField& field, std::string_view text);
  bool put_keyword(const CompiledField& field, std::string_view text);
  bool put_constant(const CompiledField& field, const Scalar& scalar);
  bool put_number(const CompiledField& field, const Scalar& scalar);
  bool put_date(const CompiledField& field, const Scalar& scalar);
  bool put_ip(const CompiledField& field, const Scalar& scalar);
  bool put_boolean(const CompiledField& field, const Scalar& scalar);
  bool put_binary(const CompiledField& field, const Scalar& scalar);
  bool malformed(const CompiledField& field, const Scalar& scalar, Error cause);
  bool give(const CompiledField& field, int64_t number) {
    if (field.emits)
      context_.out->values.push_back({field.field->id, field.field->kind, number, {}});
    return true;
  }
  Number whole_number(const MappedField& field, const Scalar& scalar) const;
  Number unsigned_number(const MappedField& field, const Scalar& scalar) const;
  Number floating_number(const MappedField& field, const Scalar& scalar) const;
  std::string at_end(const Scalar& scalar) const;

  ParseContext& context_;
};

}  // namespace stratalog::index
