// Events wait on the disk until the plant has taken them, in order; nobody waits for the plant.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "line-integration/notify/deliver.h"
#include "tests/line-integration/http_server.h"
#include "tests/temporary_folder.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::HttpServer;
using Words = std::vector<std::string>;

constexpr auto kForever = 10min;  // long enough that a test which comes to wait for it has failed
constexpr Retry kHasty = {.patience = kForever, .first = 1ms, .most = 5ms};

struct Station {
  TemporaryFolder folder;
  Spool spool{folder / "spool", 100};
  Station() { put({"one", "two", "three"}); }
  void put(const Words& events) const {
    for (const std::string& event : events) REQUIRE(spool.put(event + "\n"));
  }
  [[nodiscard]] std::size_t waiting() const { return spool.list()->size(); }
  // A program that takes events, and a target that is it.
  [[nodiscard]] Target program(const std::string& script) const {
    write_file(folder / "take", "#!/bin/sh\n" + script + "\n");
    fs::permissions(folder / "take", fs::perms::owner_all);
    return target(folder / "take");
  }
  static Target target(const std::string& text) {
    auto parsed = parse_target(text);
    REQUIRE_MESSAGE(parsed, parsed.error().to_string());
    return *std::move(parsed);
  }
};

const Words kThree = {"one\n", "two\n", "three\n"};

std::string refused(const std::string& text) {
  const auto target = parse_target(text);
  if (target) return "taken";
  CHECK(target.error().kind == ErrorKind::kConfiguration);
  return target.error().what;
}

}  // namespace

TEST_CASE("a target is a command with its arguments, or an http address") {
  CHECK(Station::target("  /opt/mes/tell  --line\tL3 ").command == Words{"/opt/mes/tell", "--line", "L3"});
  const Target plain = Station::target("http://mes");
  CHECK(plain.command.empty());
  CHECK(plain.host == "mes");
  CHECK(plain.port == "80");
  CHECK(plain.path == "/");
  const Target full = Station::target("http://mes.plant:8080/a/b?c=d#e");
  CHECK(full.host == "mes.plant");
  CHECK(full.port == "8080");
  CHECK(full.path == "/a/b?c=d");
  CHECK(full.authority == "mes.plant:8080");
  const Target v6 = Station::target("http://[::1]:8080?x");
  CHECK(v6.host == "::1");
  CHECK(v6.port == "8080");
  CHECK(v6.path == "/?x");
  CHECK(refused("https://mes/") == "events are sent by plain HTTP, and not by https");
  CHECK(refused("ftp://mes/") == "events go to a command or to an http:// address");
  for (const char* none : {"http://", "http:///x", "http://:80", "http://mes:", "http://mes:0",
                           "http://mes:65536", "http://mes:8o", "http://[::1", "http://[]", "http://m]s"}) {
    CAPTURE(none);
    CHECK(refused(none) == "this address names no host and port");
  }
  CHECK(refused("http://me:word@mes/") == "a name and password do not go into the address");
  CHECK(refused("http://mes/a b") == "an address has no blanks, and nothing but ASCII");
  CHECK(refused("http://mes/\r\nX: y") == "an address has no blanks, and nothing but ASCII");
  CHECK(refused(" ") == "whom to notify is empty");
}

