// registry: units, claims, journal. The plant's memory of which value belongs to which unit.
//
//   auto registry = Registry::open("/var/lib/dmigate/registry.db", options);
//   auto verdict = registry->record(visit);        // one transaction: identity, order, claims, record
//
// A PASS is said only after its transaction is durable. No record is overwritten or deleted: the
// tables beside `record` are an index of the journal, and verify() holds claims and open work against it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/judge.h"
#include "gate/registry/postgres.h"
#include "gate/registry/sql.h"

namespace dmigate::gate {

// What the registry takes from outside: time and randomness.
struct Surroundings {
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  std::function<void(std::span<std::uint8_t>)> random;  ///< fills with unpredictable bytes
  static Surroundings real();
};

enum class Purpose : std::uint8_t {
  kCheck,
  kBurn,  ///< the verdict opens a burn record; a command follows
  kRun,   ///< the verdict opens a run record; a command follows
};

// One unit at one station, judged by what it shows; the registry adds what only it can tell.
struct Visit {
  Purpose purpose = Purpose::kCheck;
  Verdict verdict;      ///< its findings so far, station, stage, unit's label, source, profile
  Judgement judgement;  ///< findings already moved into verdict; fields and unique values are used
  const profiles::Profile* profile = nullptr;  ///< nullptr: none was found; recorded as FAIL or ERROR
  const Evidence* evidence = nullptr;          ///< nullptr: the source could not be read
  std::vector<profiles::BurnValue> intended;   ///< kBurn
  Cures cures;                                 ///< for the sentences in the record
};

struct Holder {
  std::string unit;
  std::string label;    ///< may be empty
  std::string station;  ///< where the value was claimed
  std::string since;    ///< UTC
};

struct ClaimRow {
  std::string keyword, scope, shown, state;  ///< state: "reserved", "active", "retired"
  Holder holder;
};

struct Status {
  std::string where;
  std::int64_t schema = 0;
  std::int64_t units = 0, active = 0, reserved = 0, retired = 0, records = 0;
  struct Work {
    std::string unit, label, kind, state, stage, station, since;
  };
  std::vector<Work> work;  ///< burns and runs that are open or not proved
};

// What verify() found wrong; empty: every record is whole and in order, every claim is explained.
struct Doubt {
  std::string where;  ///< "L3-S07 #812", or a claim
  std::string what;
};

struct RegistryOptions {
  SqliteOptions sqlite;
  PostgresOptions postgres;
  Surroundings surroundings = Surroundings::real();
};

class Registry {
 public:
  static constexpr std::int64_t kSchema = 1;

  // `where` is a path, or the URL of a PostgreSQL server. Fails as open_engine() does, and on a registry of a
  // newer dmigate or a database that is something else.
  static Result<Registry> open(const std::string& where, const RegistryOptions& options);
  // Makes an empty one; never touches one that exists.
  static Result<Registry> init(const std::string& where, const RegistryOptions& options);

  // Judges identity and order, claims on PASS, and writes the record, in one transaction. The verdict
  // that comes back is durable, its outcome final: for kBurn and kRun with outcome PASS an open record
  // blocks the unit until close(). Fails, with nothing written, when the registry does not answer, when
  // a visit without table or profile has no finding that says so, or (kConfiguration) when it refuses the
  // profile: older than it has seen, or the same version with other content.
  Result<Verdict> record(const Visit& visit);

  // The same findings, read only: for a check that is not recorded.
  Result<std::vector<Finding>> consult(const Visit& visit);

  // Ends what record() opened: the command's report is recorded; a run that ended well counts as the
  // stage's pass, a burn becomes pending. `verdict` is what record() gave, with `command` filled in and,
  // where the command failed, its finding.
  Result<Verdict> close(Verdict verdict, const Cures& cures);

  // The end of a command that was started by a verdict that only observed: recorded, and nothing else.
  Result<Verdict> end_observed(Verdict verdict, const Cures& cures);

  // A named person ends an open record, or gives up a burn that is not proved, of the unit that `who`
  // names: a unit id, a label or any unique value. The unit starts again before the stage that was cut
  // off: burnt again, or proved at post-burn. Returns a sentence.
  Result<std::string> resolve(const std::string& who, const std::string& by, const std::string& reason,
                              const Station& station);

  // Every claim whose value is `value` (folded; a UUID in either rendering), or of the unit so called.
  Result<std::vector<ClaimRow>> lookup(const std::string& value);
  Result<Status> status();
  Result<std::vector<Doubt>> verify();

 private:
  Registry(std::unique_ptr<Sql> sql, std::string where, Surroundings surroundings);
  std::unique_ptr<Sql> sql_;
  std::string where_;
  Surroundings surroundings_;
};

}  // namespace dmigate::gate
