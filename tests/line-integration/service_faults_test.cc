// What goes wrong around the service: requests that are none, a registry that goes away, kills, idle crowds.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <future>

#include "tests/line-integration/service_client.h"

using namespace dmigate;
using namespace dmigate::plant;
using test::Asking;
using test::fresh_id;
using test::question;
using test::Service;
namespace fs = std::filesystem;

namespace {

constexpr const char* kTroubledModel =
    "profile: direct\nversion: 1\nextends: [cmge]\nmatch:\n  baseboard-product-name: [H310CM-A]\n"
    "stages:\n  pre-image: {}\n";

struct Troubled {
  Plant plant;
  std::string unit, station, auditor;
  std::optional<Service> service;

  explicit Troubled(const Words& more = {}) {
    fs::create_directory(plant / "only");
    write_file(plant / "only/direct.yaml", kTroubledModel);
    write_file(plant / "station.yaml",
               "registry: registry.db\nprofiles: [only]\nallow_registry_on: [tmpfs, ramfs, overlay]\n"
               "registry_timeout: 2s\n");
    unit = plant.unit("unit", "good-unit");
    station = test::make_token(plant, "L3-S07", "station");
    auditor = test::make_token(plant, "li", "auditor");
    service.emplace(plant, more);
  }
  [[nodiscard]] Asking asking(const std::string& body, const std::string& target = "/v1/check") const {
    return {.method = "POST", .target = target, .token = station, .body = body};
  }
  [[nodiscard]] std::string body(const std::string& id = fresh_id()) const {
    return json::serialize(question(unit, "pre-image", "CX2600417", id));
  }
  [[nodiscard]] std::int64_t count(const char* what) const {
    return plant.registry_json(0, {"status"}).at(what).as_int64();
  }
};

}  // namespace

TEST_CASE("what is no HTTP is refused, and the next connection is served") {
  const Troubled line;
  const char* const kNone[] = {"\r\n\r\n",
                               "GET\r\n\r\n",
                               "GET / HTTP/3.0\r\n\r\n",
                               "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  // TLS where there is none
                               "GET /healthz HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                               "GET /healthz HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                               "GET /%zz HTTP/1.1\r\n\r\n",
                               "GET healthz HTTP/1.1\r\n\r\n",
                               "GET http://other/ HTTP/1.1\r\n\r\n"};
  for (const char* bytes : kNone) {
    CAPTURE(bytes);
    test::Line one(line.service->port());
    one.say(bytes);
    const auto answered = one.hear();
    CHECK((answered.status == 400 || answered.status == 0));
  }
  test::Line no_body(line.service->port());
  no_body.say("HEAD /healthz HTTP/1.1\r\n\r\n");
  CHECK(no_body.hear_until("nothing").ends_with("\r\n\r\n"));
  test::Line head(line.service->port());
  head.say("GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  CHECK(head.hear().status == 431);
  test::Line two(line.service->port());
  const std::string twice = "Authorization: Bearer " + line.station + "\r\n";
  two.say("GET /v1/me HTTP/1.1\r\n" + twice + twice + "\r\n");
  CHECK(two.hear().status == 400);
  CHECK(line.service->ask({.target = "/healthz"}).status == 200);
}

TEST_CASE("a body that is cut off, too large, or no question is refused, and nothing is recorded") {
  const Troubled line;
  const std::string whole = line.body();
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    const auto answered = line.service->ask_bound(line.asking(whole.substr(0, size)));
    CHECK(answered.status == 400);
  }
  // A connection that ends within its body.
  const std::string request = test::request_text(line.asking(whole), test::fresh_nonce());
  for (std::size_t size = 1; size < request.size(); size += 509) {
    test::Line one(line.service->port());
    one.say(std::string_view(request).substr(0, size));
  }
  test::Line large(line.service->port());
  large.say("POST /v1/check HTTP/1.1\r\nAuthorization: Bearer " + line.station +
            "\r\nDmigate-Nonce: " + test::fresh_nonce() + "\r\nContent-Length: 99999999\r\n\r\n");
  CHECK(large.hear().status == 413);
  test::Line chunked(line.service->port());
  chunked.say("POST /v1/rework HTTP/1.1\r\nAuthorization: Bearer " + line.auditor +
              "\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n");
  CHECK(chunked.hear().status == 403);

  const auto edit = [&](const char* name, json::value value) {
    json::object body = json::parse(whole).as_object();
    body[name] = std::move(value);
    return json::serialize(body);
  };
  std::string deep = "{\"request_id\":";
  for (int i = 0; i < 5000; ++i) deep += '[';
  const std::string bad[] = {"",
                             "null",
                             "[]",
                             "{}",
                             "{",
                             deep,
                             edit("request_id", "short"),
                             edit("request_id", 7),
                             edit("request_id", "has blank"),
                             edit("stage", "pre-heat"),
                             edit("stage", nullptr),
                             edit("evidence", nullptr),
                             edit("evidence", "x"),
                             edit("evidence", json::object()),
                             edit("unit", ""),
                             edit("unit", "   "),
                             edit("unit", 5),
                             edit("unit", json::string(300, 'x')),
                             edit("identifiers", "x"),
                             edit("identifiers", json::object{{"a", ""}}),
                             edit("language", "fr"),
                             edit("dry_run", true),
                             edit("station", "L3-S08"),
                             edit("command", json::array{"x"}),
                             whole.substr(0, whole.size() - 1) + ",\"unit\":\"CX1\"}",
                             whole + whole};
  for (const std::string& body : bad) {
    CAPTURE(body.substr(0, 80));
    CHECK(line.service->ask_bound(line.asking(body)).status == 400);
  }
  CHECK(line.service->ask_bound(line.asking(edit("profile", "nobody"))).status == 422);
  for (const std::string& body : {std::string("{}"), edit("command", "x"), edit("command", json::array()),
                                  edit("command", json::array{""})})
    CHECK(line.service->ask_bound(line.asking(body, "/v1/run/start")).status == 400);
  for (const char* end :
       {"{}", R"({"request_id":"12345678","record":{},"exit_code":0})",
        R"({"request_id":"12345678","record":{"station_seq":1,"hash":"x"}})",
        R"({"request_id":"12345678","record":{"station_seq":-1,"hash":"x"},"exit_code":0})",
        R"({"request_id":"12345678","record":{"station_seq":1,"hash":"x","more":1},"exit_code":0})"})
    CHECK(line.service->ask_bound(line.asking(end, "/v1/run/end")).status == 400);
  for (const char* nonce : {"", "00", "zz"}) {
    Asking asking = line.asking(whole);
    asking.headers = nonce[0] == '\0' ? "" : "Dmigate-Nonce: " + std::string(nonce) + "\r\n";
    test::Line one(line.service->port());
    one.say(test::request_text(asking, {}));
    CHECK(one.hear().status == 400);
  }
  CHECK(line.count("records") == 0);
  CHECK(line.service->ask_bound(line.asking(whole)).status == 200);
}

