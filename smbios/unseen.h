// Characters that nobody sees: blanks beyond ASCII's own, and those without any width.
#pragma once

#include <cstddef>
#include <string_view>

namespace dmigate {

// The length in bytes of the blank or invisible character that `text` begins with; 0 when it begins with
// none. ASCII's six blanks, and of well-formed UTF-8 the spaces, zero-width characters, fillers, marks of
// direction, variation selectors, byte order mark and tags of Unicode 15. A control character is none.
std::size_t unseen_length(std::string_view text);

// `text` without those at its ends.
std::string_view trim_unseen(std::string_view text);

// The code point that `text` begins with, and its length in bytes; the length is 0 where it is not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};
CodePoint code_point(std::string_view text);

}  // namespace dmigate
