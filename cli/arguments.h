// The command line: which command was called, with what. Flag over environment over station.yaml over
// default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "line-integration/service/service.h"
#include "line-integration/station/session.h"

namespace dmigate::cli {

enum class Command : unsigned char {
  kCheck,
  kBurn,
  kRun,
  kAudit,
  kShow,
  kDump,
  kEvidence,
  kCode,
  kExplain,
  kProfileList,
  kProfileShow,
  kProfileLint,
  kProfileDiff,
  kProfileTest,
  kProfileLearn,
  kSchema,
  kRegistryInit,
  kRegistryStatus,
  kRegistryLookup,
  kRegistryVerify,
  kRegistryResolve,
  kRegistryReplace,
  kRegistryRetire,
  kRegistryHead,
  kRegistryMigrate,
  kRegistryImport,
  kRegistryExport,
  kTrace,
  kPermitKeygen,
  kPermitVerify,
  kNotify,
  kServe,
};

// What only an audit is told.
struct AuditArguments {
  unsigned jobs = 0;  ///< 0: as many as there are processors
  bool table_only = false;
  bool claim = false;
  std::string csv, jsonl, html;  ///< files; empty: not asked for
};

struct Arguments {
  Command command = Command::kCheck;
  line::Settings settings;  ///< station.yaml, environment and flags put together
  line::Request request;    ///< check, burn, run
  gate::Language language = gate::Language::kEnglish;
  bool json = false;
  std::vector<unsigned> types;              ///< show --type
  bool wmi = false;                         ///< show --wmi
  bool markdown = false;                    ///< profile explain --markdown
  bool plan = false;                        ///< burn --plan
  bool flush = false, keep_trying = false;  ///< notify
  // dump, evidence: FILE; lookup, trace: VALUE; resolve, replace, retire: UNIT; import, export: FILE;
  // explain: KEYWORD; schema: WHAT
  std::string operand;
  std::string compare;                           ///< code --compare; empty: the unit's own code is asked for
  std::string by, reason;                        ///< resolve, replace, retire, migrate, import
  std::vector<gate::Part> parts;                 ///< replace, retire
  std::optional<gate::Disposition> disposition;  ///< replace: of parts that say none
  std::string heads;                             ///< registry verify --head FILE
  std::string dump;                              ///< trace --dump FILE
  bool check_only = false;                       ///< registry import --check
  bool csv = false;                              ///< registry export --csv
  std::vector<std::string> operands;             ///< profile show, lint, diff, test, learn; audit: PATH…
  AuditArguments audit;
  std::string name, extends;  ///< profile learn
  service::ServiceOptions serve;
  std::string role;                   ///< serve token add
  std::chrono::milliseconds keep{0};  ///< serve token rotate
};

// What a call ends with before any command is carried out: --help, --version, or wrong usage.
struct Ended {
  int status;
  std::string out;  ///< for stdout
  std::string err;  ///< for stderr
  gate::Language language = gate::Language::kEnglish;
};

tl::expected<Arguments, Ended> parse_arguments(int argc, const char* const* argv);

}  // namespace dmigate::cli
