// Which units share a value that may be only one's. Inside gate/audit only.
//
// Each worker keeps what it meets in Keys of its own: 24 bytes a value, told apart by the first byte of its
// hash, so that each part is sorted by itself when all are known.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "gate/audit/judging.h"

namespace dmigate::gate::audit {

inline constexpr std::size_t kParts = 256;

class Keys {
 public:
  struct Entry {
    UniqueKey key;
    std::uint32_t unit = 0;  ///< provisional (work.h)
    std::uint16_t slot = 0;  ///< which of the unit's values
  };
  void add(const UniqueKey& key, std::uint32_t unit, std::uint16_t slot);
  // Appends the entries of a part, and forgets them.
  void take(std::size_t part, std::vector<Entry>& entries);

 private:
  static constexpr std::size_t kBlock = 128;
  struct Blocks {
    std::vector<std::unique_ptr<std::array<Entry, kBlock>>> all;
    std::size_t in_last = kBlock;
  };
  std::array<Blocks, kParts> parts_;
};

// A unit as a member of a group.
struct Member {
  std::uint32_t unit = 0;   ///< its number
  std::uint32_t group = 0;  ///< from 1
  std::uint16_t slot = 0;   ///< which of its values
};

class Duplicates {
 public:
  // `number`: of a provisional unit. Works with `jobs` threads.
  void find(std::span<Keys> keys, const std::function<std::uint32_t(std::uint32_t)>& number, unsigned jobs);

  [[nodiscard]] std::uint64_t groups() const { return sizes_.size(); }
  [[nodiscard]] std::uint32_t size(std::uint32_t group) const { return sizes_[group - 1]; }
  // Of all groups, by unit, then group.
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }

 private:
  std::vector<Member> members_;
  std::vector<std::uint32_t> sizes_;  // by group: the largest first, then by their first units
};

}  // namespace dmigate::gate::audit
