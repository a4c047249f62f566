#include "profiles/shipped.h"

#include <algorithm>

namespace dmigate::profiles {
namespace {

class Unpacking {
 public:
  explicit Unpacking(const ShippedFile& file) : nodes_(file.nodes), texts_(file.texts) {}

  // The next node and all that it holds, as the value of an entry whose key is empty where it is none.
  Node::Entry next();

 private:
  std::string text(std::size_t bytes) {
    std::string text(texts_.substr(0, bytes));
    texts_.remove_prefix(bytes);
    return text;
  }

  std::span<const PackedNode> nodes_;
  std::string_view texts_;
};

Node::Entry Unpacking::next() {
  const PackedNode& packed = nodes_.front();
  nodes_ = nodes_.subspan(1);
  Node::Entry entry{text(packed.key_bytes), packed.key_mark, {}};
  Node& node = entry.value;
  node.kind = packed.kind;
  node.mark = packed.mark;
  node.text = text(packed.text_bytes);
  node.quoted = packed.quoted;
  node.items.reserve(node.is_sequence() ? packed.children : 0);
  node.entries.reserve(node.is_mapping() ? packed.children : 0);
  for (std::uint32_t i = 0; i < packed.children; ++i) {
    if (node.is_sequence()) {
      node.items.push_back(next().value);
    } else {
      node.entries.push_back(next());
    }
  }
  return entry;
}

}  // namespace

Node ShippedFile::root() const { return Unpacking(*this).next().value; }

const ShippedFile* find_shipped(std::string_view path) {
  const auto files = shipped_files();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace dmigate::profiles
