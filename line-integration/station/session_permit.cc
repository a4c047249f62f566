// Permits: one that a PASS issues, one that stands for it elsewhere.
#include <algorithm>
#include <array>

#include "gate/evidence/devices.h"
#include "line-integration/station/case.h"
#include "line-integration/station/commands.h"
#include "line-integration/station/permits.h"

namespace dmigate::line {

using gate::Finding;
using gate::Outcome;
using gate::Purpose;
using gate::Say;
using gate::Verdict;

namespace {

// A copy of the unit's DMI has the same table, and none of its network cards.
std::optional<Finding> compare_witnesses(const gate::TracedUnit& unit, const std::string& label,
                                         const gate::Hardware& hardware,
                                         const std::vector<std::string>& fixtures) {
  std::vector<std::string> known;
  for (const gate::TracedUnit::Trait& trait : unit.seen) {
    if (trait.witness) known.push_back(gate::fold(trait.shown));
  }
  const std::string keyword(profiles::witness_name(profiles::Witness::kNicMac));
  if (known.empty()) return std::nullopt;
  if (!hardware.nics) return Finding{.say = Say::kNicsMissing, .unjudged = true, .keyword = keyword};
  std::vector<gate::WitnessValue> shown;
  for (const std::string& mac : gate::nic_macs(*hardware.nics, fixtures).macs) {
    if (std::ranges::find(known, gate::fold(mac)) != known.end()) return std::nullopt;
    shown.push_back({.keyword = keyword, .key = mac, .shown = gate::printable(mac)});
  }
  return gate::clone(shown, label.empty() ? unit.id : gate::printable(label));
}

}  // namespace

// What would keep a permit from being issued is told before the unit is judged; the last unit's is gone then.
Result<SecretKey> Session::permit_key(const Request& request) {
  if (request.golden) return usage("a golden unit opens nothing, by a permit neither", "leave --permit out");
  if (!request.stage && !settings_.stage) return usage("a permit is for a stage", "give --stage S");
  if (settings_.permit_key.empty()) {
    return usage("no key is known that signs permits",
                 "give --permit-key FILE, or `permit_key:` in station.yaml");
  }
  auto key = load_secret_key(settings_.permit_key);
  if (!key) return key;
  if (auto cleared = clear_permit(request.permit); !cleared) return Failure(cleared.error());
  return key;
}

void Session::issue_permit(Case& now, const SecretKey& key) {
  Verdict& verdict = now.verdict;
  if (verdict.outcome != Outcome::kPass) return;
  std::array<std::uint8_t, 16> id{};
  surroundings_.random(id);
  Result<void> issued;
  if (verdict.unit.empty()) {
    issued = fail("the unit is not known by any label or unique value", {}, "scan its label (--unit)");
  } else {
    const Permit permit = permit_for(verdict, id, surroundings_.now(), settings_.permit_lifetime);
    now.permit = sign(permit, key);
    verdict.permit = gate::PermitReport{permit.id, key.public_key().id, permit.expires};
    if (now.request.permit != "-") issued = write_permit(now.request.permit, now.permit);
  }
  if (issued) return;
  now.permit.clear();
  verdict.permit.reset();
  verdict.findings.push_back(from_error(Say::kPermitNotIssued, issued.error()));
  verdict.outcome = Outcome::kError;
}

Result<Answer> Session::open_by_permit(const Request& request) {
  Case now{.request = request, .purpose = Purpose::kCheck, .started = {.wall = surroundings_.now()}};
  now.stage = request.stage ? request.stage : settings_.stage;
  if (!now.stage) return usage("a permit is for a stage", "give --stage S");
  if (settings_.registry == "none") {
    return usage("that a permit is used is always recorded: --registry none does not go with it",
                 "name a registry");
  }
  if (settings_.permit_keys.empty()) {
    return usage("no folder of public keys is known",
                 "give --keys FOLDER, or `permit_keys:` in station.yaml");
  }
  const auto keys = load_public_keys(settings_.permit_keys);
  if (!keys) return Failure(keys.error());
  const auto token = read_permit(request.permit);
  if (!token) return Failure(token.error());
  now.verdict.stage = now.stage;
  now.verdict.station = settings_.station;
  now.verdict.label = request.label;
  now.verdict.started = gate::utc_text(now.started.wall);
  if (auto read = read_source(now); !read) return Failure(read.error());
  if (now.evidence) {
    if (auto live = require_live(now); !live) return Failure(live.error());
    if (now.evidence->live) add_hardware(*now.evidence);
  }
  if (!request.profile.empty()) {
    if (auto chosen = choose_profile(now); !chosen) return Failure(chosen.error());
  }
  const auto permit = open_token(*token, *keys);
  if (permit) {
    look_at_permit(now, *permit);
  } else {
    now.verdict.findings.push_back(permit.error());
  }
  // Whatever a profile that is named here only observes: nothing is opened by a permit that is refused.
  if (!now.verdict.recorded) now.verdict.conclude(nullptr);
  now.verdict.duration_us = now.started.elapsed_us();
  return std::move(now).answer();
}

// Compared with what is there and, where it fits, used up.
void Session::look_at_permit(Case& now, const Permit& permit) {
  Verdict& verdict = now.verdict;
  verdict.permit = gate::PermitReport{permit.id, permit.key, permit.expires};
  if (!now.evidence) return;
  Presented presented{.table = verdict.source->sha256,
                      .stage = std::string(profiles::stage_name(*now.stage)),
                      .label = now.request.label,
                      .profile = {}};
  if (now.profile) presented.profile = to_hex(now.profile->sha256);
  if (auto refused = examine(permit, presented, surroundings_.now())) {
    verdict.findings.push_back(*std::move(refused));
    return;
  }
  verdict.unit = permit.unit;
  verdict.label = permit.label;
  verdict.profile = permit.profile;
  auto used = consume(now, permit, verdict);
  if (used) {
    verdict = *std::move(used);
  } else {
    verdict.findings.push_back(from_error(Say::kRegistryFailed, used.error()));
  }
}

// One use, told by the registry's clock, in its journal: nothing is opened by a permit whose use could not be
// recorded.
Result<Verdict> Session::consume(const Case& now, const Permit& permit, Verdict verdict) {
  auto registry = supply_->registry();
  if (!registry) return Failure(registry.error());
  const auto trace = (*registry)->trace(permit.unit);
  if (!trace) return Failure(trace.error());
  for (const gate::TracedUnit& unit : trace->units) {
    if (unit.id != permit.unit) continue;
    if (auto doubt = compare_witnesses(unit, verdict.label, now.evidence->hardware, settings_.fixtures))
      verdict.findings.push_back(*std::move(doubt));
  }
  return (*registry)->use_permit(verdict, {.id = permit.id,
                                           .station = permit.station,
                                           .station_seq = static_cast<std::int64_t>(permit.station_seq),
                                           .record_hash = permit.record_hash,
                                           .expires = permit.expires});
}

}  // namespace dmigate::line
