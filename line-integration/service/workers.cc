#include "line-integration/service/workers.h"

namespace dmigate::service {

Workers::Workers(std::size_t threads, std::size_t most_waiting) : most_(most_waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  there_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::take(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || queue_.size() >= most_) return false;
    queue_.push_back(std::move(work));
  }
  there_.notify_one();
  return true;
}

std::size_t Workers::waiting() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Workers::serve() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      there_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace dmigate::service
