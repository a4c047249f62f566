// The command dmigate: arguments in, one room's answer out.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/code_commands.h"
#include "cli/exit_status.h"
#include "cli/explain.h"
#include "cli/line_commands.h"
#include "cli/new_file.h"
#include "cli/profile_commands.h"
#include "cli/registry_commands.h"
#include "cli/show.h"
#include "gate/judge/phrases.h"
#include "profiles/schema.h"

namespace dmigate::cli {
namespace {

// A stream that is closed would be the next file's number, and that file would get what is printed. One
// that can only be read takes its place, so that printing fails. And it fails by errno where the reader
// has gone: a signal would end dmigate without a word.
void keep_standard_streams() {
  for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    break;
  }
  std::signal(SIGPIPE, SIG_IGN);
}

// Results that did not reach their reader are no results: a full disk or a closed pipe is ERROR.
int print(const std::string& text, int status, gate::Language language) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return status;
  const auto words = gate::phrase("the result could not be written to standard output", language);
  std::fputs(("dmigate: " + std::string(words) + "\n").c_str(), stderr);
  return kExitError;
}

// Paths and other words of the caller's may hold what steers a terminal; lines stay lines.
void print_error(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::fprintf(stderr, "%s\n", gate::printable(text.substr(0, end)).c_str());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

int complain(const Error& error, gate::Language language) {
  print_error("dmigate: " + gate::to_text(error, language));
  return error.kind == ErrorKind::kConfiguration ? kExitUsage : kExitError;
}

int answer(const Result<line::Answer>& answered, const Arguments& arguments) {
  if (!answered) return complain(answered.error(), arguments.language);
  const gate::Verdict& verdict = answered->verdict;
  const gate::Cures cures = answered->cures();
  // A permit that was asked for on standard output has it for itself.
  if (arguments.command == Command::kCheck && arguments.request.permit == "-") {
    const std::string said =
        arguments.json ? gate::to_json(verdict, arguments.language, cures)
                       : gate::to_text(verdict, arguments.language, cures, isatty(STDERR_FILENO) == 1);
    std::fputs(said.c_str(), stderr);
    return print(answered->permit.empty() ? "" : answered->permit + "\n", exit_status(verdict),
                 arguments.language);
  }
  return print(arguments.json ? gate::to_json(verdict, arguments.language, cures)
                              : gate::to_text(verdict, arguments.language, cures, isatty(STDOUT_FILENO) == 1),
               exit_status(verdict), arguments.language);
}

int show(const Arguments& arguments) {
  auto evidence = arguments.request.source ? gate::read_evidence(*arguments.request.source) : line::capture();
  if (!evidence) return complain(evidence.error(), arguments.language);
  const smbios::Source& source = evidence->source;
  if (arguments.wmi)
    return print(arguments.json ? wmi_json(source) : wmi_text(source), kExitPass, arguments.language);
  return print(arguments.json ? show_json(source, arguments.types) : show_text(source, arguments.types),
               kExitPass, arguments.language);
}

int dump(const Arguments& arguments) {
  auto evidence = line::capture();
  if (!evidence) return complain(evidence.error(), arguments.language);
  const auto bytes = smbios::to_dump(evidence->source.layout());
  const std::string content(bytes.begin(), bytes.end());
  if (auto written = write_new_file(arguments.operand, content); !written)
    return complain(written.error(), arguments.language);
  return kExitPass;
}

int evidence(const Arguments& arguments) {
  auto taken = line::capture();
  if (!taken) return complain(taken.error(), arguments.language);
  line::add_hardware(*taken);
  if (auto added = line::add_given(arguments.request.given, *taken); !added)
    return complain(added.error(), arguments.language);
  const std::string content = gate::to_json(*taken);
  if (arguments.operand.empty()) return print(content, kExitPass, arguments.language);
  if (auto written = write_new_file(arguments.operand, content); !written)
    return complain(written.error(), arguments.language);
  return kExitPass;
}

int audit(const Arguments& arguments) {
  auto done = audit_command(arguments);
  return done ? print(done->text, done->status, arguments.language)
              : complain(done.error(), arguments.language);
}

int explain(const Arguments& arguments) {
  auto told = arguments.markdown ? field_reference()
              : arguments.json   ? explain_json(arguments.operand)
                                 : explain_text(arguments.operand, arguments.language);
  return told ? print(*told, kExitPass, arguments.language) : complain(told.error(), arguments.language);
}

int profile(const Arguments& arguments) {
  auto done = profile_command(arguments);
  return done ? print(done->text, done->status, arguments.language)
              : complain(done.error(), arguments.language);
}

int code(const Arguments& arguments) {
  auto done = code_command(arguments);
  return done ? print(done->text, done->status, arguments.language)
              : complain(done.error(), arguments.language);
}

int registry(const Arguments& arguments) {
  auto done = registry_command(arguments);
  return done ? print(done->text, done->status, arguments.language)
              : complain(done.error(), arguments.language);
}

int line_room(const Arguments& arguments) {
  auto done = line_command(arguments);
  return done ? print(done->text, done->status, arguments.language)
              : complain(done.error(), arguments.language);
}

int carry_out(const Arguments& arguments) {
  line::Session session(arguments.settings);
  switch (arguments.command) {
    case Command::kCheck:
      return answer(session.check(arguments.request), arguments);
    case Command::kBurn:
      return answer(arguments.plan ? session.plan(arguments.request) : session.burn(arguments.request),
                    arguments);
    case Command::kRun:
      return answer(session.run(arguments.request), arguments);
    case Command::kPermitVerify:
      return answer(session.open_by_permit(arguments.request), arguments);
    case Command::kPermitKeygen:
    case Command::kNotify:
      return line_room(arguments);
    case Command::kAudit:
      return audit(arguments);
    case Command::kShow:
      return show(arguments);
    case Command::kDump:
      return dump(arguments);
    case Command::kEvidence:
      return evidence(arguments);
    case Command::kCode:
      return code(arguments);
    case Command::kExplain:
      return explain(arguments);
    case Command::kProfileList:
    case Command::kProfileShow:
    case Command::kProfileLint:
    case Command::kProfileDiff:
    case Command::kProfileTest:
    case Command::kProfileLearn:
      return profile(arguments);
    case Command::kSchema:
      return print(arguments.operand == "tool" ? profiles::tool_schema() : profiles::profile_schema(),
                   kExitPass, arguments.language);
    case Command::kRegistryInit:
    case Command::kRegistryStatus:
    case Command::kRegistryLookup:
    case Command::kRegistryVerify:
    case Command::kRegistryResolve:
    case Command::kRegistryReplace:
    case Command::kRegistryRetire:
    case Command::kRegistryHead:
    case Command::kRegistryMigrate:
    case Command::kRegistryImport:
    case Command::kRegistryExport:
    case Command::kTrace:
      break;
  }
  return registry(arguments);
}

}  // namespace
}  // namespace dmigate::cli

int main(int argc, char** argv) {
  dmigate::cli::keep_standard_streams();
  auto arguments = dmigate::cli::parse_arguments(argc, argv);
  if (!arguments) {
    dmigate::cli::print_error(arguments.error().err);
    return dmigate::cli::print(arguments.error().out, arguments.error().status, arguments.error().language);
  }
  return dmigate::cli::carry_out(*arguments);
}
