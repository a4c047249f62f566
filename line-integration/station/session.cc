#include "line-integration/station/session.h"

#include <algorithm>

#include "line-integration/station/case.h"
#include "line-integration/station/commands.h"
#include "line-integration/station/environment.h"
#include "line-integration/station/notices.h"
#include "line-integration/station/unit.h"

namespace dmigate::line {
namespace {

using gate::Finding;
using gate::Outcome;
using gate::Purpose;
using gate::Say;
using gate::Stage;
using gate::Verdict;

bool starts_command(Purpose purpose) { return purpose == Purpose::kBurn || purpose == Purpose::kRun; }

bool asks_for_devices(const profiles::Profile& profile) {
  const profiles::HardwareRules& rules = profile.hardware;
  return rules.system_disk || rules.fixed_disks || rules.physical_nics || !profile.witnesses.empty();
}

// What the call says and what the order says are one thing, said once or twice.
Result<void> agree(std::string& said, const std::string& ordered, const char* option,
                   const std::string& file) {
  if (gate::printable(ordered) != ordered) {
    return fail("what the order says for " + std::string(option) +
                    " has characters that cannot be printed: " + gate::printable(ordered),
                file, "have the order corrected", ErrorKind::kConfiguration);
  }
  if (said.empty()) said = ordered;
  if (ordered.empty() || said == ordered) return {};
  return fail("the order says " + ordered + " for " + option + ", and the call says " + gate::printable(said),
              file, "see that this is the unit's order, and say the same in both", ErrorKind::kConfiguration);
}

}  // namespace

gate::Cures Answer::cures() const {
  return {.tool = tool.get(), .burn = profile && profile->burn ? &*profile->burn : nullptr};
}

namespace {

class FromDisk : public Supply {
 public:
  FromDisk(const Settings& settings, const gate::Surroundings& surroundings)
      : catalog_(settings.catalog),
        where_(settings.registry),
        options_{.sqlite = settings.sqlite, .postgres = settings.postgres, .surroundings = surroundings} {}

  Result<std::shared_ptr<const profiles::Profile>> profile(const std::string& name_or_file) override {
    return profiles::load_profile(name_or_file, catalog_).map(shared<profiles::Profile>);
  }
  Result<std::shared_ptr<const std::vector<profiles::Profile>>> candidates() override {
    return profiles::load_candidates(catalog_).map(shared<std::vector<profiles::Profile>>);
  }
  Result<std::shared_ptr<const profiles::BurnTool>> tool(const std::string& name,
                                                         const profiles::Catalog& catalog) override {
    return profiles::load_burn_tool(name, catalog).map(shared<profiles::BurnTool>);
  }
  Result<std::shared_ptr<gate::Registry>> registry() override {
    return gate::Registry::open(where_, options_).map([](gate::Registry opened) {
      return std::make_shared<gate::Registry>(std::move(opened));
    });
  }

