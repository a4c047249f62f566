// The one checked view of raw bytes. Every offset and length that a table names goes through it; no
// other code indexes bytes that came from outside.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace dmigate::smbios {

using Bytes = std::span<const std::uint8_t>;

class ByteView {
 public:
  ByteView() = default;
  ByteView(Bytes bytes) : bytes_(bytes) {}  // NOLINT(google-explicit-constructor): the same bytes
  explicit ByteView(std::string_view text)
      : bytes_(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

  // `length` bytes from `offset`; none when they are not all there.
  [[nodiscard]] std::optional<ByteView> sub(std::size_t offset, std::size_t length) const {
    if (offset > size() || length > size() - offset) return std::nullopt;
    return ByteView(bytes_.subspan(offset, length));
  }
  // What there is of it.
  [[nodiscard]] ByteView first(std::uint64_t length) const {
    return bytes_.first(length < size() ? static_cast<std::size_t>(length) : size());
  }
  [[nodiscard]] ByteView from(std::uint64_t offset) const {
    return bytes_.subspan(offset < size() ? static_cast<std::size_t>(offset) : size());
  }

  [[nodiscard]] std::optional<std::uint8_t> byte(std::size_t offset) const {
    if (offset >= size()) return std::nullopt;
    return bytes_[offset];
  }
  // A little-endian integer of 1 to 8 bytes; none when they are not all there.
  [[nodiscard]] std::optional<std::uint64_t> number(std::size_t offset, std::size_t width) const {
    const auto part = sub(offset, width);
    if (!part || width == 0 || width > 8) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = width; i > 0; --i) value = value << 8 | part->bytes_[i - 1];
    return value;
  }

  [[nodiscard]] bool starts_with(std::string_view prefix) const { return text().starts_with(prefix); }
  [[nodiscard]] bool zero() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
  }
  // Modulo 256, as checksums of entry points are taken.
  [[nodiscard]] std::uint8_t sum() const {
    unsigned total = 0;
    for (const std::uint8_t byte : bytes_) total += byte;
    return static_cast<std::uint8_t>(total);
  }
  // Where the first pair of NULs at or after `offset` begins; none when there is none.
  [[nodiscard]] std::optional<std::size_t> find_two_nuls(std::size_t offset) const {
    while (offset + 1 < size()) {
      if (bytes_[offset] != 0) {
        const void* nul = std::memchr(&bytes_[offset], 0, size() - offset - 1);
        if (nul == nullptr) return std::nullopt;
        offset = static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - bytes_.data());
      }
      if (bytes_[offset + 1] == 0) return offset;
      ++offset;
    }
    return std::nullopt;
  }

 private:
  Bytes bytes_;
};

// Writes a little-endian integer of `width` bytes; nothing when it does not fit into `bytes`.
inline void put_number(std::span<std::uint8_t> bytes, std::size_t offset, std::size_t width,
                       std::uint64_t value) {
  if (offset > bytes.size() || width > bytes.size() - offset) return;
  for (std::size_t i = 0; i < width; ++i, value >>= 8) {
    bytes[offset + i] = static_cast<std::uint8_t>(value);
  }
}

// Copies `part` to `offset`; nothing when it does not fit.
inline void put_bytes(std::span<std::uint8_t> bytes, std::size_t offset, Bytes part) {
  if (offset > bytes.size() || part.size() > bytes.size() - offset) return;
  std::copy(part.begin(), part.end(), bytes.subspan(offset).begin());
}

}  // namespace dmigate::smbios
