#include "gate/registry/engine.h"

#include "gate/registry/place.h"

namespace dmigate::gate {
namespace {

Failure unknown_scheme(const std::string& place) {
  return fail("no registry is kept there", shown_place(place),
              "name a file, or a server as postgresql://USER@HOST/DATABASE", ErrorKind::kConfiguration);
}

}  // namespace

Result<std::unique_ptr<Sql>> open_engine(const std::string& place, const SqliteOptions& sqlite,
                                         const PostgresOptions& postgres) {
  if (is_postgres_url(place)) return open_postgres(place, postgres);
  if (is_url(place)) return unknown_scheme(place);
  return open_sqlite(place, sqlite);
}

Result<std::unique_ptr<Sql>> create_engine(const std::string& place, const SqliteOptions& sqlite,
                                           const PostgresOptions& postgres) {
  if (is_postgres_url(place)) return create_postgres(place, postgres);
  if (is_url(place)) return unknown_scheme(place);
  return create_sqlite(place, sqlite);
}

void remove_engine(const std::string& place) {
  if (!is_url(place)) remove_sqlite(place);
}

}  // namespace dmigate::gate
