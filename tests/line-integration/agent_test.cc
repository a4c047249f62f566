// The agent on a unit against a service: the command starts on a recorded PASS that is bound to the question,
// and on nothing else. The unit is a mount namespace with a table of ours over /sys/firmware.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/line-integration/agent_world.h"

using namespace dmigate;
using namespace dmigate::plant;
using test::answer_text;
using test::binding_line;
using test::body_of;
using test::Bound;
using test::FalseServer;
using test::header_of;
using test::Send;
using test::ServiceProcess;
namespace fs = std::filesystem;

namespace {

// Judged by its table alone: the disks and cards are those of the machine that runs this test.
constexpr const char* kModel =
    "profile: table-only\nversion: 1\nmatch:\n  baseboard-product-name: [H310CM-A]\n"
    "fields:\n  baseboard-product-name: { one_of: [H310CM-A] }\n"
    "  system-serial-number: { pattern: 'CX[0-9]{7}', unique: true }\n"
    "stages:\n  pre-image: {}\n  ship: { after: pre-image }\n";

std::string quoted(const std::string& word) { return "'" + word + "'"; }  // no word here has a quote in it

struct Unit {
  Plant plant;
  std::string table = plant.unit("unit", "good-unit");
  std::string token;

  Unit() {
    fs::create_directories(plant / "only");
    write_file(plant / "only/table-only.yaml", kModel);
    write_file(plant / "station.yaml",
               "line: L3\nregistry: registry.db\nprofiles: [only]\n"
               "allow_registry_on: [tmpfs, ramfs, overlay]\n");
    fs::copy_file(DMIGATE_AGENT, plant / "dmigate-agent");
  }
  void know_token() { token = test::make_token(plant, "L3-S07", "station"); }

  [[nodiscard]] Start start(const std::string& script) const {
    Start start{.argv = {"unshare", ::geteuid() == 0 ? "-m" : "-rm", "--", "/bin/sh", "-c",
                         "mount -t tmpfs none /sys/firmware && mkdir -p /sys/firmware/dmi/tables && cp " +
                             quoted(table + "/smbios_entry_point") + " " + quoted(table + "/DMI") +
                             " /sys/firmware/dmi/tables/ || exit 99\n" + script},
                .folder = plant / ""};
    for (const char* name : {"LANG", "LC_ALL", "LC_MESSAGES"}) start.env[name] = std::nullopt;
    return start;
  }
  // The agent with its table, asking at `port`.
  [[nodiscard]] Start agent(std::uint16_t port, Words words, const Words& command = {}) const {
    words.insert(words.end(), {"--url", "http://127.0.0.1:" + std::to_string(port), "--token", token});
    if (!command.empty()) words.emplace_back("--");
    words.insert(words.end(), command.begin(), command.end());
    std::string line = "exec " + quoted(plant / "dmigate-agent");
    for (const std::string& word : words) line += " " + quoted(word);
    return start(line);
  }
  [[nodiscard]] Ended check(std::uint16_t port, Words more = {}) const {
    Words words = {"check", "--stage", "pre-image", "--unit", "CX2600417"};
    words.insert(words.end(), more.begin(), more.end());
    return run(agent(port, words));
  }
  // A gate whose command leaves a file behind.
  [[nodiscard]] Ended gate(std::uint16_t port, Words more = {}) const {
    fs::remove(plant / "imaged");
    Words words = {"gate", "--stage", "pre-image", "--unit", "CX2600417"};
    words.insert(words.end(), more.begin(), more.end());
    return run(agent(port, words, {"touch", plant / "imaged"}));
  }
  [[nodiscard]] bool imaged() const { return fs::exists(plant / "imaged"); }
  [[nodiscard]] json::object status() const { return plant.registry_json(0, {"status"}); }
  [[nodiscard]] bool can_be() const {
    if (run(start("exit 0")).status == 0) return true;
    MESSAGE("left out: no mount namespace may be made here, so no agent has a unit");
    return false;
  }
};

json::object pass_verdict() {
  return {{"schema", "dmigate.verdict/1"},
          {"outcome", "PASS"},
          {"recorded", true},
          {"stage", "pre-image"},
          {"unit", {{"id", "u-1"}, {"label", "CX2600417"}}},
          {"findings", json::array()},
          {"record", {{"station_seq", 1}, {"hash", std::string(64, 'a')}}}};
}

Bound bound_to(const std::string& request, const std::string& token, const std::string& body) {
  return {.token = token,
          .target = request.substr(5, request.find(' ', 5) - 5),
          .nonce = header_of(request, "Dmigate-Nonce"),
          .question = body_of(request),
          .answer = body};
}

std::string honest(const std::string& request, const std::string& token, const json::object& verdict) {
  const std::string body = json::serialize(verdict);
  return answer_text(200, binding_line(bound_to(request, token, body)), body);
}

}  // namespace

