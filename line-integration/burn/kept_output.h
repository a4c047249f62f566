// What of a command's output is kept for the record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dmigate::line {

// The first and the last half of `limit` bytes. Memory: twice the limit, whatever comes.
class KeptOutput {
 public:
  explicit KeptOutput(std::size_t limit) : half_(limit / 2) {}
  void append(std::string_view text);
  [[nodiscard]] std::string text() const;  ///< a line says how much was left out between the halves
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::size_t half_;
  std::string head_;
  std::string tail_;  ///< cut back to half_ when it reaches twice that
  std::uint64_t total_ = 0;
};

}  // namespace dmigate::line
