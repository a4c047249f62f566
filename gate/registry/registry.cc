#include "gate/registry/registry.h"

#include <sys/random.h>

#include <algorithm>
#include <thread>

#include "gate/registry/admission.h"
#include "gate/registry/engine.h"
#include "gate/registry/ledger.h"
#include "gate/registry/place.h"
#include "gate/registry/recording.h"
#include "gate/registry/transaction.h"

namespace dmigate::gate {
namespace {

bool command_ended_well(const Verdict& verdict) {
  return verdict.outcome == Outcome::kPass && verdict.command && verdict.command->exit_status == 0 &&
         !verdict.command->timed_out && !verdict.command->interrupted;
}

// The report of a command whose start is record `began`.
Result<Verdict> append_end(Ledger& ledger, std::string kind, std::int64_t began, Verdict verdict,
                           const Cures& cures) {
  auto appended = ledger.append(
      verdict.station.id,
      {.kind = std::move(kind),
       .unit = verdict.unit,
       .visit = 0,
       .changes = {},
       .stage = verdict.stage ? std::string(profiles::stage_name(*verdict.stage)) : std::string(),
       .outcome = std::string(outcome_name(verdict.outcome)),
       .extra =
           as_member("ends", std::to_string(began)) + as_member("verdict", to_record_json(verdict, cures))});
  if (!appended) return Failure(appended.error());
  verdict.station_seq = static_cast<std::uint64_t>(appended->seq);
  verdict.record_hash = appended->hash;
  return verdict;
}

}  // namespace

Surroundings Surroundings::real() {
  return {.now = std::chrono::system_clock::now, .random = [](std::span<std::uint8_t> bytes) {
            // Up to 256 bytes are given whole, from the same source as the kernel's own keys.
            while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
            }
          }};
}

Registry::Registry(std::unique_ptr<Sql> sql, std::string where, Surroundings surroundings,
                   std::chrono::milliseconds patience)
    : sql_(std::move(sql)),
      where_(std::move(where)),
      surroundings_(std::move(surroundings)),
      patience_(patience) {}

namespace {

std::chrono::milliseconds patience_of(const RegistryOptions& options) {
  return std::chrono::milliseconds(std::max(options.sqlite.timeout_ms, options.postgres.timeout_ms));
}

}  // namespace

Result<Registry> Registry::open(const std::string& where, const RegistryOptions& options) {
  auto sql = open_engine(where, options.sqlite, options.postgres);
  if (!sql) return Failure(sql.error());
  if (auto known = Ledger::check_schema(**sql, shown_place(where)); !known) return Failure(known.error());
  return Registry(*std::move(sql), shown_place(where), options.surroundings, patience_of(options));
}

Result<Registry> Registry::init(const std::string& where, const RegistryOptions& options) {
  auto sql = create_engine(where, options.sqlite, options.postgres);
  if (!sql) return Failure(sql.error());
  std::array<std::uint8_t, 4> random{};
  options.surroundings.random(random);
  const auto number = static_cast<std::uint32_t>(smbios::ByteView(random).number(0, 4).value_or(0));
  if (auto made = Ledger::create_tables(**sql, utc_text(options.surroundings.now())).and_then([&] {
        return (*sql)->begin_epochs(number);
      });
      !made) {
    sql->reset();
    remove_engine(where);
    return Failure(made.error());
  }
  (*sql)->settle();
  return Registry(*std::move(sql), shown_place(where), options.surroundings, patience_of(options));
}

Result<Migrated> Registry::migrate(const std::string& where, const RegistryOptions& options,
                                   const Rework& who) {
  auto sql = open_engine(where, options.sqlite, options.postgres);
  if (!sql) return Failure(sql.error());
  auto from = Ledger::schema_of(**sql, shown_place(where));
  if (!from) return Failure(from.error());
  if (*from > kSchema) return Failure(Ledger::check_schema(**sql, shown_place(where)).error());
  Registry registry(*std::move(sql), shown_place(where), options.surroundings, patience_of(options));
  const auto had = *from == kSchema ? from : registry.transact<std::int64_t>([&](Ledger& ledger) {
    return registry.bring_forward(ledger, who);
  });
  if (!had) return Failure(had.error());
  const auto added = registry.sql_->add_checksums();
  if (!added) return Failure(added.error());
  return Migrated{.from = *had, .checksums = *added};
}

Result<std::int64_t> Registry::bring_forward(Ledger& ledger, const Rework& who) {
  // Asked again inside the transaction: somebody else may have been first.
  auto from = Ledger::schema_of(*sql_, where_);
  if (!from || *from == kSchema) return from;
  if (auto brought = Ledger::migrate(*sql_, *from); !brought) return Failure(brought.error());
  auto appended = ledger.append(
      printable(who.station.id),
      {.kind = "migrate",
       .extra = as_member("from", std::to_string(*from)) + as_member("to", std::to_string(kSchema)) +
                as_member("by", json_text(who.by)) + as_member("reason", json_text(who.reason))});
  if (!appended) return Failure(appended.error());
  return from;
}

