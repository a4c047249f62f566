// A registry that stations share on a server: the same contract as a file's, and what only a server can do.
#include <atomic>
#include <random>
#include <thread>

#include "tests/gate/postgres_server.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

// How many records each of the units has, in the order of their numbers.
std::vector<std::int64_t> records_of(const std::string& url, int units) {
  auto sql = open_postgres(url, {.timeout_ms = 20000});
  REQUIRE(sql);
  std::vector<std::int64_t> counts;
  for (int n = 0; n < units; ++n) {
    auto rows = (*sql)->run(
        "SELECT count(*) FROM record r JOIN claim c ON c.unit = r.unit WHERE c.shown = $1 AND c.keyword = "
        "'system-serial-number' AND r.kind = 'check'",
        {serial(n)});
    REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().to_string()));
    counts.push_back(integer(rows->front().front()));
  }
  return counts;
}

TEST_CASE("a unit walks its line on a server as it does on a file") {
  if (PostgresServer::left_out()) return;
  const std::string url = shared_postgres().new_database();
  Plant plant(Plant::At{url});
  const auto before = booted(bare(1), "boot-1");
  const Values burn = {{"system-serial-number", serial(1)}, {"system-uuid", uuid(1)}};
  CHECK(plant.record({.unit = before, .stage = Stage::kIncoming}).outcome == Outcome::kPass);
  const Verdict opened = plant.record({.unit = before, .stage = Stage::kPreBurn, .burn = burn});
  CHECK(opened.outcome == Outcome::kPass);
  CHECK(plant.status().work.size() == 1);
  CHECK(plant.close(opened, true));
  const auto after = booted(good(1), "boot-2");
  CHECK(plant.record({.unit = after, .stage = Stage::kPostBurn}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = after, .stage = Stage::kPreImage, .label = "CX12345"}).outcome ==
        Outcome::kPass);
  CHECK(plant.record({.unit = after, .stage = Stage::kShip, .label = "CX12345"}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = changed(good(2), {{"system-serial-number", serial(1)}})}).outcome ==
        Outcome::kFail);
  CHECK(plant.consult({.unit = good(1), .label = "CX99999"}) != Words{});
  CHECK(plant.lookup(serial(1)) == Words{"system-serial-number " + serial(1) + " active CX12345"});
  CHECK(plant.status().work.empty());
  CHECK(plant.doubts() == Words{});
  CHECK(plant.status().where.find(PostgresServer::kPasswordInUrl) == std::string::npos);
  CHECK(plant.status().where.find(":***@127.0.0.1:") != std::string::npos);
}

TEST_CASE("init touches no database that has a registry, and only a registry is opened") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  const Plant plant(Plant::At{server.new_database()});
  plant.record({.unit = good(1)});
  CHECK_FALSE(Registry::init(plant.where(), plant.options()));
  CHECK(plant.status().units == 1);
  struct Case {
    const char* table;
    const char* words;
  };
  for (const Case& each :
       {Case{"SELECT 1", "no dmigate registry"},
        Case{"CREATE TABLE stock (part TEXT)", "no dmigate registry"},
        Case{"CREATE TABLE registry (host TEXT)", "no dmigate registry"},
        Case{"CREATE TABLE registry AS SELECT 'product' AS name, 'other' AS value", "no dmigate registry"},
        Case{"CREATE TABLE registry AS SELECT * FROM (VALUES ('product', 'dmigate'), ('schema', '99')) AS of "
             "(name, "
             "value)",
             "schema version 99"}}) {
    CAPTURE(each.table);
    const std::string url = server.new_database();
    REQUIRE((*open_postgres(url, {}))->run(each.table));
    const auto opened = Registry::open(url, plant.options());
    REQUIRE_FALSE(opened);
    CAPTURE(opened.error().to_string());
    CHECK(opened.error().what.find(each.words) != std::string::npos);
    CHECK_FALSE(opened.error().advice.empty());
    CHECK(opened.error().to_string().find(PostgresServer::kPasswordInUrl) == std::string::npos);
  }
}

