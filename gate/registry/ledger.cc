#include "gate/registry/ledger.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <functional>
#include <span>

#include "gate/registry/order.h"
#include "smbios/compressed.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// SQL that SQLite and PostgreSQL share. Only BLOB has another name there, which the engine puts in its place.
// `small` rows stand in the index of their key where the engine can do that (SQLite: WITHOUT ROWID): fewer
// pages to write. What the schema had before version 2 stands as it was; kMigrations adds the rest.
struct TableRow {
  std::string_view statement;
  bool small = false;
};
constexpr TableRow kTables[] = {
    {"CREATE TABLE registry (name TEXT PRIMARY KEY, value TEXT NOT NULL)"},
    {"CREATE TABLE record (station TEXT NOT NULL, seq BIGINT NOT NULL, hash BLOB NOT NULL, body BLOB NOT "
     "NULL,"
     " unit TEXT, kind TEXT NOT NULL, stage TEXT, outcome TEXT, time TEXT NOT NULL, PRIMARY KEY (station, "
     "seq))"},
    {"CREATE INDEX record_unit ON record (unit)"},
    {"CREATE TABLE unit (id TEXT PRIMARY KEY, model TEXT NOT NULL, since TEXT NOT NULL)", true},
    {"CREATE TABLE claim (id BLOB PRIMARY KEY, value_id BLOB NOT NULL, keyword TEXT NOT NULL, second BIGINT "
     "NOT NULL,"
     " scope TEXT NOT NULL, shown TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL, station TEXT NOT "
     "NULL,"
     " since TEXT NOT NULL)",
     true},
    {"CREATE INDEX claim_unit ON claim (unit)"},
    {"CREATE INDEX claim_value ON claim (value_id)"},
    {"CREATE TABLE visit (unit TEXT NOT NULL, number BIGINT NOT NULL, kind TEXT NOT NULL, stage TEXT,"
     " passed BIGINT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (unit, number))",
     true},
    {"CREATE TABLE work (unit TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, stage TEXT NOT NULL,"
     " station TEXT NOT NULL, station_seq BIGINT NOT NULL, since TEXT NOT NULL, boot_id TEXT NOT NULL,"
     " tool TEXT NOT NULL, visit BIGINT NOT NULL, intended TEXT NOT NULL)",
     true},
    {"CREATE TABLE source (sha256 BLOB PRIMARY KEY, form TEXT NOT NULL, smbios TEXT NOT NULL, entry_point "
     "BLOB NOT NULL,"
     " structures BLOB NOT NULL)"},
    {"CREATE TABLE profile (name TEXT PRIMARY KEY, version BIGINT NOT NULL, sha256 TEXT NOT NULL)", true},
};

// What each schema version adds to the one before it. A new registry is made by going through all of them.
constexpr TableRow kToVersion2[] = {
    {"ALTER TABLE record ADD COLUMN id TEXT NOT NULL DEFAULT ''"},
    {"ALTER TABLE claim ADD COLUMN disposition TEXT NOT NULL DEFAULT ''"},
    {"ALTER TABLE source ADD COLUMN packed BIGINT NOT NULL DEFAULT 0"},
    {"CREATE TABLE seen (unit TEXT NOT NULL, keyword TEXT NOT NULL, value_id BLOB NOT NULL, shown TEXT NOT "
     "NULL,"
     " witness BIGINT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (unit, keyword, value_id))",
     true},
    {"CREATE INDEX seen_value ON seen (value_id)"},
    {"CREATE TABLE mention (value_id BLOB NOT NULL, station TEXT NOT NULL, seq BIGINT NOT NULL,"
     " PRIMARY KEY (value_id, station, seq))",
     true},
    {"CREATE TABLE permit (id TEXT PRIMARY KEY, unit TEXT NOT NULL, station TEXT NOT NULL, seq BIGINT NOT "
     "NULL)",
     true},
};

struct Migration {
  std::int64_t to;
  std::span<const TableRow> steps;
};
constexpr Migration kMigrations[] = {{2, kToVersion2}};

