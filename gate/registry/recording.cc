#include "gate/registry/recording.h"

#include <algorithm>
#include <boost/json.hpp>

#include "gate/evidence/hardware_json.h"
#include "gate/registry/traits.h"

namespace dmigate::gate {

namespace json = boost::json;

std::string make_id(std::string_view prefix, const Surroundings& surroundings) {
  const auto now = surroundings.now().time_since_epoch();
  auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::string id(prefix);
  for (int shift = 45; shift >= 0; shift -= 5) id += kIdDigits[(millis >> shift) & 31];
  std::array<std::uint8_t, 16> random{};
  surroundings.random(random);
  for (const std::uint8_t byte : random) id += kIdDigits[byte & 31];
  return id;
}

IdSequence::IdSequence(std::string_view prefix, const Surroundings& surroundings)
    : next_(make_id(prefix, surroundings)) {}

std::string IdSequence::next() {
  std::string id = next_;
  for (auto digit = next_.rbegin(); digit != next_.rend() && *digit != '-'; ++digit) {
    const std::size_t value = kIdDigits.find(*digit) + 1;
    *digit = kIdDigits[value % kIdDigits.size()];
    if (value < kIdDigits.size()) break;
  }
  return id;
}

bool is_id(std::string_view id, std::string_view prefix) {
  return id.starts_with(prefix) && id.size() == prefix.size() + kIdLength &&
         id.find_first_not_of(kIdDigits, prefix.size()) == std::string_view::npos;
}

Change change_of(std::string_view op, const Claim& claim) {
  return {.op = op, .keyword = claim.keyword, .shown = claim.shown, .id = claim.id};
}

Change change_of(std::string_view op, const UniqueValue& value) {
  const Sha256 id = value.id();
  return {.op = op, .keyword = value.keyword, .shown = value.shown, .id = Blob(id.begin(), id.end())};
}

Change change_of(std::string_view op, const Seen& seen) {
  return {.op = op, .keyword = seen.keyword, .shown = seen.shown, .id = seen.value_id};
}

std::string as_member(std::string_view name, const std::string& value) {
  return ",\"" + std::string(name) + "\":" + value;
}

std::string json_text(const std::string& value) { return json::serialize(json::value(printable(value))); }

void put_json(std::string_view text, std::string& out) {
  const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, plain)) {
    out.append("\"").append(text).append("\"");
  } else {
    out += json::serialize(json::string_view(text.data(), text.size()));
  }
}

namespace {

std::string_view purpose_name(Purpose purpose) {
  switch (purpose) {
    case Purpose::kBurn:
      return "burn";
    case Purpose::kRun:
      return "run";
    case Purpose::kGolden:
      return "golden";
    case Purpose::kCheck:
      break;
  }
  return "check";
}

// Puts together and writes what follows from an admission, inside the caller's transaction.
class Recording {
 public:
  Recording(Ledger& ledger, const Visit& visit, const Surroundings& surroundings)
      : ledger_(ledger), visit_(visit), surroundings_(surroundings), verdict_(visit.verdict) {
    // It names the chain of records, and stands in JSON.
    verdict_.station.id = printable(verdict_.station.id);
  }

  Result<Verdict> run() {
    if (verdict_.profile) {
      if (auto seen = ledger_.see_profile(*verdict_.profile, verdict_.station.id); !seen)
        return Failure(seen.error());
    }
    if (visit_.purpose == Purpose::kGolden) return show_golden();
    auto admission = admit(ledger_, visit_);
    if (!admission) return Failure(admission.error());
    admission_ = *std::move(admission);
    add_findings();
    verdict_.conclude(visit_.profile);
    if (verdict_.enforced) return observe();
    const bool starts = visit_.purpose != Purpose::kCheck;
    if (passed() && (visit_.profile == nullptr || visit_.evidence == nullptr || lacks_burn() ||
                     (starts && !verdict_.stage))) {
      return fail("a unit that was not judged was handed over as good", {},
                  "this is a fault of dmigate: tell its makers");
    }
    verdict_.unit = admission_.unit;
    if (auto written = write_index(); !written) return Failure(written.error());
    if (auto appended = append(); !appended) return Failure(appended.error());
    if (auto opened = open_work(); !opened) return Failure(opened.error());
    if (auto mentioned = mention(); !mentioned) return Failure(mentioned.error());
    return std::move(verdict_);
  }

