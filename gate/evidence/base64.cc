#include "gate/evidence/base64.h"

#include <charconv>
#include <utility>

#include "smbios/sha256.h"

#ifdef _WIN32
#include <windows.h>
// windows.h comes first
#include <wincrypt.h>
#else
#include <sodium/utils.h>
#endif

namespace dmigate::gate {

#ifdef _WIN32

std::string to_base64(smbios::Bytes bytes) {
  constexpr DWORD kForm = CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF;
  const auto size = static_cast<DWORD>(bytes.size());
  DWORD length = 0;  // with a NUL at the end, and without one when it has been written
  if (size == 0 || ::CryptBinaryToStringA(bytes.data(), size, kForm, nullptr, &length) == 0) return {};
  std::string text(length, '\0');
  if (::CryptBinaryToStringA(bytes.data(), size, kForm, text.data(), &length) == 0) return {};
  text.resize(length);
  return text;
}

// The system passes over what is none: only what it would write again is taken.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  if (text.empty()) return std::vector<std::uint8_t>();
  const auto length = static_cast<DWORD>(text.size());
  std::vector<std::uint8_t> bytes(text.size());
  auto size = static_cast<DWORD>(bytes.size());
  if (::CryptStringToBinaryA(text.data(), length, CRYPT_STRING_BASE64, bytes.data(), &size, nullptr,
                             nullptr) == 0)
    return std::nullopt;
  bytes.resize(size);
  return to_base64(bytes) == text ? std::optional(std::move(bytes)) : std::nullopt;
}

#else

std::string to_base64(smbios::Bytes bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // its NUL
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

#endif

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
    bytes.push_back(byte);
  }
  return to_hex(bytes) == text ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace dmigate::gate