TEST_CASE("events wait in their order, each whole, for nobody else to read") {
  const Station station;
  const auto names = station.spool.list();
  REQUIRE(names);
  REQUIRE(names->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(read_file(station.spool.path((*names)[i])) == kThree[i]);
  struct stat status = {};
  REQUIRE(::stat(station.spool.folder().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  REQUIRE(::stat(station.spool.path(names->front()).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(Spool(station.folder / "nowhere", 1).list()->empty());
  // What is no event is left alone.
  write_file(station.spool.path("readme.json"), "x");
  write_file(station.spool.path("new.a1b2c3"), "half");
  CHECK(station.waiting() == 3);
}

TEST_CASE("events that many put at once all wait, each its own and in its putter's order") {
  const TemporaryFolder folder;
  const Spool spool(folder / "spool", 1000);
  std::vector<std::thread> putters;
  for (int who = 0; who < 4; ++who) {
    putters.emplace_back([&spool, who] {
      for (int i = 0; i < 50; ++i) REQUIRE(spool.put(std::to_string(who) + " " + std::to_string(i)));
    });
  }
  for (std::thread& putter : putters) putter.join();
  const auto names = spool.list();
  REQUIRE(names->size() == 200);
  std::vector<int> next(4);
  for (const std::string& name : *names) {
    const std::string event = read_file(spool.path(name));
    CHECK(std::stoi(event.substr(2)) == next[static_cast<std::size_t>(event[0] - '0')]++);
  }
}

TEST_CASE("a full spool, or one that cannot be written, takes no event and says so") {
  const TemporaryFolder folder;
  const Spool small(folder / "spool", 2);
  REQUIRE(small.put("one"));
  REQUIRE(small.put("two"));
  const auto full = small.put("three");
  REQUIRE_FALSE(full);
  CHECK(full.error().what == "the spool is full: 2 events wait in it");
  CHECK(small.list()->size() == 2);
  write_file(folder / "file", "x");
  CHECK_FALSE(Spool(folder / "file", 2).put("one"));
  CHECK_FALSE(Spool(folder / "no/such/spool", 2).put("one"));
}

TEST_CASE("a command gets each event on its standard input, in order") {
  const Station station;
  const Flushed flushed =
      flush(station.spool, station.program("cat >> " + station.folder / "taken"), kForever);
  CHECK(flushed.delivered == 3);
  CHECK(flushed.left == 0);
  CHECK_FALSE(flushed.why);
  CHECK(read_file(station.folder / "taken") == "one\ntwo\nthree\n");
  CHECK(station.waiting() == 0);
}

TEST_CASE("a command that does not take an event keeps it and all after it") {
  const Station station;
  const struct {
    std::string script;
    const char* why;
  } bad[] = {{"exit 3", "the command did not take the event (exit status 3)"},
             {"kill -9 $$", "the command did not take the event (exit status -1)"}};
  for (const auto& [script, why] : bad) {
    const Flushed flushed = flush(station.spool, station.program(script), kForever);
    CHECK(flushed.delivered == 0);
    CHECK(flushed.left == 3);
    REQUIRE(flushed.why);
    CHECK(flushed.why->what == why);
  }
  const Flushed slow = flush(station.spool, station.program("sleep 100"), 20ms);
  CHECK(slow.why->what == "the command did not end in time");
  CHECK(flush(station.spool, Station::target("/no/such/program"), kForever).why->what ==
        "there is no such command");
  // The second is not taken: the first is gone, the others wait.
  const Flushed second = flush(station.spool, station.program("read line; test $line != two"), kForever);
  CHECK(second.delivered == 1);
  CHECK(second.left == 2);
  CHECK(station.waiting() == 2);
}

TEST_CASE("an MES gets each event by POST, as JSON, in order") {
  const Station station;
  HttpServer mes;
  const Flushed flushed = flush(station.spool, Station::target(mes.address()), kForever);
  CHECK(flushed.delivered == 3);
  CHECK(mes.bodies(3) == kThree);
  CHECK(mes.heads(3) == Words(3, "POST /events application/json"));
  CHECK(station.waiting() == 0);
}

TEST_CASE("an event is taken by a 2xx and by nothing else") {
  const Station station;
  HttpServer mes({500, 404, 302, 201, 204, 500});
  const Target target = Station::target(mes.address());
  for (const char* status : {"500", "404", "302"}) {
    const Flushed flushed = flush(station.spool, target, kForever);
    CHECK(flushed.left == 3);
    CHECK(flushed.why->what == "it answered with status " + std::string(status));
  }
  const Flushed flushed = flush(station.spool, target, kForever);
  CHECK(flushed.delivered == 2);
  CHECK(station.waiting() == 1);
}

TEST_CASE("an MES that is down, or does not answer, keeps nobody for longer than the patience") {
  const Station station;
  std::uint16_t port = 0;
  {
    const HttpServer gone;
    port = gone.port();
  }
  Flushed flushed =
      flush(station.spool, Station::target("http://127.0.0.1:" + std::to_string(port)), kForever);
  CHECK(flushed.why->what == "it cannot be reached (Connection refused)");
  HttpServer silent({0});
  flushed = flush(station.spool, Station::target(silent.address()), 20ms);
  CHECK(flushed.why->what == "it did not answer in time");
  CHECK(station.waiting() == 3);
}

TEST_CASE("an MES that is down, slow, broken and then well again has every event at least once, in order") {
  const Station station;
  std::uint16_t port = 0;
  {
    const HttpServer gone;
    port = gone.port();
  }
  const Target target = Station::target("http://127.0.0.1:" + std::to_string(port) + "/events");
  std::thread delivery(
      [&] { deliver_all(station.spool, target, {.patience = 200ms, .first = 1ms, .most = 5ms}); });
  station.put({"four", "five"});
  // Down until here; then silent for one event, broken for the next, and well.
  HttpServer mes({0, 500, 200, 503}, port);
  delivery.join();
  CHECK(station.waiting() == 0);
  Words once;
  for (const std::string& body : mes.bodies(5)) {
    if (once.empty() || once.back() != body) once.push_back(body);  // a repeat follows what it repeats
  }
  CHECK(once == Words{"one\n", "two\n", "three\n", "four\n", "five\n"});
}

TEST_CASE("one process delivers; another leaves it to it, and what it puts is delivered all the same") {
  const Station station;
  HttpServer mes;
  const Target target = Station::target(mes.address());
  {
    const SpoolLock lock(station.spool);
    REQUIRE(lock.held());
    CHECK_FALSE(SpoolLock(station.spool).held());
    deliver_all(station.spool, target, kHasty);  // returns at once
    CHECK(station.waiting() == 3);
  }
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([&, i] {
      REQUIRE(station.spool.put("more " + std::to_string(i)));
      deliver_all(station.spool, target, kHasty);
    });
  }
  for (std::thread& one : all) one.join();
  CHECK(mes.bodies(7).size() == 7);  // each once
  CHECK(station.waiting() == 0);
}

TEST_CASE("delivery ends when the spool is gone") {
  const TemporaryFolder folder;
  const Spool spool(folder / "spool", 10);
  deliver_all(spool, Station::target("false"), kHasty);  // never there
  REQUIRE(spool.put("one"));
  std::thread delivery([&] { deliver_all(spool, Station::target("false"), kHasty); });
  for (std::error_code busy; fs::exists(spool.folder());) fs::remove_all(spool.folder(), busy);
  delivery.join();
}

}  // namespace dmigate::line
