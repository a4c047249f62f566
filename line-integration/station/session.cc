#include "line-integration/station/session.h"

#include <algorithm>

#include "line-integration/station/commands.h"
#include "line-integration/station/unit.h"

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

bool asks_for_devices(const profiles::HardwareRules& rules) {
  return rules.system_disk || rules.fixed_disks || rules.physical_nics;
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
  std::vector<profiles::PreparedCall> calls;  ///< of the burn tool, or the command of a run
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
  if (purpose != Purpose::kCheck && from_files && !settings_.allow_file_source) {
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
  if (now.evidence->live && asks_for_devices(now.profile->hardware)) add_hardware(*now.evidence);
  now.judgement = gate::judge({.evidence = *now.evidence,
                               .profile = *now.profile,
                               .stage = now.stage,
                               .label = now.request.label,
                               .identifiers = now.request.identifiers,
                               .intended = now.intended,
                               .today = now.verdict.started.substr(0, 10)});
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
  if (settings_.registry.find("://") != std::string::npos) {
    return fail("this version of dmigate keeps its registry in a file only", settings_.registry,
                "name a file", ErrorKind::kConfiguration);
  }
  return gate::Registry::open(settings_.registry,
                              {.sqlite = settings_.sqlite, .surroundings = surroundings_});
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

// What the registry would have said, without a record.
void Session::consult(Case& now) {
  if (now.profile && now.evidence) {
    auto findings =
        open_registry().and_then([&](gate::Registry registry) { return registry.consult(now.visit()); });
    auto& all = now.verdict.findings;
    if (findings) {
      all.insert(all.end(), findings->begin(), findings->end());
    } else {
      all.push_back(from_error(Say::kRegistryFailed, findings.error()));
    }
  }
}

// The end of a call that is not recorded.
void Session::conclude(Case& now) {
  now.verdict.conclude(now.profile.get());
  now.verdict.duration_us = now.started.elapsed_us();
}

Result<Answer> Session::check(const Request& request) {
  auto now = open_case(request, Purpose::kCheck);
  if (!now) return Failure(now.error());
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  if (!now->stage) {
    if (settings_.registry_named && settings_.registry != "none") consult(*now);
    conclude(*now);
  } else if (auto recorded = record(*now); !recorded) {
    return Failure(recorded.error());
  }
  return std::move(*now).answer();
}

// A burn up to where it would be recorded: nothing is known to be wrong with the tool's calls, and the unit
// and the values are judged.
Result<Session::Case> Session::prepare_burn(const Request& request) {
  if (request.stage && *request.stage != Stage::kPreBurn)
    return usage("a burn is made at stage pre-burn", "leave --stage out");
  auto now = open_case(request, Purpose::kBurn);
  if (!now) return now;
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  if (now->profile && now->evidence) {
    if (auto chosen = choose_calls(*now); !chosen) return Failure(chosen.error());
  }
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  return now;
}

Result<void> Session::choose_calls(Case& now) {
  const profiles::Profile& profile = *now.profile;
  if (!profile.burn) return usage("profile " + profile.name + " has no `burn` section", "add one to it");
  if (profile.observes) {
    return usage("profile " + profile.name +
                     " only observes: a burn reserves what it writes, and nothing "
                     "is reserved by observing",
                 "say `mode: enforce` in it, or burn as before");
  }
  auto intended = intended_values(now.request.set, profile);
  if (!intended) return Failure(intended.error());
  now.intended = *std::move(intended);
  if (auto chosen = choose_tool(now); !chosen) return Failure(chosen.error());
  auto calls = profiles::burn_calls(*now.tool, now.intended, now.evidence->source.path());
  if (!calls) return Failure(calls.error());
  now.calls = *std::move(calls);
  now.verdict.calls = planned(now.calls);
  for (const profiles::PreparedCall& call : now.calls) {
    if (auto found = find_command(call.argv.front()); !found) return Failure(found.error());
  }
  return {};
}

Result<Answer> Session::burn(const Request& request) {
  auto now = prepare_burn(request);
  if (!now) return Failure(now.error());
  return carry_out(*std::move(now), request.timeout.value_or(std::chrono::minutes(5)));
}

Result<Answer> Session::plan(const Request& request) {
  auto now = prepare_burn(request);
  if (!now) return Failure(now.error());
  now->verdict.plan = true;
  consult(*now);
  conclude(*now);
  return std::move(*now).answer();
}

Result<Answer> Session::run(const Request& request) {
  if (request.command.empty()) return usage("no command to run is named", "put it after --");
  if (!request.stage && !settings_.stage) return usage("run is gated by a stage", "give --stage S");
  if (auto found = find_command(request.command.front()); !found) return Failure(found.error());
  auto now = open_case(request, Purpose::kRun);
  if (!now) return Failure(now.error());
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  now->calls = {{.argv = request.command, .success = {}}};
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  return carry_out(*std::move(now), request.timeout.value_or(std::chrono::minutes(30)));
}

// Record and claims are durable before the first command starts; the end is recorded after the last. What
// happens between leaves an open record, and that blocks the unit.
Result<Answer> Session::carry_out(Case now, std::chrono::milliseconds timeout) {
  const Interrupts interrupts;
  if (auto recorded = record(now); !recorded) return Failure(recorded.error());
  const bool observed = now.verdict.outcome == Outcome::kObserved;
  if (now.verdict.outcome != Outcome::kPass && !observed) return std::move(now).answer();

  const bool burn = now.purpose == Purpose::kBurn;
  Made made =
      make({.calls = now.calls, .timeout = timeout, .failed = burn ? Say::kBurnCommand : Say::kImageCommand},
           {.output_fd = now.request.output_fd, .interrupts = &interrupts});
  now.verdict.command = made.calls[made.last];
  if (burn) now.verdict.calls = std::move(made.calls);
  if (made.failure) {
    now.verdict.findings.insert(now.verdict.findings.begin(), *std::move(made.failure));
    if (!observed) now.verdict.outcome = Outcome::kError;
  }
  now.verdict.duration_us = now.started.elapsed_us();
  close(now);
  return std::move(now).answer();
}

// The end of what carry_out() began is recorded.
void Session::close(Case& now) {
  auto closed = open_registry().and_then([&](gate::Registry registry) {
    return now.verdict.outcome == Outcome::kObserved ? registry.end_observed(now.verdict, now.cures())
                                                     : registry.close(now.verdict, now.cures());
  });
  if (closed) {
    now.verdict = *std::move(closed);
    return;
  }
  Finding finding = from_error(Say::kCloseFailed, closed.error());
  finding.details.emplace_back(
      "unit", now.verdict.label.empty() ? now.verdict.unit : gate::printable(now.verdict.label));
  now.verdict.findings.push_back(std::move(finding));
  now.verdict.outcome = Outcome::kError;
  now.verdict.recorded = false;
  now.verdict.station_seq.reset();  // it is the number of the start's record
  now.verdict.record_hash.clear();
}

}  // namespace dmigate::line