constexpr std::string_view kClaimColumns =
    "SELECT c.id, c.keyword, c.second, c.shown, c.state, c.unit, c.station, c.since, c.scope, c.disposition,"
    " c.value_id,"
    " (SELECT l.shown FROM claim l WHERE l.unit = c.unit AND l.keyword = 'label' AND l.state = 'active')"
    " FROM claim c WHERE ";

Claim claim_of(const Row& row) {
  return {.id = bytes(row[0]),
          .value_id = bytes(row[10]),
          .keyword = text(row[1]),
          .second = integer(row[2]) != 0,
          .scope = text(row[8]),
          .shown = text(row[3]),
          .state = text(row[4]),
          .disposition = text(row[9]),
          .holder = {
              .unit = text(row[5]), .label = text(row[11]), .station = text(row[6]), .since = text(row[7])}};
}

Result<std::vector<Claim>> claims_from(Result<std::vector<Row>> rows) {
  if (!rows) return Failure(rows.error());
  std::vector<Claim> claims;
  claims.reserve(rows->size());
  for (const Row& row : *rows) claims.push_back(claim_of(row));
  return claims;
}

std::string intended_json(const std::vector<Intended>& intended) {
  json::array array;
  for (const Intended& value : intended)
    array.push_back({{"keyword", value.keyword}, {"value", value.value}});
  return json::serialize(array);
}

// None when it cannot be read: a burn whose values are lost must not be taken for one without any.
std::optional<std::vector<Intended>> intended_of(const std::string& body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  if (error || !value.is_array()) return std::nullopt;
  std::vector<Intended> intended;
  for (const json::value& item : value.get_array()) {
    const json::object* object = item.if_object();
    const json::value* keyword = object == nullptr ? nullptr : object->if_contains("keyword");
    const json::value* wanted = object == nullptr ? nullptr : object->if_contains("value");
    if (keyword == nullptr || wanted == nullptr || !keyword->is_string() || !wanted->is_string())
      return std::nullopt;
    intended.push_back(
        {.keyword = std::string(keyword->get_string()), .value = std::string(wanted->get_string())});
  }
  return intended;
}

constexpr std::string_view kWorkColumns =
    "SELECT unit, kind, state, stage, station, station_seq, since, boot_id, tool, intended, visit FROM work";

Result<Work> work_from(const Row& row) {
  auto intended = intended_of(text(row[9]));
  const bool burn = text(row[1]) == "burn";
  if (!intended || burn == intended->empty()) {
    return fail("the registry is damaged: what was to be burnt cannot be read", "work of " + text(row[0]),
                "restore it from its backup; do not delete it");
  }
  return Work{.unit = text(row[0]),
              .kind = text(row[1]),
              .state = text(row[2]),
              .stage = text(row[3]),
              .station = text(row[4]),
              .station_seq = integer(row[5]),
              .since = text(row[6]),
              .boot_id = text(row[7]),
              .tool = text(row[8]),
              .visit = integer(row[10]),
              .intended = *std::move(intended)};
}

SqlValue stage_value(std::optional<Stage> stage) {
  return stage ? SqlValue(std::string(profiles::stage_name(*stage))) : SqlValue();
}

}  // namespace

std::string placeholders(std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += (i == 1 ? "$" : ", $") + std::to_string(i);
  return list;
}

Result<void> Ledger::change(std::string_view statement, std::initializer_list<SqlValue> parameters) {
  return sql_.later(statement, std::span(parameters.begin(), parameters.size()));
}

namespace {

Result<void> make(Sql& sql, const TableRow& table) {
  constexpr std::string_view kBlob = " BLOB";
  std::string statement(table.statement);
  const std::string type = " " + std::string(sql.bytes_type());
  for (std::size_t at = statement.find(kBlob); at != std::string::npos;
       at = statement.find(kBlob, at + type.size())) {
    statement.replace(at, kBlob.size(), type);
  }
  auto made = sql.run(table.small ? statement + std::string(sql.small_rows()) : statement);
  if (!made) return Failure(made.error());
  return {};
}

}  // namespace

