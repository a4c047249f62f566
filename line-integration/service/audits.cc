#include "line-integration/service/audits.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include "line-integration/burn/own_program.h"
#include "line-integration/service/nameless_file.h"
#include "line-integration/service/question.h"

namespace dmigate::service {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMemory = std::uint64_t{1} << 30;                // bytes of address space of an audit
constexpr std::uint64_t kLeastFile = std::uint64_t{64} << 20;            // bytes that it may keep in a file
constexpr std::uint64_t kReport = std::uint64_t{256} << 20;              // bytes of a report
constexpr std::chrono::milliseconds kLookEvery(50);                      // at whether it is to end
constexpr int kNice = 10;                                                // checks come first
constexpr int kReportFd = 3;                                             // of the audit's process
constexpr const char* kForms[] = {"jsonl", "html", "csv"};               // by ReportForm
constexpr std::string_view kOutcomes[] = {"PASS", "FAIL", "", "ERROR"};  // by exit status

// A place among those that may be there at once, for as long as anybody holds it.
using Slot = std::shared_ptr<void>;

class AuditUpload : public Upload {
 public:
  AuditUpload(Slot slot, std::shared_ptr<NamelessFile> file, Workers& writing)
      : slot_(std::move(slot)), file_(std::move(file)), writing_(writing) {}
  void write(std::string_view part, std::function<void(bool)> taken) override {
    if (!writing_.take([this, part, taken] { taken(file_->append(part)); })) taken(false);
  }
  [[nodiscard]] const Slot& slot() const { return slot_; }
  [[nodiscard]] const NamelessFile& file() const { return *file_; }

 private:
  Slot slot_;
  std::shared_ptr<NamelessFile> file_;
  Workers& writing_;
};

// The words of a command line or an environment, as execve() takes them.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

std::string joined(const std::vector<std::string>& folders) {
  std::string text;
  for (const std::string& folder : folders) text += (text.empty() ? "" : ":") + folder;
  return text;
}

bool limit(__rlimit_resource what, std::uint64_t most) {
  const struct rlimit both { .rlim_cur = most, .rlim_max = most };
  return ::setrlimit(what, &both) == 0;
}

// All that the child is made of, before fork(): between it and exec nothing may be asked for memory.
struct Child {
  const char* program;
  char* const* argv;
  char* const* environment;
  int input, report, errors;
  std::uint64_t most_file;
  pid_t parent;
};

[[noreturn]] void become(const Child& child) {
  constexpr int kCannot = 126;
  ::setpgid(0, 0);  // Ctrl-C is for the service, which ends it
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != child.parent) ::_exit(kCannot);
  // Descriptors above what they are to become, so that none is overwritten before it is moved.
  const int input = ::fcntl(child.input, F_DUPFD, 16), report = ::fcntl(child.report, F_DUPFD, 16),
            errors = ::fcntl(child.errors, F_DUPFD, 16),
            nothing = ::fcntl(::open("/dev/null", O_WRONLY), F_DUPFD, 16);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(nothing, STDOUT_FILENO) < 0 ||
      ::dup2(errors, STDERR_FILENO) < 0 || ::dup2(report, kReportFd) < 0)
    ::_exit(kCannot);
  if (::close_range(kReportFd + 1, ~0U, 0) != 0) ::_exit(kCannot);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) std::signal(signal, SIG_DFL);
  std::signal(SIGXFSZ, SIG_IGN);  // it is told that its file is too large
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
#ifndef __SANITIZE_ADDRESS__  // whose own memory is larger than any limit
  if (!limit(RLIMIT_AS, kMemory)) ::_exit(kCannot);
#endif
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NOFILE, 256) || !limit(RLIMIT_FSIZE, child.most_file))
    ::_exit(kCannot);
  ::setpriority(PRIO_PROCESS, 0, kNice);
  // Where memory runs out, this is what the kernel ends.
  const int adjust = ::open("/proc/self/oom_score_adj", O_WRONLY);
  [[maybe_unused]] const ssize_t written = ::write(adjust, "1000", 4);
  ::close(adjust);
  ::execve(child.program, child.argv, child.environment);
  ::_exit(kCannot);
}

