// verify: the journal from its start, and everything beside it held against what the journal says.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "gate/evidence/members.h"
#include "gate/registry/ledger.h"
#include "gate/registry/registry.h"
#include "smbios/compressed.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// A claim as the journal leaves it.
struct Explained {
  std::string unit;
  std::string state;
  std::string keyword;
  std::string shown;
  std::string disposition = {};
};

// One change that a record tells of.
struct Told {
  std::string op, id, keyword, shown;
};

// The journal's changes of one unit, by the visit that made them: stations' records interleave.
using UnitHistory = std::map<std::int64_t, std::vector<Told>>;

// The burn or run that a unit was last let through to.
struct Opened {
  std::int64_t visit = 0;
  std::string kind, station;
  std::int64_t seq = 0;
};

// A visit as the journal leaves it.
struct ToldVisit {
  std::string kind, stage;
  bool passed = false;
};

class Verifying {
 public:
  Verifying(Sql& sql, const std::vector<Head>& heads) : sql_(sql), heads_(heads) {}

  Result<void> run() {
    if (auto begun = sql_.begin_reading(); !begun) return begun;
    auto walked = walk();
    sql_.rollback();
    return walked;
  }

  // Those that were found, where it fails: as far as it came.
  std::vector<Doubt>& doubts() { return doubts_; }

 private:
  Result<void> walk() {
    auto stations = sql_.run("SELECT DISTINCT station FROM record ORDER BY station");
    if (!stations) return Failure(stations.error());
    for (const Row& row : *stations) {
      if (auto walked = walk_station(text(row.front())); !walked) return Failure(walked.error());
    }
    for (const Head& head : heads_) {
      if (auto asked = ask_head(head); !asked) return Failure(asked.error());
    }
    if (auto compared = compare_claims(); !compared) return Failure(compared.error());
    if (auto compared = compare_work(); !compared) return Failure(compared.error());
    if (auto compared = compare_visits(); !compared) return Failure(compared.error());
    if (auto compared = compare_units(); !compared) return Failure(compared.error());
    if (auto compared = compare_seen(); !compared) return Failure(compared.error());
    return compare_sources();
  }

  void doubt(std::string where, std::string what) { doubts_.push_back({std::move(where), std::move(what)}); }

  // What was kept elsewhere is still there, and the same.
  Result<void> ask_head(const Head& head) {
    auto rows = sql_.run("SELECT hash FROM record WHERE station = $1 AND seq = $2", {head.station, head.seq});
    if (!rows) return Failure(rows.error());
    const std::string where = head.station + " #" + std::to_string(head.seq);
    if (rows->empty()) {
      doubt(where, "the head that was kept names it, and it is gone: the journal's tail was cut");
    } else if (to_hex(bytes(rows->front()[0])) != head.hash) {
      doubt(where, "it is not the record that the kept head names");
    }
    return {};
  }

  // In pages, so that a journal of any length is held a little at a time.
  Result<void> walk_station(const std::string& station) {
    constexpr std::int64_t kPage = 1000;
    Sha256 nothing{};
    std::string previous = to_hex(nothing);
    std::int64_t expected = 1;
    for (;;) {
      auto rows = sql_.run(
          "SELECT seq, hash, body, unit, kind, stage, outcome, time FROM record WHERE station = $1 AND seq "
          ">= $2"
          " ORDER BY seq LIMIT $3",
          {station, expected, kPage});
      if (!rows) return Failure(rows.error());
      for (const Row& row : *rows) {
        const std::int64_t seq = integer(row[0]);
        const std::string where = station + " #" + std::to_string(seq);
        if (seq != expected) {
          doubt(where,
                "records " + std::to_string(expected) + " to " + std::to_string(seq - 1) + " are missing");
        }
        check_record(where, station, row, seq == expected ? previous : std::string());
        previous = to_hex(bytes(row[1]));
        expected = seq + 1;
      }
      if (rows->size() < static_cast<std::size_t>(kPage)) return {};
    }
  }

