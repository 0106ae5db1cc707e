// What the clause parsers share: loose values, common members, Elasticsearch's messages.
#pragma once

#include <string>
#include <string_view>

#include "query/dsl/clause.h"

namespace stratalog::query {

// parsing_exception at a place; remembers it in the context for the messages of enclosing objects.
Error fail_at(ParseContext& context, Location at, std::string reason);
// Another error, at a place.
Error fail_with(ParseContext& context, Location at, Error error);

// "[match] query malformed, no start_object after query name"
Status expect_object(const Node& node, std::string_view query, ParseContext& context);
// "[match] query does not support [foo]"
Error unsupported_member(std::string_view query, const NodeMember& member, ParseContext& context);
// Of an array or object where a scalar must be: "[match] unknown token [START_ARRAY] after [query]"
Error unknown_token(std::string_view query, const NodeMember& member, ParseContext& context);

// As XContentParser reads them; errors as of a Java parse.
Result<float> read_float(const Node& node, ParseContext& context);
Result<int64_t> read_int(const Node& node, ParseContext& context);
Result<bool> read_bool(const Node& node, ParseContext& context);
// XContentParser.text(): fails on arrays and objects: "Can't get text on a START_ARRAY at 1:24"
Result<std::string> read_text(const Node& node, ParseContext& context);
// A scalar, of a null an empty text.
Result<std::string> read_text_or_null(const Node& node, ParseContext& context);

// boost and _name. True if the member was one of them.
Result<bool> read_common(Clause& clause, const NodeMember& member, ParseContext& context);

// {"field": value} or {"field": {...}}: the one field of term, match, prefix and their like.
// `on_scalar` reads the short form's value, `on_member` each member of the long one. Returns the
// field's name; empty if there was none.
Result<std::string> read_field_form(const Node& node, std::string_view query, ParseContext& context,
                                    Clause& clause,
                                    const std::function<Status(const Node&)>& on_scalar,
                                    const std::function<Status(const NodeMember&)>& on_member,
                                    bool common_outside = false);

}  // namespace stratalog::query
