// A good unit walks the whole line, incoming to ship, with and without a label at each stage, and is
// one unit in the registry at the end.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

// A board as each of the two lines gets it: what the plant burns is empty. Where the plant burns the
// board's serial too, nothing on it tells it from the next one.
constexpr const char* kBoard = R"(unit: board
smbios: '3.2'
boot_id: 6c1f9d3e-0b52-4f0a-8a64-0000000000a1
structures:
  - type: 0
    fields: { bios-vendor: Chenxi, bios-version: '5.13', bios-release-date: 03/18/2026 }
  - type: 1
    fields:
      system-manufacturer: Chenxi
      system-product-name: CX E500
      system-version: '1.0'
      system-serial-number: null
      system-uuid: 00000000-0000-0000-0000-000000000000
      system-wake-up-type: power-switch
      system-sku-number: null
      system-family: null
  - type: 2
    fields:
      baseboard-manufacturer: Chenxi Board
      baseboard-product-name: H310CM-A
      baseboard-version: '1.2'
      baseboard-serial-number: null
      baseboard-features: 1
      baseboard-type: motherboard
  - type: 3
    fields: { chassis-manufacturer: Chenxi, chassis-type: unknown }
)";

// Where there is a disk in memory, these many walks are made there: what is durable is tested elsewhere.
class InMemory {
 public:
  InMemory() {
    if (::access("/dev/shm", W_OK | X_OK) == 0 && std::getenv("TMPDIR") == nullptr)
      ::setenv("TMPDIR", "/dev/shm", 1);
  }
  ~InMemory() {
    const char* folder = std::getenv("TMPDIR");
    if (folder != nullptr && std::string(folder) == "/dev/shm") ::unsetenv("TMPDIR");
  }
};

struct Model {
  const char* name;
  const char* label;
  Edits edits;
  Words burnt;  ///< KEYWORD=VALUE
  bool known_by_its_board;
};

const Model kPlantBurns = {
    .name = "cx-e500",
    .label = "CX2600417",
    .edits = {},
    .burnt = {"system-serial-number=CX2600417", "baseboard-serial-number=HB26031187",
              "system-uuid=8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "system-sku-number=CXE500-01",
              "system-family=CX", "chassis-type=desktop"},
    .known_by_its_board = false};
const Model kSupplierWrites = {
    .name = "cx-e500-supplier",
    .label = "CXS260417",
    .edits = {{"H310CM-A", "H310CS-A"},
              {"baseboard-serial-number: null", "baseboard-serial-number: HB26031187"}},
    .burnt = {"system-serial-number=CXS260417", "system-uuid=8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513",
              "system-sku-number=CXE500-01", "system-family=CX", "chassis-type=desktop"},
    .known_by_its_board = true};

// What is done to a unit on the line, in this order; the reboot comes after the burn.
constexpr const char* kSteps[] = {"incoming",  "pre-burn",   "burn", "post-burn",
                                  "pre-image", "post-image", "ship"};
constexpr unsigned kStepCount = 7;
constexpr unsigned kBurnStep = 2;

Words arguments_of(const Model& model, unsigned step, const std::string& unit, bool with_label) {
  const std::string name = kSteps[step];
  Words arguments = {name == "burn" ? "burn" : name == "pre-image" ? "run" : "check", unit};
  if (with_label) arguments.insert(arguments.end(), {"--unit", model.label});
  if (name != "burn") arguments.insert(arguments.end(), {"--stage", name});
  if (name == "burn") {
    for (const std::string& value : model.burnt) arguments.insert(arguments.end(), {"--set", value});
  }
  if (name == "pre-image") arguments.insert(arguments.end(), {"--", "touch", unit + "/disk"});
  return arguments;
}

