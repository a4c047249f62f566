// Burners that lie, fail and hang, on units that boot: each story ends blocked and recorded, with a sentence
// that tells what to do, and what was really written is found out after a real reboot.
#include <doctest/doctest.h>

#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

struct Lie {
  const char* name;
  int status;         ///< of the burn
  const char* state;  ///< after it
  Words more;         ///< options
  Words mismatches;   ///< at post-burn, after the reboot; none: it is proved
};

const Words kAll = {"system-serial-number", "baseboard-serial-number", "system-uuid",
                    "system-sku-number",    "system-family",           "chassis-type"};
const Lie kLies[] = {
    {"nothing", 0, "pending", {}, kAll},
    {"half", 0, "pending", {}, {"system-uuid", "system-sku-number", "system-family"}},
    {"other", 0, "pending", {}, kAll},
    {"field", 0, "pending", {}, kAll},
    {"word-and-fail", 4, "failed", {}, kAll},
    {"hang", 4, "failed", {"--timeout", "200ms"}, kAll},
    {"fork", 0, "pending", {}, {}},
    {"flood", 0, "pending", {}, {}},
};

const Order kOrder = order(1);

struct Story {
  explicit Story(const Lie& told) : lie(told) {}
  const Lie& lie;
  Line line;
  Machine unit{"board"};
};

}  // namespace

TEST_CASE("burners that lie to a unit that boots") {
  if (!can_boot()) return;
  std::vector<std::unique_ptr<Story>> stories;
  std::vector<const Machine*> units;
  for (const Lie& lie : kLies) {
    stories.push_back(std::make_unique<Story>(lie));
    units.push_back(&stories.back()->unit);
  }
  boot(units);
  for (const auto& story : stories) {
    const Lie& lie = story->lie;
    CAPTURE(lie.name);
    story->line.add_liar(lie.name);
    Words more = {"--tool", lie.name};
    more.insert(more.end(), lie.more.begin(), lie.more.end());
    const auto burnt = story->line.plant.verdict(lie.status, Line::burn(story->unit, kOrder, more));
    MESSAGE(json::serialize(burnt.at("findings")), " ", json::serialize(burnt.at("burn")));
    for (const char* stage : {"post-burn", "pre-image"}) {
      MESSAGE(json::serialize(
          story->line.plant.verdict(1, Line::check(story->unit, stage, kOrder.label)).at("findings")));
    }
  }
  boot(units);
  for (const auto& story : stories) {
    CAPTURE(story->lie.name);
    const auto v = story->line.plant.dmigate(Line::check(story->unit, "post-burn", kOrder.label));
    MESSAGE(v.status, v.out);
  }
}
