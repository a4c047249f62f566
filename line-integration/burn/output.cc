#include "line-integration/burn/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <utility>

namespace dmigate::line {
namespace {

constexpr std::size_t kMostWaiting = 256 * 1024;  // bytes
constexpr std::chrono::seconds kPatience{1};

// A description of our own for what can make a writer wait, so that O_NONBLOCK does not reach the
// shell or the service that shares it. -1: there is none (a socket, a terminal of another user), or
// none is wanted (a file: its position is shared, and it never makes a writer wait).
int own_description(int fd) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) return -1;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

}  // namespace

Echo::Echo(boost::asio::io_context& io, int fd, std::function<void()> on_room)
    : descriptor_(io), patience_(io), on_room_(std::move(on_room)) {
  if (fd >= 0) open(fd);
}

Echo::~Echo() {
  if (flags_before_ && descriptor_.is_open()) ::fcntl(descriptor_.native_handle(), F_SETFL, *flags_before_);
}

void Echo::open(int fd) {
  int own = own_description(fd);
  if (own < 0) {
    own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0) return;
    flags_before_ = ::fcntl(own, F_GETFL);
  }
  boost::system::error_code error;
  descriptor_.assign(own, error);
  if (error) ::close(own);
}

bool Echo::full() const { return !stalled_ && waiting_.size() >= kMostWaiting; }

void Echo::write(std::string_view text) {
  if (!descriptor_.is_open()) return;
  if (stalled_) {
    missed_ += text.size();
    return;
  }
  waiting_ += text;
  write_on();
}

void Echo::finish() {
  finishing_ = true;
  if (stalled_) descriptor_.cancel();
}

void Echo::write_on() {
  if (!writing_.empty() || waiting_.empty()) return;
  std::swap(writing_, waiting_);
  patience_.expires_after(kPatience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) stalled();
  });
  descriptor_.async_write_some(
      boost::asio::buffer(writing_),
      [this](const boost::system::error_code& error, std::size_t bytes) { written(error, bytes); });
}

void Echo::written(const boost::system::error_code& error, std::size_t bytes) {
  patience_.cancel();
  stalled_ = false;
  if (error) {
    if (flags_before_) ::fcntl(descriptor_.native_handle(), F_SETFL, *flags_before_);
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    waiting_.clear();
    writing_.clear();
  } else {
    waiting_.insert(0, writing_, bytes);
    writing_.clear();
    if (missed_ > 0) waiting_ += "\n[" + std::to_string(std::exchange(missed_, 0)) + " bytes not shown]\n";
    write_on();
  }
  if (!full()) on_room_();
}

void Echo::stalled() {
  // The timer's expiry may have been on its way when a write ended.
  if (writing_.empty() || patience_.expiry() > std::chrono::steady_clock::now()) return;
  stalled_ = true;
  missed_ += std::exchange(waiting_, {}).size();
  if (finishing_) descriptor_.cancel();
  on_room_();
}

}  // namespace dmigate::line
