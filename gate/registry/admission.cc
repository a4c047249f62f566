#include "gate/registry/admission.h"

#include <algorithm>
#include <set>

namespace dmigate::gate {
namespace {

const Claim* find_claim(const std::vector<Claim>& claims, const UniqueValue& value) {
  const Sha256 id = value.id();
  const auto found =
      std::ranges::find_if(claims, [&](const Claim& claim) { return std::ranges::equal(claim.id, id); });
  return found == claims.end() ? nullptr : &*found;
}

bool is_intended(const std::optional<Work>& work, const std::string& keyword) {
  return work && work->kind == "burn" &&
         std::ranges::find(work->intended, keyword, &Intended::keyword) != work->intended.end();
}

class Admitting {
 public:
  Admitting(Ledger& ledger, const Visit& visit) : ledger_(ledger), visit_(visit) {}

  Result<Admission> run() {
    if (auto told = tell_unit(); !told) return Failure(told.error());
    if (auto looked = look_at_intended(); !looked) return Failure(looked.error());
    if (auto ordered = order(); !ordered) return Failure(ordered.error());
    return std::move(admission_);
  }

 private:
  // Candidates are the unit of the label and every unit that holds a presented unique value.
  Result<void> tell_unit() {
    const auto& presented = visit_.judgement.presented;
    auto claims = ledger_.claims(presented);
    if (!claims) return Failure(claims.error());
    admission_.presented = *std::move(claims);
    std::set<std::string> candidates;
    for (const Claim& claim : admission_.presented) candidates.insert(claim.holder.unit);
    const bool starts = visit_.purpose == Purpose::kBurn || visit_.purpose == Purpose::kRun;
    if ((candidates.empty() || starts) && visit_.evidence != nullptr && visit_.evidence->boot_id) {
      // A unit that is being burnt shows what it had before, and nobody's label was scanned, or another's:
      // a bare board has nothing else that would tell.
      auto unit = ledger_.unit_in_boot(*visit_.evidence->boot_id);
      if (!unit) return Failure(unit.error());
      if (!unit->empty()) candidates.insert(*unit);
    }
    if (candidates.empty()) {
      admission_.is_new = true;
      return identified();
    }
    if (candidates.size() > 1) return several();
    return one(*candidates.begin());
  }

  // What a burn or a run opens must find its unit again, and only what is claimed now tells it.
  Result<void> identified() {
    const auto& presented = visit_.judgement.presented;
    if (std::ranges::any_of(presented, &UniqueValue::claimable)) return {};
    // Of a table that could not be read, that is all there is to say.
    if (visit_.evidence == nullptr && visit_.verdict.judged() == Outcome::kError) return {};
    if (visit_.purpose != Purpose::kCheck) {
      admission_.then.push_back({.say = Say::kUnidentified, .unjudged = true});
    } else if (admission_.is_new && visit_.verdict.stage && visit_.verdict.judged() == Outcome::kPass) {
      admission_.then.push_back({.say = Say::kNoUnit, .severity = Severity::kWarning});
    }
    return {};
  }

  Result<void> several() {
    for (const UniqueValue& value : visit_.judgement.presented) {
      const Claim* claim = find_claim(admission_.presented, value);
      if (claim != nullptr) admission_.then.push_back(about(Say::kDuplicate, value, claim->holder));
    }
    return {};
  }

  Result<void> one(const std::string& unit) {
    auto held = ledger_.claims_of(unit);
    if (!held) return Failure(held.error());
    admission_.held = *std::move(held);
    auto work = ledger_.work_of(unit);
    if (!work) return Failure(work.error());
    for (const UniqueValue& value : visit_.judgement.presented) {
      if (auto finding = contradiction(value, admission_.held, *work))
        admission_.then.push_back(*std::move(finding));
    }
    if (auto compared = compare_witnesses(unit); !compared) return compared;
    if (!admission_.then.empty()) return {};
    admission_.unit = unit;
    admission_.work = *std::move(work);
    return identified();
  }

