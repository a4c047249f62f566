// A file that has no name, and is gone with the last who holds it, however this process ends.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "smbios/result.h"

namespace dmigate::service {

// Not for two threads at once, but for read().
class NamelessFile {
 public:
  // In the folder, whose file system takes the bytes.
  static Result<std::shared_ptr<NamelessFile>> make(const std::string& folder);
  explicit NamelessFile(int fd) : fd_(fd) {}  ///< closes it in the end
  ~NamelessFile();
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  bool append(std::string_view bytes);  ///< false: they do not fit, or not all of them were written
  // From `offset` on; how many there were, 0 at the end and where it cannot be read.
  std::size_t read(std::uint64_t offset, std::span<char> into) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }  ///< of what was appended
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
  std::uint64_t size_ = 0;
};

}  // namespace dmigate::service
