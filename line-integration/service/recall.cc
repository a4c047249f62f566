#include "line-integration/service/recall.h"

#include <algorithm>
#include <boost/json.hpp>
#include <functional>

#include "gate/evidence/members.h"

namespace dmigate::service {
namespace {

std::size_t hash_of(std::string_view id) { return std::hash<std::string_view>()(id); }

std::size_t id_of(const gate::JournalRow& row) {
  boost::system::error_code error;
  const auto record = boost::json::parse(row.body, error);
  return hash_of(error || !record.is_object() ? std::string() : gate::word(record.get_object(), "id"));
}

}  // namespace

Result<void> Recall::read(gate::Registry& registry, const std::string& name, std::int64_t known,
                          Station& station) {
  auto rows = registry.journal(name, known, kMost);
  if (!rows) return Failure(rows.error());
  for (const gate::JournalRow& row : *rows) {
    station.ids.emplace_back(id_of(row), row.seq);
    known = row.seq;
  }
  while (station.ids.size() > kMost) station.ids.pop_front();
  station.known = known;
  return {};
}

Result<std::int64_t> Recall::after(gate::Registry& registry, const std::string& station,
                                   const std::string& id) {
  const std::lock_guard lock(mutex_);
  Station& heard = stations_[station];
  if (heard.known < 0) {
    const auto heads = registry.heads();
    if (!heads) return Failure(heads.error());
    const auto head = std::ranges::find(*heads, station, &gate::Head::station);
    const std::int64_t last = head == heads->end() ? 0 : head->seq;
    if (auto done = read(registry, station, std::max<std::int64_t>(0, last - kMost), heard); !done)
      return Failure(done.error());
  }
  const auto found = std::ranges::find(heard.ids, hash_of(id), &std::pair<std::size_t, std::int64_t>::first);
  return found == heard.ids.end() ? heard.known : found->second - 1;
}

Result<void> Recall::add(gate::Registry& registry, const std::string& station, std::int64_t seq,
                         const std::string& id) {
  const std::lock_guard lock(mutex_);
  Station& heard = stations_[station];
  if (heard.known >= seq) {
    // Of another registry, which stood here before: forgotten, and read anew at the next question.
    if (std::ranges::find(heard.ids, std::pair(hash_of(id), seq)) == heard.ids.end()) heard = {};
    return {};
  }
  if (heard.known + 1 != seq) return read(registry, station, std::max<std::int64_t>(heard.known, 0), heard);
  heard.ids.emplace_back(hash_of(id), seq);
  if (heard.ids.size() > kMost) heard.ids.pop_front();
  heard.known = seq;
  return {};
}

}  // namespace dmigate::service