  // A copy of a unit's DMI has everything but its network cards.
  Result<void> compare_witnesses(const std::string& unit) {
    if (visit_.profile == nullptr || visit_.profile->witnesses.empty() || visit_.evidence == nullptr)
      return {};
    if (!visit_.evidence->hardware.nics) return {};  // not captured: the judge says so
    auto seen = ledger_.seen_of(unit);
    if (!seen) return Failure(seen.error());
    std::erase_if(*seen, [](const Seen& each) { return !each.witness; });
    const auto& shown = visit_.judgement.witnesses;
    const bool same = std::ranges::any_of(shown, [&](const WitnessValue& witness) {
      const Sha256 id = sha256(fold(witness.key));
      return std::ranges::any_of(*seen,
                                 [&](const Seen& each) { return std::ranges::equal(each.value_id, id); });
    });
    if (seen->empty() || same) return {};
    const Holder& holder = admission_.held.empty() ? Holder{.unit = unit} : admission_.held.front().holder;
    admission_.then.push_back(clone(shown, describe(holder)));
    return {};
  }

  // Intended values are free, or this unit's own.
  Result<void> look_at_intended() {
    auto claims = ledger_.claims(visit_.judgement.intended);
    if (!claims) return Failure(claims.error());
    admission_.intended = *std::move(claims);
    for (const UniqueValue& value : visit_.judgement.intended) {
      const Claim* claim = find_claim(admission_.intended, value);
      if (claim == nullptr) continue;
      if (claim->state == "retired") {
        admission_.first.push_back(about(Say::kIntendedRetired, value, claim->holder));
      } else if (admission_.unit.empty() || claim->holder.unit != admission_.unit) {
        admission_.first.push_back(about(Say::kIntendedTaken, value, claim->holder));
      }
    }
    return {};
  }

  Result<void> order() {
    if (!visit_.verdict.stage || visit_.profile == nullptr) return {};
    const Stage stage = *visit_.verdict.stage;
    if (admission_.work) hold_back(*admission_.work, stage);
    if (auto run = ask_last_run(stage); !run) return run;
    const profiles::StageRule* rule = visit_.profile->stage(stage);
    if (rule == nullptr || !rule->after || admission_.held_back) return {};
    if (admission_.verifies && *rule->after == Stage::kPreBurn) return {};
    return require(stage, *rule->after);
  }

  // A disk that was written by half is not mended by looking at the table again.
  Result<void> ask_last_run(Stage stage) {
    if (visit_.purpose != Purpose::kCheck || admission_.unit.empty() || admission_.held_back ||
        admission_.verifies) {
      return {};
    }
    auto run = ledger_.last_run(admission_.unit, stage);
    if (!run) return Failure(run.error());
    if (!run->has_value() || (*run)->passed) return {};
    auto burnt = ledger_.burnt_since(admission_.unit, (*run)->number);
    if (!burnt) return Failure(burnt.error());
    if (!*burnt) {
      admission_.then.push_back(
          {.say = Say::kRunFailed, .details = {{"stage", std::string(profiles::stage_name(stage))}}});
    }
    return {};
  }

  void hold_back(const Work& work, Stage stage) {
    const Holder where{.unit = work.unit, .label = work.station, .station = work.stage, .since = work.since};
    const auto add = [&](Say say, bool unjudged = false) {
      admission_.held_back = true;
      const std::string who = visit_.verdict.label.empty() ? work.unit : printable(visit_.verdict.label);
      admission_.first.push_back(
          {.say = say,
           .unjudged = unjudged,
           .details = {{"holder", describe(where)}, {"detail", work.kind}, {"unit", who}}});
    };
    if (work.kind == "run") return add(Say::kOpenRecord);
    if (stage == Stage::kPostBurn && visit_.purpose == Purpose::kCheck) {
      const auto boot = visit_.evidence == nullptr ? std::nullopt : visit_.evidence->boot_id;
      if (!boot || work.boot_id.empty()) return add(Say::kBootIdMissing, true);
      if (*boot == work.boot_id) return add(work.state == "open" ? Say::kOpenRecord : Say::kSameBoot);
      admission_.verifies = true;
      return compare(work);
    }
    if (work.state == "open") return add(Say::kOpenRecord);
    const bool again = visit_.purpose == Purpose::kBurn && work.state != "pending";
    if (!again) add(Say::kPendingBurn);
  }

