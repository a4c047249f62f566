#include "gate/registry/postgres_failure.h"

#include <algorithm>
#include <iterator>

namespace dmigate::gate {
namespace {

struct FailureRow {
  std::string_view sqlstate;  ///< or how it begins; the first that fits is taken
  std::string_view what, advice;
  ErrorKind kind = ErrorKind::kUnjudgeable;
};
constexpr FailureRow kRows[] = {
    {"40001", "another station's transaction was in the way", "try again", ErrorKind::kConflict},
    {"40P01", "another station's transaction was in the way", "try again", ErrorKind::kConflict},
    {"55P03", "another station's transaction was in the way", "try again", ErrorKind::kConflict},
    // Two that read "there is none" and insert: the second finds the first one's row.
    {"23505", "another station's transaction was in the way", "try again", ErrorKind::kConflict},
    {"53100", "the disk that holds the registry is full", "free space there"},
    {"53300", "the registry's server takes no more connections",
     "raise its max_connections, or end what holds them"},
    {"53", "the registry's server is short of memory or disk", "read its log"},
    {"25006", "the registry's server cannot be written (read-only)",
     "name the primary in the URL, or all servers, with commas between them"},
    {"28", "the registry's server refuses this user",
     "check user and password, and pg_hba.conf of the server"},
    {"3D000", "there is no such database on the registry's server",
     "check the URL; a new database is made with createdb -E UTF8 -T template0 NAME"},
    // Words that Ledger::check_schema() knows a foreign database by.
    {"42P01", "the database has no such table",
     "check the URL; dmigate registry init makes a new registry in an empty database"},
    {"42703", "the database has no such column",
     "check the URL; dmigate registry init makes a new registry in an empty database"},
    {"42P07", "the database has a table of this name already",
     "nothing was changed; use it as it is, or choose another database"},
    {"42501", "the user lacks a right in the database", "grant what docs/registry.md names"},
    {"57014", "the registry's server did not answer in time",
     "see that it runs and is not overloaded, or raise registry_timeout"},
    {"25P03", "the registry's server did not answer in time",
     "see that it runs and is not overloaded, or raise registry_timeout"},
    {"57P04", "there is no such database on the registry's server",
     "check the URL; a new database is made with createdb -E UTF8 -T template0 NAME"},
    {"57P", "the registry's server is starting or stopping", "wait until it runs, and try again"},
    {"XX001", "the registry is damaged", "restore it from its backup; do not delete it"},
    {"XX002", "the registry is damaged", "restore it from its backup; do not delete it"},
    {"58", "the disk that holds the registry failed", "check the disk"},
    {"22P05", "the database cannot hold these characters",
     "make it anew in UTF-8 (createdb -E UTF8 -T template0 NAME)"},
    {"22021", "the database cannot hold these characters",
     "make it anew in UTF-8 (createdb -E UTF8 -T template0 NAME)"},
    {"08", "the connection to the registry's server was lost", "see that it runs and the network holds"},
};

}  // namespace

std::string first_line(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return std::string(text.substr(begin, text.substr(begin).find_first_of("\r\n")));
}

Failure postgres_failure(std::string_view sqlstate, const std::string& words, const std::string& where) {
  const auto* row = std::ranges::find_if(
      kRows, [&](const FailureRow& each) { return sqlstate.starts_with(each.sqlstate); });
  if (row == std::end(kRows)) {
    return fail("the registry failed: " + words, where, "call the test engineer");
  }
  return fail(std::string(row->what) + " (" + words + ")", where, std::string(row->advice), row->kind);
}

Failure late(const std::string& where) {
  return fail("the registry's server did not answer in time", where,
              "see that it runs and is not overloaded, or raise registry_timeout");
}

Failure lost(const std::string& words, const std::string& where) {
  return fail("the connection to the registry's server was lost (" + words + ")", where,
              "see that it runs and the network holds");
}

}  // namespace dmigate::gate