 private:
  // A golden unit is there to try the station: it is judged and recorded, and no unit of the plant's.
  Result<Verdict> show_golden() {
    verdict_.conclude(visit_.profile);
    verdict_.golden = true;
    return observe();
  }

  // What is only observed claims nothing, is no visit, and neither opens nor ends anything.
  Result<Verdict> observe() {
    verdict_.unit = admission_.unit;
    if (visit_.evidence != nullptr) {
      if (auto kept = ledger_.keep_source(*visit_.evidence); !kept) return Failure(kept.error());
    }
    if (auto appended = append(); !appended) return Failure(appended.error());
    if (auto mentioned = mention(); !mentioned) return Failure(mentioned.error());
    return std::move(verdict_);
  }

  [[nodiscard]] bool passed() const { return verdict_.outcome == Outcome::kPass; }

  [[nodiscard]] bool lacks_burn() const {
    return visit_.purpose == Purpose::kBurn && (visit_.intended.empty() || !visit_.profile->burn);
  }

  // While a burn is not proved, the table still shows what was there before it: what it says of the
  // fields that were burnt is no news, and its cure would send the unit back to the burn.
  [[nodiscard]] bool outdated(const Finding& finding) const {
    return admission_.held_back && admission_.work->kind == "burn" &&
           std::ranges::find(admission_.work->intended, finding.keyword, &Intended::keyword) !=
               admission_.work->intended.end();
  }

  void add_findings() {
    std::erase_if(verdict_.findings, [this](const Finding& finding) { return outdated(finding); });
    // A unit that is held back was not judged at the stage, unless its table alone fails there.
    const bool fails = visit_.purpose != Purpose::kBurn && verdict_.judged() != Outcome::kPass;
    counts_ = !admission_.held_back || fails;
    verdict_.findings.insert(verdict_.findings.begin(), admission_.first.begin(), admission_.first.end());
    verdict_.findings.insert(verdict_.findings.end(), admission_.then.begin(), admission_.then.end());
  }

  Result<void> write_index() {
    // What nothing tells from another cannot be found again: it is recorded, and is no unit yet.
    if (passed() && admission_.is_new &&
        std::ranges::any_of(visit_.judgement.presented, &UniqueValue::claimable)) {
      verdict_.unit = make_id("u-", surroundings_);
      const std::string model = verdict_.profile ? verdict_.profile->name : std::string();
      changes_.push_back({.op = "unit", .keyword = "model", .shown = model});
      if (auto added = ledger_.add_unit(verdict_.unit, model); !added) return added;
    }
    if (passed() && !verdict_.unit.empty()) {
      if (auto claimed = claim(); !claimed) return claimed;
      if (auto remembered = remember(); !remembered) return remembered;
    }
    if (admission_.verifies) {
      if (auto settled = settle_burn(); !settled) return settled;
    }
    if (!verdict_.unit.empty() && verdict_.stage && counts_) {
      // A command that is still to come has not passed anything; a refused one was only a check.
      const bool opens = passed() && visit_.purpose != Purpose::kCheck;
      auto number = ledger_.add_visit(verdict_.unit, opens ? purpose_name(visit_.purpose) : "check",
                                      verdict_.stage, passed() && !opens);
      if (!number) return Failure(number.error());
      visit_number_ = *number;
    }
    if (visit_.evidence != nullptr) return ledger_.keep_source(*visit_.evidence);
    return {};
  }

  Result<void> claim() {
    for (const UniqueValue& value : visit_.judgement.presented) {
      if (!value.claimable) continue;
      if (auto claimed = claim_one(value); !claimed) return claimed;
    }
    return visit_.purpose == Purpose::kBurn ? reserve() : Result<void>();
  }

