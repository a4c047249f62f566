// Does the tasks of an audit: reads, judges, and keeps what comes of it. Inside gate/audit only.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "gate/audit/duplicates.h"
#include "gate/audit/judging.h"
#include "gate/audit/record.h"
#include "gate/audit/work.h"

namespace dmigate::gate::audit {

class Worker {
 public:
  // All must live as long as this. `index`: of `spill` among all. `done` counts units and other files.
  Worker(const Request& request, const UniqueHash& hash, Order& order, Queue& queue, Spill& spill,
         std::uint16_t index, Keys& keys, std::atomic<std::uint64_t>& done);

  void run();  ///< until there is nothing left

 private:
  void work_on(Task& task);
  void item(const Task& task, const Item& item);
  void file(const char* path, bool stream);
  void unit_folder(const std::string& path);
  void entry(Entry& entry);
  void content(smbios::Bytes bytes, std::string_view path);
  void judged(Result<Evidence> evidence, smbios::Bytes bytes, std::string_view path);
  void keep(const Record& record);
  void begin(std::uint32_t stretch);
  void end();
  [[nodiscard]] bool is_ended() const;

  const Request& request_;
  Order& order_;
  Queue& queue_;
  Spill& spill_;
  std::uint16_t index_;
  Keys& keys_;
  std::atomic<std::uint64_t>& done_;
  Judging judging_;
  std::vector<std::uint8_t> buffer_;  // what is read of a file
  std::uint32_t stretch_ = 0;
  std::uint32_t records_ = 0;  // in it
  std::string encoded_;        // of them
};

}  // namespace dmigate::gate::audit
