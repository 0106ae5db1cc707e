#include "index/security/restricted_mapping.h"

#include <algorithm>
#include <set>

namespace stratalog::index::security {

namespace {

class RestrictedMapping final : public Mapping {
 public:
  RestrictedMapping(std::shared_ptr<const Mapping> whole, std::shared_ptr<const AccessRules> rules)
      : whole_(std::move(whole)), rules_(std::move(rules)), json_(whole_->to_json()) {
    for (const auto& field : whole_->fields()) {
      if (!rules_->allows_field(field->path)) continue;
      for (size_t dot = field->path.find('.'); dot != std::string::npos;
           dot = field->path.find('.', dot + 1)) {
        objects_.insert(field->path.substr(0, dot));
      }
    }
    if (json::Value* properties = json_.find("properties")) prune(*properties, "");
  }

  Result<std::shared_ptr<const Mapping>> merge(const json::Value& body,
                                               bool dynamic_update) const override {
    return whole_->merge(body, dynamic_update);
  }
  const std::string& type() const override { return whole_->type(); }
  Result<std::shared_ptr<const Mapping>> with_type(std::string_view type) const override {
    return whole_->with_type(type);
  }
  const std::vector<std::shared_ptr<const MappedField>>& fields() const override {
    return whole_->fields();
  }
  const MappedField* find(std::string_view path) const override {
    return hides(path) ? nullptr : whole_->find(path);
  }
  const MappedField* resolve(std::string_view path) const override {
    if (hides(path)) return nullptr;
    const MappedField* target = whole_->resolve(path);
    return target == nullptr || hides(target->path) ? nullptr : target;
  }
  bool is_object(std::string_view path) const override {
    return whole_->is_object(path) && objects_.contains(path);
  }
  bool is_nested(std::string_view path) const override {
    return whole_->is_nested(path) && objects_.contains(path);
  }
  std::vector<const MappedField*> match(std::string_view pattern) const override {
    std::vector<const MappedField*> found = whole_->match(pattern);
    std::erase_if(found, [&](const MappedField* field) { return hides(field->path); });
    return found;
  }
  const json::Value& to_json() const override { return json_; }
  const MappingLimits& limits() const override { return whole_->limits(); }
  uint32_t total_fields() const override { return whole_->total_fields(); }
  bool source_enabled() const override { return whole_->source_enabled(); }
  bool routing_required() const override { return whole_->routing_required(); }
  const std::shared_ptr<const AnalysisRegistry>& analysis() const override {
    return whole_->analysis();
  }
  uint64_t lineage() const override { return whole_->lineage(); }
  bool hides(std::string_view path) const override { return !rules_->allows_field(path); }

 private:
  // Takes hidden fields out of "properties" or "fields", and objects that have none left.
  void prune(json::Value& members, const std::string& prefix) const {
    if (!members.is_object()) return;
    std::erase_if(members.as_object(), [&](json::Member& member) {
      const std::string path = prefix + member.key;
      if (json::Value* inner = member.value.find("properties")) {
        prune(*inner, path + ".");
        if (inner->empty()) member.value.erase("properties");
        const bool field_too = member.value.find("type") != nullptr && !hides(path);
        return member.value.find("properties") == nullptr && !field_too && !objects_.contains(path);
      }
      if (json::Value* multi = member.value.find("fields")) {
        prune(*multi, path + ".");
        if (multi->empty()) member.value.erase("fields");
      }
      return hides(path);
    });
  }

  std::shared_ptr<const Mapping> whole_;
  std::shared_ptr<const AccessRules> rules_;
  json::Value json_;
  std::set<std::string, std::less<>> objects_;  // with a field that is seen
};

}  // namespace

std::shared_ptr<const Mapping> restrict_mapping(std::shared_ptr<const Mapping> whole,
                                                std::shared_ptr<const AccessRules> rules) {
  return std::make_shared<RestrictedMapping>(std::move(whole), std::move(rules));
}

}  // namespace stratalog::index::security
