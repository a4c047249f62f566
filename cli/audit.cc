#include "cli/audit.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "cli/exit_status.h"
#include "gate/audit/audit.h"
#include "gate/judge/phrases.h"

namespace dmigate::cli {
namespace {

namespace audit = gate::audit;

// What Ctrl-C sets; a second one ends dmigate at once.
std::atomic<bool> asked_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void listen() {
  struct sigaction action {};
  action.sa_handler = [](int) { asked_to_end = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

std::string progress_line(const audit::Progress& progress, gate::Language language) {
  const auto whole = [](double number) { return std::to_string(static_cast<std::uint64_t>(number)); };
  const double seconds = std::chrono::duration<double>(progress.taken).count();
  gate::Details details{{"done", std::to_string(progress.done)},
                        {"rate", whole(static_cast<double>(progress.done) / seconds)}};
  if (progress.part.value_or(0) <= 0)
    return gate::fill(gate::phrase("{done} units, {rate} a second", language), details);
  const double left = seconds * (1 - *progress.part) / *progress.part;
  details.emplace_back("percent", whole(*progress.part * 100));
  details.emplace_back("left", whole(left + 1));
  return gate::fill(gate::phrase("{done} units, {percent} %, {rate} a second, {left} s left", language),
                    details);
}

void tell_error(const Error& error, gate::Language language) {
  std::fprintf(stderr, "dmigate: %s\n", gate::printable(gate::to_text(error, language)).c_str());
}

int status_of(const audit::Summary& summary) {
  const gate::Outcome outcome = outcome_of(summary);
  if (outcome == gate::Outcome::kFail) return kExitFail;
  return outcome == gate::Outcome::kError || !summary.unwritten.empty() ? kExitError : kExitPass;
}

}  // namespace

Result<Done> audit_command(const Arguments& arguments) {
  audit::Request request{.paths = arguments.operands,
                         .table_only = arguments.audit.table_only,
                         .jobs = arguments.audit.jobs,
                         .csv = arguments.audit.csv,
                         .jsonl = arguments.audit.jsonl,
                         .html = arguments.audit.html,
                         .language = arguments.language,
                         .fixtures = arguments.settings.fixtures,
                         .today = gate::utc_text(std::chrono::system_clock::now()).substr(0, 10),
                         .claim = arguments.audit.claim,
                         .station = arguments.settings.station,
                         .stop = &asked_to_end};
  if (const char* folder = std::getenv("TMPDIR"); folder != nullptr && *folder != '\0')
    request.temporary_folder = folder;
  const line::Settings& settings = arguments.settings;
  std::optional<gate::Registry> registry;
  if (settings.registry_named && settings.registry != "none") {
    auto opened =
        gate::Registry::open(settings.registry, {.sqlite = settings.sqlite, .postgres = settings.postgres});
    if (!opened) return Failure(opened.error());
    request.registry = &registry.emplace(*std::move(opened));
  } else if (arguments.audit.claim) {
    return fail("--claim needs a registry to claim in", {}, "name it with --registry",
                ErrorKind::kConfiguration);
  }
  auto chosen =
      audit::choose_profiles(arguments.request.profile, settings.catalog, settings.burn_tool, request);
  if (!chosen) return Failure(chosen.error());
  const bool shows = isatty(STDERR_FILENO) == 1;
  if (shows) {
    request.progress = [&](const audit::Progress& progress) {
      std::fprintf(stderr, "\r\033[K%s", progress_line(progress, arguments.language).c_str());
    };
  }
  listen();
  auto summary = audit::audit(request);
  if (shows) std::fputs("\r\033[K", stderr);
  if (!summary) return Failure(summary.error());
  if (summary->registry_lost) tell_error(*summary->registry_lost, arguments.language);
  for (const Error& error : summary->unwritten) tell_error(error, arguments.language);
  return Done{to_text(*summary, arguments.language, isatty(STDOUT_FILENO) == 1), status_of(*summary)};
}

}  // namespace dmigate::cli
