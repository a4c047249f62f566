// An audit's units by the hundred: who of them is known, what is another's, and what they claim.
#include "gate/registry/batch.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "gate/evidence/members.h"
#include "gate/registry/recording.h"
#include "gate/registry/transaction.h"

namespace dmigate::gate {

namespace json = boost::json;

namespace {

constexpr std::size_t kValuesAtOnce = 512;

// Asks for all of them, some at a time.
template <typename Ask>
Result<void> in_parts(const std::vector<SqlValue>& all, Ask ask) {
  for (std::size_t at = 0; at < all.size(); at += kValuesAtOnce) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), at + kValuesAtOnce));
    if (auto asked = ask({begin, end}); !asked) return asked;
  }
  return {};
}

Blob blob_of(const Sha256& hash) { return {hash.begin(), hash.end()}; }
Blob id_of(const WitnessValue& witness) { return blob_of(sha256(fold(witness.key))); }

// Empty: the record is no audit's.
std::string audited_path(const std::string& record) {
  boost::system::error_code error;
  const json::value value = json::parse(record, error);
  const json::object* object = error ? nullptr : value.if_object();
  return object == nullptr ? std::string() : word(*object, "path");
}

// Some units of one audit, inside the caller's transaction.
class Batching {
 public:
  Batching(Ledger& ledger, std::span<const BatchUnit> units, BatchRun& run)
      : ledger_(ledger), units_(units), run_(run) {}

  Result<std::vector<BatchFindings>> ask() {
    if (auto asked = ask_for_claims(); !asked) return Failure(asked.error());
    if (auto asked = ask_for_holders(); !asked) return Failure(asked.error());
    if (auto asked = ask_for_witnesses(); !asked) return Failure(asked.error());
    std::vector<BatchFindings> all;
    for (const BatchUnit& unit : units_) {
      auto findings = findings_of(unit);
      if (!findings) return Failure(findings.error());
      all.push_back(*std::move(findings));
    }
    return all;
  }

