// What the header of a registry file says of the WAL beside it, in two numbers that SQLite leaves to us
// (https://www.sqlite.org/fileformat2.html, 1.3): the user version is the epoch, the application id names
// the WAL's file. Used by sqlite.cc only.
//
// Epochs are counted from a random number, so that no two registries share one.
// A WAL begins in an epoch (its first commit writes page 1), and the epoch ends before the WAL is moved
// into the file. So a file of an earlier epoch than its WAL is another file: a backup, say, that was copied
// over the registry; SQLite would lay the WAL over it, page by page.
//
// A WAL that stood beside the file when an epoch ended has been synchronised with its folder. SQLite
// synchronises the folder once for each process that opens one, which would be every check: a fifth of
// what a commit waits for.
#pragma once

#include <cstdint>
#include <string>

#include "smbios/result.h"

namespace dmigate::gate {

// Fails when the file at `path` and its -wal do not belong together.
Result<void> refuse_strange_wal(const std::string& path);

// Names the WAL of `path`: its inode and time of birth, folded; 0 where there is none, or the file system
// does not say.
std::uint32_t wal_identity(const std::string& path);

// The name of a VFS for sqlite3_open_v2: as SQLite's own, but for the folder of a WAL that the file names.
const char* registry_vfs();

}  // namespace dmigate::gate
