// Burners that lie, fail and hang, on units that boot: each burn ends blocked and recorded, with a sentence
// that tells what to do, and what was really written is found out after a real reboot.
#include <doctest/doctest.h>

#include <memory>

#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

const Words kAll = {"system-serial-number", "baseboard-serial-number", "system-uuid",
                    "system-sku-number",    "system-family",           "chassis-type"};

struct Lie {
  std::string name;  ///< of fixtures/tools/simulated_burner.cc
  int status;        ///< of the burn: 0 is pending
  Words more;        ///< options of the burn
  Words mismatches;  ///< found after the reboot; none: it had written all of it
};
const Lie kLies[] = {
    {"nothing", 0, {}, kAll},
    {"other", 0, {}, kAll},
    {"field", 0, {}, kAll},
    {"half", 0, {}, {"system-sku-number", "system-family", "chassis-type"}},
    {"word-and-fail", 4, {}, kAll},
    {"hang", 4, {"--timeout", "200ms"}, kAll},
    {"fork", 0, {}, {}},
    {"flood", 0, {}, {}},
};

const Order kOrder = order(1);

struct Story {
  explicit Story(const Lie& told) : lie(told) { line.add_liar(lie.name); }
  const Lie& lie;
  Line line;
  Machine unit{"board", bare(kOrder)};
};

std::vector<std::unique_ptr<Story>> stories() {
  std::vector<std::unique_ptr<Story>> stories;
  for (const Lie& lie : kLies) stories.push_back(std::make_unique<Story>(lie));
  return stories;
}

std::vector<const Machine*> units_of(const std::vector<std::unique_ptr<Story>>& stories) {
  std::vector<const Machine*> units;
  for (const auto& story : stories) units.push_back(&story->unit);
  return units;
}

// Every finding that blocks says what to do.
void check_told(const json::object& verdict) {
  CHECK(verdict.at("recorded") == true);
  for (const json::value& value : verdict.at("findings").as_array()) {
    const json::object& finding = value.as_object();
    if (text(finding, "severity") == "error") CHECK_FALSE(text(finding, "advice").empty());
  }
}

void burn_and_look_in_the_same_boot(const Story& story) {
  const json::value state = story.lie.status == 0 ? "pending" : "failed";
  Words more = {"--tool", story.lie.name};
  more.insert(more.end(), story.lie.more.begin(), story.lie.more.end());
  const auto burnt = story.line.plant.verdict(story.lie.status, Line::burn(story.unit, kOrder, more));
  CHECK(burnt.at("burn").as_object().at("state") == state);
  CHECK(errors(burnt) == (story.lie.status == 0 ? Words{} : Words{"burn.command"}));
  check_told(burnt);

  const auto same_boot = story.line.plant.verdict(1, Line::check(story.unit, "post-burn", kOrder.label));
  CHECK(errors(same_boot) == Words{"stage.same-boot"});
  check_told(same_boot);
  const auto held_back = story.line.plant.verdict(1, Line::image(story.unit, kOrder.label));
  CHECK(errors(held_back) == Words{"stage.pending-burn"});
  CHECK_FALSE(held_back.contains("command"));
  check_told(held_back);
}

void look_after_the_reboot(const Story& story) {
  const bool all_written = story.lie.mismatches.empty();
  const auto verdict =
      story.line.plant.verdict(all_written ? 0 : 5, Line::check(story.unit, "post-burn", kOrder.label));
  CHECK(text(verdict.at("burn").as_object(), "state") == (all_written ? "verified" : "mismatch"));
  Words mismatches;
  for (const std::string& error : errors(verdict)) {
    constexpr std::string_view kRule = "burn.mismatch ";
    if (error.starts_with(kRule)) mismatches.push_back(error.substr(kRule.size()));
  }
  CHECK(mismatches == story.lie.mismatches);
  check_told(verdict);
  if (!all_written) {
    const auto held_back = story.line.plant.verdict(1, Line::image(story.unit, kOrder.label));
    CHECK(errors(held_back).front() == "stage.pending-burn");
  }
  story.line.plant.check_registry_is_whole();
}

}  // namespace

// Those that left the same in the firmware are one boot.
TEST_CASE("a burner that lies to a unit that boots is found out, and nothing is imaged meanwhile") {
  if (!can_boot()) return;
  const auto stories = ::stories();
  boot(units_of(stories));
  for (const auto& story : stories) {
    INFO("lie: " << story->lie.name);
    burn_and_look_in_the_same_boot(*story);
  }
  boot(units_of(stories));
  for (const auto& story : stories) {
    INFO("lie: " << story->lie.name);
    look_after_the_reboot(*story);
  }

  // After the burn that was found out: burnt by an honest tool, rebooted, proved.
  const Story& cured = *stories.front();
  CHECK(cured.line.plant.verdict(0, Line::burn(cured.unit, kOrder)).at("burn").as_object().at("state") ==
        "pending");
  boot({&cured.unit});
  const auto proved = cured.line.plant.verdict(0, Line::check(cured.unit, "post-burn", kOrder.label));
  CHECK(text(proved.at("burn").as_object(), "state") == "verified");
}
