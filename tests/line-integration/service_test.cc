// The service as stations meet it: checks, runs, permits, who may ask, and what is asked twice.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>

#include "gate/evidence/text.h"
#include "tests/line-integration/service_client.h"

using namespace dmigate;
using namespace dmigate::plant;
using test::Asking;
using test::fresh_id;
using test::question;
using test::Service;
namespace fs = std::filesystem;

namespace {

constexpr const char* kDirect =
    "profile: direct\nversion: 1\nextends: [cmge]\nmatch:\n  baseboard-product-name: [H310CM-A]\n"
    "stages:\n  pre-image: {}\n  ship: { after: pre-image }\n";

// A plant whose only model goes from its image to shipping.
struct Served {
  Plant plant;
  std::string unit, station, engineer, auditor;
  std::optional<Service> service;

  explicit Served(const Words& more = {}, const std::string& settings = {}) {
    fs::create_directory(plant / "only");
    write_file(plant / "only/direct.yaml", kDirect);
    plant.station("");
    write_file(
        plant / "station.yaml",
        "line: L3\nregistry: registry.db\nprofiles: [only]\nallow_registry_on: [tmpfs, ramfs, overlay]\n" +
            settings);
    unit = plant.unit("unit", "good-unit");
    station = test::make_token(plant, "L3-S07", "station");
    engineer = test::make_token(plant, "wang", "engineer");
    auditor = test::make_token(plant, "li", "auditor");
    service.emplace(plant, more);
  }
  [[nodiscard]] json::object check(const std::string& stage, const std::string& id = fresh_id()) const {
    return service->told(station, "/v1/check", question(unit, stage, "CX2600417", id));
  }
  [[nodiscard]] json::object start(const std::string& id = fresh_id(),
                                   const std::string& stage = "pre-image") const {
    json::object body = question(unit, stage, "CX2600417", id);
    body["command"] = json::array{"write-image", "/dev/sda"};
    return service->told(station, "/v1/run/start", body);
  }
  [[nodiscard]] test::Answered end(const json::object& started, int exit_code,
                                   const std::string& id = fresh_id()) const {
    const json::object body{{"request_id", id},
                            {"record", started.at("record")},
                            {"exit_code", exit_code},
                            {"output_tail", "written"}};
    return service->ask_bound(
        {.method = "POST", .target = "/v1/run/end", .token = station, .body = json::serialize(body)});
  }
  [[nodiscard]] std::int64_t count(const char* what) const {
    return plant.registry_json(0, {"status"}).at(what).as_int64();
  }
};

}  // namespace

TEST_CASE("a check over HTTP is recorded, claims, and is the verdict that check --json prints") {
  const Served line;
  const json::object verdict = line.check("pre-image");
  check_form(verdict, 0);
  CHECK(outcome(verdict) == "PASS");
  CHECK(verdict.at("recorded").as_bool());
  const json::object& station = verdict.at("station").as_object();
  CHECK(text(station, "id") == "L3-S07");
  CHECK(text(station, "line") == "L3");
  CHECK(text(verdict.at("source").as_object(), "form").starts_with("agent:"));
  CHECK(line.count("units") == 1);
  line.plant.check_registry_is_whole();
  // What the command line says of the same unit behind it differs in nothing that was judged.
  json::object here =
      line.plant.verdict(0, {"check", line.unit, "--stage", "pre-image", "--unit", "CX2600417"});
  CHECK(here.at("unit").as_object().at("fields") == verdict.at("unit").as_object().at("fields"));
  CHECK(here.at("findings") == verdict.at("findings"));
  CHECK(here.at("profile") == verdict.at("profile"));
  CHECK(line.count("units") == 1);
}

TEST_CASE("a unit that fails is FAIL with status 200, in the language that was asked for") {
  const Served line;
  const std::string bad = line.plant.unit("bad", "case-a-1");
  json::object body = question(bad, "pre-image", "", fresh_id());
  body["language"] = "zh";
  const json::object verdict = line.service->told(line.station, "/v1/check", body);
  CHECK(outcome(verdict) == "FAIL");
  CHECK(text(verdict.at("findings").as_array().front().as_object(), "message").find("为空") !=
        std::string::npos);
  // A stage that was not reached is not opened.
  CHECK(outcome(line.check("ship")) == "FAIL");
}

