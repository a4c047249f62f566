// In which order the records of one unit came about, where the stations' clocks do not agree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dmigate::gate {

struct UnitRecord {
  std::string station;
  std::int64_t seq = 0;
  std::string time;  ///< by the station's clock: RFC 3339, UTC
  std::string body;
};

// The records, the newest first. Each station's own follow their numbers; what counts as a visit follows the
// number that the unit gave it, whatever station that was at; what ends a burn or a command comes behind its
// begin, and before the next visit that passes. Where none of these tells, the clocks do: where they are
// right, the order is theirs. O(n × stations).
std::vector<UnitRecord> newest_first(std::vector<UnitRecord> records);

}  // namespace dmigate::gate
