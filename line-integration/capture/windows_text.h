// Windows' UTF-16 and our UTF-8. Half a pair becomes U+FFFD.
#pragma once

#include <windows.h>

#include <string>
#include <string_view>

namespace dmigate::line {

inline std::string utf8(std::wstring_view text) {
  const auto length = static_cast<int>(text.size());
  const int size = ::WideCharToMultiByte(CP_UTF8, 0, text.data(), length, nullptr, 0, nullptr, nullptr);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, text.data(), length, bytes.data(), size, nullptr, nullptr);
  return bytes;
}

inline std::wstring utf16(std::string_view text) {
  const auto length = static_cast<int>(text.size());
  const int size = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), length, nullptr, 0);
  std::wstring words(static_cast<std::size_t>(size), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), length, words.data(), size);
  return words;
}

}  // namespace dmigate::line
