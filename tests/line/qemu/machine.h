// A unit that boots: QEMU with the firmware, the disks and the network cards of its description, a real
// kernel, and dmigate-agent in it. The burner changes the description; the reboot is real.
//
//   const Machine unit("board", {{"CD26A7731Q", "CD26A7732Q"}});
//   boot({&unit});
//   plant.verdict(0, {"check", unit.evidence(), "--stage", "incoming"});
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/line/plant.h"
#include "tests/line/qemu/frame.h"
#include "tests/temporary_folder.h"

namespace dmigate::plant {

class Machine {
 public:
  // A description of fixtures/machines, with some words of it changed.
  explicit Machine(const std::string& fixture, const Edits& edits = {});

  // Of its last boot; what dmigate takes as SOURCE.
  [[nodiscard]] std::string evidence() const { return folder_ / "evidence.json"; }
  void refit(const Edits& edits) const;  ///< parts are changed, or the board's own words
  [[nodiscard]] std::string folder() const { return folder_.path(); }
  // Which boot of what it is made of comes next, from 0; counted by asking.
  std::size_t next_boot(const std::string& description) const;

 private:
  TemporaryFolder folder_;
  mutable std::map<std::string, std::size_t> boots_;  ///< by description
};

enum class Cable : unsigned char {
  kLoose,
  kPlugged,  ///< this machine is 10.0.2.2
};

// One start of a unit. Two may run at once.
class Boot {
 public:
  // `more` goes to the end of the kernel's command line (tests/line/qemu/init.cc).
  explicit Boot(const Machine& machine, const std::string& more = {}, Cable cable = Cable::kLoose);
  Frame wait();  ///< until the unit is off. Fails the test when what it handed out is not whole

 private:
  std::string line_, console_;
  Process process_;
};

// Boots them, two at a time, and waits until they are off. Those whose firmware and parts are the same are
// one boot, and have the same evidence: as often as each was booted before, in this test or another. Fails
// the test when one hands out none.
void boot(const std::vector<const Machine*>& machines);

// Whether units can boot here; says what is left out where they cannot.
bool can_boot();

}  // namespace dmigate::plant
