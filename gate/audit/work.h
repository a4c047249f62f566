// The work of an audit: stretches of the batch, in an order of their own, and the tasks that fill them.
// Inside gate/audit only.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/byte_view.h"
#include "smbios/result.h"

namespace dmigate::gate::audit {

// At most so many records stand in one stretch: a unit is known by its stretch and its place in it until
// the order of all is known.
inline constexpr std::uint32_t kPerStretch = 64;

// What one task left: records that stand side by side in one spill.
struct Stretch {
  std::uint64_t offset = 0;  ///< in the spill
  std::uint32_t bytes = 0;
  std::uint16_t records = 0;
  std::uint16_t spill = 0;  ///< whose
  std::uint32_t next = 0;   ///< the stretch after it; kEnd: none
  std::uint32_t first = 0;  ///< number of its first unit, once number_all() was called
};

// All stretches, in the order of the reports. An archive's are put behind the one in which it was met.
class Order {
 public:
  static constexpr std::uint32_t kEnd = 0xFFFFFFFF;

  std::uint32_t append();                               ///< a new one, at the end
  std::uint32_t insert_after(std::uint32_t other);      ///< a new one, right behind
  void fill(std::uint32_t which, const Stretch& with);  ///< but for its place

  // Numbers all units from 0 on; how many there are. No stretch may be added or filled any more.
  std::uint64_t number_all();
  [[nodiscard]] std::uint32_t first() const { return stretches_.empty() ? kEnd : 0; }
  [[nodiscard]] const Stretch& at(std::uint32_t which) const { return stretches_[which]; }

  // A unit before all are numbered, and its number after.
  static std::uint32_t provisional(std::uint32_t stretch, std::uint32_t place) {
    return stretch * kPerStretch + place;
  }
  [[nodiscard]] std::uint32_t number(std::uint32_t provisional_unit) const {
    return stretches_[provisional_unit / kPerStretch].first + provisional_unit % kPerStretch;
  }

 private:
  std::mutex mutex_;
  std::deque<Stretch> stretches_;  // the first is the first of the order
  std::uint32_t last_ = kEnd;
};

enum class ItemKind : std::uint8_t {
  kFile,        ///< to be read
  kStream,      ///< a pipe or device that was named: to be read as it comes
  kUnitFolder,  ///< smbios_entry_point, DMI, perhaps evidence.json
  kTrouble,     ///< could not be read; said why
  kOther,       ///< is none; said why
};
struct Item {
  ItemKind kind;
  std::uint32_t path;  ///< offset in Task::texts, up to a NUL
  std::uint32_t why;   ///< the same, of kTrouble and kOther
};

// A file that an archive holds.
struct Entry {
  std::string path;                 ///< the archive's, and the one inside
  smbios::Bytes view;               ///< not empty: of a plain one instead of `bytes`, as long as it holds
  std::vector<std::uint8_t> bytes;  ///< of DMI, where it has an entry point beside it
  std::vector<std::uint8_t> entry_point;  ///< empty: `bytes` are a file of their own
  std::optional<std::string> evidence;    ///< evidence.json beside the two
  std::optional<Error> error;             ///< it cannot be read
  std::string other;                      ///< not empty: why it is no dump

  [[nodiscard]] smbios::Bytes content() const { return view.empty() ? smbios::Bytes(bytes) : view; }
  [[nodiscard]] bool is_plain() const { return entry_point.empty() && !evidence && !error && other.empty(); }
  void clear() {
    view = {};
    for (auto* bytes_of : {&bytes, &entry_point}) bytes_of->clear();
    for (auto* text : {&path, &other}) text->clear();
    evidence.reset();
    error.reset();
  }
};

// The same in a task: most are nothing but a path and bytes.
struct Packed {
  static constexpr std::uint32_t kPlain = 0xFFFFFFFF;
  std::uint32_t path = 0;        ///< offset in Task::texts, up to a NUL
  std::uint32_t offset = 0;      ///< in Task::content
  std::uint32_t size = 0;        ///< there
  std::uint32_t entry = kPlain;  ///< which of Task::entries it is, where it is more
};

struct OpenArchive;  // worker.cc

struct Task {
  std::uint32_t stretch = 0;
  std::shared_ptr<OpenArchive> archive;  ///< to be read on; then there is nothing else
  std::vector<Item> items;               ///< at most kPerStretch
  std::string texts;                     ///< of the items, or of what is packed
  std::vector<Packed> packed;            ///< at most kPerStretch; then there are no items
  std::vector<std::uint8_t> content;     ///< of those that are plain
  std::vector<Entry> entries;            ///< the others
  std::size_t bytes = 0;                 ///< of all that is packed

  void add(Entry& entry);                         ///< takes what it needs of it
  void clear();                                   ///< its room stays
  std::uint32_t add_text(std::string_view text);  ///< where it is

  [[nodiscard]] const char* text(std::uint32_t offset) const { return texts.data() + offset; }
};

// Between the walker, the workers, and those of them that read an archive.
class Queue {
 public:
  // By the walker: waits while many tasks wait. False when the audit is to end.
  bool put_items(Task task);
  void no_more_items();
  // By a worker that has met an archive: what came behind it, for another.
  void give_back(Task task);
  // By a worker that reads an archive. What it has read is for one that waits: false where nobody does.
  bool give_to_idle(Task& task);
  // The rest of the archive is for whoever comes first: what was read is judged where it was read, as long as
  // it is near.
  void put_archive(std::shared_ptr<OpenArchive> archive);
  // Waits for a task; none when there is nothing left. What is of archives goes first: it takes memory.
  std::optional<Task> take();
  void done();  ///< with what take() gave
  // A task that was done may be used again, for the room that it has: a new one of nothing else.
  void put_spare(Task task);
  Task take_spare();
  void drop();  ///< something of a task was left, since the audit is to end
  void end();   ///< nobody waits any longer, and what is left is dropped
  [[nodiscard]] bool dropped() const;

 private:
  static constexpr std::size_t kMostItemTasks = 4096;
  static constexpr std::size_t kMostSpare = 16;

  mutable std::mutex mutex_;
  std::condition_variable changed_, room_;
  std::deque<Task> items_, entries_;  // entries_: of archives, and archives
  std::vector<Task> spare_;
  std::size_t waiting_ = 0;  // workers without a task
  unsigned working_ = 0;     // workers with a task: each may still put entries
  bool all_items_ = false, ended_ = false, dropped_ = false;
};

}  // namespace dmigate::gate::audit
