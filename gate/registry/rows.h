// Rows of one table, gathered and then inserted, with as few statements as is best for the engine. Inner to
// this room.
#pragma once

#include <array>
#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gate/registry/sql.h"

namespace dmigate::gate {

class Rows {
 public:
  // `into`: "claim (id, unit)". `tail`: what ends the statement, such as ON CONFLICT.
  explicit Rows(std::string_view into, std::string_view tail = {});

  // One value for each column.
  template <typename... Values>
  void add(Values&&... values) {
    assert(sizeof...(values) == columns_);
    (values_.emplace_back(std::forward<Values>(values)), ...);
  }
  // Inserts what was added; none is left.
  Result<void> insert(Sql& sql);

 private:
  static constexpr std::size_t kDoublings = 7;  ///< 1, 2, 4, … 64 rows in one statement
  static constexpr std::size_t kMostRows = std::size_t{1} << (kDoublings - 1);
  const std::string& statement(std::size_t doublings);

  std::string_view into_, tail_;
  std::size_t columns_;
  std::vector<SqlValue> values_;
  std::array<std::string, kDoublings> statements_;
};

}  // namespace dmigate::gate
