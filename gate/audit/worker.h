// Does the tasks of an audit: reads, judges, and keeps what comes of it. Inside gate/audit only.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "gate/audit/archive.h"
#include "gate/audit/duplicates.h"
#include "gate/audit/judging.h"
#include "gate/audit/read_file.h"
#include "gate/audit/record.h"
#include "gate/audit/work.h"

namespace dmigate::gate::audit {

// What the workers of an audit have done, for who looks on.
struct Counters {
  std::atomic<std::uint64_t> records = 0;        ///< units and other files
  std::atomic<std::uint64_t> items = 0;          ///< of those that the walker found
  std::atomic<std::uint64_t> archive_bytes = 0;  ///< of archives, as long as they are where that is known
  std::atomic<std::uint64_t> archive_read = 0;   ///< of these
};

// What the workers of an audit share. All of it must live as long as they do.
struct Shared {
  const Request& request;
  const UniqueHash& hash;
  ArchiveLibrary& library;
  Order& order;
  Queue& queue;
  Counters& counters;
};

class Worker {
 public:
  // `index`: of `spill` among all.
  Worker(const Shared& shared, Spill& spill, std::uint16_t index, Keys& keys);

  void run();  ///< until there is nothing left

 private:
  friend struct OpenArchive;
  struct Met;  ///< an archive
  void work_on(Task& task);
  void items(const Task& task);
  std::size_t do_items(const Task& task, std::optional<Met>& met);
  void enter(const Task& task, std::size_t item);
  void give_back_after(const Task& task, std::size_t item);
  std::optional<Met> item(const Task& task, const Item& item);
  std::optional<Met> file(const char* path, bool stream);
  [[nodiscard]] Result<Descriptor> open(const char* path) const;
  void archive(Met& met, const char* path);
  void read_archive(std::shared_ptr<OpenArchive> archive);
  bool read_files(OpenArchive& archive, Task& task);
  void packed(const Task& task, const Packed& packed);
  void entry(const Entry& entry);
  void packed_file(smbios::Bytes bytes, std::string_view path);
  bool sibling(smbios::Bytes file, std::string_view path);
  void content(smbios::Bytes bytes, std::string_view path);
  void judge(Result<Evidence> evidence, std::string_view path);
  void not_a_table(const Error& error, smbios::Bytes bytes, std::string_view path);
  void trouble(const Error& error, std::string_view path);
  void other(std::string_view why, std::string_view path);
  void keep();
  void begin(std::uint32_t stretch);
  void end();
  void count();
  [[nodiscard]] bool is_ended() const;

  const Shared& shared_;
  Spill& spill_;
  std::uint16_t index_;
  Keys& keys_;
  Judging judging_;
  std::vector<std::uint8_t> buffer_;  // what is read of a file
  std::string folder_path_;           // with its slash
  std::optional<Descriptor> folder_;  // of that path
  std::uint32_t stretch_ = 0;
  std::uint32_t records_ = 0;  // in it
  std::uint32_t counted_ = 0;  // of these
  std::string encoded_;        // of them
};

}  // namespace dmigate::gate::audit
