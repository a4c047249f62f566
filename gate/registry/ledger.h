// The registry's tables, and the statements on them: one place for SQL. Used inside a transaction.
//
//   record  the journal: one row a record, chained within its station
//   unit    every unit that ever passed
//   claim   which unit holds which value                      (index of the journal)
//   visit   what a unit went through, numbered within it      (index of the journal)
//   work    the burn or run that holds a unit back, at most one (index of the journal)
//   source  raw tables, once per content, compressed
//   profile the newest version seen of each profile
//   seen    what else was seen of a unit: network cards, disks, lots, serials it gave up (index of the
//   journal) mention which records without a unit speak of which value                            (index of
//   the journal)
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gate/registry/registry.h"
#include "gate/registry/rows.h"
#include "gate/registry/sql.h"

namespace dmigate::gate {

struct Claim {
  Blob id;
  Blob value_id;
  std::string keyword;
  bool second = false;
  std::string scope;
  std::string shown;
  std::string state;
  std::string disposition;  ///< of a retired one that rework took: "repair", "scrap"
  Holder holder;
};

// What was seen of a unit beside its claims. A witness in force is what a copy of its DMI has not.
struct Seen {
  std::string keyword;  ///< "nic-mac", "disk-serial", "lot", "work-order", or a field's
  Blob value_id;
  std::string shown;
  bool witness = false;
  std::string since = {};
};

struct Work {
  std::string unit;
  std::string kind;   ///< "burn", "run"
  std::string state;  ///< "open"; a burn that ended: "pending", "failed", "mismatch"
  std::string stage;
  std::string station;
  std::int64_t station_seq = 0;  ///< of the record that opened it
  std::string since;
  std::string boot_id;
  std::string tool;
  std::int64_t visit = 0;  ///< of the unit, which the record that opened it made
  std::vector<Intended> intended;
};

// All that is held of a unit beside its records: what goes from one registry to another.
struct KnownUnit {
  std::string id;  ///< empty: it is not given one yet
  std::string model;
  std::string since;
  std::vector<Claim> claims;  ///< `holder.unit` and `holder.label` may be empty: this unit's
  std::vector<Seen> seen;
  std::optional<Work> work;
};

struct LastVisit {
  std::int64_t number = 0;
  bool passed = false;
};

// A change of the claims, as the journal tells it.
struct Change {
  // Of a claim: "claim", "reserve", "activate", "retire", "repair", "scrap", "release". Of what was seen:
  // "see", "witness", "forget" (a witness no more). Of the unit: "unit" (known from now on).
  std::string_view op;
  std::string keyword;
  std::string shown;
  Blob id;
};

// What a record says beside the verdict.
struct Entry {
  // "check", "burn", "run", "end", "observed", "golden", "resolve", "replace", "retire", "profile",
  // "migrate", "import", "audit"
  std::string kind;
  std::string unit;        ///< empty: not known
  std::int64_t visit = 0;  ///< its number within the unit; 0 without one
  std::vector<Change> changes;
  std::string stage;
  std::string outcome;
  std::string extra;  ///< further members of the JSON object: ",\"verdict\":{…}"
};

struct Appended {
  std::string station;
  std::int64_t seq = 0;
  std::string hash;
  std::string id;  ///< made here, not by the database: a commit whose answer was lost is found again by it
};

// A record that follows its station's last one, and stands nowhere yet.
struct LinkedRecord {
  Appended at;
  Blob body, hash;
  std::string unit, kind, stage, outcome;
};

// "$1, $2, $3"
std::string placeholders(std::size_t count);
// The same for a list of ids. Every statement is kept prepared, so lists are filled up to a few lengths with
// their last value. REQUIRES: at least one.
std::string fill_up(std::vector<SqlValue>& ids);

class Ledger {
 public:
  // `record_id` names the records of this transaction; empty: nothing is appended.
  Ledger(Sql& sql, std::string now, std::string record_id = {})
      : sql_(sql), now_(std::move(now)), record_id_(std::move(record_id)) {}

  static Result<void> create_tables(Sql& sql, const std::string& now);
  // Fails on a database that is something else, or a registry of a newer schema version, or of an older one.
  static Result<void> check_schema(Sql& sql, const std::string& where);
  // The schema version of a registry; fails on a database that is something else.
  static Result<std::int64_t> schema_of(Sql& sql, const std::string& where);
  // Brings the tables from schema version `from` to this one, inside the caller's transaction.
  static Result<void> migrate(Sql& sql, std::int64_t from);
  [[nodiscard]] const std::optional<Appended>& appended() const { return appended_; }
  [[nodiscard]] const std::string& now() const { return now_; }

