// What a profile says, rule by rule, with where each comes from: for show, list and diff.
#pragma once

#include <string>
#include <vector>

#include "profiles/profile.h"

namespace dmigate::profiles {

// One thing that a profile says. Section, name and what together name it: a profile says each once.
struct Statement {
  std::string section;  ///< the key at the top: "fields"
  std::string name;     ///< "system-serial-number", a stage; empty where the section is about one thing
  std::string what;     ///< "pattern"
  std::string value;    ///< as people write it; empty where `what` says all
  Severity severity = Severity::kError;
  Origin origin;
  std::string compared = {};  ///< `value` without what has no meaning, such as the order of a set
};

// Everything that the gate judges by, what is inherited included, in the order of the format.
std::vector<Statement> describe(const Profile& profile);

struct Change {
  enum class Kind : std::uint8_t { kAdded, kRemoved, kChanged };
  Kind kind;
  Statement before;  ///< kAdded: empty
  Statement after;   ///< kRemoved: empty
};
// What `after` says otherwise than `before`, in meaning: neither order nor comments, nor which of two
// files says it. The version counts.
std::vector<Change> diff(const Profile& before, const Profile& after);

// A profile or base set that can be named.
struct Listing {
  std::string name;
  std::uint64_t version = 0;  ///< 0: it has none
  std::string description;
  std::string file;       ///< "catalog/cmge.yaml": it ships
  bool is_model = false;  ///< it has `match`, `label` or `stages`; else a set that others extend
  std::string problem;    ///< why it cannot be used; empty when it can
};
// By name. Those of the folders stand for those that ship under the same name.
std::vector<Listing> list_profiles(const Catalog& catalog);

}  // namespace dmigate::profiles
