#include "gate/registry/registry.h"

#include <sys/random.h>

#include <algorithm>
#include <boost/json.hpp>

#include "gate/registry/admission.h"
#include "gate/registry/engine.h"
#include "gate/registry/ledger.h"
#include "gate/registry/place.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Sql& sql) : sql_(sql) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (open_) sql_.rollback();
  }
  Result<void> begin() {
    auto begun = sql_.begin();
    open_ = begun.has_value();
    return begun;
  }
  Result<void> begin_reading() {
    auto begun = sql_.begin_reading();
    open_ = begun.has_value();
    return begun;
  }
  Result<void> commit() {
    auto committed = sql_.commit();
    if (committed) open_ = false;
    return committed;
  }

 private:
  Sql& sql_;
  bool open_ = false;
};

// "u-" and a ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32. Sorts by time.
std::string make_unit_id(const Surroundings& surroundings) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto now = surroundings.now().time_since_epoch();
  auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::string id = "u-";
  for (int shift = 45; shift >= 0; shift -= 5) id += kDigits[(millis >> shift) & 31];
  std::array<std::uint8_t, 16> random{};
  surroundings.random(random);
  for (const std::uint8_t byte : random) id += kDigits[byte & 31];
  return id;
}

std::string_view purpose_name(Purpose purpose) {
  switch (purpose) {
    case Purpose::kBurn:
      return "burn";
    case Purpose::kRun:
      return "run";
    case Purpose::kCheck:
      break;
  }
  return "check";
}

Change change_of(std::string_view op, const Claim& claim) {
  return {.op = op, .keyword = claim.keyword, .shown = claim.shown, .id = claim.id};
}

Change change_of(std::string_view op, const UniqueValue& value) {
  const Sha256 id = value.id();
  return {.op = op, .keyword = value.keyword, .shown = value.shown, .id = Blob(id.begin(), id.end())};
}

std::string as_member(std::string_view name, const std::string& value) {
  return ",\"" + std::string(name) + "\":" + value;
}

std::string json_text(const std::string& value) { return json::serialize(json::value(printable(value))); }

// Puts together and writes what follows from an admission, inside the caller's transaction.
class Recording {
 public:
  Recording(Ledger& ledger, const Visit& visit, const Surroundings& surroundings, std::string now)
      : ledger_(ledger),
        visit_(visit),
        surroundings_(surroundings),
        now_(std::move(now)),
        verdict_(visit.verdict) {
    // It names the chain of records, and stands in JSON.
    verdict_.station.id = printable(verdict_.station.id);
  }

  Result<Verdict> run() {
    if (verdict_.profile) {
      if (auto seen = ledger_.see_profile(*verdict_.profile); !seen) return Failure(seen.error());
    }
    auto admission = admit(ledger_, visit_);
    if (!admission) return Failure(admission.error());
    admission_ = *std::move(admission);
    add_findings();
    verdict_.conclude(visit_.profile);
    if (verdict_.enforced) return observe();
    const bool starts = visit_.purpose != Purpose::kCheck;
    if (passed() && (visit_.profile == nullptr || visit_.evidence == nullptr || lacks_burn() ||
                     (starts && !verdict_.stage))) {
      return fail("a unit that was not judged was handed over as good", {},
                  "this is a fault of dmigate: tell its makers");
    }
    verdict_.unit = admission_.unit;
    if (auto written = write_index(); !written) return Failure(written.error());
    if (auto appended = append(); !appended) return Failure(appended.error());
    if (auto opened = open_work(); !opened) return Failure(opened.error());
    return std::move(verdict_);
  }

 private:
  // What is only observed claims nothing, is no visit, and neither opens nor ends anything.
  Result<Verdict> observe() {
    verdict_.unit = admission_.unit;
    if (auto appended = append(); !appended) return Failure(appended.error());
    return std::move(verdict_);
  }

  [[nodiscard]] bool passed() const { return verdict_.outcome == Outcome::kPass; }

  [[nodiscard]] bool lacks_burn() const {
    return visit_.purpose == Purpose::kBurn && (visit_.intended.empty() || !visit_.profile->burn);
  }

  // While a burn is not proved, the table still shows what was there before it: what it says of the
  // fields that were burnt is no news, and its cure would send the unit back to the burn.
  [[nodiscard]] bool outdated(const Finding& finding) const {
    return admission_.held_back && admission_.work->kind == "burn" &&
           std::ranges::find(admission_.work->intended, finding.keyword, &Intended::keyword) !=
               admission_.work->intended.end();
  }

