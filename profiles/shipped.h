// The files of catalog/ that are built into the library (embed.cmake), so that the program needs none.
// Inside this room only.
#pragma once

#include <span>
#include <string_view>

namespace dmigate::profiles {

struct ShippedFile {
  std::string_view path;  ///< below catalog/: "windows-oem.yaml", "tools/amidewin.yaml"
  std::string_view text;
};

std::span<const ShippedFile> shipped_files();
const ShippedFile* find_shipped(std::string_view path);  ///< nullptr when none ships

}  // namespace dmigate::profiles
