// A whole plant at random against a naive one: thousands of steps, compared after every one.
#include <cstdlib>

#include "tests/gate/story.h"

namespace dmigate::gate {
namespace {

unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

TEST_CASE("whatever happens in a plant, the registry says of it what the obvious one says") {
  const unsigned first = number_from("DMIGATE_STORY_SEED", 1),
                 steps = number_from("DMIGATE_STORY_STEPS", 700);
  std::map<std::string, int> met;
  for (unsigned seed = first; seed < first + 3; ++seed) {
    CAPTURE(seed);
    Plant plant(Story::profile());
    Story story(plant, seed);
    Registry registry = plant.open();
    for (unsigned step = 0; step < steps; ++step) {
      CAPTURE(step);
      REQUIRE(story.step(&registry) == Words{});
    }
    CHECK(story.differences(registry) == Words{});
    CHECK(plant.doubts() == Words{});
    for (const auto& [what, times] : story.met()) met[what] += times;
  }
  std::string words;
  for (const auto& [what, times] : met) words += " " + what + " " + std::to_string(times);
  MESSAGE("met:" << words);
  for (const char* what :
       {"PASS", "FAIL", "unique.duplicate", "unique.changed", "unique.clone", "stage.order",
        "stage.open-record", "stage.pending-burn", "stage.same-boot", "stage.run-failed", "burn.mismatch",
        "replaced", "not replaced", "retired", "resolved"}) {
    CAPTURE(std::string(what));
    CHECK(met[what] > 0);
  }
}

}  // namespace
}  // namespace dmigate::gate
