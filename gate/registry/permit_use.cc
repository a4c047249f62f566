// A permit opens what it was issued for, once.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "gate/evidence/members.h"
#include "gate/evidence/text.h"
#include "gate/registry/ledger.h"
#include "gate/registry/recording.h"
#include "gate/registry/registry.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

class Using {
 public:
  Using(Sql& sql, Ledger& ledger, Verdict verdict, const PermitUse& permit)
      : sql_(sql), ledger_(ledger), verdict_(std::move(verdict)), permit_(permit) {}

  Result<Verdict> run() {
    verdict_.station.id = printable(verdict_.station.id);
    for (const auto ask : {&Using::ask_use, &Using::ask_time, &Using::ask_record, &Using::ask_unit}) {
      if (!verdict_.findings.empty()) break;
      if (auto asked = (this->*ask)(); !asked) return Failure(asked.error());
    }
    verdict_.conclude(nullptr);
    verdict_.recorded = true;
    const std::string stage(profiles::stage_name(*verdict_.stage));
    std::int64_t visit = 0;
    if (verdict_.outcome == Outcome::kPass) {
      auto number = ledger_.add_visit(verdict_.unit, "permit", verdict_.stage, true);
      if (!number) return Failure(number.error());
      visit = *number;
    }
    auto appended =
        ledger_.append(verdict_.station.id, {.kind = "permit",
                                             .unit = verdict_.unit,
                                             .visit = visit,
                                             .changes = {},
                                             .stage = stage,
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
    now_ = now + "Z";
    if (now >= permit_.expires.substr(0, kSeconds)) {
      verdict_.findings.push_back({.say = Say::kPermitExpired, .found = permit_.expires, .expected = now_});
    }
    return {};
  }

  // The PASS that it speaks of stands in the journal, as it was hashed.
  Result<void> ask_record() {
    auto rows =
        sql_.run("SELECT body, unit, kind, stage, outcome, time FROM record WHERE station = $1 AND seq = $2",
                 {permit_.station, permit_.station_seq});
    if (!rows) return Failure(rows.error());
    const Row none(6);
    const Row& row = rows->empty() ? none : rows->front();
    const Blob body = bytes(row[0]);
    visit_ = visit_in(body);
    const bool stands = to_hex(sha256(body)) == permit_.record_hash && visit_ != 0 &&
                        text(row[1]) == verdict_.unit && !verdict_.unit.empty() && text(row[2]) == "check" &&
                        text(row[3]) == profiles::stage_name(*verdict_.stage) &&
                        text(row[4]) == outcome_name(Outcome::kPass);
    if (!stands) {
      refuse(Say::kPermitStale, {}, Say::kWhyNeverThere);
    } else if (is_ahead(text(row[5]))) {
      verdict_.findings.push_back({.say = Say::kPermitEarly, .found = text(row[5]), .expected = now_});
    }
    return {};
  }

  static std::int64_t visit_in(const Blob& body) {
    boost::system::error_code error;
    const json::value record = json::parse({reinterpret_cast<const char*>(body.data()), body.size()}, error);
    return error || !record.is_object() ? 0 : number(record.get_object(), "visit");
  }

  // A clock that is ahead where permits are issued would make them good for longer.
  [[nodiscard]] bool is_ahead(const std::string& time) const {
    constexpr std::chrono::minutes kClocksApart{1};
    const auto then = parse_instant(time);
    const auto now = parse_instant(now_);
    return !then || !now || *then > *now + kClocksApart;
  }

  // And is the unit's last word: whatever was started since, and what did not pass, at whichever stage,
  // speaks against it.
  Result<void> ask_unit() {
    const auto work = ledger_.work_of(verdict_.unit);
    if (!work) return Failure(work.error());
    if (*work) {
      refuse(Say::kPermitStale, {}, (*work)->kind == "burn" ? Say::kWhyBurntSince : Say::kWhyRunSince);
      return {};
    }
    auto rows = sql_.run(
        "SELECT kind, stage, time FROM visit WHERE unit = $1 AND number > $2 AND (kind <> 'check' OR passed "
        "= 0)"
        " ORDER BY number DESC LIMIT 1",
        {verdict_.unit, visit_});
    if (!rows) return Failure(rows.error());
    if (rows->empty()) return {};
    const Row& row = rows->front();
    const std::string kind = text(row[0]);
    if (kind == "burn" || kind == "rework") {
      refuse(Say::kPermitStale, {}, kind == "burn" ? Say::kWhyBurntSince : Say::kWhyReworked);
    } else {
      const std::string what = kind == "check" ? "FAIL" : kind;
      refuse(Say::kPermitStale, {{"detail", what + " (" + text(row[1]) + ", " + text(row[2]) + ")"}});
    }
    return {};
  }

  Sql& sql_;
  Ledger& ledger_;
  Verdict verdict_;
  const PermitUse& permit_;
  std::string now_;         ///< of the registry's clock
  std::int64_t visit_ = 0;  ///< of the unit, which passed
};

}  // namespace

Result<Verdict> Registry::use_permit(Verdict verdict, const PermitUse& permit) {
  return transact<Verdict>([&](Ledger& ledger) { return Using(*sql_, ledger, verdict, permit).run(); });
}

}  // namespace dmigate::gate
