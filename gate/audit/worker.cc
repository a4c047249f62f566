#include "gate/audit/worker.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "gate/audit/foreign.h"
#include "smbios/compressed.h"

namespace dmigate::gate::audit {
namespace {

constexpr std::size_t kLook = std::size_t{64}
                              << 10;  // bytes that tell an archive; most dumps are whole in it
constexpr std::size_t kTaskBytes = std::size_t{1}
                                   << 20;  // of entries that are given to another worker at once

// Whether what is compressed in a short file is an archive, and no single dump. What cannot be unpacked, or
// is too long for a table, libarchive is asked about.
bool packs_archive(smbios::Bytes file) {
  if (!smbios::is_compressed(file)) return true;
  const auto unpacked = smbios::decompress(file, kMostBytes);
  return !unpacked || is_archive(*unpacked);
}

// With its slash; empty where the path has none.
std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

// No table begins so (gate/evidence/evidence.h).
bool may_be_evidence(smbios::Bytes bytes) {
  const std::uint8_t first = smbios::ByteView(bytes).byte(0).value_or(0);
  return first == '{' || first == ' ' || first == '\t' || first == '\r' || first == '\n';
}

}  // namespace

struct Worker::Met {
  Descriptor file;
  std::vector<std::uint8_t> beginning;
};

// Read by one worker after the other.
struct OpenArchive {
  OpenArchive(Worker::Met met, const ArchiveApi& api, const char* path, std::uint32_t met_in,
              const Shared& shared)
      : file(std::move(met.file)),
        beginning(std::move(met.beginning)),
        archive(api, file.get(), beginning, path, shared.request.stop),
        stretch(met_in) {
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode))
      size = static_cast<std::uint64_t>(status.st_size);
    shared.counters.archive_bytes += size;
  }

  void tell_read(Counters& counters) {
    const std::uint64_t read = std::min(archive.bytes_read(), size);
    if (read != told) counters.archive_read += read - std::exchange(told, read);
  }
  void tell_end(Counters& counters) const {
    counters.archive_read += size - told;
    counters.items.fetch_add(1, std::memory_order_relaxed);
  }

  Descriptor file;
  std::vector<std::uint8_t> beginning;
  Archive archive;
  Entry entry = {};        // the last
  std::uint32_t stretch;   // the last of its stretches; at first the one that it was met in
  std::uint64_t size = 0;  // 0 where it is not known
  std::uint64_t told = 0;  // how much of it was read, as far as was told
};

Worker::Worker(const Shared& shared, Spill& spill, std::uint16_t index, Keys& keys)
    : shared_(shared), spill_(spill), index_(index), keys_(keys), judging_(shared.request, shared.hash) {}

void Worker::run() {
  while (auto task = shared_.queue.take()) {
    work_on(*task);
    shared_.queue.put_spare(*std::move(task));
    shared_.queue.done();
  }
}

bool Worker::is_ended() const {
  const auto* stop = shared_.request.stop;
  return stop != nullptr && stop->load(std::memory_order_relaxed);
}

void Worker::work_on(Task& task) {
  if (task.archive) return read_archive(std::move(task.archive));
  begin(task.stretch);
  if (!task.items.empty()) return items(task);
  for (const Packed& each : task.packed) {
    if (is_ended()) {
      shared_.queue.drop();
      break;
    }
    packed(task, each);
  }
  end();
}

// What stands behind an archive is for whoever comes first: this worker reads the archive.
void Worker::items(const Task& task) {
  std::optional<Met> met;
  const std::size_t done = do_items(task, met);
  shared_.counters.items.fetch_add(done, std::memory_order_relaxed);
  end();
  if (!met) return;
  give_back_after(task, done);
  archive(*met, task.text(task.items[done].path));
}

// How many were done: up to an archive, or to where the audit was ended.
std::size_t Worker::do_items(const Task& task, std::optional<Met>& met) {
  for (std::size_t i = 0; i < task.items.size(); ++i) {
    if (is_ended()) {
      shared_.queue.drop();
      return i;
    }
    enter(task, i);
    if (task.items[i].kind == ItemKind::kStream) count();  // it may be waited for
    if (auto found = item(task, task.items[i])) {
      met.emplace(*std::move(found));
      return i;
    }
  }
  return task.items.size();
}

