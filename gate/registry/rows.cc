#include "gate/registry/rows.h"

#include <algorithm>
#include <bit>
#include <span>

namespace dmigate::gate {

Rows::Rows(std::string_view into, std::string_view tail)
    : into_(into),
      tail_(tail),
      columns_(static_cast<std::size_t>(std::ranges::count(into.substr(into.find('(')), ',')) + 1) {}

const std::string& Rows::statement(std::size_t doublings) {
  std::string& text = statements_.at(doublings);
  if (!text.empty()) return text;
  text.append("INSERT INTO ").append(into_).append(" VALUES ");
  std::size_t number = 0;
  for (std::size_t row = 0; row < std::size_t{1} << doublings; ++row) {
    for (std::size_t column = 0; column < columns_; ++column) {
      text += column != 0 ? ", $" : row != 0 ? ", ($" : "($";
      text += std::to_string(++number);
    }
    text += ')';
  }
  return text.append(tail_);
}

Result<void> Rows::insert(Sql& sql) {
  const std::size_t rows = values_.size() / columns_;
  for (std::size_t done = 0; done < rows;) {
    const std::size_t some = std::min({rows - done, sql.rows_at_once(), kMostRows});
    const auto doublings = static_cast<std::size_t>(std::bit_width(some)) - 1;
    const std::size_t count = std::size_t{1} << doublings;
    auto run = sql.later(statement(doublings), std::span(values_).subspan(done * columns_, count * columns_));
    if (!run) return run;
    done += count;
  }
  values_.clear();
  return {};
}

}  // namespace dmigate::gate
