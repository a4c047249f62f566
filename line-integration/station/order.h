// A work order from the MES: which values are for which unit. YAML or JSON for one unit or a list of them,
// or the CSV of a whole lot; all say the same:
//
//   unit,work_order,system-serial-number,baseboard-serial-number
//   CX2600501,WO-7,CX2600501,HB26031501
//   CX2600502,WO-7,CX2600502,HB26031502
//
//   { "unit": "CX2600501", "work_order": "WO-7", "system-serial-number": "CX2600501" }
//
//   work_order: WO-7                 # said once for all
//   units:
//     - { unit: CX2600501, system-serial-number: CX2600501 }
//     - { unit: CX2600502, system-serial-number: CX2600502 }
//
// `unit` (or `label`), `work_order` and `lot` are words of the order; every other name is a keyword of the
// profile's `burn`, or one of its identifiers.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "profiles/profile.h"
#include "profiles/yaml.h"

namespace dmigate::line {

struct OrderValue {
  std::string name;  ///< of the column, or the key
  std::string value;
  profiles::Mark name_mark, mark;
};

// What the order says of one unit.
struct OrderRow {
  profiles::Mark mark;
  std::vector<OrderValue> values;
  [[nodiscard]] std::string find(std::string_view name) const;  ///< "" where it does not say
};

struct Order {
  std::string file;
  std::vector<OrderRow> rows;
};

// By its ending (.csv, .yaml, .yml, .json), else by its content. UTF-8 or, with a byte order mark, UTF-16.
// Every failure is kConfiguration, and names file, line and column.
Result<Order> read_order(const std::string& file);
Result<Order> parse_order(std::string_view bytes, const std::string& file);

// The one row that is for this unit: by its label where the order names labels, else by its work order.
// Two units with one label are an error, whichever is asked for.
Result<OrderRow> find_row(const Order& order, const std::string& label, const std::string& work_order);

// The row's values, by what the profile makes of their names. Each has a value, and no two units of the
// order have the same one where the profile calls it unique.
struct OrderedValues {
  std::vector<OrderValue> fields;  ///< keywords of the profile's burn
  std::map<std::string, std::string> identifiers;
};
Result<OrderedValues> sort_values(const Order& order, const OrderRow& row, const profiles::Profile& profile);

// "lot.csv:3:17"
std::string place(const std::string& file, const profiles::Mark& mark);

}  // namespace dmigate::line
