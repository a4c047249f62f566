#include "line-integration/station/commands.h"

#include <algorithm>

namespace dmigate::line {
namespace {

using gate::Finding;
using gate::Say;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kKept = 64 * 1024;      // bytes of output, of all calls together
constexpr std::size_t kLeastKept = 4 * 1024;  // of each

gate::CommandReport report_of(const CommandResult& result) {
  return {.argv = result.argv,
          .started = result.started,
          .exit_status = result.exit_status,
          .signal = result.signal,
          .timed_out = result.timed_out,
          .interrupted = result.interrupted,
          .duration_us = result.duration.count(),
          .output_bytes = result.output_bytes,
          .output = result.output};
}

// A flash is not begun that could not be finished: a call for which no time is left is not started.
Result<CommandResult> make_one(const profiles::PreparedCall& call, Supervision how, Clock::time_point end) {
  how.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  if (how.timeout.count() > 0) return supervise(call.argv, how);
  CommandResult late;
  late.argv = call.argv;
  late.timed_out = true;
  return late;
}

// The same of one that was started here, and that may have to say a word.
std::optional<Finding> failure_here(const CommandResult& result,
                                    const std::optional<std::string>& success_word) {
  if (auto failure = failure_of(report_of(result))) return failure;
  if (!result.ended_well()) {
    return Finding{.say = Say::kImageCommand, .unjudged = true, .cause = Say::kWhyNotEnded};
  }
  if (!success_word || profiles::says(result.output, *success_word)) return std::nullopt;
  return Finding{.say = Say::kImageCommand,
                 .unjudged = true,
                 .expected = *success_word,
                 .cause = Say::kWhyNoSuccessWord};
}

}  // namespace

std::optional<Finding> failure_of(const gate::CommandReport& report) {
  const auto because = [](Say cause, std::optional<std::string> found = {}) {
    return Finding{.say = Say::kImageCommand, .unjudged = true, .found = std::move(found), .cause = cause};
  };
  if (!report.started) return because(report.timed_out ? Say::kWhyNoTimeLeft : Say::kWhyNotStarted);
  if (report.timed_out) return because(Say::kWhyTimedOut);
  if (report.interrupted) return because(Say::kWhyInterrupted);
  if (report.signal) return because(Say::kWhySignal, std::to_string(*report.signal));
  if (report.exit_status != 0) {
    return because(Say::kWhyExitStatus, std::to_string(report.exit_status.value_or(-1)));
  }
  return std::nullopt;
}

std::vector<gate::CommandReport> planned(const std::vector<profiles::PreparedCall>& calls) {
  std::vector<gate::CommandReport> reports;
  for (const profiles::PreparedCall& call : calls) reports.push_back({.argv = call.argv});
  return reports;
}

Made make(const Commands& commands, Supervision how) {
  Made made{.calls = planned(commands.calls), .last = 0, .failure = {}};
  const std::size_t count = commands.calls.size();
  const auto end = Clock::now() + commands.timeout;
  how.kept_output = std::max(kLeastKept, kKept / count);
  for (std::size_t at = 0; at < count && !made.failure; ++at) {
    const profiles::PreparedCall& call = commands.calls[at];
    const auto result = make_one(call, how, end);
    if (result) made.calls[at] = report_of(*result);
    made.failure =
        result ? failure_here(*result, call.success) : from_error(Say::kImageCommand, result.error());
    // What was cut off in the middle may have been the image. What was burnt is proved after the reboot.
    if (!made.failure && result->left_processes && commands.failed == Say::kImageCommand) {
      made.failure = Finding{.say = Say::kImageCommand, .unjudged = true, .cause = Say::kWhyLeft};
    }
    made.last = at;
  }
  if (!made.failure) return made;
  const bool several = count > 1 && commands.failed == Say::kBurnCommand;
  made.failure->say = several ? Say::kBurnCall : commands.failed;
  made.failure->details.emplace_back("call", std::to_string(made.last + 1));
  made.failure->details.emplace_back("calls", std::to_string(count));
  return made;
}

Finding from_error(Say say, const Error& error) {
  Finding finding{.say = say, .unjudged = true};
  const std::string detail = error.where.empty() ? error.what : error.where + ": " + error.what;
  finding.details = {{"detail", gate::printable(detail)}, {"cure", gate::printable(error.advice)}};
  return finding;
}

}  // namespace dmigate::line
