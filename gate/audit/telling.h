// The second half of an audit: what was kept of the units, told in their order. Inside gate/audit only.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "gate/audit/duplicates.h"
#include "gate/audit/report.h"
#include "gate/registry/batch.h"

namespace dmigate::gate::audit {

// Null: none is for it.
const profiles::Profile* profile_of(const Request& request, const Record& record);

// For one thread: renders some units after the other, and gives them to the reports when their turn has come.
class Teller {
 public:
  // All must live as long as this.
  Teller(const Request& request, const Duplicates& duplicates,
         std::span<const std::unique_ptr<Report>> reports);

  void begin(std::uint32_t first);  ///< forgets what was rendered; the number of the unit that comes next
  // `records`: encoded. `known`: what the registry has against each of them, and those that follow; empty:
  // nothing. How many units it told.
  std::size_t tell(std::string_view records, std::span<const BatchFindings> known);
  // By one thread at a time, in the order of the units.
  void give(Collector& collector);

 private:
  void tell(const Record& record, std::span<const Finding> known);

  const Request& request_;
  const Duplicates& duplicates_;
  std::span<const std::unique_ptr<Report>> reports_;
  std::vector<Rendered> rendered_;  // by report
  Collector collector_;
  std::uint32_t number_ = 0;       // of the unit that comes next
  std::size_t member_ = 0;         // the first of duplicates_.members() that is no earlier unit
  std::vector<Duplicate> shared_;  // of the unit that is told
};

}  // namespace dmigate::gate::audit
