// Delivering what waits in a spool, in order, at least once.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "line-integration/notify/spool.h"
#include "line-integration/notify/target.h"

namespace dmigate::line {

// Hands one event, a file, to the target: to a command on its standard input, which must end with 0; to an
// address by HTTP POST, which must answer 2xx. Fails with why it was not taken, and when it takes longer than
// `patience`.
Result<void> deliver(const Target& target, const std::string& file, std::chrono::milliseconds patience);

struct Flushed {
  std::size_t delivered = 0;
  std::size_t left = 0;
  std::optional<Error> why;  ///< the first that was not taken, or the spool cannot be read
};
// Each event that waits, the oldest first, until one is not taken: what comes after it waits for it.
// REQUIRES: the spool's lock is held by the caller.
Flushed flush(const Spool& spool, const Target& target, std::chrono::milliseconds patience);

struct Retry {
  std::chrono::milliseconds patience{std::chrono::seconds(30)};  ///< with each event
  std::chrono::milliseconds first{std::chrono::seconds(1)};  ///< after the first failure; then twice as long
  std::chrono::milliseconds most{std::chrono::minutes(1)};
};
// Until nothing waits any more, or the spool is gone. Returns at once where another process delivers:
// it takes what was put before this call, too.
void deliver_all(const Spool& spool, const Target& target, const Retry& retry);

// Starts a process of this program that does so and outlives this one: `dmigate notify --flush
// --keep-trying`. It holds nothing of this process but its folder. Not where one is known to run. Whether it
// could be started does not matter to an event, which waits for the next.
void start_delivery(const Spool& spool, const std::string& target);

}  // namespace dmigate::line
