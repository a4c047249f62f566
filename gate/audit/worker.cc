#include "gate/audit/worker.h"

#include <algorithm>
#include <utility>

#include "gate/audit/foreign.h"
#include "gate/audit/read_file.h"

namespace dmigate::gate::audit {

Worker::Worker(const Request& request, const UniqueHash& hash, Order& order, Queue& queue, Spill& spill,
               std::uint16_t index, Keys& keys, std::atomic<std::uint64_t>& done)
    : request_(request),
      order_(order),
      queue_(queue),
      spill_(spill),
      index_(index),
      keys_(keys),
      done_(done),
      judging_(request, hash) {}

void Worker::run() {
  while (auto task = queue_.take()) {
    work_on(*task);
    queue_.done();
  }
}

bool Worker::is_ended() const {
  return request_.stop != nullptr && request_.stop->load(std::memory_order_relaxed);
}

void Worker::work_on(Task& task) {
  begin(task.stretch);
  for (const Item& each : task.items) {
    if (is_ended()) break;
    item(task, each);
  }
  for (Entry& each : task.entries) {
    if (is_ended()) break;
    entry(each);
  }
  end();
}

void Worker::begin(std::uint32_t stretch) {
  stretch_ = stretch;
  records_ = 0;
  encoded_.clear();
}

void Worker::end() {
  order_.fill(stretch_, {.offset = spill_.append(encoded_),
                         .bytes = static_cast<std::uint32_t>(encoded_.size()),
                         .records = static_cast<std::uint16_t>(records_),
                         .spill = index_});
}

void Worker::keep(const Record& record) {
  const std::uint32_t unit = Order::provisional(stretch_, records_++);
  std::uint16_t slot = 0;
  for (const UniqueKey& key : judging_.keys()) keys_.add(key, unit, slot++);
  encode(record, encoded_);
  done_.fetch_add(1, std::memory_order_relaxed);
}

void Worker::item(const Task& task, const Item& item) {
  const char* path = task.text(item.path);
  switch (item.kind) {
    case ItemKind::kFile:
      return file(path, false);
    case ItemKind::kStream:
      return file(path, true);
    case ItemKind::kUnitFolder:
      return unit_folder(path);
    case ItemKind::kTrouble:
      return keep(judging_.trouble(Error{.what = task.text(item.why)}, path));
    case ItemKind::kOther:
      return keep(judging_.other(task.text(item.why), path));
  }
}

void Worker::file(const char* path, bool stream) {
  auto opened = open_to_read(path);
  if (!opened) return keep(judging_.trouble(opened.error(), path));
  std::size_t size = 0;
  auto read = read_on(opened->get(), buffer_, size, kMostBytes + 1, request_.stop);
  if (read && size <= kMostBytes && !stream) read = check_size(opened->get(), size);
  if (!read) return keep(judging_.trouble(read.error(), path));
  if (size > kMostBytes) return keep(judging_.other("larger than 64 MiB: no SMBIOS table", path));
  content(smbios::Bytes(buffer_).first(size), path);
}

void Worker::unit_folder(const std::string& path) { judged(read_evidence(path), {}, path); }

void Worker::content(smbios::Bytes bytes, std::string_view path) {
  judged(read_evidence(bytes, {}), bytes, path);
}

void Worker::judged(Result<Evidence> evidence, smbios::Bytes bytes, std::string_view path) {
  if (evidence) {
    if (request_.table_only) evidence->hardware = {};
    return keep(judging_.judge(*evidence, path));
  }
  const std::string_view other = bytes.empty() ? std::string_view() : what_else(bytes);
  keep(other.empty() ? judging_.trouble(evidence.error(), path) : judging_.other(other, path));
}

void Worker::entry(Entry& entry) {
  if (!entry.why.empty()) {
    return keep(entry.other ? judging_.other(entry.why, entry.path)
                            : judging_.trouble(Error{.what = entry.why}, entry.path));
  }
  content(entry.bytes, entry.path);
}

}  // namespace dmigate::gate::audit
