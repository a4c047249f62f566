// Text that is written piece by piece: what `show` and JSON consist of.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "smbios/byte_view.h"

namespace dmigate::smbios {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kLowerHex = "0123456789abcdef";

// Grows at its end, in memory that is larger than what is in it: a piece costs its copy and no more.
class TextBuffer {
 public:
  [[nodiscard]] std::string_view text() const { return {text_.get(), used_}; }
  [[nodiscard]] std::size_t size() const { return used_; }
  void cut(std::size_t size) { used_ = std::min(size, used_); }  ///< back to this size

  void put(std::string_view piece) {
    std::copy(piece.begin(), piece.end(), room(piece.size()));
    used_ += piece.size();
  }
  // A literal: its size is known where it is put.
  template <std::size_t N>
  void put(const char (&piece)[N]) {
    std::memcpy(room(N - 1), piece, N - 1);
    used_ += N - 1;
  }
  void put(char c) {
    *room(1) = c;
    ++used_;
  }
  void decimal(std::uint64_t number) {
    constexpr std::size_t kDigits = 20;
    char* to = room(kDigits);
    used_ += static_cast<std::size_t>(std::to_chars(to, to + kDigits, number).ptr - to);
  }
  // The last `digits` digits.
  void hex(std::uint64_t number, std::size_t digits, std::string_view alphabet = kUpperHex) {
    char* to = room(digits) + digits;
    used_ += digits;
    for (; digits > 0; --digits, number >>= 4) *--to = alphabet[number & 0x0F];
  }
  // Two lower-case digits for each byte.
  void hex(Bytes bytes) {
    char* to = room(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
      *to++ = kLowerHex[byte >> 4];
      *to++ = kLowerHex[byte & 0x0F];
    }
    used_ += 2 * bytes.size();
  }

 private:
  // Where the next `bytes` bytes go.
  char* room(std::size_t bytes) {
    if (size_ - used_ < bytes) grow(bytes);
    return text_.get() + used_;
  }
  void grow(std::size_t bytes) {
    size_ = 2 * (used_ + bytes);
    auto larger = std::make_unique_for_overwrite<char[]>(size_);
    std::copy(text_.get(), text_.get() + used_, larger.get());
    text_ = std::move(larger);
  }

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;
};

}  // namespace dmigate::smbios