  void check_record(const std::string& where, const std::string& station, const Row& row,
                    const std::string& previous) {
    const Blob body = bytes(row[2]);
    if (!std::ranges::equal(sha256(body), bytes(row[1]))) doubt(where, "its content was changed");
    boost::system::error_code error;
    const json::value value =
        json::parse(json::string_view(reinterpret_cast<const char*>(body.data()), body.size()), error);
    const json::object* record = error ? nullptr : value.if_object();
    if (record == nullptr) return doubt(where, "its content cannot be read");
    const json::value* seq = record->if_contains("seq");
    if (word(*record, "station") != station || seq == nullptr || *seq != integer(row[0])) {
      doubt(where, "it stands in another record's place");
    }
    if (!previous.empty() && word(*record, "prev") != previous)
      doubt(where, "it does not follow the record before it");
    if (word(*record, "unit") != text(row[3]) || word(*record, "kind") != text(row[4]) ||
        word(*record, "time") != text(row[7])) {
      doubt(where, "its columns do not say what its content says");
    }
    if (const json::value* verdict = record->if_contains("verdict");
        verdict != nullptr && verdict->is_object()) {
      if (word(verdict->get_object(), "outcome") != text(row[6]) ||
          word(verdict->get_object(), "stage") != text(row[5])) {
        doubt(where, "its columns do not say what its content says");
      }
    } else if (word(*record, "stage") != text(row[5]) || !text(row[6]).empty()) {
      doubt(where, "its columns do not say what its content says");
    }
    gather_changes(*record);
    gather_work(*record, station, integer(row[0]));
    gather_visit(*record, where, text(row[6]));
  }

  void gather_changes(const json::object& record) {
    const json::value* changes = record.if_contains("changes");
    const json::value* visit = record.if_contains("visit");
    if (changes == nullptr || !changes->is_array() || visit == nullptr || !visit->is_int64()) return;
    const std::string unit = word(record, "unit");
    if (!unit.empty()) named_.insert(unit);
    auto& history = units_[unit][visit->get_int64()];
    for (const json::value& change : changes->get_array()) {
      const json::object* object = change.if_object();
      if (object == nullptr) continue;
      history.push_back({.op = word(*object, "op"),
                         .id = word(*object, "id"),
                         .keyword = word(*object, "keyword"),
                         .shown = word(*object, "value")});
    }
  }

  void gather_work(const json::object& record, const std::string& station, std::int64_t seq) {
    const std::string unit = word(record, "unit");
    const std::string kind = word(record, "kind");
    const std::int64_t visit = number(record, "visit");
    if (kind == "burn" || kind == "run") {
      Opened& latest = opened_[unit];
      if (visit > latest.visit) latest = {visit, kind, station, seq};
      at_[{station, seq}] = {unit, visit};
    } else if (kind == "replace" || kind == "retire") {
      // The board that a burn was to be proved of is gone, or the unit is.
      if (number(record, "ends") != 0) proved_[unit] = std::max(proved_[unit], visit);
    } else if (kind == "end" || kind == "resolve") {
      ended_.emplace(kind == "end" ? station : word(record, "ends_at"), number(record, "ends"));
    } else if (const json::value* verdict = record.if_contains("verdict");
               verdict != nullptr && verdict->is_object()) {
      const json::value* burn = verdict->get_object().if_contains("burn");
      const bool proof =
          burn != nullptr && burn->is_object() && word(burn->get_object(), "state") == "verified";
      if (proof) proved_[unit] = std::max(proved_[unit], visit);
      if (proof) proofs_[unit].push_back(visit);
    }
  }

