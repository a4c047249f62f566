// Which questions of a station have their record already: its last thousand, from the journal when the
// station is first heard, then as they come. So a question that comes again is found by its key, and one that
// comes for the first time is not looked for among what is known.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "gate/registry/registry.h"

namespace dmigate::service {

class Recall {
 public:
  // Behind which record of the station the question's own is to be looked for.
  Result<std::int64_t> after(gate::Registry& registry, const std::string& station, const std::string& id);
  // The station has this record now. Others may have come before it from elsewhere.
  Result<void> add(gate::Registry& registry, const std::string& station, std::int64_t seq,
                   const std::string& id);

 private:
  static constexpr std::int64_t kMost = 1000;
  struct Station {
    std::int64_t known = -1;  ///< all up to this one are known; -1: it was not heard yet
    // By a hash: of two questions with one, the earlier record is told, and the later stands behind it.
    std::deque<std::pair<std::size_t, std::int64_t>> ids;
  };
  static Result<void> read(gate::Registry& registry, const std::string& name, std::int64_t known,
                           Station& station);
  std::mutex mutex_;
  std::map<std::string, Station> stations_;
};

}  // namespace dmigate::service
