// Where a registry is, as a person names it: the path of a file, or the URL of a server.
#pragma once

#include <string>
#include <string_view>

namespace dmigate::gate {

// "postgresql://…" or "postgres://…", as libpq reads it:
// https://www.postgresql.org/docs/15/libpq-connect.html, 34.1.1.2
bool is_postgres_url(std::string_view place);

// Of any scheme.
bool is_url(std::string_view place);

// Whether it can be told what in the URL is the password. A second @, one after a slash, or a port that is no
// number may be part of one that is not written as %XX.
bool is_plain_url(std::string_view url);

// For messages: a path as it is; of a URL everything but what may be a secret.
std::string shown_place(const std::string& place);

}  // namespace dmigate::gate
