// A file that a command makes: whole or not at all, and never over another.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "smbios/result.h"

namespace dmigate::cli {

// Written beside, made durable, then given its name, which must be free.
class NewFile {
 public:
  explicit NewFile(std::string path);
  ~NewFile();  ///< nothing is left of one that was not finished
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> open();
  Result<void> write(std::string_view piece);
  Result<void> finish();

 private:
  [[nodiscard]] Result<void> failed(const char* what) const;
  std::string path_, beside_;
  std::FILE* file_ = nullptr;
  bool made_ = false;  ///< `beside_` is there
};

Result<void> write_new_file(const std::string& path, const std::string& content);

}  // namespace dmigate::cli
