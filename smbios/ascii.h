// Letters and blanks of ASCII, whatever the locale is; all other bytes are left as they are.
#pragma once

#include <string>
#include <string_view>

namespace dmigate {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lowered(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = lower(c);
  return all;
}

constexpr bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }  // 20h, 09h-0Dh

}  // namespace dmigate
