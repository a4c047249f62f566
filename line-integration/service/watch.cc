#include "line-integration/service/watch.h"

#include <algorithm>
#include <boost/json.hpp>

namespace dmigate::service {
namespace {

constexpr std::chrono::milliseconds kEvery(1000);  // what others write is looked for
constexpr std::chrono::milliseconds kPause(50);    // between two looks, however much is recorded here
constexpr std::int64_t kPage = 500;

}  // namespace

Watch::Watch(OpenRegistries& registries, gate::Surroundings surroundings, Figures& figures, Hub& hub)
    : registries_(registries),
      surroundings_(std::move(surroundings)),
      figures_(figures),
      hub_(hub),
      thread_([this] { serve(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  there_.notify_all();
  thread_.join();
}

void Watch::look() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  there_.notify_one();
}

void Watch::serve() {
  OpenRegistries::Held held;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    reads_ = registries_.open(held) && read(*held.registry);
    if (!reads_) held = {};
    lock.lock();
    there_.wait_for(lock, kPause, [this] { return ending_; });
    there_.wait_for(lock, kEvery, [this] { return ending_ || asked_; });
    asked_ = false;
  }
}

Result<void> Watch::read(gate::Registry& registry) {
  midnight_ = midnight_of(surroundings_.now());
  figures_.begin_day(midnight_);
  const auto heads = registry.heads();
  if (!heads) return Failure(heads.error());
  reads_ = true;
  if (!figures_.may_be_of(*heads)) {  // of another registry, which was put here
    figures_.forget();
    caught_up_ = false;
  }
  for (const gate::Head& head : *heads) {
    if (auto read = read_station(registry, head); !read) return read;
  }
  caught_up_ = true;
  return {};
}

// The number of the last record before the day: records of one station follow each other in time, as far as
// its clock does.
Result<std::int64_t> Watch::before_midnight(gate::Registry& registry, const gate::Head& head) {
  const std::string midnight = gate::utc_text(midnight_);
  std::int64_t before = 0,
               from = head.seq;  // the day begins behind `before`, and at `from` + 1 at the latest
  while (before < from) {
    const std::int64_t middle = before + (from - before) / 2;
    const auto row = registry.journal(head.station, middle, 1);
    if (!row) return Failure(row.error());
    if (row->empty() || row->front().time >= midnight) {
      from = middle;
    } else {
      before = middle + 1;
    }
  }
  return before;
}

Result<void> Watch::read_station(gate::Registry& registry, const gate::Head& head) {
  std::int64_t last = figures_.last_of(head.station);
  if (last < 0) {
    const auto before = before_midnight(registry, head);
    if (!before) return Failure(before.error());
    // Of a station that was silent today, the last record: when it was heard.
    last = std::min(*before, head.seq - 1);
    figures_.skip_to(head.station, last);
  }
  while (last < head.seq) {
    const auto rows = registry.journal(head.station, last, kPage);
    if (!rows) return Failure(rows.error());
    if (rows->empty()) return {};
    for (const gate::JournalRow& row : *rows) {
      last = row.seq;
      boost::system::error_code error;
      boost::json::value value;
      if (!row.outcome.empty()) value = boost::json::parse(row.body, error);  // others are of no unit's visit
      const boost::json::object none, *record = error ? nullptr : value.if_object();
      const auto happening = figures_.add(row, record == nullptr ? none : *record, midnight_);
      if (happening && caught_up_) {
        hub_.publish(happening->station, happening->id, "record", boost::json::serialize(happening->told));
      }
    }
  }
  return {};
}

}  // namespace dmigate::service