namespace {

// Calls `change` with the name of each index and the step that makes it.
Result<void> of_indexes(
    const std::function<Result<void>(std::string_view name, const TableRow& step)>& change) {
  constexpr std::string_view kIndex = "CREATE INDEX ";
  std::vector<TableRow> steps(std::begin(kTables), std::end(kTables));
  for (const Migration& migration : kMigrations) {
    steps.insert(steps.end(), migration.steps.begin(), migration.steps.end());
  }
  for (const TableRow& step : steps) {
    if (!step.statement.starts_with(kIndex)) continue;
    const std::string_view name = step.statement.substr(kIndex.size());
    if (auto changed = change(name.substr(0, name.find(' ')), step); !changed) return changed;
  }
  return {};
}

}  // namespace

Result<void> Ledger::drop_indexes() {
  if (!sql_.makes_indexes_anew()) return {};
  return of_indexes([this](std::string_view name, const TableRow&) {
    return change("DROP INDEX " + std::string(name), {});
  });
}

Result<void> Ledger::make_indexes() {
  if (!sql_.makes_indexes_anew()) return {};
  return of_indexes([this](std::string_view, const TableRow& step) { return make(sql_, step); });
}

Result<void> Ledger::create_tables(Sql& sql, const std::string& now) {
  if (auto begun = sql.begin(); !begun) return begun;
  Ledger ledger(sql, now);
  for (const TableRow& table : kTables) {
    if (auto made = make(sql, table); !made) return made;
  }
  for (const auto& [name, value] : {std::pair{"product", std::string("dmigate")},
                                    std::pair{"schema", std::string("1")}, std::pair{"created", now}}) {
    auto said =
        ledger.change("INSERT INTO registry (name, value) VALUES ($1, $2)", {std::string(name), value});
    if (!said) return said;
  }
  if (auto brought = migrate(sql, 1); !brought) return brought;
  return sql.commit();
}

Result<void> Ledger::migrate(Sql& sql, std::int64_t from) {
  for (const Migration& migration : kMigrations) {
    if (migration.to <= from) continue;
    for (const TableRow& step : migration.steps) {
      if (auto made = make(sql, step); !made) return made;
    }
  }
  return Ledger(sql, {}).change("UPDATE registry SET value = $1 WHERE name = 'schema'",
                                {std::to_string(Registry::kSchema)});
}

Result<std::int64_t> Ledger::schema_of(Sql& sql, const std::string& where) {
  constexpr std::string_view kAdvice = "check the path; dmigate registry init makes a new one";
  auto rows = sql.run("SELECT name, value FROM registry");
  if (!rows) {
    // A missing table is the engine's ordinary error; anything else (locked, damaged) says more itself.
    const std::string& words = rows.error().what;
    const bool foreign =
        words.find("no such table") != words.npos || words.find("no such column") != words.npos;
    if (!foreign) return Failure(rows.error());
    return fail("this database is no dmigate registry", where, std::string(kAdvice));
  }
  std::string product, schema;
  for (const Row& row : *rows) {
    if (text(row[0]) == "product") product = text(row[1]);
    if (text(row[0]) == "schema") schema = text(row[1]);
  }
  if (product != "dmigate") return fail("this database is no dmigate registry", where, std::string(kAdvice));
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(schema.data(), schema.data() + schema.size(), version);
  if (error != std::errc() || end != schema.data() + schema.size() || version < 1) {
    return fail("the registry is damaged: it does not say which schema version it has", where,
                "restore it from its backup; do not delete it");
  }
  return version;
}

Result<void> Ledger::check_schema(Sql& sql, const std::string& where) {
  const auto version = schema_of(sql, where);
  if (!version) return Failure(version.error());
  if (*version == Registry::kSchema) return {};
  const bool newer = *version > Registry::kSchema;
  return fail("this registry has schema version " + std::to_string(*version) +
                  ", this dmigate knows version " + std::to_string(Registry::kSchema),
              where,
              newer ? "use the dmigate that wrote it, or a newer one"
                    : "when every station has this dmigate: dmigate registry migrate");
}

Result<std::vector<Claim>> Ledger::claims(const std::vector<UniqueValue>& values) {
  if (values.empty()) return std::vector<Claim>();
  std::vector<SqlValue> ids;
  for (const UniqueValue& value : values) ids.push_back(blob(value.id()));
  return claims_with_ids(std::move(ids));
}

