#include "query/fetch/field_fetcher.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/unicode.h"
#include "index/analysis/analyzer.h"
#include "index/sortable.h"
#include "query/exec/field_plans.h"
#include "query/exec/field_value.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {

using index::FieldType;
using index::MappedField;

namespace {

std::string opening(std::string_view name) {
  std::string out;
  json::append_escaped(out, name);
  return out += ":[";
}

// What a date is printed with.
std::shared_ptr<const index::DateFormat> own_format(const MappedField& field) {
  if (!field.date()) return nullptr;
  return field.date_format ? field.date_format : index::DateFormat::default_format();
}

}  // namespace

uint32_t FieldFetcher::slot(const std::string& path) {
  const auto [it, is_new] = slots_.emplace(path, static_cast<uint32_t>(values_.size()));
  if (is_new) values_.emplace_back();
  return it->second;
}

FieldFetcher::FieldFetcher(const index::Mapping& mapping) : mapping_(&mapping) {
  for (const auto& field : mapping.fields()) {
    for (const std::string& target : field->copy_to) copies_.emplace(target, field->path);
  }
}

void FieldFetcher::add_sources(Field& field, const std::string& path) {
  if (field.field->parent) {
    field.sources.push_back(slot(mapping_->fields()[*field.field->parent]->path));
    return;
  }
  field.sources.push_back(slot(path));
  const auto [first, last] = copies_.equal_range(path);
  for (auto it = first; it != last; ++it) field.sources.push_back(slot(it->second));
}

FieldFetcher FieldFetcher::stored(const index::Mapping& mapping,
                                  const std::vector<std::string>& names) {
  FieldFetcher out(mapping);
  std::set<std::string> added;
  for (const std::string& name : names) {
    for (const MappedField* mapped : mapping.match(name)) {
      if (!mapped->stored || !added.insert(mapped->path).second) continue;
      Field field{mapped->path, opening(mapped->path), mapped, own_format(*mapped), {}};
      out.add_sources(field, mapped->path);
      out.fields_.push_back(std::move(field));
    }
  }
  return out;
}

Result<FieldFetcher> FieldFetcher::make(const IndexContext& index,
                                        const std::vector<FieldAndFormat>& wanted) {
  const index::Mapping& mapping = index.mapping();
  FieldFetcher out(mapping);
  std::map<std::string, FieldAndFormat> chosen;  // the last that names a field says its format
  std::vector<std::string> unmapped;
  for (const FieldAndFormat& spec : wanted) {
    const bool pattern = spec.field.find('*') != std::string::npos;
    if (spec.include_unmapped) unmapped.push_back(spec.field);
    std::vector<const MappedField*> fields;
    if (pattern) {
      fields = mapping.match(spec.field);
    } else if (const FieldRef ref = resolve_field(index, spec.field); ref.field != nullptr) {
      if (is_metadata(*ref.field)) continue;  // of no source
      chosen[spec.field] = spec;
      chosen[spec.field].field = spec.field;
      continue;
    }
    for (const MappedField* field : fields) {
      chosen[field->path] = spec;
      chosen[field->path].field = field->path;
    }
  }
  for (const auto& [name, spec] : chosen) {
    const FieldRef ref = resolve_field(index, name);
    if (ref.field == nullptr) continue;
    Field field{name, opening(name), ref.field, nullptr, {}};
    if (!spec.format.empty()) {
      if (!ref.field->date()) {
        Error cause(
            error_types::kIllegalArgument,
            "Field [" + name + "] of type [" + ref.field->type_name + "] doesn't support formats.");
        return Error(error_types::kIllegalArgument,
                     "error fetching [" + name + "]: " + cause.reason)
            .because(std::move(cause));
      }
      ASSIGN_OR_RETURN(field.format, index::DateFormat::compile(spec.format));
    } else {
      field.format = own_format(*ref.field);
    }
    if (ref.keyed) {
      field.sources.push_back(out.slot(ref.path + "." + ref.flattened_key));
    } else {
      out.add_sources(field, ref.path);
    }
    out.fields_.push_back(std::move(field));
  }
  if (!unmapped.empty()) out.unmapped_ = std::make_shared<PathPatterns>(std::move(unmapped));
  return out;
}

void FieldFetcher::leaf(const SourceTree::Node& node) {
  const auto it = slots_.find(path_);
  if (it != slots_.end()) {
    values_[it->second].push_back(&node);
    return;
  }
  if (unmapped_ == nullptr || node.type == SourceTree::Type::kNull) return;
  if (mapping_->find(path_) != nullptr || !unmapped_->matches(path_)) return;
  for (auto& [path, nodes] : found_unmapped_) {
    if (path == path_) {
      nodes.push_back(&node);
      return;
    }
  }
  found_unmapped_.push_back({path_, {&node}});
}

