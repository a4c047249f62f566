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
  std::string mac;  ///< of the card on the board: nobody burns it
};
// Unlike every other number's. 1 to 9.
Order order(int number);

// Of fixtures/machines/board: the board that the order is for, and the same as the burner would leave it.
Edits bare(const Order& order);
Edits burnt(const Order& order);

// Of a verdict: the rules that block. An emulated table has its warnings (structure.annex-a).
Words errors(const json::object& verdict);

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
