// Stations that share a registry on a server, and what an operator reads when it is away.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/gate/postgres_server.h"
#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
using gate::PostgresServer;
namespace fs = std::filesystem;

namespace {

// A line whose only gate is the image.
constexpr const char* kShared = R"(profile: direct
version: 1
extends: [cmge]
stages:
  pre-image: {}
)";

// A station whose registry is on a server.
struct Shop {
  PostgresServer server;
  std::string url = server.new_database();
  std::string shown = "postgresql://dmigate:***@" + server.address() + "/test1";
  Plant plant;
  std::string unit = plant.unit("unit", "good-unit");

  Shop() {
    write_file(plant / "profiles/direct.yaml", kShared);
    CHECK(on_server({"registry", "init"}).out == "registry made: " + shown + "\n");
  }

  [[nodiscard]] Words words(Words arguments) const {
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    arguments.insert(end, {"--registry", url});
    return arguments;
  }
  [[nodiscard]] Ended on_server(const Words& arguments) const {
    const Ended ended = plant.dmigate(words(arguments));
    CHECK_FALSE(contains(ended.out + ended.err, PostgresServer::kPasswordInUrl));
    CHECK_FALSE(contains(ended.out + ended.err, PostgresServer::kPassword));
    return ended;
  }
};

}  // namespace

TEST_CASE("a registry on a server is made once, and answers as a file does") {
  if (PostgresServer::left_out()) return;
  const Shop line;
  const Ended again = line.on_server({"registry", "init"});
  CHECK(again.status == 3);
  CHECK(again.err ==
        "dmigate: " + line.shown +
            ": the database has a table `registry` already; nothing was changed; use it as it is, or "
            "choose another database\n");
  CHECK(contains(line.on_server({"registry", "status"}).out, "registry  " + line.shown + " (schema "));
  const auto status = line.plant.registry_json(0, line.words({"status"}));
  CHECK(text(status, "registry") == line.shown);
  CHECK(status.at("records") == 0);
  CHECK(line.on_server({"registry", "verify"}).status == 0);
  CHECK(line.on_server({"registry", "lookup", "CX\xFF"}).status != 2);
}

TEST_CASE("while the server is away no unit passes, and the operator reads what to do") {
  if (PostgresServer::left_out()) return;
  Shop line;
  line.plant.station("allow_file_source: true\nregistry_timeout: 300ms\n");
  struct Case {
    const char* what;
    const char* chinese;
  };
  const auto refused = [&](const Case& expected) {
    const Words check = line.words({"check", line.unit, "--profile", "direct", "--stage", "pre-image"});
    const auto verdict = line.plant.verdict(3, check);
    CHECK(outcome(verdict) == "ERROR");
    CHECK(verdict.at("recorded") == false);
    const std::string message = text(finding(verdict, "evidence.missing"), "message");
    CAPTURE(message);
    CHECK(contains(message, line.shown + ": "));
    CHECK(contains(message, expected.what));
    const Ended chinese =
        line.on_server({"check", line.unit, "--profile", "direct", "--stage", "pre-image", "--lang", "zh"});
    CHECK(chinese.status == 3);
    CHECK(contains(chinese.out, expected.chinese));
    const std::string ran = line.plant / "ran";
    CHECK(line.on_server(
                  {"run", line.unit, "--profile", "direct", "--stage", "pre-image", "--", "/bin/touch", ran})
              .status == 3);
    CHECK_FALSE(fs::exists(ran));
    CHECK(line.on_server({"registry", "status"}).status == 3);
  };
  line.server.pause();
  refused({"did not answer in time", "登记服务器未及时应答"});
  line.server.resume();
  line.server.stop();
  refused({"cannot be reached", "无法连接登记服务器"});
  line.server.start();
  CHECK(line.on_server({"check", line.unit, "--profile", "direct", "--stage", "pre-image"}).status == 0);
  CHECK(line.plant.registry_json(0, line.words({"status"})).at("units") == 1);
}

TEST_CASE(
    "a server that dies while the image is written: no PASS, and the unit is held back until a person "
    "looks") {
  if (PostgresServer::left_out()) return;
  Shop line;
  Sign started(line.plant / "started"), go_on(line.plant / "go-on");
  Process run(line.plant.call(line.words({"run", line.unit, "--profile", "direct", "--stage", "pre-image",
                                          "--unit", "CX2600417", "--json", "--", "/bin/sh", "-c",
                                          "echo on > " + started.path() + "; read word < " + go_on.path()})));
  started.wait(run);
  line.server.crash();
  write_file(go_on.path(), "on\n");
  const Ended ended = run.wait();
  CHECK(ended.status == 3);
  const auto verdict = parse_line(ended.out);
  CHECK(contains(text(finding(verdict, "evidence.missing"), "message"), "its end could not be recorded"));
  line.server.start();
  const Words check =
      line.words({"check", line.unit, "--unit", "CX2600417", "--profile", "direct", "--stage", "pre-image"});
  CHECK(rules(line.plant.verdict(1, check)) == Words{"stage.open-record"});
  CHECK(line.on_server({"registry", "resolve", "CX2600417", "--by", "Li", "--reason", "looked"}).status == 0);
  CHECK(line.on_server({"registry", "verify"}).status == 0);
}
