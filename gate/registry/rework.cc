// What a named person decides about a unit: resolve, replace, retire.
#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "gate/registry/recording.h"
#include "gate/registry/traits.h"
#include "profiles/placeholder.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kDispositions = {"stock", "repair", "scrap"};
constexpr std::string_view kBoard = "baseboard-serial-number", kCard = "nic-mac", kLabel = "label";
// What never passes to another unit.
constexpr std::array<std::string_view, 2> kOwnForEver = {"system-serial-number", "system-uuid"};

std::string called(const Holder& holder) { return holder.label.empty() ? holder.unit : holder.label; }

// "To be filled by O.E.M." stands on many parts. By the shipped lists.
Result<bool> is_placeholder(const Part& part, const std::string& key) {
  const auto lists = profiles::shipped_placeholders();
  if (!lists) return Failure(lists.error());
  const smbios::Field* field = smbios::find_field(part.keyword);
  if (field == nullptr) return is_filler(**lists, part.value);  // a label, or an identifier of the plant's
  const std::string& raw = field->kind == smbios::Kind::kUuid ? key : part.value;
  return static_cast<bool>(
      (*lists)->detect(*field, {reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()}));
}

class Reworking {
 public:
  Reworking(Ledger& ledger, const Rework& rework) : ledger_(ledger), rework_(rework) {}

  Result<std::string> replace() {
    if (auto found = find(); !found) return Failure(found.error());
    if (work_ && (work_->state == "open" || work_->state == "pending")) {
      return fail(
          "a " + work_->kind + " of this unit is not done yet (" + work_->station + ", " + work_->since + ")",
          called(holder_), "end it first: prove it, or dmigate registry resolve");
    }
    for (const Part& part : rework_.parts) {
      if (auto exchanged = exchange(part); !exchanged) return Failure(exchanged.error());
    }
    // The board that was burnt is gone, and with it what was to be proved of it.
    const bool board = std::ranges::find(rework_.parts, kBoard, &Part::keyword) != rework_.parts.end();
    if (work_ && board) {
      if (auto ended = ledger_.remove_work(holder_.unit); !ended) return Failure(ended.error());
    }
    if (auto recorded = record("replace", board); !recorded) return Failure(recorded.error());
    return "recorded: the parts of " + called(holder_) +
           " were exchanged; it starts again at its first stage";
  }

  Result<std::string> retire() {
    if (auto found = find(); !found) return Failure(found.error());
    if (work_ && work_->state == "open") {
      return fail(
          "a " + work_->kind + " of this unit is not done yet (" + work_->station + ", " + work_->since + ")",
          called(holder_), "end it first: dmigate registry resolve");
    }
    for (const Claim& claim : held_) {
      if (claim.state == "retired") continue;
      const auto part = std::ranges::find(rework_.parts, claim.keyword, &Part::keyword);
      const Disposition disposition =
          part != rework_.parts.end() && part->disposition ? *part->disposition : Disposition::kScrap;
      if (auto may = may_have(claim.keyword, disposition); !may) return Failure(may.error());
      if (auto done = dispose(claim, disposition); !done) return Failure(done.error());
    }
    if (auto forgotten = forget_witnesses(); !forgotten) return Failure(forgotten.error());
    if (work_) {
      if (auto ended = ledger_.remove_work(holder_.unit); !ended) return Failure(ended.error());
    }
    if (auto recorded = record("retire", true); !recorded) return Failure(recorded.error());
    return "retired: " + called(holder_) +
           " is no more, and nothing that it held is valid again but what went to stock";
  }

 private:
  Result<void> find() {
    auto holder = one_unit(ledger_, rework_.who);
    if (!holder) return Failure(holder.error());
    holder_ = *std::move(holder);
    auto held = ledger_.claims_of(holder_.unit);
    if (!held) return Failure(held.error());
    held_ = *std::move(held);
    auto retired = ledger_.is_retired(holder_.unit);
    if (!retired) return Failure(retired.error());
    if (*retired) {
      return fail("this unit was retired and is no more", called(holder_),
                  "only what went to stock goes into another unit; dmigate trace tells who retired it");
    }
    auto work = ledger_.work_of(holder_.unit);
    if (!work) return Failure(work.error());
    work_ = *std::move(work);
    return {};
  }

  Result<void> may_have(std::string_view keyword, Disposition disposition) const {
    const bool own = std::ranges::find(kOwnForEver, keyword) != kOwnForEver.end();
    if (!own || disposition != Disposition::kStock) return {};
    return fail("a " + std::string(keyword) + " never passes to another unit", called(holder_),
                "say repair or scrap for it", ErrorKind::kConfiguration);
  }

