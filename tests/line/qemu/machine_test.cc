#include "tests/line/qemu/machine.h"

#include <doctest/doctest.h>

#include "gate/evidence/evidence.h"

using namespace dmigate;
using namespace dmigate::plant;

TEST_CASE("first") {
  if (!can_boot()) return;
  const Machine unit("board");
  boot({&unit});
  MESSAGE(read_file(unit.evidence()));
}