void FieldFetcher::walk(const SourceTree& tree, const SourceTree::Node& node) {
  switch (node.type) {
    case SourceTree::Type::kObject: {
      if (!path_.empty()) {
        const auto it = slots_.find(path_);
        if (it != slots_.end()) {
          values_[it->second].push_back(&node);
          // A flattened or unsearched field takes the object as it is.
          if (unmapped_ != nullptr) return;
        }
      }
      const size_t length = path_.size();
      tree.each_child(node, [&](const SourceTree::Node& child) {
        if (length > 0) path_ += '.';
        path_ += child.key;
        walk(tree, child);
        path_.resize(length);
      });
      return;
    }
    case SourceTree::Type::kArray:
      tree.each_child(node, [&](const SourceTree::Node& child) { walk(tree, child); });
      return;
    default:
      leaf(node);
  }
}

// A value as the field prints it, with a comma behind. False if the field does not take it.
bool FieldFetcher::append_value(std::string& out, const Field& wanted,
                                const SourceTree::Node& node) {
  const MappedField& field = *wanted.field;
  using Type = SourceTree::Type;
  std::string_view text = node.text;
  if (node.type == Type::kNull) {
    if (!field.null_value) return false;
    scratch_ = field.null_value->to_text();
    text = scratch_;
  }
  switch (field.type) {
    case FieldType::kFlattened:
    case FieldType::kUnsearched:
    case FieldType::kBinary:
      out += node.raw;
      return true;
    case FieldType::kText:
      if (node.type == Type::kObject) return false;
      json::append_escaped(out, text);
      return true;
    case FieldType::kKeyword:
    case FieldType::kWildcard:
    case FieldType::kConstantKeyword:
      if (node.type == Type::kObject) return false;
      if (text.size() > field.ignore_above && utf16_length(text) > field.ignore_above) return false;
      if (field.normalizer != nullptr && field.type == FieldType::kKeyword) {
        std::string normalized;
        field.normalizer->normalize(text, normalized);
        json::append_escaped(out, normalized);
      } else {
        json::append_escaped(out, text);
      }
      return true;
    case FieldType::kBoolean:
      if (text != "true" && text != "false" && !text.empty()) return false;
      out += text == "true" ? "true" : "false";
      return true;
    case FieldType::kDate:
    case FieldType::kDateNanos: {
      if (node.type == Type::kObject || node.type == Type::kBool) return false;
      const auto& parser =
          field.date_format ? field.date_format : index::DateFormat::default_format();
      std::optional<index::Instant> instant = parser->try_parse(text);
      if (!instant) return false;
      if (field.type == FieldType::kDate) instant = index::Instant::of_millis(instant->millis());
      scratch_.clear();
      wanted.format->append(scratch_, *instant);
      json::append_escaped(out, scratch_);
      return true;
    }
    case FieldType::kIp: {
      const auto ip = parse_ip(text);
      if (!ip) return false;
      json::append_escaped(out, ip_address_text(*ip));
      return true;
    }
    default:
      break;
  }
  if (node.type == Type::kObject || node.type == Type::kBool) return false;
  if (field.type == FieldType::kScaledFloat) {
    double v = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), v).ec != std::errc{}) return false;
    json::append_double(out, std::floor(v * field.scaling_factor + 0.5) / field.scaling_factor);
    return true;
  }
  const auto number = parse_number(field, text);
  if (!number) return false;
  switch (field.kind) {
    case index::Kind::kF64:
      if (field.type == FieldType::kDouble) {
        json::append_double(out, index::double_from_sortable(number->value));
      } else {
        json::append_float(out, static_cast<float>(index::double_from_sortable(number->value)));
      }
      return true;
    case index::Kind::kU64:
      out += std::to_string(index::u64_from_sortable(number->value));
      return true;
    default:
      out += std::to_string(number->value);
      return true;
  }
}

void FieldFetcher::append(std::string& out, const SourceTree& tree, bool& first) {
  for (auto& values : values_) values.clear();
  found_unmapped_.clear();
  written_.clear();
  refused_.clear();
  path_.clear();
  walk(tree, tree.root());
  for (const Field& field : fields_) {
    const size_t before = out.size();
    bool any = false;
    for (const uint32_t source : field.sources) {
      for (const SourceTree::Node* node : values_[source]) {
        if (!any) out.append(first ? "" : ",").append(field.member);
        const size_t at = out.size();
        if (any) out += ',';
        if (append_value(out, field, *node)) {
          any = true;
        } else {
          out.resize(any ? at : before);
          if (node->type != SourceTree::Type::kNull) refused_.emplace_back(field.name, node->raw);
        }
      }
    }
    if (!any) {
      out.resize(before);
      continue;
    }
    out += ']';
    first = false;
    written_.push_back(field.name);
  }
  for (const auto& [path, nodes] : found_unmapped_) {
    out.append(first ? "" : ",").append(opening(path));
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (i > 0) out += ',';
      out += nodes[i]->raw;
    }
    out += ']';
    first = false;
    written_.push_back(path);
  }
}

}  // namespace stratalog::query
