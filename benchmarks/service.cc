// service FOLDER [UNITS]: checks a second over HTTP by 50 stations on this machine, beside what the registry
// takes without a service, in turns in one run; how long a check takes; whether memory grows over 10^5
// checks; and how long the line page's figures take with UNITS units (default 1,000,000) in the registry.
// DMIGATE_POSTGRES names a database for the part on a server; scripts/with-postgres makes one.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "benchmarks/units.h"

namespace {

namespace fs = std::filesystem;
using namespace dmigate;
using namespace dmigate::benchmarks;
using Clock = std::chrono::steady_clock;

constexpr int kStations = 50;
constexpr int kEach = 60;       // units of a station in a round
constexpr int kRounds = 3;      // in turns with the registry
constexpr int kWarm = 60'000;   // checks before memory is watched
constexpr int kMany = 100'000;  // checks over which it is
constexpr double kLeast = 0.7, kMostOfMedian = 5.0, kMostGrowth = 1.1, kMostLineMs = 300.0;

// dmigate serve, on a port of its own.
class Served {
 public:
  Served(const std::string& folder, const std::string& registry) {
    const Started started =
        start({DMIGATE_PROGRAM, "serve", "--listen", "127.0.0.1:0", "--tokens", folder + "/tokens.json",
               "--registry", registry, "--config", folder + "/station.yaml", "--rate", "1000000"});
    pid_ = started.process;
    const std::string said = read_until(started.output, '\n');
    ::close(started.output);
    if (said.empty()) give_up("dmigate serve did not begin");
    port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.rfind(':') + 1)));
  }
  ~Served() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] long resident_kib() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    }
    return 0;
  }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

// A station's connection.
class Line {
 public:
  explicit Line(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      give_up("no connection");
  }
  ~Line() { ::close(fd_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  std::string ask(const std::string& request) {
    for (std::string_view rest = request; !rest.empty();) {
      const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) give_up("the service went away");
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string heard;
    std::size_t whole = 0;
    char part[65536];
    while (whole == 0 || heard.size() < whole) {
      const ssize_t size = ::recv(fd_, part, sizeof part, 0);
      if (size <= 0) give_up("the service went away");
      heard.append(part, static_cast<std::size_t>(size));
      const std::size_t end = heard.find("\r\n\r\n");
      if (end == heard.npos) continue;
      const std::size_t length = heard.find("Content-Length: ");
      if (length == heard.npos || length > end) give_up("an answer without a length");
      whole = end + 4 + std::stoul(heard.substr(length + 16));
    }
    if (!heard.starts_with("HTTP/1.1 200 ")) give_up(heard.substr(0, 600));
    return heard;
  }

 private:
  int fd_;
};

std::string get(const std::string& target, const std::string& token) {
  return "GET " + target + " HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

// A check of a unit; the id is the question's.
std::string check_request(const std::string& token, const std::string& label, const std::string& evidence,
                          long id) {
  const std::string body = R"({"request_id":"bench-)" + with_number("%012ld", id) +
                           R"(","stage":"pre-image","profile":"desktop","unit":")" + label +
                           R"(","evidence":)" + evidence + "}";
  return "POST /v1/check HTTP/1.1\r\nAuthorization: Bearer " + token +
         "\r\nDmigate-Nonce: " + std::string(52, '0') + with_number("%012lx", id) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Asked {
  std::string label, evidence;
};

// What stations ask with, and the same units as the registry takes them.
struct Bench {
  std::string folder;
  std::string profile_name = "desktop";
  std::vector<std::string> tokens;
  std::string auditor;