TEST_CASE("the command starts on PASS, the service knows how it ended, and the unit goes on") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  const ServiceProcess service(unit.plant);
  const Ended imaged = unit.gate(service.port());
  CHECK_MESSAGE(imaged.status == 0, imaged.err);
  CHECK(unit.imaged());
  CHECK(imaged.out.starts_with("PASS  pre-image  CX2600417  table-only\n"));
  CHECK(contains(imaged.out, "the command ended well"));
  CHECK(unit.status().at("work").as_array().empty());
  CHECK(unit.status().at("units") == 1);

  const Ended shipped = run(unit.agent(service.port(), {"check", "--stage", "ship", "--json"}));
  CHECK_MESSAGE(shipped.status == 0, shipped.err);
  const json::object verdict = parse_line(shipped.out);
  check_form(verdict, 0);
  CHECK(outcome(verdict) == "PASS");
  CHECK(text(verdict.at("station").as_object(), "id") == "L3-S07");
  unit.plant.check_registry_is_whole();
}

TEST_CASE(
    "the command is told of its unit, gets a clean environment, and its own word for how it ended counts") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  const ServiceProcess service(unit.plant);
  const Words gate = {"gate", "--stage", "pre-image", "--unit", "CX2600417"};
  Start told = unit.agent(service.port(), gate, {"env"});
  told.env["SECRET"] = "word";
  const Ended said = run(told);
  CHECK(said.status == 0);
  for (const char* line : {"DMIGATE_UNIT=CX2600417\n", "DMIGATE_STAGE=pre-image\n",
                           "DMIGATE_STATION=L3-S07\n", "DMIGATE_MODEL=table-only\n"})
    CHECK_MESSAGE(contains(said.out, line), said.out);
  CHECK_FALSE(contains(said.out, "SECRET"));
  CHECK_FALSE(contains(said.out, unit.token));

  // With --json standard output is the verdict, and nothing else.
  Words json_gate = gate;
  json_gate.emplace_back("--json");
  const Ended failed = run(unit.agent(service.port(), json_gate, {"/bin/sh", "-c", "echo half; exit 7"}));
  CHECK(failed.status == 4);
  CHECK(contains(failed.err, "half"));
  const json::object verdict = parse_line(failed.out);
  CHECK(outcome(verdict) == "ERROR");
  CHECK(rules(verdict) == Words{"image.command"});
  CHECK(verdict.at("command").as_object().at("exit_status") == 7);
  // It has not passed its stage.
  CHECK(run(unit.agent(service.port(), {"check", "--stage", "ship", "--unit", "CX2600417"})).status == 1);
  // A command that takes too long is ended.
  Words short_gate = gate;
  short_gate.insert(short_gate.end(), {"--timeout", "100ms"});
  CHECK(run(unit.agent(service.port(), short_gate, {"sleep", "600"})).status == 4);
  CHECK(unit.status().at("work").as_array().empty());
}

