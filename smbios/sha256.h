// SHA-256 (FIPS 180-4), by libsodium: the name of a table, a profile, a record.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dmigate {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::span<const std::uint8_t> bytes);
Sha256 sha256(std::string_view text);
std::string to_hex(std::span<const std::uint8_t> bytes);  ///< lower case

}  // namespace dmigate
