// What Prometheus asks for (text format 0.0.4).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace dmigate::service {

class Metrics {
 public:
  // An answer to a request at `place` ("/v1/units/{unit}").
  void answered(std::string_view place, unsigned status, std::chrono::microseconds took);
  void judged(std::string_view outcome, std::string_view stage);
  void audited(std::string_view outcome);  ///< of a batch; "none": it did not end well

  struct Now {
    std::size_t connections, readers, waiting, audits;
    bool journal_read, reload_failed;
  };
  [[nodiscard]] std::string to_text(const Now& now) const;

 private:
  static constexpr std::array kBounds = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};  // ms
  struct Histogram {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    double seconds = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, unsigned>, std::uint64_t> answers_;
  std::map<std::string, Histogram, std::less<>> times_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> verdicts_;
  std::map<std::string, std::uint64_t> audits_;
};

}  // namespace dmigate::service
