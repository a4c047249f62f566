#include <doctest/doctest.h>

#include "gate/evidence/evidence.h"
#include "tests/line/qemu/machine.h"

using namespace dmigate;
using namespace dmigate::plant;

TEST_CASE("first") {
  if (!can_boot()) return;
  const Machine unit("board");
  unit.boot();
  MESSAGE(read_file(unit.evidence()));
}
