#include "query/fetch/granted_source.h"

#include "base/json_writer.h"
#include "query/fetch/source_tree.h"

namespace stratalog::query {

namespace {

using Node = SourceTree::Node;

// Depth is bounded by what the document parser lets in.
class Copy {
 public:
  Copy(const index::AccessRules& rules, const SourceTree& tree, std::string& out)
      : rules_(rules), tree_(tree), out_(out) {}

  // Whether anything of the value was copied.
  bool value(const Node& node) {
    if (node.type == SourceTree::Type::kObject) return object(node);
    if (node.type == SourceTree::Type::kArray) return array(node);
    if (!rules_.allows_field(path_)) return false;
    out_.append(node.raw);
    return true;
  }

  bool object(const Node& node) {
    const size_t begin = out_.size();
    const size_t length = path_.size();
    bool any = false;
    out_ += '{';
    tree_.each_child(node, [&](const Node& child) {
      const size_t here = out_.size();
      if (any) out_ += ',';
      json::append_escaped(out_, child.key);
      out_ += ':';
      if (length > 0) path_ += '.';
      path_.append(child.key);
      if (value(child)) {
        any = true;
      } else {
        out_.resize(here);
      }
      path_.resize(length);
    });
    out_ += '}';
    if (any || length == 0) return true;
    out_.resize(begin);
    return false;
  }

 private:
  bool array(const Node& node) {
    const size_t begin = out_.size();
    bool any = false;
    out_ += '[';
    tree_.each_child(node, [&](const Node& child) {
      const size_t here = out_.size();
      if (any) out_ += ',';
      if (value(child)) {
        any = true;
      } else {
        out_.resize(here);
      }
    });
    out_ += ']';
    if (any) return true;
    out_.resize(begin);
    return false;
  }

  const index::AccessRules& rules_;
  const SourceTree& tree_;
  std::string& out_;
  std::string path_;
};

}  // namespace

std::string granted_source(const index::AccessRules& rules, std::string_view source) {
  SourceTree tree;
  std::string out;
  if (!tree.parse(source)) return "{}";
  Copy(rules, tree, out).object(tree.root());
  return out;
}

}  // namespace stratalog::query