Result<std::vector<Claim>> Ledger::claims_with_ids(std::vector<SqlValue> ids) {
  const std::string list = fill_up(ids);
  return claims_from(sql_.run(std::string(kClaimColumns) + "c.id IN (" + list + ")", ids));
}

Result<std::vector<Claim>> Ledger::claims_of(const std::string& unit) {
  return claims_from(
      sql_.run(std::string(kClaimColumns) + "c.unit = $1 ORDER BY c.keyword, c.since", {unit}));
}

Result<std::vector<Claim>> Ledger::claims_of_units(std::vector<SqlValue> units) {
  const std::string list = fill_up(units);
  return claims_from(sql_.run(
      std::string(kClaimColumns) + "c.unit IN (" + list + ") ORDER BY c.unit, c.keyword, c.since", units));
}

Result<std::vector<Claim>> Ledger::claims_with_value(const std::vector<Sha256>& value_ids) {
  std::vector<SqlValue> ids;
  for (const Sha256& id : value_ids) ids.push_back(blob(id));
  return claims_from(sql_.run(
      std::string(kClaimColumns) + "c.value_id IN (" + placeholders(ids.size()) + ") ORDER BY c.since", ids));
}

Result<std::string> Ledger::label_of(const std::string& unit) {
  auto rows =
      sql_.run("SELECT shown FROM claim WHERE unit = $1 AND keyword = 'label' AND state = 'active'", {unit});
  if (!rows) return Failure(rows.error());
  return rows->empty() ? std::string() : text(rows->front().front());
}

Result<std::optional<Work>> Ledger::work_of(const std::string& unit) {
  auto rows = sql_.run(std::string(kWorkColumns) + " WHERE unit = $1", {unit});
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return std::optional<Work>();
  auto work = work_from(rows->front());
  if (!work) return Failure(work.error());
  return std::optional(*std::move(work));
}

Result<std::vector<Work>> Ledger::all_work() {
  auto rows = sql_.run(std::string(kWorkColumns) + " ORDER BY since");
  if (!rows) return Failure(rows.error());
  std::vector<Work> work;
  for (const Row& row : *rows) {
    auto item = work_from(row);
    if (!item) return Failure(item.error());
    work.push_back(*std::move(item));
  }
  return work;
}

Result<std::optional<LastVisit>> Ledger::latest(std::string_view statement, const std::string& unit,
                                                Stage stage) {
  auto rows = sql_.run(statement, {unit, stage_value(stage)});
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return std::optional<LastVisit>();
  const Row& row = rows->front();
  return std::optional(LastVisit{.number = integer(row[0]), .passed = integer(row[1]) != 0});
}

Result<std::optional<LastVisit>> Ledger::last_visit(const std::string& unit, Stage stage) {
  return latest(
      "SELECT number, passed FROM visit WHERE unit = $1 AND stage = $2 ORDER BY number DESC LIMIT 1", unit,
      stage);
}

Result<std::optional<LastVisit>> Ledger::last_run(const std::string& unit, Stage stage) {
  return latest(
      "SELECT number, passed FROM visit WHERE unit = $1 AND stage = $2 AND kind = 'run'"
      " ORDER BY number DESC LIMIT 1",
      unit, stage);
}

