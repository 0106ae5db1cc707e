#include "api/bulk_parser.h"

#include "api/common.h"
#include "api/scripts.h"
#include "base/json.h"
#include "index/partition/update_body.h"

namespace stratalog::api {

using index::OpType;
using index::VersionType;
using index::WriteOp;

namespace {

std::string_view token_of(const json::Value& value) {
  if (value.is_object()) return "START_OBJECT";
  if (value.is_array()) return "START_ARRAY";
  if (value.is_string()) return "VALUE_STRING";
  if (value.is_number()) return "VALUE_NUMBER";
  return value.is_null() ? "VALUE_NULL" : "VALUE_BOOLEAN";
}

Error bad_line(size_t line, const std::string& what) {
  return Error(error_types::kIllegalArgument,
               "Malformed action/metadata line [" + std::to_string(line) + "], " + what);
}

// Splits the body. `next` gives lines without their ends.
class Lines {
 public:
  explicit Lines(std::string_view body) : rest_(body) {}
  bool done() const { return rest_.empty(); }
  size_t number() const { return number_; }  // of the last line given, from 1
  std::string_view next() {
    const size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return line;
  }

 private:
  std::string_view rest_;
  size_t number_ = 0;
};

struct Action {
  WriteOp op;
  BulkItem item;
  std::string pipeline;
  bool typed = false;
  bool known = true;  // an unknown action's lines are passed over, as Elasticsearch does
};

std::optional<OpType> op_of(std::string_view name) {
  if (name == "index") return OpType::kIndex;
  if (name == "create") return OpType::kCreate;
  if (name == "update") return OpType::kUpdate;
  if (name == "delete") return OpType::kDelete;
  return std::nullopt;
}

Result<int64_t> whole(size_t line, const json::Member& member) {
  const auto number = member.value.to_int();
  if (number) return *number;
  return bad_line(line, "expected a number for field [" + member.key + "] but found [" +
                            std::string(token_of(member.value)) + "]");
}

Status read_parameter(size_t line, const json::Member& member, Action& action) {
  WriteOp& op = action.op;
  const std::string& key = member.key;
  const bool source = key == "_source" && op.type == OpType::kUpdate;
  if (member.value.is_array() || (member.value.is_object() && !source)) {
    return bad_line(line, "expected a simple value for field [" + key + "] but found [" +
                              std::string(token_of(member.value)) + "]");
  }
  if (member.value.is_null()) return {};
  if (key == "_index") {
    op.index = member.value.to_text();
  } else if (key == "_type") {
    op.doc_type = member.value.to_text();
    action.typed = true;
  } else if (key == "_id") {
    op.id = member.value.to_text();
    action.item.id_given = true;
  } else if (key == "routing") {
    op.routing = member.value.to_text();
  } else if (key == "pipeline") {
    action.pipeline = member.value.to_text();
  } else if (key == "op_type" && op.type == OpType::kIndex) {
    if (member.value.to_text() == "create") op.type = OpType::kCreate;
  } else if (key == "version") {
    ASSIGN_OR_RETURN(op.version, whole(line, member));
  } else if (key == "version_type") {
    const std::string type = member.value.to_text();
    if (type == "external" || type == "external_gt") {
      op.version_type = VersionType::kExternal;
    } else if (type == "external_gte") {
      op.version_type = VersionType::kExternalGte;
    } else if (type != "internal") {
      return Error(error_types::kIllegalArgument, "No version type match [" + type + "]");
    }
  } else if (key == "if_seq_no") {
    ASSIGN_OR_RETURN(op.if_seq_no, whole(line, member));
  } else if (key == "if_primary_term") {
    ASSIGN_OR_RETURN(op.if_primary_term, whole(line, member));
  } else if (key == "retry_on_conflict") {
    ASSIGN_OR_RETURN(const int64_t times, whole(line, member));
    op.retry_on_conflict = static_cast<int>(times);
  } else if (key == "require_alias") {
    op.require_alias = member.value.to_bool().value_or(false);
  } else if (key == "_source" && op.type == OpType::kUpdate) {
    ASSIGN_OR_RETURN(const json::Node spec, json::parse_tree(member.value));
    ASSIGN_OR_RETURN(action.item.source, query::parse_source_filter(spec));
  } else {
    return Error(error_types::kIllegalArgument, "Action/metadata line [" + std::to_string(line) +
                                                    "] contains an unknown parameter [" + key +
                                                    "]");
  }
  return {};
}

Result<Action> read_action(std::string_view text, size_t line, const BulkDefaults& defaults) {
  auto parsed = json::parse(text);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) {
    return bad_line(line,
                    "expected START_OBJECT but found [" + std::string(token_of(*parsed)) + "]");
  }
  if (parsed->empty()) return bad_line(line, "expected FIELD_NAME but found [END_OBJECT]");
  const json::Member& member = parsed->as_object().front();
  Action action;
  action.op.index = defaults.index;
  action.op.routing = defaults.routing;
  action.op.require_alias = defaults.require_alias;
  action.op.doc_type = defaults.type;
  action.pipeline = defaults.pipeline;
  const auto type = op_of(member.key);
  action.known = type.has_value();
  if (!action.known) return action;
  action.op.type = *type;
  if (*type == OpType::kUpdate) action.item.source = defaults.source;
  if (!member.value.is_object()) {
    return bad_line(line, "expected START_OBJECT or END_OBJECT but found [" +
                              std::string(token_of(member.value)) + "]");
  }
  for (const json::Member& parameter : member.value.as_object()) {
    RETURN_IF_ERROR(read_parameter(line, parameter, action));
  }
  return action;
}

// What fails one operation without being run.
std::optional<Error> item_error(const Action& action) {
  if (action.item.id_given && action.op.id.empty() && action.op.type != OpType::kDelete) {
    return Error(error_types::kIllegalArgument, "if _id is specified it must not be empty");
  }
  if (!action.pipeline.empty() && action.pipeline != "_none") {
    return Error(error_types::kIllegalArgument,
                 "pipeline with id [" + action.pipeline + "] does not exist");
  }
  return std::nullopt;
}

// Problems of all operations, as ActionRequestValidationException lists them.
void validate(const WriteOp& op, std::vector<std::string>& problems) {
  if (op.index.empty()) problems.emplace_back("index is missing");
  const bool by_id = op.type == OpType::kUpdate || op.type == OpType::kDelete;
  if (by_id && op.id.empty()) problems.emplace_back("id is missing");
  if (op.version && op.version_type == VersionType::kInternal) {
    problems.emplace_back(
        "internal versioning can not be used for optimistic concurrency control. Please use "
        "`if_seq_no` and "
        "`if_primary_term` instead");
  }
  if (op.if_seq_no && op.if_primary_term.value_or(0) == 0) {
    problems.emplace_back("ifSeqNo is set, but primary term is [0]");
  }
  if (!op.if_seq_no && op.if_primary_term.value_or(0) != 0) {
    problems.emplace_back("ifSeqNo is unassigned, but primary term is [" +
                          std::to_string(*op.if_primary_term) + "]");
  }
}

// An update's body is part of the request: what is wrong with it fails the whole.
Status read_update(Action& action, std::vector<std::string>& problems) {
  WriteOp& op = action.op;
  ASSIGN_OR_RETURN(index::UpdateBody body, index::parse_update_body(op.source));
  if (op.version || op.version_type != VersionType::kInternal) {
    return Error(error_types::kIllegalArgument,
                 "Update requests do not support versioning. Please use `if_seq_no` and "
                 "`if_primary_term` instead");
  }
  if (!action.item.source && body.source) {  // the action line and the URL win
    ASSIGN_OR_RETURN(action.item.source, query::parse_source_filter(*body.source));
  }
  if (action.item.source && !action.item.source->enabled) action.item.source.reset();
  if (body.if_seq_no) op.if_seq_no = body.if_seq_no;
  if (body.if_primary_term) op.if_primary_term = body.if_primary_term;
  const auto found = index::update_problems(body, op);
  problems.insert(problems.end(), found.begin(), found.end());
  RETURN_IF_ERROR(prepare_script(body));
  op.update = std::make_shared<const index::UpdateBody>(std::move(body));
  return {};
}

}  // namespace

