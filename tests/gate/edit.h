// Somebody changes a registry with a tool that knows its checksums: what is asked then is not whether the
// file is damaged.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <memory>
#include <string>

#include "gate/registry/vfs.h"

namespace dmigate::gate {

inline void edit(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, registry_vfs()) == SQLITE_OK);
  char* words = nullptr;
  const int done = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &words);
  REQUIRE_MESSAGE(done == SQLITE_OK, (words == nullptr ? "" : words));
  REQUIRE(sqlite3_changes(database) > 0);
  sqlite3_close(database);
}

// Another program: SQLite as it comes, which knows no checksums.
struct Closer {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, Closer>;

inline Database connect(const std::string& path) {
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
  return Database(raw);
}

}  // namespace dmigate::gate
