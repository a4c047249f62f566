// How SQLite reads and writes a registry: as with its own files, but for
//   · a checksum at the end of every page (pages.h), made when the page is written to the WAL or to the file,
//   and
//     asked of every page that is read of either: what is damaged is an error and never an answer;
//   · the WAL's seal and its folder (wal.h);
//   · a transaction's frames, which go to the WAL in one write: it takes synchronous=FULL;
//   · no memory-mapped reading, which would go round the checksums.
// Registries that were made before there were checksums have none, and are read as they are.
// Used by sqlite.cc only, and by tests that damage a registry as this room would have written it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <vector>

namespace dmigate::gate {

// The name of the VFS, for sqlite3_open_v2.
const char* registry_vfs();

// What a connection has met that is not as it was written.
struct Damage {
  std::vector<std::uint32_t> pages;  ///< their numbers, in the order in which they were met
  bool cut_wal = false;              ///< committed transactions are gone from the WAL's end
};

// Of a connection that was opened with registry_vfs().
const Damage& damage_met(sqlite3* database);
// Whether damage is only noted, and read all the same.
void tolerate_damage(sqlite3* database, bool tolerate);
bool has_checksums(sqlite3* database);
// What this connection writes to the WAL gets checksums, although what it reads has none: for the transaction
// that makes room for them in every page. Where that fails it is given up.
void begin_checksums(sqlite3* database);
void give_up_checksums(sqlite3* database);

}  // namespace dmigate::gate
