// registry: units, claims, journal. The plant's memory of which value belongs to which unit.
//
//   auto registry = Registry::open("/var/lib/dmigate/registry.db", options);
//   auto verdict = registry->record(visit);        // one transaction: identity, order, claims, record
//
// A PASS is said only after its transaction is durable. No record is overwritten or deleted: the
// tables beside `record` are an index of the journal, and verify() holds claims and open work against it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/judge.h"
#include "gate/registry/postgres.h"
#include "gate/registry/sql.h"

namespace dmigate::gate {

class Ledger;
struct Appended;
struct BatchRun;
struct BatchUnit;
struct ImportReport;
struct ImportRequest;

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
  // A golden or engineering unit, tested a hundred times a day: recorded, outside claims and yield, opens
  // nothing.
  kGolden,
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
  std::string disposition;                   ///< of a retired one that rework took: "repair", "scrap"
  Holder holder;
};

// What becomes of a part that rework takes from a unit.
enum class Disposition : std::uint8_t {
  kStock,   ///< its serial is free again
  kRepair,  ///< it stays with the unit, and may come back to it
  kScrap,   ///< never valid again
};
std::string_view disposition_name(Disposition disposition);  ///< "stock"
std::optional<Disposition> find_disposition(std::string_view name);

struct Part {
  std::string keyword;                     ///< a unique field's, an identifier's name, "label", or "nic-mac"
  std::string value;                       ///< of the new part; empty: what the unit shows at its next PASS
  std::optional<Disposition> disposition;  ///< of the old one; none: the rework's
};

// A named person's decision about the unit that `who` names: a unit id, a label or any unique value.
struct Rework {
  std::string who;
  std::vector<Part> parts;
  Disposition disposition = Disposition::kRepair;
  std::string by;
  std::string reason;
  Station station;
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

// The last record of a station: kept elsewhere, it tells later whether the journal's tail was cut.
struct Head {
  std::string station;
  std::int64_t seq = 0;
  std::string hash;
  std::string time;
};

// What is known of one unit. Records are the journal's, as they were hashed: JSON, dmigate.record/1.
struct TracedUnit {
  std::string id, model, since;
  std::vector<ClaimRow> claims;
  struct Trait {
    std::string keyword, shown, since;
    bool witness = false;
  };
  std::vector<Trait> seen;
  std::optional<Status::Work> work;
  std::vector<std::string> records;  ///< the newest first
};

struct Trace {
  std::vector<TracedUnit> units;     ///< the newest first
  std::vector<std::string> records;  ///< that count for no unit and speak of the value; the newest first
};

// A raw table as it was read.
struct KeptSource {
  std::string sha256, form, smbios;
  Blob entry_point, structures;
};

// In dmidecode's dump form, whatever form it was read in. Fails for a table that was read from text.
Result<std::vector<std::uint8_t>> dump_of(const KeptSource& kept);

// What a unit looked like when it last passed.
struct LastPass {
  Evidence evidence;
  std::string time;
};

// A permit that somebody presents: whose PASS it was, and until when it is good.
struct PermitUse {
  std::string id;
  std::string station;  ///< of the record of the PASS
  std::int64_t station_seq = 0;
  std::string record_hash;
  std::string expires;  ///< UTC, as utc_text() writes it
};

// A question that may come twice, since its answer may be lost on the way: by its id it is known again.
struct Asked {
  std::string id;          ///< of the question, and of its record: question_id()
  std::int64_t after = 0;  ///< its record, if there is one, is behind this one of its station's
  std::string since;       ///< UTC; an older record is no answer any more, and the question is a new one
};

// The id of what `who` asks under a name of their own, as make_id("r-") makes them. Another body is another
// question.
std::string question_id(std::string_view who, std::string_view name, std::string_view body);

// A record as it stands in the journal.
struct JournalRow {
  std::string station;
  std::int64_t seq = 0;
  std::string hash;                              ///< hex
  std::string body;                              ///< JSON, dmigate.record/1
  std::string unit, kind, stage, outcome, time;  ///< may be empty, but for kind and time
  bool repeated = false;                         ///< of end_run(): it was there already
};

// What came of a question: a verdict, or the record that answered it before.
struct Recorded {
  Verdict verdict;
  std::optional<JournalRow> before;
};

struct RegistryOptions {
  SqliteOptions sqlite;
  PostgresOptions postgres;
  Surroundings surroundings = Surroundings::real();
};

// What migrate() found: the schema version that the registry had, and whether its pages had no checksums.
struct Migrated {
  std::int64_t from = 0;
  bool checksums = false;
};

class Registry {
 public:
  static constexpr std::int64_t kSchema = 2;

