// The journal's chain, and what reads or writes units by the thousand.
#include <algorithm>
#include <bit>
#include <functional>
#include <tuple>

#include "gate/registry/ledger.h"
#include "gate/registry/recording.h"

namespace dmigate::gate {
namespace {

void add_member(std::string_view name, std::string_view value, std::string& out) {
  out.append(",\"").append(name).append("\":");
  put_json(value, out);
}

// The bytes that are hashed, and stored as they were hashed.
void put_body(const Appended& at, const std::string& previous, const Entry& entry, const std::string& now,
              std::string& body) {
  body = R"({"schema":"dmigate.record/1")";
  add_member("id", at.id, body);
  add_member("station", at.station, body);
  body.append(",\"seq\":").append(std::to_string(at.seq));
  add_member("prev", previous, body);
  add_member("kind", entry.kind, body);
  add_member("time", now, body);
  add_member("unit", entry.unit, body);
  body.append(",\"visit\":").append(std::to_string(entry.visit));
  body += ",\"changes\":[";
  for (const Change& change : entry.changes) {
    body += body.back() == '[' ? "{\"op\":" : ",{\"op\":";
    put_json(change.op, body);
    add_member("keyword", change.keyword, body);
    add_member("value", change.shown, body);
    add_member("id", to_hex(change.id), body);
    body += '}';
  }
  body.append("]").append(entry.extra).append("}");
}

// Engines sort texts by rules of their own.
void put_in_order(KnownUnit& unit) {
  const auto claim_key = [](const Claim& claim) {
    return std::tie(claim.keyword, claim.second, claim.holder.since, claim.shown, claim.id);
  };
  const auto seen_key = [](const Seen& seen) {
    return std::tie(seen.keyword, seen.since, seen.shown, seen.value_id);
  };
  std::ranges::sort(unit.claims, {}, claim_key);
  std::ranges::sort(unit.seen, {}, seen_key);
}

}  // namespace

std::string fill_up(std::vector<SqlValue>& ids) {
  ids.resize(std::bit_ceil(ids.size()), SqlValue(ids.back()));
  return placeholders(ids.size());
}

Result<Appended> Ledger::last_of(const std::string& station) {
  const auto known = last_.find(station);
  if (known != last_.end()) return known->second;
  if (const auto* heads = sql_.heads(); heads != nullptr && heads->contains(station)) {
    const StationHead& head = heads->at(station);
    return Appended{.station = station, .seq = head.seq, .hash = head.hash};
  }
  auto rows =
      sql_.run("SELECT seq, hash FROM record WHERE station = $1 ORDER BY seq DESC LIMIT 1", {station});
  if (!rows) return Failure(rows.error());
  Appended last{.station = station, .hash = to_hex(Sha256{})};
  if (!rows->empty()) {
    last.seq = integer(rows->front()[0]);
    last.hash = to_hex(bytes(rows->front()[1]));
  }
  last_.emplace(station, last);
  return last;
}

Result<LinkedRecord> Ledger::link(const std::string& station, const Entry& entry) {
  const auto last = last_of(station);
  if (!last) return Failure(last.error());
  LinkedRecord record{.at = {.station = station, .seq = last->seq + 1, .id = record_id_},
                      .unit = entry.unit,
                      .kind = entry.kind,
                      .stage = entry.stage,
                      .outcome = entry.outcome};
  put_body(record.at, last->hash, entry, now_, body_);
  const Sha256 hash = sha256(body_);
  record.at.hash = to_hex(hash);
  record.hash.assign(hash.begin(), hash.end());
  record.body.assign(body_.begin(), body_.end());
  last_[station] = record.at;
  if (auto* heads = sql_.heads(); heads != nullptr) (*heads)[station] = {record.at.seq, record.at.hash};
  return record;
}

void Ledger::gather(LinkedRecord record) {
  appended_ = record.at;
  records_.add(std::move(record.at.station), record.at.seq, std::move(record.hash), std::move(record.body),
               record.unit.empty() ? SqlValue() : SqlValue(std::move(record.unit)), std::move(record.kind),
               std::move(record.stage), std::move(record.outcome), now_, std::move(record.at.id));
}

Result<void> Ledger::write(std::vector<LinkedRecord> records) {
  for (LinkedRecord& record : records) gather(std::move(record));
  return records_.insert(sql_);
}

Result<void> Ledger::add_units(std::vector<KnownUnit> units) {
  for (KnownUnit& unit : units) {
    for (Claim& claim : unit.claims) {
      claims_.add(std::move(claim.id), std::move(claim.value_id), std::move(claim.keyword),
                  std::int64_t{claim.second}, std::move(claim.scope), std::move(claim.shown), unit.id,
                  std::move(claim.state), std::move(claim.holder.station), std::move(claim.holder.since),
                  std::move(claim.disposition));
    }
    for (Seen& seen : unit.seen) {
      seen_.add(unit.id, std::move(seen.keyword), std::move(seen.value_id), std::move(seen.shown),
                std::int64_t{seen.witness}, std::move(seen.since));
    }
    units_.add(std::move(unit.id), std::move(unit.model), std::move(unit.since));
  }
  for (Rows* rows : {&units_, &claims_, &seen_}) {
    if (auto inserted = rows->insert(sql_); !inserted) return inserted;
  }
  return {};
}

Result<std::vector<std::pair<std::string, Seen>>> Ledger::witnesses_with_ids(std::vector<SqlValue> ids) {
  const std::string list = fill_up(ids);
  auto rows =
      sql_.run("SELECT unit, keyword, value_id, shown, since FROM seen WHERE witness = 1 AND value_id IN (" +
                   list + ") ORDER BY since, unit",
               ids);
  if (!rows) return Failure(rows.error());
  std::vector<std::pair<std::string, Seen>> all;
  for (const Row& row : *rows) {
    all.emplace_back(text(row[0]), Seen{.keyword = text(row[1]),
                                        .value_id = bytes(row[2]),
                                        .shown = text(row[3]),
                                        .witness = true,
                                        .since = text(row[4])});
  }
  return all;
}

Result<bool> Ledger::has_units() {
  auto rows = sql_.run("SELECT 1 FROM unit LIMIT 1");
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

Result<std::vector<std::string>> Ledger::units_with_ids(std::vector<SqlValue> ids) {
  const std::string list = fill_up(ids);
  return first_column("SELECT id FROM unit WHERE id IN (" + list + ")", ids);
}

Result<std::vector<std::string>> Ledger::claimed_keywords() {
  return first_column("SELECT DISTINCT keyword FROM claim");
}

Result<std::vector<std::string>> Ledger::seen_keywords() {
  return first_column("SELECT DISTINCT keyword FROM seen");
}

Result<std::vector<std::string>> Ledger::first_column(std::string_view statement,
                                                      std::span<const SqlValue> parameters) {
  auto rows = sql_.run(statement, parameters);
  if (!rows) return Failure(rows.error());
  std::vector<std::string> texts;
  for (const Row& row : *rows) texts.push_back(text(row.front()));
  return texts;
}

Result<std::vector<KnownUnit>> Ledger::units_after(const std::string& after, std::int64_t most) {
  auto rows = sql_.run("SELECT id, model, since FROM unit WHERE id > $1 ORDER BY id LIMIT $2", {after, most});
  if (!rows) return Failure(rows.error());
  std::vector<KnownUnit> units;
  std::map<std::string, std::size_t> places;
  for (const Row& row : *rows) {
    places.emplace(text(row[0]), units.size());
    units.push_back({.id = text(row[0]), .model = text(row[1]), .since = text(row[2])});
  }
  if (units.empty()) return units;
  const auto of_these = [&](std::string_view statement,
                            const std::function<void(const Row&, KnownUnit&)>& add) {
    auto found = sql_.run(statement, {after, units.back().id});
    if (!found) return Result<void>(Failure(found.error()));
    for (const Row& row : *found) {
      const auto place = places.find(text(row[0]));
      if (place != places.end()) add(row, units[place->second]);
    }
    return Result<void>();
  };
  auto read = of_these(
      "SELECT unit, id, value_id, keyword, second, scope, shown, state, disposition, station, since"
      " FROM claim WHERE unit > $1 AND unit <= $2",
      [](const Row& row, KnownUnit& unit) {
        unit.claims.push_back({.id = bytes(row[1]),
                               .value_id = bytes(row[2]),
                               .keyword = text(row[3]),
                               .second = integer(row[4]) != 0,
                               .scope = text(row[5]),
                               .shown = text(row[6]),
                               .state = text(row[7]),
                               .disposition = text(row[8]),
                               .holder = {.station = text(row[9]), .since = text(row[10])}});
      });
  if (!read) return Failure(read.error());
  read = of_these(
      "SELECT unit, keyword, value_id, shown, witness, since FROM seen WHERE unit > $1 AND unit <= $2",
      [](const Row& row, KnownUnit& unit) {
        unit.seen.push_back({.keyword = text(row[1]),
                             .value_id = bytes(row[2]),
                             .shown = text(row[3]),
                             .witness = integer(row[4]) != 0,
                             .since = text(row[5])});
      });
  if (!read) return Failure(read.error());
  read = of_these("SELECT unit, kind, state, stage, station, since FROM work WHERE unit > $1 AND unit <= $2",
                  [](const Row& row, KnownUnit& unit) {
                    unit.work = Work{.unit = unit.id,
                                     .kind = text(row[1]),
                                     .state = text(row[2]),
                                     .stage = text(row[3]),
                                     .station = text(row[4]),
                                     .since = text(row[5])};
                  });
  if (!read) return Failure(read.error());
  for (KnownUnit& unit : units) put_in_order(unit);
  return units;
}

}  // namespace dmigate::gate
