#include "line-integration/burn/own_program.h"

#include <filesystem>

namespace dmigate::line {

std::string own_program() {
  // "dmigate-serve (deleted)" is what it is called after an upgrade.
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  return !error && own.filename().string().starts_with("dmigate-serve") ? own.parent_path() / "dmigate"
                                                                        : "/proc/self/exe";
}

}  // namespace dmigate::line
