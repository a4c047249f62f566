// A permit opens what it was issued for, once.
#include <algorithm>
#include <boost/json.hpp>

#include "gate/registry/ledger.h"
#include "gate/registry/recording.h"
#include "gate/registry/registry.h"

namespace dmigate::gate {
namespace {

class Using {
 public:
  Using(Sql& sql, Ledger& ledger, Verdict verdict, const PermitUse& permit)
      : sql_(sql), ledger_(ledger), verdict_(std::move(verdict)), permit_(permit) {}

  Result<Verdict> run() {
    verdict_.station.id = printable(verdict_.station.id);
    for (const auto ask : {&Using::ask_use, &Using::ask_time, &Using::ask_record, &Using::ask_unit}) {
      if (auto asked = (this->*ask)(); !asked) return Failure(asked.error());
      if (!verdict_.findings.empty()) break;
    }
    verdict_.conclude(nullptr);
    verdict_.recorded = true;
    auto appended =
        ledger_.append(verdict_.station.id, {.kind = "permit",
                                             .unit = verdict_.unit,
                                             .visit = 0,
                                             .changes = {},
                                             .stage = std::string(profiles::stage_name(*verdict_.stage)),
                                             .outcome = std::string(outcome_name(verdict_.outcome)),
                                             .extra = as_member("permit", json_text(permit_.id)) +
                                                      as_member("verdict", to_record_json(verdict_, {}))});
    if (!appended) return Failure(appended.error());
    if (verdict_.outcome == Outcome::kPass) {
      auto used = sql_.run("INSERT INTO permit (id, unit, station, seq) VALUES ($1, $2, $3, $4)",
                           {permit_.id, verdict_.unit, appended->station, appended->seq});
      if (!used) return Failure(used.error());
    }
    verdict_.station_seq = static_cast<std::uint64_t>(appended->seq);
    verdict_.record_hash = appended->hash;
    return std::move(verdict_);
  }

 private:
  void refuse(Say say, Details details = {}, std::optional<Say> cause = {}) {
    verdict_.findings.push_back({.say = say, .details = std::move(details), .cause = cause});
  }

  Result<void> ask_use() {
    auto rows = sql_.run("SELECT station, seq FROM permit WHERE id = $1", {permit_.id});
    if (!rows) return Failure(rows.error());
    if (rows->empty()) return {};
    const Row& row = rows->front();
    refuse(Say::kPermitUsed, {{"holder", text(row[0]) + " #" + std::to_string(integer(row[1]))}});
    return {};
  }

  // To the second; a station's own clock may be off.
  Result<void> ask_time() {
    constexpr std::size_t kSeconds = 19;  // "2026-11-20T05:00:00"
    auto rows = sql_.run("SELECT CAST(CURRENT_TIMESTAMP AS TEXT)");
    if (!rows) return Failure(rows.error());
    std::string now = text(rows->front().front()).substr(0, kSeconds);
    std::ranges::replace(now, ' ', 'T');
    if (now >= permit_.expires.substr(0, kSeconds)) {
      verdict_.findings.push_back(
          {.say = Say::kPermitExpired, .found = permit_.expires, .expected = now + "Z"});
    }
    return {};
  }

  // The PASS that it speaks of stands in the journal.
  Result<void> ask_record() {
    auto rows = sql_.run("SELECT hash, unit, stage, outcome FROM record WHERE station = $1 AND seq = $2",
                         {permit_.station, permit_.station_seq});
    if (!rows) return Failure(rows.error());
    const bool stands = !rows->empty() && to_hex(bytes(rows->front()[0])) == permit_.record_hash &&
                        text(rows->front()[1]) == verdict_.unit && !verdict_.unit.empty() &&
                        text(rows->front()[2]) == profiles::stage_name(*verdict_.stage) &&
                        text(rows->front()[3]) == outcome_name(Outcome::kPass);
    if (!stands) refuse(Say::kPermitStale, {}, Say::kWhyNeverThere);
    return {};
  }

  // And is the unit's last word: no failed visit, burn, run or rework has come since.
  Result<void> ask_unit() {
    const auto work = ledger_.work_of(verdict_.unit);
    if (!work) return Failure(work.error());
    if (*work) {
      refuse(Say::kPermitStale, {}, (*work)->kind == "burn" ? Say::kWhyBurntSince : Say::kWhyRunSince);
      return {};
    }
    const auto visit = ledger_.last_visit(verdict_.unit, *verdict_.stage);
    if (!visit) return Failure(visit.error());
    if (!visit->has_value() || !(*visit)->passed) {
      refuse(Say::kPermitStale, {}, Say::kWhyNotPassed);
      return {};
    }
    const auto burnt = ledger_.burnt_since(verdict_.unit, (*visit)->number);
    if (!burnt) return Failure(burnt.error());
    const auto run = ledger_.run_since(verdict_.unit, (*visit)->number, *verdict_.stage);
    if (!run) return Failure(run.error());
    const auto reworked = ledger_.reworked_since(verdict_.unit, (*visit)->number);
    if (!reworked) return Failure(reworked.error());
    if (*burnt || *run || *reworked) {
      refuse(Say::kPermitStale, {},
             *reworked ? Say::kWhyReworked
             : *burnt  ? Say::kWhyBurntSince
                       : Say::kWhyRunSince);
    }
    return {};
  }

  Sql& sql_;
  Ledger& ledger_;
  Verdict verdict_;
  const PermitUse& permit_;
};

}  // namespace

Result<Verdict> Registry::use_permit(Verdict verdict, const PermitUse& permit) {
  return transact<Verdict>([&](Ledger& ledger) { return Using(*sql_, ledger, verdict, permit).run(); });
}

}  // namespace dmigate::gate