  void add_findings() {
    std::erase_if(verdict_.findings, [this](const Finding& finding) { return outdated(finding); });
    // A unit that is held back was not judged at the stage, unless its table alone fails there.
    const bool fails = visit_.purpose != Purpose::kBurn && verdict_.judged() != Outcome::kPass;
    counts_ = !admission_.held_back || fails;
    verdict_.findings.insert(verdict_.findings.begin(), admission_.first.begin(), admission_.first.end());
    verdict_.findings.insert(verdict_.findings.end(), admission_.then.begin(), admission_.then.end());
  }

  Result<void> write_index() {
    // What nothing tells from another cannot be found again: it is recorded, and is no unit yet.
    if (passed() && admission_.is_new &&
        std::ranges::any_of(visit_.judgement.presented, &UniqueValue::claimable)) {
      verdict_.unit = make_unit_id(surroundings_);
      const std::string model = verdict_.profile ? verdict_.profile->name : std::string();
      if (auto added = ledger_.add_unit(verdict_.unit, model); !added) return added;
    }
    if (passed() && !verdict_.unit.empty()) {
      if (auto claimed = claim(); !claimed) return claimed;
    }
    if (admission_.verifies) {
      if (auto settled = settle_burn(); !settled) return settled;
    }
    if (!verdict_.unit.empty() && verdict_.stage && counts_) {
      // A command that is still to come has not passed anything; a refused one was only a check.
      const bool opens = passed() && visit_.purpose != Purpose::kCheck;
      auto number = ledger_.add_visit(verdict_.unit, opens ? purpose_name(visit_.purpose) : "check",
                                      verdict_.stage, passed() && !opens);
      if (!number) return Failure(number.error());
      visit_number_ = *number;
    }
    if (visit_.evidence != nullptr) return ledger_.keep_source(*visit_.evidence);
    return {};
  }

  Result<void> claim() {
    for (const UniqueValue& value : visit_.judgement.presented) {
      if (!value.claimable) continue;
      if (auto claimed = claim_one(value); !claimed) return claimed;
    }
    return visit_.purpose == Purpose::kBurn ? reserve() : Result<void>();
  }

  Result<void> claim_one(const UniqueValue& value) {
    const Sha256 id = value.id();
    const bool done =
        std::ranges::any_of(changes_, [&](const Change& c) { return std::ranges::equal(c.id, id); });
    const auto held =
        std::ranges::find_if(admission_.held, [&](const Claim& c) { return std::ranges::equal(c.id, id); });
    if (done) return {};  // the same value in both boards
    if (held == admission_.held.end()) {
      changes_.push_back(change_of("claim", value));
      return ledger_.add_claim(value, verdict_.unit, "active", verdict_.station.id);
    }
    return held->state == "reserved" ? activate(*held) : Result<void>();
  }

  // A reserved value that is found on the unit is its own from now on; the one it replaces is given up.
  Result<void> activate(const Claim& claim) {
    changes_.push_back(change_of("activate", claim));
    if (auto set = ledger_.set_state(claim.id, "active"); !set) return set;
    for (const Claim& old : admission_.held) {
      if (old.keyword != claim.keyword || old.second != claim.second || old.state != "active") continue;
      changes_.push_back(change_of("retire", old));
      if (auto set = ledger_.set_state(old.id, "retired"); !set) return set;
    }
    return {};
  }

  // The intended values, in place of those that an earlier burn of this unit reserved.
  Result<void> reserve() {
    const auto& wanted = visit_.judgement.intended;
    for (const Claim& old : admission_.held) {
      const bool kept = std::ranges::any_of(
          wanted, [&](const UniqueValue& v) { return std::ranges::equal(v.id(), old.id); });
      if (old.state != "reserved" || kept) continue;
      changes_.push_back(change_of("release", old));
      if (auto removed = ledger_.remove_claim(old.id); !removed) return removed;
    }
    for (const UniqueValue& value : wanted) {
      const Sha256 id = value.id();
      const bool own =
          std::ranges::any_of(admission_.held, [&](const Claim& c) { return std::ranges::equal(c.id, id); });
      if (own) continue;
      changes_.push_back(change_of("reserve", value));
      if (auto added = ledger_.add_claim(value, verdict_.unit, "reserved", verdict_.station.id); !added)
        return added;
    }
    return {};
  }

  // The proof of a burn: verified with the verdict's PASS, a mismatch where a field differs.
  Result<void> settle_burn() {
    Work work = *admission_.work;
    const bool mismatch = std::ranges::any_of(
        verdict_.findings, [](const Finding& f) { return f.rule() == message(Say::kBurnMismatch).rule; });
    const bool judged = verdict_.outcome == Outcome::kFail;
    const std::string state = passed()                         ? "verified"
                              : mismatch                       ? "mismatch"
                              : judged || work.state == "open" ? "failed"
                                                               : work.state;
    verdict_.burn = BurnReport{.tool = work.tool, .state = state, .intended = work.intended};
    if (!passed()) {
      work.state = state;
      return ledger_.put_work(work);
    }
    for (const Claim& claim : admission_.held) {
      const bool done = std::ranges::any_of(changes_, [&](const Change& c) { return c.id == claim.id; });
      if (claim.state != "reserved" || done) continue;
      if (auto activated = activate(claim); !activated) return activated;
    }
    if (auto set = ledger_.set_passed(work.unit, work.visit); !set) return set;
    return ledger_.remove_work(work.unit);
  }

