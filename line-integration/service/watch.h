// Reads what comes into the journal, whoever writes it, and tells the figures and the readers of events.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "line-integration/service/events.h"
#include "line-integration/service/figures.h"
#include "line-integration/service/stock.h"

namespace dmigate::service {

class Watch {
 public:
  Watch(OpenRegistries& registries, gate::Surroundings surroundings, Figures& figures, Hub& hub);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  void look();  ///< something was recorded here just now
  // Whether the journal could be read when it was looked at last.
  [[nodiscard]] bool reads() const { return reads_; }

 private:
  void serve();
  Result<void> read(gate::Registry& registry);
  Result<void> read_station(gate::Registry& registry, const gate::Head& head);
  Result<std::int64_t> before_midnight(gate::Registry& registry, const gate::Head& head);

  OpenRegistries& registries_;
  const gate::Surroundings surroundings_;
  Figures& figures_;
  Hub& hub_;
  std::chrono::system_clock::time_point midnight_;
  std::atomic<bool> reads_ = true;
  bool caught_up_ = false;  ///< what comes from now on is news
  std::mutex mutex_;
  std::condition_variable there_;
  bool asked_ = false, ending_ = false;
  std::thread thread_;
};

}  // namespace dmigate::service
