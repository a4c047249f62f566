#include "gate/registry/order.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "gate/evidence/members.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

using RecordPlace = std::pair<std::string, std::int64_t>;  ///< station and number

struct Waiting {
  UnitRecord record;
  std::int64_t visit = 0;  ///< the unit's number for it; 0: none
  RecordPlace ends;        ///< the record that it ends; number 0: none
};

Waiting waiting_of(UnitRecord record) {
  Waiting waits{.record = std::move(record), .ends = {}};
  boost::system::error_code error;
  const json::value value = json::parse(waits.record.body, error);
  if (error || !value.is_object()) return waits;
  const json::object& said = value.get_object();
  waits.visit = number(said, "visit");
  const std::string other = word(said, "ends_at");
  waits.ends = {other.empty() ? waits.record.station : other, number(said, "ends")};
  return waits;
}

}  // namespace

std::vector<UnitRecord> newest_first(std::vector<UnitRecord> records) {
  std::ranges::sort(records, {}, [](const UnitRecord& r) { return std::tie(r.station, r.seq); });
  std::map<std::string, std::vector<Waiting>> stations;  // the last of each is the next one
  std::multiset<std::int64_t> visits;
  std::set<RecordPlace> before;  // all that is still to come
  for (UnitRecord& record : records) {
    Waiting waits = waiting_of(std::move(record));
    if (waits.visit > 0) visits.insert(waits.visit);
    before.emplace(waits.record.station, waits.record.seq);
    stations[waits.record.station].push_back(std::move(waits));
  }
  for (auto& [station, waiting] : stations) std::ranges::reverse(waiting);

  const auto has_turn = [&](const Waiting& waits) {
    return (waits.visit <= 0 || waits.visit == *visits.begin()) && !before.contains(waits.ends);
  };
  std::vector<UnitRecord> in_order;
  in_order.reserve(records.size());
  while (!stations.empty()) {
    // Where none has its turn, someone has changed the journal, which verify tells: then by the clocks alone.
    const auto next = std::ranges::min_element(stations, {}, [&](const auto& station) {
      const Waiting& waits = station.second.back();
      const bool ends = waits.ends.second > 0;  // as soon as may be: it held the unit back
      return std::tuple<bool, bool, const std::string&>(!has_turn(waits), !ends, waits.record.time);
    });
    Waiting& waits = next->second.back();
    if (waits.visit > 0) visits.erase(visits.find(waits.visit));
    before.erase({waits.record.station, waits.record.seq});
    in_order.push_back(std::move(waits.record));
    next->second.pop_back();
    if (next->second.empty()) stations.erase(next);
  }
  std::ranges::reverse(in_order);
  return in_order;
}

}  // namespace dmigate::gate
