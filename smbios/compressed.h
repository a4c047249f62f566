// Files that gzip, xz or zstd has made smaller, recognised by their first bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "smbios/byte_view.h"
#include "smbios/result.h"

namespace dmigate::smbios {

bool is_compressed(Bytes file);

// What the file holds. Fails where it is damaged or cut, where anything but further compressed parts
// or zeros follows, and where it holds more than `most` bytes; never gives a part of it.
// REQUIRES: is_compressed(file).
Result<std::vector<std::uint8_t>> decompress(Bytes file, std::size_t most);

// The same bytes as a zstd frame, which decompress() reads. Empty where memory ran out.
std::vector<std::uint8_t> compress(Bytes content);

}  // namespace dmigate::smbios
