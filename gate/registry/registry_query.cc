// What can be asked of a registry: lookup, status, verify.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "gate/registry/ledger.h"
#include "gate/registry/registry.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// A claim as the journal leaves it.
struct Explained {
  std::string unit;
  std::string state;
  std::string keyword;
  std::string shown;
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

std::int64_t number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

class Verifying {
 public:
  explicit Verifying(Sql& sql) : sql_(sql) {}

  Result<std::vector<Doubt>> run() {
    if (auto begun = sql_.begin_reading(); !begun) return Failure(begun.error());
    auto doubts = walk();
    sql_.rollback();
    return doubts;
  }

 private:
  Result<std::vector<Doubt>> walk() {
    auto stations = sql_.run("SELECT DISTINCT station FROM record ORDER BY station");
    if (!stations) return Failure(stations.error());
    for (const Row& row : *stations) {
      if (auto walked = walk_station(text(row.front())); !walked) return Failure(walked.error());
    }
    if (auto compared = compare_claims(); !compared) return Failure(compared.error());
    if (auto compared = compare_work(); !compared) return Failure(compared.error());
    return std::move(doubts_);
  }

  void doubt(std::string where, std::string what) { doubts_.push_back({std::move(where), std::move(what)}); }

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
    if (member(*record, "station") != station || seq == nullptr || *seq != integer(row[0])) {
      doubt(where, "it stands in another record's place");
    }
    if (!previous.empty() && member(*record, "prev") != previous)
      doubt(where, "it does not follow the record before it");
    if (member(*record, "unit") != text(row[3]) || member(*record, "kind") != text(row[4]) ||
        member(*record, "time") != text(row[7])) {
      doubt(where, "its columns do not say what its content says");
    }
    if (const json::value* verdict = record->if_contains("verdict");
        verdict != nullptr && verdict->is_object()) {
      if (member(verdict->get_object(), "outcome") != text(row[6]) ||
          member(verdict->get_object(), "stage") != text(row[5])) {
        doubt(where, "its columns do not say what its content says");
      }
    } else if (member(*record, "stage") != text(row[5]) || !text(row[6]).empty()) {
      doubt(where, "its columns do not say what its content says");
    }
    gather_changes(*record);
    gather_work(*record, station, integer(row[0]));
  }

  void gather_changes(const json::object& record) {
    const json::value* changes = record.if_contains("changes");
    const json::value* visit = record.if_contains("visit");
    if (changes == nullptr || !changes->is_array() || visit == nullptr || !visit->is_int64()) return;
    auto& history = units_[member(record, "unit")][visit->get_int64()];
    for (const json::value& change : changes->get_array()) {
      const json::object* object = change.if_object();
      if (object == nullptr) continue;
      history.push_back({.op = member(*object, "op"),
                         .id = member(*object, "id"),
                         .keyword = member(*object, "keyword"),
                         .shown = member(*object, "value")});
    }
  }