  // `where` is a path, or the URL of a PostgreSQL server. Fails as open_engine() does, and on a registry of a
  // newer dmigate or a database that is something else.
  static Result<Registry> open(const std::string& where, const RegistryOptions& options);
  // Makes an empty one; never touches one that exists.
  static Result<Registry> init(const std::string& where, const RegistryOptions& options);
  // Brings one of an older schema version to this one, all or nothing, and records who did; then gives its
  // pages checksums, where it was made before there were any. A station with an older dmigate refuses it from
  // then on.
  static Result<Migrated> migrate(const std::string& where, const RegistryOptions& options,
                                  const Rework& who);

  // Judges identity and order, claims on PASS, and writes the record, in one transaction. The verdict
  // that comes back is durable, its outcome final: for kBurn and kRun with outcome PASS an open record
  // blocks the unit until close(). Fails, with nothing written, when the registry does not answer, when
  // a visit without table or profile has no finding that says so, or (kConfiguration) when it refuses the
  // profile: older than it has seen, or the same version with other content.
  Result<Verdict> record(const Visit& visit);

  // The same for a question that may come twice. Where its record is there already, nothing is judged or
  // written.
  Result<Recorded> record(const Visit& visit, const Asked& asked);
  // Ends the run that the record `began` opened, for a caller who has no more of it than its name, as
  // close() and end_observed() do; `failure`: why its command did not end well. The record of the end, also
  // where the question comes twice; none: it opened nothing, or that is no longer open.
  Result<std::optional<JournalRow>> end_run(const Head& began, const CommandReport& report,
                                            const std::optional<Finding>& failure, const Asked& asked);
  // Whether what that record opened is still open.
  Result<bool> is_open(const JournalRow& began);

  // The same findings, read only: for a check that is not recorded.
  Result<std::vector<Finding>> consult(const Visit& visit);

  // Ends what record() opened: the command's report is recorded; a run that ended well counts as the
  // stage's pass, a burn becomes pending. `verdict` is what record() gave, with `command` filled in and,
  // where the command failed, its finding.
  Result<Verdict> close(Verdict verdict, const Cures& cures);

  // The end of a command that was started by a verdict that only observed: recorded, and nothing else.
  Result<Verdict> end_observed(Verdict verdict, const Cures& cures);

  // Ends an open record, or gives up a burn that is not proved. The unit starts again before the stage that
  // was cut off: burnt again, or proved at post-burn. Returns a sentence.
  Result<std::string> resolve(const Rework& rework);

  // Parts or labels were exchanged: the old ones' claims end as their disposition says, the new ones' values,
  // where they are given, are claimed. The unit starts again before its first stage. Refused, with nothing
  // written, where it would leave a conflict, while a burn or run is open, and where a system's serial or
  // UUID would pass to another unit. Returns a sentence.
  Result<std::string> replace(const Rework& rework);
  // The unit is no more: nothing that it holds is ever valid again, but for what the parts say.
  Result<std::string> retire(const Rework& rework);

