#include "query/highlight/highlight_request.h"

#include "query/dsl/parse_helpers.h"

namespace stratalog::query {
namespace {

Error x_content(const Location& at, const std::string& what) {
  return Error(error_types::kXContentParse, at_text(at) + " " + what);
}

Status read_tags(const Node& node, std::vector<std::string>& out, ParseContext& context) {
  out.clear();
  if (node.is_scalar()) {
    ASSIGN_OR_RETURN(std::string tag, read_text(node, context));
    out.push_back(std::move(tag));
    return {};
  }
  for (const Node& element : node.elements()) {
    ASSIGN_OR_RETURN(std::string tag, read_text(element, context));
    out.push_back(std::move(tag));
  }
  if (out.empty()) return Error(error_types::kIllegalArgument, "pre_tags must not be empty");
  return {};
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// What a field's settings and the request's share. False: not one of these.
Result<bool> read_option(HighlightOptions& options, const NodeMember& member, const char* parser,
                         ParseContext& context) {
  const std::string& key = member.key;
  const Node& value = member.value;
  const auto refused = [&](const std::string& what) {
    return x_content(value.start(), std::string("[") + parser + "] " + what);
  };
  if (key == "pre_tags") {
    RETURN_IF_ERROR(read_tags(value, options.pre_tags, context));
  } else if (key == "post_tags") {
    RETURN_IF_ERROR(read_tags(value, options.post_tags, context));
  } else if (key == "fragment_size") {
    ASSIGN_OR_RETURN(options.fragment_size, read_int(value, context));
  } else if (key == "number_of_fragments") {
    ASSIGN_OR_RETURN(options.number_of_fragments, read_int(value, context));
  } else if (key == "no_match_size") {
    ASSIGN_OR_RETURN(options.no_match_size, read_int(value, context));
  } else if (key == "require_field_match") {
    ASSIGN_OR_RETURN(options.require_field_match, read_bool(value, context));
  } else if (key == "max_analyzed_offset") {
    ASSIGN_OR_RETURN(options.max_analyzed_offset, read_int(value, context));
    if (*options.max_analyzed_offset <= 0)
      return refused("[max_analyzed_offset] must be a positive integer");
  } else if (key == "order") {
    const std::string order = lower(value.text());
    if (order != "score" && order != "none") {
      return Error(error_types::kIllegalArgument,
                   "No enum constant "
                   "org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder.Order." +
                       order);
    }
    options.order_by_score = order == "score";
  } else if (key == "boundary_scanner") {
    const std::string scanner = lower(value.text());
    if (scanner != "sentence" && scanner != "word")
      return refused("boundary_scanner [" + scanner + "] is not supported");
    options.word_boundaries = scanner == "word";
  } else if (key == "type") {
    if (value.text() != "unified") return refused("type [" + value.text() + "] is not supported");
  } else if (key == "highlight_query") {
    if (!value.is_object())
      return refused("highlight_query doesn't support values of type: " +
                     std::string(value.token_name()));
    ASSIGN_OR_RETURN(options.query, parse_query(value, context));
  } else if (key == "boundary_scanner_locale" || key == "fragmenter" || key == "phrase_limit" ||
             key == "boundary_max_scan" || key == "boundary_chars" || key == "force_source" ||
             key == "highlight_filter") {
    // Of other highlighters and other stores: the unified one does not look at them either.
  } else {
    return false;
  }
  return true;
}

Result<HighlightField> read_field(const NodeMember& member, const HighlightOptions& defaults,
                                  ParseContext& context) {
  HighlightField field{member.key, defaults};
  if (!member.value.is_object()) {
    return x_content(member.value.start(), "[fields] failed to parse field [" + member.key + "]");
  }
  for (const NodeMember& option : member.value.members()) {
    ASSIGN_OR_RETURN(const bool known,
                     read_option(field.options, option, "highlight_field", context));
    if (known) continue;
    if (option.key == "fragment_offset") continue;  // of the fast vector highlighter
    Error error = x_content(option.at, "[highlight_field] unknown field [" + option.key + "]");
    Error inner =
        x_content(option.value.start(), "[fields] failed to parse field [" + member.key + "]")
            .because(error);
    Error outer = x_content(option.value.start(), "[highlight] failed to parse field [fields]")
                      .because(std::move(inner));
    outer.root_causes.push_back(std::move(error));
    return outer;
  }
  return field;
}

}  // namespace

Result<HighlightRequest> parse_highlight(const Node& value, ParseContext& context) {
  HighlightRequest request;
  HighlightOptions defaults;
  for (const NodeMember& member : value.members()) {
    if (member.key == "fields") continue;
    ASSIGN_OR_RETURN(const bool known, read_option(defaults, member, "highlight", context));
    if (known) continue;
    if (member.key == "encoder") {
      request.html = member.value.text() == "html";
      continue;
    }
    if (member.key == "tags_schema") {
      if (member.value.text() == "default") continue;
      if (member.value.text() != "styled") {
        return x_content(member.value.start(), "[highlight] failed to parse field [tags_schema]");
      }
      defaults.pre_tags = {"<em class=\"hlt1\">"};
      defaults.post_tags = {"</em>"};
      continue;
    }
    return x_content(member.at, "[highlight] unknown field [" + member.key + "]");
  }
  const Node* fields = value.find("fields");
  if (fields == nullptr) return request;
  const auto add = [&](const Node& object) -> Status {
    for (const NodeMember& member : object.members()) {
      ASSIGN_OR_RETURN(HighlightField field, read_field(member, defaults, context));
      request.fields.push_back(std::move(field));
    }
    return {};
  };
  if (fields->is_object()) {
    RETURN_IF_ERROR(add(*fields));
  } else if (fields->is_array()) {
    for (const Node& element : fields->elements()) {
      if (!element.is_object() || element.size() != 1) {
        return x_content(
            element.start(),
            "[fields] can be a single object with any number of fields or an array where "
            "each entry is an object with a single field");
      }
      RETURN_IF_ERROR(add(element));
    }
  } else {
    return x_content(fields->start(), "[highlight] failed to parse field [fields]");
  }
  return request;
}

}  // namespace stratalog::query