  Result<void> exchange(const Part& part) {
    const Disposition disposition = part.disposition.value_or(rework_.disposition);
    if (auto may = may_have(part.keyword, disposition); !may) return may;
    if (part.keyword == kCard) return exchange_card(part);
    std::vector<Claim> old;
    std::string scope;
    bool known = part.keyword == kLabel;
    for (const Claim& claim : held_) {
      if (claim.keyword != part.keyword) continue;
      // The new value counts where the old one did; of one that was never claimed that is not known.
      known = true;
      if (!claim.second) scope = claim.scope;
      if (claim.state != "retired") old.push_back(claim);
    }
    if (!known || (old.empty() && part.value.empty())) {
      return fail("this unit holds no " + printable(part.keyword), called(holder_),
                  "dmigate registry lookup shows what it holds; what it has anew is claimed at its next PASS",
                  ErrorKind::kConfiguration);
    }
    for (const Claim& claim : old) {
      if (auto done = dispose(claim, disposition); !done) return done;
    }
    if (part.keyword == kBoard) {
      if (auto forgotten = forget_witnesses(); !forgotten) return forgotten;
    }
    return part.value.empty() ? Result<void>() : take(part, scope, old);
  }

  // The old part's claim ends. What goes to stock is still found by a trace of this unit.
  Result<void> dispose(const Claim& claim, Disposition disposition) {
    if (disposition != Disposition::kStock) {
      const std::string_view name = disposition_name(disposition);
      changes_.push_back(change_of(name, claim));
      return ledger_.set_state(claim.id, "retired", name);
    }
    changes_.push_back(change_of("release", claim));
    if (auto removed = ledger_.remove_claim(claim.id); !removed) return removed;
    const Seen seen{.keyword = claim.keyword, .value_id = claim.value_id, .shown = claim.shown};
    changes_.push_back(change_of("see", seen));
    return ledger_.add_seen(holder_.unit, seen);
  }

  // The new part's value: free, or this unit's own that was out for repair.
  Result<void> take(const Part& part, const std::string& scope, const std::vector<Claim>& old) {
    const auto key = key_of(part.keyword, part.value);
    if (!key || key->empty() || printable(part.value) != part.value) {
      return fail("this is no value of a " + part.keyword, printable(part.value),
                  "read it again from the part", ErrorKind::kConfiguration);
    }
    auto placeholder = is_placeholder(part, *key);
    if (!placeholder) return Failure(placeholder.error());
    if (*placeholder) {
      return fail("this is a placeholder, and no value of a " + part.keyword, printable(part.value),
                  "name the part without a value: the unit's next PASS tells which it is",
                  ErrorKind::kConfiguration);
    }
    const UniqueValue value{
        .keyword = part.keyword, .scope = scope, .key = *key, .shown = printable(part.value)};
    const Sha256 id = value.id();
    if (std::ranges::any_of(old, [&](const Claim& claim) { return std::ranges::equal(claim.id, id); })) {
      return fail("this unit has that " + part.keyword + " already: nothing would be exchanged",
                  printable(part.value), "give the new part's value", ErrorKind::kConfiguration);
    }
    auto claims = ledger_.claims({value});
    if (!claims) return Failure(claims.error());
    if (claims->empty()) {
      changes_.push_back(change_of("claim", value));
      return ledger_.add_claim(value, holder_.unit, "active", printable(rework_.station.id));
    }
    const Claim& claim = claims->front();
    if (claim.holder.unit == holder_.unit && claim.disposition == disposition_name(Disposition::kRepair)) {
      changes_.push_back(change_of("activate", claim));
      return ledger_.set_state(claim.id, "active");
    }
    const bool ended = claim.state == "retired";
    return fail(ended ? "this value was given up and is never valid again: " + describe(claim.holder)
                      : "this value belongs to another unit: " + describe(claim.holder),
                part.keyword + " " + printable(part.value),
                ended ? "take another part" : "replace it there first, with disposition stock");
  }

  Result<void> forget_witnesses() {
    auto seen = ledger_.seen_of(holder_.unit);
    if (!seen) return Failure(seen.error());
    for (const Seen& each : *seen) {
      if (!each.witness) continue;
      changes_.push_back(change_of("forget", each));
      if (auto set = ledger_.set_witness(holder_.unit, each, false); !set) return set;
    }
    return {};
  }