TEST_CASE("FAIL and ERROR start nothing, and say why in the language that was asked for") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  unit.table = unit.plant.unit("blank", "blank-serial");
  const ServiceProcess service(unit.plant);
  const Ended failed = unit.gate(service.port());
  CHECK(failed.status == 1);
  CHECK(failed.out.starts_with("FAIL  pre-image"));
  CHECK_FALSE(unit.imaged());
  const Ended chinese = unit.gate(service.port(), {"--lang", "zh"});
  CHECK(chinese.status == 1);
  CHECK(chinese.out.starts_with("不合格 FAIL"));
  CHECK_FALSE(unit.imaged());
  // The registry is away: a verdict, and no PASS.
  fs::rename(unit.plant / "registry.db", unit.plant / "away.db");
  unit.table = unit.plant / "unit";
  const Ended error = unit.gate(service.port());
  CHECK(error.status == 3);
  CHECK_FALSE(unit.imaged());
  // A table that is none is ERROR before anybody is asked.
  write_file(unit.table + "/DMI", "");
  CHECK(unit.gate(service.port()).status == 3);
  CHECK_FALSE(unit.imaged());
}

TEST_CASE("without a service, with a token that is nobody's, or with no right to it, nothing starts") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  std::optional<ServiceProcess> service(std::in_place, unit.plant);
  const std::uint16_t port = service->port();
  const std::string token = std::exchange(unit.token, "dmg_" + std::string(43, 'A'));
  const Ended foreign = unit.gate(port);
  CHECK(foreign.status == 2);
  CHECK(contains(foreign.err, "401"));
  CHECK_FALSE(contains(foreign.err, unit.token));
  unit.token = token;
  service.reset();
  const Ended alone = unit.gate(port, {"--patience", "200ms"});
  CHECK(alone.status == 3);
  CHECK(contains(alone.err, "ERROR  the service cannot be reached"));
  CHECK(contains(alone.err, "-> nothing was started"));
  const Ended chinese = unit.check(port, {"--patience", "200ms", "--lang", "zh", "--json"});
  CHECK(chinese.status == 3);
  CHECK(contains(chinese.err, "无法连接服务"));
  CHECK(outcome(parse_line(chinese.out)) == "ERROR");
  CHECK_FALSE(unit.imaged());
}

