#include "tests/line/qemu/line.h"

#include <doctest/doctest.h>

#include <array>

namespace dmigate::plant {
namespace {

const std::string kSource = DMIGATE_SOURCE_DIR;

std::string tool(const std::string& name, const std::string& arguments) {
  return edited(
      read_file(kSource + "/fixtures/tools/simulated.yaml"),
      {{"tool: simulated", "tool: " + name}, {"--unit, '{source}'", "--unit-of, '{source}'" + arguments}});
}

}  // namespace

Order order(int number) {
  const std::string digit = std::to_string(number);
  return {.label = "CX260080" + digit,
          .board = "HB2603180" + digit,
          .uuid = "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d80" + digit,
          .mac = "02:cc:26:00:41:0" + digit};
}

Edits bare(const Order& order) { return {{"02:cc:26:00:41:70", order.mac}}; }

Edits burnt(const Order& order) {
  return {{"02:cc:26:00:41:70", order.mac},
          {"system-serial-number: null", "system-serial-number: " + order.label},
          {"00000000-0000-0000-0000-000000000000", order.uuid},
          {"system-sku-number: null", "system-sku-number: CXE500-01"},
          {"system-family: null", "system-family: CX"},
          {"baseboard-serial-number: null", "baseboard-serial-number: " + order.board},
          {"chassis-type: unknown", "chassis-type: desktop"}};
}

Words errors(const json::object& verdict) {
  Words errors;
  for (const json::value& value : verdict.at("findings").as_array()) {
    const json::object& finding = value.as_object();
    if (text(finding, "severity") != "error") continue;
    const std::string keyword = text(finding, "keyword");
    errors.push_back(text(finding, "rule") + (keyword.empty() ? "" : " " + keyword));
  }
  return errors;
}

Line::Line() {
  write_file(plant / "profiles/cx-e500.yaml", read_file(kSource + "/docs/line/cx-e500.yaml"));
  write_file(plant / "profiles/tools/firmware.yaml", tool("firmware", ""));
  plant.station("allow_file_source: true\nburn_tool: firmware\n");
}

void Line::add_liar(const std::string& lie) const {
  write_file(plant / ("profiles/tools/" + lie + ".yaml"), tool(lie, ", --lie, " + lie));
}

Words Line::check(const Machine& unit, const std::string& stage, const std::string& label) {
  return {"check", unit.evidence(), "--unit", label, "--stage", stage};
}

Words Line::burn(const Machine& unit, const Order& order, const Words& more) {
  Words words = {"burn", unit.evidence(), "--unit", order.label};
  for (const std::string& set :
       {"system-serial-number=" + order.label, "baseboard-serial-number=" + order.board,
        "system-uuid=" + order.uuid, std::string("system-sku-number=CXE500-01"),
        std::string("system-family=CX"), std::string("chassis-type=desktop")}) {
    words.insert(words.end(), {"--set", set});
  }
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words Line::image(const Machine& unit, const std::string& label) {
  return {"run",   unit.evidence(),          "--unit", label, "--stage", "pre-image", "--",
          "touch", unit.folder() + "/imaged"};
}

void Line::pass(const Machine& unit, const std::string& label, const std::string& last) const {
  for (const std::string stage : {"incoming", "pre-burn", "post-burn", "pre-image", "post-image", "ship"}) {
    CAPTURE(stage);
    CHECK(outcome(plant.verdict(0, check(unit, stage, label))) == "PASS");
    if (stage == last) return;
  }
}

}  // namespace dmigate::plant
