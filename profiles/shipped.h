// The files of catalog/ that are built into the library, so that the program needs none: read when it
// is built (embed.cc), so that no check spends its time on their YAML. Inside this room only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "profiles/yaml.h"
#include "smbios/sha256.h"

namespace dmigate::profiles {

// One Node of a file, in the order of the file: a collection is followed by what it holds.
struct PackedNode {
  Node::Kind kind;
  bool quoted;
  Mark mark;
  std::uint32_t text_bytes;
  std::uint32_t children;   ///< items or entries
  std::uint32_t key_bytes;  ///< of the entry that it is the value of
  Mark key_mark;
};

struct ShippedFile {
  std::string_view path;  ///< below catalog/: "windows-oem.yaml", "tools/amidewin.yaml"
  Sha256 sha256;          ///< of the file
  std::span<const PackedNode> nodes;
  std::string_view
      texts;  ///< key and text of each node, one after the other: pointers would cost relocations

  [[nodiscard]] Node root() const;
};

std::span<const ShippedFile> shipped_files();
const ShippedFile* find_shipped(std::string_view path);  ///< nullptr when none ships

}  // namespace dmigate::profiles