  void gather_work(const json::object& record, const std::string& station, std::int64_t seq) {
    const std::string unit = member(record, "unit");
    const std::string kind = member(record, "kind");
    const std::int64_t visit = number(record, "visit");
    if (kind == "burn" || kind == "run") {
      Opened& latest = opened_[unit];
      if (visit > latest.visit) latest = {visit, kind, station, seq};
    } else if (kind == "end" || kind == "resolve") {
      ended_.emplace(kind == "end" ? station : member(record, "ends_at"), number(record, "ends"));
    } else if (const json::value* verdict = record.if_contains("verdict");
               verdict != nullptr && verdict->is_object()) {
      const json::value* burn = verdict->get_object().if_contains("burn");
      const bool proof =
          burn != nullptr && burn->is_object() && member(burn->get_object(), "state") == "verified";
      if (proof) proved_[unit] = std::max(proved_[unit], visit);
    }
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

  // The state that each claim must be in, from the journal alone.
  std::map<std::string, Explained> replay() {
    static const std::map<std::string, std::string, std::less<>> kStateAfter = {{"claim", "active"},
                                                                                {"reserve", "reserved"},
                                                                                {"activate", "active"},
                                                                                {"retire", "retired"},
                                                                                {"release", ""}};
    std::map<std::string, Explained> claims;
    for (const auto& [unit, history] : units_) {
      std::map<std::string, Explained> own;
      for (const auto& [visit, changes] : history) {
        for (const Told& told : changes) {
          const auto after = kStateAfter.find(told.op);
          if (after == kStateAfter.end()) {
            doubt(unit, "visit " + std::to_string(visit) + " has an unknown change \"" + told.op + "\"");
          } else if (after->second.empty()) {
            own.erase(told.id);
          } else {
            own.try_emplace(told.id, Explained{unit, {}, told.keyword, told.shown}).first->second.state =
                after->second;
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
    auto rows = sql_.run("SELECT id, unit, state, keyword, shown FROM claim ORDER BY id");
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
      explained.erase(found);
    }
    for (const auto& [id, claim] : explained) {
      doubt("claim " + id.substr(0, 12) + " of " + claim.unit, "the journal has it, the claims do not");
    }
    return {};
  }

  Sql& sql_;
  std::vector<Doubt> doubts_;
  std::map<std::string, UnitHistory> units_;
  std::map<std::string, Opened> opened_;                  // by unit
  std::map<std::string, std::int64_t> proved_;            // visit of the latest proof, by unit
  std::set<std::pair<std::string, std::int64_t>> ended_;  // station and number of what was opened
};

ClaimRow row_of(const Claim& claim) {
  return {.keyword = claim.keyword,
          .scope = {},
          .shown = claim.shown,
          .state = claim.state,
          .holder = claim.holder};
}

}  // namespace

Result<std::vector<ClaimRow>> Registry::lookup(const std::string& value) {
  Ledger ledger(*sql_, {});
  std::vector<ClaimRow> rows;
  auto exists = ledger.unit_exists(value);
  if (!exists) return Failure(exists.error());
  std::vector<Sha256> keys{sha256(fold(value))};
  for (const bool mixed : {true, false}) {
    if (const auto raw = smbios::parse_uuid(value, mixed)) keys.push_back(sha256(*raw));
  }
  auto claims = *exists ? ledger.claims_of(value) : ledger.claims_with_value(keys);
  if (!claims) return Failure(claims.error());
  for (const Claim& claim : *claims) rows.push_back(row_of(claim));
  return rows;
}

Result<Status> Registry::status() {
  Status status{.where = where_, .schema = kSchema};
  const auto count = [&](std::string_view statement, std::int64_t& into) -> Result<void> {
    auto rows = sql_->run(statement);
    if (!rows) return Failure(rows.error());
    into = integer(rows->front().front());
    return {};
  };
  const std::pair<std::string_view, std::int64_t*> counts[] = {
      {"SELECT count(*) FROM unit", &status.units},
      {"SELECT count(*) FROM claim WHERE state = 'active'", &status.active},
      {"SELECT count(*) FROM claim WHERE state = 'reserved'", &status.reserved},
      {"SELECT count(*) FROM claim WHERE state = 'retired'", &status.retired},
      {"SELECT count(*) FROM record", &status.records},
  };
  for (const auto& [statement, into] : counts) {
    if (auto counted = count(statement, *into); !counted) return Failure(counted.error());
  }
  Ledger ledger(*sql_, {});
  auto work = ledger.all_work();
  if (!work) return Failure(work.error());
  for (const Work& item : *work) {
    auto label = ledger.label_of(item.unit);
    if (!label) return Failure(label.error());
    status.work.push_back({.unit = item.unit,
                           .label = *label,
                           .kind = item.kind,
                           .state = item.state,
                           .stage = item.stage,
                           .station = item.station,
                           .since = item.since});
  }
  return status;
}

Result<std::vector<Doubt>> Registry::verify() { return Verifying(*sql_).run(); }

}  // namespace dmigate::gate
