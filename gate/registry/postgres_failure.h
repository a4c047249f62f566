// What a server's error means to a station. Used by the PostgreSQL engine only.
#pragma once

#include <string>
#include <string_view>

#include "smbios/result.h"

namespace dmigate::gate {

// By its SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html); `words` are the server's.
Failure postgres_failure(std::string_view sqlstate, const std::string& words, const std::string& where);

// The server said nothing, and the time that the options give is over.
Failure late(const std::string& where);
// The connection ended before the answer came.
Failure lost(const std::string& words, const std::string& where);

// One line of what libpq says, which may be several.
std::string first_line(std::string_view text);

}  // namespace dmigate::gate