TEST_CASE("no path leads out of what is served") {
  const Troubled line;
  for (const char* target :
       {"/assets/../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/station.yaml",
        "/../tokens.json", "//etc/passwd", "/assets/", "/assets//style.css", "/assets/openapi.json",
        "/assets/line.html", "/tokens.json", "/assets/style.css%00", "/v1/check/../units/x", "/./healthz"}) {
    CAPTURE(target);
    const auto status = line.service->ask({.target = target, .token = line.auditor}).status;
    CHECK((status == 404 || status == 400));
  }
  CHECK(line.service->ask({.method = "DELETE", .target = "/v1/units/x", .token = line.auditor}).status ==
        405);
  CHECK(line.service->ask({.target = "/v1/check", .token = line.station}).status == 405);
}

TEST_CASE("every answer forbids what a hostile string would need") {
  const Troubled line;
  for (const char* target : {"/healthz", "/login", "/v1/line", "/nowhere", "/assets/page.js"}) {
    auto headers = line.service->ask({.target = target, .token = line.auditor}).headers;
    CHECK(headers["content-security-policy"].starts_with("default-src 'none'; script-src 'self'"));
    CHECK(headers["content-security-policy"].find("unsafe") == std::string::npos);
    CHECK(headers["x-content-type-options"] == "nosniff");
    CHECK_FALSE(headers["cache-control"].empty());
  }
  // A label that is a script comes back as a string of JSON, whole, and never as a type that is run.
  const std::string script = "<script>alert(1)</script>";
  const auto answered = line.service->ask_bound(
      line.asking(json::serialize(question(line.unit, "pre-image", script, fresh_id()))));
  CHECK(answered.status == 200);
  CHECK(answered.headers.at("content-type") == "application/json");
  CHECK(text(answered.json().at("unit").as_object(), "label") == script);
}