TEST_CASE("what is asked again is answered by its record, also after the service was killed") {
  Served line;
  const std::string id = fresh_id();
  const std::string body = json::serialize(question(line.unit, "pre-image", "CX2600417", id));
  const Asking asking{.method = "POST", .target = "/v1/check", .token = line.station, .body = body};
  const auto first = line.service->ask_bound(asking);
  CHECK(first.headers.count("dmigate-repeated") == 0);
  const auto record = [](const test::Answered& answered) { return answered.json().at("record"); };
  const auto records = line.count("records");
  for (const bool killed : {false, true}) {
    if (killed) {
      CHECK(line.service->end(SIGKILL).signal == SIGKILL);
      line.service->start();
    }
    const auto again = line.service->ask_bound(asking);
    CHECK(again.status == 200);
    CHECK(again.headers.at("dmigate-repeated") == "true");
    CHECK(record(again) == record(first));
    CHECK(outcome(again.json()) == "PASS");
    check_form(again.json(), 0);
    CHECK(line.count("records") == records);
  }
  // Another body is another question, and the same unit is no second one.
  const json::object other = line.check("pre-image");
  CHECK(other.at("record") != record(first));
  CHECK(line.count("records") == records + 1);
  CHECK(line.count("units") == 1);
  line.plant.check_registry_is_whole();
}