  Result<void> append() {
    const bool opens = passed() && visit_.purpose != Purpose::kCheck;
    if (opens && visit_.purpose == Purpose::kBurn) verdict_.burn = burn_report("open");
    verdict_.recorded = true;
    Entry entry{.kind = std::string(opens ? purpose_name(visit_.purpose) : "check"),
                .unit = verdict_.unit,
                .visit = visit_number_,
                .changes = changes_,
                .stage = verdict_.stage ? std::string(profiles::stage_name(*verdict_.stage)) : std::string(),
                .outcome = std::string(outcome_name(verdict_.outcome)),
                .extra = as_member("verdict", to_record_json(verdict_, visit_.cures))};
    auto appended = ledger_.append(verdict_.station.id, entry);
    if (!appended) return Failure(appended.error());
    verdict_.station_seq = static_cast<std::uint64_t>(appended->seq);
    verdict_.record_hash = appended->hash;
    return {};
  }

  [[nodiscard]] BurnReport burn_report(std::string state) const {
    const profiles::BurnTool* tool = visit_.cures.tool;
    BurnReport report{.tool = tool != nullptr ? tool->name : visit_.profile->burn->tool,
                      .state = std::move(state),
                      .intended = {}};
    for (const profiles::BurnValue& value : visit_.intended) {
      report.intended.push_back({.keyword = std::string(value.field->keyword), .value = value.value});
    }
    return report;
  }

  Result<void> open_work() {
    if (!passed() || visit_.purpose == Purpose::kCheck) return {};
    return ledger_.put_work({.unit = verdict_.unit,
                             .kind = std::string(purpose_name(visit_.purpose)),
                             .state = "open",
                             .stage = std::string(profiles::stage_name(*verdict_.stage)),
                             .station = verdict_.station.id,
                             .station_seq = static_cast<std::int64_t>(*verdict_.station_seq),
                             .since = now_,
                             .boot_id = visit_.evidence->boot_id.value_or(""),
                             .tool = verdict_.burn ? verdict_.burn->tool : std::string(),
                             .visit = visit_number_,
                             .intended = verdict_.burn ? verdict_.burn->intended : std::vector<Intended>()});
  }

  Ledger& ledger_;
  const Visit& visit_;
  const Surroundings& surroundings_;
  std::string now_;
  Verdict verdict_;
  Admission admission_;
  std::vector<Change> changes_;
  std::int64_t visit_number_ = 0;
  bool counts_ = true;  // as a visit to the stage
};

bool command_ended_well(const Verdict& verdict) {
  return verdict.outcome == Outcome::kPass && verdict.command && verdict.command->exit_status == 0 &&
         !verdict.command->timed_out && !verdict.command->interrupted;
}

}  // namespace

Surroundings Surroundings::real() {
  return {.now = std::chrono::system_clock::now, .random = [](std::span<std::uint8_t> bytes) {
            // Up to 256 bytes are given whole, from the same source as the kernel's own keys.
            while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
            }
          }};
}

Registry::Registry(std::unique_ptr<Sql> sql, std::string where, Surroundings surroundings)
    : sql_(std::move(sql)), where_(std::move(where)), surroundings_(std::move(surroundings)) {}

Result<Registry> Registry::open(const std::string& where, const RegistryOptions& options) {
  auto sql = open_engine(where, options.sqlite, options.postgres);
  if (!sql) return Failure(sql.error());
  if (auto known = Ledger::check_schema(**sql, shown_place(where)); !known) return Failure(known.error());
  return Registry(*std::move(sql), shown_place(where), options.surroundings);
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
  return Registry(*std::move(sql), shown_place(where), options.surroundings);
}

