// What people look at in a browser: plain HTML, CSS and small modules, each a file of this folder, all of
// them part of the program. A page loads nothing from anywhere else, and has no script or style of its own in
// it: the service's policy forbids both. Everything that comes from a unit is put in as text, never as HTML
// (page.js).
#pragma once

#include <span>
#include <string_view>

namespace dmigate::pages {

struct File {
  std::string_view name;  ///< "station.html"
  std::string_view type;  ///< "text/html; charset=utf-8"
  std::string_view content;
};

std::span<const File> files();

inline const File* find_file(std::string_view name) {  ///< nullptr: there is none
  for (const File& file : files()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

}  // namespace dmigate::pages
