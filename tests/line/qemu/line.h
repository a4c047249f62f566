// A line whose units boot: the profile of docs/line, and a burner that writes into their firmware.
#pragma once

#include <string>

#include "tests/line/qemu/machine.h"

namespace dmigate::plant {

// What a work order says of one unit.
struct Order {
  std::string label;  ///< the system's serial too
  std::string board;  ///< serial of the baseboard
  std::string uuid;
};
// Unlike every other number's. 1 to 9.
Order order(int number);

// Of fixtures/machines/board: the board as the burner would leave it.
Edits burnt(const Order& order);

struct Line {
  Line();
  Plant plant;

  // The burner of `tool` lies so (fixtures/tools/simulated_burner.cc).
  void add_liar(const std::string& lie) const;

  [[nodiscard]] static Words check(const Machine& unit, const std::string& stage, const std::string& label);
  [[nodiscard]] static Words burn(const Machine& unit, const Order& order, const Words& more = {});
  [[nodiscard]] static Words image(const Machine& unit, const std::string& label);
  // Checked, and passed, at each stage from the first to `last`.
  void pass(const Machine& unit, const std::string& label, const std::string& last) const;
};

}  // namespace dmigate::plant