  // What else the unit shows, once each; a witness that was given up before is one again.
  Result<void> remember() {
    std::vector<Seen> known;
    if (!admission_.is_new) {
      auto seen = ledger_.seen_of(verdict_.unit);
      if (!seen) return Failure(seen.error());
      known = *std::move(seen);
    }
    for (const Seen& trait : traits_of(visit_, verdict_)) {
      const auto old = std::ranges::find_if(
          known, [&](const Seen& k) { return k.keyword == trait.keyword && k.value_id == trait.value_id; });
      if (old != known.end() && (old->witness || !trait.witness)) continue;
      changes_.push_back(change_of(trait.witness ? "witness" : "see", trait));
      auto kept = old == known.end() ? ledger_.add_seen(verdict_.unit, trait)
                                     : ledger_.set_witness(verdict_.unit, trait, true);
      if (!kept) return kept;
    }
    return {};
  }

  // A record that counts for no unit is found by the values that it speaks of.
  Result<void> mention() {
    if (!verdict_.unit.empty()) return {};
    for (const Sha256& id : mentioned_in(visit_)) {
      if (auto added = ledger_.add_mention(id, *ledger_.appended()); !added) return added;
    }
    return {};
  }

  Result<void> claim_one(const UniqueValue& value) {
    const Sha256 id = value.id();
    const bool done =
        std::ranges::any_of(changes_, [&](const Change& c) { return std::ranges::equal(c.id, id); });
    const auto held =
        std::ranges::find_if(admission_.held, [&](const Claim& c) { return std::ranges::equal(c.id, id); });
    if (done) return {};  // the same value in both boards
    if (held == admission_.held.end()) {
      changes_.push_back(change_of("claim", value));
      return ledger_.add_claim(value, verdict_.unit, "active", verdict_.station.id);
    }
    return held->state == "reserved" ? activate(*held) : Result<void>();
  }

  // A reserved value that is found on the unit is its own from now on; the one it replaces is given up.
  Result<void> activate(const Claim& claim) {
    changes_.push_back(change_of("activate", claim));
    if (auto set = ledger_.set_state(claim.id, "active"); !set) return set;
    for (const Claim& old : admission_.held) {
      if (old.keyword != claim.keyword || old.second != claim.second || old.state != "active") continue;
      changes_.push_back(change_of("retire", old));
      if (auto set = ledger_.set_state(old.id, "retired"); !set) return set;
    }
    return {};
  }

  // The intended values, in place of those that an earlier burn of this unit reserved.
  Result<void> reserve() {
    const auto& wanted = visit_.judgement.intended;
    for (const Claim& old : admission_.held) {
      const bool kept = std::ranges::any_of(
          wanted, [&](const UniqueValue& v) { return std::ranges::equal(v.id(), old.id); });
      // What an earlier burn reserved and this one leaves as it is was found on the unit, and is its own now.
      const bool found = std::ranges::any_of(changes_, [&](const Change& c) { return c.id == old.id; });
      if (old.state != "reserved" || kept || found) continue;
      changes_.push_back(change_of("release", old));
      if (auto removed = ledger_.remove_claim(old.id); !removed) return removed;
    }
    for (const UniqueValue& value : wanted) {
      const Sha256 id = value.id();
      const bool own =
          std::ranges::any_of(admission_.held, [&](const Claim& c) { return std::ranges::equal(c.id, id); });
      if (own) continue;
      changes_.push_back(change_of("reserve", value));
      if (auto added = ledger_.add_claim(value, verdict_.unit, "reserved", verdict_.station.id); !added)
        return added;
    }
    return {};
  }

