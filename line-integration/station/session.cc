#include "line-integration/station/session.h"

#include <algorithm>

namespace dmigate::line {
namespace {

using gate::Finding;
using gate::Outcome;
using gate::Purpose;
using gate::Say;
using gate::Stage;
using gate::Verdict;

Failure usage(std::string what, std::string advice = {}) {
  return fail(std::move(what), {}, std::move(advice), ErrorKind::kConfiguration);
}

// The moment and the clock of one call.
struct Started {
  std::chrono::system_clock::time_point wall;
  std::chrono::steady_clock::time_point steady = std::chrono::steady_clock::now();
  [[nodiscard]] std::int64_t elapsed_us() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - steady)
        .count();
  }
};

Finding from_error(Say say, const Error& error) {
  Finding finding{.say = say, .unjudged = true};
  const std::string detail = error.where.empty() ? error.what : error.where + ": " + error.what;
  finding.details = {{"detail", gate::printable(detail)}, {"cure", gate::printable(error.advice)}};
  return finding;
}

gate::CommandReport report_of(const CommandResult& result) {
  return {.argv = result.argv,
          .exit_status = result.exit_status,
          .signal = result.signal,
          .timed_out = result.timed_out,
          .interrupted = result.interrupted,
          .duration_us = result.duration.count(),
          .output_bytes = result.output_bytes,
          .output = result.output};
}

// Why a command that ran did not end well; none when it did.
std::optional<Finding> failure_of(const CommandResult& result,
                                  const std::optional<std::string>& success_word) {
  const auto because = [](Say cause, std::optional<std::string> found = {},
                          std::optional<std::string> expected = {}) {
    return Finding{.say = Say::kImageCommand,
                   .unjudged = true,
                   .found = std::move(found),
                   .expected = std::move(expected),
                   .cause = cause};
  };
  if (!result.started) return because(Say::kWhyNotStarted);
  if (result.timed_out) return because(Say::kWhyTimedOut);
  if (result.interrupted) return because(Say::kWhyInterrupted);
  if (result.signal) return because(Say::kWhySignal, std::to_string(*result.signal));
  if (result.exit_status != 0) {
    return because(Say::kWhyExitStatus, std::to_string(result.exit_status.value_or(-1)));
  }
  if (!result.ended_well()) return because(Say::kWhyNotEnded);
  if (success_word && result.output.find(*success_word) == std::string::npos) {
    return because(Say::kWhyNoSuccessWord, {}, *success_word);
  }
  return std::nullopt;
}

// What an inventory speaks of stands for what could be read; of which unit it is, the judge sees.
void add_inventory(gate::Hardware inventory, gate::Hardware& hardware) {
  if (!inventory.clock) inventory.clock = std::move(hardware.clock);
  if (!inventory.disks) inventory.disks = std::move(hardware.disks);
  if (!inventory.nics) inventory.nics = std::move(hardware.nics);
  if (!inventory.wmi) inventory.wmi = std::move(hardware.wmi);
  if (inventory.system_disk.empty()) inventory.system_disk = std::move(hardware.system_disk);
  hardware = std::move(inventory);
}

Result<gate::Evidence> read_table(const Request& request, std::chrono::system_clock::time_point now) {
  return request.source ? gate::read_evidence(*request.source) : capture({}, now);
}

Result<gate::Evidence> read_parts(const Request& request, std::chrono::system_clock::time_point now) {
  if (!request.evidence) return read_table(request, now);
  auto beside = gate::read_beside(*request.evidence);
  if (!beside) return Failure(beside.error());
  auto* said = std::get_if<gate::Evidence>(&*beside);
  if (said != nullptr && !request.source) return std::move(*said);
  auto unit = read_table(request, now);
  if (!unit) return unit;
  if (said == nullptr) {
    add_inventory(std::get<gate::Hardware>(*std::move(beside)), unit->hardware);
    return unit;
  }
  if (sha256(said->source.layout().table) != sha256(unit->source.layout().table)) {
    return fail(
        "its table is not the one of " + *request.source + ": it belongs to another unit, or another boot",
        *request.evidence, "take the evidence of this unit again");
  }
  unit->boot_id = said->boot_id;
  unit->taken = said->taken;
  unit->hardware = std::move(said->hardware);
  return unit;
}

