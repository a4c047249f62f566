// What can be asked of a registry: lookup, trace, status, heads.
#include <algorithm>
#include <functional>

#include "gate/registry/ledger.h"
#include "gate/registry/registry.h"
#include "gate/registry/traits.h"
#include "gate/registry/transaction.h"

namespace dmigate::gate {
namespace {

ClaimRow row_of(const Claim& claim) {
  return {.keyword = claim.keyword,
          .scope = claim.scope,
          .shown = claim.shown,
          .state = claim.state,
          .disposition = claim.disposition,
          .holder = claim.holder};
}

Status::Work status_of(const Work& work, const std::string& label) {
  return {.unit = work.unit,
          .label = label,
          .kind = work.kind,
          .state = work.state,
          .stage = work.stage,
          .station = work.station,
          .since = work.since};
}

}  // namespace

Result<std::vector<ClaimRow>> Registry::lookup(const std::string& value) {
  Ledger ledger(*sql_, {});
  std::vector<ClaimRow> rows;
  auto exists = ledger.unit_exists(value);
  if (!exists) return Failure(exists.error());
  auto claims = *exists ? ledger.claims_of(value) : ledger.claims_with_value(keys_of(value));
  if (!claims) return Failure(claims.error());
  for (const Claim& claim : *claims) rows.push_back(row_of(claim));
  return rows;
}

namespace {

class Tracing {
 public:
  explicit Tracing(Ledger& ledger, Sql& sql) : ledger_(ledger), sql_(sql) {}

  Result<Trace> run(const std::string& value) {
    std::vector<std::string> units;
    auto exists = ledger_.unit_exists(value);
    if (!exists) return Failure(exists.error());
    if (*exists) {
      units.push_back(value);
    } else if (auto found = units_of(keys_of(value), units); !found) {
      return Failure(found.error());
    }
    Trace trace;
    for (const std::string& unit : units) {
      auto traced = unit_of(unit);
      if (!traced) return Failure(traced.error());
      trace.units.push_back(*std::move(traced));
    }
    if (*exists) return trace;
    auto records = ledger_.records_that_mention(keys_of(value));
    if (!records) return Failure(records.error());
    trace.records = *std::move(records);
    return trace;
  }

 private:
  // Those that hold or held it, and those that it was seen of; the newest first, as their ids tell.
  Result<void> units_of(const std::vector<Sha256>& keys, std::vector<std::string>& units) {
    auto claims = ledger_.claims_with_value(keys);
    if (!claims) return Failure(claims.error());
    auto showed = ledger_.units_that_showed(keys);
    if (!showed) return Failure(showed.error());
    units = *std::move(showed);
    for (const Claim& claim : *claims) units.push_back(claim.holder.unit);
    std::ranges::sort(units, std::greater<>());
    units.erase(std::unique(units.begin(), units.end()), units.end());
    return {};
  }

  Result<TracedUnit> unit_of(const std::string& id) {
    TracedUnit unit{.id = id};
    auto rows = sql_.run("SELECT model, since FROM unit WHERE id = $1", {id});
    if (!rows) return Failure(rows.error());
    if (!rows->empty()) {
      unit.model = text(rows->front()[0]);
      unit.since = text(rows->front()[1]);
    }
    auto claims = ledger_.claims_of(id);
    if (!claims) return Failure(claims.error());
    for (const Claim& claim : *claims) unit.claims.push_back(row_of(claim));
    auto seen = ledger_.seen_of(id);
    if (!seen) return Failure(seen.error());
    for (Seen& each : *seen) {
      unit.seen.push_back({.keyword = std::move(each.keyword),
                           .shown = std::move(each.shown),
                           .since = std::move(each.since),
                           .witness = each.witness});
    }
    auto work = ledger_.work_of(id);
    if (!work) return Failure(work.error());
    if (*work) unit.work = status_of(**work, {});
    auto records = ledger_.records_of(id);
    if (!records) return Failure(records.error());
    unit.records = *std::move(records);
    return unit;
  }

  Ledger& ledger_;
  Sql& sql_;
};

}  // namespace

Result<Trace> Registry::trace(const std::string& value) {
  Transaction snapshot(*sql_);
  if (auto begun = snapshot.begin_reading(); !begun) return Failure(begun.error());
  Ledger ledger(*sql_, {});
  return Tracing(ledger, *sql_).run(value);
}

Result<std::vector<Head>> Registry::heads() {
  // From station to station and to its last one by the key: a journal has many records, and few stations.
  auto rows = sql_->run(
      "WITH RECURSIVE s (station) AS (SELECT min(station) FROM record UNION ALL"
      " SELECT (SELECT min(n.station) FROM record n WHERE n.station > s.station) FROM s"
      " WHERE s.station IS NOT NULL)"
      " SELECT r.station, r.seq, r.hash, r.time FROM s JOIN record r ON r.station = s.station"
      " AND r.seq = (SELECT max(l.seq) FROM record l WHERE l.station = s.station) ORDER BY r.station");
  if (!rows) return Failure(rows.error());
  std::vector<Head> heads;
  for (const Row& row : *rows) {
    heads.push_back({.station = text(row[0]),
                     .seq = integer(row[1]),
                     .hash = to_hex(bytes(row[2])),
                     .time = text(row[3])});
  }
  return heads;
}

Result<std::vector<JournalRow>> Registry::journal(const std::string& station, std::int64_t after,
                                                  std::int64_t most) {
  return Ledger(*sql_, {}).records_after(station, after, most);
}

Result<std::vector<std::pair<Sha256, ClaimRow>>> Registry::holders(const std::vector<UniqueValue>& values) {
  constexpr std::size_t kAtOnce = 256;
  Ledger ledger(*sql_, {});
  std::vector<std::pair<Sha256, ClaimRow>> all;
  for (std::size_t i = 0; i < values.size(); i += kAtOnce) {
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(std::min(values.size(), i + kAtOnce));
    auto claims = ledger.claims({values.begin() + static_cast<std::ptrdiff_t>(i), end});
    if (!claims) return Failure(claims.error());
    for (const Claim& claim : *claims) {
      Sha256 id{};
      std::ranges::copy(claim.id, id.begin());
      all.emplace_back(id, row_of(claim));
    }
  }
  return all;
}

Result<std::vector<Intended>> Registry::intended(const std::string& who) {
  Ledger ledger(*sql_, {});
  const auto holder = one_unit(ledger, who);
  if (!holder) return Failure(holder.error());
  auto work = ledger.work_of(holder->unit);
  if (!work) return Failure(work.error());
  return *work ? std::move((*work)->intended) : std::vector<Intended>();
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
    status.work.push_back(status_of(item, *label));
  }
  return status;
}

}  // namespace dmigate::gate