  // The proof of a burn: verified with the verdict's PASS, a mismatch where a field differs.
  Result<void> settle_burn() {
    Work work = *admission_.work;
    const bool mismatch = std::ranges::any_of(
        verdict_.findings, [](const Finding& f) { return f.rule() == message(Say::kBurnMismatch).rule; });
    const bool judged = verdict_.outcome == Outcome::kFail;
    const std::string state = passed()                         ? "verified"
                              : mismatch                       ? "mismatch"
                              : judged || work.state == "open" ? "failed"
                                                               : work.state;
    verdict_.burn = BurnReport{.tool = work.tool, .state = state, .intended = work.intended};
    if (!passed()) {
      work.state = state;
      return ledger_.put_work(work);
    }
    for (const Claim& claim : admission_.held) {
      const bool done = std::ranges::any_of(changes_, [&](const Change& c) { return c.id == claim.id; });
      if (claim.state != "reserved" || done) continue;
      if (auto activated = activate(claim); !activated) return activated;
    }
    if (auto set = ledger_.set_passed(work.unit, work.visit); !set) return set;
    return ledger_.remove_work(work.unit);
  }

  Result<void> append() {
    const bool opens = passed() && (visit_.purpose == Purpose::kBurn || visit_.purpose == Purpose::kRun);
    if (opens && visit_.purpose == Purpose::kBurn) verdict_.burn = burn_report("open");
    verdict_.recorded = true;
    const bool golden = visit_.purpose == Purpose::kGolden;
    Entry entry{.kind = std::string(opens || golden ? purpose_name(visit_.purpose) : "check"),
                .unit = verdict_.unit,
                .visit = visit_number_,
                .changes = changes_,
                .stage = verdict_.stage ? std::string(profiles::stage_name(*verdict_.stage)) : std::string(),
                .outcome = std::string(outcome_name(verdict_.outcome)),
                .extra = as_member("verdict", to_record_json(verdict_, visit_.cures)) + hardware()};
    auto appended = ledger_.append(verdict_.station.id, entry);
    if (!appended) return Failure(appended.error());
    verdict_.station_seq = static_cast<std::uint64_t>(appended->seq);
    verdict_.record_hash = appended->hash;
    return {};
  }

  // Disks, cards and clock as they were read: what the unit looked like is asked years later.
  [[nodiscard]] std::string hardware() const {
    if (visit_.evidence == nullptr) return {};
    json::object members;
    add_hardware(visit_.evidence->hardware, members);
    return members.empty() ? std::string() : as_member("hardware", json::serialize(members));
  }

  [[nodiscard]] BurnReport burn_report(std::string state) const {
    const profiles::BurnTool* tool = visit_.cures.tool;
    BurnReport report{.tool = tool != nullptr ? tool->name : visit_.profile->burn->tool,
                      .state = std::move(state),
                      .intended = {}};
    for (const profiles::BurnValue& value : visit_.intended) {
      report.intended.push_back({.keyword = std::string(value.field->keyword), .value = value.value});
    }
    return report;
  }

  Result<void> open_work() {
    if (!passed() || visit_.purpose == Purpose::kCheck) return {};
    return ledger_.put_work({.unit = verdict_.unit,
                             .kind = std::string(purpose_name(visit_.purpose)),
                             .state = "open",
                             .stage = std::string(profiles::stage_name(*verdict_.stage)),
                             .station = verdict_.station.id,
                             .station_seq = static_cast<std::int64_t>(*verdict_.station_seq),
                             .since = ledger_.now(),
                             .boot_id = visit_.evidence->boot_id.value_or(""),
                             .tool = verdict_.burn ? verdict_.burn->tool : std::string(),
                             .visit = visit_number_,
                             .intended = verdict_.burn ? verdict_.burn->intended : std::vector<Intended>()});
  }

  Ledger& ledger_;
  const Visit& visit_;
  const Surroundings& surroundings_;
  Verdict verdict_;
  Admission admission_;
  std::vector<Change> changes_;
  std::int64_t visit_number_ = 0;
  bool counts_ = true;  // as a visit to the stage
};

}  // namespace

Result<Verdict> write_visit(Ledger& ledger, const Visit& visit, const Surroundings& surroundings) {
  return Recording(ledger, visit, surroundings).run();
}

}  // namespace dmigate::gate
