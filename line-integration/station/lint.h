// profile lint over all that an engineer writes: profiles, sets, burn tools, station.yaml.
#pragma once

#include <string>
#include <vector>

#include "profiles/lint.h"

namespace dmigate::line {

// `operands`: names, files, and folders, of which each file is meant. Nothing in it at all is an error.
// `today`: UTC, "2026-11-20".
std::vector<profiles::Note> lint(const std::vector<std::string>& operands, profiles::Catalog catalog,
                                 std::string_view today);

}  // namespace dmigate::line