Result<gate::Evidence> read_unit(const Request& request, std::chrono::system_clock::time_point now) {
  auto unit = read_parts(request, now);
  if (!unit) return unit;
  if (auto added = add_given(request.given, *unit); !added) return Failure(added.error());
  return unit;
}

bool starts_command(Purpose purpose) { return purpose == Purpose::kBurn || purpose == Purpose::kRun; }

bool asks_for_devices(const profiles::Profile& profile) {
  const profiles::HardwareRules& rules = profile.hardware;
  return rules.system_disk || rules.fixed_disks || rules.physical_nics || !profile.witnesses.empty();
}

Result<std::vector<profiles::BurnValue>> intended_values(
    const std::vector<std::pair<std::string, std::string>>& set, const profiles::Profile& profile) {
  if (set.empty()) return usage("nothing is to be burnt", "give each value with --set KEYWORD=VALUE");
  std::vector<profiles::BurnValue> values;
  for (const auto& [keyword, value] : set) {
    const smbios::Field* field = smbios::find_field(keyword);
    const auto& burnt = profile.burn->fields;
    if (field == nullptr || std::ranges::find(burnt, field) == burnt.end()) {
      return usage("profile " + profile.name + " does not have `" + gate::printable(keyword) + "` burnt",
                   "name one of the fields of its `burn` section");
    }
    if (std::ranges::find(values, field, &profiles::BurnValue::field) != values.end()) {
      return usage("`" + keyword + "` is to be burnt twice", "give one value for it");
    }
    if (gate::printable(value) != value) {
      return usage("the value for `" + keyword +
                   "` has characters that cannot be printed: " + gate::printable(value));
    }
    values.push_back({field, value});
  }
  return values;
}

}  // namespace

gate::Cures Answer::cures() const {
  return {.tool = tool.get(), .burn = profile && profile->burn ? &*profile->burn : nullptr};
}

struct Session::Case {
  const Request& request;
  Purpose purpose;
  Started started;
  std::optional<Stage> stage;
  std::optional<gate::Evidence> evidence;
  std::shared_ptr<const profiles::Profile> profile;
  std::shared_ptr<const profiles::BurnTool> tool;
  std::vector<profiles::BurnValue> intended;
  gate::Judgement judgement;
  Verdict verdict;

  [[nodiscard]] Answer answer() && { return {std::move(verdict), std::move(profile), std::move(tool)}; }
  [[nodiscard]] gate::Cures cures() const { return Answer{{}, profile, tool}.cures(); }
  [[nodiscard]] gate::Visit visit() const {
    return {.purpose = purpose,
            .verdict = verdict,
            .judgement = judgement,
            .profile = profile.get(),
            .evidence = evidence ? &*evidence : nullptr,
            .intended = intended,
            .cures = cures()};
  }
};

Session::Session(Settings settings, gate::Surroundings surroundings)
    : settings_(std::move(settings)), surroundings_(std::move(surroundings)) {}

