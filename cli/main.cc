// The command dmigate: arguments in, one room's answer out.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/code_commands.h"
#include "cli/exit_status.h"
#include "cli/explain.h"
#include "cli/line_commands.h"
#include "cli/new_file.h"
#include "cli/profile_commands.h"
#include "cli/registry_commands.h"
#include "cli/say.h"
#include "cli/show.h"
#include "gate/judge/phrases.h"
#include "profiles/schema.h"

namespace dmigate::cli {
namespace {

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
                 arguments.language, verdict.recorded);
  }
  return print(arguments.json ? gate::to_json(verdict, arguments.language, cures)
                              : gate::to_text(verdict, arguments.language, cures, isatty(STDOUT_FILENO) == 1),
               exit_status(verdict), arguments.language, verdict.recorded);
}

int show_table(const Arguments& arguments) {
  auto evidence = arguments.request.source ? gate::read_evidence(*arguments.request.source) : line::capture();
  if (!evidence) return complain(evidence.error(), arguments.language);
  const smbios::Source& source = evidence->source;
  if (arguments.wmi)
    return print(arguments.json ? wmi_json(source) : wmi_text(source), kExitPass, arguments.language);
  if (!arguments.json) return print(show_text(source, arguments.types), kExitPass, arguments.language);
  show_json(source, arguments.types, [](std::string_view piece) {
    if (std::ferror(stdout) == 0) std::fwrite(piece.data(), 1, piece.size(), stdout);
  });
  return print("", kExitPass, arguments.language);
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

int audit_batch(const Arguments& arguments) {
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

// The service is a program of its own beside this one: what it needs would cost every check its start.
// dmigate-serve reads the command line itself.
int serve(char** argv, gate::Language language) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (own.parent_path() / "dmigate-serve").string();
  if (!error) ::execv(program.c_str(), argv);
  return complain(
      fail("the service's program cannot be started (" + std::generic_category().message(errno) + ")",
           program, "install dmigate-serve beside dmigate", ErrorKind::kConfiguration)
          .value(),
      language);
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
      return audit_batch(arguments);
    case Command::kShow:
      return show_table(arguments);
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
    case Command::kServe:  // main() has handed it over
      break;
  }
  return registry(arguments);
}

}  // namespace
}  // namespace dmigate::cli

int main(int argc, char** argv) {
  dmigate::cli::keep_standard_streams();
  if (argc > 1 && std::string_view(argv[1]) == "serve") {
    return dmigate::cli::serve(argv, dmigate::gate::Language::kEnglish);
  }
  auto arguments = dmigate::cli::parse_arguments(argc, argv);
  if (!arguments) {
    dmigate::cli::print_error(arguments.error().err);
    return dmigate::cli::print(arguments.error().out, arguments.error().status, arguments.error().language);
  }
  return dmigate::cli::carry_out(*arguments);
}
