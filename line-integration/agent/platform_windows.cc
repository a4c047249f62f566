#include <windows.h>

#include "line-integration/agent/platform.h"
// windows.h comes first
#include <shellapi.h>

#include <array>
#include <filesystem>

#include "gate/evidence/text.h"
#include "line-integration/capture/windows.h"
#include "line-integration/capture/windows_text.h"

namespace dmigate::agent {

using line::utf8;

std::vector<std::string> words_of_call(int, char**) {
  int count = 0;
  wchar_t** words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  std::vector<std::string> all;
  for (int i = 1; i < count; ++i) all.push_back(utf8(words[i]));
  ::LocalFree(words);
  return all;
}

std::string own_folder() {
  std::array<wchar_t, 32768> path{};
  const DWORD length = ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
  const std::wstring_view program(path.data(), length);
  return utf8(program.substr(0, program.find_last_of(L'\\') + 1));
}

std::string kernel_command() { return {}; }

std::filesystem::path path_of(const std::string& name) { return line::utf16(name); }

void prepare_output() { ::SetConsoleOutputCP(CP_UTF8); }

// No boot id: Windows names none that another boot surely changes, and one that it keeps would let a burn be
// proved in the boot that made it.
Result<gate::Evidence> read_unit() {
  auto source = smbios::Source::live();
  if (!source) return Failure(source.error());
  const std::string taken = gate::utc_text(std::chrono::system_clock::now());
  gate::Evidence evidence{
      .source = *std::move(source), .live = true, .boot_id = {}, .taken = taken, .hardware = {}};
  evidence.hardware = line::capture_windows_hardware();
  evidence.hardware.clock = gate::Clock{.at = taken, .local = {}, .reference = {}, .from = {}};
  evidence.hardware.wmi = line::capture_wmi();
  return evidence;
}

}  // namespace dmigate::agent
