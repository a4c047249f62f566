#include <filesystem>

#include "line-integration/agent/platform.h"
#include "line-integration/capture/capture.h"

namespace dmigate::agent {

std::vector<std::string> words_of_call(int argc, char** argv) { return {argv + 1, argv + argc}; }

std::string own_folder() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : program.parent_path().string() + "/";
}

std::string kernel_command() { return text_of_file("/proc/cmdline"); }

std::filesystem::path path_of(const std::string& name) { return name; }

void prepare_output() {}

Result<gate::Evidence> read_unit() {
  auto taken = line::capture();
  if (taken) line::add_hardware(*taken);
  return taken;
}

}  // namespace dmigate::agent
