#include "cli/arguments.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "cli/exit_status.h"
#include "cli/options.h"
#include "gate/judge/phrases.h"
#include "line-integration/notify/target.h"
#include "profiles/yaml.h"

namespace dmigate::cli {
namespace {

constexpr const char* kSystemConfig = "/etc/dmigate/station.yaml";

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

// Whom the plant has told, and the keys of permits.
Result<void> add_plant_options(const Raw& raw, line::Settings& settings) {
  const std::pair<const std::string*, std::string*> overrides[] = {
      {&raw.notify, &settings.notify},
      {&raw.spool, &settings.spool},
      {&raw.permit_key, &settings.permit_key},
      {&raw.permit_keys, &settings.permit_keys},
  };
  for (const auto& [from, to] : overrides) {
    if (!from->empty()) *to = *from;
  }
  if (!raw.notify.empty()) {
    if (const auto target = line::parse_target(raw.notify); !target) return Failure(target.error());
  }
  if (raw.permit_lifetime.empty()) return {};
  const auto lifetime = line::parse_duration(raw.permit_lifetime);
  if (!lifetime) {
    return usage("--permit-lifetime takes a time such as 90s or 10m, not \"" +
                 gate::printable(raw.permit_lifetime) + "\"");
  }
  settings.permit_lifetime = *lifetime;
  return {};
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
  if (auto taken = add_plant_options(raw, settings); !taken) return Failure(taken.error());
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
  request.order = raw.order;
  request.permit = raw.permit;
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
    for (const CommandRow& row : commands()) {
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
  const auto group = std::ranges::find(groups(), name, &Group::name);
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

// Where the service listens, and what it takes.
Result<void> add_serve_options(const Raw& raw, Arguments& arguments) {
  service::ServiceOptions& serve = arguments.serve;
  if (!raw.listen.empty()) {
    const std::size_t colon = raw.listen.rfind(':');
    std::string address = raw.listen.substr(0, std::min(colon, raw.listen.size()));
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    const std::string port = colon == std::string::npos ? "" : raw.listen.substr(colon + 1);
    const bool is_number = !port.empty() && port.size() <= 5 &&
                           port.find_first_not_of("0123456789") == std::string::npos &&
                           std::stoul(port) <= 65535;
    if (address.empty() || !is_number) {
      return usage("--listen takes ADDRESS:PORT, such as 127.0.0.1:8480, not \"" +
                   gate::printable(raw.listen) + "\"");
    }
    serve.listener.address = address;
    serve.listener.port = static_cast<std::uint16_t>(std::stoul(port));
  }
  serve.listener.certificate = raw.certificate;
  serve.listener.key = raw.key;
  serve.open_without_tls = raw.without_tls;
  if (!raw.tokens.empty()) serve.tokens = raw.tokens;
  if (raw.rate > 0) serve.rate = raw.rate;
  serve.audit.config = raw.config;
  if (raw.audit_size > 0) serve.audit.most_bytes = raw.audit_size << 20;
  if (!raw.audit_time.empty()) {
    const auto time = line::parse_duration(raw.audit_time);
    if (!time)
      return usage("--audit-time takes a time such as 90s, not \"" + gate::printable(raw.audit_time) + "\"");
    serve.audit.most_time = *time;
  }
  serve.language = arguments.language;
  arguments.role = raw.role;
  if (raw.keep.empty()) return {};
  const auto keep = line::parse_duration(raw.keep);
  if (!keep) return usage("--keep takes a time such as 1h, not \"" + gate::printable(raw.keep) + "\"");
  arguments.keep = *keep;
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
  arguments.plan = raw.plan;
  arguments.flush = raw.flush;
  arguments.keep_trying = raw.keep_trying;
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
  arguments.check_only = raw.check_only;
  arguments.csv = raw.csv;
  constexpr std::array kDecisions = {Command::kRegistryResolve, Command::kRegistryReplace,
                                     Command::kRegistryRetire, Command::kRegistryMigrate};
  const bool decides = std::ranges::find(kDecisions, command) != kDecisions.end() ||
                       (command == Command::kRegistryImport && !raw.check_only);
  if (decides && (arguments.by.empty() || arguments.reason.empty())) {
    return tl::unexpected(wrong_usage("this is by a named person, with a reason: --by NAME --reason TEXT"));
  }
  if (auto serve = add_serve_options(raw, arguments); !serve) {
    return tl::unexpected(wrong_usage(serve.error().to_string()));
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
  for (const CommandRow& row : commands()) {
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
      // `--profiles FOLDER unit.bin`: an option of which there may be several has one value each time, and
      // what follows is the SOURCE. Else this machine would be judged instead of it.
      for (CLI::Option* option : sub->get_options()) {
        if (!option->get_positional()) option->allow_extra_args(false);
      }
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
