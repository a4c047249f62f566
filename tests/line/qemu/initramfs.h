// What a unit boots from: an archive in memory, with our first process, dmigate-agent and the kernel's
// modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dmigate::plant {

struct ArchiveEntry {
  std::string name;  ///< without a leading /; a folder comes before what is in it
  unsigned mode;     ///< with the kind of file: S_IFDIR | 0755
  std::string content;
  unsigned major = 0, minor = 0;  ///< of a device
};

// A cpio archive, as the kernel's Documentation/driver-api/early-userspace/buffer-format.rst has it ("newc").
std::string archive(const std::vector<ArchiveEntry>& entries);

// init as /init, agent as /dmigate-agent with the libraries that it is linked with, and all of `modules`, a
// folder, in /modules. REQUIRES: doctest's context; what cannot be read fails the test.
std::string initramfs(const std::string& init, const std::string& agent, const std::string& modules);

}  // namespace dmigate::plant