std::string_view op_name(OpType type) {
  switch (type) {
    case OpType::kIndex:
      return "index";
    case OpType::kCreate:
      return "create";
    case OpType::kUpdate:
      return "update";
    case OpType::kDelete:
      return "delete";
  }
  return "index";
}

Result<BulkRequest> parse_bulk(std::string_view body, const BulkDefaults& defaults) {
  if (!body.ends_with('\n')) {
    return Error(error_types::kIllegalArgument,
                 "The bulk request must be terminated by a newline [\\n]");
  }
  BulkRequest request;
  std::vector<std::string> problems;
  Lines lines(body);
  std::string_view last_text;
  std::optional<Action> last;
  while (!lines.done()) {
    const std::string_view text = lines.next();
    if (text.empty()) continue;
    if (!last || text != last_text) {
      ASSIGN_OR_RETURN(last, read_action(text, lines.number(), defaults));
      last_text = text;
    }
    Action action = *last;
    if (action.op.type != OpType::kDelete || !action.known) {
      if (lines.done()) break;  // an action without its document: Elasticsearch leaves it out
      action.op.source = lines.next();
    }
    if (!action.known) continue;
    request.typed |= action.typed;
    if (action.op.type == OpType::kUpdate) RETURN_IF_ERROR(read_update(action, problems));
    validate(action.op, problems);
    action.op.position = static_cast<uint32_t>(request.items.size());
    action.item.error = item_error(action);
    (action.item.error ? request.refused : request.ops).push_back(std::move(action.op));
    request.items.push_back(std::move(action.item));
  }
  if (request.items.empty()) return validation_error("no requests added");
  if (!problems.empty()) return validation_error(problems);
  return request;
}

}  // namespace stratalog::api
