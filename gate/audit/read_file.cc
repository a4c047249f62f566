#include "gate/audit/read_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

namespace dmigate::gate::audit {
namespace {

constexpr std::size_t kFirst = std::size_t{64} << 10;
constexpr int kPatience = 200;  // milliseconds between two looks at `stop`

// What a pipe without a writer, or with a slow one, needs: it is at its end only when a writer has been
// there. False: ended.
bool wait_for(int file, const std::atomic<bool>* stop) {
  pollfd asked{.fd = file, .events = POLLIN, .revents = 0};
  for (;;) {
    const int answer = ::poll(&asked, 1, kPatience);
    if (answer > 0 || (answer < 0 && errno != EINTR)) return true;
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return false;
  }
}

Failure ended() { return fail("the audit was ended before it was read"); }

bool is_pipe(int file) {
  struct stat status {};
  return ::fstat(file, &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace

std::string cause() { return std::generic_category().message(errno); }

Descriptor::~Descriptor() {
  if (file_ >= 0) ::close(file_);
}

Result<Descriptor> open_to_read(int folder, const char* path) {
  Descriptor file(::openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return fail("cannot be opened: " + cause(), {}, "check the path and who may read it");
  return file;
}

namespace {

// How much came; 0 at the end.
Result<std::size_t> read_part(int file, std::uint8_t* to, std::size_t room, const std::atomic<bool>* stop) {
  for (;;) {
    const ssize_t got = ::read(file, to, room);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail("cannot be read: " + cause(), {}, "check the medium, and read it again");
    if (!wait_for(file, stop)) return ended();
  }
}

}  // namespace

Result<void> read_first(int file, std::vector<std::uint8_t>& bytes, std::size_t& size, std::size_t most,
                        const std::atomic<bool>* stop) {
  if (bytes.size() < most) bytes.resize(most);
  auto got = read_part(file, bytes.data(), most, stop);
  if (got && *got == 0 && is_pipe(file)) {  // that nobody has opened as yet, perhaps
    if (!wait_for(file, stop)) return ended();
    got = read_part(file, bytes.data(), most, stop);
  }
  return got.map([&](std::size_t came) { size = came; });
}

Result<void> read_on(int file, std::vector<std::uint8_t>& bytes, std::size_t& size, std::size_t most,
                     const std::atomic<bool>* stop) {
  while (size < most) {
    if (bytes.size() < size + kFirst) bytes.resize(std::max(size + kFirst, 2 * bytes.size()));
    const auto got = read_part(file, bytes.data() + size, std::min(bytes.size(), most) - size, stop);
    if (!got) return Failure(got.error());
    if (*got == 0) return {};
    size += *got;
  }
  return {};
}

Result<void> read_some(int file, std::span<std::uint8_t> room, std::size_t& size,
                       const std::atomic<bool>* stop) {
  return read_part(file, room.data(), room.size(), stop).map([&](std::size_t got) { size = got; });
}

Result<void> check_size(int file, std::size_t size) {
  struct stat status {};
  const bool plain = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (plain && static_cast<std::uint64_t>(status.st_size) != size) {
    return fail("the file changed while it was read", {}, "audit it again when nobody writes into it");
  }
  return {};
}

bool is_whole(int file, std::size_t size) {
  const off_t end = ::lseek(file, 0, SEEK_END);
  if (end == static_cast<off_t>(size)) return true;
  if (end >= 0) ::lseek(file, static_cast<off_t>(size), SEEK_SET);
  return false;
}

}  // namespace dmigate::gate::audit
