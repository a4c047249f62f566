// A job object holds the command and all that it starts, however it was started: at the end of its time all
// of it is ended at one stroke. The job does not end with the agent: a half-written disk is worse than an
// orphan.
#include <windows.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <utility>

#include "line-integration/agent/command.h"
#include "line-integration/agent/windows_words.h"
#include "line-integration/burn/kept_output.h"
#include "line-integration/capture/windows_text.h"

namespace dmigate::agent {
namespace {

using line::utf16;
using line::utf8;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLinger{1};  // what the command leaves may end by itself for so long
constexpr std::chrono::seconds kGiveUp{5};  // what is ended is gone well before that
constexpr DWORD kLookAgain = 10;            // ms

std::atomic<bool> interrupt_came = false;

BOOL WINAPI take_interrupt(DWORD) {
  interrupt_came = true;
  return TRUE;
}

class OwnedHandle {
 public:
  explicit OwnedHandle(HANDLE handle = nullptr)
      : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
  ~OwnedHandle() { close(); }
  OwnedHandle(const OwnedHandle&) = delete;
  OwnedHandle& operator=(const OwnedHandle&) = delete;
  [[nodiscard]] HANDLE get() const { return handle_; }
  void close() {
    if (handle_ != nullptr) ::CloseHandle(std::exchange(handle_, nullptr));
  }

 private:
  HANDLE handle_;
};

std::string system_text() { return "Windows " + std::to_string(::GetLastError()); }

// The program's whole path; empty: there is none.
std::wstring program_path(const std::string& word) {
  std::array<wchar_t, 32768> path{};
  for (const wchar_t* extension : {L".exe", L".com", L".cmd", L".bat"}) {
    const DWORD length = ::SearchPathW(nullptr, utf16(word).c_str(), extension,
                                       static_cast<DWORD>(path.size()), path.data(), nullptr);
    const DWORD attributes =
        length == 0 || length >= path.size() ? INVALID_FILE_ATTRIBUTES : ::GetFileAttributesW(path.data());
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
      return {path.data(), length};
  }
  return {};
}

bool is_script(const std::wstring& path) {
  const std::wstring end = path.size() < 4 ? L"" : path.substr(path.size() - 4);
  return ::_wcsicmp(end.c_str(), L".cmd") == 0 || ::_wcsicmp(end.c_str(), L".bat") == 0;
}

// This process's environment with the variables that tell of the unit in place of any of theirs.
std::wstring environment_with(const std::vector<std::string>& told) {
  std::wstring block;
  wchar_t* all = ::GetEnvironmentStringsW();
  for (const wchar_t* at = all; *at != 0; at += std::wcslen(at) + 1) {
    const std::wstring_view variable(at);
    if (::_wcsnicmp(at, L"DMIGATE_", 8) != 0) block.append(variable).push_back(L'\0');
  }
  ::FreeEnvironmentStringsW(all);
  for (const std::string& each : told) block.append(utf16(each)).push_back(L'\0');
  block.push_back(L'\0');
  return block;
}

DWORD running_in(HANDLE job) {
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION said{};
  if (::QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &said, sizeof said, nullptr) == 0)
    return 1;  // not known: taken for something that runs
  return said.ActiveProcesses;
}

// What the command prints: its ends kept, all of it passed on. Never waited for, so that what was not ended
// and holds the pipe open holds nobody.
class Output {
 public:
  Output(HANDLE pipe, bool to_stderr)
      : pipe_(pipe), out_(::GetStdHandle(to_stderr ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE)) {}

  // Takes what is there; false when nothing is.
  bool take() {
    DWORD there = 0, got = 0, written = 0;
    if (::PeekNamedPipe(pipe_, nullptr, 0, nullptr, &there, nullptr) == 0 || there == 0) return false;
    const DWORD wanted = std::min<DWORD>(there, static_cast<DWORD>(part_.size()));
    if (::ReadFile(pipe_, part_.data(), wanted, &got, nullptr) == 0) return false;
    kept_.append({part_.data(), got});
    ::WriteFile(out_, part_.data(), got, &written, nullptr);
    return true;
  }
  void take_all() {
    while (take()) {
    }
  }
  [[nodiscard]] const line::KeptOutput& kept() const { return kept_; }

