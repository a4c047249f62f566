#include "cli/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

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

Result<void> write_new_file(const std::string& path, const std::string& content) {
  const std::string beside = path + "." + std::to_string(getpid()) + ".part";
  const auto failed = [&](const char* what) {
    const std::string why = std::generic_category().message(errno);
    unlink(beside.c_str());
    return fail(std::string(what) + " (" + why + ")", path, "choose another place, or free this one");
  };
  std::FILE* file = std::fopen(beside.c_str(), "wbx");
  if (file == nullptr)
    return fail("the file cannot be made (" + std::generic_category().message(errno) + ")", beside,
                "choose another place");
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size() &&
                       std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  if (std::fclose(file) != 0 || !written) return failed("the file cannot be written");
  if (!take_name(beside, path)) return failed("the file cannot be made");
  return {};
}

}  // namespace dmigate::cli