// An end of a pipe.
class PipeEnd {
 public:
  explicit PipeEnd(int fd) : fd_(fd) {}
  ~PipeEnd() { close(); }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// A process that is ended with this, if it has not ended by itself.
class Running {
 public:
  explicit Running(const Child& child) : pid_(::fork()) {
    if (pid_ == 0) become(child);
  }
  ~Running() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  [[nodiscard]] bool began() const { return pid_ > 0; }
  std::optional<int> status() {  ///< as waitpid() has it, once it has ended
    int status = 0;
    if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

AuditEnd given_up(unsigned status, const Failure& why) {
  return {.status = status, .outcome = {}, .report = {}, .problem = why.value()};
}

constexpr const char* kLess = "audit fewer units at once, or run dmigate audit where the files are";
constexpr const char* kAgain = "ask the same again in a while";

// What an audit that could not begin says: "dmigate: WHAT; ADVICE".
std::optional<Error> said_in(const NamelessFile& errors) {
  std::array<char, 4096> text{};
  std::string_view line(text.data(), errors.read(0, text));
  constexpr std::string_view kName = "dmigate: ";
  line = line.substr(0, line.find('\n'));
  if (line.starts_with(kName)) line.remove_prefix(kName.size());
  if (line.empty()) return std::nullopt;
  // In either language.
  for (const std::string_view between : {"; ", "；"}) {
    const std::size_t end = line.find(between);
    if (end != line.npos)
      return Error{std::string(line.substr(0, end)), {}, std::string(line.substr(end + between.size()))};
  }
  return Error{std::string(line), {}, {}};
}

// A report, and the place of its audit: the next one begins when both are gone.
struct Report {
  Slot slot;
  std::shared_ptr<NamelessFile> file;
};

}  // namespace

Result<AuditAsked> parse_audit(const HttpRequest& request) {
  AuditAsked asked;
  const auto has = [&](std::string_view type) { return request.accept.find(type) != std::string::npos; };
  if (has("text/html")) asked.form = ReportForm::kHtml;
  if (has("text/csv")) asked.form = ReportForm::kCsv;
  for (const auto& [name, value] : request.query) {
    const auto* form = std::ranges::find(kForms, value, [](const char* text) { return std::string(text); });
    if (name == "format" && form != std::end(kForms)) {
      asked.form = static_cast<ReportForm>(form - kForms);
    } else if (name == "profile" && !value.empty() && is_profile_name(value)) {
      asked.profile = value;
    } else {
      return fail("this is nothing that an audit is told", gate::printable(name + "=" + value),
                  "?format= is jsonl, html or csv, and ?profile= the name of a profile",
                  ErrorKind::kConfiguration);
    }
  }
  return asked;
}

Audits::Audits(const line::Settings& settings, const AuditOptions& options)
    : options_(options),
      registry_(settings.registry),
      folders_(settings.catalog.folders),
      temporary_([] {
        const char* folder = std::getenv("TMPDIR");
        return std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder);
      }()),
      writing_(std::in_place, 1, kAtOnce) {}

std::shared_ptr<Upload> Audits::begin() {
  if (stopping_) return nullptr;
  if (there_->fetch_add(1) >= kAtOnce) {
    --*there_;
    return nullptr;
  }
  Slot slot(nullptr, [there = there_](void*) { --*there; });
  // What comes, what the audit keeps of its units, and the report.
  struct statvfs disk {};
  const bool has_room =
      ::statvfs(temporary_.c_str(), &disk) == 0 && disk.f_bavail * disk.f_frsize >= options_.most_bytes * 3;
  auto file = has_room ? NamelessFile::make(temporary_) : Result<std::shared_ptr<NamelessFile>>();
  if (!file || !*file) return nullptr;
  return std::make_shared<AuditUpload>(std::move(slot), *std::move(file), *writing_);
}

AuditEnd Audits::run(const std::shared_ptr<Upload>& upload, const AuditAsked& asked) const {
  const auto& sent = static_cast<const AuditUpload&>(*upload);
  auto report = NamelessFile::make(temporary_);
  auto errors = NamelessFile::make(temporary_);
  std::array<int, 2> ends{};
  if (!report || !errors || ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return given_up(503, fail("the audit could not begin", {}, kAgain));
  const PipeEnd comes(ends[0]);
  PipeEnd goes(ends[1]);

  std::vector<std::string> words = {"dmigate",
                                    "audit",
                                    "/dev/stdin",
                                    "--jobs",
                                    "1",
                                    "--lang",
                                    asked.language == gate::Language::kChinese ? "zh" : "en",
                                    std::string("--") + kForms[static_cast<std::size_t>(asked.form)],
                                    "/dev/fd/" + std::to_string(kReportFd)};
  if (!asked.profile.empty()) words.push_back("--profile=" + asked.profile);
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("DMIGATE_")) environment.emplace_back(*variable);
  }
  // Not as words: a server's URL may have a password in it.
  environment.push_back("DMIGATE_REGISTRY=" + registry_);
  if (!folders_.empty()) environment.push_back("DMIGATE_PROFILES=" + joined(folders_));
  if (!options_.config.empty()) environment.push_back("DMIGATE_CONFIG=" + options_.config);
  const std::string program = line::own_program();
  const auto argv = pointers(words), variables = pointers(environment);
  const auto until = Clock::now() + options_.most_time;
  Running audit({.program = program.c_str(),
                 .argv = argv.data(),
                 .environment = variables.data(),
                 .input = sent.file().fd(),
                 .report = goes.fd(),
                 .errors = (*errors)->fd(),
                 .most_file = std::max(2 * options_.most_bytes, kLeastFile),
                 .parent = ::getpid()});
  goes.close();
  if (!audit.began()) return given_up(503, fail("the audit could not begin", {}, kAgain));

