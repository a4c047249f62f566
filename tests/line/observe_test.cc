// mode: observe on a line that runs: the image starts, and what would have been held back is said.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

std::string model(const Plant& plant) {
  write_file(
      plant / "cx.yaml",
      "profile: cx\nversion: 1\nmode: observe\nfields:\n  system-uuid:\n"
      "  system-serial-number: { unique: true }\n"
      "burn: { tool: simulated, fields: [system-serial-number] }\n"
      "stages:\n  pre-burn: { except: burn-fields }\n  post-burn: { after: pre-burn }\n  pre-image:\n");
  return plant / "cx.yaml";
}

}  // namespace

TEST_CASE("a profile that observes lets the image start, and says what it would have held back") {
  const Plant plant;
  plant.station("allow_file_source: true\n");
  const std::string unit = plant.unit("unit", "case-a-1");
  const std::string made = plant / "made";
  const Words run = {"run",    unit,        "--profile", model(plant), "--stage", "pre-image",
                     "--unit", "CX2600417", "--",        "touch",      made};
  const auto verdict = plant.verdict(0, run);
  CHECK(outcome(verdict) == "OBSERVED");
  CHECK(text(verdict, "enforced") == "FAIL");
  CHECK(verdict.at("recorded") == true);
  CHECK(rules(verdict).front() == "field.empty system-serial-number");
  CHECK(std::filesystem::exists(made));
  const Ended said = plant.dmigate({"check", unit, "--profile", model(plant), "--stage", "pre-image"});
  CHECK(said.status == 0);
  CHECK(contains(said.out, "OBSERVED"));
  CHECK(contains(said.out, "enforced, this would be FAIL"));
  plant.check_registry_is_whole();
}

TEST_CASE("an observed command that fails is told by its exit status, and recorded") {
  const Plant plant;
  plant.station("allow_file_source: true\n");
  const std::string unit = plant.unit("unit", "good-unit");
  const auto verdict =
      plant.verdict(4, {"run", unit, "--profile", model(plant), "--stage", "pre-image", "--", "false"});
  CHECK(outcome(verdict) == "OBSERVED");
  CHECK(verdict.at("recorded") == true);
  plant.check_registry_is_whole();
}

TEST_CASE("nothing is burnt by observing") {
  const Plant plant;
  plant.station("allow_file_source: true\n");
  const std::string unit = plant.unit("unit", "good-unit");
  const Ended said =
      plant.dmigate({"burn", unit, "--profile", model(plant), "--set", "system-serial-number=CX2600418"});
  CHECK(said.status == 2);
  CHECK(contains(said.err, "only observes"));
}
