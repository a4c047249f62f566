// Units in a file, one a line: read from CSV or JSONL, and written as either. Inner to this room.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gate/evidence/csv.h"
#include "gate/registry/import.h"
#include "gate/registry/ledger.h"

namespace dmigate::gate {

// What one line says.
struct UnitLine {
  std::uint64_t line = 0;
  KnownUnit unit;      ///< of no use where something is refused
  bool named = false;  ///< it says itself by which id the unit is known
  const profiles::Profile* profile =
      nullptr;       ///< by which it was read; nullptr: it says itself what is unique
  std::string more;  ///< further members of its record: ,"fields":{…}
  std::vector<RefusedLine> refused;
};

class UnitReader {
 public:
  virtual ~UnitReader() = default;
  // The next line that has anything in it; false at the end. Fails as the file does.
  virtual Result<bool> next(UnitLine& line) = 0;
};

// By its first character a file is JSONL or CSV. Fails (kConfiguration) on a header that does not hold.
// `now`: since when units are known of which nothing is said. What it returns refers to all three.
Result<std::unique_ptr<UnitReader>> read_units(ByteStream& bytes, const ImportRequest& request,
                                               const std::string& now);
std::unique_ptr<UnitReader> read_json_units(ByteStream& bytes, const ImportRequest& request,
                                            const std::string& now);
Result<std::unique_ptr<UnitReader>> read_csv_units(ByteStream& bytes, const ImportRequest& request,
                                                   const std::string& now);

// One line of JSON, dmigate.unit/1, ending in a newline.
std::string to_json_line(const KnownUnit& unit);

}  // namespace dmigate::gate
