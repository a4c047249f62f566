#include "cli/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace dmigate::cli {
namespace {

// Gives `from` the name `to`, which must be free. A file system that cannot do both at once (an old
// NFS) is asked first.
bool take_name(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  if (access(to.c_str(), F_OK) == 0) {
    errno = EEXIST;
    return false;
  }
  return rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

NewFile::NewFile(std::string path)
    : path_(std::move(path)), beside_(path_ + "." + std::to_string(getpid()) + ".part") {}

NewFile::~NewFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (made_) unlink(beside_.c_str());
}

Result<void> NewFile::failed(const char* what) const {
  return fail(std::string(what) + " (" + std::generic_category().message(errno) + ")", path_,
              "choose another place, or free this one");
}

Result<void> NewFile::open() {
  if (access(path_.c_str(), F_OK) == 0) {
    errno = EEXIST;
    return failed("the file cannot be made");
  }
  file_ = std::fopen(beside_.c_str(), "wbx");
  if (file_ == nullptr)
    return fail("the file cannot be made (" + std::generic_category().message(errno) + ")", beside_,
                "choose another place");
  made_ = true;
  return {};
}

Result<void> NewFile::write(std::string_view piece) {
  if (std::fwrite(piece.data(), 1, piece.size(), file_) == piece.size()) return {};
  return failed("the file cannot be written");
}

Result<void> NewFile::finish() {
  const bool written = std::fflush(file_) == 0 && fsync(fileno(file_)) == 0;
  if (std::fclose(std::exchange(file_, nullptr)) != 0 || !written)
    return failed("the file cannot be written");
  if (!take_name(beside_, path_)) return failed("the file cannot be made");
  made_ = false;
  return {};
}

Result<void> write_new_file(const std::string& path, const std::string& content) {
  NewFile file(path);
  return file.open().and_then([&] { return file.write(content); }).and_then([&] { return file.finish(); });
}

}  // namespace dmigate::cli
