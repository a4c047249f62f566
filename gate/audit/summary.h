// What an audit comes to: counts, the worst rules, duplicates, and what could not be judged.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gate/judge/verdict.h"

namespace dmigate::gate::audit {

struct Counts {
  std::uint64_t units = 0;  ///< pass + fail + error + observed
  std::uint64_t pass = 0;
  std::uint64_t fail = 0;
  std::uint64_t error = 0;     ///< could not be judged, unreadable files and folders among them
  std::uint64_t observed = 0;  ///< by a profile that only observes; not among the three others
};

// A rule that blocks, and on how many units.
struct RuleCount {
  std::string rule;     ///< "field.empty"
  std::string keyword;  ///< may be empty
  std::uint64_t units = 0;
};

struct ModelCount {
  std::string name;  ///< "cx-e500"; empty: units that no profile is for, or that could not be read
  std::uint64_t version = 0;
  Counts counts;
  std::vector<RuleCount> rules;  ///< the worst first
};

// Units that carry one value that may be only one's.
struct Group {
  std::uint32_t number = 0;  ///< from 1, the largest first: as the reports name it
  std::string keyword;
  std::string value;               ///< printable UTF-8
  std::uint64_t units = 0;         ///< at least 2
  std::vector<std::string> paths;  ///< of the first kGroupPaths, printable
};

struct Told {
  std::string path;  ///< printable
  std::string why;   ///< a sentence
};

// A unit against which the registry speaks.
struct Known {
  std::string path;     ///< printable
  std::string keyword;  ///< may be empty
  std::string said;     ///< a sentence
};

inline constexpr std::size_t kGroupsShown = 500;  ///< that have their paths
inline constexpr std::size_t kGroupPaths = 200;   ///< of each
inline constexpr std::size_t kListed = 200;       ///< of troubles, of other files, of what is known

struct Summary {
  std::vector<std::string> paths;  ///< that were asked for, printable
  Counts counts;
  std::uint64_t other = 0;            ///< files that are no dumps
  std::vector<RuleCount> rules;       ///< of all models, the worst first
  std::vector<ModelCount> models;     ///< by name
  std::vector<RuleCount> not_judged;  ///< rules on hardware without evidence, by keyword
  std::uint64_t groups = 0;           ///< of duplicates
  std::uint64_t in_groups = 0;        ///< units in any of them
  std::vector<Group> largest;         ///< the first kGroupsShown groups
  std::uint64_t known = 0;            ///< units against which the registry speaks
  std::vector<Known> known_first;     ///< what it says of the first of them, kListed at most
  bool asked = false;                 ///< whether there was a registry
  bool claimed = false;               ///< whether it was claimed there
  std::uint64_t units_claimed = 0, values_claimed = 0;
  std::optional<Error> registry_lost;  ///< why it stopped answering
  std::vector<Told> troubles;          ///< the first kListed of what could not be read or judged
  std::vector<Told> others;            ///< the first kListed files that are no dumps
  bool partial = false;                ///< it was ended before all was audited
  std::vector<Error> unwritten;        ///< reports that could not be written
  std::vector<std::string> written;    ///< reports that were
  std::chrono::steady_clock::duration taken{};
};

// Groups that have the same units, all of which are known, are one clone: how many of `groups` from the first
// on.
std::size_t groups_of_same_units(std::span<const Group> groups);

std::string grouped(std::uint64_t count);  ///< "1,234,567"

// FAIL if any unit fails; else ERROR if any could not be judged, none was there, or it was ended early.
Outcome outcome_of(const Summary& summary);

// "98.4 %" of the units that were not merely observed; rounded down, so that 100 % is all of them. "-": none.
std::string yield_text(const Counts& counts);

// For a terminal: a screen or two.
std::string to_text(const Summary& summary, Language language, bool colour);

}  // namespace dmigate::gate::audit
