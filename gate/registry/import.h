// Units that were shipped before there was a registry, or are held by another one: what is asked, what is
// told.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gate/registry/registry.h"

namespace dmigate::gate {

struct ImportRequest {
  std::string file;  ///< CSV with a header, or JSONL as export_units() writes it; docs/registry.md says how
  // What is unique, for every line of a CSV; nullptr: what the line's `model` names in `catalog`.
  const profiles::Profile* profile = nullptr;
  profiles::Catalog catalog;
  std::string by, reason;
  Station station;                    ///< whose journal tells of it
  std::vector<std::string> fixtures;  ///< as in Question
  std::function<void(std::uint64_t units, unsigned percent)> progress =
      {};  ///< called now and then; may be empty
};

// A line that is no unit, or must not be one.
struct RefusedLine {
  std::uint64_t line = 0, column = 0;  ///< from 1; column 0: the whole line
  std::string what;
};

// A value that another unit has already: in the registry, or on another line of the file.
struct ImportConflict {
  std::uint64_t line = 0;
  std::string keyword, shown;    ///< keyword "unit": the unit itself, by its id
  std::uint64_t other_line = 0;  ///< 0: the registry's
  Holder holder;                 ///< where it is the registry's
  std::string state;             ///< of that claim
};

struct ImportReport {
  static constexpr std::size_t kMostListed = 100;
  std::string sha256;                   ///< of the file
  std::uint64_t units = 0, claims = 0;  ///< that were read
  std::uint64_t refused_count = 0, conflict_count = 0;
  std::vector<RefusedLine> refused;  ///< the first of them, as are:
  std::vector<ImportConflict> conflicts;
  [[nodiscard]] bool clean() const { return refused_count == 0 && conflict_count == 0; }
};

}  // namespace dmigate::gate