Result<Session::Case> Session::open_case(const Request& request, Purpose purpose) {
  Case now{.request = request, .purpose = purpose, .started = {.wall = surroundings_.now()}};
  // A dry run is asked for by the caller, and leaves out the station's stage; a registry is not.
  now.stage = request.stage ? request.stage : request.dry_run ? std::nullopt : settings_.stage;
  if (purpose == Purpose::kBurn) now.stage = Stage::kPreBurn;
  if (now.stage && (request.dry_run || settings_.registry == "none")) {
    return usage("a stage is always recorded: --dry-run and --registry none do not go with it",
                 "leave the stage out, or name a registry");
  }
  const std::map<std::string_view, std::string> given{{"operator", settings_.station.operator_name},
                                                      {"work_order", settings_.station.work_order},
                                                      {"lot", settings_.station.lot},
                                                      {"shift", settings_.station.shift},
                                                      {"unit", request.label}};
  for (const std::string& name : settings_.require) {
    if (!now.stage || !given.at(name).empty()) continue;
    std::string option = "--" + name;
    std::ranges::replace(option, '_', '-');
    return usage("this station requires `" + name + "`", "give it with " + option);
  }
  now.verdict.stage = now.stage;
  now.verdict.station = settings_.station;
  now.verdict.label = request.label;
  now.verdict.identifiers = request.identifiers;
  now.verdict.started = gate::utc_text(now.started.wall);
  auto evidence = read_unit(request, now.started.wall);
  if (!evidence) {
    if (evidence.error().kind == ErrorKind::kConfiguration) return Failure(evidence.error());
    now.verdict.findings.push_back(from_error(Say::kSourceUnreadable, evidence.error()));
    return now;
  }
  now.evidence = *std::move(evidence);
  const smbios::Layout& layout = now.evidence->source.layout();
  now.verdict.source = gate::SourceReport{.form = std::string(smbios::form_name(layout.form)),
                                          .path = now.evidence->source.path(),
                                          .sha256 = to_hex(sha256(layout.table)),
                                          .smbios = layout.version.to_string(),
                                          .boot_id = now.evidence->boot_id};
  const bool from_files = !now.evidence->live || request.evidence;
  if (starts_command(purpose) && from_files && !settings_.allow_file_source) {
    return usage("burn and run take the unit itself and no saved table: a good dump must not open a station",
                 "leave SOURCE out; for a demonstration, say allow_file_source: true in station.yaml");
  }
  return now;
}

Result<void> Session::choose_profile(Case& now) {
  const Request& request = now.request;
  if (!request.profile.empty()) {
    auto profile = profiles::load_profile(request.profile, settings_.catalog);
    if (!profile) return Failure(profile.error());
    now.profile = std::make_shared<profiles::Profile>(*std::move(profile));
  } else {
    if (settings_.catalog.folders.empty()) {
      return usage("no profile is named, and no folder of profiles is known",
                   "give --profile NAME|FILE, or --profiles FOLDER, or `profiles:` in station.yaml");
    }
    if (!now.evidence) return {};
    auto candidates = profiles::load_candidates(settings_.catalog);
    if (!candidates) return Failure(candidates.error());
    const auto match =
        gate::match_profiles(*candidates, now.evidence->source.table(), request.label, now.stage);
    if (match.profiles.size() > 1) {
      std::string names;
      for (const profiles::Profile* profile : match.profiles)
        names += (names.empty() ? "" : ", ") + profile->name;
      return usage("several profiles are for this unit: " + names,
                   "name one with --profile, or make `match` tell them apart");
    }
    if (match.profiles.empty()) {
      now.verdict.findings.push_back({.say = Say::kNoMatch, .found = match.seen});
      return {};
    }
    now.profile = std::make_shared<profiles::Profile>(*match.profiles.front());
  }
  const profiles::Profile& profile = *now.profile;
  now.verdict.profile =
      gate::ProfileReport{.name = profile.name, .version = profile.version, .sha256 = to_hex(profile.sha256)};
  if (now.stage && profile.stage(*now.stage) == nullptr) {
    return usage(
        "profile " + profile.name + " declares no stage " + std::string(profiles::stage_name(*now.stage)),
        "name one of its stages, or add this one to it");
  }
  for (const auto& [name, value] : request.identifiers) {
    if (std::ranges::find(profile.identifiers, name, &profiles::IdentifierRule::name) ==
        profile.identifiers.end()) {
      return usage("profile " + profile.name + " has no identifier `" + gate::printable(name) + "`",
                   "name one of its `identifiers`");
    }
  }
  return {};
}