// A folder of which several files follow one another is opened, so that each of them is found from there.
void Worker::enter(const Task& task, std::size_t item) {
  const auto folder_at = [&](std::size_t i) {
    return folder_of(i < task.items.size() ? task.text(task.items[i].path) : std::string_view());
  };
  const std::string_view folder = folder_at(item);
  if (folder.empty() || (folder_ && folder == folder_path_) || folder != folder_at(item + 1)) return;
  folder_path_ = folder;
  folder_.emplace(::open(folder_path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

Result<Descriptor> Worker::open(const char* path) const {
  const bool inside = folder_ && folder_->get() >= 0 && folder_of(path) == folder_path_;
  return inside ? open_to_read(folder_->get(), path + folder_path_.size()) : open_to_read(AT_FDCWD, path);
}

void Worker::give_back_after(const Task& task, std::size_t item) {
  const auto rest = std::span(task.items).subspan(item + 1);
  if (rest.empty()) return;
  shared_.queue.give_back({.stretch = shared_.order.insert_after(task.stretch),
                           .items = {rest.begin(), rest.end()},
                           .texts = task.texts});
}

void Worker::begin(std::uint32_t stretch) {
  stretch_ = stretch;
  records_ = counted_ = 0;
  encoded_.clear();
}

void Worker::end() {
  shared_.order.fill(stretch_, {.offset = spill_.append(encoded_),
                                .bytes = static_cast<std::uint32_t>(encoded_.size()),
                                .records = static_cast<std::uint16_t>(records_),
                                .spill = index_});
  count();
}

// Not each by itself: others count as well.
void Worker::count() {
  shared_.counters.records.fetch_add(records_ - std::exchange(counted_, records_), std::memory_order_relaxed);
}

// What was judged last.
void Worker::keep() {
  const std::uint32_t unit = Order::provisional(stretch_, records_++);
  std::uint16_t slot = 0;
  for (const UniqueKey& key : judging_.keys()) keys_.add(key, unit, slot++);
}

void Worker::trouble(const Error& error, std::string_view path) {
  judging_.trouble(error, path, encoded_);
  keep();
}

void Worker::other(std::string_view why, std::string_view path) {
  judging_.other(why, path, encoded_);
  keep();
}

// An archive that was met is not kept: it stands for what is in it.
std::optional<Worker::Met> Worker::item(const Task& task, const Item& item) {
  const char* path = task.text(item.path);
  switch (item.kind) {
    case ItemKind::kFile:
      return file(path, false);
    case ItemKind::kStream:
      return file(path, true);
    case ItemKind::kUnitFolder:
      judge(read_evidence(path), path);
      break;
    case ItemKind::kTrouble:
      trouble(Error{.what = task.text(item.why), .where = {}, .advice = {}}, path);
      break;
    case ItemKind::kOther:
      other(task.text(item.why), path);
      break;
  }
  return std::nullopt;
}

std::optional<Worker::Met> Worker::file(const char* path, bool stream) {
  auto opened = open(path);
  std::size_t size = 0;
  auto read = opened.and_then([&](const Descriptor& file) {
    return read_first(file.get(), buffer_, size, kLook, shared_.request.stop);
  });
  if (read && is_whole(opened->get(), size) && sibling(smbios::Bytes(buffer_).first(size), path))
    return std::nullopt;
  if (read) read = read_on(opened->get(), buffer_, size, kLook, shared_.request.stop);
  if (read) {
    const auto beginning = smbios::Bytes(buffer_).first(size);
    const bool whole = size < kLook;
    if (is_container(beginning) || (is_archive(beginning) && !(whole && !packs_archive(beginning))))
      return Met{*std::move(opened), {beginning.begin(), beginning.end()}};
    read = whole ? read : read_on(opened->get(), buffer_, size, kMostBytes + 1, shared_.request.stop);
  }
  if (read && size <= kMostBytes && !stream) read = check_size(opened->get(), size);
  if (!read && is_ended()) {
    shared_.queue.drop();
  } else if (!read) {
    trouble(read.error(), path);
  } else if (size > kMostBytes) {
    other("larger than 64 MiB: no SMBIOS table", path);
  } else {
    content(smbios::Bytes(buffer_).first(size), path);
  }
  return std::nullopt;
}

void Worker::archive(Met& met, const char* path) {
  auto api = shared_.library.load();
  if (!api) {
    begin(shared_.order.insert_after(stretch_));
    trouble(api.error(), path);
    end();
    shared_.counters.items.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  read_archive(std::make_shared<OpenArchive>(std::move(met), **api, path, stretch_, shared_));
}

// Some of it at a time, up to where somebody else may go on.
void Worker::read_archive(std::shared_ptr<OpenArchive> archive) {
  for (bool more = true; more;) {
    Task task = shared_.queue.take_spare();
    more = read_files(*archive, task);
    if (!more) archive->tell_end(shared_.counters);
    if (task.packed.empty()) continue;
    task.stretch = archive->stretch = shared_.order.insert_after(archive->stretch);
    if (more && shared_.queue.give_to_idle(task)) continue;
    if (more) shared_.queue.put_archive(std::move(archive));
    work_on(task);
    return shared_.queue.put_spare(std::move(task));
  }
}

// False at its end, or where the audit is to end.
bool Worker::read_files(OpenArchive& archive, Task& task) {
  while (task.packed.size() < kPerStretch && task.bytes <= kTaskBytes) {
    if (!archive.archive.next(archive.entry)) return false;
    task.add(archive.entry);
    archive.tell_read(shared_.counters);
    if (!is_ended()) continue;
    shared_.queue.drop();
    return false;
  }
  return true;
}

// Most are known but for their own serials.
bool Worker::sibling(smbios::Bytes file, std::string_view path) {
  if (!judging_.judge_sibling(file, path, encoded_)) return false;
  keep();
  return true;
}

// Most are tables as they are; evidence and what is compressed have a reader of their own.
void Worker::content(smbios::Bytes bytes, std::string_view path) {
  if (may_be_evidence(bytes) || smbios::is_compressed(bytes)) {
    auto evidence = read_evidence(bytes, {});
    return evidence ? judge(std::move(evidence), path) : not_a_table(evidence.error(), bytes, path);
  }
  auto table = smbios::Source::from_bytes({bytes.begin(), bytes.end()}, {});
  if (!table) return not_a_table(table.error(), bytes, path);
  judging_.judge(*std::move(table), path, encoded_);
  keep();
}

void Worker::judge(Result<Evidence> evidence, std::string_view path) {
  if (!evidence) return trouble(evidence.error(), path);
  if (shared_.request.table_only) evidence->hardware = {};
  judging_.judge(*evidence, path, encoded_);
  keep();
}

void Worker::not_a_table(const Error& error, smbios::Bytes bytes, std::string_view path) {
  const std::string_view what = what_else(bytes);
  if (what.empty()) return trouble(error, path);
  if (!is_named_as_archive(path)) return other(what, path);
  const Failure damaged =
      fail("its name says that it is an archive, and it is none: it is cut off or damaged", {},
           "copy it again from where it was made");
  trouble(damaged.value(), path);
}

void Worker::packed(const Task& task, const Packed& packed) {
  if (packed.entry != Packed::kPlain) return entry(task.entries[packed.entry]);
  packed_file(smbios::Bytes(task.content).subspan(packed.offset, packed.size), task.text(packed.path));
}

// More than a path and bytes.
void Worker::entry(const Entry& entry) {
  if (entry.error) return trouble(*entry.error, entry.path);
  if (!entry.other.empty()) return other(entry.other, entry.path);
  if (!entry.entry_point.empty()) {
    return judge(read_evidence_of_pair(entry.entry_point, entry.bytes, entry.evidence, {}), entry.path);
  }
  packed_file(entry.bytes, entry.path);
}

void Worker::packed_file(smbios::Bytes bytes, std::string_view path) {
  if (sibling(bytes, path)) return;
  if (is_container(bytes)) {
    const Failure nested =
        fail("an archive inside an archive", {}, "unpack the outer one, and audit the folder");
    return trouble(nested.value(), path);
  }
  content(bytes, path);
}

}  // namespace dmigate::gate::audit
