// What the platform's own library does: libsodium, or Windows' CNG.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "smbios/sha256.h"

namespace dmigate::agent {

using Random32 = std::array<std::uint8_t, 32>;

// RFC 2104. A key of any length.
Sha256 hmac_sha256(std::string_view key, std::string_view message);

// Unpredictable bytes. None where the system has none to give: then nothing may be asked.
std::optional<Random32> random_bytes();

}  // namespace dmigate::agent