  void gather_visit(const json::object& record, const std::string& where, const std::string& outcome) {
    const std::string kind = word(record, "kind");
    const std::string unit = word(record, "unit");
    const std::int64_t visit = number(record, "visit");
    if (visit != 0) {
      const bool rework = kind == "replace" || kind == "retire";
      visits_[{unit, visit}] = {.kind = rework ? "rework" : kind,
                                .stage = stage_of(record),
                                .passed = (kind == "check" || kind == "permit") && outcome == "PASS"};
    }
    if (kind == "permit" && outcome == "PASS") permits_.insert(word(record, "permit"));
    if (kind == "end" && outcome == "PASS") well_.emplace(word(record, "station"), number(record, "ends"));
    const json::value* verdict = record.if_contains("verdict");
    const json::object* said = verdict == nullptr ? nullptr : verdict->if_object();
    const json::value* source = said == nullptr ? nullptr : said->if_contains("source");
    if (source != nullptr && source->is_object())
      sources_.emplace(word(source->get_object(), "sha256"), where);
  }

  static std::string stage_of(const json::object& record) {
    const json::value* verdict = record.if_contains("verdict");
    return verdict != nullptr && verdict->is_object() ? word(verdict->get_object(), "stage")
                                                      : word(record, "stage");
  }

  // A command that ended well passes the visit that it was started by, a proof that of its burn.
  void pass_visits() {
    for (const auto& opened : well_) {
      const auto found = at_.find(opened);
      if (found != at_.end()) visits_[found->second].passed = true;
    }
    for (const auto& [unit, proofs] : proofs_) {
      for (const std::int64_t proof : proofs) {
        for (auto visit = visits_.lower_bound({unit, proof}); visit != visits_.begin();) {
          --visit;
          if (visit->first.first != unit) break;
          if (visit->second.kind != "burn") continue;
          visit->second.passed = true;
          break;
        }
      }
    }
  }

  // Whether a unit may go on hangs on its visits.
  Result<void> compare_visits() {
    pass_visits();
    auto rows = sql_.run("SELECT unit, number, kind, stage, passed FROM visit ORDER BY unit, number");
    if (!rows) return Failure(rows.error());
    for (const Row& row : *rows) {
      const std::string where = "visit " + std::to_string(integer(row[1])) + " of " + text(row[0]);
      const auto told = visits_.find({text(row[0]), integer(row[1])});
      if (told == visits_.end()) {
        doubt(where, "no record explains it");
        continue;
      }
      const ToldVisit& visit = told->second;
      if (visit.kind != text(row[2]) || visit.stage != text(row[3]) ||
          visit.passed != (integer(row[4]) != 0)) {
        doubt(where, "it is not as the journal says");
      }
      visits_.erase(told);
    }
    for (const auto& [key, visit] : visits_) {
      doubt("visit " + std::to_string(key.second) + " of " + key.first,
            "the journal has it, the visits do not");
    }
    return {};
  }

  Result<void> compare_units() {
    auto rows = sql_.run("SELECT id FROM unit ORDER BY id");
    if (!rows) return Failure(rows.error());
    for (const Row& row : *rows) {
      if (named_.erase(text(row[0])) == 0) doubt("unit " + text(row[0]), "no record explains it");
    }
    for (const std::string& unit : named_) doubt("unit " + unit, "the journal has it, the units do not");
    return {};
  }

  // A witness that was put in by hand would let a copy pass.
  Result<void> compare_seen() {
    auto rows =
        sql_.run("SELECT unit, keyword, value_id, shown, witness FROM seen ORDER BY unit, keyword, value_id");
    if (!rows) return Failure(rows.error());
    for (const Row& row : *rows) {
      const std::string where = "known of " + text(row[0]) + ": " + text(row[1]) + " " + text(row[3]);
      const auto told = seen_.find({text(row[0]), text(row[1]) + " " + to_hex(bytes(row[2]))});
      if (told == seen_.end()) {
        doubt(where, "no record explains it");
        continue;
      }
      if (told->second.first != text(row[3]) || told->second.second != (integer(row[4]) != 0)) {
        doubt(where, "it is not as the journal says");
      }
      seen_.erase(told);
    }
    for (const auto& [key, told] : seen_) {
      doubt("known of " + key.first + ": " + key.second.substr(0, key.second.find(' ')) + " " + told.first,
            "the journal has it, and it is not known of the unit");
    }
    return {};
  }