  Result<void> exchange_card(const Part& part) {
    if (auto forgotten = forget_witnesses(); !forgotten) return forgotten;
    if (part.value.empty()) return {};
    const std::string mac = as_mac(part.value);
    if (mac.empty()) {
      return fail("this is no value of a " + part.keyword, printable(part.value),
                  "read it again from the part", ErrorKind::kConfiguration);
    }
    const Sha256 id = sha256(fold(mac));
    const Seen seen{
        .keyword = part.keyword, .value_id = Blob(id.begin(), id.end()), .shown = mac, .witness = true};
    changes_.push_back(change_of("witness", seen));
    auto added = ledger_.add_seen(holder_.unit, seen);
    return added ? ledger_.set_witness(holder_.unit, seen, true) : added;
  }

  Result<void> record(std::string kind, bool ends_work) {
    auto number = ledger_.add_visit(holder_.unit, "rework", std::nullopt, false);
    if (!number) return Failure(number.error());
    json::array parts;
    for (const Part& part : rework_.parts) {
      parts.push_back({{"keyword", printable(part.keyword)},
                       {"value", printable(part.value)},
                       {"disposition", disposition_name(part.disposition.value_or(rework_.disposition))}});
    }
    std::string extra =
        as_member("by", json_text(rework_.by)) + as_member("reason", json_text(rework_.reason)) +
        as_member("label", json_text(holder_.label)) + as_member("parts", json::serialize(parts));
    if (work_ && ends_work) {
      extra += as_member("ends", std::to_string(work_->station_seq)) +
               as_member("ends_at", json_text(work_->station));
    }
    auto appended = ledger_.append(printable(rework_.station.id), {.kind = std::move(kind),
                                                                   .unit = holder_.unit,
                                                                   .visit = *number,
                                                                   .changes = changes_,
                                                                   .extra = extra});
    if (!appended) return Failure(appended.error());
    return {};
  }

  Ledger& ledger_;
  const Rework& rework_;
  Holder holder_;
  std::vector<Claim> held_;
  std::optional<Work> work_;
  std::vector<Change> changes_;
};

Result<std::string> write_resolution(Ledger& ledger, const Rework& rework) {
  const auto holder = one_unit(ledger, rework.who);
  if (!holder) return Failure(holder.error());
  auto work = ledger.work_of(holder->unit);
  if (!work) return Failure(work.error());
  const std::string who = printable(rework.who);
  if (!work->has_value()) return fail("nothing is open at this unit", who, "there is nothing to resolve");
  if ((*work)->state != "open" && (*work)->state != "pending") {
    return fail("its burn has failed already", who, "reboot it and check it at post-burn, or burn it again");
  }
  const bool burn = (*work)->kind == "burn";
  (*work)->state = "failed";
  if (auto ended = burn ? ledger.put_work(**work) : ledger.remove_work(holder->unit); !ended) {
    return Failure(ended.error());
  }
  auto appended = ledger.append(
      printable(rework.station.id),
      {.kind = "resolve",
       .unit = holder->unit,
       .visit = 0,
       .changes = {},
       .stage = (*work)->stage,
       .outcome = {},
       .extra = as_member("stage", json_text((*work)->stage)) +
                as_member("ends", std::to_string((*work)->station_seq)) +
                as_member("ends_at", json_text((*work)->station)) + as_member("by", json_text(rework.by)) +
                as_member("reason", json_text(rework.reason))});
  if (!appended) return Failure(appended.error());
  return "resolved: the " + (*work)->kind + " of " + called(*holder) + " at " + (*work)->station + " (" +
         (*work)->since + "); " +
         (burn ? "what it wrote is not known: reboot and check at post-burn, or burn again"
               : "the stage " + (*work)->stage + " was not passed: run it again");
}

}  // namespace

std::string_view disposition_name(Disposition disposition) {
  return kDispositions.at(static_cast<std::size_t>(disposition));
}

std::optional<Disposition> find_disposition(std::string_view name) {
  const auto found = std::ranges::find(kDispositions, name);
  if (found == kDispositions.end()) return std::nullopt;
  return static_cast<Disposition>(found - kDispositions.begin());
}

Result<std::string> Registry::resolve(const Rework& rework) {
  return transact<std::string>([&](Ledger& ledger) { return write_resolution(ledger, rework); });
}

Result<std::string> Registry::replace(const Rework& rework) {
  return transact<std::string>([&](Ledger& ledger) { return Reworking(ledger, rework).replace(); });
}

Result<std::string> Registry::retire(const Rework& rework) {
  return transact<std::string>([&](Ledger& ledger) { return Reworking(ledger, rework).retire(); });
}

}  // namespace dmigate::gate
