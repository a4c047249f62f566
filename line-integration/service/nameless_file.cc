#include "line-integration/service/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dmigate::service {

Result<std::shared_ptr<NamelessFile>> NamelessFile::make(const std::string& folder) {
  int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {  // a file system that has none without a name: overlay of old kernels
    std::string path = folder + "/dmigate-XXXXXX";
    fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(path.c_str());
  }
  if (fd >= 0) return std::make_shared<NamelessFile>(fd);
  return fail("no temporary file can be made (" + std::generic_category().message(errno) + ")", folder,
              "see that the folder is there and has room; TMPDIR names another one");
}

NamelessFile::~NamelessFile() { ::close(fd_); }

bool NamelessFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return true;
}

std::size_t NamelessFile::read(std::uint64_t offset, std::span<char> into) const {
  ssize_t size = 0;
  do size = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
  while (size < 0 && errno == EINTR);
  return size < 0 ? 0 : static_cast<std::size_t>(size);
}

}  // namespace dmigate::service