  // Units that were never at a station of this registry, from a file (gate/registry/import.h): all of them,
  // or none. Nothing is written where the report is not clean. Fails where the file or the registry cannot be
  // read or written, and (kConfiguration) on a header that does not hold or a profile that the registry
  // refuses.
  Result<ImportReport> import_units(const ImportRequest& request);
  // The same, read only: what would be refused, or be in conflict.
  Result<ImportReport> check_import(const ImportRequest& request);
  // What is known against each of an audit's units (gate/registry/batch.h), by their order: values and
  // witnesses that another unit has, other values than the unit is recorded with, a clone. Read only.
  Result<std::vector<std::vector<Finding>>> ask_batch(std::span<const BatchUnit> units, BatchRun& run);
  // The same; and units that nobody knows are known from then on, and hold all of their values that are free:
  // durable when this returns. Fails as record() does.
  Result<std::vector<std::vector<Finding>>> claim_batch(std::span<const BatchUnit> units, BatchRun& run);

  // Every unit with its claims and what else was seen of it, by its id: JSONL (dmigate.unit/1), from which
  // import_units() makes the same; or CSV, for spreadsheets. Handed over piece by piece; fails as `write`
  // does.
  using Write = std::function<Result<void>(std::string_view piece)>;
  Result<void> export_units(const Write& write);
  Result<void> export_csv(const Write& write);

  // All that is known under a serial, label, identifier, UUID, MAC, lot, work order or unit id, current or
  // given up.
  Result<Trace> trace(const std::string& value);
  // The raw table of that SHA-256 (hex); none: it is not kept here. Fails where it is damaged.
  Result<std::optional<KeptSource>> source(const std::string& sha256);
  // Records that a permit opens what it was issued for, once: `verdict` is of that unit and stage, with what
  // is known against it already. The verdict that comes back is durable; FAIL (permit.used, .expired, .stale)
  // where the permit was used before, its time is over by the registry's own clock, or its PASS is not the
  // unit's last word any more.
  Result<Verdict> use_permit(Verdict verdict, const PermitUse& permit);

  // Of the unit that `who` names. Fails where it never passed, or its table is not kept.
  Result<LastPass> last_pass_of(const std::string& who);
  Result<std::vector<Head>> heads();
  // The station's records behind number `after`, the oldest first; at most `most`.
  Result<std::vector<JournalRow>> journal(const std::string& station, std::int64_t after, std::int64_t most);

  // Who holds these values: for each that somebody holds, its id() and the claim. Read only.
  Result<std::vector<std::pair<Sha256, ClaimRow>>> holders(const std::vector<UniqueValue>& values);
  // What the burn that holds the unit back was to write; empty: none does. `who` as in Rework.
  Result<std::vector<Intended>> intended(const std::string& who);

  // Every claim whose value is `value` (folded; a UUID in either rendering), or of the unit so called.
  Result<std::vector<ClaimRow>> lookup(const std::string& value);
  Result<Status> status();
  // `heads` were kept elsewhere: a record that they name and that is gone, or another, is a doubt.
  Result<std::vector<Doubt>> verify(const std::vector<Head>& heads = {});

 private:
  Registry(std::unique_ptr<Sql> sql, std::string where, Surroundings surroundings,
           std::chrono::milliseconds patience);
  // Runs `body` in one transaction, again where another was in its way, until it is durable or time is up.
  // `id`: of its records; empty: one is made.
  template <typename T>
  Result<T> transact(const std::function<Result<T>(Ledger&)>& body, const std::string& id = {});
  Result<std::int64_t> bring_forward(Ledger& ledger, const Rework& who);
  // After a commit whose answer was lost: whether the record stands. Fails where that cannot be told in time.
  Result<bool> was_committed(const Appended& record, std::chrono::steady_clock::time_point deadline);
  std::unique_ptr<Sql> sql_;
  std::string where_;
  Surroundings surroundings_;
  std::chrono::milliseconds patience_;  ///< how long a registry that does not answer is waited for
};

}  // namespace dmigate::gate