Result<void> Session::choose_tool(Case& now) {
  if (!now.profile || !now.profile->burn) return {};
  const std::string& name = !now.request.tool.empty()      ? now.request.tool
                            : !settings_.burn_tool.empty() ? settings_.burn_tool
                                                           : now.profile->burn->tool;
  // A profile that was named by its file may have its tool beside it.
  const std::string& given = now.request.profile;
  auto tool = profiles::load_burn_tool(name, profiles::names_file(given)
                                                 ? profiles::with_folder_of(settings_.catalog, given)
                                                 : settings_.catalog);
  if (!tool) return Failure(tool.error());
  now.tool = std::make_shared<profiles::BurnTool>(*std::move(tool));
  return {};
}

Result<void> Session::judge(Case& now) {
  if (!now.evidence || !now.profile) return {};
  if (now.evidence->live && asks_for_devices(*now.profile)) add_hardware(*now.evidence);
  now.judgement = gate::judge({.evidence = *now.evidence,
                               .profile = *now.profile,
                               .stage = now.stage,
                               .label = now.request.label,
                               .identifiers = now.request.identifiers,
                               .intended = now.intended,
                               .today = now.verdict.started.substr(0, 10),
                               .fixtures = settings_.fixtures});
  auto& findings = now.verdict.findings;
  findings.insert(findings.end(), now.judgement.findings.begin(), now.judgement.findings.end());
  now.verdict.fields = now.judgement.fields;
  if (now.purpose == Purpose::kBurn && !now.evidence->boot_id) {
    findings.push_back({.say = Say::kBootIdMissing, .unjudged = true});
  }
  // Only sentences about a field's fault name the tool: a good unit need not wait for its description,
  // nor one whose firmware is merely not as the specification asks.
  const auto of_field = [](const gate::Finding& finding) { return !finding.keyword.empty(); };
  if (now.tool || std::ranges::none_of(findings, of_field)) return {};
  return choose_tool(now);
}

Result<gate::Registry> Session::open_registry() {
  return gate::Registry::open(
      settings_.registry,
      {.sqlite = settings_.sqlite, .postgres = settings_.postgres, .surroundings = surroundings_});
}

Result<void> Session::record(Case& now) {
  now.verdict.duration_us = now.started.elapsed_us();
  auto verdict =
      open_registry().and_then([&](gate::Registry registry) { return registry.record(now.visit()); });
  if (verdict) {
    now.verdict = *std::move(verdict);
    return {};
  }
  if (verdict.error().kind == ErrorKind::kConfiguration) return Failure(verdict.error());
  now.verdict.findings.push_back(from_error(Say::kRegistryFailed, verdict.error()));
  now.verdict.outcome = Outcome::kError;
  return {};
}

// For a check that is not recorded: what the registry would have said, where one is named.
Result<void> Session::consult(Case& now) {
  if (settings_.registry_named && settings_.registry != "none" && now.profile && now.evidence) {
    auto findings =
        open_registry().and_then([&](gate::Registry registry) { return registry.consult(now.visit()); });
    auto& all = now.verdict.findings;
    if (findings) {
      all.insert(all.end(), findings->begin(), findings->end());
    } else if (findings.error().kind == ErrorKind::kConfiguration) {
      return Failure(findings.error());
    } else {
      all.push_back(from_error(Say::kRegistryFailed, findings.error()));
    }
  }
  now.verdict.conclude(now.profile.get());
  now.verdict.duration_us = now.started.elapsed_us();
  return {};
}

Result<Answer> Session::check(const Request& request) {
  auto now = open_case(request, request.golden ? Purpose::kGolden : Purpose::kCheck);
  if (!now) return Failure(now.error());
  if (request.golden && !now->stage) {
    return usage("a golden unit is recorded, and that takes a stage",
                 "give --stage S, or leave --purpose out");
  }
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  if (auto asked = now->stage ? record(*now) : consult(*now); !asked) return Failure(asked.error());
  return std::move(*now).answer();
}