TEST_CASE("a user without the rights on the tables is told what he lacks") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  const Plant plant(Plant::At{server.new_database()});
  server.run("CREATE ROLE station LOGIN PASSWORD 'station'");
  std::string url = plant.where();
  url.replace(0, url.find('@'), "postgresql://station:station");
  const auto refused = Registry::open(url, plant.options());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("lacks a right") != std::string::npos);
  auto owner = open_postgres(plant.where(), {});
  REQUIRE(owner);
  // As docs/registry.md has it.
  for (const char* grant :
       {"GRANT USAGE ON SCHEMA public TO station",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO station"}) {
    REQUIRE((*owner)->run(grant));
  }
  auto registry = Registry::open(url, plant.options());
  REQUIRE_MESSAGE(registry, (registry ? "" : registry.error().to_string()));
  CHECK(plant.try_record({.unit = good(1)}, *registry)->outcome == Outcome::kPass);
}

TEST_CASE("a server that is stopped: no verdict, no wait without end, and nothing is recorded") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const Plant plant(Plant::At{server.new_database()});
  plant.record({.unit = good(1)});
  auto registry = Registry::open(plant.where(), plant.options(300));
  REQUIRE(registry);
  server.pause();
  CHECK_FALSE(plant.try_record({.unit = good(2)}, *registry));
  CHECK_FALSE(Registry::open(plant.where(), plant.options(300)));
  server.resume();
  eventually([&] { return plant.try_record({.unit = good(3)}, *registry).has_value(); });
  CHECK(plant.lookup(serial(2)) == Words{});
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a network that fails at any moment: every verdict that was said is recorded, and once") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  const Plant plant(Plant::At{server.new_database()});
  std::mt19937 random(417);
  std::vector<bool> said;
  for (int round = 0; round < 30; ++round) {
    Relay relay(server);
    auto registry = Registry::open(relay.before(plant.where()), plant.options(20000));
    REQUIRE(registry);
    std::atomic<bool> is_cut = false;
    std::thread network([&, moment = std::chrono::microseconds(random() % 40000)] {
      std::this_thread::sleep_for(moment);
      relay.cut();
      is_cut = true;
    });
    for (bool last = false; !last;) {
      last = is_cut;
      const auto verdict = plant.try_record({.unit = good(static_cast<int>(said.size()))}, *registry);
      said.push_back(verdict && verdict->outcome == Outcome::kPass);
    }
    network.join();
  }
  const auto counts = records_of(plant.where(), static_cast<int>(said.size()));
  for (std::size_t n = 0; n < said.size(); ++n) CHECK(counts[n] == (said[n] ? 1 : 0));
  MESSAGE(std::ranges::count(said, true) << " of " << said.size() << " units recorded");
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a standby takes over: every verdict that was said is recorded, and the journal is whole") {
  if (PostgresServer::left_out()) return;
  auto primary = std::make_unique<PostgresServer>();
  const std::string only = primary->new_database();
  const auto standby = primary->synchronous_standby();
  const Plant plant(Plant::At{PostgresServer::with(*standby, only)});
  std::vector<bool> said;
  std::atomic<int> passed = 0;
  std::atomic<bool> enough = false;
  std::thread station([&] {
    auto registry = Registry::open(plant.where(), plant.options(2000));
    for (int n = 0; registry && !enough; ++n) {
      const auto verdict = plant.try_record({.unit = good(n)}, *registry);
      said.push_back(verdict && verdict->outcome == Outcome::kPass);
      if (said.back()) ++passed;
    }
  });
  eventually([&] { return passed >= 20; });
  primary->crash();
  const int at_crash = passed;
  standby->promote();
  eventually([&] { return passed >= at_crash + 5; });
  enough = true;
  station.join();
  const auto counts = records_of(plant.where(), static_cast<int>(said.size()));
  for (std::size_t n = 0; n < said.size(); ++n) {
    if (said[n]) CHECK(counts[n] == 1);
  }
  CHECK(plant.doubts() == Words{});
}

}  // namespace
}  // namespace dmigate::gate
