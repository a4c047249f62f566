#include "gate/audit/audit.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gate/audit/duplicates.h"
#include "gate/audit/telling.h"
#include "gate/audit/walk.h"
#include "gate/audit/work.h"
#include "gate/audit/worker.h"
#include "gate/registry/batch.h"

namespace dmigate::gate::audit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetweenLooks{200};  // at progress, and at whether to end
constexpr std::size_t kStretchesAtOnce = 16;             // that are told, and asked of a registry
constexpr unsigned kMostTellers = 8;                     // threads that render: one writes at a time

// Threads, and the wait for them.
class Crew {
 public:
  template <typename Work>
  void start(Work work) {
    const std::lock_guard lock(mutex_);
    ++running_;
    threads_.emplace_back([this, work] {
      work();
      const std::lock_guard ended(mutex_);
      --running_;
      changed_.notify_all();
    });
  }
  template <typename Look>
  void wait(Look look) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kBetweenLooks, [this] { return running_ == 0; })) look();
    lock.unlock();
    threads_.clear();  // joins them
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned running_ = 0;
  std::vector<std::jthread> threads_;
};

class Audit {
 public:
  explicit Audit(const Request& request)
      : request_(request),
        collector_(request),
        run_{.station = request.station, .by = request.station.operator_name} {
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    jobs_ = std::clamp(request.jobs == 0 ? processors : request.jobs, 1U, 256U);
  }

  Result<Summary> run() {
    open_reports();
    if (auto done = look_at_all(); !done) return Failure(done.error());
    order_.number_all();
    duplicates_.find(
        keys_, [this](std::uint32_t unit) { return order_.number(unit); }, jobs_);
    if (auto told = tell_all(); !told) return Failure(told.error());
    return finish();
  }

 private:
  void open_reports() {
    add_report(request_.csv, csv_report(request_.language));
    add_report(request_.jsonl, jsonl_report());
    add_report(request_.html, html_report(request_.language));
  }

  void add_report(const std::string& path, std::unique_ptr<Report> report) {
    if (path.empty()) return;
    if (auto opened = report->file.open(path, report->beginning()); !opened) {
      unwritten_.push_back(opened.error());
    } else {
      report_paths_.push_back(path);
      reports_.push_back(std::move(report));
    }
  }

  // The first half: everything is read and judged.
  Result<void> look_at_all() {
    spills_ = std::vector<Spill>(jobs_);
    keys_ = std::vector<Keys>(jobs_);
    for (Spill& spill : spills_) {
      if (auto opened = spill.open(request_.temporary_folder); !opened) return opened;
    }
    const UniqueHash hash;
    ArchiveLibrary library;
    Counters counters;
    const Shared shared{request_, hash, library, order_, queue_, counters};
    std::vector<std::string> own;
    for (std::size_t i = 0; i < reports_.size(); ++i) {
      own.push_back(report_paths_[i]);
      own.push_back(reports_[i]->file.beside());
    }
    Walker walker(order_, queue_, request_.stop, own);
    Crew crew;
    crew.start([&] { walker.run(request_.paths, request_.list); });
    for (unsigned i = 0; i < jobs_; ++i) {
      crew.start([&, i] { Worker(shared, spills_[i], static_cast<std::uint16_t>(i), keys_[i]).run(); });
    }
    crew.wait([&] { look(walker, counters); });
    partial_ = walker.stopped() || queue_.dropped();
    for (Spill& spill : spills_) {
      if (auto flushed = spill.flush(); !flushed) return flushed;
    }
    return {};
  }

  [[nodiscard]] bool is_ended() const { return request_.stop != nullptr && request_.stop->load(); }

  void look(const Walker& walker, const Counters& counters) {
    if (is_ended()) return queue_.end();
    if (!request_.progress) return;
    Progress progress{.done = counters.records, .part = {}, .taken = Clock::now() - began_};
    const auto part = [](std::uint64_t done, std::uint64_t all) {
      return std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
    };
    if (counters.archive_bytes > 0) {
      progress.part = part(counters.archive_read, counters.archive_bytes);
    } else if (walker.finished() && walker.found() > 0) {
      progress.part = part(counters.items, walker.found());
    }
    request_.progress(progress);
  }

  // The second: unit by unit in their order, with what each shares with others, and what the registry knows.
  Result<void> tell_all() { return request_.registry == nullptr ? tell_by_many() : tell_with_registry(); }

  struct Some {
    std::uint32_t first = 0;           // number of the first unit
    std::vector<std::string> records;  // of some stretches
  };

  // The stretches from `which` on, which is moved behind them.
  std::vector<std::uint32_t> take_stretches(std::uint32_t& which) const {
    std::vector<std::uint32_t> taken;
    for (; which != Order::kEnd && taken.size() < kStretchesAtOnce; which = order_.at(which).next) {
      if (order_.at(which).records > 0) taken.push_back(which);
    }
    return taken;
  }

  Result<Some> read(const std::vector<std::uint32_t>& stretches) const {
    Some some;
    if (!stretches.empty()) some.first = order_.at(stretches.front()).first;
    for (const std::uint32_t which : stretches) {
      const Stretch& stretch = order_.at(which);
      std::string& bytes = some.records.emplace_back();
      if (auto read = spills_[stretch.spill].read(stretch.offset, stretch.bytes, bytes); !read)
        return Failure(read.error());
    }
    return some;
  }