  // Every raw table that a record speaks of is kept, and is what was read.
  Result<void> compare_sources() {
    constexpr std::int64_t kPage = 500;
    constexpr std::size_t kMostBytes = 64U << 20U;
    Blob last;
    for (;;) {
      auto rows =
          sql_.run("SELECT sha256, structures, packed FROM source WHERE sha256 > $1 ORDER BY sha256 LIMIT $2",
                   {last, kPage});
      if (!rows) return Failure(rows.error());
      for (const Row& row : *rows) {
        last = bytes(row[0]);
        Blob table = bytes(row[1]);
        if (integer(row[2]) != 0) table = smbios::decompress(table, kMostBytes).value_or(Blob());
        const std::string name = to_hex(last);
        if (!std::ranges::equal(sha256(table), last)) doubt("raw table " + name, "its content was changed");
        if (sources_.erase(name) == 0) doubt("raw table " + name, "no record explains it");
      }
      if (rows->size() < static_cast<std::size_t>(kPage)) break;
    }
    for (const auto& [name, where] : sources_)
      doubt("raw table " + name, "it is missing, and " + where + " speaks of it");
    return {};
  }

  // A permit that was used opens nothing again.
  Result<void> compare_permits() {
    auto rows = sql_.run("SELECT id FROM permit ORDER BY id");
    if (!rows) return Failure(rows.error());
    for (const Row& row : *rows) {
      if (permits_.erase(text(row[0])) == 0) doubt("permit " + text(row[0]), "no record explains it");
    }
    for (const std::string& permit : permits_) {
      doubt("permit " + permit, "the journal has its use, and it could be used again");
    }
    return {};
  }

  // What holds a unit back must be what the journal says, or a unit could be let go by hand.
  Result<void> compare_work() {
    auto rows = sql_.run("SELECT unit, kind, station, station_seq FROM work ORDER BY unit");
    if (!rows) return Failure(rows.error());
    std::erase_if(opened_, [this](const auto& entry) {
      const auto& [unit, opened] = entry;
      return opened.kind == "run" ? ended_.contains({opened.station, opened.seq})
                                  : proved_[unit] > opened.visit;
    });
    for (const Row& row : *rows) {
      const auto found = opened_.find(text(row[0]));
      const bool explained = found != opened_.end() && found->second.kind == text(row[1]) &&
                             found->second.station == text(row[2]) && found->second.seq == integer(row[3]);
      if (!explained) doubt("open " + text(row[1]) + " of " + text(row[0]), "no record explains it");
      if (explained) opened_.erase(found);
    }
    for (const auto& [unit, opened] : opened_) {
      doubt("open " + opened.kind + " of " + unit, "the journal has it, and nothing holds the unit back");
    }
    return {};
  }

  // True: the change is of what was seen, and no claim's.
  bool replay_seen(const std::string& unit, const Told& told) {
    if (told.op != "see" && told.op != "witness" && told.op != "forget") return false;
    auto& seen = seen_[{unit, told.keyword + " " + told.id}];
    if (seen.first.empty()) seen.first = told.shown;
    seen.second = told.op == "witness";
    return true;
  }