TEST_CASE("a false server, an old answer, and an answer to something else start nothing") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.token = "dmg_" + std::string(43, 'q');
  std::string old;  // the first answer's header: to the first nonce
  FalseServer elsewhere([&](const std::string& request, const Send& send) {
    send(honest(request, unit.token, pass_verdict()));
  });
  struct Lie {
    std::string name;
    std::function<void(const std::string& request, const Send& send)> tell;
  };
  const auto bound = [&](const std::string& request, const std::function<void(Bound&)>& change) {
    const std::string body = json::serialize(pass_verdict());
    Bound words = bound_to(request, unit.token, body);
    change(words);
    return answer_text(200, binding_line(words), body);
  };
  const auto verdict = [&](const std::function<void(json::object&)>& change) {
    return [&, change](const std::string& request, const Send& send) {
      json::object said = pass_verdict();
      change(said);
      send(honest(request, unit.token, said));
    };
  };
  const auto words = [&](const std::function<void(Bound&)>& change) {
    return [&, change](const std::string& request, const Send& send) { send(bound(request, change)); };
  };
  const std::vector<Lie> lies = {
      {"no binding", [&](const std::string&,
                         const Send& send) { send(answer_text(200, "", json::serialize(pass_verdict()))); }},
      {"a binding of zeros",
       [&](const std::string&, const Send& send) {
         send(answer_text(200, "Dmigate-Binding: " + std::string(64, '0') + "\r\n",
                          json::serialize(pass_verdict())));
       }},
      {"another token's", words([](Bound& of) { of.token.back() = 'r'; })},
      {"another nonce's", words([](Bound& of) { of.nonce.front() = of.nonce.front() == '0' ? '1' : '0'; })},
      {"another place's", words([](Bound& of) { of.target = "/v1/check"; })},
      {"another question's", words([](Bound& of) { of.question += " "; })},
      {"another answer's", words([](Bound& of) { of.answer += " "; })},
      {"another status's", words([](Bound& of) { of.status = 201; })},
      {"an old one",
       [&](const std::string& request, const Send& send) {
         const std::string body = json::serialize(pass_verdict());
         if (old.empty())
           old = binding_line(bound_to(request, unit.token, body)), send("");
         else
           send(answer_text(200, old, body));
       }},
      {"another stage", verdict([](json::object& said) { said["stage"] = "ship"; })},
      {"no stage", verdict([](json::object& said) { said["stage"] = nullptr; })},
      {"PASS that is not recorded", verdict([](json::object& said) { said["recorded"] = false; })},
      {"PASS without a record", verdict([](json::object& said) { said["record"] = nullptr; })},
      {"recorded, as a word", verdict([](json::object& said) { said["recorded"] = "true"; })},
      {"pass, in small letters", verdict([](json::object& said) { said["outcome"] = "pass"; })},
      {"another schema", verdict([](json::object& said) { said["schema"] = "dmigate.verdict/2"; })},
      {"OBSERVED that is not recorded", verdict([](json::object& said) {
         said["outcome"] = "OBSERVED";
         said["recorded"] = false;
       })},
      {"a list",
       [&](const std::string& request, const Send& send) {
         send(answer_text(200, binding_line(bound_to(request, unit.token, "[]")), "[]"));
       }},
      {"nothing", [](const std::string&, const Send&) {}},
      {"no HTTP", [](const std::string&, const Send& send) { send("PASS\r\n\r\nPASS\r\n"); }},
      {"a body that is cut off",
       [&](const std::string& request, const Send& send) {
         const std::string whole = honest(request, unit.token, pass_verdict());
         send(std::string_view(whole).substr(0, whole.size() - 1));
       }},
      {"another place to ask",
       [&](const std::string&, const Send& send) {
         const std::string to = "http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/v1/run/start";
         send(answer_text(307, "Location: " + to + "\r\n", ""));
       }},
      {"a body of 10 GB",
       [](const std::string&, const Send& send) {
         send("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n");
         for (const std::string part(65536, ' '); send(part);) {
         }
       }},
      {"a body without an end",
       [](const std::string&, const Send& send) {
         send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
         for (const std::string part = "10000\r\n" + std::string(65536, ' ') + "\r\n"; send(part);) {
         }
       }},
      {"a header without an end",
       [](const std::string&, const Send& send) {
         send("HTTP/1.1 200 OK\r\n");
         for (const std::string part = "X: " + std::string(4096, 'x') + "\r\n"; send(part);) {
         }
       }},
      {"one byte after the other",
       [](const std::string&, const Send& send) {
         send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
         while (send(" ")) ::usleep(10'000);
       }},
  };
  {  // An honest one, so that what follows is refused for its lie and for nothing else.
    FalseServer server([&](const std::string& request, const Send& send) {
      send(honest(request, unit.token, pass_verdict()));
    });
    CHECK(unit.gate(server.port()).status == 0);
    CHECK(unit.imaged());
  }
  for (const Lie& lie : lies) {
    CAPTURE(lie.name);
    FalseServer server([&](const std::string& request, const Send& send) { lie.tell(request, send); });
    const Ended blocked = unit.gate(server.port(), {"--patience", "700ms"});
    CHECK(blocked.status == 3);
    CHECK_FALSE(unit.imaged());
    CHECK(contains(blocked.err, "ERROR"));
    CHECK(server.requests() > 0);
  }
  CHECK(elsewhere.requests() == 0);
}