TEST_CASE("a run holds the unit back until it is ended, and passes the stage only when it ended well") {
  const Served line;
  const std::string id = fresh_id();
  const json::object started = line.start(id);
  CHECK(outcome(started) == "PASS");
  CHECK(line.start(id).at("record") == started.at("record"));  // asked again while it is open
  CHECK(line.count("units") == 1);
  CHECK(rules(line.check("ship")).front() == "stage.open-record");
  CHECK(rules(line.start()).front() == "stage.open-record");
  const std::string end_id = fresh_id();
  const auto ended = line.end(started, 0, end_id);
  REQUIRE_MESSAGE(ended.status == 200, ended.body);
  const json::object verdict = ended.json();
  check_form(verdict, 0);
  const json::object& command = verdict.at("command").as_object();
  CHECK(command.at("exit_status").as_int64() == 0);
  CHECK(command.at("argv") == json::array{"write-image", "/dev/sda"});
  CHECK(text(command, "output") == "written");
  CHECK(line.end(started, 0, end_id).json().at("record") == verdict.at("record"));
  CHECK(line.end(started, 0).status == 409);  // another end of the same run
  json::object body = question(line.unit, "pre-image", "CX2600417", id);
  body["command"] = json::array{"write-image", "/dev/sda"};
  CHECK(line.service
            ->ask_bound({.method = "POST",
                         .target = "/v1/run/start",
                         .token = line.station,
                         .body = json::serialize(body)})
            .status == 409);
  CHECK(outcome(line.check("ship")) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("a command that failed is ERROR, and its stage is not passed until it ran well") {
  const Served line;
  const json::object started = line.start();
  const auto ended = line.end(started, 7);
  REQUIRE(ended.status == 200);
  CHECK(outcome(ended.json()) == "ERROR");
  CHECK(rules(ended.json()).front() == "image.command");
  CHECK(outcome(line.check("ship")) == "FAIL");
  CHECK(outcome(line.check("pre-image")) == "FAIL");  // no check mends a disk that was written by half
  CHECK(line.end(line.start(), 0).status == 200);
  CHECK(outcome(line.check("ship")) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("an end that is asked again is the same one, and the plant hears of it under the same id") {
  Served line({}, "notify: ./take\nspool: spool\n");
  write_file(line.plant / "take", "#!/bin/sh\ncat >> told\n");
  fs::permissions(line.plant / "take", fs::perms::owner_all);
  const json::object started = line.start();
  const std::string id = fresh_id();
  const auto first = line.end(started, 0, id), again = line.end(started, 0, id);
  CHECK(first.headers.count("dmigate-repeated") == 0);
  REQUIRE(again.status == 200);
  CHECK(again.headers.at("dmigate-repeated") == "true");
  CHECK(again.json().at("record") == first.json().at("record"));
  const std::string metrics = line.service->ask({.target = "/metrics", .token = line.auditor}).body;
  // Once for its start, once for its end.
  CHECK(metrics.find("dmigate_verdicts_total{outcome=\"PASS\",stage=\"pre-image\"} 2\n") != metrics.npos);
  // What comes behind it is told behind it.
  CHECK(outcome(line.check("ship")) == "PASS");
  const auto told = [&](const std::string& what) {
    std::istringstream all(fs::exists(line.plant / "told") ? read_file(line.plant / "told") : "");
    std::vector<std::string> ids;
    for (std::string event; std::getline(all, event);) {
      if (event.find(what) != event.npos) ids.push_back(text(json::parse(event).get_object(), "id"));
    }
    return ids;
  };
  for (int i = 0; i < 3000 && told("\"stage\":\"ship\"").empty(); ++i) ::usleep(20'000);
  CHECK_FALSE(told("\"stage\":\"ship\"").empty());
  const auto ends = told("\"event\":\"end\",\"command\":\"run\"");
  REQUIRE(ends.size() == 2);
  CHECK(ends[0] == ends[1]);
  CHECK(ends[0].size() == 32);
}

TEST_CASE("a unit's clock is held against the service's, where its evidence knows of no other") {
  const Served line;
  const std::string newer = edited(
      kDirect, {{"version: 1", "version: 2"}, {"stages:", "hardware:\n  clock: { within: 5m }\nstages:"}});
  REQUIRE(line.service
              ->ask({.method = "PUT",
                     .target = "/v1/profiles/direct?warnings=accepted",
                     .token = line.engineer,
                     .body = newer})
              .status == 200);
  const auto check = [&](std::chrono::seconds off, bool has_reference) {
    const auto now = std::chrono::system_clock::now();
    json::object body = question(line.unit, "pre-image", "CX2600417", fresh_id());
    body["evidence"].as_object()["clock"] = {
        {"at", gate::utc_text(now + off)},
        {"local", nullptr},
        {"reference", has_reference ? json::value(gate::utc_text(now + off)) : json::value()},
        {"from", has_reference ? "ntp" : ""}};
    return line.service->told(line.station, "/v1/check", body);
  };
  using std::chrono::minutes;
  CHECK(outcome(check(minutes(0), false)) == "PASS");
  CHECK(outcome(check(minutes(4), false)) == "PASS");
  for (const minutes off : {minutes(60), minutes(-60)}) {
    const json::object verdict = check(off, false);
    CHECK(outcome(verdict) == "FAIL");
    CHECK(rules(verdict).front() == "clock.skew clock");
    CHECK(text(finding(verdict, "clock.skew"), "message").find("service") != std::string::npos);
  }
  CHECK(outcome(check(minutes(60), true)) == "PASS");  // it was held against another clock when it was taken
  // Without a clock in it, nothing is known.
  CHECK(outcome(line.check("pre-image")) == "ERROR");
}

TEST_CASE("a run whose end never comes stays open, also over a restart, until somebody resolves it") {
  Served line;
  static_cast<void>(line.start());
  CHECK(line.service->end(SIGKILL).signal == SIGKILL);
  line.service->start();
  CHECK(rules(line.check("ship")).front() == "stage.open-record");
  const json::object rework{
      {"action", "resolve"}, {"unit", "CX2600417"}, {"by", "wang"}, {"reason", "power cut"}};
  const Asking asking{
      .method = "POST", .target = "/v1/rework", .token = line.engineer, .body = json::serialize(rework)};
  CHECK(line.service->ask(asking).status == 200);
  CHECK(line.count("units") == 1);
  CHECK(line.end(line.start(), 0).status == 200);
  CHECK(outcome(line.check("ship")) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("an end that names another record, or another station's, ends nothing") {
  const Served line;
  const json::object started = line.start();
  json::object wrong = started;
  wrong["record"].as_object()["hash"] = std::string(64, '0');
  CHECK(line.end(wrong, 0).status == 409);
  const std::string other = test::make_token(line.plant, "L3-S08", "station");
  const json::object body{{"request_id", fresh_id()}, {"record", started.at("record")}, {"exit_code", 0}};
  CHECK(line.service
            ->ask_bound(
                {.method = "POST", .target = "/v1/run/end", .token = other, .body = json::serialize(body)})
            .status == 409);
  CHECK(rules(line.check("ship")).front() == "stage.open-record");
}

TEST_CASE("a permit comes with a PASS alone, and asked again it is the same one") {
  Served line;
  const json::object plain = question(line.unit, "pre-image", "CX2600417", fresh_id());
  const Asking asking{
      .method = "POST", .target = "/v1/permits", .token = line.station, .body = json::serialize(plain)};
  CHECK(line.service->ask_bound(asking).status == 422);  // no key signs here
  CHECK(line.count("units") == 0);
  REQUIRE(line.plant.dmigate({"permit", "keygen", "the.key"}).status == 0);
  CHECK(line.service->end(SIGTERM).status == 0);
  line.service.emplace(line.plant, Words{"--permit-key", line.plant / "the.key"});
  const auto first = line.service->ask_bound(asking);
  const auto again = line.service->ask_bound(asking);
  REQUIRE(first.status == 200);
  const std::string permit = text(first.json(), "permit");
  CHECK(permit.starts_with("dmigate-permit.1."));
  CHECK(text(again.json(), "permit") == permit);
  CHECK(outcome(first.json().at("verdict").as_object()) == "PASS");
  fs::create_directory(line.plant / "keys");
  fs::permissions(line.plant / "keys", fs::perms::owner_all);
  fs::copy(line.plant / "the.key.pub", line.plant / "keys/the.pub");
  line.plant.station("allow_file_source: true\n");
  const Words verify = {"permit",  "verify",    permit,   line.unit,
                        "--stage", "pre-image", "--keys", line.plant / "keys"};
  CHECK(outcome(line.plant.verdict(0, verify)) == "PASS");
  CHECK(rules(line.plant.verdict(1, verify)).front() == "permit.used");
  const std::string bad = line.plant.unit("bad", "case-a-1");
  const json::object refused =
      line.service->told(line.station, "/v1/permits", question(bad, "pre-image", "", fresh_id()));
  CHECK(refused.at("permit").is_null());
}

// ---------------------------------------------------------------- who may ask

TEST_CASE("nothing is read or written without a token, apart from /healthz and what a login needs") {
  const Served line;
  for (const char* target : {"/v1/units/CX2600417", "/v1/line", "/v1/events", "/v1/profiles", "/metrics",
                             "/v1/openapi.json", "/v1/me", "/v1/nowhere"}) {
    CAPTURE(target);
    CHECK(line.service->ask({.target = target}).status == 401);
    CHECK(line.service->ask({.target = target, .token = "dmg_" + std::string(43, 'A')}).status == 401);
    CHECK(line.service->ask({.target = target, .token = line.station + "x"}).status == 401);
  }
  for (const char* target : {"/", "/line", "/station/L3-S07", "/unit/X", "/profiles"}) {
    const auto answered = line.service->ask({.target = target});
    CHECK(answered.status == 303);
    CHECK(answered.headers.at("location").starts_with("/login?next=/"));
  }
  CHECK(line.service->ask({.method = "POST", .target = "/v1/check", .body = "{}"}).status == 401);
  CHECK(line.service->ask({.target = "/healthz"}).body == "{\"status\":\"ok\"}\n");
  CHECK(line.service->ask({.target = "/login"}).status == 200);
  CHECK(line.service->ask({.target = "/assets/style.css"}).status == 200);
  CHECK(line.count("records") == 0);
}

TEST_CASE("each role may do what is its own, and nothing of another's") {
  const Served line;
  const std::string body = json::serialize(question(line.unit, "pre-image", "CX2600417", fresh_id()));
  for (const std::string& token : {line.engineer, line.auditor})
    CHECK(line.service->ask({.method = "POST", .target = "/v1/check", .token = token, .body = body}).status ==
          403);
  const std::string rework = R"({"action":"resolve","unit":"X","by":"a","reason":"b"})";
  for (const std::string& token : {line.station, line.auditor}) {
    CHECK(line.service->ask({.method = "POST", .target = "/v1/rework", .token = token, .body = rework})
              .status == 403);
    CHECK(
        line.service->ask({.method = "PUT", .target = "/v1/profiles/direct", .token = token, .body = kDirect})
            .status == 403);
  }
  CHECK(line.service->ask({.target = "/v1/units/X", .token = line.station}).status == 403);
  CHECK(line.service->ask({.target = "/v1/line", .token = line.station}).status == 403);
  CHECK(line.service->ask({.target = "/v1/units/X", .token = line.auditor}).status == 404);
  CHECK(line.service->ask({.target = "/v1/stations/L3-S08/scan?unit=X", .token = line.station}).status ==
        403);
  CHECK(line.service->ask({.target = "/station/L3-S08", .token = line.station}).status == 403);
  CHECK(line.service->ask({.method = "POST", .target = "/v1/audit", .token = line.station, .body = "x"})
            .status == 403);
  CHECK(line.count("records") == 0);
}

TEST_CASE("a token ends when it is revoked or rotated, without a restart, and the file holds none") {
  const Served line;
  const auto status = [&](const std::string& token) {
    return line.service->ask({.target = "/v1/me", .token = token}).status;
  };
  const auto tokens = [&](Words words) {
    words.insert(words.begin(), {"serve", "token"});
    words.insert(words.end(), {"--tokens", line.plant / "tokens.json"});
    return line.plant.dmigate(words);
  };
  CHECK(status(line.station) == 200);
  std::string rotated = tokens({"rotate", "L3-S07"}).out;
  rotated.pop_back();
  CHECK(status(line.station) == 401);
  CHECK(status(rotated) == 200);
  std::string kept = tokens({"rotate", "L3-S07", "--keep", "1h"}).out;
  kept.pop_back();
  CHECK(status(rotated) == 200);
  CHECK(status(kept) == 200);
  CHECK(tokens({"revoke", "L3-S07"}).status == 0);
  CHECK(status(rotated) == 401);
  CHECK(status(kept) == 401);
  CHECK(tokens({"revoke", "L3-S07"}).status == 2);
  CHECK(tokens({"add", "wang", "--role", "auditor"}).status == 2);
  CHECK(tokens({"add", "new"}).status == 2);
  const std::string file = line.plant / "tokens.json";
  struct stat told {};
  REQUIRE(::stat(file.c_str(), &told) == 0);
  CHECK((told.st_mode & 0777) == 0600);
  const std::string content = read_file(file);
  for (const std::string& token : {line.engineer, kept, rotated})
    CHECK(content.find(token.substr(4)) == content.npos);
}

TEST_CASE("a file of tokens that others may read, or that is damaged, lets nobody in") {
  const Served line;
  const std::string file = line.plant / "tokens.json";
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
  fs::last_write_time(file, fs::file_time_type::clock::now());
  CHECK(line.service->ask({.target = "/v1/me", .token = line.station}).status == 503);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  fs::last_write_time(file, fs::file_time_type::clock::now());
  CHECK(line.service->ask({.target = "/v1/me", .token = line.station}).status == 200);
  const std::string whole = read_file(file);
  write_file(file, whole.substr(0, whole.size() / 2));
  CHECK(line.service->ask({.target = "/v1/me", .token = line.station}).status == 503);
  fs::remove(file);
  CHECK(line.service->ask({.target = "/v1/me", .token = line.station}).status == 503);
  write_file(file, whole);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  CHECK(line.service->ask({.target = "/v1/me", .token = line.station}).status == 200);
}

TEST_CASE("a browser's cookie reads, and changes nothing without the header that only our pages send") {
  const Served line;
  const auto login = line.service->ask(
      {.method = "POST", .target = "/login", .body = "token=" + line.engineer + "&next=%2F%2Fevil.example"});
  CHECK(login.status == 303);
  CHECK(login.headers.at("location") == "/");
  const std::string cookie = login.headers.at("set-cookie");
  CHECK(cookie.find("HttpOnly; SameSite=Strict") != cookie.npos);
  const std::string header = "Cookie: other=1; " + cookie.substr(0, cookie.find(';')) + "\r\n";
  CHECK(line.service->ask({.target = "/v1/line", .headers = header}).status == 200);
  const std::string rework = R"({"action":"resolve","unit":"X","by":"a","reason":"b"})";
  CHECK(line.service->ask({.method = "POST", .target = "/v1/rework", .body = rework, .headers = header})
            .status == 403);
  CHECK(line.service
            ->ask({.method = "POST",
                   .target = "/v1/rework",
                   .body = rework,
                   .headers = header + "Dmigate-Page: 1\r\n"})
            .status == 422);
  CHECK(line.service->ask({.method = "POST", .target = "/login", .body = "token=dmg_x"})
            .headers.at("location") == "/login?wrong=1");
}

TEST_CASE("a token that asks too often is told so, and others are not held up") {
  const Served line({"--rate", "1"});
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    const auto answered = line.service->ask({.target = "/v1/me", .token = line.station});
    if (answered.status != 429) continue;
    ++refused;
    CHECK(answered.headers.at("retry-after") == "1");
  }
  CHECK(refused > 0);
  CHECK(line.service->ask({.target = "/v1/me", .token = line.auditor}).status == 200);
}

// ---------------------------------------------------------------- profiles, events, scans

TEST_CASE("a profile is taken only when it is newer and lint has nothing to say") {
  const Served line;
  const auto put = [&](const std::string& text, const std::string& name = "direct",
                       const std::string& query = {}) {
    return line.service->ask(
        {.method = "PUT", .target = "/v1/profiles/" + name + query, .token = line.engineer, .body = text});
  };
  const std::string before = read_file(line.plant / "only/direct.yaml");
  std::string newer = edited(kDirect, {{"version: 1", "version: 2"}, {"[H310CM-A]", "[H310CM-A, H310CM-B]"}});
  CHECK(put(kDirect).status == 422);                              // the same version
  const auto misspelt = put(edited(newer, {{"match", "mtch"}}));  // it does not hold
  CHECK(misspelt.status == 422);
  CHECK(text(misspelt.json(), "what").starts_with("direct.yaml:4:1: "));  // and no folder of the service's
  CHECK(put(newer, "other").status == 422);                               // it is called otherwise
  CHECK(put(newer, "..%2Fdirect").status == 404);
  CHECK(put(newer, "%2e%2e%2fdirect.yaml").status == 404);
  CHECK(put(std::string(2 << 20, '#')).status == 413);
  CHECK(read_file(line.plant / "only/direct.yaml") == before);
  const auto taken = put(newer);
  REQUIRE_MESSAGE(taken.status == 200, taken.body);
  CHECK(taken.json().at("version").as_int64() == 2);
  CHECK(taken.json().at("before").as_int64() == 1);
  CHECK(taken.json().at("changes").as_array().size() >= 2);
  CHECK(read_file(line.plant / "only/direct.yaml") == newer);
  CHECK(read_file(line.plant / "only/history/direct.v1.yaml") == before);
  const json::object verdict = line.check("pre-image");
  CHECK(verdict.at("profile").as_object().at("version").as_int64() == 2);
}

TEST_CASE("a profile that is named as a file of the service's machine is refused") {
  const Served line;
  for (const char* name : {"../only/direct.yaml", "/etc/passwd", "only/direct", "direct.yaml", "a b"}) {
    json::object body = question(line.unit, "pre-image", "CX2600417", fresh_id());
    body["profile"] = name;
    CHECK(line.service
              ->ask_bound({.method = "POST",
                           .target = "/v1/check",
                           .token = line.station,
                           .body = json::serialize(body)})
              .status == 400);
  }
  json::object body = question(line.unit, "pre-image", "CX2600417", fresh_id());
  body["profile"] = "nobody";
  CHECK(
      line.service
          ->ask_bound(
              {.method = "POST", .target = "/v1/check", .token = line.station, .body = json::serialize(body)})
          .status == 422);
}

TEST_CASE("events tell of every record, whoever wrote it, and a station reads its own alone") {
  const Served line;
  test::Line all(line.service->port()), own(line.service->port());
  all.say(test::request_text({.target = "/v1/events", .token = line.auditor}, {}));
  own.say(test::request_text({.target = "/v1/events?station=other", .token = line.station}, {}));
  all.hear_until(": here\n\n");
  own.hear_until(": here\n\n");
  const auto next = [](test::Line& from) {
    std::string heard = from.hear_until("\n\n");
    while (heard.find("data: ") == heard.npos && !heard.empty()) heard = from.hear_until("\n\n");
    return json::parse(heard.substr(heard.find("data: ") + 6)).as_object();
  };
  const json::object checked = line.plant.verdict(
      0, {"check", line.unit, "--stage", "pre-image", "--unit", "CX2600417", "--station", "other"});
  CHECK(text(next(all), "station") == "other");
  static_cast<void>(line.check("pre-image"));
  CHECK(text(next(all), "station") == "L3-S07");
  CHECK(text(next(own), "station") == "L3-S07");
  const json::object figures = line.service->ask({.target = "/v1/line", .token = line.auditor}).json();
  CHECK(figures.at("yield").as_array().front().as_object().at("units").as_int64() == 1);
  CHECK(figures.at("stations").as_array().size() == 2);
}

TEST_CASE("a stream of events whose token is revoked ends before its next line") {
  const Served line;
  test::Line revoked(line.service->port()), other(line.service->port());
  revoked.say(test::request_text({.target = "/v1/events", .token = line.auditor}, {}));
  other.say(test::request_text({.target = "/v1/events", .token = line.engineer}, {}));
  revoked.hear_until(": here\n\n");
  other.hear_until(": here\n\n");
  REQUIRE(
      line.plant.dmigate({"serve", "token", "revoke", "li", "--tokens", line.plant / "tokens.json"}).status ==
      0);
  static_cast<void>(line.check("pre-image"));
  std::string heard, all;
  while (!(heard = revoked.hear_until("\n\n")).empty()) all += heard;
  CHECK(all.find("data: ") == all.npos);
  CHECK(revoked.ended());
  while ((heard = other.hear_until("\n\n")).find("data: ") == heard.npos) REQUIRE_FALSE(heard.empty());
}

TEST_CASE("a scan shows what this station said of the unit last, and nothing that belongs to another unit") {
  const Served line;
  const auto scan = [&](const std::string& label, const std::string& station = "L3-S07") {
    return line.service->ask(
        {.target = "/v1/stations/" + station + "/scan?unit=" + label, .token = line.auditor});
  };
  CHECK(text(scan("CX2600417").json(), "state") == "waiting");
  static_cast<void>(line.check("pre-image"));
  CHECK(text(scan("CX2600417").json(), "outcome") == "PASS");
  CHECK(text(scan("%20cx2600417%0d").json(), "outcome") == "PASS");
  CHECK(text(scan("CX2600417", "L3-S08").json(), "state") == "waiting");
  for (const char* bad : {"", "%20", "A%20B", "%3Cscript%3E%00", "%E4%B8%AD"}) CHECK(scan(bad).status == 400);
  CHECK(scan(std::string(65, 'A')).status == 400);
  // A second unit with the first one's serials: its operator is not told what the first one holds.
  const std::string copy = line.plant.unit("copy", "good-unit", {{"HB26031187", "HB26031188"}});
  const json::object refused =
      line.service->told(line.station, "/v1/check", question(copy, "pre-image", "CX2600499", fresh_id()));
  CHECK(outcome(refused) == "FAIL");
  const auto told = scan("CX2600499");
  CHECK(text(told.json(), "outcome") == "FAIL");
  CHECK(told.body.find("CX2600417") == told.body.npos);
  CHECK(told.body.find("HB26031187") == told.body.npos);
  // What another station says later, or a rework, is the unit's last word then.
  static_cast<void>(line.start());
  CHECK(text(scan("CX2600417").json(), "state") == "running");
}

TEST_CASE("a unit's page has its trace and its table, decoded") {
  const Served line;
  static_cast<void>(line.check("pre-image"));
  const json::object told =
      line.service->ask({.target = "/v1/units/CX2600417", .token = line.auditor}).json();
  CHECK(text(told, "schema") == "dmigate.trace/1");
  CHECK(told.at("units").as_array().front().as_object().at("records").as_array().size() == 1);
  CHECK(told.at("decoded").as_object().at("structures").as_array().size() >= 4);
  CHECK(line.plant.dmigate({"trace", "CX2600417", "--json"}).status == 0);
}
