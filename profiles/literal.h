// Texts as C++, for the programs of the build that put files into the library: embed.cc here, and that of the
// pages.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace dmigate {

// A literal of each line, so that the compiler takes any length; of std::string_view, since a plain one would
// end at a NUL.
inline std::string literal(std::string_view text) {
  std::string written = "\"";
  for (const char c : text) {
    const bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '?';
    char escaped[5];
    static_cast<void>(std::snprintf(escaped, sizeof escaped, "\\%03o", static_cast<unsigned char>(c)));
    written += plain ? std::string(1, c) : escaped;
    if (c == '\n') written += "\"\n    \"";
  }
  return written + "\"sv";
}

}  // namespace dmigate
