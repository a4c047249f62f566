#include "profiles/shipped.h"

#include <algorithm>

namespace dmigate::profiles {
namespace {

// Takes the first node of `rest` and all that it holds.
Node unpack(std::span<const PackedNode>& rest) {
  const PackedNode& packed = rest.front();
  rest = rest.subspan(1);
  Node node;
  node.kind = packed.kind;
  node.mark = packed.mark;
  node.text = packed.text;
  node.quoted = packed.quoted;
  node.items.reserve(node.is_sequence() ? packed.children : 0);
  node.entries.reserve(node.is_mapping() ? packed.children : 0);
  for (std::uint32_t i = 0; i < packed.children; ++i) {
    if (node.is_sequence()) {
      node.items.push_back(unpack(rest));
    } else {
      const PackedNode& value = rest.front();
      node.entries.push_back({std::string(value.key), value.key_mark, unpack(rest)});
    }
  }
  return node;
}

}  // namespace

Node ShippedFile::root() const {
  std::span<const PackedNode> rest = nodes;
  return unpack(rest);
}

const ShippedFile* find_shipped(std::string_view path) {
  const auto files = shipped_files();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace dmigate::profiles
