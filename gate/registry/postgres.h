// The shared engine: a PostgreSQL server, or one that speaks as it does (https://www.postgresql.org/docs/15).
//
// Transactions are SERIALIZABLE: of two that read "free" and write, one fails with kConflict. Nothing is
// waited for longer than the options say: a server that is stopped, cut off or overloaded is an error.
#pragma once

#include <memory>
#include <string>

#include "gate/registry/sql.h"

namespace dmigate::gate {

struct PostgresOptions {
  int timeout_ms = 5000;  ///< for connecting; from begin() to the end of commit(); for each other statement
};

// `url` may name several servers: the first that answers and can be written is taken, here and whenever
// begin() finds the connection lost. Fails on one that is no URL (kConfiguration), with no such server,
// and on a server that keeps nothing through a loss of power (fsync off). No message shows a password.
Result<std::unique_ptr<Sql>> open_postgres(const std::string& url, const PostgresOptions& options);
// The database is there, in UTF-8, and has no table `registry`; otherwise fails, with nothing touched.
Result<std::unique_ptr<Sql>> create_postgres(const std::string& url, const PostgresOptions& options);

}  // namespace dmigate::gate
