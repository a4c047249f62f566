// Letters and blanks of ASCII, whatever the locale is; all other bytes are left as they are.
#pragma once

#include <cstdint>
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

// Eight bytes at once: the highest bit of each that is a control, 7Fh, or no ASCII; 00h is none of these.
constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t not_printable(std::uint64_t eight) {
  const std::uint64_t low = eight & 0x7F * kEachByte;  // no sum carries into the next byte
  const std::uint64_t filled = low + 0x7F * kEachByte, printable = low + 0x60 * kEachByte;
  const std::uint64_t deleted = low + kEachByte;
  return (eight | (filled & ~printable) | deleted) & 0x80 * kEachByte;
}

}  // namespace dmigate
