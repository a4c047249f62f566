#include "line-integration/station/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "line-integration/burn/durable.h"

namespace dmigate::line {

int replace_file(const std::string& file, std::string_view text, const std::function<bool(int fd)>& prepare) {
  std::string beside = file + ".XXXXXX";
  const int fd = ::mkostemp(beside.data(), O_CLOEXEC);  // 0600
  if (fd < 0) return errno;
  const bool moved =
      (!prepare || prepare(fd)) && write_durably(fd, text) && ::rename(beside.c_str(), file.c_str()) == 0;
  const int why = moved ? 0 : errno;
  ::close(fd);
  if (moved) {
    sync_folder(std::filesystem::path(file).parent_path().string());
  } else {
    ::unlink(beside.c_str());
  }
  return why;
}

}  // namespace dmigate::line
