// profile test: a profile is tried on units of which it is known what must come out, so that a change is
// tested before it goes on the line. They lie in a folder beside the profile, with an expect.yaml:
//
//   profile: ../cx-e500.yaml      # a file, from this folder; or a name; --profile goes before it
//   units:
//     - { unit: golden, expect: PASS }                 # a unit, or a folder of them
//     - { unit: empty-serial.bin, expect: FAIL, findings: [field.empty system-serial-number] }
//     - { unit: bare-board.bin, stage: incoming, expect: PASS }
//     - { unit: good.bin, label: CX2600418, identifiers: { activation-sn: 0401-1900-04589 },
//         expect: FAIL, findings: [unit.label-mismatch system-serial-number] }
//
// Without a stage everything is judged. `findings`, where it is there, are all that blocks: no more, no
// fewer. No registry is asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/verdict.h"

namespace dmigate::gate {

struct Expectation {
  std::string unit;  ///< as it is shown: from the folder on
  std::optional<Stage> stage;
  std::string label;
  std::map<std::string, std::string> identifiers;
  Outcome outcome = Outcome::kPass;
  std::optional<std::vector<std::string>> findings;  ///< "field.empty system-serial-number", sorted
};

struct Tried {
  Expectation expected;
  Outcome outcome = Outcome::kError;  ///< in mode observe, what enforcement would have said
  std::vector<std::string> findings;  ///< that block, sorted
  std::string error;                  ///< why the unit cannot be read; empty when it can
  [[nodiscard]] bool as_expected() const;
};

struct Trial {
  std::string name;  ///< the profile's
  std::uint64_t version = 0;
  std::string file;
  std::vector<Tried> units;  ///< at least one
  [[nodiscard]] bool as_expected() const;
};

// `profile`: name or file, empty for the one that expect.yaml names. Fails (configuration) where the
// folder, its expect.yaml or the profile does not hold, or there is no unit. `today`: for waivers.
Result<Trial> try_profile(const std::string& folder, const std::string& profile,
                          const profiles::Catalog& catalog, const std::string& today);

}  // namespace dmigate::gate
