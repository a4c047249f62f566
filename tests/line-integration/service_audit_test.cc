// Batches that are sent to the service: what is answered, what hostile ones come to, and that an audit ends
// with who asked for it, with its time, and with the service.
#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/gate/archives.h"
#include "tests/line-integration/service_client.h"

using namespace dmigate;
using namespace dmigate::plant;
using gate::archive_of;
using gate::Files;
using test::Asking;
using test::Service;
namespace fs = std::filesystem;

namespace {

constexpr const char* kDirect =
    "profile: direct\nversion: 1\nextends: [cmge]\nmatch:\n  baseboard-product-name: [H310CM-A]\n"
    "stages:\n  pre-image: {}\n";

std::vector<json::object> lines_of(const std::string& jsonl) {
  std::vector<json::object> lines;
  for (std::size_t at = 0, end = 0; (end = jsonl.find('\n', at)) != jsonl.npos; at = end + 1)
    lines.push_back(json::parse(jsonl.substr(at, end - at)).as_object());
  return lines;
}

// Processes whose parent it is.
int children_of(pid_t parent) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    const std::size_t name = stat.rfind(") ");
    if (name == stat.npos || stat.size() < name + 4) continue;
    count += std::atoi(stat.c_str() + name + 4) == parent ? 1 : 0;
  }
  return count;
}

struct Served {
  Plant plant;
  std::string station, engineer, auditor;
  std::optional<Service> service;

