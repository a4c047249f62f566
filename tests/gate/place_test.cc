#include "gate/registry/place.h"

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

TEST_CASE("where a registry is, is shown without the password, however it is written") {
  struct Case {
    const char* place;
    const char* shown;
  };
  for (const Case& each : {
           Case{"/var/lib/dmigate/registry.db", "/var/lib/dmigate/registry.db"},
           Case{"a@b:c", "a@b:c"},
           Case{"postgresql://", "postgresql://"},
           Case{"postgresql://host/db", "postgresql://host/db"},
           Case{"postgres://me@host:5432/db", "postgres://me@host:5432/db"},
           Case{"postgresql://me:secret@host/db", "postgresql://me:***@host/db"},
           Case{"postgresql://me:@host/db", "postgresql://me@host/db"},
           Case{"postgresql://:secret@host", "postgresql://:***@host"},
           Case{"postgresql://me:se:cret@a:1,b:2/db", "postgresql://me:***@a:1,b:2/db"},
           Case{"postgresql://me:se%40%2Fcret@[::1]:5432/db", "postgresql://me:***@[::1]:5432/db"},
           Case{"postgresql://a:1,[::1]:2,c/db", "postgresql://a:1,[::1]:2,c/db"},
           Case{"postgresql://host/db?password=secret", "postgresql://host/db"},
           Case{"postgresql://host/db?pass%77ord=secret&sslpassword=secret&port=5",
                "postgresql://host/db?port=5"},
           Case{"postgresql:///db?host=/run/pg&password=secret&sslmode=require&nothing",
                "postgresql:///db?host=/run/pg&sslmode=require"},
           // libpq takes each of these for something else than was meant.
           Case{"postgresql://me:sec@ret@host/db", "postgresql://***"},
           Case{"postgresql://me:sec/ret@host/db", "postgresql://***"},
           Case{"postgresql://me:sec?ret@host/db", "postgresql://***"},
           Case{"postgresql://me:secret/db", "postgresql://***"},
           Case{"postgresql://me:secret", "postgresql://***"},
           Case{"postgresql://me@host:secret/db", "postgresql://***"},
           Case{"postgresql://host/db?password=sec@ret", "postgresql://***"},
           Case{"postgresql://me:secret@host/db?user=a@b", "postgresql://***"},
           Case{"mysql://me:secret@host/db", "mysql://me:***@host/db"},
       }) {
    CHECK(shown_place(each.place) == each.shown);
  }
}

TEST_CASE("a URL of PostgreSQL is told from a path and from other URLs") {
  CHECK(is_postgres_url("postgresql://host/db"));
  CHECK(is_postgres_url("postgres://host/db"));
  for (const char* other : {"postgresql:/host", "postgresql", "POSTGRESQL://host", "/postgresql://x",
                            "mysql://host", "", "registry.db", "./postgres://x"}) {
    CHECK_FALSE(is_postgres_url(other));
  }
  CHECK(is_url("mysql://host"));
  CHECK_FALSE(is_url("/a/b:c/d"));
}

}  // namespace
}  // namespace dmigate::gate