template <typename T>
Result<T> Registry::transact(const std::function<Result<T>(Ledger&)>& body, const std::string& id) {
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  for (std::chrono::milliseconds pause(1);; pause = std::min(2 * pause, std::chrono::milliseconds(64))) {
    Transaction transaction(*sql_);
    Ledger ledger(*sql_, utc_text(surroundings_.now()), id.empty() ? make_id("r-", surroundings_) : id);
    auto done = transaction.begin().and_then([&] { return body(ledger); });
    Result<void> written = done ? transaction.commit() : Result<void>(Failure(done.error()));
    if (written) return done;
    if (written.error().kind == ErrorKind::kUncertain && ledger.appended()) {
      // The answer was lost late in the time that there is: finding out gets as much again.
      const auto stands = was_committed(*ledger.appended(), std::chrono::steady_clock::now() + patience_);
      if (!stands) return Failure(stands.error());
      if (*stands) return done;
    } else if (written.error().kind != ErrorKind::kConflict) {
      return Failure(written.error());
    }
    if (std::chrono::steady_clock::now() + pause > deadline) return Failure(written.error());
    // Those that were in each other's way must not meet again: each waits a time of its own.
    std::array<std::uint8_t, 1> random{};
    surroundings_.random(random);
    std::this_thread::sleep_for(pause / 2 + pause * random[0] / 256);
  }
}

Result<bool> Registry::was_committed(const Appended& record, std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    Transaction transaction(*sql_);
    Ledger ledger(*sql_, {});
    auto stands = transaction.begin().and_then([&] { return ledger.has_record(record); });
    // What is read may not have reached the standby yet. A commit that is answered vouches for all before it.
    if (stands && *stands) {
      auto vouched = ledger.vouch().and_then([&] { return transaction.commit(); });
      if (!vouched) stands = Failure(vouched.error());
    }
    if (stands) return stands;
    if (std::chrono::steady_clock::now() > deadline) {
      return fail("the registry went away while it wrote, and whether it has is not known (" +
                      stands.error().what + ")",
                  where_,
                  "bring it back, then check this unit again: nothing is lost and nothing is counted twice");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Result<Verdict> Registry::record(const Visit& visit) {
  return transact<Verdict>([&](Ledger& ledger) { return write_visit(ledger, visit, surroundings_); });
}

Result<Recorded> Registry::record(const Visit& visit, const Asked& asked) {
  Recorded recorded;
  auto verdict = transact<Verdict>(
      [&](Ledger& ledger) -> Result<Verdict> {
        auto before = ledger.record_called(printable(visit.verdict.station.id), asked);
        if (!before) return Failure(before.error());
        recorded.before = *std::move(before);
        return recorded.before ? Verdict() : write_visit(ledger, visit, surroundings_);
      },
      asked.id);
  if (!verdict) return Failure(verdict.error());
  recorded.verdict = *std::move(verdict);
  return recorded;
}

Result<std::vector<Finding>> Registry::consult(const Visit& visit) {
  Transaction snapshot(*sql_);
  if (auto begun = snapshot.begin_reading(); !begun) return Failure(begun.error());
  Ledger ledger(*sql_, utc_text(surroundings_.now()));
  auto admission = admit(ledger, visit);
  if (!admission) return Failure(admission.error());
  std::vector<Finding> findings = std::move(admission->first);
  findings.insert(findings.end(), admission->then.begin(), admission->then.end());
  return findings;
}

namespace {

// Ends what is open, and gives back the verdict with its new record.
Result<Verdict> write_end(Ledger& ledger, Verdict verdict, const Cures& cures, const std::string& where) {
  auto work = ledger.work_of(verdict.unit);
  if (!work) return Failure(work.error());
  const bool ours = work->has_value() && (*work)->state == "open" && (*work)->station == verdict.station.id &&
                    (*work)->station_seq == static_cast<std::int64_t>(verdict.station_seq.value_or(0));
  if (!ours) {
    return fail("the open record of this unit was ended by somebody else while the command ran", where,
                "find out who resolved it (dmigate registry status), and start this stage again");
  }
  const bool well = command_ended_well(verdict);
  const bool burn = (*work)->kind == "burn";
  if (burn) {
    (*work)->state = well ? "pending" : "failed";
    verdict.burn->state = (*work)->state;
  }
  if (auto ended = burn ? ledger.put_work(**work) : ledger.remove_work(verdict.unit); !ended) {
    return Failure(ended.error());
  }
  if (well) {
    if (auto set = ledger.set_passed(verdict.unit, (*work)->visit); !set) return Failure(set.error());
  }
  return append_end(ledger, "end", (*work)->station_seq, std::move(verdict), cures);
}

}  // namespace

Result<Verdict> Registry::close(Verdict verdict, const Cures& cures) {
  return transact<Verdict>([&](Ledger& ledger) { return write_end(ledger, verdict, cures, where_); });
}

Result<Verdict> Registry::end_observed(Verdict verdict, const Cures& cures) {
  const auto began = static_cast<std::int64_t>(verdict.station_seq.value_or(0));
  return transact<Verdict>(
      [&](Ledger& ledger) { return append_end(ledger, "observed", began, verdict, cures); });
}

using MaybeRow = std::optional<JournalRow>;
template Result<Verdict> Registry::transact(const std::function<Result<Verdict>(Ledger&)>&,
                                            const std::string&);
template Result<std::string> Registry::transact(const std::function<Result<std::string>(Ledger&)>&,
                                                const std::string&);
template Result<MaybeRow> Registry::transact(const std::function<Result<MaybeRow>(Ledger&)>&,
                                             const std::string&);

}  // namespace dmigate::gate