TEST_CASE("a registry that goes away makes ERROR, and is used again when it is back") {
  const Troubled line;
  CHECK(line.service->ask_bound(line.asking(line.body())).status == 200);
  fs::create_directory(line.plant / "away");
  for (const char* name : {"registry.db", "registry.db-wal", "registry.db-shm"}) {
    if (fs::exists(line.plant / name))
      fs::rename(line.plant / name, line.plant / ("away/" + std::string(name)));
  }
  const std::string body = line.body();
  const json::object verdict = line.service->ask_bound(line.asking(body)).json();
  check_form(verdict, 3);
  CHECK_FALSE(verdict.at("recorded").as_bool());
  CHECK(rules(verdict).back() == "evidence.missing");
  const json::object end{{"request_id", fresh_id()},
                         {"record", {{"station_seq", 1}, {"hash", std::string(64, '0')}}},
                         {"exit_code", 0}};
  CHECK(line.service->ask_bound(line.asking(json::serialize(end), "/v1/run/end")).status == 503);
  CHECK(line.service->ask({.target = "/v1/units/x", .token = line.auditor}).status == 503);
  for (int i = 0; i < 600 && line.service->ask({.target = "/healthz"}).status != 503; ++i) ::usleep(50'000);
  CHECK(line.service->ask({.target = "/healthz"}).status == 503);
  for (const auto& entry : fs::directory_iterator(line.plant / "away"))
    fs::rename(entry.path(), line.plant / entry.path().filename().string());
  // The same question again: it was not recorded, so it is judged now.
  const auto again = line.service->ask_bound(line.asking(body));
  CHECK(again.headers.count("dmigate-repeated") == 0);
  CHECK(outcome(again.json()) == "PASS");
  CHECK(line.count("units") == 1);
  line.plant.check_registry_is_whole();
}

TEST_CASE(
    "another registry in the place of the one that is open is refused, or recorded in; never the one "
    "before") {
  const Troubled line;
  const std::string place = line.plant / "registry.db", other = line.plant / "other.db";
  const auto check = [&] { return line.service->ask_bound(line.asking(line.body())).json(); };
  CHECK(outcome(check()) == "PASS");
  REQUIRE(line.plant.dmigate({"registry", "init", "--registry", other}).status == 0);
  fs::copy_file(place, line.plant / "before.db");

  // Copied over it: the same file by its name and its number, and the WAL beside it is another one's.
  fs::copy_file(other, place, fs::copy_options::overwrite_existing);
  json::object verdict = check();
  check_form(verdict, 3);
  CHECK_FALSE(verdict.at("recorded").as_bool());
  // Put in its place, with that WAL.
  fs::copy_file(other, line.plant / "new.db");
  fs::rename(line.plant / "new.db", place);
  CHECK_FALSE(check().at("recorded").as_bool());
  // Put in its place as it should be: the unit is a new one there.
  fs::remove(place + "-wal");
  fs::remove(place + "-shm");
  verdict = check();
  CHECK(outcome(verdict) == "PASS");
  CHECK(verdict.at("recorded").as_bool());
  CHECK(line.count("units") == 1);
  CHECK(line.count("records") == 2);  // its profile's, and its own
  line.plant.check_registry_is_whole();
}

TEST_CASE("another registry that is copied over the open one while a question waits for it is refused") {
  const Troubled line;
  const std::string place = line.plant / "registry.db", other = line.plant / "other.db";
  const auto check = [&] { return line.service->ask_bound(line.asking(line.body())).json(); };
  CHECK(outcome(check()) == "PASS");
  REQUIRE(line.plant.dmigate({"registry", "init", "--registry", other}).status == 0);
  sqlite3* holds = nullptr;
  REQUIRE(sqlite3_open(place.c_str(), &holds) == SQLITE_OK);
  sqlite3_db_config(holds, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  REQUIRE(sqlite3_exec(holds, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  auto waits = std::async(std::launch::async, check);
  ::usleep(200'000);  // it waits for the lock by now, or comes after the copy: it is refused either way
  fs::copy_file(other, place, fs::copy_options::overwrite_existing);
  CHECK(sqlite3_exec(holds, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(holds);
  CHECK_FALSE(waits.get().at("recorded").as_bool());
  for (int i = 0; i < 3; ++i) CHECK_FALSE(check().at("recorded").as_bool());
  CHECK(read_file(place) == read_file(other));
}

TEST_CASE("what was remembered of a registry is forgotten where another one is put in its place") {
  const Troubled line;
  const std::string place = line.plant / "registry.db", other = line.plant / "other.db";
  for (int i = 0; i < 5; ++i) line.service->ask_bound(line.asking(line.body()));
  REQUIRE(line.plant.dmigate({"registry", "init", "--registry", other}).status == 0);
  for (const char* end : {"-wal", "-shm"}) {
    fs::remove(place + end);
    fs::remove(other + end);
  }
  fs::rename(other, place);
  const auto heard = [&] {
    const json::object said = line.service->ask({.target = "/v1/line", .token = line.auditor}).json();
    return json::serialize(said.at("stations"));
  };
  for (int i = 0; i < 600 && heard() != "[]"; ++i) ::usleep(20'000);
  CHECK(heard() == "[]");
  // The first one tells that the journal is another; from then on what is asked again is known.
  CHECK(line.service->ask_bound(line.asking(line.body())).json().at("recorded").as_bool());
  const auto asking = line.asking(line.body());
  const auto first = line.service->ask_bound(asking), again = line.service->ask_bound(asking);
  CHECK(first.headers.count("dmigate-repeated") == 0);
  REQUIRE(again.headers.count("dmigate-repeated") == 1);
  CHECK(again.json().at("record") == first.json().at("record"));
  // The page counts what is there.
  for (int i = 0; i < 600 && heard().find("\"passed\":2,") == std::string::npos; ++i) ::usleep(20'000);
  CAPTURE(heard());
  CHECK(heard().find("\"passed\":2,") != std::string::npos);
}

TEST_CASE(
    "a service that is killed in mid-check: what is asked again is no second unit, and no second record") {
  Troubled line;
  constexpr int kKills = 12;
  std::int64_t answered_first = 0;
  for (int i = 0; i < kKills; ++i) {
    const std::string serial = "CX26005" + std::string(i < 10 ? "0" : "") + std::to_string(i);
    const std::string unit = line.plant.unit(
        "unit" + std::to_string(i), "good-unit",
        {{"CX2600417", serial},
         {"HB26031187", "HB" + serial.substr(2)},
         {"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "8d1e6f02-5c3b-4a77-9e41-0000000000" + serial.substr(7)},
         {"CC2600417", "CC" + serial}});
    const Asking asking = line.asking(json::serialize(question(unit, "pre-image", serial, fresh_id())));
    {
      test::Line one(line.service->port());
      one.say(test::request_text(asking, test::fresh_nonce()));
      ::usleep(static_cast<useconds_t>(i) * 700);
      CHECK(line.service->end(SIGKILL).signal == SIGKILL);
    }
    line.service->start();
    const auto again = line.service->ask_bound(asking);
    REQUIRE(again.status == 200);
    CHECK(outcome(again.json()) == "PASS");
    answered_first += again.headers.count("dmigate-repeated") == 1 ? 1 : 0;
    CHECK(line.count("units") == i + 1);
  }
  MESSAGE("killed after its commit: " << answered_first << " of " << kKills);
  CHECK(line.count("records") == kKills + 1);  // and the profile's
  line.plant.check_registry_is_whole();
}

TEST_CASE("a thousand idle connections and readers of events hold up nobody, and the service stops at once") {
  struct rlimit limit {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_cur < 2500) {
    MESSAGE("left out: a thousand connections (no more than " << limit.rlim_cur << " descriptors)");
    return;
  }
  Troubled line;
  std::vector<test::Line> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.emplace_back(line.service->port());
    if (i % 10 == 0) idle.back().say(test::request_text({.target = "/v1/events", .token = line.auditor}, {}));
    if (i % 10 == 1) idle.back().say("GET /healthz HTT");
  }
  for (int i = 0; i < 20; ++i) CHECK(line.service->ask_bound(line.asking(line.body())).status == 200);
  const std::string metrics = line.service->ask({.target = "/metrics", .token = line.auditor}).body;
  const std::size_t at = metrics.find("\ndmigate_connections ");
  REQUIRE(at != metrics.npos);
  CHECK(std::stoi(metrics.substr(at + 21)) >= 1000);
  CHECK(metrics.find("dmigate_verdicts_total{outcome=\"PASS\",stage=\"pre-image\"} 20\n") != metrics.npos);
  CHECK(line.service->end(SIGTERM).status == 0);
}

TEST_CASE("it does not begin where it would be read by others, or cannot keep its word") {
  const Troubled line;
  const auto serve = [&](Words more) {
    more.insert(more.begin(), "serve");
    return line.plant.dmigate(more);
  };
  const std::string tokens = line.plant / "tokens.json";
  const Words rows[] = {
      {"--tokens", tokens, "--listen", "0.0.0.0:0"},
      {"--tokens", tokens, "--listen", "nowhere:0"},
      {"--tokens", tokens, "--listen", "127.0.0.1"},
      {"--tokens", tokens, "--listen", "127.0.0.1:99999"},
      {"--tokens", tokens, "--listen", "127.0.0.1:" + std::to_string(line.service->port())},
      {"--tokens", line.plant / "none.json"},
      {"--tokens", tokens, "--registry", "none"},
      {"--tokens", tokens, "--certificate", line.plant / "none.pem"},
      {"--tokens", tokens, "--certificate", line.plant / "a.pem", "--key", line.plant / "b.pem"},
      {"--tokens", tokens, "--profiles", line.plant / "nowhere"},
      {"tokens"}};
  for (const Words& words : rows) {
    CAPTURE(words.back());
    const Ended ended = serve(words);
    CHECK(ended.status == 2);
    CHECK(ended.err.starts_with("dmigate: "));
  }
}
