#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "gate/audit/report.h"

namespace dmigate::gate::audit {
namespace {

constexpr std::size_t kReportBuffer = std::size_t{1} << 20;

Failure not_written(const std::string& path, int error) {
  return fail("the report cannot be written (" + std::generic_category().message(error) + ")", path,
              "choose another place, or free this one");
}

// Whether there is a file of which something else than a report would be lost.
bool is_foreign(const std::string& path, std::string_view beginning) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno != ENOENT;
  std::string there(beginning.size(), '\0');
  const ssize_t got = ::pread(file, there.data(), there.size(), 0);
  ::close(file);
  return got != 0 &&
         (got < 0 || std::string_view(there).substr(0, static_cast<std::size_t>(got)) != beginning);
}

}  // namespace

ReportFile::~ReportFile() { drop(); }

void ReportFile::drop() {
  if (file_ < 0) return;
  ::close(file_);
  file_ = -1;
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

Result<void> ReportFile::open(const std::string& path, std::string_view beginning) {
  path_ = path;
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  if (there && S_ISDIR(status.st_mode)) return not_written(path, EISDIR);
  if (there && !S_ISREG(status.st_mode)) {
    file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else if (there && is_foreign(path, beginning)) {
    return fail("there is a file here that is no report of this form, and it is not overwritten", path,
                "name a new file for the report");
  } else {
    beside_ = path + "." + std::to_string(::getpid()) + ".part";
    file_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (file_ < 0) return not_written(path, errno);
  buffer_.reserve(kReportBuffer);
  return {};
}

void ReportFile::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() < kReportBuffer) return;
  write_buffer();
  // It goes on its way to the disk, so that finish() has not to wait for all of it.
  if (failed_ == 0 && !beside_.empty()) ::sync_file_range(file_, 0, 0, SYNC_FILE_RANGE_WRITE);
}

void ReportFile::write_buffer() {
  if (failed_ == 0) failed_ = write_all(file_, buffer_);
  buffer_.clear();
  if (failed_ != 0) drop();  // what is of no use takes no room on a full disk until the audit is over
}

Result<void> ReportFile::finish() {
  write_buffer();
  if (failed_ == 0 && !beside_.empty()) {
    if (::fsync(file_) != 0 || ::rename(beside_.c_str(), path_.c_str()) != 0) failed_ = errno;
  }
  if (failed_ != 0) {
    drop();
    return not_written(path_, failed_);
  }
  const int closed = ::close(file_);
  file_ = -1;
  if (closed != 0) return not_written(path_, errno);
  return {};
}

}  // namespace dmigate::gate::audit
