// registry import: units that were never at a station, all of a file or none.
#include "gate/registry/import.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <future>
#include <set>
#include <system_error>

#include "gate/registry/recording.h"
#include "gate/registry/traits.h"
#include "gate/registry/transaction.h"
#include "gate/registry/unit_lines.h"

namespace dmigate::gate {
namespace {

// A file that is read from its beginning more than once, and whose content is known by its hash.
class File {
 public:
  explicit File(std::string path) : path_(std::move(path)) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Result<void> open() {
    struct stat status {};
    file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0 || ::fstat(file_, &status) != 0) return failed("cannot be opened: " + cause());
    if (!S_ISREG(status.st_mode)) return fail("this is no file", path_, "units are imported from a file");
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
  }

  Result<void> rewind() {
    hash_ = std::make_unique<Sha256Stream>();
    done_ = 0;
    if (::lseek(file_, 0, SEEK_SET) != 0) return failed("cannot be read: " + cause());
    return {};
  }

  Result<std::size_t> read(std::span<char> into) {
    ssize_t got = -1;
    do {
      got = ::read(file_, into.data(), into.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return Failure(failed("cannot be read: " + cause()).error());
    const auto count = static_cast<std::size_t>(got);
    hash_->add({into.data(), count});
    done_ += count;
    return count;
  }

  std::string hash() { return to_hex(hash_->finish()); }  ///< after its end was read
  [[nodiscard]] unsigned percent() const {
    return size_ == 0 ? 100 : static_cast<unsigned>(std::min<std::uint64_t>(done_ * 100 / size_, 100));
  }

 private:
  static std::string cause() { return std::generic_category().message(errno); }
  [[nodiscard]] Result<void> failed(std::string what) const {
    return fail(std::move(what), path_, "check the path and who may read it");
  }

  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0, done_ = 0;
  std::unique_ptr<Sha256Stream> hash_;
};

// On which line each value stands, by its id: sixteen of its bytes, which no two of any number of values
// share.
class LinesOfIds {
 public:
  // The line on which it stands already; 0: on none, and now on `line`.
  std::uint64_t put(const Blob& id, std::uint64_t line) {
    if (2 * count_ >= slots_.size()) grow();
    Slot wanted{};
    std::memcpy(wanted.id.data(), id.data(), std::min(id.size(), sizeof wanted.id));
    Slot& slot = find(wanted);
    if (slot.line != 0) return slot.line;
    slot = wanted;
    slot.line = static_cast<std::uint32_t>(line);
    ++count_;
    return 0;
  }

 private:
  struct Slot {
    std::array<std::uint32_t, 4> id;
    std::uint32_t line;  // 0: free
  };

  Slot& find(const Slot& wanted) {
    std::size_t at = wanted.id[0] | std::uint64_t{wanted.id[1]} << 32U;
    for (;; ++at) {
      Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.line == 0 || slot.id == wanted.id) return slot;
    }
  }

  void grow() {
    constexpr std::size_t kFirst = 1024;
    std::vector<Slot> old(std::max(kFirst, 2 * slots_.size()));
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.line != 0) find(slot) = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

// The change that leaves a claim in its state.
std::string_view change_to(const Claim& claim) {
  if (claim.state == "reserved") return "reserve";
  if (claim.state == "active") return "claim";
  return claim.disposition.empty() ? "retire" : std::string_view(claim.disposition);
}

// One reading of the file, inside the caller's transaction.
class Importing {
 public:
  Importing(Ledger& ledger, const ImportRequest& request, File& file, ImportReport& report)
      : ledger_(ledger), request_(request), file_(file), report_(report) {}

  // Looks for what is wrong, and, where `ids` makes ids for new units, writes until something is. What was
  // read is written by another thread while the next lines are read.
  Result<void> run(IdSequence* ids) {
    if (auto rewound = file_.rewind(); !rewound) return rewound;
    auto had_any = ledger_.has_units();
    if (!had_any) return Failure(had_any.error());
    had_any_ = *had_any;
    ByteStream bytes([this](std::span<char> into) { return file_.read(into); });
    auto reader = read_units(bytes, request_, ledger_.now());
    if (!reader) return Failure(reader.error());
    const bool anew = ids != nullptr && !had_any_;
    if (auto dropped = anew ? ledger_.drop_indexes() : Result<void>(); !dropped) return dropped;
    for (bool more = true; more;) {
      auto read = read_some(**reader);
      if (!read) return Failure(read.error());
      more = *read;
      if (auto done = take_lines(ids); !done) return done;
      if (request_.progress) request_.progress(report_.units, file_.percent());
    }
    if (auto written = written_so_far(); !written) return written;
    if (report_.units == 0 && report_.clean()) {
      return fail("there is no unit in it", request_.file, "give the file that was exported");
    }
    if (file_.hash() != report_.sha256) {
      return fail("the file was changed while it was read", request_.file,
                  "let it be written first, then import it");
    }
    return anew && report_.clean() ? ledger_.make_indexes() : Result<void>();
  }

 private:
  static constexpr std::size_t kAtOnce = 1024;

  Result<bool> read_some(UnitReader& reader) {
    lines_.clear();
    while (lines_.size() < kAtOnce) {
      UnitLine line;
      auto more = reader.next(line);
      if (!more || !*more) return more;
      if (line.line >= UINT32_MAX) return fail("the file has too many lines", request_.file, "split it");
      for (RefusedLine& refused : line.refused) {
        ++report_.refused_count;
        if (report_.refused.size() < ImportReport::kMostListed) report_.refused.push_back(std::move(refused));
      }
      if (!line.refused.empty()) continue;
      ++report_.units;
      report_.claims += line.unit.claims.size();
      lines_.push_back(std::move(line));
    }
    return true;
  }

  void conflict(ImportConflict conflict) {
    ++report_.conflict_count;
    if (report_.conflicts.size() < ImportReport::kMostListed)
      report_.conflicts.push_back(std::move(conflict));
  }

  // Nothing but written_so_far() waits for the other thread, and before it nothing here may ask the database.
  Result<void> take_lines(IdSequence* ids) {
    find_repeated();
    std::vector<LinkedRecord> records;
    if (ids != nullptr && report_.clean()) {
      auto linked = link(*ids);
      if (!linked) return Failure(linked.error());
      records = *std::move(linked);
    }
    if (auto written = written_so_far(); !written) return written;
    if (had_any_) {
      if (auto asked = ask_for_units(); !asked) return asked;
      if (auto asked = ask_for_claims(fresh_); !asked) return asked;
    }
    if (records.empty() || !report_.clean()) return {};
    std::vector<KnownUnit> units;
    for (UnitLine& line : lines_) units.push_back(std::move(line.unit));
    writing_ =
        std::async([this, written_units = std::move(units), written_records = std::move(records)]() mutable {
          auto added = ledger_.add_units(std::move(written_units));
          return added ? ledger_.write(std::move(written_records)) : added;
        });
    return {};
  }

  Result<void> written_so_far() { return writing_.valid() ? writing_.get() : Result<void>(); }

  // Values that an earlier line has. Of those that stand twice the first is looked up in the registry.
  void find_repeated() {
    fresh_.clear();
    for (const UnitLine& line : lines_) {
      if (!line.unit.id.empty()) {
        const Sha256 id = sha256("unit\n" + line.unit.id);
        if (const auto other = values_.put(Blob(id.begin(), id.end()), line.line); other != 0) {
          conflict({.line = line.line, .keyword = "unit", .shown = line.unit.id, .other_line = other});
        }
      }
      for (const Claim& claim : line.unit.claims) {
        if (const auto other = values_.put(claim.id, line.line); other != 0) {
          conflict({.line = line.line, .keyword = claim.keyword, .shown = claim.shown, .other_line = other});
        } else {
          fresh_.emplace_back(&line, &claim);
        }
      }
    }
  }

  Result<void> ask_for_units() {
    std::vector<SqlValue> ids;
    for (const UnitLine& line : lines_) {
      if (line.named) ids.emplace_back(line.unit.id);
    }
    if (ids.empty()) return {};
    auto known = ledger_.units_with_ids(std::move(ids));
    if (!known) return Failure(known.error());
    for (const std::string& id : *known) {
      const auto line = std::ranges::find(lines_, id, [](const UnitLine& each) { return each.unit.id; });
      if (line != lines_.end())
        conflict({.line = line->line, .keyword = "unit", .shown = id, .holder = {.unit = id}});
    }
    return {};
  }

  Result<void> ask_for_claims(std::span<const std::pair<const UnitLine*, const Claim*>> claims) {
    constexpr std::size_t kIdsAtOnce = 512;
    while (!claims.empty()) {
      const auto some = claims.first(std::min(claims.size(), kIdsAtOnce));
      claims = claims.subspan(some.size());
      std::vector<SqlValue> ids;
      for (const auto& each : some) ids.emplace_back(each.second->id);
      auto held = ledger_.claims_with_ids(std::move(ids));
      if (!held) return Failure(held.error());
      for (const auto& [line, claim] : some) {
        const auto holding = std::ranges::find(*held, claim->id, &Claim::id);
        if (holding == held->end()) continue;
        conflict({.line = line->line,
                  .keyword = claim->keyword,
                  .shown = claim->shown,
                  .holder = holding->holder,
                  .state = holding->state});
      }
    }
    return {};
  }

  Result<std::vector<LinkedRecord>> link(IdSequence& ids) {
    std::vector<LinkedRecord> records;
    const std::string station = printable(request_.station.id);
    for (UnitLine& line : lines_) {
      if (auto seen = see_profile(line.profile, station); !seen) return Failure(seen.error());
      if (!line.named) line.unit.id = ids.next();
      auto record = ledger_.link(station, entry_of(line));
      if (!record) return Failure(record.error());
      records.push_back(*std::move(record));
    }
    return records;
  }

  // Each once. The first of all asks for the station's last record as well.
  Result<void> see_profile(const profiles::Profile* profile, const std::string& station) {
    if (!profiles_.insert(profile).second) return {};
    if (auto written = written_so_far(); !written) return written;
    if (auto last = ledger_.last_of(station); !last) return Failure(last.error());
    if (profile == nullptr) return {};
    return ledger_.see_profile(
        {.name = profile->name, .version = profile->version, .sha256 = to_hex(profile->sha256)}, station);
  }

  Entry entry_of(const UnitLine& line) {
    const KnownUnit& unit = line.unit;
    Entry entry{.kind = "import", .unit = unit.id};
    entry.changes.reserve(1 + unit.claims.size() + unit.seen.size());
    entry.changes.push_back({.op = "unit", .keyword = "model", .shown = unit.model});
    for (const Claim& claim : unit.claims) entry.changes.push_back(change_of(change_to(claim), claim));
    for (const Seen& seen : unit.seen)
      entry.changes.push_back(change_of(seen.witness ? "witness" : "see", seen));
    if (from_.empty()) {
      from_ = as_member("by", json_text(request_.by)) + as_member("reason", json_text(request_.reason)) +
              as_member("file", json_text(request_.file)) + as_member("sha256", json_text(report_.sha256));
    }
    entry.extra.reserve(from_.size() + line.more.size() + 64);
    entry.extra.append(from_).append(as_member("line", std::to_string(line.line)));
    entry.extra.append(as_member("since", json_text(unit.since))).append(line.more);
    return entry;
  }

  Ledger& ledger_;
  const ImportRequest& request_;
  File& file_;
  ImportReport& report_;
  bool had_any_ = true;  // whether the registry had units before
  LinesOfIds values_;
  std::vector<UnitLine> lines_;
  std::vector<std::pair<const UnitLine*, const Claim*>> fresh_;  // of lines_, that stand on no line before
  std::future<Result<void>> writing_;
  std::set<const profiles::Profile*> profiles_;
  std::string from_;  // what every record says of the import
};

// What the content is known by from then on.
Result<std::string> hash_of(File& file) {
  if (auto opened = file.open(); !opened) return Failure(opened.error());
  if (auto rewound = file.rewind(); !rewound) return Failure(rewound.error());
  std::vector<char> piece(1U << 16U);
  for (;;) {
    auto read = file.read(piece);
    if (!read) return Failure(read.error());
    if (*read == 0) return file.hash();
  }
}

}  // namespace

Result<ImportReport> Registry::import_units(const ImportRequest& request) {
  File file(request.file);
  auto hash = hash_of(file);
  if (!hash) return Failure(hash.error());
  ImportReport report;
  bool refused = false;
  sql_->expect_much();
  auto done = transact<std::string>([&](Ledger& ledger) -> Result<std::string> {
    report = {.sha256 = *hash};
    refused = false;
    IdSequence ids("u-", surroundings_);
    auto ran = Importing(ledger, request, file, report).run(&ids);
    if (!ran) return Failure(ran.error());
    // Failing takes back what was written before the line that is wrong.
    refused = !report.clean();
    if (refused) return fail({}, request.file);
    return std::string();
  });
  if (!done) sql_->settle();
  if (!done && !refused) return Failure(done.error());
  return report;
}

Result<ImportReport> Registry::check_import(const ImportRequest& request) {
  File file(request.file);
  auto hash = hash_of(file);
  if (!hash) return Failure(hash.error());
  Transaction snapshot(*sql_);
  if (auto begun = snapshot.begin_reading(); !begun) return Failure(begun.error());
  ImportReport report{.sha256 = *hash};
  Ledger ledger(*sql_, utc_text(surroundings_.now()));
  auto ran = Importing(ledger, request, file, report).run(nullptr);
  if (!ran) return Failure(ran.error());
  return report;
}

}  // namespace dmigate::gate