Result<bool> Ledger::burnt_since(const std::string& unit, std::int64_t visit) {
  auto rows = sql_.run("SELECT 1 FROM visit WHERE unit = $1 AND number > $2 AND kind = 'burn' LIMIT 1",
                       {unit, visit});
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

Result<bool> Ledger::reworked_since(const std::string& unit, std::int64_t visit) {
  auto rows = sql_.run("SELECT 1 FROM visit WHERE unit = $1 AND number > $2 AND kind = 'rework' LIMIT 1",
                       {unit, visit});
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

Result<bool> Ledger::run_since(const std::string& unit, std::int64_t visit, Stage stage) {
  auto rows = sql_.run(
      "SELECT stage FROM visit WHERE unit = $1 AND number > $2 AND kind IN ('run', 'permit')", {unit, visit});
  if (!rows) return Failure(rows.error());
  return std::ranges::any_of(*rows, [stage](const Row& row) {
    const auto of = profiles::find_stage(text(row[0]));
    return !of || *of < stage;
  });
}

Result<std::string> Ledger::unit_in_boot(const std::string& boot_id) {
  auto rows = sql_.run("SELECT unit FROM work WHERE boot_id = $1", {boot_id});
  if (!rows) return Failure(rows.error());
  return rows->empty() ? std::string() : text(rows->front()[0]);
}

Result<bool> Ledger::unit_exists(const std::string& unit) {
  auto rows = sql_.run("SELECT 1 FROM unit WHERE id = $1", {unit});
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

Result<bool> Ledger::is_retired(const std::string& unit) {
  auto rows = sql_.run("SELECT 1 FROM record WHERE unit = $1 AND kind = 'retire' LIMIT 1", {unit});
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

Result<std::vector<Seen>> Ledger::seen_of(const std::string& unit) {
  auto rows = sql_.run(
      "SELECT keyword, value_id, shown, witness, since FROM seen WHERE unit = $1 ORDER BY keyword, since",
      {unit});
  if (!rows) return Failure(rows.error());
  std::vector<Seen> all;
  for (const Row& row : *rows) {
    all.push_back({.keyword = text(row[0]),
                   .value_id = bytes(row[1]),
                   .shown = text(row[2]),
                   .witness = integer(row[3]) != 0,
                   .since = text(row[4])});
  }
  return all;
}

Result<std::vector<std::string>> Ledger::units_that_showed(const std::vector<Sha256>& value_ids) {
  std::vector<SqlValue> ids;
  for (const Sha256& id : value_ids) ids.push_back(blob(id));
  auto rows = sql_.run("SELECT DISTINCT unit FROM seen WHERE value_id IN (" + placeholders(ids.size()) +
                           ") ORDER BY unit DESC",
                       ids);
  if (!rows) return Failure(rows.error());
  std::vector<std::string> units;
  for (const Row& row : *rows) units.push_back(text(row[0]));
  return units;
}

Result<bool> Ledger::has_record(const Appended& record) {
  auto rows = sql_.run("SELECT 1 FROM record WHERE station = $1 AND seq = $2 AND id = $3",
                       {record.station, record.seq, record.id});
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

namespace {

constexpr std::string_view kRecordColumns =
    "SELECT station, seq, hash, body, unit, kind, stage, outcome, time FROM record WHERE station = $1 AND ";

JournalRow journal_row(const Row& row) {
  const Blob body = bytes(row[3]);
  return {.station = text(row[0]),
          .seq = integer(row[1]),
          .hash = to_hex(bytes(row[2])),
          .body = std::string(body.begin(), body.end()),
          .unit = text(row[4]),
          .kind = text(row[5]),
          .stage = text(row[6]),
          .outcome = text(row[7]),
          .time = text(row[8])};
}

Result<std::optional<JournalRow>> first_row(const Result<std::vector<Row>>& rows) {
  if (!rows) return Failure(rows.error());
  return rows->empty() ? std::nullopt : std::optional(journal_row(rows->front()));
}

}  // namespace

// The last one: with a new profile's first visit its record has the same id.
Result<std::optional<JournalRow>> Ledger::record_called(const std::string& station, const Asked& asked) {
  static const std::string kStatement =
      std::string(kRecordColumns) + "seq > $2 AND id = $3 AND time >= $4 ORDER BY seq DESC LIMIT 1";
  return first_row(sql_.run(kStatement, {station, asked.after, asked.id, asked.since}));
}

Result<std::optional<JournalRow>> Ledger::record_at(const std::string& station, std::int64_t seq) {
  static const std::string kStatement = std::string(kRecordColumns) + "seq = $2";
  return first_row(sql_.run(kStatement, {station, seq}));
}

Result<std::vector<JournalRow>> Ledger::records_after(const std::string& station, std::int64_t after,
                                                      std::int64_t most) {
  static const std::string kStatement = std::string(kRecordColumns) + "seq > $2 ORDER BY seq LIMIT $3";
  auto rows = sql_.run(kStatement, {station, after, most});
  if (!rows) return Failure(rows.error());
  std::vector<JournalRow> records;
  for (const Row& row : *rows) records.push_back(journal_row(row));
  return records;
}

Result<void> Ledger::vouch() {
  return change(
      "INSERT INTO registry (name, value) VALUES ('vouched', $1)"
      " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      {now_});
}

namespace {

// The columns body, hash, station, seq, time. A record's bytes must be those that were hashed: what is told
// from them is told years later.
Result<std::vector<UnitRecord>> whole_records(Result<std::vector<Row>> rows) {
  if (!rows) return Failure(rows.error());
  std::vector<UnitRecord> all;
  for (const Row& row : *rows) {
    const Blob body = bytes(row[0]);
    if (!std::ranges::equal(sha256(body), bytes(row[1]))) {
      return fail("the registry is damaged: a record's content is not what was recorded",
                  text(row[2]) + " #" + std::to_string(integer(row[3])),
                  "dmigate registry verify lists what is damaged; restore it from its backup");
    }
    all.push_back({.station = text(row[2]),
                   .seq = integer(row[3]),
                   .time = text(row[4]),
                   .body = std::string(body.begin(), body.end())});
  }
  return all;
}

std::vector<std::string> bodies(std::vector<UnitRecord> records) {
  std::vector<std::string> all;
  for (UnitRecord& record : records) all.push_back(std::move(record.body));
  return all;
}

}  // namespace

Result<std::vector<std::string>> Ledger::records_of(const std::string& unit) {
  return whole_records(sql_.run("SELECT body, hash, station, seq, time FROM record WHERE unit = $1", {unit}))
      .map(newest_first)
      .map(bodies);
}

Result<std::vector<std::string>> Ledger::records_that_mention(const std::vector<Sha256>& value_ids) {
  std::vector<SqlValue> ids;
  for (const Sha256& id : value_ids) ids.push_back(blob(id));
  auto rows = sql_.run(
      "SELECT DISTINCT r.body, r.hash, r.station, r.seq, r.time FROM mention m"
      " JOIN record r ON r.station = m.station AND r.seq = m.seq WHERE m.value_id IN (" +
          placeholders(ids.size()) + ")",
      ids);
  return whole_records(std::move(rows)).map(newest_first).map(bodies);
}

Result<void> Ledger::add_unit(const std::string& unit, const std::string& model) {
  units_.add(unit, model, now_);
  added_ = unit;
  return units_.insert(sql_);
}

Result<void> Ledger::add_claim(const UniqueValue& value, const std::string& unit, std::string_view state,
                               const std::string& station) {
  claims_.add(blob(value.id()), blob(value.value_id()), value.keyword, std::int64_t{value.second},
              printable(value.scope), value.shown, unit, std::string(state), station, now_, std::string());
  return claims_.insert(sql_);
}

Result<void> Ledger::set_state(const Blob& claim, std::string_view state, std::string_view disposition) {
  return change("UPDATE claim SET state = $1, disposition = $2 WHERE id = $3",
                {std::string(state), std::string(disposition), claim});
}

Result<void> Ledger::remove_claim(const Blob& claim) {
  return change("DELETE FROM claim WHERE id = $1", {claim});
}

Result<std::int64_t> Ledger::add_visit(const std::string& unit, std::string_view kind,
                                       std::optional<Stage> stage, bool passed) {
  std::int64_t number = 1;
  // A unit of this transaction has none; and to ask for what comes behind the newest unit is to be in the way
  // of every other new one.
  if (unit != added_) {
    auto rows = sql_.run("SELECT max(number) FROM visit WHERE unit = $1", {unit});
    if (!rows) return Failure(rows.error());
    number = integer(rows->front().front()) + 1;
  }
  auto added =
      change("INSERT INTO visit (unit, number, kind, stage, passed, time) VALUES ($1, $2, $3, $4, $5, $6)",
             {unit, number, std::string(kind), stage_value(stage), std::int64_t{passed}, now_});
  if (!added) return Failure(added.error());
  return number;
}

Result<void> Ledger::set_passed(const std::string& unit, std::int64_t visit) {
  return change("UPDATE visit SET passed = 1 WHERE unit = $1 AND number = $2", {unit, visit});
}

Result<void> Ledger::put_work(const Work& work) {
  if (auto removed = remove_work(work.unit); !removed) return removed;
  return change(
      "INSERT INTO work (unit, kind, state, stage, station, station_seq, since, boot_id, tool, visit,"
      " intended) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {work.unit, work.kind, work.state, work.stage, work.station, work.station_seq, work.since, work.boot_id,
       work.tool, work.visit, intended_json(work.intended)});
}

Result<void> Ledger::remove_work(const std::string& unit) {
  return change("DELETE FROM work WHERE unit = $1", {unit});
}

Result<void> Ledger::keep_source(const Evidence& evidence) {
  const smbios::Layout& layout = evidence.source.layout();
  const SqlValue id = blob(sha256(layout.table));
  auto known = sql_.run("SELECT 1 FROM source WHERE sha256 = $1", {id});
  if (!known) return Failure(known.error());
  if (!known->empty()) return {};
  const Blob packed = smbios::compress(layout.table);
  return change(
      "INSERT INTO source (sha256, form, smbios, entry_point, structures, packed) VALUES ($1, $2, $3, $4, "
      "$5, $6)"
      " ON CONFLICT (sha256) DO NOTHING",
      {id, std::string(smbios::form_name(layout.form)), layout.version.to_string(), blob(layout.entry_point),
       packed.empty() ? blob(layout.table) : SqlValue(packed), std::int64_t{!packed.empty()}});
}

Result<void> Ledger::add_seen(const std::string& unit, const Seen& seen) {
  seen_.add(unit, seen.keyword, seen.value_id, seen.shown, std::int64_t{seen.witness}, now_);
  return seen_.insert(sql_);
}

Result<void> Ledger::set_witness(const std::string& unit, const Seen& seen, bool witness) {
  return change("UPDATE seen SET witness = $1 WHERE unit = $2 AND keyword = $3 AND value_id = $4",
                {std::int64_t{witness}, unit, seen.keyword, seen.value_id});
}

Result<void> Ledger::add_mention(const Sha256& value_id, const Appended& record) {
  return change(
      "INSERT INTO mention (value_id, station, seq) VALUES ($1, $2, $3)"
      " ON CONFLICT (value_id, station, seq) DO NOTHING",
      {blob(value_id), record.station, record.seq});
}

Result<void> Ledger::see_profile(const ProfileReport& profile, const std::string& station) {
  auto rows = sql_.run("SELECT version, sha256 FROM profile WHERE name = $1", {profile.name});
  if (!rows) return Failure(rows.error());
  const auto version = static_cast<std::int64_t>(profile.version);
  if (!rows->empty()) {
    const std::int64_t seen = integer(rows->front()[0]);
    if (version < seen) {
      return fail("version " + std::to_string(version) + " of this profile is older than version " +
                      std::to_string(seen) + ", which this registry has seen",
                  profile.name, "give the station the newest profile", ErrorKind::kConfiguration);
    }
    if (version == seen && text(rows->front()[1]) != profile.sha256) {
      return fail("this profile was changed, but is still called version " + std::to_string(version),
                  profile.name, "raise its version", ErrorKind::kConfiguration);
    }
    if (version == seen) return {};
  }
  const json::object said{{"name", profile.name}, {"version", version}, {"sha256", profile.sha256}};
  auto recorded = append(station, {.kind = "profile", .extra = ",\"profile\":" + json::serialize(said)});
  if (!recorded) return Failure(recorded.error());
  return change(
      "INSERT INTO profile (name, version, sha256) VALUES ($1, $2, $3)"
      " ON CONFLICT (name) DO UPDATE SET version = excluded.version, sha256 = excluded.sha256",
      {profile.name, version, profile.sha256});
}

Result<Appended> Ledger::append(const std::string& station, const Entry& entry) {
  auto record = link(station, entry);
  if (!record) return Failure(record.error());
  gather(*std::move(record));
  if (auto written = records_.insert(sql_); !written) return Failure(written.error());
  return *appended_;
}

}  // namespace dmigate::gate
