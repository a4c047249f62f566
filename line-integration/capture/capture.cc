#include "line-integration/capture/capture.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace dmigate::line {
namespace {

std::string advice_for(int error) {
  if (error == EACCES || error == EPERM) return "run as root: the kernel shows the table to nobody else";
  if (error == ENOENT || error == ENOTDIR) {
    return "see that sysfs is mounted on /sys; where it is, this kernel found no SMBIOS table (not a PC, a "
           "virtual machine without one, a container): judge the unit from a dump file";
  }
  return "read again; if it stays so, look at the kernel's log (dmesg)";
}

// What the kernel says when the file is opened: Source::open() knows files, not this machine.
Result<void> check_readable(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  const int error = errno;
  return fail("this machine's SMBIOS table cannot be read: " + std::generic_category().message(error), path,
              advice_for(error));
}

std::optional<std::string> read_boot_id(const std::string& path) {
  std::ifstream file(path);
  std::string id;
  if (!std::getline(file, id) || id.empty()) return std::nullopt;
  return id;
}

std::string utc_text(std::chrono::system_clock::time_point now) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
  std::tm parts = {};
  ::gmtime_r(&whole, &parts);
  std::array<char, 32> text = {};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction = {};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                static_cast<int>((milliseconds - seconds).count()));
  return std::string(text.data(), length) + fraction.data();
}

}  // namespace

Result<gate::Evidence> capture(const LivePaths& paths, std::chrono::system_clock::time_point now) {
  for (const char* file : {"/smbios_entry_point", "/DMI"}) {
    if (const auto readable = check_readable(paths.tables + file); !readable)
      return Failure(readable.error());
  }
  auto source = smbios::Source::open(paths.tables);
  if (!source) return Failure(std::move(source.error()));
  return gate::Evidence{.source = std::move(*source),
                        .live = true,
                        .boot_id = read_boot_id(paths.boot_id),
                        .taken = utc_text(now)};
}

}  // namespace dmigate::line
