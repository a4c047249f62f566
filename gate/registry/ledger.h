// The registry's tables, and the statements on them: one place for SQL. Used inside a transaction.
//
//   record  the journal: one row a record, chained within its station
//   unit    every unit that ever passed
//   claim   which unit holds which value                      (index of the journal)
//   visit   what a unit went through, numbered within it      (index of the journal)
//   work    the burn or run that holds a unit back, at most one (index of the journal)
//   source  raw tables, once per content
//   profile the newest version seen of each profile
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/registry/registry.h"
#include "gate/registry/sql.h"

namespace dmigate::gate {

struct Claim {
  Blob id;
  std::string keyword;
  bool second = false;
  std::string shown;
  std::string state;
  Holder holder;
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

struct LastVisit {
  std::int64_t number = 0;
  bool passed = false;
};

// A change of the claims, as the journal tells it.
struct Change {
  std::string_view op;  ///< "claim", "reserve", "activate", "retire", "release"
  std::string keyword;
  std::string shown;
  Blob id;
};

// What a record says beside the verdict.
struct Entry {
  std::string kind;        ///< "check", "burn", "run", "end", "resolve"
  std::string unit;        ///< empty: not known
  std::int64_t visit = 0;  ///< its number within the unit; 0 without one
  std::vector<Change> changes;
  std::string stage;
  std::string outcome;
  std::string extra;  ///< further members of the JSON object: ",\"verdict\":{…}"
};

struct Appended {
  std::int64_t seq = 0;
  std::string hash;
};

class Ledger {
 public:
  Ledger(Sql& sql, std::string now) : sql_(sql), now_(std::move(now)) {}

  static Result<void> create_tables(Sql& sql, const std::string& now);
  // Fails on a database that is something else, or a registry of another schema version.
  static Result<void> check_schema(Sql& sql, const std::string& where);

  Result<std::vector<Claim>> claims(const std::vector<UniqueValue>& values);
  Result<std::vector<Claim>> claims_of(const std::string& unit);
  Result<std::vector<Claim>> claims_with_value(const std::vector<Sha256>& value_ids);
  Result<std::string> label_of(const std::string& unit);
  Result<std::optional<Work>> work_of(const std::string& unit);
  Result<std::vector<Work>> all_work();
  Result<std::optional<LastVisit>> last_visit(const std::string& unit, Stage stage);
  // The latest visit to the stage that started a command.
  Result<std::optional<LastVisit>> last_run(const std::string& unit, Stage stage);
  Result<bool> burnt_since(const std::string& unit, std::int64_t visit);
  // Whether a command of an earlier stage than `stage` was started since the visit.
  Result<bool> run_since(const std::string& unit, std::int64_t visit, Stage stage);
  // The unit whose burn or run was begun in this boot of a machine, and has not ended; none, or empty.
  Result<std::string> unit_in_boot(const std::string& boot_id);
  Result<bool> unit_exists(const std::string& unit);

  Result<void> add_unit(const std::string& unit, const std::string& model);
  Result<void> add_claim(const UniqueValue& value, const std::string& unit, std::string_view state,
                         const std::string& station);
  Result<void> set_state(const Blob& claim, std::string_view state);
  Result<void> remove_claim(const Blob& claim);
  Result<std::int64_t> add_visit(const std::string& unit, std::string_view kind, std::optional<Stage> stage,
                                 bool passed);
  Result<void> set_passed(const std::string& unit, std::int64_t visit);
  Result<void> put_work(const Work& work);
  Result<void> remove_work(const std::string& unit);
  Result<void> keep_source(const Evidence& evidence);
  // Fails (kConfiguration) when the profile is older than one seen, or changed without a new version.
  Result<void> see_profile(const ProfileReport& profile);
  Result<Appended> append(const std::string& station, const Entry& entry);

 private:
  Result<std::optional<LastVisit>> latest(std::string_view statement, const std::string& unit, Stage stage);
  Result<void> change(std::string_view statement, std::initializer_list<SqlValue> parameters);
  Sql& sql_;
  std::string now_;
};

}  // namespace dmigate::gate
