// Every command and its options, as they are typed. parse_arguments() turns them into Arguments.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"

namespace dmigate::cli {

// The options as they were typed.
struct Raw {
  std::string config, registry, language, station, line, operator_name, work_order, lot, shift;
  std::vector<std::string> profiles, identifiers, set;
  std::string source, evidence, profile, stage, unit, tool, timeout, order;
  std::string notify, spool, permit, permit_key, permit_keys, permit_lifetime;
  std::vector<std::string> command;
  std::string system_disk, wmi_file, reference, reference_from;
  std::string operand, compare, by, reason, name, extends, purpose, heads, dump;
  std::vector<std::string> parts, dispositions;
  std::vector<std::string> operands;
  std::vector<unsigned> types;
  AuditArguments audit;
  std::string scope;
  bool json = false, dry_run = false, wmi = false, markdown = false, plan = false, check_only = false,
       csv = false;
  bool flush = false, keep_trying = false;
  std::string listen, certificate, key, tokens, role, keep, audit_time;
  double rate = 0;               ///< 0: not said
  std::uint64_t audit_size = 0;  ///< MiB; 0: not said
  bool without_tls = false;
};

inline constexpr std::string_view kExitTable =
    "Exit status: 0 PASS, OBSERVED, or a burn that ended well and is pending · "
    "1 FAIL: the unit is at fault ·\n"
    "2 wrong usage, or a profile or configuration that does not hold · 3 ERROR: it could not be judged ·\n"
    "4 the burn or image command failed or timed out · 5 verification after a burn failed";

struct Group {
  const char* name;
  const char* description;
};

std::span<const Group> groups();

struct CommandRow {
  Command command;
  const char* group;  ///< nullptr: a command of its own
  const char* name;
  const char* description;
  void (*options)(CLI::App&, Raw&);
};

std::span<const CommandRow> commands();

void add_language(CLI::App& app, Raw& raw);

}  // namespace dmigate::cli
