#include "cli/arguments.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "cli/exit_status.h"
#include "gate/judge/phrases.h"
#include "profiles/yaml.h"

namespace dmigate::cli {
namespace {

constexpr const char* kSystemConfig = "/etc/dmigate/station.yaml";

// The options as they were typed; parse_arguments() turns them into Arguments.
struct Raw {
  std::string config, registry, language, station, line, operator_name, work_order, lot, shift;
  std::vector<std::string> profiles, identifiers, set;
  std::string source, evidence, profile, stage, unit, tool, timeout;
  std::vector<std::string> command;
  std::string system_disk, wmi_file, reference, reference_from;
  std::string operand, compare, by, reason, name, extends, purpose, heads, dump;
  std::vector<std::string> parts, dispositions;
  std::vector<std::string> operands;
  std::vector<unsigned> types;
  AuditArguments audit;
  std::string scope;
  bool json = false, dry_run = false, wmi = false, markdown = false;
};

constexpr std::string_view kExitTable =
    "Exit status: 0 PASS, or a burn that ended well and is pending · 1 FAIL: the unit is at fault ·\n"
    "2 wrong usage, or a profile or configuration that does not hold · 3 ERROR: it could not be judged ·\n"
    "4 the burn or image command failed or timed out · 5 verification after a burn failed";

constexpr std::string_view kSourceHelp =
    "the unit's table: a dump, RSMB, bare or evidence file, a folder with smbios_entry_point and DMI,"
    " or - for standard input; without it, this machine";

void add_language(CLI::App& app, Raw& raw) {
  app.add_option("--lang", raw.language, "language of what is said: en or zh")
      ->envname("DMIGATE_LANG")
      ->check(CLI::IsMember({"en", "zh"}));
}

void add_station_options(CLI::App& app, Raw& raw) {
  app.add_option("--config", raw.config, "station.yaml: what this station always says")
      ->envname("DMIGATE_CONFIG");
  app.add_option("--registry", raw.registry,
                 "PATH or postgresql://USER@HOST/DATABASE of the registry, or none")
      ->envname("DMIGATE_REGISTRY");
  app.add_option("--station", raw.station, "name of this station (default: the host's)")
      ->envname("DMIGATE_STATION");
  app.add_option("--line", raw.line, "name of the line")->envname("DMIGATE_LINE");
  app.add_option("--operator", raw.operator_name, "who works here")->envname("DMIGATE_OPERATOR");
}

// What is told of a unit and cannot be read from it.
void add_given_options(CLI::App& app, Raw& raw) {
  app.add_option("--system-disk", raw.system_disk,
                 "name of the system's disk, such as nvme0n1, where the unit has several");
  app.add_option("--wmi", raw.wmi_file, "file with what WMI answered on this unit (docs/evidence.md)");
  auto* reference = app.add_option("--reference", raw.reference,
                                   "what another clock says now, such as 2026-11-20T05:00:00Z");
  app.add_option("--reference-from", raw.reference_from, "whose clock that is, such as ntp or database")
      ->needs(reference);
}

void add_unit_options(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  app.add_option("--stage", raw.stage,
                 "incoming, pre-burn, post-burn, pre-image, post-image or ship; the verdict is recorded");
  app.add_option("--profile", raw.profile,
                 "the model's profile, by name or file (default: found by label or `match`)");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_option("--unit", raw.unit, "the scanned label: the serial on the outside of the case");
  app.add_option("--id", raw.identifiers, "NAME=VALUE of another scanned number; may be given several times");
  app.add_option(
      "--evidence", raw.evidence,
      "evidence file that goes with SOURCE, or stands for it; or a hardware inventory of the OA3 tool");
  add_given_options(app, raw);
  app.add_option("--work-order", raw.work_order, "work order")->envname("DMIGATE_WORK_ORDER");
  app.add_option("--lot", raw.lot, "lot")->envname("DMIGATE_LOT");
  app.add_option("--shift", raw.shift, "shift")->envname("DMIGATE_SHIFT");
  app.add_flag("--json", raw.json, "one JSON object (dmigate.verdict/1) instead of text");
}

void add_check(CLI::App& app, Raw& raw) {
  add_unit_options(app, raw);
  app.add_flag("--dry-run", raw.dry_run, "record nothing; does not go with --stage");
  app.add_option("--purpose", raw.purpose,
                 "golden: a unit that is there to try the station; recorded, claims nothing, opens nothing")
      ->check(CLI::IsMember({"golden"}));
}

void add_burn(CLI::App& app, Raw& raw) {
  add_unit_options(app, raw);
  app.add_option("--set", raw.set, "KEYWORD=VALUE to burn; may be given several times");
  app.add_option("--tool", raw.tool, "burn tool (default: the profile's)");
  app.add_option("--timeout", raw.timeout, "how long the tool may take, such as 90s (default 5m)");
}

void add_run(CLI::App& app, Raw& raw) {
  add_unit_options(app, raw);
  app.add_option("--timeout", raw.timeout, "how long the command may take, such as 1h (default 30m)");
}

void add_audit(CLI::App& app, Raw& raw) {
  app.add_option(
         "PATH", raw.operands,
         "dumps of any form that check reads, folders and archives of them, or - for a list of paths on "
         "standard input")
      ->required();
  app.add_option("--config", raw.config, "station.yaml: its folders of profiles")->envname("DMIGATE_CONFIG");
  app.add_option("--profile", raw.profile,
                 "the profile of every unit, by name or file (default: found by `match`)");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_option("--scope", raw.scope, "table: rules on hardware are not asked")
      ->check(CLI::IsMember({"table"}));
  app.add_option("--jobs", raw.audit.jobs, "how many workers (default: one for each processor)")
      ->check(CLI::Range(1, 256));
  app.add_option("--csv", raw.audit.csv, "file for a line of each unit, as spreadsheets read it");
  app.add_option("--jsonl", raw.audit.jsonl, "file for a JSON object (dmigate.audit/1) of each unit");
  app.add_option("--html", raw.audit.html, "file for a page with tables and charts");
}

void add_show(CLI::App& app, Raw& raw) {
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  auto* types =
      app.add_option("--type,-t", raw.types, "only structures of this type; may be given several times")
          ->check(CLI::Range(0, 255));
  app.add_flag("--wmi", raw.wmi, "what WMI's classes would answer from this table")->excludes(types);
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_dump(CLI::App& app, Raw& raw) {
  app.add_option("FILE", raw.operand, "where to write it; an existing file is not overwritten")->required();
}

void add_evidence(CLI::App& app, Raw& raw) {
  app.add_option("FILE", raw.operand,
                 "where to write it (default: standard output); an existing file is not overwritten");
  add_given_options(app, raw);
}

void add_code(CLI::App& app, Raw& raw) {
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  app.add_option(
      "--compare", raw.compare,
      "a CODE that was read out: which fields differ. A SOURCE is how the unit was and the code how "
      "it is; with --unit the unit is how the registry remembers it; else the code is how this machine was");
  app.add_option("--unit", raw.unit,
                 "with --compare: the label, or any unique value, of a unit of the registry");
  app.add_option("--registry", raw.registry, "PATH or postgresql://… of the registry")
      ->envname("DMIGATE_REGISTRY");
  app.add_option("--system-disk", raw.system_disk,
                 "name of the system's disk, such as nvme0n1, where the unit has several");
  app.add_option("--config", raw.config, "station.yaml: the adapters that belong to the station")
      ->envname("DMIGATE_CONFIG");
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_explain(CLI::App& app, Raw& raw) {
  auto* asked =
      app.add_option("KEYWORD", raw.operand,
                     "a field; or the number of a type, whose fields are listed; without it, all are");
  auto* json = app.add_flag("--json", raw.json, "JSON instead of text");
  app.add_flag("--markdown", raw.markdown, "the reference of all fields, as docs/fields.md has it")
      ->excludes(asked)
      ->excludes(json);
}

// Every profile command looks names up in the same folders.
void add_profile_options(CLI::App& app, Raw& raw) {
  app.add_option("--config", raw.config, "station.yaml: its folders of profiles")->envname("DMIGATE_CONFIG");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
}

void add_profile_list(CLI::App& app, Raw& raw) {
  add_profile_options(app, raw);
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_profile_show(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("NAME|FILE", raw.operands, "a profile or a base set")->required()->expected(1);
}

void add_profile_lint(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("FILE|NAME|FOLDER", raw.operands,
                 "profiles, sets, burn tools, station.yaml; without any, the station's folders of profiles");
}

void add_profile_diff(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("A B", raw.operands, "two profiles, by name or file: the old one, the new one")
      ->required()
      ->expected(2);
}

void add_profile_test(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("DIR", raw.operands, "folder with expect.yaml and the units that it names")
      ->required()
      ->expected(1);
  app.add_option("--profile", raw.profile, "the profile that is tried, instead of the one in expect.yaml");
}

void add_profile_learn(CLI::App& app, Raw& raw) {
  add_profile_options(app, raw);
  app.add_option("SOURCE", raw.operands, "golden units: dumps, or any form that check reads")->required();
  app.add_option("--name", raw.name, "name of the profile (default: made of the product's name)");
  app.add_option("--extends", raw.extends, "the set that it extends (default: windows-oem)");
}

void add_nothing(CLI::App& /*app*/, Raw& /*raw*/) {}

void add_registry_plain(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_lookup(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("VALUE", raw.operand, "a serial, label, identifier, UUID, or unit id")->required();
}

void add_decision(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("--by", raw.by, "who decides it")->required();
  app.add_option("--reason", raw.reason, "why")->required();
}

void add_resolve(CLI::App& app, Raw& raw) {
  add_decision(app, raw);
  app.add_option("UNIT", raw.operand, "the unit's label, any of its unique values, or its id")->required();
}

void add_retire(CLI::App& app, Raw& raw) {
  add_resolve(app, raw);
  app.add_option("--disposition", raw.dispositions,
                 "KEYWORD=stock of a part that is used again; all others are scrap");
}

void add_replace(CLI::App& app, Raw& raw) {
  add_resolve(app, raw);
  app.add_option(
         "--part", raw.parts,
         "KEYWORD=NEWVALUE, or KEYWORD alone where the next PASS is to tell; may be given several times")
      ->required();
  app.add_option(
         "--disposition", raw.dispositions,
         "what becomes of the old part: stock (its serial is free), repair (it stays with the unit) or"
         " scrap (never valid again); KEYWORD=stock for one of several")
      ->required();
}

void add_verify(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("--head", raw.heads, "FILE with what registry head --json once said: a cut tail is found");
}

void add_trace(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("VALUE", raw.operand,
                 "a serial, label, identifier, UUID, MAC, lot, work order or unit id, current or given up")
      ->required();
  app.add_option("--dump", raw.dump, "FILE for the newest raw table of the unit, in dmidecode's dump form");
}

struct Group {
  const char* name;
  const char* description;
};

constexpr Group kGroups[] = {
    {"profile", "write, check and try what is asked of a model's units"},
    {"registry", "the plant's memory of which value is whose"},
};

struct CommandRow {
  Command command;
  const char* group;  ///< nullptr: a command of its own
  const char* name;
  const char* description;
  void (*options)(CLI::App&, Raw&);
};

constexpr CommandRow kCommands[] = {
    {Command::kCheck, nullptr, "check",
     "judge a unit by its profile; with --stage, record the verdict and claim its serials", add_check},
    {Command::kBurn, nullptr, "burn", "burn the intended values, if the unit may have them", add_burn},
    {Command::kRun, nullptr, "run",
     "start a command (the image) only if the unit passes: run … --stage S -- COMMAND [ARG…]", add_run},
    {Command::kAudit, nullptr, "audit", "judge a batch: many dumps at once, with the values that units share",
     add_audit},
    {Command::kShow, nullptr, "show", "every structure of a table, decoded", add_show},
    {Command::kDump, nullptr, "dump", "write this machine's table in dmidecode's dump form", add_dump},
    {Command::kEvidence, nullptr, "evidence",
     "write all that a verdict needs of this machine as one JSON file", add_evidence},
    {Command::kCode, nullptr, "code",
     "a code that can be read out over a telephone, and tells later which fields of the unit changed",
     add_code},
    {Command::kExplain, "profile", "explain", "what a field is, where it stands, and what writes it",
     add_explain},
    {Command::kProfileList, "profile", "list", "the models and base sets that can be named",
     add_profile_list},
    {Command::kProfileShow, "profile", "show", "every rule of a profile, and where each comes from",
     add_profile_show},
    {Command::kProfileLint, "profile", "lint", "what is wrong with a profile, and what is odd about it",
     add_profile_lint},
    {Command::kProfileDiff, "profile", "diff", "what one profile asks otherwise than another",
     add_profile_diff},
    {Command::kProfileTest, "profile", "test", "try a profile on units that must pass or fail",
     add_profile_test},
    {Command::kProfileLearn, "profile", "learn", "a draft of a profile, from golden units",
     add_profile_learn},
    {Command::kSchema, "profile", "schema",
     "the format of profiles as JSON Schema, for editors that complete and check", add_nothing},
    {Command::kRegistryInit, "registry", "init", "make an empty registry", add_registry_plain},
    {Command::kRegistryStatus, "registry", "status", "how much is in it, and what is open",
     add_registry_plain},
    {Command::kRegistryLookup, "registry", "lookup", "who holds a value", add_lookup},
    {Command::kRegistryVerify, "registry", "verify",
     "whether every record is whole and every claim explained", add_verify},
    {Command::kRegistryResolve, "registry", "resolve", "end an open burn or run that was cut off",
     add_resolve},
    {Command::kRegistryReplace, "registry", "replace", "a unit's parts or label were exchanged", add_replace},
    {Command::kRegistryRetire, "registry", "retire", "a unit is no more", add_retire},
    {Command::kRegistryHead, "registry", "head", "each station's last record, to be kept elsewhere",
     add_registry_plain},
    {Command::kRegistryMigrate, "registry", "migrate", "bring a registry of an older dmigate to this one",
     add_decision},
    {Command::kTrace, nullptr, "trace", "all that is known of a unit, the newest first", add_trace},
};

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? std::string(name.data())
                                                                           : "station";
}

Failure usage(std::string what, std::string advice = {}) {
  return fail(std::move(what), {}, std::move(advice), ErrorKind::kConfiguration);
}

Result<std::pair<std::string, std::string>> split_pair(const std::string& text, const char* option,
                                                       const char* form) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return usage(std::string(option) + " takes " + form + ", not \"" + gate::printable(text) + "\"");
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

std::string strip(const std::string& scanned) {
  const auto first = scanned.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return scanned.substr(first, scanned.find_last_not_of(" \t\r\n") - first + 1);
}

// The settings: station.yaml, then environment and flags (CLI11 has put flags over environment).
Result<line::Settings> settings_of(const Raw& raw) {
  std::error_code error;
  line::Settings settings;
  const bool system = raw.config.empty() && std::filesystem::exists(kSystemConfig, error);
  if (!raw.config.empty() || system) {
    auto loaded = line::load_settings(system ? kSystemConfig : raw.config, host_name());
    if (!loaded) {
      Error problem = loaded.error();
      problem.kind = ErrorKind::kConfiguration;
      return Failure(problem);
    }
    settings = *std::move(loaded);
  } else {
    settings.station.id = host_name();
  }
  const std::pair<const std::string*, std::string*> overrides[] = {
      {&raw.station, &settings.station.id},
      {&raw.line, &settings.station.line},
      {&raw.operator_name, &settings.station.operator_name},
      {&raw.work_order, &settings.station.work_order},
      {&raw.lot, &settings.station.lot},
      {&raw.shift, &settings.station.shift},
  };
  for (const auto& [from, to] : overrides) {
    if (const std::string given = strip(*from); !given.empty()) *to = given;
  }
  if (gate::printable(settings.station.id) != settings.station.id) {
    return usage("the station's name has characters that cannot be printed: " +
                 gate::printable(settings.station.id));
  }
  if (!raw.registry.empty()) {
    settings.registry = raw.registry;
    settings.registry_named = true;
  }
  if (!raw.profiles.empty()) settings.catalog.folders = raw.profiles;
  return settings;
}

gate::Language language_of(const Raw& raw, const line::Settings& settings) {
  if (!raw.language.empty())
    return raw.language == "zh" ? gate::Language::kChinese : gate::Language::kEnglish;
  if (settings.language) return *settings.language;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("zh") ? gate::Language::kChinese : gate::Language::kEnglish;
  }
  return gate::Language::kEnglish;
}

Result<line::Given> given_of(const Raw& raw) {
  line::Given given{.system_disk = raw.system_disk, .wmi = {}, .reference = {}, .reference_from = {}};
  if (!raw.wmi_file.empty()) given.wmi = raw.wmi_file;
  if (raw.reference.empty()) return given;
  if (!gate::parse_instant(raw.reference)) {
    return usage("--reference takes an instant such as 2026-11-20T05:00:00Z, not \"" +
                 gate::printable(raw.reference) + "\"");
  }
  given.reference = raw.reference;
  given.reference_from = raw.reference_from.empty() ? "reference" : raw.reference_from;
  return given;
}

Result<line::Request> request_of(const Raw& raw) {
  line::Request request;
  auto given = given_of(raw);
  if (!given) return Failure(given.error());
  request.given = *std::move(given);
  if (!raw.source.empty()) request.source = raw.source;
  if (!raw.evidence.empty()) request.evidence = raw.evidence;
  request.profile = raw.profile;
  request.label = strip(raw.unit);
  if (request.label.empty() && !raw.unit.empty())
    return usage("--unit is given only blanks", "scan the label again");
  request.dry_run = raw.dry_run;
  request.golden = !raw.purpose.empty();
  request.tool = raw.tool;
  request.command = raw.command;
  if (!raw.stage.empty()) {
    request.stage = profiles::find_stage(raw.stage);
    if (!request.stage) {
      return usage("there is no stage \"" + gate::printable(raw.stage) + "\"",
                   "the stages are incoming, pre-burn, post-burn, pre-image, post-image, ship");
    }
  }
  for (const std::string& text : raw.identifiers) {
    auto pair = split_pair(text, "--id", "NAME=VALUE");
    if (!pair) return Failure(pair.error());
    if (strip(pair->second).empty())
      return usage("--id " + gate::printable(pair->first) + "= has no value", "scan it again");
    if (!request.identifiers.emplace(pair->first, strip(pair->second)).second) {
      return usage("identifier " + gate::printable(pair->first) + " is given twice");
    }
  }
  for (const std::string& text : raw.set) {
    auto pair = split_pair(text, "--set", "KEYWORD=VALUE");
    if (!pair) return Failure(pair.error());
    request.set.push_back(*std::move(pair));
  }
  if (!raw.timeout.empty()) {
    request.timeout = line::parse_duration(raw.timeout);
    if (!request.timeout)
      return usage("--timeout takes a time such as 90s, 5m or 1h, not \"" + gate::printable(raw.timeout) +
                   "\"");
  }
  return request;
}

// parse_arguments() puts it into the language that is asked for.
Ended wrong_usage(const std::string& text) { return {kExitUsage, {}, text}; }

// What the option says, where it can be read though the call is wrong: the last one counts.
std::string option_in(const std::vector<std::string>& words, const std::string& name, const char* variable) {
  const char* set = std::getenv(variable);
  std::string said = set == nullptr ? "" : set;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == name && i + 1 < words.size()) said = words[i + 1];
    if (words[i].starts_with(name + "=")) said = words[i].substr(name.size() + 1);
  }
  return said;
}

// The language in which a wrong call is told. A station file that does not hold has none.
gate::Language language_of(const std::vector<std::string>& words) {
  Raw raw;
  const std::string said = option_in(words, "--lang", "DMIGATE_LANG");
  if (said == "en" || said == "zh") raw.language = said;
  const std::string config = option_in(words, "--config", "DMIGATE_CONFIG");
  const auto settings = line::load_settings(config.empty() ? kSystemConfig : config, {});
  return language_of(raw, settings.value_or(line::Settings{}));
}

// CLI11 does not say which word is no command.
std::optional<Ended> unknown_command(const std::vector<std::string>& words) {
  std::string group;
  for (const std::string& word : words) {
    if (word.starts_with("-")) return std::nullopt;
    std::vector<std::string_view> known;
    bool is_group = false;
    for (const CommandRow& row : kCommands) {
      const bool below = row.group != nullptr && row.group == group;
      if (group.empty() ? row.group == nullptr : below) known.emplace_back(row.name);
      if (group.empty() && row.group != nullptr) known.emplace_back(row.group);
      is_group = is_group || (group.empty() && row.group != nullptr && word == row.group);
    }
    if (std::ranges::find(known, word) == known.end()) {
      return wrong_usage("there is no command `" + (group.empty() ? "" : group + " ") + word + "`" +
                         profiles::did_you_mean(word, known));
    }
    if (!is_group) return std::nullopt;
    group = word;
  }
  return std::nullopt;
}

// The words that are left over, the first option among them first: what follows it is often its value.
Ended left_over(const CLI::App& sub, std::vector<std::string> extras) {
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word.starts_with("-"); };
  std::stable_partition(extras.begin(), extras.end(), is_option);
  const std::string& word = extras.front();
  if (!is_option(word)) return wrong_usage("`" + word + "` is one word too many for " + sub.get_name());
  std::vector<std::string_view> known;  // without their dashes, which are typed right in any case
  for (const CLI::Option* option : sub.get_options()) {
    known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  const std::string near =
      profiles::nearest(std::string_view(word).substr(word.starts_with("--") ? 2 : 1), known);
  return wrong_usage(sub.get_name() + " has no option `" + word + "`" +
                     (near.empty() ? std::string() : "; did you mean `--" + near + "`?"));
}

// "$STAGE" that nobody set is no stage left out: a script would be told PASS for a check that it did
// not ask for.
std::optional<Ended> given_empty(const CLI::App& sub) {
  for (const CLI::Option* option : sub.get_options()) {
    const auto& results = option->results();
    if (std::ranges::find(results, std::string()) == results.end()) continue;
    return wrong_usage(option->get_name() + " is given without a value; give one, or leave it out");
  }
  return std::nullopt;
}

CLI::App* add_group(CLI::App& app, std::string_view name) {
  const auto* group = std::ranges::find(kGroups, name, &Group::name);
  return app.add_subcommand(group->name, group->description)->require_subcommand(1);
}

// What rework says of each part, and what becomes of the old ones.
Result<void> add_parts(const Raw& raw, Arguments& arguments) {
  const auto keyword_of = [](const std::string& text) { return strip(text.substr(0, text.find('='))); };
  const auto value_of = [](const std::string& text) {
    return text.find('=') == std::string::npos ? std::string() : strip(text.substr(text.find('=') + 1));
  };
  auto& parts = arguments.parts;
  for (const std::string& text : raw.parts) {
    if (keyword_of(text).empty()) {
      return usage("--part takes KEYWORD or KEYWORD=NEWVALUE, not \"" + gate::printable(text) + "\"");
    }
    if (std::ranges::find(parts, keyword_of(text), &gate::Part::keyword) != parts.end()) {
      return usage("part " + gate::printable(keyword_of(text)) + " is given twice");
    }
    parts.push_back({.keyword = keyword_of(text), .value = value_of(text), .disposition = {}});
  }
  for (const std::string& text : raw.dispositions) {
    const bool of_one = text.find('=') != std::string::npos;
    const auto disposition = gate::find_disposition(of_one ? value_of(text) : strip(text));
    if (!disposition) {
      return usage("--disposition is stock, repair or scrap, not \"" + gate::printable(text) + "\"");
    }
    if (!of_one) {
      if (arguments.disposition) return usage("--disposition is given twice");
      arguments.disposition = disposition;
      continue;
    }
    auto part = std::ranges::find(parts, keyword_of(text), &gate::Part::keyword);
    if (part == parts.end() && arguments.command == Command::kRegistryReplace) {
      return usage("no --part names " + gate::printable(keyword_of(text)) +
                   ", of which --disposition speaks");
    }
    if (part == parts.end()) part = parts.insert(parts.end(), {.keyword = keyword_of(text)});
    part->disposition = disposition;
  }
  if (arguments.command == Command::kRegistryRetire && arguments.disposition) {
    return usage("a unit that is no more is scrap, but for what --disposition KEYWORD=stock names");
  }
  const bool open = std::ranges::any_of(parts, [](const gate::Part& part) { return !part.disposition; });
  if (arguments.command == Command::kRegistryReplace && open && !arguments.disposition) {
    return usage("what becomes of the old part is not said", "give --disposition stock, repair or scrap");
  }
  return {};
}

tl::expected<Arguments, Ended> arguments_of(Command command, const Raw& raw) {
  Arguments arguments{.command = command};
  auto settings = settings_of(raw);
  if (!settings) return tl::unexpected(wrong_usage(settings.error().to_string()));
  arguments.settings = *std::move(settings);
  auto request = request_of(raw);
  if (!request) return tl::unexpected(wrong_usage(request.error().to_string()));
  arguments.request = *std::move(request);
  arguments.request.output_fd = raw.json ? STDERR_FILENO : STDOUT_FILENO;
  arguments.language = language_of(raw, arguments.settings);
  arguments.json = raw.json;
  arguments.types = raw.types;
  arguments.wmi = raw.wmi;
  arguments.markdown = raw.markdown;
  arguments.operand = raw.operand;
  arguments.compare = raw.compare;
  arguments.operands = raw.operands;
  arguments.audit = raw.audit;
  arguments.audit.table_only = raw.scope == "table";
  arguments.name = raw.name;
  arguments.extends = raw.extends;
  arguments.by = strip(raw.by);
  arguments.reason = strip(raw.reason);
  arguments.heads = raw.heads;
  arguments.dump = raw.dump;
  constexpr std::array kDecisions = {Command::kRegistryResolve, Command::kRegistryReplace,
                                     Command::kRegistryRetire, Command::kRegistryMigrate};
  const bool decides = std::ranges::find(kDecisions, command) != kDecisions.end();
  if (decides && (arguments.by.empty() || arguments.reason.empty())) {
    return tl::unexpected(wrong_usage("this is by a named person, with a reason: --by NAME --reason TEXT"));
  }
  if (auto parts = add_parts(raw, arguments); !parts) {
    return tl::unexpected(wrong_usage(parts.error().to_string()));
  }
  return arguments;
}

tl::expected<Arguments, Ended> parse(std::vector<std::string> words) {
  Raw raw;
  // What follows -- is the command to run, taken as it stands; CLI11 never sees it.
  const auto dashes = std::ranges::find(words, "--");
  const bool has_command = dashes != words.end();
  if (has_command) {
    raw.command.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }

  CLI::App app{
      "dmigate: a factory-line gate for a PC's SMBIOS identity.\nThe DMI burn and the image start only on "
      "PASS.",
      "dmigate"};
  app.set_version_flag("--version", "dmigate " DMIGATE_VERSION);
  app.require_subcommand(1);
  app.footer(std::string(kExitTable));
  if (auto unknown = unknown_command(words)) return tl::unexpected(*std::move(unknown));
  std::map<std::string_view, CLI::App*> groups;
  std::vector<std::pair<CLI::App*, const CommandRow*>> subcommands;
  for (const CommandRow& row : kCommands) {
    // A check is called for each unit: where a command is called, it alone is built.
    const char* called = row.group != nullptr ? row.group : row.name;
    if (!words.empty() && !words.front().starts_with("-") && words.front() != called) continue;
    CLI::App* parent = &app;
    if (row.group != nullptr) {
      CLI::App*& group = groups[row.group];
      if (group == nullptr) group = add_group(app, row.group);
      parent = group;
    }
    CLI::App* sub = parent->add_subcommand(row.name, row.description);
    // Options of a command that is not called would take the environment's word over the flags'.
    if (std::ranges::find(words, row.name) != words.end()) {
      row.options(*sub, raw);
      add_language(*sub, raw);
    }
    sub->footer(std::string(kExitTable));
    subcommands.emplace_back(sub, &row);
  }
  try {
    std::ranges::reverse(words);  // CLI11 takes a vector from its end
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    if (code == 0) return tl::unexpected(Ended{kExitPass, out.str(), {}});
    for (const auto& [sub, row] : subcommands) {
      const auto extras = sub->remaining();
      if (sub->parsed() && !extras.empty()) return tl::unexpected(left_over(*sub, extras));
    }
    return tl::unexpected(wrong_usage(std::string(error.what()) + "; dmigate --help tells how it is called"));
  }
  for (const auto& [sub, row] : subcommands) {
    if (!sub->parsed()) continue;
    if (auto empty = given_empty(*sub)) return tl::unexpected(*std::move(empty));
    if (has_command && row->command != Command::kRun) {
      return tl::unexpected(wrong_usage("only run takes a command after --"));
    }
    return arguments_of(row->command, raw);
  }
  return tl::unexpected(wrong_usage("no command is given; try dmigate --help"));
}

}  // namespace

tl::expected<Arguments, Ended> parse_arguments(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  auto parsed = parse(words);
  if (parsed || parsed.error().err.empty()) return parsed;
  Ended& ended = parsed.error();
  ended.language = language_of(words);
  ended.err = "dmigate: " + gate::translated(ended.err, ended.language) + "\n";
  return parsed;
}

}  // namespace dmigate::cli