  std::array<char, 65536> part{};
  std::optional<int> status;
  for (bool open = true; !status;) {
    if (stopping_) return given_up(503, fail("the service is stopping", {}, kAgain));
    if (sent.abandoned()) return given_up(499, fail("who asked went away", {}, {}));
    if (Clock::now() >= until)
      return given_up(422, fail("the audit took too long, and was ended", {}, kLess));
    if (!open) {
      status = audit.status();
      if (!status) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      continue;
    }
    pollfd waits{.fd = comes.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&waits, 1, static_cast<int>(kLookEvery.count())) <= 0) continue;
    const ssize_t size = ::read(comes.fd(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    open = size > 0;
    if (!open) continue;
    if ((*report)->size() + static_cast<std::uint64_t>(size) > kReport)
      return given_up(422, fail("the report of the audit is too large", {}, kLess));
    if (!(*report)->append({part.data(), static_cast<std::size_t>(size)}))
      return given_up(503, fail("no room is left for the report of the audit", {}, kAgain));
  }
  if (!WIFEXITED(*status))
    return given_up(422, fail("the audit did not end well: it may have needed too much memory", {}, kLess));
  const int code = WEXITSTATUS(*status);
  if ((*report)->size() == 0 || code > 3 || kOutcomes[code].empty()) {
    AuditEnd end = given_up(code == 2 ? 422 : 503, fail("the audit could not begin", {}, kAgain));
    if (auto said = said_in(**errors)) end.problem = std::move(said);
    return end;
  }
  const auto both = std::make_shared<Report>(Report{sent.slot(), *report});
  return {.status = 200,
          .outcome = std::string(kOutcomes[code]),
          .report = std::shared_ptr<const NamelessFile>(both, both->file.get()),
          .problem = {}};
}

}  // namespace dmigate::service
