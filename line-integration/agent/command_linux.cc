#include <unistd.h>

#include <cstdlib>

#include "line-integration/agent/command.h"
#include "line-integration/burn/inherited.h"
#include "line-integration/burn/supervisor.h"

namespace dmigate::agent {

struct Interrupted::Held {
  line::Interrupts interrupts;
};

Interrupted::Interrupted() : held_(std::make_unique<Held>()) {}
Interrupted::~Interrupted() = default;
bool Interrupted::came() const { return held_->interrupts.came(); }

std::string missing_command(const std::vector<std::string>& words) {
  const auto found = line::find_command(words.front());
  return found ? std::string() : found.error().to_string();
}

CommandEnd run_command(const CommandCall& call, const Interrupted& interrupted) {
  std::vector<std::string> environment = call.told;
  for (const std::string_view name : line::inherited_variables()) {
    if (const char* value = std::getenv(std::string(name).c_str()))
      environment.push_back(std::string(name) + "=" + value);
  }
  const auto ended = line::supervise(call.words, {.timeout = call.timeout,
                                                  .output_fd = call.to_stderr ? STDERR_FILENO : STDOUT_FILENO,
                                                  .environment = std::move(environment),
                                                  .interrupts = &interrupted.held().interrupts});
  if (!ended) return {.why = ended.error().to_string()};
  return {.started = ended->started,
          .why = {},
          .exit_code = ended->exit_status,
          .signal = ended->signal,
          .timed_out = ended->timed_out,
          .interrupted = ended->interrupted,
          .left_running = ended->left_processes || !ended->not_ended.empty(),
          .duration = ended->duration,
          .output = ended->output,
          .output_bytes = ended->output_bytes};
}

}  // namespace dmigate::agent
