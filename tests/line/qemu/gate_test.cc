// A unit that boots with nothing but the static agent: its image starts only on the service's PASS.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line-integration/agent_world.h"
#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

// What a unit that was gated says: its status, whether its image was started, and the agent's words.
std::string gated(const Machine& unit, const std::string& label, std::uint16_t port,
                  const std::string& token) {
  const std::string told =
      "GATE=" + label + " dmigate.url=http://10.0.2.2:" + std::to_string(port) + " dmigate.token=" + token;
  const Frame said = Boot(unit, told, Cable::kPlugged).wait();
  CHECK_MESSAGE(said.kind == "gate", said.content);
  return said.content;
}

}  // namespace

TEST_CASE(
    "a unit that boots is gated by the agent in its initramfs: imaged on PASS, and not without a service") {
  if (!can_boot()) return;
  const Line line;
  const Order order = plant::order(1);
  const Machine good("board", burnt(order)), blank("board");
  const std::string profile = read_file(DMIGATE_SOURCE_DIR "/docs/line/cx-e500.yaml");
  std::filesystem::create_directories(line.plant / "only");
  write_file(line.plant / "only/cx-e500.yaml",
             edited(profile, {{"pre-image:  { after: post-burn }", "pre-image:  {}"}}));
  write_file(
      line.plant / "station.yaml",
      "line: L3\nregistry: registry.db\nprofiles: [only]\nallow_registry_on: [tmpfs, ramfs, overlay]\n");
  const std::string token = test::make_token(line.plant, "L3-S07", "station");
  std::uint16_t port = 0;
  {
    const test::ServiceProcess service(line.plant);
    port = service.port();
    const std::string passed = gated(good, order.label, port, token);
    CHECK_MESSAGE(passed.starts_with("status 0\nimaged yes\nPASS"), passed);
    const std::string failed = gated(blank, "CX2600802", port, token);
    CHECK_MESSAGE(failed.starts_with("status 1\nimaged no\nFAIL"), failed);
  }
  const auto status = line.plant.registry_json(0, {"status"});
  CHECK(status.at("units") == 1);
  CHECK(status.at("work").as_array().empty());
  const std::string alone = gated(good, order.label, port, token);
  CHECK_MESSAGE(alone.starts_with("status 3\nimaged no\nERROR"), alone);
}
