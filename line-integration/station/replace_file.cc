#include "line-integration/station/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace dmigate::line {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// So that the name is on the disk as well: what was taken back is not there again after a loss of power.
void sync_folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

int replace_file(const std::string& file, std::string_view text, const std::function<bool(int fd)>& prepare) {
  std::string beside = file + ".XXXXXX";
  const int fd = ::mkostemp(beside.data(), O_CLOEXEC);  // 0600
  if (fd < 0) return errno;
  const bool moved = write_all(fd, text) && (!prepare || prepare(fd)) && ::fsync(fd) == 0 &&
                     ::rename(beside.c_str(), file.c_str()) == 0;
  const int why = moved ? 0 : errno;
  ::close(fd);
  if (moved) {
    sync_folder_of(file);
  } else {
    ::unlink(beside.c_str());
  }
  return why;
}

}  // namespace dmigate::line
