// Text that is written piece by piece: what `show` and JSON consist of.
#pragma once

#include <algorithm>
#include <array>
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
constexpr auto kHexPairs = [] {  // "00" to "ff"
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kLowerHex[byte >> 4];
    pairs[2 * byte + 1] = kLowerHex[byte & 0x0F];
  }
  return pairs;
}();

// A short text that is put often. It is copied as a whole, whatever its size: that is cheaper than to ask.
class Stamp {
 public:
  static constexpr std::size_t kMost = 96;
  explicit Stamp(std::string_view text) : size_(std::min(text.size(), kMost)) {
    std::copy_n(text.begin(), size_, text_.begin());
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  char* copy(char* to) const {
    constexpr std::size_t kFirst = 64;  // of all of it at once the compiler makes a call
    std::memcpy(to, text_.data(), kFirst);
    std::memcpy(to + kFirst, text_.data() + kFirst, kMost - kFirst);
    return to + size_;
  }

 private:
  std::array<char, kMost> text_{};
  std::size_t size_;
};

// Grows at its end, in memory that is larger than what is in it: a piece costs its copy and no more.
class TextBuffer {
 public:
  [[nodiscard]] std::string_view text() const { return {text_.get(), used_}; }
  [[nodiscard]] std::size_t size() const { return used_; }
  void cut(std::size_t size) { used_ = std::min(size, used_); }  ///< back to this size

  // Literals, texts, characters, and bytes (two lower-case hexadecimal digits each), one after the other.
  template <typename... Pieces>
  void put(const Pieces&... pieces) {
    char* to = room((size_of(pieces) + ...));
    ((to = copy(pieces, to)), ...);
    used_ = static_cast<std::size_t>(to - text_.get());
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

 private:
  static std::size_t size_of(char) { return 1; }
  static std::size_t size_of(const Stamp&) { return Stamp::kMost; }
  static std::size_t size_of(std::string_view piece) { return piece.size(); }
  static std::size_t size_of(Bytes piece) { return 2 * piece.size(); }
  template <std::size_t N>
  static std::size_t size_of(const char (&)[N]) {
    return N - 1;
  }
  static char* copy(const Stamp& piece, char* to) { return piece.copy(to); }
  static char* copy(char piece, char* to) {
    *to = piece;
    return to + 1;
  }
  // Nearly all are short: their first and their last bytes, which may overlap, cost less than a call.
  static char* copy(std::string_view piece, char* to) {
    const std::size_t size = piece.size();
    if (size > 32) return std::copy(piece.begin(), piece.end(), to);
    if (size >= 16) {
      std::memcpy(to, piece.data(), 16);
      std::memcpy(to + size - 16, piece.data() + size - 16, 16);
    } else if (size >= 8) {
      std::memcpy(to, piece.data(), 8);
      std::memcpy(to + size - 8, piece.data() + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(to, piece.data(), 4);
      std::memcpy(to + size - 4, piece.data() + size - 4, 4);
    } else {
      for (std::size_t i = 0; i < size; ++i) to[i] = piece[i];
    }
    return to + size;
  }
  static char* copy(Bytes piece, char* to) {
    for (const std::uint8_t byte : piece) to = std::copy_n(&kHexPairs[std::size_t{2} * byte], 2, to);
    return to;
  }
  template <std::size_t N>
  static char* copy(const char (&piece)[N], char* to) {
    return std::copy_n(piece, N - 1, to);
  }
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
