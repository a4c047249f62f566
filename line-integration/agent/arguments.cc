#include "line-integration/agent/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <sstream>

#include "gate/evidence/text.h"

namespace dmigate::agent {
namespace {

constexpr int kWrongUsage = 2;

using Milliseconds = std::uint64_t;

const std::map<std::string, Milliseconds>& units() {
  static const std::map<std::string, Milliseconds> kUnits = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  return kUnits;
}

struct Raw {
  Arguments arguments;
  std::vector<std::string> identifiers;
  Milliseconds timeout = 30 * 60'000, patience = 60'000;
};

CLI::Option* add_time(CLI::App& app, const char* name, Milliseconds& time, const char* says) {
  constexpr auto kStrict = CLI::AsNumberWithUnit::UNIT_REQUIRED | CLI::AsNumberWithUnit::CASE_SENSITIVE;
  return app.add_option(name, time, says)
      ->transform(CLI::AsNumberWithUnit(units(), CLI::AsNumberWithUnit::Options(kStrict)))
      ->type_name("TIME");
}

void add_asking(CLI::App& app, Raw& raw) {
  Arguments& arguments = raw.arguments;
  app.add_option("--stage", arguments.stage, "the stage that the unit is at: pre-image, ship, …")
      ->required()
      ->type_name("STAGE");
  const auto scanned = [](const std::string& label) {
    return gate::trimmed(label).empty() ? std::string("no label was scanned") : std::string();
  };
  app.add_option("--unit", arguments.unit, "the label, as it was scanned; - reads it from standard input")
      ->type_name("LABEL")
      ->check(scanned);
  app.add_option("--id", raw.identifiers, "another scanned number; may be repeated")->type_name("NAME=VALUE");
  app.add_option("--profile", arguments.profile, "the profile, where the unit's own table does not find it")
      ->type_name("NAME");
  app.add_option("--operator", arguments.operator_name, "who works here")->type_name("NAME");
  app.add_option("--work-order", arguments.work_order, "the work order")->type_name("NAME");
  app.add_option("--lot", arguments.lot, "the lot")->type_name("NAME");
  app.add_option("--shift", arguments.shift, "the shift")->type_name("NAME");
  app.add_option("--system-disk", arguments.system_disk,
                 "which disk is the system's, where there are several")
      ->type_name("NAME");
  app.add_option("--url", arguments.url, "the service: https://HOST:PORT")->type_name("URL");
  app.add_option("--token", arguments.token, "the station's token, dmg_…")->type_name("TOKEN");
  app.add_option("--ca", arguments.ca, "PEM file: the certificate, or who signed it (default: the system's)")
      ->type_name("FILE");
  app.add_flag("--insecure", arguments.insecure,
               "let the token go over a network in clear, by http://: whoever listens there has it then");
  add_time(app, "--patience", raw.patience, "how long each answer is waited for, such as 2m (default 1m)");
  app.add_option("--lang", arguments.language, "language of the sentences: en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->type_name("LANGUAGE");
  app.add_flag("--json", arguments.json, "print the verdict as JSON; the command's output goes to stderr");
}

// A token in the wrong place is no sentence on a screen.
std::string usage_text(std::string what) {
  for (std::size_t at = 0; (at = what.find("dmg_", at)) != what.npos; at += 4) {
    const std::size_t end = what.find_first_of(" \t\n'\"", at);
    what.replace(at + 4, std::min(end, what.size()) - at - 4, "...");
  }
  return "dmigate-agent: " + what + "\ndmigate-agent --help tells what it takes\n";
}

std::variant<Arguments, Ended> finished(Raw raw, bool has_command) {
  Arguments& arguments = raw.arguments;
  for (const std::string& each : raw.identifiers) {
    const std::size_t sign = each.find('=');
    if (sign == each.npos || sign == 0)
      return Ended{kWrongUsage, usage_text("--id takes NAME=VALUE, not " + each)};
    arguments.identifiers.emplace_back(each.substr(0, sign), each.substr(sign + 1));
  }
  if (has_command != (arguments.task == Task::kGate) || (has_command && arguments.command.empty())) {
    return Ended{kWrongUsage,
                 usage_text("gate takes the command that it starts after --, and nothing else does")};
  }
  // A value that would be no time at all: a command that may take a month is one without supervision.
  constexpr Milliseconds kLongest = 30ULL * 24 * 3'600'000;
  if (raw.timeout == 0 || raw.timeout > kLongest || raw.patience == 0 || raw.patience > kLongest)
    return Ended{kWrongUsage, usage_text("a time is from 1ms to 720h")};
  arguments.timeout = std::chrono::milliseconds(raw.timeout);
  arguments.patience = std::chrono::milliseconds(raw.patience);
  return arguments;
}

}  // namespace

std::variant<Arguments, Ended> parse(std::vector<std::string> words) {
  Raw raw;
  // What follows -- is the command, taken as it stands; CLI11 never sees it.
  const auto dashes = std::ranges::find(words, "--");
  const bool has_command = dashes != words.end();
  if (has_command) {
    raw.arguments.command.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  CLI::App app("dmigate-agent: reads this unit, asks the line's service, and starts the image only on PASS",
               "dmigate-agent");
  app.set_version_flag("--version", "dmigate-agent " DMIGATE_VERSION);
  app.require_subcommand(1);
  app.add_subcommand("evidence", "prints all that was read from this unit, as JSON");
  CLI::App* check = app.add_subcommand("check", "asks the service for a verdict, and prints it");
  CLI::App* gate = app.add_subcommand(
      "gate", "starts a command only if the unit passes: gate … --stage STAGE -- COMMAND [ARG…]");
  for (CLI::App* each : {check, gate}) {
    // Options of a command that is not called must not be asked for.
    if (words.empty() || words.front() != each->get_name()) continue;
    add_asking(*each, raw);
  }
  add_time(*gate, "--timeout", raw.timeout, "how long the command may take, such as 1h (default 30m)");
  std::ranges::reverse(words);
  try {
    app.parse(words);
  } catch (const CLI::Success& asked) {
    std::ostringstream text;
    app.exit(asked, text, text);
    return Ended{0, text.str()};
  } catch (const CLI::ParseError& wrong) {
    return Ended{kWrongUsage, usage_text(wrong.what())};
  }
  if (check->parsed()) raw.arguments.task = Task::kCheck;
  if (gate->parsed()) raw.arguments.task = Task::kGate;
  return finished(std::move(raw), has_command);
}

}  // namespace dmigate::agent
