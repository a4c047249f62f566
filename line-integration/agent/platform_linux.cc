#include <array>
#include <cstdio>
#include <filesystem>

#include "line-integration/agent/platform.h"
#include "line-integration/capture/capture.h"
#include "smbios/open_file.h"

namespace dmigate::agent {

std::vector<std::string> words_of_call(int argc, char** argv) { return {argv + 1, argv + argc}; }

std::string own_folder() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : program.parent_path().string() + "/";
}

std::string kernel_command() { return text_of_file("/proc/cmdline"); }

std::string text_of_file(const std::string& path) {
  constexpr std::size_t kLargest = 64 * 1024;
  std::string text;
  const smbios::File file = smbios::open_file(path);
  if (!file) return text;
  std::array<char, 4096> part = {};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get())) {
    text.append(part.data(), size);
    if (text.size() > kLargest) return {};
  }
  return text;
}

void prepare_output() {}

Result<gate::Evidence> read_unit() {
  auto taken = line::capture();
  if (taken) line::add_hardware(*taken);
  return taken;
}

}  // namespace dmigate::agent
