// Threads for what waits: the registry, a file. What has no place in the queue is not taken.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dmigate::service {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t most_waiting);
  ~Workers();  ///< what waits is done first
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  bool take(std::function<void()> work);  ///< false: too much waits already
  [[nodiscard]] std::size_t waiting();

 private:
  void serve();
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<std::function<void()>> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace dmigate::service