  // After ask(): units that nobody knows yet are known from now on, with every value that is still free.
  Result<void> claim(IdSequence& ids) {
    const std::string station = printable(run_.station.id);
    for (const BatchUnit& unit : units_) {
      if (auto seen = see_profile(unit, station); !seen) return seen;
    }
    std::vector<KnownUnit> known;
    std::vector<LinkedRecord> records;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      const BatchUnit& unit = units_[i];
      if (!unit.claims || !is_new_[i]) continue;
      KnownUnit made = claimed_of(unit, station);
      if (made.claims.empty()) continue;
      made.id = ids.next();
      for (const Claim& claim : made.claims) taken_.insert(claim.id);
      auto record = ledger_.link(station, entry_of(made, unit));
      if (!record) return Failure(record.error());
      records.push_back(*std::move(record));
      run_.values += made.claims.size();
      known.push_back(std::move(made));
    }
    run_.units += known.size();
    if (known.empty()) return {};
    auto added = ledger_.add_units(std::move(known));
    return added ? ledger_.write(std::move(records)) : added;
  }

 private:
  [[nodiscard]] bool is_ours(const std::string& unit) const {
    return !run_.first.empty() && unit >= run_.first && unit < run_.next;
  }

  Result<void> ask_for_claims() {
    std::vector<SqlValue> ids;
    for (const BatchUnit& unit : units_) {
      for (const UniqueValue& value : unit.values) ids.emplace_back(blob_of(value.id()));
    }
    return in_parts(ids, [&](std::vector<SqlValue> some) -> Result<void> {
      auto claims = ledger_.claims_with_ids(std::move(some));
      if (!claims) return Failure(claims.error());
      for (Claim& claim : *claims) {
        if (is_ours(claim.holder.unit)) {
          taken_.insert(std::move(claim.id));
        } else {
          held_.insert_or_assign(claim.id, claim);
        }
      }
      return {};
    });
  }

  // All that the units hold that hold any of it.
  Result<void> ask_for_holders() {
    std::set<std::string> units;
    for (const auto& [id, claim] : held_) units.insert(claim.holder.unit);
    return in_parts({units.begin(), units.end()}, [&](std::vector<SqlValue> some) -> Result<void> {
      auto claims = ledger_.claims_of_units(std::move(some));
      if (!claims) return Failure(claims.error());
      for (Claim& claim : *claims) holders_[claim.holder.unit].push_back(std::move(claim));
      return {};
    });
  }

  Result<void> ask_for_witnesses() {
    std::vector<SqlValue> ids;
    for (const BatchUnit& unit : units_) {
      for (const WitnessValue& witness : unit.witnesses) ids.emplace_back(id_of(witness));
    }
    return in_parts(ids, [&](std::vector<SqlValue> some) -> Result<void> {
      auto shown = ledger_.witnesses_with_ids(std::move(some));
      if (!shown) return Failure(shown.error());
      for (auto& [unit, seen] : *shown) {
        if (!is_ours(unit)) witnesses_[seen.value_id].insert(unit);
      }
      return {};
    });
  }

  [[nodiscard]] const Claim* held(const UniqueValue& value) const {
    const auto found = held_.find(blob_of(value.id()));
    return found == held_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] std::set<std::string> candidates_of(const BatchUnit& unit) const {
    std::set<std::string> candidates;
    for (const UniqueValue& value : unit.values) {
      if (const Claim* claim = held(value)) candidates.insert(claim->holder.unit);
    }
    return candidates;
  }

  // It is the one that nothing contradicts; what others hold is a duplicate. Of a single unit that shares
  // more with it than not, it is said as well what differs: a part may have been swapped, and what became of
  // it is for rework to say. Only what is told from every known unit is a new one.
  Result<BatchFindings> findings_of(const BatchUnit& unit) {
    const auto candidates = candidates_of(unit);
    std::vector<std::string> fitting;
    BatchFindings findings;
    for (const std::string& candidate : candidates) {
      auto found = contradictions(unit, candidate);
      if (!found) return found;
      if (found->empty()) fitting.push_back(candidate);
      if (candidates.size() == 1) findings = *std::move(found);
    }
    const std::string own = fitting.size() == 1 ? fitting.front() : std::string();
    const auto changed = std::ranges::count(findings, Say::kChanged, &Finding::say);
    const bool swapped = changed > 0 && changed < held_of(unit);
    if (!swapped) std::erase_if(findings, [](const Finding& each) { return each.say == Say::kChanged; });
    if (own.empty() || candidates.size() > 1) {
      if (auto added = add_duplicates(unit, own, findings); !added) return Failure(added.error());
    }
    // What is retired or in repair does not tell it from the one that had it.
    is_new_.push_back(candidates.empty() ||
                      (candidates.size() == 1 && own.empty() && changed >= held_of(unit)));
    if (auto added = add_witnesses(unit, candidates, findings); !added) return Failure(added.error());
    if (!own.empty()) {
      if (auto compared = compare_cards(unit, own, findings); !compared) return Failure(compared.error());
    }
    return findings;
  }

  [[nodiscard]] std::ptrdiff_t held_of(const BatchUnit& unit) const {
    return std::ranges::count_if(unit.values,
                                 [&](const UniqueValue& value) { return held(value) != nullptr; });
  }

  Result<BatchFindings> contradictions(const BatchUnit& unit, const std::string& candidate) {
    const auto against = [&](const std::optional<Work>& work) {
      BatchFindings all;
      for (const UniqueValue& value : unit.values) {
        if (auto finding = contradiction(value, holders_[candidate], work))
          all.push_back(*std::move(finding));
      }
      return all;
    };
    if (BatchFindings none = against({}); none.empty()) return none;
    for (Claim& claim : holders_[candidate]) {
      auto holder = named(claim.holder);
      if (!holder) return Failure(holder.error());
      claim.holder = *std::move(holder);
    }
    auto work = ledger_.work_of(candidate);  // a burn changes what it was to change
    if (!work) return Failure(work.error());
    return against(*work);
  }

  Result<void> add_duplicates(const BatchUnit& unit, const std::string& own, BatchFindings& findings) {
    BatchFindings shared;
    for (const UniqueValue& value : unit.values) {
      const Claim* claim = held(value);
      if (claim == nullptr || claim->holder.unit == own) continue;
      if (std::ranges::find(findings, value.keyword, &Finding::keyword) != findings.end()) continue;
      auto holder = named(claim->holder);
      if (!holder) return Failure(holder.error());
      shared.push_back(about(Say::kDuplicate, value, *holder));
    }
    findings.insert(findings.begin(), shared.begin(), shared.end());
    return {};
  }

  // A unit without a label is called by the path that an audit met it under.
  Result<Holder> named(Holder holder) {
    if (!holder.label.empty()) return holder;
    const auto known = paths_.find(holder.unit);
    if (known != paths_.end()) {
      holder.label = known->second;
      return holder;
    }
    auto records = ledger_.records_of(holder.unit);
    if (!records) return Failure(records.error());
    if (!records->empty()) holder.label = audited_path(records->back());
    paths_.emplace(holder.unit, holder.label);
    return holder;
  }

  // Cards that a unit was seen with which this one is not taken for.
  Result<void> add_witnesses(const BatchUnit& unit, const std::set<std::string>& candidates,
                             BatchFindings& findings) {
    for (const WitnessValue& witness : unit.witnesses) {
      const auto seen = witnesses_.find(id_of(witness));
      if (seen == witnesses_.end()) continue;
      for (const std::string& other : seen->second) {
        if (candidates.contains(other)) continue;
        auto claims = ledger_.claims_of(other);
        if (!claims) return Failure(claims.error());
        auto holder = named(claims->empty() ? Holder{.unit = other} : claims->front().holder);
        if (!holder) return Failure(holder.error());
        findings.push_back(about(Say::kDuplicate,
                                 {.keyword = witness.keyword, .scope = {}, .key = {}, .shown = witness.shown},
                                 *holder));
      }
    }
    return {};
  }

  Result<void> compare_cards(const BatchUnit& unit, const std::string& own, BatchFindings& findings) {
    if (!unit.cards_known || unit.profile->witnesses.empty()) return {};
    auto seen = ledger_.seen_of(own);
    if (!seen) return Failure(seen.error());
    std::erase_if(*seen, [](const Seen& each) { return !each.witness; });
    const bool same = std::ranges::any_of(unit.witnesses, [&](const WitnessValue& witness) {
      return std::ranges::find(*seen, id_of(witness), &Seen::value_id) != seen->end();
    });
    if (seen->empty() || same) return {};
    auto holder = named(holders_[own].front().holder);
    if (!holder) return Failure(holder.error());
    findings.push_back(clone(unit.witnesses, describe(*holder)));
    return {};
  }

  Result<void> see_profile(const BatchUnit& unit, const std::string& station) {
    if (unit.profile == nullptr || !profiles_.insert(unit.profile).second) return {};
    const profiles::Profile& profile = *unit.profile;
    return ledger_.see_profile(
        {.name = profile.name, .version = profile.version, .sha256 = to_hex(profile.sha256)}, station);
  }

  [[nodiscard]] KnownUnit claimed_of(const BatchUnit& unit, const std::string& station) const {
    KnownUnit made{.model = unit.profile == nullptr ? std::string() : unit.profile->name,
                   .since = ledger_.now()};
    for (const UniqueValue& value : unit.values) {
      Blob id = blob_of(value.id());
      const bool twice = std::ranges::find(made.claims, id, &Claim::id) != made.claims.end();
      if (twice || taken_.contains(id) || held_.contains(id)) continue;
      made.claims.push_back({.id = std::move(id),
                             .value_id = blob_of(value.value_id()),
                             .keyword = value.keyword,
                             .second = value.second,
                             .scope = printable(value.scope),
                             .shown = value.shown,
                             .state = "active",
                             .holder = {.station = station, .since = made.since}});
    }
    for (const WitnessValue& witness : unit.witnesses) {
      made.seen.push_back({.keyword = witness.keyword,
                           .value_id = id_of(witness),
                           .shown = witness.shown,
                           .witness = true,
                           .since = made.since});
    }
    return made;
  }

  [[nodiscard]] Entry entry_of(const KnownUnit& made, const BatchUnit& unit) const {
    Entry entry{.kind = "audit", .unit = made.id};
    entry.changes.push_back({.op = "unit", .keyword = "model", .shown = made.model});
    for (const Claim& claim : made.claims) entry.changes.push_back(change_of("claim", claim));
    for (const Seen& seen : made.seen) entry.changes.push_back(change_of("witness", seen));
    entry.extra = as_member("path", json_text(std::string(unit.path)));
    if (!run_.by.empty()) entry.extra += as_member("by", json_text(run_.by));
    return entry;
  }

  Ledger& ledger_;
  std::span<const BatchUnit> units_;
  BatchRun& run_;
  std::map<Blob, Claim> held_;                         // of what the units present, by id
  std::set<Blob> taken_;                               // the same by units of this audit
  std::map<std::string, std::vector<Claim>> holders_;  // all claims of a unit that holds any of it
  std::map<Blob, std::set<std::string>> witnesses_;    // units that were seen with it
  std::map<std::string, std::string> paths_;           // of units without a label
  std::vector<bool> is_new_;                           // by unit: whether it is told from every known one
  std::set<const profiles::Profile*> profiles_;
};

}  // namespace

Result<std::vector<BatchFindings>> Registry::ask_batch(std::span<const BatchUnit> units, BatchRun& run) {
  Transaction snapshot(*sql_);
  if (auto begun = snapshot.begin_reading(); !begun) return Failure(begun.error());
  Ledger ledger(*sql_, utc_text(surroundings_.now()));
  return Batching(ledger, units, run).ask();
}

Result<std::vector<BatchFindings>> Registry::claim_batch(std::span<const BatchUnit> units, BatchRun& run) {
  IdSequence ids = run.next.empty() ? IdSequence("u-", surroundings_) : IdSequence(run.next);
  if (run.first.empty()) run.first = run.next = ids.peek();
  BatchRun done;
  std::vector<BatchFindings> findings;
  auto written = transact<std::string>([&](Ledger& ledger) -> Result<std::string> {
    done = run;
    Batching batching(ledger, units, done);
    auto asked = batching.ask();
    if (!asked) return Failure(asked.error());
    findings = *std::move(asked);
    return batching.claim(ids).map([] { return std::string(); });
  });
  if (written) run = done;
  run.next = ids.peek();
  return written.map([&](const std::string&) { return std::move(findings); });
}

}  // namespace dmigate::gate
