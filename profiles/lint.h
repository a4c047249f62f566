// profile lint: what is wrong with a profile, and what is odd about it.
//
// Errors are what the loader refuses, and contradictions: no unit could ever pass, or two models are for
// the same unit. Warnings are what a person should look at; a profile that has some can be used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profiles/profile.h"

namespace dmigate::profiles {

struct Note {
  std::string file;
  Mark mark;  ///< line 0: of the whole file
  Severity severity = Severity::kError;
  std::string message;
};

// Profiles, base sets, burn tools (`tool:` in place of `profile:`), by name or file. Each is read for
// itself, then all of them and those of the catalog's folders are held against each other: two models must
// not be for the same unit. `today`: UTC, "2026-11-20", for waivers. In the order of the operands, each
// file's notes in its order.
std::vector<Note> lint(const std::vector<std::string>& names_or_files, const Catalog& catalog,
                       std::string_view today);

// What a folder of profiles holds: its *.yaml and *.yml and those of its tools/, sorted. Fails when it
// cannot be listed.
Result<std::vector<std::string>> files_of_folder(const std::string& folder);

}  // namespace dmigate::profiles
