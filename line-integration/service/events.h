// Who reads the stream of events, and what waits for each: a few hundred lines at most. A reader that does
// not keep up is let go, and nobody waits for it.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace dmigate::service {

using Line = std::shared_ptr<const std::string>;

class Reader {
 public:
  // `may`: whether who reads still may; asked before each line. None: always.
  explicit Reader(std::string station, std::function<bool()> may = {})
      : station_(std::move(station)), may_(std::move(may)) {}
  [[nodiscard]] bool may_read() const { return !may_ || may_(); }

  // Whether it reads of that station: of all, where it named none.
  [[nodiscard]] bool wants(const std::string& station) const {
    return station_.empty() || station_ == station;
  }
  void push(Line line);
  Line pop();  ///< nullptr: nothing waits
  void end();
  [[nodiscard]] bool ended() const { return ended_; }
  // Called by any thread when there is something to do; set before the first push().
  void on_wake(std::function<void()> wake);

 private:
  static constexpr std::size_t kMost = 256;
  void wake();

  std::string station_;
  const std::function<bool()> may_;
  std::mutex mutex_;
  std::deque<Line> waiting_;
  std::function<void()> wake_;
  std::atomic<bool> ended_ = false;
};

class Hub {
 public:
  void add(const std::shared_ptr<Reader>& reader);
  // One event of server-sent events: "id", "event" and "data" of one line.
  void publish(const std::string& station, const std::string& id, const std::string& event,
               const std::string& data);
  [[nodiscard]] std::size_t readers();
  void end_all();

 private:
  std::vector<std::shared_ptr<Reader>> there();
  std::mutex mutex_;
  std::vector<std::weak_ptr<Reader>> readers_;
};

}  // namespace dmigate::service
