#include "gate/audit/work.h"

#include <utility>

namespace dmigate::gate::audit {
namespace {

constexpr std::size_t kTypical = 4096;                   // bytes of a dump
constexpr std::size_t kMostRoom = std::size_t{2} << 20;  // of a task that is used again

}  // namespace

std::uint32_t Task::add_text(std::string_view text) {
  const auto at = static_cast<std::uint32_t>(texts.size());
  texts.append(text).push_back('\0');
  return at;
}

void Task::add(Entry& entry) {
  const smbios::Bytes held = entry.content();
  bytes += held.size() + entry.entry_point.size();
  if (entry.is_plain()) {
    if (content.empty()) content.reserve(kPerStretch * kTypical);
    packed.push_back({.path = add_text(entry.path),
                      .offset = static_cast<std::uint32_t>(content.size()),
                      .size = static_cast<std::uint32_t>(held.size())});
    content.insert(content.end(), held.begin(), held.end());
  } else {
    packed.push_back({.entry = static_cast<std::uint32_t>(entries.size())});
    entries.push_back(std::move(entry));
  }
}

void Task::clear() {
  items.clear();
  texts.clear();
  packed.clear();
  content.clear();
  entries.clear();
  bytes = 0;
}

std::uint32_t Order::append() {
  const std::lock_guard lock(mutex_);
  const auto made = static_cast<std::uint32_t>(stretches_.size());
  stretches_.push_back({.next = kEnd});
  if (last_ != kEnd) stretches_[last_].next = made;
  last_ = made;
  return made;
}

std::uint32_t Order::insert_after(std::uint32_t other) {
  const std::lock_guard lock(mutex_);
  const auto made = static_cast<std::uint32_t>(stretches_.size());
  stretches_.push_back({.next = stretches_[other].next});
  stretches_[other].next = made;
  if (last_ == other) last_ = made;
  return made;
}

void Order::fill(std::uint32_t which, const Stretch& with) {
  const std::lock_guard lock(mutex_);
  Stretch& stretch = stretches_[which];
  const std::uint32_t next = stretch.next;
  stretch = with;
  stretch.next = next;
}

std::uint64_t Order::number_all() {
  std::uint64_t units = 0;
  for (std::uint32_t which = first(); which != kEnd; which = stretches_[which].next) {
    stretches_[which].first = static_cast<std::uint32_t>(units);
    units += stretches_[which].records;
  }
  return units;
}

bool Queue::put_items(Task task) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return ended_ || items_.size() < kMostItemTasks; });
  if (ended_) {
    dropped_ = true;
    return false;
  }
  items_.push_back(std::move(task));
  changed_.notify_one();
  return true;
}

void Queue::no_more_items() {
  const std::lock_guard lock(mutex_);
  all_items_ = true;
  changed_.notify_all();
}

void Queue::give_back(Task task) {
  const std::lock_guard lock(mutex_);
  dropped_ = dropped_ || ended_;
  if (ended_) return;
  items_.push_front(std::move(task));
  changed_.notify_one();
}

bool Queue::give_to_idle(Task& task) {
  const std::lock_guard lock(mutex_);
  dropped_ = dropped_ || ended_;
  if (ended_) return true;
  if (waiting_ <= entries_.size()) return false;
  entries_.push_back(std::move(task));
  changed_.notify_one();
  return true;
}

void Queue::put_archive(std::shared_ptr<OpenArchive> archive) {
  const std::lock_guard lock(mutex_);
  dropped_ = dropped_ || ended_;
  if (ended_) return;
  entries_.push_front({.archive = std::move(archive)});
  changed_.notify_one();
}

std::optional<Task> Queue::take() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.wait(
      lock, [&] { return ended_ || !entries_.empty() || !items_.empty() || (all_items_ && working_ == 0); });
  --waiting_;
  if (ended_ || (entries_.empty() && items_.empty())) return std::nullopt;
  std::deque<Task>& from = entries_.empty() ? items_ : entries_;
  Task task = std::move(from.front());
  from.pop_front();
  ++working_;
  room_.notify_one();
  return task;
}

void Queue::done() {
  const std::lock_guard lock(mutex_);
  if (--working_ == 0) changed_.notify_all();
}

void Queue::put_spare(Task task) {
  if (task.content.capacity() == 0 || task.content.capacity() > kMostRoom) return;
  task.clear();
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(task));
}

Task Queue::take_spare() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  Task task = std::move(spare_.back());
  spare_.pop_back();
  return task;
}

void Queue::drop() {
  const std::lock_guard lock(mutex_);
  dropped_ = true;
}

void Queue::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  dropped_ = dropped_ || !all_items_ || !items_.empty() || !entries_.empty();
  items_.clear();
  entries_.clear();
  changed_.notify_all();
  room_.notify_all();
}

bool Queue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace dmigate::gate::audit
