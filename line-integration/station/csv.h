// CSV as plants export it (RFC 4180, and what Excel makes of it), with places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profiles/yaml.h"

namespace dmigate::line {

struct Cell {
  std::string text;  ///< quotes resolved, blanks kept
  profiles::Mark mark;
};

// The first row is the header; every row has as many cells as it. Rows without anything are left out.
// Separated by commas, semicolons or tabs: whichever comes first in the header. `text`: UTF-8, lines
// ending in '\n'. Fails (kConfiguration) with file:line:column.
Result<std::vector<std::vector<Cell>>> parse_csv(std::string_view text, const std::string& file);

}  // namespace dmigate::line