  explicit Bench(std::string where) : folder(std::move(where)) {
    fs::create_directories(folder + "/profiles");
    fs::copy(DMIGATE_SOURCE_DIR "/benchmarks/profile.yaml", folder + "/profiles/desktop.yaml");
    std::ofstream(folder + "/station.yaml")
        << "profiles: [profiles]\nallow_registry_on: [tmpfs, ramfs, overlay]\n";
    for (int s = 0; s < kStations; ++s) tokens.push_back(add("L1-S" + std::to_string(s), "station"));
    auditor = add("auditor", "auditor");
  }
  [[nodiscard]] std::string add(const std::string& id, const std::string& role) const {
    const std::string command = std::string(DMIGATE_PROGRAM) + " serve token add " + id + " --role " + role +
                                " --tokens '" + folder + "/tokens.json' --config '" + folder +
                                "/station.yaml' 2>/dev/null";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    char text[128] = {};
    if (pipe == nullptr || std::fgets(text, sizeof text, pipe) == nullptr || ::pclose(pipe) != 0)
      give_up(command);
    std::string token(text);
    token.pop_back();
    return token;
  }
};

struct Rate {
  double a_second = 0;
  std::vector<double> milliseconds;
};

// Every station asks for its own units, one after the other.
Rate over_http(const Bench& bench, std::uint16_t port, const std::vector<std::vector<Asked>>& units,
               long first_id, int times) {
  std::vector<std::thread> stations;
  std::vector<std::vector<double>> taken(units.size());
  std::atomic<long> id = first_id;
  const auto before = Clock::now();
  for (std::size_t s = 0; s < units.size(); ++s) {
    stations.emplace_back([&, s] {
      Line line(port);
      for (int t = 0; t < times; ++t) {
        for (const Asked& unit : units[s]) {
          const std::string request = check_request(bench.tokens[s], unit.label, unit.evidence, id++);
          const auto began = Clock::now();
          const std::string answer = line.ask(request);
          taken[s].push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
          if (answer.find(R"("outcome":"PASS","recorded":true)") == answer.npos)
            give_up(answer.substr(0, 1500));
        }
      }
    });
  }
  for (std::thread& station : stations) station.join();
  Rate rate;
  for (const auto& each : taken) rate.milliseconds.insert(rate.milliseconds.end(), each.begin(), each.end());
  rate.a_second = static_cast<double>(rate.milliseconds.size()) /
                  std::chrono::duration<double>(Clock::now() - before).count();
  return rate;
}

// The same number of units, judged before, written by as many connections as the service has.
double by_itself(const std::string& where, const gate::RegistryOptions& options, const Units& units,
                 long first, int connections) {
  constexpr int kAll = kStations * kEach;
  std::vector<std::vector<std::unique_ptr<Units::Kept>>> visits(static_cast<std::size_t>(connections));
  for (int i = 0; i < kAll; ++i)
    visits[static_cast<std::size_t>(i % connections)].push_back(
        units.make(first + i, "R-S" + std::to_string(i % connections)));
  std::vector<std::thread> threads;
  const auto before = Clock::now();
  for (const auto& mine : visits) {
    threads.emplace_back([&] {
      auto registry = must(gate::Registry::open(where, options));
      for (const auto& each : mine) {
        if (must(registry.record(each->visit)).outcome != gate::Outcome::kPass)
          give_up("a good unit did not pass");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return kAll / std::chrono::duration<double>(Clock::now() - before).count();
}

std::vector<std::vector<Asked>> asked(const Units& units, long first, int each) {
  std::vector<std::vector<Asked>> all(kStations);
  for (int s = 0; s < kStations; ++s) {
    for (int i = 0; i < each; ++i) {
      const auto unit = units.make(first + s * each + i, "x");
      std::string evidence = gate::to_json(unit->evidence);
      evidence.pop_back();
      all[static_cast<std::size_t>(s)].push_back({unit->visit.verdict.label, std::move(evidence)});
    }
  }
  return all;
}

void compare(const Bench& bench, const std::string& name, const std::string& where,
             const gate::RegistryOptions& options, int connections) {
  must(gate::Registry::init(where, options));
  const Units units;
  std::vector<double> plain, http;
  std::vector<double> all;
  long first = 0;
  const Served served(bench.folder, where);
  // The first round warms up both.
  for (int round = 0; round <= kRounds; ++round) {
    const double alone = by_itself(where, options, units, first, connections);
    first += kStations * kEach;
    const auto mine = asked(units, first, kEach);
    const Rate rate = over_http(bench, served.port(), mine, first, 1);
    first += kStations * kEach;
    if (round == 0) continue;
    plain.push_back(alone);
    http.push_back(rate.a_second);
    all.insert(all.end(), rate.milliseconds.begin(), rate.milliseconds.end());
  }
  const double alone = median(plain), served_rate = median(http), ratio = served_rate / alone;
  const double typical = median(all), late = quantile(all, 0.99);
  std::printf("%s, checks a second, medians of %d rounds of %d units in turns\n", name.c_str(), kRounds,
              kStations * kEach);
  std::printf("%-58s %9.0f\n",
              ("  the registry by itself, connections: " + std::to_string(connections)).c_str(), alone);
  std::printf("%-58s %9.0f   %5.2f of the registry (goal %.1f: %s)\n",
              ("  over HTTP, stations: " + std::to_string(kStations)).c_str(), served_rate, ratio, kLeast,
              judged(ratio >= kLeast));
  std::printf("%-58s %9.2f\n", "  a check, milliseconds, median", typical);
  std::printf("%-58s %9.2f   %5.2f medians (goal %.1f: %s)\n", "  the slowest hundredth", late,
              late / typical, kMostOfMedian, judged(late <= kMostOfMedian * typical));
}

void watch_memory(const Bench& bench, const gate::RegistryOptions& options) {
  const std::string where = bench.folder + "/memory.db";
  must(gate::Registry::init(where, options));
  const Units units;
  const Served served(bench.folder, where);
  const auto mine = asked(units, 0, 40);
  constexpr int kOnce = kStations * 40;
  // Warm: of every station as many questions are remembered as ever are.
  over_http(bench, served.port(), mine, 0, kWarm / kOnce);
  const long before = served.resident_kib();
  std::printf("Memory of a warm service over %d further checks of %d units, resident, KiB\n", kMany, kOnce);
  std::printf("%-58s %9ld\n", ("  after " + std::to_string(kWarm)).c_str(), before);
  over_http(bench, served.port(), mine, 1'000'000, kMany / kOnce);
  const long after = served.resident_kib();
  const double growth = static_cast<double>(after) / static_cast<double>(before);
  std::printf("%-58s %9ld   %5.2f of the warm one (goal %.1f: %s)\n",
              ("  after " + std::to_string(kWarm + kMany)).c_str(), after, growth, kMostGrowth,
              judged(growth <= kMostGrowth));
}

void line_page(const Bench& bench, const gate::RegistryOptions& options, long count) {
  const std::string where = bench.folder + "/many.db", file = bench.folder + "/units.csv";
  must(gate::Registry::init(where, options));
  {
    std::ofstream lines(file);
    lines << "label,system-serial-number,baseboard-serial-number,baseboard-manufacturer,system-uuid,nic-mac,"
             "disk-serial\n";
    for (long i = 0; i < count; ++i) {
      lines << with_number("CX%07ld", i) << ',' << with_number("CX%07ld", i) << ','
            << with_number("HB%08ld", i) << ",Chenxi Board,"
            << with_number("8d1e6f02-5c3b-4a77-9e41-%012lx", i) << ',' << mac_of(i) << ','
            << with_number("S%012ld", i) << '\n';
    }
  }
  const std::string command = std::string(DMIGATE_PROGRAM) + " registry import '" + file + "' --profile '" +
                              bench.folder + "/profiles/desktop.yaml' --registry '" + where +
                              "' --by bench --reason benchmark --config '" + bench.folder +
                              "/station.yaml' >/dev/null";
  if (std::system(command.c_str()) != 0) give_up("import failed: " + command);
  const auto began = Clock::now();
  const Served served(bench.folder, where);
  const auto since = [&](Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
  };
  const double start = since(began);
  Line line(served.port());
  const auto first = Clock::now();
  line.ask(get("/line", bench.auditor));
  line.ask(get("/v1/line", bench.auditor));
  const double at_once = since(first);
  const Units units;
  over_http(bench, served.port(), asked(units, count + 1000, 20), 5'000'000, 1);
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto one = Clock::now();
    line.ask(get("/line", bench.auditor));
    line.ask(get("/v1/line", bench.auditor));
    times.push_back(since(one));
  }
  std::printf("The line page with %ld units in the registry, milliseconds of page and figures\n", count);
  std::printf("%-58s %9.2f   (goal %.0f: %s); the service itself began in %.0f ms\n",
              "  right after the service began", at_once, kMostLineMs, judged(at_once <= kMostLineMs), start);
  std::printf("%-58s %9.2f   (goal %.0f: %s)\n", "  with 1000 checks of the day, the slowest hundredth",
              quantile(times, 0.99), kMostLineMs, judged(quantile(times, 0.99) <= kMostLineMs));
}

}  // namespace

int main(int argc, char** argv) {
  static_cast<void>(std::setvbuf(stdout, nullptr, _IOLBF, 0));  // a line when it is known
  if (argc < 2) give_up("usage: service FOLDER [UNITS], where FOLDER is made anew");
  const std::string folder = argv[1];
  const long count = argc > 2 ? std::atol(argv[2]) : 1'000'000;
  fs::remove_all(folder);
  fs::create_directories(folder);
  gate::RegistryOptions options;
  options.sqlite.allowed_file_systems = {"overlay"};
  const Bench bench(folder);
  compare(bench, "SQLite", folder + "/registry.db", options, 1);
  if (const char* url = std::getenv("DMIGATE_POSTGRES")) compare(bench, "PostgreSQL", url, options, 8);
  watch_memory(bench, options);
  line_page(bench, options, count);
  return 0;
}
