#include "line-integration/station/session.h"

#include <algorithm>

#include "line-integration/station/commands.h"
#include "line-integration/station/order.h"
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

// A value that is to be burnt, and where it stands; that of an option stands nowhere.
struct Wanted {
  std::string keyword, value, where;
};

Result<std::vector<profiles::BurnValue>> intended_values(const std::vector<Wanted>& wanted,
                                                         const profiles::Profile& profile) {
  std::vector<profiles::BurnValue> values;
  for (const Wanted& each : wanted) {
    const smbios::Field* field = smbios::find_field(each.keyword);
    const auto& burnt = profile.burn->fields;
    if (field == nullptr || std::ranges::find(burnt, field) == burnt.end()) {
      return usage("profile " + profile.name + " does not have `" + gate::printable(each.keyword) + "` burnt",
                   "name one of the fields of its `burn` section");
    }
    if (std::ranges::find(values, field, &profiles::BurnValue::field) != values.end()) {
      if (each.where.empty())
        return usage("`" + each.keyword + "` is to be burnt twice", "give one value for it");
      return fail("`" + each.keyword + "` is in the order and in --set", each.where,
                  "leave it out of --set: an order is not overridden", ErrorKind::kConfiguration);
    }
    if (gate::printable(each.value) != each.value) {
      return usage("the value for `" + each.keyword +
                   "` has characters that cannot be printed: " + gate::printable(each.value));
    }
    values.push_back({field, each.value});
  }
  return values;
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

struct Session::Case {
  const Request& request;
  Purpose purpose;
  Started started;
  std::optional<Stage> stage;
  std::map<std::string, std::string> identifiers;  ///< those of the call, and the order's
  std::optional<Order> order;
  OrderRow ordered;  ///< this unit's
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
    if (!now.stage || !given.at(name).empty()) continue;
    std::string option = "--" + name;
    std::ranges::replace(option, '_', '-');
    return usage("this station requires `" + name + "`", "give it with " + option);
  }
  now.verdict.stage = now.stage;
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
                               .identifiers = now.identifiers,
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
  if (auto chosen = choose_values(now); !chosen) return chosen;
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

// What is to be burnt: from the call, the order, or, where neither says anything, from the burn that failed.
Result<void> Session::choose_values(Case& now) {
  std::vector<Wanted> wanted;
  for (const auto& [keyword, value] : now.request.set) wanted.push_back({keyword, value, {}});
  if (now.order) {
    auto sorted = sort_values(*now.order, now.ordered, *now.profile);
    if (!sorted) return Failure(sorted.error());
    for (const OrderValue& value : sorted->fields) {
      wanted.push_back({value.name, value.value, place(now.order->file, value.mark)});
    }
    for (auto& [name, value] : sorted->identifiers) {
      if (now.identifiers.emplace(name, std::move(value)).second) continue;
      return fail("identifier `" + name + "` is in the order and in --id",
                  place(now.order->file, now.ordered.mark),
                  "leave it out of --id: an order is not overridden", ErrorKind::kConfiguration);
    }
    now.verdict.identifiers = now.identifiers;
  }
  if (wanted.empty()) {
    return usage("nothing is to be burnt",
                 "give each value with --set KEYWORD=VALUE, or a work order with --order");
  }
  auto intended = intended_values(wanted, *now.profile);
  if (!intended) return Failure(intended.error());
  now.intended = *std::move(intended);
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
