#include "gate/audit/audit.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gate/audit/duplicates.h"
#include "gate/audit/report.h"
#include "gate/audit/walk.h"
#include "gate/audit/work.h"
#include "gate/audit/worker.h"

namespace dmigate::gate::audit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetweenLooks{200};  // at progress, and at whether to end

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
  explicit Audit(const Request& request) : request_(request), collector_(request) {
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
    if (auto opened = report->file.open(path); !opened) {
      unwritten_.push_back(opened.error());
    } else {
      reports_.emplace_back(path, std::move(report));
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
    for (const auto& [path, report] : reports_) {
      own.push_back(path);
      own.push_back(report->file.beside());
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

  // The second: unit by unit in their order, with what each shares with others.
  Result<void> tell_all() {
    std::string bytes;
    std::uint32_t number = 0;
    auto member = duplicates_.members().begin();
    for (std::uint32_t which = order_.first(); which != Order::kEnd; which = order_.at(which).next) {
      const Stretch& stretch = order_.at(which);
      if (stretch.records == 0) continue;
      if (auto read = spills_[stretch.spill].read(stretch.offset, stretch.bytes, bytes); !read) return read;
      RecordReader reader(bytes);
      for (Record record; reader.next(record); ++number) tell(record, number, member);
    }
    return {};
  }

  void tell(const Record& record, std::uint32_t number, std::vector<Member>::const_iterator& member) {
    shared_.clear();
    for (; member != duplicates_.members().end() && member->unit == number; ++member) {
      const Shown& value = record.values[member->slot];
      shared_.push_back({value.keyword, value.value, member->group, duplicates_.size(member->group)});
    }
    Unit unit{
        .record = record, .outcome = record.outcome, .enforced = record.enforced, .duplicates = shared_};
    if (record.model < request_.profiles.size()) unit.profile = &request_.profiles[record.model];
    if (!shared_.empty()) {
      Outcome& judged = unit.enforced ? *unit.enforced : unit.outcome;
      if (judged == Outcome::kPass) judged = Outcome::kFail;
    }
    collector_.add(unit);
    for (auto& [path, report] : reports_) report->add(unit);
  }

  Summary finish() {
    Summary summary = collector_.finish();
    summary.groups = duplicates_.groups();
    summary.partial = partial_;
    for (auto& [path, report] : reports_) {
      report->finish(summary);
      if (auto finished = report->file.finish(); !finished) {
        unwritten_.push_back(finished.error());
      } else {
        summary.written.push_back(path);
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
  std::vector<Duplicate> shared_;  // of the unit that is told
  std::vector<std::pair<std::string, std::unique_ptr<Report>>> reports_;
  std::vector<Error> unwritten_;
  bool partial_ = false;
};

}  // namespace

Result<Summary> audit(const Request& request) { return Audit(request).run(); }

}  // namespace dmigate::gate::audit
