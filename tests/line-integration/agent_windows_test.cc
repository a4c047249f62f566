// dmigate-agent.exe, run by wine on this machine: the same gate, by WinHTTP, CNG and a job object.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line-integration/agent_world.h"

using namespace dmigate;
using namespace dmigate::plant;
using test::answer_text;
using test::binding_line;
using test::FalseServer;
using test::Send;
using test::ServiceProcess;
namespace fs = std::filesystem;

namespace {

constexpr const char* kModel =
    "profile: any\nversion: 1\nfields:\n  system-uuid: { unique: true }\n"
    "stages:\n  pre-image: {}\n  ship: { after: pre-image }\n";

std::string wine() {
  for (const char* path : {"/usr/lib/wine/wine64", "/usr/bin/wine64", "/usr/bin/wine"}) {
    if (fs::exists(path)) return path;
  }
  return {};
}

struct Windows {
  Plant plant;
  std::string token;

  Windows() {
    fs::create_directories(plant / "only");
    write_file(plant / "only/any.yaml", kModel);
    write_file(
        plant / "station.yaml",
        "line: L3\nregistry: registry.db\nprofiles: [only]\nallow_registry_on: [tmpfs, ramfs, overlay]\n");
    write_file(plant / "image.cmd",
               "@echo off\r\necho imaged %1 %DMIGATE_UNIT%\r\necho yes>imaged\r\nexit /b 0\r\n");
    write_file(plant / "broken.cmd", "@echo off\r\nexit /b 7\r\n");
    write_file(plant / "endless.cmd", "@echo off\r\n:again\r\ngoto again\r\n");
    fs::create_directories(DMIGATE_WINE);
    fs::copy_file(DMIGATE_AGENT_EXE, plant / "dmigate-agent.exe");
    winpe("add");
  }
  [[nodiscard]] Ended on_it(Words words, const std::string& input = {}) const {
    words.insert(words.begin(), wine());
    return run(
        {.argv = std::move(words),
         .env = {{"WINEDEBUG", "-all"}, {"WINEPREFIX", DMIGATE_WINE}, {"DISPLAY", ""}, {"LANG", "C.UTF-8"}},
         .folder = plant / "",
         .input = input});
  }
  // By the key that WinPE has. Outside of WinPE WMI is asked, and wine's differs from its table.
  void winpe(const char* add_or_delete) const {
    const Ended done = on_it({"reg", add_or_delete, R"(HKLM\SYSTEM\CurrentControlSet\Control\MiniNT)", "/f"});
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  [[nodiscard]] Ended agent(Words words) const {
    words.insert(words.begin(), plant / "dmigate-agent.exe");
    return on_it(std::move(words));
  }
  [[nodiscard]] Ended asks(std::uint16_t port, Words words, const Words& command = {}) const {
    words.insert(words.end(), {"--stage", "pre-image", "--unit", "WIN-1", "--profile", "any", "--url",
                               "http://127.0.0.1:" + std::to_string(port), "--token", token});
    if (!command.empty()) words.emplace_back("--");
    words.insert(words.end(), command.begin(), command.end());
    return agent(words);
  }
  [[nodiscard]] bool imaged() const { return fs::exists(plant / "imaged"); }
  static bool can_be() {
    if (!wine().empty() && fs::exists(DMIGATE_AGENT_EXE)) return true;
    MESSAGE("left out: dmigate-agent.exe under wine (wine64, g++-mingw-w64-x86-64-posix)");
    return false;
  }
};

}  // namespace

TEST_CASE("the evidence of a Windows machine is evidence, and says nothing that Windows does not know") {
  if (!Windows::can_be()) return;
  const Windows windows;
  const auto evidence = [&] {
    const Ended said = windows.agent({"evidence"});
    REQUIRE_MESSAGE(said.status == 0, said.err);
    write_file(windows.plant / "unit.json", said.out);
    return json::parse(said.out).as_object();
  };
  const json::object winpe = evidence();
  CHECK(text(winpe.at("table").as_object(), "form") == "rsmb");
  CHECK(winpe.contains("disks"));
  CHECK(winpe.contains("nics"));
  CHECK(winpe.contains("clock"));
  CHECK_FALSE(winpe.contains("boot_id"));
  CHECK_FALSE(winpe.contains("wmi"));
  const Words check = {"check", "unit.json", "--profile", "any"};
  CHECK(windows.plant.verdict(0, check).at("outcome") == "PASS");
  // An installed Windows answers, and is compared.
  windows.winpe("delete");
  const json::object installed = evidence();
  windows.winpe("add");
  REQUIRE(installed.contains("wmi"));
  CHECK(text(installed.at("wmi").as_object(), "error").empty());
  CHECK(installed.at("wmi").as_object().at("answers").as_array().size() >= 22);
}

TEST_CASE("under Windows, too, the image starts on PASS and its end is told") {
  if (!Windows::can_be()) return;
  Windows windows;
  windows.token = test::make_token(windows.plant, "L3-S07", "station");
  std::optional<ServiceProcess> service(std::in_place, windows.plant);
  const std::uint16_t port = service->port();
  const Ended passed = windows.asks(port, {"check"});
  CHECK_MESSAGE(passed.status == 0, passed.err, passed.out);
  CHECK(passed.out.starts_with("PASS"));
  const Ended imaged = windows.asks(port, {"gate"}, {"image.cmd", "one word"});
  CHECK_MESSAGE(imaged.status == 0, imaged.err, imaged.out);
  CHECK(windows.imaged());
  CHECK_MESSAGE(contains(imaged.out, "imaged \"one word\" WIN-1"), imaged.out);
  CHECK(windows.asks(port, {"gate"}, {"broken.cmd"}).status == 4);
  CHECK(windows.asks(port, {"gate", "--timeout", "500ms"}, {"endless.cmd"}).status == 4);
  // What cmd.exe would read as its own, and what is not there, is refused before anybody is asked.
  CHECK(windows.asks(port, {"gate"}, {"image.cmd", "a&b"}).status == 2);
  CHECK(windows.asks(port, {"gate"}, {"nothing.cmd"}).status == 2);
  CHECK(windows.plant.registry_json(0, {"status"}).at("work").as_array().empty());

  fs::remove(windows.plant / "imaged");
  windows.token = "dmg_" + std::string(43, 'A');
  CHECK(windows.asks(port, {"gate"}, {"image.cmd"}).status == 2);
  service.reset();
  const Ended alone = windows.asks(port, {"gate", "--patience", "500ms"}, {"image.cmd"});
  CHECK(alone.status == 3);
  CHECK(contains(alone.err, "ERROR"));
  CHECK_FALSE(windows.imaged());
  windows.plant.check_registry_is_whole();
}

TEST_CASE("under Windows, too, an answer that is not bound, cut off or a redirect starts nothing") {
  if (!Windows::can_be()) return;
  Windows windows;
  windows.token = "dmg_" + std::string(43, 'q');
  const std::string body = json::serialize(json::object{{"schema", "dmigate.verdict/1"},
                                                        {"outcome", "PASS"},
                                                        {"recorded", true},
                                                        {"stage", "pre-image"},
                                                        {"findings", json::array()},
                                                        {"record", {{"station_seq", 1}, {"hash", "a1"}}}});
  const auto honest = [&](const std::string& request) {
    return answer_text(200,
                       binding_line({.token = windows.token,
                                     .target = request.substr(5, request.find(' ', 5) - 5),
                                     .nonce = test::header_of(request, "Dmigate-Nonce"),
                                     .question = test::body_of(request),
                                     .answer = body}),
                       body);
  };
  FalseServer elsewhere([&](const std::string& request, const Send& send) { send(honest(request)); });
  int kind = 0;
  FalseServer server([&](const std::string& request, const Send& send) {
    if (kind == 0) send(honest(request));
    if (kind == 1) send(answer_text(200, "", body));
    if (kind == 2) send(std::string_view(honest(request)).substr(0, honest(request).size() - 1));
    if (kind == 3) {
      send(answer_text(
          307, "Location: http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/v1/run/start\r\n", ""));
    }
    if (kind == 4) {
      send("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
      for (const std::string part(65536, ' '); send(part);) {
      }
    }
  });
  CHECK(windows.asks(server.port(), {"gate"}, {"image.cmd"}).status == 0);
  CHECK(windows.imaged());
  for (kind = 1; kind <= 4; ++kind) {
    CAPTURE(kind);
    fs::remove(windows.plant / "imaged");
    CHECK(windows.asks(server.port(), {"gate", "--patience", "2s"}, {"image.cmd"}).status == 3);
    CHECK_FALSE(windows.imaged());
  }
  CHECK(elsewhere.requests() == 0);
}

TEST_CASE("agent-startnet.cmd of docs/line images on PASS, and says REFUSED otherwise") {
  if (!Windows::can_be()) return;
  Windows windows;
  windows.token = test::make_token(windows.plant, "L3-S07", "station");
  std::optional<ServiceProcess> service(std::in_place, windows.plant);
  const std::string docs = DMIGATE_SOURCE_DIR "/docs/line/";
  std::string script;
  for (const char c : read_file(docs + "agent-startnet.cmd"))
    script += c == '\n' ? std::string("\r\n") : std::string(1, c);
  write_file(windows.plant / "startnet.cmd",
             edited(script, {{"--stage pre-image", "--stage pre-image --profile any"}}));
  write_file(windows.plant / "dmigate-agent.conf",
             edited(read_file(docs + "dmigate-agent.conf"),
                    {{"https://line-server:8480", "http://127.0.0.1:" + std::to_string(service->port())},
                     {"dmg_PUT-THE-TOKEN-OF-dmigate-serve-token-add-HERE-43", windows.token}}));
  const auto started = [&](const std::string& label) {
    return windows.on_it({"cmd", "/c", "startnet.cmd"}, label + "\r\n").out;
  };
  const std::string imaged = started("WIN-1");
  CHECK_MESSAGE(contains(imaged, "IMAGED:"), imaged);
  CHECK(windows.imaged());
  fs::remove(windows.plant / "imaged");
  CHECK(contains(started(""), "REFUSED:"));
  service.reset();
  write_file(windows.plant / "startnet.cmd", edited(read_file(windows.plant / "startnet.cmd"),
                                                    {{"--profile any", "--profile any --patience 500ms"}}));
  const std::string alone = started("WIN-1");
  CHECK_MESSAGE(contains(alone, "REFUSED:"), alone);
  CHECK_FALSE(windows.imaged());
}
