// The folder in which events wait until they are delivered: a file each, numbered in their order.
//
//   Spool spool("/var/lib/dmigate/spool", 10'000);
//   spool.put(event);                       // durable when it returns
//   for (const auto& name : *spool.list()) … deliver … spool.remove(name);
//
// Any number of processes may put at once, without waiting for each other. A name is a number, and higher
// than that of every event that was put before and is still there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/result.h"

namespace dmigate::line {

class Spool {
 public:
  // `limit`: events that may wait, from 1.
  Spool(std::string folder, std::size_t limit) : folder_(std::move(folder)), limit_(limit) {}

  // Makes the folder (0700) where only it is missing. Fails, with nothing written, when it is full or cannot
  // be written.
  Result<void> put(std::string_view event) const;
  // Names of the waiting events, the oldest first. No folder is an empty one.
  [[nodiscard]] Result<std::vector<std::string>> list() const;
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void remove(const std::string& name) const;
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::size_t limit_;
};

// Held by the one process that delivers. Freed by the system when its holder ends, however it ends.
class SpoolLock {
 public:
  explicit SpoolLock(const Spool& spool);
  ~SpoolLock();
  SpoolLock(const SpoolLock&) = delete;
  SpoolLock& operator=(const SpoolLock&) = delete;
  [[nodiscard]] bool held() const { return fd_ >= 0; }  ///< false: another holds it, or it cannot be had

 private:
  int fd_ = -1;
};

}  // namespace dmigate::line