  // What was to be burnt against what is there after the reboot, field by field.
  void compare(const Work& work) {
    const smbios::Table table = visit_.evidence->source.table();
    for (const Intended& intended : work.intended) {
      const smbios::Field* field = smbios::find_field(intended.keyword);
      if (field != nullptr && equals_intended(table, *field, intended.value)) continue;
      Finding finding{
          .say = Say::kBurnMismatch, .keyword = intended.keyword, .expected = printable(intended.value)};
      if (field != nullptr) {
        const smbios::Reading found = smbios::read(table, *field);
        finding.type = field->type;
        finding.offset = field->offset;
        finding.state = found.state;
        if (found.state == smbios::State::kPresent) {
          finding.found = printable(found.text());
        } else {
          finding.say = Say::kBurnLost;
        }
      }
      admission_.first.push_back(std::move(finding));
    }
  }

  Result<void> require(Stage stage, Stage after) {
    const bool unknown = admission_.is_new && visit_.verdict.label.empty();
    Say why = unknown ? Say::kWhyUnknownUnit : Say::kWhyNeverThere;
    if (!admission_.unit.empty()) {
      auto visit = ledger_.last_visit(admission_.unit, after);
      if (!visit) return Failure(visit.error());
      if (visit->has_value() && !(*visit)->passed) why = Say::kWhyNotPassed;
      if (visit->has_value() && (*visit)->passed) {
        auto burnt = ledger_.burnt_since(admission_.unit, (*visit)->number);
        if (!burnt) return Failure(burnt.error());
        auto run = ledger_.run_since(admission_.unit, (*visit)->number, after);
        if (!run) return Failure(run.error());
        auto reworked = ledger_.reworked_since(admission_.unit, (*visit)->number);
        if (!reworked) return Failure(reworked.error());
        // What comes before any burn stays passed, or a failed burn could never be repeated.
        if ((!*burnt || after <= Stage::kPreBurn) && !*run && !*reworked) return {};
        why = *reworked ? Say::kWhyReworked : *run ? Say::kWhyRunSince : Say::kWhyBurntSince;
      }
    }
    admission_.then.push_back({.say = Say::kStageOrder,
                               .details = {{"stage", std::string(profiles::stage_name(stage))},
                                           {"after", std::string(profiles::stage_name(after))}},
                               .cause = why});
    return {};
  }

  Ledger& ledger_;
  const Visit& visit_;
  Admission admission_;
};

}  // namespace

Finding about(Say say, const UniqueValue& value, const Holder& holder) {
  Finding finding{.say = say, .keyword = value.keyword, .found = value.shown};
  if (const smbios::Field* field = smbios::find_field(value.keyword)) {
    finding.type = field->type;
    finding.offset = field->offset;
  }
  finding.details = {{"holder", describe(holder)}};
  return finding;
}

std::optional<Finding> contradiction(const UniqueValue& value, const std::vector<Claim>& held,
                                     const std::optional<Work>& work) {
  if (const Claim* claim = find_claim(held, value)) {
    // Its own old value does no harm where it is about to be burnt over.
    if (claim->state != "retired" || !value.claimable) return std::nullopt;
    const bool repair = claim->disposition == disposition_name(Disposition::kRepair);
    return about(repair ? Say::kInRepair : Say::kRetired, value, claim->holder);
  }
  if (!value.claimable || is_intended(work, value.keyword)) return std::nullopt;
  const auto other = std::ranges::find_if(held, [&](const Claim& claim) {
    return claim.keyword == value.keyword && claim.second == value.second && claim.state != "retired";
  });
  if (other == held.end()) return std::nullopt;
  Finding finding = about(Say::kChanged, value, other->holder);
  finding.expected = other->shown;
  return finding;
}

std::string describe(const Holder& holder) {
  return (holder.label.empty() ? holder.unit : holder.label) + " (" + holder.station + ", " + holder.since +
         ")";
}

Result<Admission> admit(Ledger& ledger, const Visit& visit) { return Admitting(ledger, visit).run(); }

}  // namespace dmigate::gate
