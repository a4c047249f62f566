#include "line-integration/capture/capture.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "gate/evidence/text.h"

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

}  // namespace

Result<gate::Evidence> capture(const LivePaths& paths, std::chrono::system_clock::time_point now) {
  for (const char* file : {"/smbios_entry_point", "/DMI"}) {
    if (const auto readable = check_readable(paths.tables + file); !readable)
      return Failure(readable.error());
  }
  auto source = smbios::Source::open(paths.tables);
  if (!source) return Failure(std::move(source.error()));
  const std::string taken = gate::utc_text(now);
  gate::Evidence evidence{
      .source = std::move(*source), .live = true, .boot_id = read_boot_id(paths.boot_id), .taken = taken};
  evidence.hardware.clock = gate::Clock{.at = taken, .local = {}, .reference = {}, .from = {}};
  return evidence;
}

void add_hardware(gate::Evidence& evidence, const HardwarePaths& paths) {
  gate::Hardware& hardware = evidence.hardware;
  if (hardware.disks && hardware.nics) return;
  gate::Hardware found = capture_hardware(paths);
  if (!hardware.disks) hardware.disks = std::move(found.disks);
  if (!hardware.nics) hardware.nics = std::move(found.nics);
}

Result<void> add_given(const Given& given, gate::Evidence& evidence) {
  gate::Hardware& hardware = evidence.hardware;
  if (!given.system_disk.empty()) hardware.system_disk = given.system_disk;
  if (given.wmi) {
    auto wmi = gate::read_wmi(*given.wmi);
    if (!wmi) return Failure(wmi.error());
    hardware.wmi = *std::move(wmi);
  }
  if (!given.reference) return {};
  if (!hardware.clock) {
    return fail("the evidence does not say what the unit's clock was: a reference says nothing of it",
                evidence.source.path(),
                "take the evidence again with dmigate evidence, and the reference there");
  }
  if (hardware.clock->reference) {
    return fail("the evidence has a reference already, taken when the unit's clock was read",
                evidence.source.path(), "leave out --reference, or take the evidence again");
  }
  if (gate::trimmed(given.reference_from).empty()) {
    return fail("nobody is named whose clock the reference is", evidence.source.path(),
                "name it with --reference-from, such as ntp");
  }
  hardware.clock->reference = given.reference;
  hardware.clock->from = given.reference_from;
  return {};
}

}  // namespace dmigate::line