  // Each thread renders some units, and gives them to the reports when all before them were given.
  Result<void> tell_by_many() {
    std::mutex mutex;
    std::condition_variable turn;
    std::uint64_t taken = 0, given = 0;
    std::uint32_t which = order_.first();
    std::optional<Error> failed;
    const auto work = [&] {
      Teller teller(request_, duplicates_, reports_);
      std::unique_lock lock(mutex);
      while (which != Order::kEnd && !failed) {
        const std::uint64_t number = taken++;
        const auto stretches = take_stretches(which);
        lock.unlock();
        const auto some = read(stretches);
        if (some) tell_some(*some, {}, teller);
        lock.lock();
        turn.wait(lock, [&] { return failed || given == number; });
        if (failed) return;
        if (some) {
          lock.unlock();
          teller.give(collector_);
          lock.lock();
        } else {
          failed = some.error();
        }
        ++given;
        turn.notify_all();
      }
    };
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < std::min(jobs_, kMostTellers); ++i) threads.emplace_back(work);
    work();
    threads.clear();
    if (failed) return Failure(*failed);
    return {};
  }

  static void tell_some(const Some& some, std::span<const BatchFindings> known, Teller& teller) {
    teller.begin(some.first);
    for (const std::string& records : some.records) {
      const std::size_t told = teller.tell(records, known);
      if (!known.empty()) known = known.subspan(told);
    }
  }

  // It is asked of many units at once.
  Result<void> tell_with_registry() {
    const bool ended = is_ended();  // then all that was done is told
    Teller teller(request_, duplicates_, reports_);
    for (std::uint32_t which = order_.first(); which != Order::kEnd;) {
      const auto some = read(take_stretches(which));
      if (!some) return Failure(some.error());
      if (!ended && is_ended()) {
        partial_ = true;
        return {};
      }
      const auto known = ask_registry(some->records);
      if (!known) return Failure(known.error());
      tell_some(*some, *known, teller);
      teller.give(collector_);
    }
    return {};
  }

  // What is known against each of the records. Where it does not answer any more, that is what is said.
  Result<std::vector<BatchFindings>> ask_registry(const std::vector<std::string>& some) {
    std::vector<BatchUnit> units;
    for (const std::string& bytes : some) {
      RecordReader reader(bytes);
      for (Record record; reader.next(record);) units.push_back(batch_unit(record));
    }
    if (!lost_) {
      auto known = request_.claim ? request_.registry->claim_batch(units, run_)
                                  : request_.registry->ask_batch(units, run_);
      if (known || known.error().kind == ErrorKind::kConfiguration) return known;
      lost_ = known.error();
    }
    std::vector<BatchFindings> nothing(units.size());
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (units[i].profile != nullptr)
        nothing[i].push_back(
            {.say = Say::kRegistryFailed,
             .unjudged = true,
             .details = {{"detail", printable(lost_->to_string())}, {"cure", printable(lost_->advice)}}});
    }
    return nothing;
  }

  [[nodiscard]] BatchUnit batch_unit(const Record& record) const {
    BatchUnit unit{.path = record.path,
                   .profile = profile_of(request_, record),
                   .values = {},
                   .witnesses = {},
                   .cards_known = record.cards_known,
                   .claims = !record.enforced};
    for (const Shown& value : record.values) {
      if (value.witness) {
        unit.witnesses.push_back(
            {std::string(value.keyword), std::string(value.key), std::string(value.value)});
      } else {
        unit.values.push_back({.keyword = std::string(value.keyword),
                               .scope = std::string(value.scope),
                               .key = std::string(value.key),
                               .shown = std::string(value.value),
                               .second = value.second});
      }
    }
    return unit;
  }

  Summary finish() {
    Summary summary = collector_.finish();
    summary.groups = duplicates_.groups();
    summary.partial = partial_;
    for (const std::string& path : request_.paths) summary.paths.push_back(printable(path));
    summary.asked = request_.registry != nullptr;
    summary.claimed = request_.claim;
    summary.units_claimed = run_.units;
    summary.values_claimed = run_.values;
    summary.registry_lost = lost_;
    for (std::size_t i = 0; i < reports_.size(); ++i) {
      reports_[i]->finish(summary);
      if (auto finished = reports_[i]->file.finish(); !finished) {
        unwritten_.push_back(finished.error());
      } else {
        summary.written.push_back(report_paths_[i]);
      }
    }
    summary.unwritten = std::move(unwritten_);
    summary.taken = Clock::now() - began_;
    return summary;
  }

  const Request& request_;
  Clock::time_point began_ = Clock::now();
  unsigned jobs_ = 1;
  Order order_;
  Queue queue_;
  std::vector<Spill> spills_;
  std::vector<Keys> keys_;
  Duplicates duplicates_;
  Collector collector_;
  BatchRun run_;
  std::optional<Error> lost_;  // why the registry does not answer any more
  std::vector<std::string> report_paths_;
  std::vector<std::unique_ptr<Report>> reports_;
  std::vector<Error> unwritten_;
  bool partial_ = false;
};

}  // namespace

Result<Summary> audit(const Request& request) { return Audit(request).run(); }

}  // namespace dmigate::gate::audit
