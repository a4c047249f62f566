// The floor of every reader: the boundaries of the structures, with no check but the buffer's end and no
// result but their number. Every byte is looked at once: none can be faster.
#pragma once

#include <cstring>

#include "smbios/smbios.h"

namespace dmigate::benchmarks {

inline std::size_t scan(smbios::Bytes table) {
  const std::uint8_t* at = table.data();
  const std::uint8_t* end = at + table.size();
  std::size_t structures = 0;
  while (end - at >= 4) {
    const std::uint8_t type = at[0];
    const std::uint8_t* next = at + at[1];
    while (true) {
      if (end - next < 2) return structures;
      const void* nul = std::memchr(next, 0, static_cast<std::size_t>(end - next) - 1);
      if (nul == nullptr) return structures;
      next = static_cast<const std::uint8_t*>(nul) + 1;
      if (*next == 0) break;
    }
    ++structures;
    if (type == smbios::kEndOfTableType) break;
    at = next + 1;
  }
  return structures;
}

}  // namespace dmigate::benchmarks