 private:
  HANDLE pipe_, out_;
  line::KeptOutput kept_{std::size_t{64} * 1024};
  std::array<char, 65536> part_;
};

// Suspended until it is in the job. Null: GetLastError() says why.
HANDLE start(const CommandCall& call, HANDLE job, HANDLE input, HANDLE output) {
  const std::wstring program = program_path(call.words.front());
  std::wstring line = utf16(is_script(program) ? script_line(utf8(program), call.words)
                                               : program_line(utf8(program), call.words));
  std::wstring environment = environment_with(call.told);
  std::array<HANDLE, 2> inherited = {input, output};
  SIZE_T size = 0;
  ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
  const auto room = std::make_unique<char[]>(size);
  auto* const attributes = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(room.get());
  if (::InitializeProcThreadAttributeList(attributes, 1, 0, &size) == 0 ||
      ::UpdateProcThreadAttribute(attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, inherited.data(),
                                  sizeof inherited, nullptr, nullptr) == 0)
    return nullptr;
  STARTUPINFOEXW how{};
  how.StartupInfo.cb = sizeof how;
  how.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  how.StartupInfo.hStdInput = input;
  how.StartupInfo.hStdOutput = output;
  how.StartupInfo.hStdError = output;
  how.lpAttributeList = attributes;
  PROCESS_INFORMATION made{};
  std::array<wchar_t, MAX_PATH + 16> shell{};
  const UINT length = ::GetSystemDirectoryW(shell.data(), MAX_PATH);
  std::wstring application = is_script(program) ? std::wstring(shell.data(), length) + L"\\cmd.exe" : program;
  const BOOL begun = ::CreateProcessW(
      application.c_str(), line.data(), nullptr, nullptr, TRUE,
      CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_NEW_PROCESS_GROUP | EXTENDED_STARTUPINFO_PRESENT,
      environment.data(), nullptr, &how.StartupInfo, &made);
  ::DeleteProcThreadAttributeList(attributes);
  if (begun == 0) return nullptr;
  const OwnedHandle thread(made.hThread);
  if (::AssignProcessToJobObject(job, made.hProcess) != 0 &&
      ::ResumeThread(made.hThread) != static_cast<DWORD>(-1))
    return made.hProcess;
  const DWORD error = ::GetLastError();
  ::TerminateProcess(made.hProcess, 1);
  ::CloseHandle(made.hProcess);
  ::SetLastError(error);
  return nullptr;
}

// Until the command has ended, its time is up or somebody interrupts; then until nothing of it runs.
void watch(HANDLE process, HANDLE job, std::chrono::milliseconds timeout, Output& output, CommandEnd& end) {
  const auto deadline = Clock::now() + timeout;
  while (::WaitForSingleObject(process, output.take() ? 0 : kLookAgain) == WAIT_TIMEOUT) {
    end.timed_out = Clock::now() >= deadline;
    end.interrupted = interrupt_came;
    if (end.timed_out || end.interrupted) break;
  }
  DWORD code = 0;
  if (!end.timed_out && !end.interrupted && ::GetExitCodeProcess(process, &code) != 0)
    end.exit_code = static_cast<std::int32_t>(code);  // -1 is what a program means by it
  const auto linger =
      Clock::now() + (end.exit_code ? std::chrono::milliseconds(kLinger) : std::chrono::milliseconds(0));
  while (running_in(job) > 0 && Clock::now() < linger) {
    if (!output.take()) ::Sleep(kLookAgain);
  }
  const bool left = end.exit_code && running_in(job) > 0;
  if (running_in(job) > 0) ::TerminateJobObject(job, 1);
  const auto give_up = Clock::now() + kGiveUp;
  while (running_in(job) > 0 && Clock::now() < give_up) ::Sleep(kLookAgain);
  const bool ended = running_in(job) == 0;
  end.left_running = left || !ended;
  if (ended) output.take_all();
}

}  // namespace

struct Interrupted::Held {};

Interrupted::Interrupted() : held_(std::make_unique<Held>()) {
  interrupt_came = false;
  ::SetConsoleCtrlHandler(take_interrupt, TRUE);
}
Interrupted::~Interrupted() { ::SetConsoleCtrlHandler(take_interrupt, FALSE); }
bool Interrupted::came() const { return interrupt_came; }

std::string missing_command(const std::vector<std::string>& words) {
  const std::wstring path = program_path(words.front());
  if (path.empty()) return words.front() + ": " + system_text();
  return is_script(path) && !may_stand_in_script_line(utf8(path), words)
             ? words.front() + ": \" % & | < > ^ !"
             : std::string();
}

CommandEnd run_command(const CommandCall& call, const Interrupted& interrupted) {
  CommandEnd end;
  end.interrupted = interrupted.came();
  if (end.interrupted) return end;
  SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, nullptr, TRUE};
  const OwnedHandle job(::CreateJobObjectW(nullptr, nullptr));
  const OwnedHandle input(::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                        &inheritable, OPEN_EXISTING, 0, nullptr));
  HANDLE ours = nullptr, theirs = nullptr;
  const bool piped = ::CreatePipe(&ours, &theirs, &inheritable, 1U << 20U) != 0;
  const OwnedHandle read_end(ours);
  OwnedHandle write_end(theirs);
  const auto begun = Clock::now();
  const bool ready = piped && job.get() != nullptr && input.get() != nullptr;
  const OwnedHandle process(ready ? start(call, job.get(), input.get(), write_end.get()) : nullptr);
  end.why = process.get() == nullptr ? system_text() : "";
  write_end.close();
  if (process.get() == nullptr) return end;
  end.started = true;
  Output output(read_end.get(), call.to_stderr);
  watch(process.get(), job.get(), call.timeout, output, end);
  end.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
  end.output = output.kept().text();
  end.output_bytes = output.kept().total();
  return end;
}

}  // namespace dmigate::agent
