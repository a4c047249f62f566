// Units of a batch that an audit holds against the registry, and has claimed there.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/registry/registry.h"

namespace dmigate::gate {

struct BatchUnit {
  std::string_view path;                       ///< any bytes
  const profiles::Profile* profile = nullptr;  ///< REQUIRES: not null where there are values
  std::vector<UniqueValue> values;
  std::vector<WitnessValue> witnesses;
  bool cards_known = false;  ///< whether its network cards were read
  bool claims = true;        ///< false: its profile only observes
};

// What the registry says against one of them; empty: nothing.
using BatchFindings = std::vector<Finding>;

// One audit, from its first call of ask_batch() or claim_batch() to its last.
struct BatchRun {
  Station station;      ///< whose journal tells of the claims
  std::string by = {};  ///< who asked for them
  // Ids of the units that this audit made known, from the first up to the next: what two of them share the
  // audit itself tells.
  std::string first = {}, next = {};
  std::uint64_t units = 0, values = 0;  ///< that were claimed
};

}  // namespace dmigate::gate
