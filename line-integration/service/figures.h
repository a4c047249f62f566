// Today's figures of the line, from the journal: whoever wrote a record, this service, another one or a
// station's own dmigate, it counts here. Kept in memory; made again from the journal when the service starts.
#pragma once

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gate/judge/messages.h"
#include "gate/registry/registry.h"

namespace dmigate::service {

// What is told of a record, live and in the list of the last units.
struct Happening {
  std::string station, id;  ///< "L3-S07#812"
  boost::json::object told;
};

class Figures {
 public:
  // Records of a station come in order. `midnight`: the beginning of the plant's day, on this machine's
  // clock. None: the record tells of no unit.
  std::optional<Happening> add(const gate::JournalRow& row, const boost::json::object& record,
                               std::chrono::system_clock::time_point midnight);
  void begin_day(std::chrono::system_clock::time_point midnight);
  // Whether a journal that ends there may be the one that was counted: it only grows.
  [[nodiscard]] bool may_be_of(const std::vector<gate::Head>& heads) const;
  void forget();  ///< all of it: the registry is another one
  // schema dmigate.line/1; the sentences of findings in the language.
  [[nodiscard]] boost::json::object to_json(gate::Language language) const;
  // Number of the last record that was counted of the station.
  [[nodiscard]] std::int64_t last_of(const std::string& station) const;
  void skip_to(const std::string& station, std::int64_t seq);

 private:
  static constexpr std::size_t kLastUnits = 50;
  struct Seen {
    bool first, last;  ///< whether it passed at its first visit of the day, and at its last
  };
  using Yield = std::unordered_map<std::uint64_t, Seen>;  ///< by a hash of the unit's name: there are many
  struct Heard {
    std::int64_t seq = 0;
    std::string time, stage, outcome, label, line;
    std::string profile;  ///< "cx-e500 v3"
    std::uint64_t passed = 0, failed = 0, errors = 0;
  };
  void count(const std::string& model, const std::string& stage, const std::string& unit, bool passed,
             std::size_t hour);

  mutable std::mutex mutex_;
  std::string day_;
  std::map<std::pair<std::string, std::string>, Yield> yields_;              ///< model and stage
  std::map<std::string, std::uint64_t, std::less<>> rules_;                  ///< rule and keyword
  std::map<std::string, std::array<std::uint64_t, 24>, std::less<>> hours_;  ///< by stage
  std::map<std::string, Heard, std::less<>> stations_;
  std::deque<boost::json::object> last_;
};

// The beginning of the day in which `now` is, on this machine's clock.
std::chrono::system_clock::time_point midnight_of(std::chrono::system_clock::time_point now);

}  // namespace dmigate::service