Result<Verdict> Registry::record(const Visit& visit) {
  Transaction transaction(*sql_);
  if (auto begun = transaction.begin(); !begun) return Failure(begun.error());
  const std::string now = utc_text(surroundings_.now());
  Ledger ledger(*sql_, now);
  auto verdict = Recording(ledger, visit, surroundings_, now).run();
  if (!verdict) return verdict;
  if (auto committed = transaction.commit(); !committed) return Failure(committed.error());
  return verdict;
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

Result<Verdict> Registry::close(Verdict verdict, const Cures& cures) {
  Transaction transaction(*sql_);
  if (auto begun = transaction.begin(); !begun) return Failure(begun.error());
  Ledger ledger(*sql_, utc_text(surroundings_.now()));
  auto work = ledger.work_of(verdict.unit);
  if (!work) return Failure(work.error());
  const bool ours = work->has_value() && (*work)->state == "open" && (*work)->station == verdict.station.id &&
                    (*work)->station_seq == static_cast<std::int64_t>(verdict.station_seq.value_or(0));
  if (!ours) {
    return fail("the open record of this unit was ended by somebody else while the command ran", where_,
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
    if (auto set = ledger.set_passed(verdict.unit, (*work)->visit); !set) {
      return Failure(set.error());
    }
  }
  auto appended =
      ledger.append(verdict.station.id, {.kind = "end",
                                         .unit = verdict.unit,
                                         .visit = 0,
                                         .changes = {},
                                         .stage = std::string(profiles::stage_name(*verdict.stage)),
                                         .outcome = std::string(outcome_name(verdict.outcome)),
                                         .extra = as_member("ends", std::to_string((*work)->station_seq)) +
                                                  as_member("verdict", to_record_json(verdict, cures))});
  if (!appended) return Failure(appended.error());
  if (auto committed = transaction.commit(); !committed) return Failure(committed.error());
  verdict.station_seq = static_cast<std::uint64_t>(appended->seq);
  verdict.record_hash = appended->hash;
  return verdict;
}

Result<Verdict> Registry::end_observed(Verdict verdict, const Cures& cures) {
  Transaction transaction(*sql_);
  if (auto begun = transaction.begin(); !begun) return Failure(begun.error());
  Ledger ledger(*sql_, utc_text(surroundings_.now()));
  const std::uint64_t began = verdict.station_seq.value_or(0);
  auto appended = ledger.append(
      verdict.station.id,
      {.kind = "observed",
       .unit = verdict.unit,
       .visit = 0,
       .changes = {},
       .stage = verdict.stage ? std::string(profiles::stage_name(*verdict.stage)) : std::string(),
       .outcome = std::string(outcome_name(verdict.outcome)),
       .extra =
           as_member("ends", std::to_string(began)) + as_member("verdict", to_record_json(verdict, cures))});
  if (!appended) return Failure(appended.error());
  if (auto committed = transaction.commit(); !committed) return Failure(committed.error());
  verdict.station_seq = static_cast<std::uint64_t>(appended->seq);
  verdict.record_hash = appended->hash;
  return verdict;
}

Result<std::string> Registry::resolve(const std::string& who, const std::string& by,
                                      const std::string& reason, const Station& station) {
  Transaction transaction(*sql_);
  if (auto begun = transaction.begin(); !begun) return Failure(begun.error());
  Ledger ledger(*sql_, utc_text(surroundings_.now()));
  auto claims = lookup(who);
  if (!claims) return Failure(claims.error());
  if (claims->empty())
    return fail("no unit is known by this", printable(who), "dmigate registry status lists what is open");
  const Holder& holder = claims->front().holder;
  if (std::ranges::any_of(*claims, [&](const ClaimRow& row) { return row.holder.unit != holder.unit; })) {
    return fail("several units are known by this", printable(who),
                "name the unit by its id (dmigate registry lookup)");
  }
  auto work = ledger.work_of(holder.unit);
  if (!work) return Failure(work.error());
  if (!work->has_value())
    return fail("nothing is open at this unit", printable(who), "there is nothing to resolve");
  if ((*work)->state != "open" && (*work)->state != "pending") {
    return fail("its burn has failed already", printable(who),
                "reboot it and check it at post-burn, or burn it again");
  }
  const bool burn = (*work)->kind == "burn";
  (*work)->state = "failed";
  if (auto ended = burn ? ledger.put_work(**work) : ledger.remove_work(holder.unit); !ended) {
    return Failure(ended.error());
  }
  auto appended =
      ledger.append(printable(station.id),
                    {.kind = "resolve",
                     .unit = holder.unit,
                     .visit = 0,
                     .changes = {},
                     .stage = (*work)->stage,
                     .outcome = {},
                     .extra = as_member("stage", json_text((*work)->stage)) +
                              as_member("ends", std::to_string((*work)->station_seq)) +
                              as_member("ends_at", json_text((*work)->station)) +
                              as_member("by", json_text(by)) + as_member("reason", json_text(reason))});
  if (!appended) return Failure(appended.error());
  if (auto committed = transaction.commit(); !committed) return Failure(committed.error());
  const std::string unit = holder.label.empty() ? holder.unit : holder.label;
  return "resolved: the " + (*work)->kind + " of " + unit + " at " + (*work)->station + " (" +
         (*work)->since + "); " +
         (burn ? "what it wrote is not known: reboot and check at post-burn, or burn again"
               : "the stage " + (*work)->stage + " was not passed: run it again");
}

}  // namespace dmigate::gate
