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
  std::int64_t began = 0;  ///< that record's visit; 0: none
  bool failed = false;     ///< a check that did not pass, as there are while something is open, too
};

Waiting waiting_of(UnitRecord record) {
  Waiting waits{.record = std::move(record), .ends = {}};
  boost::system::error_code error;
  const json::value value = json::parse(waits.record.body, error);
  if (error || !value.is_object()) return waits;
  const json::object& said = value.get_object();
  waits.visit = number(said, "visit");
  waits.failed = word(said, "kind") == "check" && word(child(said, "verdict"), "outcome") != "PASS";
  if (number(said, "ends") <= 0) return waits;
  const std::string other = word(said, "ends_at");
  waits.ends = {other.empty() ? waits.record.station : other, number(said, "ends")};
  return waits;
}

// What is still to come, each station's own in their order.
class Merge {
 public:
  explicit Merge(std::vector<UnitRecord> records) {
    std::ranges::sort(records, {}, [](const UnitRecord& r) { return std::tie(r.station, r.seq); });
    std::vector<Waiting> all;
    std::map<RecordPlace, std::int64_t> visits;
    for (UnitRecord& record : records) {
      all.push_back(waiting_of(std::move(record)));
      visits.emplace(RecordPlace(all.back().record.station, all.back().record.seq), all.back().visit);
    }
    for (Waiting& waits : all) {
      const auto begun = visits.find(waits.ends);
      if (waits.ends.second > 0 && begun != visits.end()) {
        waits.began = begun->second;
        begins_.insert(waits.ends);
        if (waits.began > 0) ends_.insert(waits.began);
      }
      if (waits.visit > 0) visits_.insert(waits.visit);
      stations_[waits.record.station].push_back(std::move(waits));
    }
    for (auto& [station, waiting] : stations_) std::ranges::reverse(waiting);  // the last is the next one
  }

  std::vector<UnitRecord> run() {
    std::vector<UnitRecord> in_order;
    while (!stations_.empty()) {
      // Where none has its turn, someone has changed the journal, which verify tells: then by the clocks
      // alone.
      const auto next = std::ranges::min_element(stations_, {}, [&](const auto& station) {
        const Waiting& waits = station.second.back();
        return std::pair<bool, const std::string&>(!has_turn(waits), waits.record.time);
      });
      Waiting& waits = next->second.back();
      if (waits.visit > 0) visits_.erase(visits_.find(waits.visit));
      if (waits.began > 0) ends_.erase(ends_.find(waits.began));
      begins_.erase({waits.record.station, waits.record.seq});
      in_order.push_back(std::move(waits.record));
      next->second.pop_back();
      if (next->second.empty()) stations_.erase(next);
    }
    return in_order;
  }

 private:
  [[nodiscard]] bool has_turn(const Waiting& waits) const {
    if (waits.ends.second > 0 && begins_.contains(waits.ends)) return false;
    if (waits.visit <= 0) return true;
    if (waits.visit != *visits_.begin()) return false;
    // What is open holds the unit back: until it has ended, no other visit passes.
    const bool open = !ends_.empty() && *ends_.begin() < waits.visit;
    return !open || waits.failed || waits.began > 0;
  }

  std::map<std::string, std::vector<Waiting>> stations_;
  std::multiset<std::int64_t> visits_;  ///< of all that wait
  std::multiset<std::int64_t> ends_;    ///< the visits that those begin which are ended by what waits
  std::set<RecordPlace> begins_;        ///< what waits, and is ended by something
};

}  // namespace

std::vector<UnitRecord> newest_first(std::vector<UnitRecord> records) {
  std::vector<UnitRecord> in_order = Merge(std::move(records)).run();
  std::ranges::reverse(in_order);
  return in_order;
}

}  // namespace dmigate::gate
