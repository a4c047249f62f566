// What the registry knows against one visit: who the unit is, and whether its turn has come.
// Inside one transaction; reads only. registry.cc writes what follows from it.
#pragma once

#include "gate/registry/ledger.h"

namespace dmigate::gate {

struct Admission {
  std::string unit;     ///< empty: a new one, or not to be told (then there are findings)
  bool is_new = false;  ///< nobody holds anything it presents
  std::optional<Work> work;
  bool verifies = false;         ///< this visit is the proof of `work`, a burn, in another boot
  bool held_back = false;        ///< by `work`: where to go next is said by that, not by the order of stages
  std::vector<Claim> presented;  ///< existing claims on what it presents
  std::vector<Claim> intended;   ///< existing claims on what is to be burnt
  std::vector<Claim> held;       ///< all claims of `unit`
  std::vector<Finding> first;  ///< findings that come before the judge's: the table is not the last word yet
  std::vector<Finding> then;   ///< findings that come after them
};

Result<Admission> admit(Ledger& ledger, const Visit& visit);

// What speaks against a unit's having the value that holds `held`: it holds another, or gave this one up.
// What a burn (`work`) has changed or is about to change is compared by its verification instead.
std::optional<Finding> contradiction(const UniqueValue& value, const std::vector<Claim>& held,
                                     const std::optional<Work>& work);
// A finding on a value that `holder` has.
Finding about(Say say, const UniqueValue& value, const Holder& holder);

// "CX1234567 (L3-S07, 2026-11-20T05:00:00.123Z)", the unit's id where it has no label.
std::string describe(const Holder& holder);

}  // namespace dmigate::gate
