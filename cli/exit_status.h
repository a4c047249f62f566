// dmigate's exit statuses, the one place for them. docs/manual.md has the same table.
#pragma once

#include <algorithm>

#include "gate/judge/verdict.h"

namespace dmigate::cli {

enum ExitStatus : int {
  kExitPass = 0,           ///< PASS, OBSERVED, or a burn that ended well and is pending
  kExitFail = 1,           ///< FAIL: the unit is at fault
  kExitUsage = 2,          ///< wrong usage, or a profile or configuration that does not hold
  kExitError = 3,          ///< ERROR: it could not be judged or recorded
  kExitCommandFailed = 4,  ///< the burn or image command failed or timed out
  kExitBurnMismatch = 5,   ///< verification after a burn failed
};

inline ExitStatus exit_status(const gate::Verdict& verdict) {
  const auto says = [&](gate::Say say) {
    return std::ranges::find(verdict.findings, gate::message(say).rule, &gate::Finding::rule) !=
           verdict.findings.end();
  };
  // The command of a run failed, whether or not it was held to a profile.
  if (says(gate::Say::kBurnCommand) || says(gate::Say::kImageCommand)) return kExitCommandFailed;
  if (verdict.outcome == gate::Outcome::kObserved) return kExitPass;
  if (verdict.outcome == gate::Outcome::kError) return kExitError;
  if (says(gate::Say::kBurnMismatch)) return kExitBurnMismatch;
  return verdict.outcome == gate::Outcome::kFail ? kExitFail : kExitPass;
}

}  // namespace dmigate::cli