 private:
  template <typename T>
  static std::shared_ptr<const T> shared(T value) {
    return std::make_shared<const T>(std::move(value));
  }
  profiles::Catalog catalog_;
  std::string where_;
  gate::RegistryOptions options_;
};

}  // namespace

std::shared_ptr<Supply> from_disk(const Settings& settings, const gate::Surroundings& surroundings) {
  return std::make_shared<FromDisk>(settings, surroundings);
}

Session::Session(Settings settings, gate::Surroundings surroundings, std::shared_ptr<Supply> supply)
    : settings_(std::move(settings)),
      surroundings_(std::move(surroundings)),
      supply_(supply ? std::move(supply) : from_disk(settings_, surroundings_)) {}

Result<Session::Case> Session::open_case(const Request& request, Purpose purpose) {
  Case now{.request = request, .purpose = purpose, .started = {.wall = surroundings_.now()}};
  // A dry run is asked for by the caller, and leaves out the station's stage; a registry is not.
  now.stage = request.stage ? request.stage : request.dry_run ? std::nullopt : settings_.stage;
  if (purpose == Purpose::kBurn) now.stage = Stage::kPreBurn;
  if (now.stage && (request.dry_run || settings_.registry == "none")) {
    return usage("a stage is always recorded: --dry-run and --registry none do not go with it",
                 "leave the stage out, or name a registry");
  }
  now.identifiers = request.identifiers;
  now.verdict.station = settings_.station;
  if (auto taken = take_order(now); !taken) return Failure(taken.error());
  const gate::Station& station = now.verdict.station;
  const std::map<std::string_view, std::string> given{{"operator", station.operator_name},
                                                      {"work_order", station.work_order},
                                                      {"lot", station.lot},
                                                      {"shift", station.shift},
                                                      {"unit", request.label}};
  for (const std::string& name : settings_.require) {
    if (!now.stage || !gate::trimmed(given.at(name)).empty()) continue;
    std::string option = "--" + name;
    std::ranges::replace(option, '_', '-');
    return usage("this station requires `" + name + "`", "give it with " + option);
  }
  now.verdict.stage = now.stage;
  now.verdict.label = request.label;
  now.verdict.identifiers = request.identifiers;
  now.verdict.started = gate::utc_text(now.started.wall);
  if (auto read = read_source(now); !read) return Failure(read.error());
  if (!now.evidence) return now;
  if (starts_command(purpose) || !request.permit.empty()) {
    if (auto live = require_live(now); !live) return Failure(live.error());
  }
  return now;
}

// What opens something is asked of the unit itself.
Result<void> Session::require_live(const Case& now) const {
  const bool from_files = !now.request.told && (!now.evidence->live || now.request.evidence);
  if (!from_files || settings_.allow_file_source) return {};
  return usage(
      "burn, run and permits take the unit itself and no saved table: a good dump must not open a station",
      "leave SOURCE out; for a demonstration, say allow_file_source: true in station.yaml");
}

// No evidence where the unit cannot be read, which is a finding.
Result<void> Session::read_source(Case& now) {
  if (now.request.told) {
    now.evidence = now.request.told;
    // A unit that asks has its own clock only; the one that it is held against is ours.
    if (auto& clock = now.evidence->hardware.clock; clock && !clock->reference) {
      clock->reference = gate::utc_text(now.started.wall);
      clock->from = "service";
    }
  } else {
    auto evidence = read_unit(now.request, now.started.wall);
    if (!evidence) {
      if (evidence.error().kind == ErrorKind::kConfiguration) return Failure(evidence.error());
      now.verdict.findings.push_back(from_error(Say::kSourceUnreadable, evidence.error()));
      return {};
    }
    now.evidence = std::make_shared<gate::Evidence>(*std::move(evidence));
  }
  const smbios::Layout& layout = now.evidence->source.layout();
  now.verdict.source = gate::SourceReport{
      .form = (now.request.told ? "agent:" : "") + std::string(smbios::form_name(layout.form)),
      .path = now.evidence->source.path(),
      .sha256 = to_hex(sha256(layout.table)),
      .smbios = layout.version.to_string(),
      .boot_id = now.evidence->boot_id};
  return {};
}

// The unit's row of the order, and what it says of the call.
Result<void> Session::take_order(Case& now) {
  if (now.request.order.empty()) return {};
  auto order = read_order(now.request.order);
  if (!order) return Failure(order.error());
  gate::Station& station = now.verdict.station;
  auto row = find_row(*order, now.request.label, station.work_order);
  if (!row) return Failure(row.error());
  now.order = *std::move(order);
  now.ordered = *std::move(row);
  const std::string where = place(now.order->file, now.ordered.mark);
  return agree(station.work_order, now.ordered.find("work_order"), "--work-order", where).and_then([&] {
    return agree(station.lot, now.ordered.find("lot"), "--lot", where);
  });
}

Result<void> Session::choose_profile(Case& now) {
  const Request& request = now.request;
  if (!request.profile.empty()) {
    auto profile = supply_->profile(request.profile);
    if (!profile) return Failure(profile.error());
    now.profile = *std::move(profile);
  } else {
    if (settings_.catalog.folders.empty()) {
      return usage("no profile is named, and no folder of profiles is known",
                   "give --profile NAME|FILE, or --profiles FOLDER, or `profiles:` in station.yaml");
    }
    if (!now.evidence) return {};
    auto candidates = supply_->candidates();
    if (!candidates) return Failure(candidates.error());
    const auto match =
        gate::match_profiles(**candidates, now.evidence->source.table(), request.label, now.stage);
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
    now.profile = {*candidates, match.profiles.front()};
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
  auto tool =
      supply_->tool(name, profiles::names_file(given) ? profiles::with_folder_of(settings_.catalog, given)
                                                      : settings_.catalog);
  if (!tool) return Failure(tool.error());
  now.tool = *std::move(tool);
  return {};
}

Result<void> Session::judge(Case& now) {
  if (!now.evidence || !now.profile) return {};
  if (now.evidence->live && asks_for_devices(*now.profile)) add_hardware(*now.evidence);
  now.judgement = gate::judge({.evidence = *now.evidence,
                               .profile = *now.profile,
                               .stage = now.stage,
                               .label = now.request.label,
                               .identifiers = now.identifiers,
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

Result<void> Session::record(Case& now) {
  now.verdict.duration_us = now.started.elapsed_us();
  auto verdict = supply_->registry().and_then([&](const auto& registry) -> Result<gate::Verdict> {
    if (now.request.asked.id.empty()) return registry->record(now.visit());
    auto recorded = registry->record(now.visit(), now.request.asked);
    if (!recorded) return Failure(recorded.error());
    now.before = std::move(recorded->before);
    return now.before ? std::move(now.verdict) : std::move(recorded->verdict);
  });
  if (verdict) {
    now.verdict = *std::move(verdict);
    auto& burn = now.verdict.burn;
    if (burn && now.purpose == Purpose::kCheck && burn->compared.empty()) {
      burn->compared = gate::compare_burnt(now.evidence->source.table(), burn->intended);
    }
    return {};
  }
  if (verdict.error().kind == ErrorKind::kConfiguration) return Failure(verdict.error());
  if (std::ranges::find(now.verdict.findings, Say::kRegistryFailed, &Finding::say) ==
      now.verdict.findings.end())
    now.verdict.findings.push_back(from_error(Say::kRegistryFailed, verdict.error()));
  now.verdict.outcome = Outcome::kError;
  return {};
}

// What the registry would have said, without a record.
Result<void> Session::consult(Case& now) {
  if (now.profile && now.evidence) {
    auto findings =
        supply_->registry().and_then([&](const auto& registry) { return registry->consult(now.visit()); });
    auto& all = now.verdict.findings;
    if (findings) {
      all.insert(all.end(), findings->begin(), findings->end());
    } else if (findings.error().kind == ErrorKind::kConfiguration) {
      return Failure(findings.error());
    } else {
      all.push_back(from_error(Say::kRegistryFailed, findings.error()));
    }
  }
  return {};
}

// The end of a call that is not recorded.
void Session::conclude(Case& now) {
  now.verdict.conclude(now.profile.get());
  now.verdict.duration_us = now.started.elapsed_us();
}

Result<Answer> Session::check(const Request& request) {
  std::optional<SecretKey> key;
  if (!request.permit.empty()) {
    auto loaded = permit_key(request);
    if (!loaded) return Failure(loaded.error());
    key.emplace(*std::move(loaded));
  }
  auto now = open_case(request, request.golden ? Purpose::kGolden : Purpose::kCheck);
  if (!now) return Failure(now.error());
  if (request.golden && !now->stage) {
    return usage("a golden unit is recorded, and that takes a stage",
                 "give --stage S, or leave --purpose out");
  }
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  if (key && now->profile && now->profile->observes) {
    return usage("profile " + now->profile->name + " only observes: it opens nothing, by a permit neither",
                 "say `mode: enforce` in it, or leave --permit out");
  }
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  if (now->stage) {
    if (auto recorded = record(*now); !recorded) return Failure(recorded.error());
    if (now->before) return std::move(*now).answer();
    if (key) issue_permit(*now, *key);
    tell(*now, "end");
    return std::move(*now).answer();
  }
  if (settings_.registry_named && settings_.registry != "none") {
    if (auto asked = consult(*now); !asked) return Failure(asked.error());
  }
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

Result<Answer> Session::start(const Request& request) {
  if (request.command.empty()) return usage("no command to run is named", "put it after --");
  auto now = open_case(request, Purpose::kRun);
  if (!now) return Failure(now.error());
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  now->verdict.command = gate::CommandReport{.argv = request.command};
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  if (auto recorded = record(*now); !recorded) return Failure(recorded.error());
  const Outcome outcome = now->verdict.outcome;
  const bool starts = outcome == Outcome::kPass || outcome == Outcome::kObserved;
  if (!now->before) tell(*now, starts ? "start" : "end");
  return std::move(*now).answer();
}

// Record and claims are durable before the first command starts; the end is recorded after the last. What
// happens between leaves an open record, and that blocks the unit.
Result<Answer> Session::carry_out(Case now, std::chrono::milliseconds timeout) {
  const Interrupts interrupts;
  if (auto recorded = record(now); !recorded) return Failure(recorded.error());
  const bool observed = now.verdict.outcome == Outcome::kObserved;
  if (now.verdict.outcome != Outcome::kPass && !observed) {
    tell(now, "end");
    return std::move(now).answer();
  }
  tell(now, "start");

  const bool burn = now.purpose == Purpose::kBurn;
  Made made =
      make({.calls = now.calls, .timeout = timeout, .failed = burn ? Say::kBurnCommand : Say::kImageCommand},
           {.output_fd = now.request.output_fd,
            .environment = command_environment(now.verdict, settings_.pass_environment),
            .interrupts = &interrupts});
  now.verdict.command = made.calls[made.last];
  if (burn) now.verdict.calls = std::move(made.calls);
  if (made.failure) {
    now.verdict.findings.insert(now.verdict.findings.begin(), *std::move(made.failure));
    if (!observed) now.verdict.outcome = Outcome::kError;
  }
  now.verdict.duration_us = now.started.elapsed_us();
  close(now);
  tell(now, "end");
  return std::move(now).answer();
}

// The plant is told; what keeps it from being told is a warning.
void Session::tell(Case& now, std::string_view event) {
  const std::string_view command = now.purpose == Purpose::kBurn  ? "burn"
                                   : now.purpose == Purpose::kRun ? "run"
                                                                  : "check";
  auto lost = notify(settings_, surroundings_, {event, command}, now.verdict, now.cures());
  if (lost) now.verdict.findings.push_back(*std::move(lost));
}

// The end of what carry_out() began is recorded.
void Session::close(Case& now) {
  auto closed = supply_->registry().and_then([&](const auto& registry) {
    return now.verdict.outcome == Outcome::kObserved ? registry->end_observed(now.verdict, now.cures())
                                                     : registry->close(now.verdict, now.cures());
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
