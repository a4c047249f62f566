// What the end of each page of a registry file tells of the page: SQLite finds a damaged page only where it
// no longer makes sense, and serves every other one. It leaves bytes at a page's end to us, and the header
// says how many (https://www.sqlite.org/fileformat2.html, 1.3.4); other programs keep them as they are.
//
//   …  the page  | checksum, 8 bytes | balance, 8 bytes
//
// The balance makes up, in the sums that SQLite keeps of a WAL's frames, for the change of the checksum:
// those are made of a page before it is handed over to be written, and the checksum is only then. Used by
// vfs.cc and wal.cc only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace dmigate::gate {

constexpr int kReservedBytes = 16;
// Offset in page 1: how many bytes each page of the file leaves at its end.
constexpr std::size_t kReservedAt = 20;

// `number`: of the page, from 1. A page is of 512 bytes or more.
void stamp_page(std::span<std::uint8_t> page, std::uint32_t number);
bool is_sound_page(std::span<const std::uint8_t> page, std::uint32_t number);

// Two sums, in which no change of a single word is lost, whatever it is: those that SQLite keeps of a WAL
// (https://www.sqlite.org/fileformat2.html, 4.2), of little-endian words. `bytes`: a multiple of 8.
using Sums = std::array<std::uint32_t, 2>;
Sums sums_of(std::span<const std::uint8_t> bytes, Sums begin);

}  // namespace dmigate::gate
