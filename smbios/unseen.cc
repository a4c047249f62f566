#include "smbios/unseen.h"

#include <algorithm>

#include "smbios/utf8.h"

namespace dmigate {
namespace {

struct Range {
  char32_t first, last;
};
constexpr Range kUnseen[] = {
    {0x09, 0x0D},       {0x20, 0x20},      // ASCII
    {0xA0, 0xA0},       {0xAD, 0xAD},      // no-break space, soft hyphen
    {0x034F, 0x034F},   {0x061C, 0x061C},  // grapheme joiner, a mark of direction
    {0x115F, 0x1160},   {0x1680, 0x1680},  // Hangul fillers, Ogham space
    {0x17B4, 0x17B5},   {0x180B, 0x180E},  // Khmer vowels, Mongolian selectors
    {0x2000, 0x200F},   {0x2028, 0x202F},  // spaces, zero width, marks of direction
    {0x205F, 0x206F},   {0x2800, 0x2800},  // invisible operators, empty Braille
    {0x3000, 0x3000},   {0x3164, 0x3164},  // ideographic space, Hangul filler
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  // variation selectors, byte order mark
    {0xFFA0, 0xFFA0},   {0xFFF9, 0xFFFB},  // Hangul filler, annotations
    {0xE0000, 0xE0FFF},                    // tags, variation selectors
};

}  // namespace

CodePoint code_point(std::string_view text) {
  const std::size_t bytes = utf8_length(text);
  if (bytes == 0) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  constexpr unsigned char kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = byte(0) & kLeadBits[bytes];
  for (std::size_t i = 1; i < bytes; ++i) value = value << 6 | (byte(i) & 0x3FU);
  return {value, bytes};
}

std::size_t unseen_length(std::string_view text) {
  if (text.empty() || (text.front() > ' ' && text.front() < 0x7F)) return 0;
  const CodePoint first = code_point(text);
  const bool unseen = std::any_of(std::begin(kUnseen), std::end(kUnseen), [&](const Range& range) {
    return first.value >= range.first && first.value <= range.last;
  });
  return unseen ? first.bytes : 0;
}

std::string_view trim_unseen(std::string_view text) {
  while (const std::size_t bytes = unseen_length(text)) text.remove_prefix(bytes);
  if (!text.empty() && text.back() > ' ' && text.back() < 0x7F) return text;  // as most do
  for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(text.size(), 4);) {
    if (unseen_length(text.substr(text.size() - bytes)) == bytes) {
      text.remove_suffix(bytes);
      bytes = 1;
    } else {
      ++bytes;
    }
  }
  return text;
}

}  // namespace dmigate