// Every value of the unit leads to one unit, and that is all the registry holds.
void check_one_unit(const Plant& plant, const Model& model, bool label_was_scanned, const std::string& id) {
  Words values;
  for (const std::string& burnt : model.burnt) values.push_back(burnt.substr(burnt.find('=') + 1));
  values.emplace_back("HB26031187");
  std::set<std::string> units;
  std::set<std::string> held;
  for (const std::string& value : values) {
    const auto found = plant.registry_json(0, {"lookup", value});
    for (const json::value& row : found.at("claims").as_array()) {
      units.insert(text(row.as_object(), "unit"));
      held.insert(text(row.as_object(), "keyword"));
      CHECK(text(row.as_object(), "state") == "active");
    }
  }
  CHECK(units == std::set<std::string>{id});
  std::set<std::string> expected = {"system-serial-number", "system-uuid", "baseboard-serial-number"};
  if (label_was_scanned) expected.insert("label");
  CHECK(held == expected);
  const auto status = plant.registry_json(0, {"status"});
  CHECK(status.at("claims").as_object().at("active") == expected.size());
  CHECK(status.at("claims").as_object().at("reserved") == 0);
  CHECK(status.at("work").as_array().empty());
}

// `labels`: bit n says that the label is scanned at step n.
void walk(const Model& model, unsigned labels) {
  CAPTURE(model.name);
  CAPTURE(labels);
  const Plant plant;
  const std::string unit = plant.described("unit", edited(kBoard, model.edits));
  std::string id;
  bool known = model.known_by_its_board;
  for (unsigned step = 0; step < kStepCount; ++step) {
    CAPTURE(kSteps[step]);
    const bool with_label = (labels >> step & 1) != 0;
    known = known || with_label;
    if (step == kBurnStep && !model.known_by_its_board && !with_label) {
      // Nothing would tell after the reboot which unit was burnt.
      const auto refused = plant.verdict(3, arguments_of(model, step, unit, false));
      const Words why = rules(refused);
      CHECK(std::count(why.begin(), why.end(), "evidence.missing") == 1);
      CHECK_FALSE(refused.contains("command"));
      return;
    }
    const auto verdict = plant.verdict(0, arguments_of(model, step, unit, with_label));
    const bool told = with_label || step > kBurnStep || model.known_by_its_board;
    Words said = rules(verdict);
    std::erase(said, "structure.annex-a");  // a board that nobody has written yet is not as it asks
    CHECK(said == (told ? Words{} : Words{"unit.unknown"}));
    CHECK(text(verdict.at("profile").as_object(), "name") == model.name);
    // From the first thing that tells the unit on, it is the same one.
    if (told) {
      if (id.empty()) id = unit_id(verdict);
      CHECK(unit_id(verdict) == id);
    }
    if (step == kBurnStep) plant.reboot(unit);
  }
  CHECK(known);
  check_one_unit(plant, model, labels != 0, id);
  // A check that passes with nothing to tell the unit by is a unit of its own: nobody can say it is this one.
  const bool always_told = model.known_by_its_board || (labels & 7) == 7;
  if (always_told) CHECK(plant.registry_json(0, {"status"}).at("units") == 1);
  plant.check_registry_is_whole();
}

// Never and always; at one step only, at all but one, from one on, up to one.
std::set<unsigned> ways() {
  constexpr unsigned kAll = (1U << kStepCount) - 1;
  std::set<unsigned> ways = {0, kAll};
  for (unsigned step = 0; step < kStepCount; ++step) {
    const unsigned only = 1U << step;
    ways.insert({only, kAll & ~only, kAll & ~(only - 1), only - 1});
  }
  return ways;
}

}  // namespace

TEST_CASE(
    "a good unit walks the whole line with and without a label at each stage: the supplier writes its "
    "board") {
  const InMemory in_memory;
  for (const unsigned labels : ways()) walk(kSupplierWrites, labels);
}

TEST_CASE(
    "a good unit walks the whole line with and without a label at each stage: the plant burns its board") {
  const InMemory in_memory;
  for (const unsigned labels : ways()) walk(kPlantBurns, labels);
}
