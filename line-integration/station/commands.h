// The commands of one call at a station: those of the burn tool, or the one that run was given.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "gate/judge/verdict.h"
#include "line-integration/burn/supervisor.h"
#include "profiles/burn_tool.h"

namespace dmigate::line {

struct Commands {
  std::vector<profiles::PreparedCall> calls;  ///< one at least
  std::chrono::milliseconds timeout{0};       ///< of all of them together
  gate::Say failed = gate::Say::kImageCommand;
};

// What is planned, as it stands in a verdict before any of it was started.
std::vector<gate::CommandReport> planned(const std::vector<profiles::PreparedCall>& calls);

struct Made {
  std::vector<gate::CommandReport> calls;  ///< all of them, whether they were come to or not
  std::size_t last = 0;                    ///< the last that was come to
  std::optional<gate::Finding> failure;    ///< why it did not end well; none when all did
};

// Makes the calls one after the other, each under supervise(), until one does not end well: with another
// exit status than 0, without its word, or late. Each keeps its part of 64 KiB of output.
// `how`: its timeout and kept_output are not used.
Made make(const Commands& commands, Supervision how);

// Why the command of a run did not end well; none when it did.
std::optional<gate::Finding> failure_of(const gate::CommandReport& report);

// Why something could not be done, as a finding.
gate::Finding from_error(gate::Say say, const Error& error);

}  // namespace dmigate::line