  explicit Served(const Words& more = {}) {
    fs::create_directory(plant / "only");
    write_file(plant / "only/direct.yaml", kDirect);
    write_file(plant / "station.yaml",
               "registry: registry.db\nprofiles: [only]\nallow_registry_on: [tmpfs, ramfs, overlay]\n");
    station = test::make_token(plant, "L3-S07", "station");
    engineer = test::make_token(plant, "wang", "engineer");
    auditor = test::make_token(plant, "li", "auditor");
    service.emplace(plant, more);
  }
  // A unit's files, as they stand in an archive; one of its own for each `number`, but for its board where it
  // is `same_board`.
  [[nodiscard]] Files unit(const std::string& number, bool same_board = false) const {
    Edits edits = {{"CX2600417", "CX2600" + number},
                   {"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "8d1e6f02-5c3b-4a77-9e41-000000000" + number},
                   {"CC2600417", "CC2600" + number}};
    if (!same_board) edits.emplace_back("HB26031187", "HB26031" + number);
    const std::string folder = plant.unit("unit" + number, "good-unit", edits);
    Files files;
    for (const char* name : {"smbios_entry_point", "DMI"})
      files.emplace_back("lot/" + number + "/" + name, read_file(folder + "/" + name));
    return files;
  }
  [[nodiscard]] Asking asking(const std::string& body, const std::string& query = {}) const {
    return {.method = "POST", .target = "/v1/audit" + query, .token = auditor, .body = body};
  }
  [[nodiscard]] std::int64_t count(const char* what) const {
    return plant.registry_json(0, {"status"}).at(what).as_int64();
  }
  [[nodiscard]] int metric(const std::string& name) const {
    const std::string text = service->ask({.target = "/metrics", .token = engineer}).body;
    const std::size_t at = text.find("\n" + name + " ");
    return at == text.npos ? 0 : std::stoi(text.substr(at + name.size() + 2));
  }
  template <typename Holds>
  void until(Holds holds) const {
    for (int i = 0; i < 3000 && !holds(); ++i) ::usleep(20'000);
    CHECK(holds());
  }
  // From now on each audit waits for its station.yaml until it is ended.
  void make_audits_wait() const {
    fs::remove(plant / "station.yaml");
    REQUIRE(::mkfifo((plant / "station.yaml").c_str(), 0600) == 0);
  }
};

Files operator+(Files left, const Files& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace

TEST_CASE("a batch that is sent comes back judged, with its duplicates and what the registry knows") {
  const Served line;
  const std::string known = line.plant.unit("known", "good-unit", {{"CC2600417", "CC2600900"}});
  static_cast<void>(line.service->told(line.station, "/v1/check",
                                       test::question(known, "pre-image", "CX2600417", test::fresh_id())));
  const auto records = line.count("records");
  // The third has the board of the unit that is known.
  const std::string batch = archive_of(
      "ustar", "gzip",
      line.unit("501") + line.unit("502") + line.unit("503", true) + Files{{"lot/notes.txt", "hello"}});
  const auto answered = line.service->ask(line.asking(batch));
  REQUIRE_MESSAGE(answered.status == 200, answered.body);
  CHECK(answered.headers.at("dmigate-outcome") == "FAIL");
  CHECK(answered.headers.at("content-type") == "application/jsonl");
  CHECK(answered.headers.at("content-disposition") == "attachment; filename=\"audit.jsonl\"");
  const auto lines = lines_of(answered.body);
  REQUIRE(lines.size() == 4);
  CHECK(text(lines[0], "schema") == "dmigate.audit/1");
  CHECK(text(lines[0], "path") == "/dev/stdin/lot/501");
  CHECK(text(lines[0], "outcome") == "PASS");
  CHECK(text(lines[2], "outcome") == "FAIL");
  const json::object& against = lines[2].at("registry").as_array().front().as_object();
  CHECK(text(against, "rule") == "unique.duplicate");
  CHECK(text(against, "keyword") == "baseboard-serial-number");
  CHECK(text(against, "holder").starts_with("CX2600417 ("));
  // Two of one board within the batch.
  const auto twice = line.service->ask(
      line.asking(archive_of("zip", "none", line.unit("504", true) + line.unit("505", true))));
  REQUIRE(lines_of(twice.body).size() == 2);
  CHECK(lines_of(twice.body)[0].at("duplicates").as_array().front().as_object().at("units").as_int64() == 2);
  CHECK(line.count("records") == records);
  CHECK(line.count("units") == 1);
  CHECK(line.metric("dmigate_audits_total{outcome=\"FAIL\"}") == 2);
  CHECK(line.metric("dmigate_audits") == 0);
  line.plant.check_registry_is_whole();
}

TEST_CASE("one dump, text or evidence is a batch of one, and the report is of the form that is asked for") {
  const Served line;
  const Files unit = line.unit("510");
  const auto ask = [&](const std::string& body, const std::string& query, const std::string& headers = {}) {
    Asking asking = line.asking(body, query);
    asking.headers = headers;
    asking.token = line.engineer;
    return line.service->ask(asking);
  };
  const json::object question = test::question(line.plant / "unit510", "pre-image", "", test::fresh_id());
  const std::string evidence = json::serialize(question.at("evidence"));
  for (const std::string& body : {evidence, unit[1].second}) {
    const auto answered = ask(body, "");
    REQUIRE_MESSAGE(answered.status == 200, answered.body);
    CHECK(answered.headers.at("dmigate-outcome") == "PASS");
    CHECK(lines_of(answered.body).size() == 1);
  }
  const auto page = ask(evidence, "", "Accept: text/html,*/*;q=0.8\r\nAccept-Language: zh-CN\r\n");
  CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
  CHECK(page.headers.at("content-disposition").starts_with("attachment;"));
  CHECK(page.body.starts_with("<!"));
  CHECK(page.body.find("合格") != page.body.npos);
  CHECK(ask(evidence, "?format=csv", "Accept: text/html\r\n")
            .headers.at("content-type")
            .starts_with("text/csv"));
  CHECK(ask(evidence, "?profile=direct").status == 200);
  CHECK(ask(evidence, "?profile=nobody").status == 422);
  CHECK(ask(evidence, "?profile=..%2Fdirect.yaml").status == 400);
  CHECK(ask(evidence, "?format=pdf").status == 400);
  CHECK(ask(evidence, "?claim=1").status == 400);
  for (const std::string& body : {std::string(), std::string("no dump at all"), std::string(5000, '\0')}) {
    const auto answered = ask(body, "");
    CHECK(answered.status == 200);
    CHECK(answered.headers.at("dmigate-outcome") == "ERROR");
  }
  // The same connection is of use for what comes next.
  test::Line same(line.service->port());
  for (int i = 0; i < 2; ++i) {
    same.say(test::request_text(line.asking(evidence), {}));
    CHECK(same.hear().status == 200);
  }
}

TEST_CASE("an archive that is cut, or a bomb, is ERROR in a line of its own, and the service goes on") {
  const Served line;
  const std::string whole = archive_of("ustar", "gzip", line.unit("520") + line.unit("521"));
  const auto cut = line.service->ask(line.asking(whole.substr(0, whole.size() * 3 / 4)));
  REQUIRE(cut.status == 200);
  CHECK(cut.headers.at("dmigate-outcome") == "ERROR");
  CHECK(text(lines_of(cut.body).back(), "outcome") == "ERROR");
  CHECK(text(lines_of(cut.body).back(), "path") == "/dev/stdin");

  gate::ArchiveMaker maker("ustar", "zstd");
  for (const auto& [path, content] : line.unit("522")) maker.file(path, content);
  const std::string zeros(std::size_t{16} << 20, '\0');
  for (int i = 0; i < 66; ++i) maker.file("zeros" + std::to_string(i), zeros);
  const std::string bomb = maker.finish();
  CHECK(bomb.size() < 400'000);
  const auto answered = line.service->ask(line.asking(bomb));
  REQUIRE_MESSAGE(answered.status == 200, answered.body);
  CHECK(answered.headers.at("dmigate-outcome") == "ERROR");
  const auto lines = lines_of(answered.body);
  CHECK(text(lines.front(), "outcome") == "PASS");
  CHECK(text(lines.back(), "path") == "/dev/stdin");
  CHECK(line.service->ask({.target = "/healthz"}).status == 200);
}

TEST_CASE("what is too large is refused before it comes, and who may not audit sends nothing") {
  const Served line({"--audit-size", "1"});
  const auto head = [&](const std::string& token, const std::string& length) {
    test::Line one(line.service->port());
    one.say("POST /v1/audit HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n" + length + "\r\n\r\n");
    return one.hear().status;
  };
  const std::string large = "Content-Length: 1048577", small = "Content-Length: 5";
  CHECK(head(line.auditor, large) == 413);
  CHECK(head(line.station, small) == 403);
  CHECK(head("dmg_" + std::string(43, 'A'), small) == 401);
  CHECK(head("", small) == 401);
  test::Line grown(line.service->port());
  grown.say("POST /v1/audit HTTP/1.1\r\nAuthorization: Bearer " + line.auditor +
            "\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) grown.say("10000\r\n" + std::string(65536, 'x') + "\r\n");
  CHECK(grown.hear().status == 413);
  CHECK(line.service->ask(line.asking(std::string(1 << 20, 'x'))).status == 200);
  line.until([&] { return line.metric("dmigate_audits") == 0; });
}

TEST_CASE("who goes away in the middle of a batch, or of its audit, leaves nothing behind") {
  const Served line;
  const std::string request = test::request_text(line.asking(std::string(300'000, 'x')), {});
  {
    test::Line one(line.service->port());
    one.say(request.substr(0, request.size() / 2));
    line.until([&] { return line.metric("dmigate_audits") == 1; });
  }
  line.until([&] { return line.metric("dmigate_audits") == 0; });
  line.make_audits_wait();
  {
    test::Line one(line.service->port());
    one.say(request);
    line.until([&] { return children_of(line.service->pid()) == 1; });
  }
  line.until([&] { return line.metric("dmigate_audits") == 0; });
  CHECK(children_of(line.service->pid()) == 0);
}

TEST_CASE("a batch that is still coming holds up no service that stops") {
  Served line;
  test::Line half(line.service->port());
  half.say("POST /v1/audit HTTP/1.1\r\nAuthorization: Bearer " + line.auditor +
           "\r\nContent-Length: 100000\r\n\r\nhalf of it");
  line.until([&] { return line.metric("dmigate_audits") == 1; });
  line.service->send(SIGTERM);
  CHECK(half.ended());
  CHECK(line.service->end(SIGTERM).status == 0);
}

TEST_CASE("two audits at once, a third is asked to come again, and all end with the service") {
  Served line;
  line.make_audits_wait();
  const std::string request = test::request_text(line.asking("x"), {});
  test::Line one(line.service->port()), two(line.service->port());
  one.say(request);
  two.say(request);
  line.until([&] { return children_of(line.service->pid()) == 2; });
  const auto third = line.service->ask(line.asking("x"));
  CHECK(third.status == 503);
  CHECK(third.headers.at("retry-after") == "10");
  // Checks are answered meanwhile.
  const std::string unit = line.plant.unit("unit", "good-unit");
  CHECK(outcome(line.service->told(line.station, "/v1/check",
                                   test::question(unit, "pre-image", "CX2600417", test::fresh_id()))) ==
        "PASS");
  line.service->send(SIGTERM);
  CHECK(one.hear().status == 503);
  CHECK(two.hear().status == 503);
  CHECK(line.service->end(SIGTERM).status == 0);
}

TEST_CASE("an audit that takes too long is ended, and one that the service leaves by a kill ends by itself") {
  Served line({"--audit-time", "300ms"});
  line.make_audits_wait();
  CHECK(line.service->ask(line.asking("x")).status == 422);
  CHECK(children_of(line.service->pid()) == 0);
  CHECK(line.metric("dmigate_audits_total{outcome=\"none\"}") == 1);

  Served other;
  other.make_audits_wait();
  test::Line one(other.service->port());
  one.say(test::request_text(other.asking("x"), {}));
  other.until([&] { return children_of(other.service->pid()) == 1; });
  CHECK(other.service->end(SIGKILL).signal == SIGKILL);
  // Whoever reads station.yaml is gone then.
  other.until([&] {
    const int fd = ::open((other.plant / "station.yaml").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) ::close(fd);
    return fd < 0 && errno == ENXIO;
  });
}

TEST_CASE("a registry that is gone is no audit, and is told as what it is") {
  const Served line;
  fs::rename(line.plant / "registry.db", line.plant / "away.db");
  const auto answered = line.service->ask(line.asking("x"));
  CHECK(answered.status == 503);
  CHECK(text(answered.json(), "what").find("there is no registry here") != std::string::npos);
}