TEST_CASE("an answer that was lost is asked for again, and is no second record") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  const ServiceProcess service(unit.plant);
  const auto records = [&] { return unit.status().at("records").as_int64(); };
  CHECK(unit.gate(service.port()).status == 0);
  const auto first = records();
  CHECK(unit.gate(service.port()).status == 0);
  const auto of_one_run = records() - first;
  std::string ids[3];
  int asked = 0;
  FalseServer lossy([&](const std::string& request, const Send& send) {
    const std::string answer = test::forwarded(service.port(), request);
    if (asked < 3) ids[asked] = body_of(request);
    if (asked++ > 0) send(answer);  // the first one is lost on the way
  });
  const Ended imaged = unit.gate(lossy.port());
  CHECK_MESSAGE(imaged.status == 0, imaged.err);
  CHECK(unit.imaged());
  CHECK(ids[0] == ids[1]);
  CHECK(ids[2] != ids[1]);  // the end of the run is another question
  CHECK(unit.status().at("units") == 1);
  CHECK(records() == first + 2 * of_one_run);
  unit.plant.check_registry_is_whole();
}

TEST_CASE("a service that is killed while the command runs leaves the unit blocked, and says so") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  ServiceProcess service(unit.plant);
  const Words gate = {"gate", "--stage", "pre-image", "--unit", "CX2600417"};
  Words patient = gate;
  patient.insert(patient.end(), {"--patience", "500ms"});
  const Ended ended =
      run(unit.agent(service.port(), patient, {"/bin/sh", "-c", "kill -9 " + std::to_string(service.pid())}));
  CHECK(ended.status == 3);
  CHECK(contains(ended.err, "the command ended, and the service does not know how"));
  CHECK(contains(ended.err, "dmigate registry resolve"));
  service.end(SIGKILL);
  service.start();
  CHECK(unit.status().at("work").as_array().size() == 1);
  const Ended blocked = unit.gate(service.port());
  CHECK(blocked.status != 0);
  CHECK_FALSE(unit.imaged());
}

TEST_CASE("what it is told beside its own command line, and what it does not take") {
  Unit unit;
  if (!unit.can_be()) return;
  unit.know_token();
  const ServiceProcess service(unit.plant);
  const std::string url = "http://127.0.0.1:" + std::to_string(service.port());
  const std::string check =
      quoted(unit.plant / "dmigate-agent") + " check --stage pre-image --unit CX2600417";
  const std::string conf = unit.plant / "dmigate-agent.conf";
  const auto said = [&](const std::string& more = {}) { return run(unit.start("exec " + check + more)); };

  CHECK(said().status == 2);  // nobody says where the service is
  write_file(conf,
             "# the line's service\r\nurl = " + url + "\r\ntoken = " + unit.token + "\r\nlanguage = zh\r\n");
  const Ended passed = said();
  CHECK_MESSAGE(passed.status == 0, passed.err);
  CHECK(contains(passed.out, "合格 PASS"));
  for (const std::string& wrong : std::vector<std::string>{
           "url " + url, "url =", "url = " + url + "\nurl = " + url, "url = " + url + "\nport = 1",
           "url = " + url + "/x\ntoken = " + unit.token}) {
    CAPTURE(wrong);
    write_file(conf, wrong + "\n");
    CHECK(said().status == 2);
  }
  fs::remove(conf);
  // The kernel's command line, as a boot server writes it.
  write_file(unit.plant / "cmdline",
             "quiet dmigate.url=" + url + " dmigate.token=" + unit.token + " splash\n");
  const Ended booted = run(unit.start("mount --bind " + quoted(unit.plant / "cmdline") +
                                      " /proc/cmdline || exit 99\nexec " + check));
  if (booted.status == 99) MESSAGE("left out: nothing may be mounted over the kernel's command line here");
  if (booted.status != 99) CHECK_MESSAGE(booted.status == 0, booted.err);
  // A token does not go over a network in clear without somebody's word.
  const Ended clear = said(" --url http://192.0.2.1:1 --token " + unit.token);
  CHECK(clear.status == 2);
  CHECK(contains(clear.err, "in clear"));
  CHECK(said(" --url http://127.0.0.1.example:1 --token " + unit.token).status == 2);
  CHECK(said(" --url " + url + " --token dmg_short").status == 2);
}