Result<Answer> Session::burn(const Request& request) {
  if (request.stage && *request.stage != Stage::kPreBurn)
    return usage("a burn is made at stage pre-burn", "leave --stage out");
  auto now = open_case(request, Purpose::kBurn);
  if (!now) return Failure(now.error());
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  std::vector<std::string> argv;
  if (now->profile && now->evidence) {
    if (!now->profile->burn)
      return usage("profile " + now->profile->name + " has no `burn` section", "add one to it");
    if (now->profile->observes) {
      return usage("profile " + now->profile->name +
                       " only observes: a burn reserves what it writes, and nothing "
                       "is reserved by observing",
                   "say `mode: enforce` in it, or burn as before");
    }
    auto intended = intended_values(request.set, *now->profile);
    if (!intended) return Failure(intended.error());
    now->intended = *std::move(intended);
    if (auto chosen = choose_tool(*now); !chosen) return Failure(chosen.error());
    auto command = profiles::burn_command(*now->tool, now->intended, now->evidence->source.path());
    if (!command) return Failure(command.error());
    argv = *std::move(command);
    if (auto found = find_command(argv.front()); !found) return Failure(found.error());
  }
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  return carry_out(*std::move(now), argv, request.timeout.value_or(std::chrono::minutes(5)));
}

Result<Answer> Session::run(const Request& request) {
  if (request.command.empty()) return usage("no command to run is named", "put it after --");
  if (!request.stage && !settings_.stage) return usage("run is gated by a stage", "give --stage S");
  if (auto found = find_command(request.command.front()); !found) return Failure(found.error());
  auto now = open_case(request, Purpose::kRun);
  if (!now) return Failure(now.error());
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  return carry_out(*std::move(now), request.command, request.timeout.value_or(std::chrono::minutes(30)));
}

// Record and claims are durable before the command starts; its end is recorded after it. What happens
// between leaves an open record, and that blocks the unit.
Result<Answer> Session::carry_out(Case now, const std::vector<std::string>& argv,
                                  std::chrono::milliseconds timeout) {
  const Interrupts interrupts;
  if (auto recorded = record(now); !recorded) return Failure(recorded.error());
  const bool observed = now.verdict.outcome == Outcome::kObserved;
  if (now.verdict.outcome != Outcome::kPass && !observed) return std::move(now).answer();

  const bool burn = now.purpose == Purpose::kBurn;
  auto result =
      supervise(argv, {.timeout = timeout, .output_fd = now.request.output_fd, .interrupts = &interrupts});
  std::optional<Finding> why;
  if (result) {
    now.verdict.command = report_of(*result);
    why = failure_of(*result, burn ? now.tool->success : std::nullopt);
  } else {
    now.verdict.command = gate::CommandReport{.argv = argv};
    why = from_error(Say::kImageCommand, result.error());
  }
  if (why) {
    why->say = burn ? Say::kBurnCommand : Say::kImageCommand;
    now.verdict.findings.insert(now.verdict.findings.begin(), *std::move(why));
    if (!observed) now.verdict.outcome = Outcome::kError;
  }
  now.verdict.duration_us = now.started.elapsed_us();
  auto closed = open_registry().and_then([&](gate::Registry registry) {
    return observed ? registry.end_observed(now.verdict, now.cures())
                    : registry.close(now.verdict, now.cures());
  });
  if (closed) {
    now.verdict = *std::move(closed);
  } else {
    Finding finding = from_error(Say::kCloseFailed, closed.error());
    finding.details.emplace_back(
        "unit", now.verdict.label.empty() ? now.verdict.unit : gate::printable(now.verdict.label));
    now.verdict.findings.push_back(std::move(finding));
    now.verdict.outcome = Outcome::kError;
    now.verdict.recorded = false;
    now.verdict.station_seq.reset();  // it is the number of the start's record
    now.verdict.record_hash.clear();
  }
  return std::move(now).answer();
}

}  // namespace dmigate::line
