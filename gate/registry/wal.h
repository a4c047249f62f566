// What keeps a registry's file and its WAL together, and the WAL whole. Used by vfs.cc and sqlite.cc only.
//
// The header of the file says of the WAL beside it in two numbers that SQLite leaves to us
// (https://www.sqlite.org/fileformat2.html, 1.3): the user version is the epoch, the application id names
// the WAL's file.
//
// Epochs are counted from a random number, so that no two registries share one.
// A WAL begins in an epoch (its first commit writes page 1), and the epoch ends before the WAL is moved
// into the file. So a file of an earlier epoch than its WAL is another file: a backup, say, that was copied
// over the registry; SQLite would lay the WAL over it, page by page.
//
// A WAL that stood beside the file when an epoch ended has been synchronised with its folder. SQLite
// synchronises the folder once for each process that opens one, which would be every check: a fifth of
// what a commit waits for.
//
// The seal: SQLite takes what it cannot read for the end of the WAL, and serves the registry as it was
// before, without a word. So a writer puts a mark behind the last frame once that is synchronised; where one
// is found behind what SQLite took for the end, committed transactions are gone. It stands where the next
// frame will, is not synchronised itself, and means nothing to SQLite.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

#include "smbios/result.h"

namespace dmigate::gate {

// Bytes: of the WAL's header, and of each frame's, which comes before its page.
constexpr int kWalHeader = 32, kFrameHeader = 24;

// As SQLite stores numbers: the first byte is the highest.
constexpr std::uint32_t read_big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

// Fails when the file at `path`, which is open as `main`, and its -wal do not belong together, or when that
// begins with what is no header.
Result<void> refuse_strange_wal(sqlite3_file* main, const std::string& path);

// Names the WAL of `path`: its inode and time of birth, folded; 0 where there is none, or the file system
// does not say.
std::uint32_t wal_identity(const std::string& path);

// Whether `main` names the WAL of this path.
bool is_known_wal(sqlite3_file* main, const char* wal);

// `index`: the first region of the WAL's index (https://www.sqlite.org/walformat.html, 2.1), which all
// connections share. Sealed by who may write; nothing is sealed where there is nothing.
void seal_wal(sqlite3_file* wal, const void* index);
bool is_cut_wal(sqlite3_file* wal, const void* index);

}  // namespace dmigate::gate
