// What becomes of a command's output: kept for the record, and passed on to whoever watches.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "line-integration/burn/kept_output.h"

namespace dmigate::line {

// Passes text on to a descriptor without ever waiting on it: the caller stops bringing text while
// full(), and is told by on_room when to go on. A reader that takes nothing for kPatience misses what
// comes until it takes again.
class Echo {
 public:
  Echo(boost::asio::io_context& io, int fd, std::function<void()> on_room);
  ~Echo();
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;

  void write(std::string_view text);
  [[nodiscard]] bool full() const;
  void finish();  ///< no more text comes: what waits is written or, after kPatience, given up

 private:
  void open(int fd);
  void write_on();
  void written(const boost::system::error_code& error, std::size_t bytes);
  void stalled();

  boost::asio::posix::stream_descriptor descriptor_;  ///< closed: nobody is there to read
  boost::asio::steady_timer patience_;
  std::function<void()> on_room_;
  std::optional<int> flags_before_;  ///< of a description shared with others, put back at the end
  std::string writing_;              ///< handed to the kernel; untouched until it is done
  std::string waiting_;
  std::uint64_t missed_ = 0;  ///< bytes the reader did not get
  bool stalled_ = false;
  bool finishing_ = false;
};

}  // namespace dmigate::line
