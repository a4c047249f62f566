// registry export: every unit of one moment, by its id, a page at a time.
#include <algorithm>
#include <map>
#include <set>

#include "gate/registry/ledger.h"
#include "gate/registry/registry.h"
#include "gate/registry/transaction.h"
#include "gate/registry/unit_lines.h"

namespace dmigate::gate {
namespace {

template <typename Put>
Result<void> put_pages(Ledger& ledger, const Registry::Write& write, Put put) {
  constexpr std::int64_t kPage = 500;
  std::string last;
  for (;;) {
    auto units = ledger.units_after(last, kPage);
    if (!units) return Failure(units.error());
    if (units->empty()) return {};
    std::string piece;
    for (const KnownUnit& unit : *units) piece += put(unit);
    if (auto written = write(piece); !written) return written;
    last = units->back().id;
  }
}

// What stands above a keyword's values: as import calls them.
std::string column_of(const std::string& keyword) {
  if (keyword == "work-order") return "work_order";
  const bool known = keyword == "label" || keyword == "lot" || keyword == "nic-mac" ||
                     keyword == "disk-serial" || smbios::find_field(keyword) != nullptr;
  return known ? keyword : "id:" + keyword;
}

std::string to_csv_line(const KnownUnit& unit, const std::set<std::string>& columns) {
  std::map<std::string, std::string> values;
  const auto add = [&](const std::string& keyword, const std::string& value) {
    std::string& cell = values[column_of(keyword)];
    cell += (cell.empty() ? "" : " ") + value;
  };
  for (const Claim& claim : unit.claims) {
    if (claim.state == "active" && !claim.second) add(claim.keyword, claim.shown);
  }
  for (const Seen& seen : unit.seen) add(seen.keyword, seen.shown);
  std::string line = csv_cell(unit.id) + "," + csv_cell(unit.model) + "," + csv_cell(unit.since);
  for (const std::string& column : columns) line += "," + csv_cell(values[column]);
  return line + "\r\n";
}

}  // namespace

Result<void> Registry::export_units(const Write& write) {
  Transaction snapshot(*sql_);
  if (auto begun = snapshot.begin_reading(); !begun) return begun;
  Ledger ledger(*sql_, {});
  return put_pages(ledger, write, to_json_line);
}

Result<void> Registry::export_csv(const Write& write) {
  Transaction snapshot(*sql_);
  if (auto begun = snapshot.begin_reading(); !begun) return begun;
  Ledger ledger(*sql_, {});
  std::set<std::string> columns;
  for (auto keywords : {ledger.claimed_keywords(), ledger.seen_keywords()}) {
    if (!keywords) return Failure(keywords.error());
    for (const std::string& keyword : *keywords) columns.insert(column_of(keyword));
  }
  std::string header = "\xEF\xBB\xBFunit,model,since";
  for (const std::string& column : columns) header += "," + csv_cell(column);
  if (auto written = write(header + "\r\n"); !written) return written;
  return put_pages(ledger, write, [&](const KnownUnit& unit) { return to_csv_line(unit, columns); });
}

}  // namespace dmigate::gate