  Result<std::vector<Claim>> claims(const std::vector<UniqueValue>& values);
  Result<std::vector<Claim>> claims_with_ids(std::vector<SqlValue> ids);  ///< REQUIRES: at least one
  Result<std::vector<Claim>> claims_of(const std::string& unit);
  Result<std::vector<Claim>> claims_of_units(std::vector<SqlValue> units);  ///< REQUIRES: at least one
  Result<std::vector<Claim>> claims_with_value(const std::vector<Sha256>& value_ids);
  Result<std::string> label_of(const std::string& unit);
  Result<std::optional<Work>> work_of(const std::string& unit);
  Result<std::vector<Work>> all_work();
  Result<std::optional<LastVisit>> last_visit(const std::string& unit, Stage stage);
  // The latest visit to the stage that started a command.
  Result<std::optional<LastVisit>> last_run(const std::string& unit, Stage stage);
  Result<bool> burnt_since(const std::string& unit, std::int64_t visit);
  Result<bool> reworked_since(const std::string& unit, std::int64_t visit);
  // Whether a command of an earlier stage than `stage` was started since the visit.
  Result<bool> run_since(const std::string& unit, std::int64_t visit, Stage stage);
  // The unit whose burn or run was begun in this boot of a machine, and has not ended; none, or empty.
  Result<std::string> unit_in_boot(const std::string& boot_id);
  Result<bool> unit_exists(const std::string& unit);
  Result<bool> is_retired(const std::string& unit);  ///< a person has said that it is no more
  Result<std::vector<Seen>> seen_of(const std::string& unit);
  // Units that were seen with one of these witnesses, and with which. REQUIRES: at least one
  Result<std::vector<std::pair<std::string, Seen>>> witnesses_with_ids(std::vector<SqlValue> ids);
  Result<bool> has_units();
  Result<std::vector<std::string>> units_with_ids(std::vector<SqlValue> ids);  ///< REQUIRES: at least one
  // The units behind the one called `after`, by their ids, with all that is held of them; at most `most`.
  Result<std::vector<KnownUnit>> units_after(const std::string& after, std::int64_t most);
  Result<std::vector<std::string>> claimed_keywords();  ///< that some unit claims, each once
  Result<std::vector<std::string>> seen_keywords();
  // The units of which the value was seen, the newest first.
  Result<std::vector<std::string>> units_that_showed(const std::vector<Sha256>& value_ids);
  // Whether the record stands there under the id: what became of a commit whose answer was lost.
  Result<bool> has_record(const Appended& record);
  // The record that the question already has; none: it has none.
  Result<std::optional<JournalRow>> record_called(const std::string& station, const Asked& asked);
  Result<std::optional<JournalRow>> record_at(const std::string& station, std::int64_t seq);
  // The station's records behind number `after`, the oldest first; at most `most`.
  Result<std::vector<JournalRow>> records_after(const std::string& station, std::int64_t after,
                                                std::int64_t most);
  // A change that says nothing: once it is durable, so is all that was written before it.
  Result<void> vouch();
  // Bodies of the records of a unit, or of those that count for none and speak of a value; the newest first.
  Result<std::vector<std::string>> records_of(const std::string& unit);
  Result<std::vector<std::string>> records_that_mention(const std::vector<Sha256>& value_ids);

  Result<void> add_unit(const std::string& unit, const std::string& model);
  Result<void> add_claim(const UniqueValue& value, const std::string& unit, std::string_view state,
                         const std::string& station);
  Result<void> set_state(const Blob& claim, std::string_view state, std::string_view disposition = {});
  Result<void> remove_claim(const Blob& claim);
  Result<std::int64_t> add_visit(const std::string& unit, std::string_view kind, std::optional<Stage> stage,
                                 bool passed);
  Result<void> set_passed(const std::string& unit, std::int64_t visit);
  Result<void> put_work(const Work& work);
  Result<void> remove_work(const std::string& unit);
  Result<void> keep_source(const Evidence& evidence);
  Result<void> add_seen(const std::string& unit, const Seen& seen);
  Result<void> set_witness(const std::string& unit, const Seen& seen, bool witness);
  Result<void> add_mention(const Sha256& value_id, const Appended& record);
  // A version that was not seen yet is recorded. Fails (kConfiguration) when the profile is older than one
  // seen, or changed without a new version.
  Result<void> see_profile(const ProfileReport& profile, const std::string& station);
  Result<Appended> append(const std::string& station, const Entry& entry);

  // Many at once. What link() gives is written in this transaction, or the station's chain has a gap; nothing
  // else of the ledger writes to that station before.
  Result<LinkedRecord> link(const std::string& station, const Entry& entry);
  // The record that link() begins at; asked of the database once.
  Result<Appended> last_of(const std::string& station);
  Result<void> write(std::vector<LinkedRecord> records);
  Result<void> add_units(std::vector<KnownUnit> units);  ///< REQUIRES: each has an id
  // An index of a million rows is made in a fifth of the time in which it grows. Where the engine has it
  // otherwise, nothing is done.
  Result<void> drop_indexes();
  Result<void> make_indexes();

 private:
  Result<std::optional<LastVisit>> latest(std::string_view statement, const std::string& unit, Stage stage);
  Result<void> change(std::string_view statement, std::initializer_list<SqlValue> parameters);
  Result<std::vector<std::string>> first_column(std::string_view statement,
                                                std::span<const SqlValue> parameters = {});
  void gather(LinkedRecord record);

  Sql& sql_;
  std::string now_;
  std::string record_id_;
  std::optional<Appended> appended_;      ///< the last one
  std::string added_;                     ///< the last unit that add_unit() has made
  std::map<std::string, Appended> last_;  ///< of each station, as far as it was asked for
  std::string body_;                      ///< that link() makes; its memory is used again
  Rows records_{"record (station, seq, hash, body, unit, kind, stage, outcome, time, id)"};
  Rows units_{"unit (id, model, since)"};
  Rows claims_{
      "claim (id, value_id, keyword, second, scope, shown, unit, state, station, since, disposition)"};
  Rows seen_{"seen (unit, keyword, value_id, shown, witness, since)",
             " ON CONFLICT (unit, keyword, value_id) DO NOTHING"};
};

}  // namespace dmigate::gate
