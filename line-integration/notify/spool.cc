#include "line-integration/notify/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "line-integration/burn/durable.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".json";
constexpr std::size_t kDigits = 12;

std::string name_of(std::uint64_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%012llu.json", static_cast<unsigned long long>(number));
  return text.data();
}

// 0: it is no event.
std::uint64_t number_of(std::string_view name) {
  if (name.size() < kDigits + kEnding.size() || !name.ends_with(kEnding)) return 0;
  name.remove_suffix(kEnding.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

Failure failed(const std::string& what, const std::string& where) {
  const std::string why = std::generic_category().message(errno);
  return fail(what + " (" + why + ")", where, "see that the folder is there, can be written, and has space");
}

// Gives the file the first free number from `number` on.
bool take_number(const std::string& from, const Spool& spool, std::uint64_t number) {
  for (;; ++number) {
    const std::string to = spool.path(name_of(number));
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno != EEXIST) return false;
  }
}

}  // namespace

Result<void> Spool::put(std::string_view event) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return failed("the spool cannot be made", folder_);
  const auto waiting = list();
  if (!waiting) return Failure(waiting.error());
  if (waiting->size() >= limit_) {
    return fail("the spool is full: " + std::to_string(waiting->size()) + " events wait in it", folder_,
                "see that whoever is notified answers (dmigate notify --flush)");
  }
  std::string beside = folder_ + "/new.XXXXXX";
  const int fd = ::mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return failed("the event cannot be written", folder_);
  const bool written = write_durably(fd, event);
  ::close(fd);
  const std::uint64_t next = waiting->empty() ? 1 : number_of(waiting->back()) + 1;
  if (!written || !take_number(beside, *this, next)) {
    auto failure = failed("the event cannot be written", folder_);
    ::unlink(beside.c_str());
    return failure;
  }
  if (!sync_folder(folder_)) return failed("the event cannot be written", folder_);
  return {};
}

Result<std::vector<std::string>> Spool::list() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    if (number_of(name) != 0) names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail("the spool cannot be read (" + error.message() + ")", folder_,
                "check the folder and who may read it");
  }
  std::ranges::sort(names, {}, [](const std::string& name) { return number_of(name); });
  return names;
}

void Spool::remove(const std::string& name) const { ::unlink(path(name).c_str()); }

SpoolLock::SpoolLock(const Spool& spool) {
  fd_ = ::open(spool.path("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

SpoolLock::~SpoolLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dmigate::line
