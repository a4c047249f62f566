// Which engine keeps a registry: the URL of a PostgreSQL server names one, everything else is a file.
#pragma once

#include <memory>
#include <string>

#include "gate/registry/postgres.h"
#include "gate/registry/sql.h"

namespace dmigate::gate {

// Fail as open_sqlite() and open_postgres(), or create_sqlite() and create_postgres(); with kConfiguration
// on a URL of another scheme.
Result<std::unique_ptr<Sql>> open_engine(const std::string& place, const SqliteOptions& sqlite,
                                         const PostgresOptions& postgres);
Result<std::unique_ptr<Sql>> create_engine(const std::string& place, const SqliteOptions& sqlite,
                                           const PostgresOptions& postgres);
// Takes back what create_engine() made, after its connection is closed: a server has done so itself.
void remove_engine(const std::string& place);

}  // namespace dmigate::gate
