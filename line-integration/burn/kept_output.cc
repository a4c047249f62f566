#include "line-integration/burn/kept_output.h"

#include <algorithm>

namespace dmigate::line {

void KeptOutput::append(std::string_view text) {
  total_ += text.size();
  const std::size_t to_head = std::min(text.size(), half_ - head_.size());
  head_ += text.substr(0, to_head);
  text.remove_prefix(to_head);
  if (text.size() > half_) {
    tail_.clear();
    text.remove_prefix(text.size() - half_);
  }
  tail_ += text;
  if (tail_.size() >= 2 * half_) tail_.erase(0, tail_.size() - half_);
}

std::string KeptOutput::text() const {
  if (head_.size() + tail_.size() == total_ && tail_.size() <= half_) return head_ + tail_;
  const std::string_view last = std::string_view(tail_).substr(tail_.size() - std::min(half_, tail_.size()));
  const std::uint64_t left_out = total_ - head_.size() - last.size();
  return head_ + "\n[" + std::to_string(left_out) + " bytes left out]\n" + std::string(last);
}

}  // namespace dmigate::line