  // The state that each claim must be in, from the journal alone.
  std::map<std::string, Explained> replay() {
    static const std::map<std::string, std::string, std::less<>> kStateAfter = {
        {"claim", "active"},   {"reserve", "reserved"}, {"activate", "active"}, {"retire", "retired"},
        {"repair", "retired"}, {"scrap", "retired"},    {"release", ""}};
    std::map<std::string, Explained> claims;
    for (const auto& [unit, history] : units_) {
      std::map<std::string, Explained> own;
      for (const auto& [visit, changes] : history) {
        for (const Told& told : changes) {
          if (told.op == "unit" || replay_seen(unit, told)) continue;
          const auto after = kStateAfter.find(told.op);
          if (after == kStateAfter.end()) {
            doubt(unit, "visit " + std::to_string(visit) + " has an unknown change \"" + told.op + "\"");
          } else if (after->second.empty()) {
            own.erase(told.id);
          } else {
            Explained& claim =
                own.try_emplace(told.id, Explained{unit, {}, told.keyword, told.shown}).first->second;
            claim.state = after->second;
            claim.disposition = told.op == "repair" || told.op == "scrap" ? told.op : "";
          }
        }
      }
      for (const auto& [id, claim] : own) {
        const auto [other, fresh] = claims.try_emplace(id, claim);
        if (!fresh)
          doubt("claim " + id.substr(0, 12),
                "the journal gives it to " + other->second.unit + " and to " + unit);
      }
    }
    return claims;
  }

  Result<void> compare_claims() {
    auto explained = replay();
    auto rows = sql_.run("SELECT id, unit, state, keyword, shown, disposition FROM claim ORDER BY id");
    if (!rows) return Failure(rows.error());
    for (const Row& row : *rows) {
      const std::string where = "claim " + text(row[3]) + " " + text(row[4]);
      const auto found = explained.find(to_hex(bytes(row[0])));
      if (found == explained.end()) {
        doubt(where, "no record explains it");
        continue;
      }
      if (found->second.keyword != text(row[3]) || found->second.shown != text(row[4])) {
        doubt(where, "its columns do not say what the journal says: " + found->second.keyword + " " +
                         found->second.shown);
      }
      if (found->second.unit != text(row[1])) doubt(where, "the journal gives it to " + found->second.unit);
      if (found->second.state != text(row[2])) {
        doubt(where, "it is " + text(row[2]) + ", the journal says " + found->second.state);
      }
      if (found->second.disposition != text(row[5])) {
        doubt(where, "it is not as the journal says");
      }
      explained.erase(found);
    }
    for (const auto& [id, claim] : explained) {
      doubt("claim " + id.substr(0, 12) + " of " + claim.unit, "the journal has it, the claims do not");
    }
    return {};
  }

  Sql& sql_;
  const std::vector<Head>& heads_;
  std::vector<Doubt> doubts_;
  std::map<std::string, UnitHistory> units_;
  std::map<std::string, Opened> opened_;        // by unit
  std::map<std::string, std::int64_t> proved_;  // visit of the latest proof, by unit
  std::map<std::string, std::vector<std::int64_t>> proofs_;
  std::set<std::pair<std::string, std::int64_t>> ended_;  // station and number of what was opened
  std::set<std::pair<std::string, std::int64_t>> well_;   // the same, of those that ended well
  std::map<std::pair<std::string, std::int64_t>, std::pair<std::string, std::int64_t>>
      at_;                                                            // unit and visit of that
  std::map<std::pair<std::string, std::int64_t>, ToldVisit> visits_;  // by unit and number
  std::set<std::string> permits_;                                     // that were used
  std::set<std::string> named_;                                       // units
  std::map<std::pair<std::string, std::string>, std::pair<std::string, bool>> seen_;  // shown, witness
  std::map<std::string, std::string> sources_;  // a record that speaks of it, by SHA-256
};

}  // namespace

Result<std::vector<Doubt>> Registry::verify(const std::vector<Head>& heads) {
  sql_->tolerate_damage();
  Verifying verifying(*sql_, heads);
  const auto walked = verifying.run();
  const auto damage = sql_->damage();
  if (!damage) return Failure(damage.error());
  if (!walked && damage->empty()) return Failure(walked.error());
  std::vector<Doubt> doubts;
  for (const std::string& what : *damage) doubts.push_back({.where = where_, .what = what});
  std::ranges::move(verifying.doubts(), std::back_inserter(doubts));
  if (!walked) doubts.push_back({.where = walked.error().where, .what = walked.error().what});
  return doubts;
}

}  // namespace dmigate::gate
