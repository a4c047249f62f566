#include "gate/audit/duplicates.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>
#include <numeric>
#include <thread>
#include <tuple>
#include <utility>

namespace dmigate::gate::audit {
namespace {

// A group while it has no number yet: a row of `members`, all units different.
struct Found {
  std::uint32_t first = 0;  ///< its first unit, and which of that unit's values
  std::uint16_t slot = 0;
  std::uint32_t size = 0;
  std::uint32_t label = 0;  ///< what its members have for its number as yet
};

using Entries = std::vector<Keys::Entry>;

// The units of one value, in their order, each once.
void take_row(std::span<const Keys::Entry> row, std::vector<Member>& members, std::vector<Found>& groups) {
  const std::size_t before = members.size();
  for (const Keys::Entry& entry : row) {
    if (members.size() > before && members.back().unit == entry.unit) continue;  // it has it twice
    members.push_back({entry.unit, 0, entry.slot});
  }
  const std::size_t size = members.size() - before;
  if (size < 2) return members.resize(before);
  const auto label = static_cast<std::uint32_t>(groups.size());
  for (std::size_t i = before; i < members.size(); ++i) members[i].group = label;
  groups.push_back({members[before].unit, members[before].slot, static_cast<std::uint32_t>(size), label});
}

// Those whose key is another's as well: few. Open addressing, at most half full; the hash is keyed, so that
// nobody can make it long. `places` is room to work in.
Entries repeated(const Entries& entries, std::vector<std::uint32_t>& places) {
  constexpr std::uint32_t kFree = 0xFFFFFFFF, kTaken = 0x80000000;
  places.assign(std::bit_ceil(2 * entries.size() + 1), kFree);
  const std::size_t last = places.size() - 1;
  Entries found;
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    std::size_t at = entries[i].key.low & last;
    while (places[at] != kFree && entries[places[at] & ~kTaken].key != entries[i].key) at = (at + 1) & last;
    if (places[at] == kFree) {
      places[at] = i;
      continue;
    }
    if ((places[at] & kTaken) == 0) found.push_back(entries[places[at]]);
    places[at] |= kTaken;
    found.push_back(entries[i]);
  }
  return found;
}

void find_in_part(Entries entries, std::vector<Member>& members, std::vector<Found>& groups) {
  std::ranges::sort(entries, [](const Keys::Entry& a, const Keys::Entry& b) {
    return std::tie(a.key, a.unit, a.slot) < std::tie(b.key, b.unit, b.slot);
  });
  for (std::size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    for (end = begin; end < entries.size() && entries[end].key == entries[begin].key;) ++end;
    if (end - begin > 1) take_row(std::span(entries).subspan(begin, end - begin), members, groups);
  }
}

}  // namespace

void Keys::add(const UniqueKey& key, std::uint32_t unit, std::uint16_t slot) {
  Blocks& blocks = parts_.at(key.high % kParts);
  if (blocks.in_last == kBlock) {
    blocks.all.push_back(std::make_unique_for_overwrite<std::array<Entry, kBlock>>());
    blocks.in_last = 0;
  }
  (*blocks.all.back()).at(blocks.in_last++) = {key, unit, slot};
}

void Keys::take(std::size_t part, std::vector<Entry>& entries) {
  const Blocks blocks = std::exchange(parts_.at(part), {});
  entries.reserve(entries.size() + blocks.all.size() * kBlock);
  for (const auto& block : blocks.all) {
    const std::size_t size = block == blocks.all.back() ? blocks.in_last : kBlock;
    entries.insert(entries.end(), block->begin(), block->begin() + static_cast<std::ptrdiff_t>(size));
  }
}

void Duplicates::find(std::span<Keys> keys, const std::function<std::uint32_t(std::uint32_t)>& number,
                      unsigned jobs) {
  std::vector<Found> groups;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    Entries entries;
    std::vector<std::uint32_t> places;
    std::vector<Member> members;
    std::vector<Found> found;
    for (std::size_t part = next++; part < kParts; part = next++) {
      entries.clear();
      members.clear();
      found.clear();
      for (Keys& each : keys) each.take(part, entries);
      Entries shared = repeated(entries, places);
      for (Keys::Entry& entry : shared) entry.unit = number(entry.unit);
      find_in_part(std::move(shared), members, found);
      const std::lock_guard lock(mutex);
      const auto labels = static_cast<std::uint32_t>(groups.size());
      for (Member& member : members) member.group += labels;
      for (Found& group : found) group.label += labels;
      members_.insert(members_.end(), members.begin(), members.end());
      groups.insert(groups.end(), found.begin(), found.end());
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < jobs; ++i) threads.emplace_back(work);
  work();
  threads.clear();

  // Numbers that depend on nothing but the units.
  std::ranges::sort(groups, [](const Found& a, const Found& b) {
    return std::tuple(b.size, a.first, a.slot) < std::tuple(a.size, b.first, b.slot);
  });
  std::vector<std::uint32_t> numbers(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    numbers[groups[i].label] = static_cast<std::uint32_t>(i + 1);
    sizes_.push_back(groups[i].size);
  }
  for (Member& member : members_) member.group = numbers[member.group];
  std::ranges::sort(members_, {}, [](const Member& member) { return std::pair(member.unit, member.group); });
}

}  // namespace dmigate::gate::audit
