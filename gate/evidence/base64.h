// Bytes as text, and back: base64 (RFC 4648, clause 4), by libsodium, and by Windows itself where that is
// not; and hexadecimal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::gate {

std::string to_base64(smbios::Bytes bytes);
// None for anything that to_base64() does not write.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);
// None for anything that to_hex() (smbios/sha256.h) does not write.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace dmigate::gate
