// dmigate audit as quality calls it: what it prints, what it writes, and how it ends.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/line/plant.h"

namespace dmigate::plant {
namespace {

constexpr const char* kModel = R"(
profile: cx
version: 3
match: { baseboard-product-name: [H310CM-A] }
fields:
  baseboard-product-name:  {}
  system-serial-number:    { unique: true }
  system-uuid:             { unique: true }
)";

// Units of fixtures/units as dumps in a folder, and a profile for them.
class Quality {
 public:
  Quality() { write_file(plant_ / "profiles/cx.yaml", kModel); }

  void unit(const std::string& name, const std::string& fixture, const Edits& edits = {}) const {
    std::filesystem::rename(plant_.unit(name, fixture, edits), plant_ / ("batch/" + name));
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return plant_ / name; }

  [[nodiscard]] Start call(Words more = {}, const std::string& path = "batch") const {
    Words words = {"audit", plant_ / path, "--profiles", plant_ / "profiles"};
    words.insert(words.end(), more.begin(), more.end());
    return plant_.call(std::move(words));
  }
  [[nodiscard]] Ended audit(Words more = {}, const std::string& path = "batch") const {
    return run(call(std::move(more), path));
  }

 private:
  struct Folders {
    explicit Folders(const Plant& plant) {
      std::filesystem::create_directories(plant / "profiles");
      std::filesystem::create_directories(plant / "batch");
    }
  };
  Plant plant_;
  Folders folders_{plant_};
};

const Edits kOther = {{"CX2600417", "CX2600418"},
                      {"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d514"}};

TEST_CASE("a batch ends with what is worst in it") {
  const Quality quality;
  CHECK(quality.audit().status == 3);  // nothing is there
  quality.unit("1.bin", "dump-3.2");
  Ended ended = quality.audit();
  CHECK(ended.status == 0);
  CHECK(ended.out.starts_with("PASS (not recorded)  1 units: 1 pass, 0 fail, 0 error\n"));
  CHECK(ended.err.empty());
  write_file(quality / "batch/2.bin", "");
  ended = quality.audit();
  CHECK(ended.status == 3);
  CHECK(ended.out.starts_with("ERROR  2 units: 1 pass, 0 fail, 1 error\n"));
  quality.unit("3.bin", "dump-3.2");
  ended = quality.audit();
  CHECK(ended.status == 1);
  CHECK(ended.out.starts_with("FAIL  3 units: 0 pass, 2 fail, 1 error\n"));
  CHECK(contains(ended.out, "1. system-serial-number \"CX2600417\": 2 units"));
}

TEST_CASE("a wrong call is told as such, and nothing is audited") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  const Words rows[] = {{"--scope", "everything"}, {"--jobs", "0"},          {"--jobs", "many"},
                        {"--profile", "nothing"},  {"--stage", "pre-image"}, {"--csv", ""}};
  for (const Words& row : rows) {
    CAPTURE(row[0] + " " + row[1]);
    const Ended ended = quality.audit(row);
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK_FALSE(ended.err.empty());
  }
  const Plant plant;
  CHECK(plant.dmigate({"audit", "--profile", "cmge"}).status == 2);
  write_file(plant / "bare.yaml", "station: Q1\n");
  const Ended none = plant.dmigate({"audit", quality / "batch", "--config", plant / "bare.yaml"});
  CHECK(none.status == 2);
  CHECK(contains(none.err, "no profile is named"));
}

TEST_CASE("reports are written; one that cannot be is told, and is no pass") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  Ended ended = quality.audit(
      {"--csv", quality / "a.csv", "--jsonl", quality / "a.jsonl", "--html", quality / "a.html"});
  CHECK(ended.status == 0);
  for (const char* name : {"a.csv", "a.jsonl", "a.html"}) {
    CHECK(std::filesystem::file_size(quality / name) > 0);
    CHECK(contains(ended.out, "written: " + quality / name));
  }
  ended = quality.audit({"--csv", quality / "no/a.csv", "--jsonl", quality / "b.jsonl"});
  CHECK(ended.status == 3);
  CHECK(contains(ended.err, "no/a.csv: the report cannot be written (No such file or directory)"));
  CHECK(std::filesystem::exists(quality / "b.jsonl"));
  quality.unit("2.bin", "dump-3.2");
  CHECK(quality.audit({"--csv", "/dev/full"}).status == 1);
}

TEST_CASE("a report takes the place of an older one, and of nothing else") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  quality.unit("2.bin", "dump-3.2", kOther);
  const auto size = std::filesystem::file_size(quality / "batch/2.bin");
  for (const char* flag : {"--csv", "--jsonl", "--html"}) {
    const Ended ended = quality.audit({flag, quality / "batch/2.bin"});  // audit --csv *.bin
    CHECK(ended.status == 3);
    CHECK(contains(ended.err, "2.bin: there is a file here that is no report of this form"));
    CHECK(std::filesystem::file_size(quality / "batch/2.bin") == size);
    std::ofstream(quality / "empty");
    for (int again = 0; again < 2; ++again) CHECK(quality.audit({flag, quality / "empty"}).status != 3);
    std::filesystem::remove(quality / "empty");
  }
}

TEST_CASE("a report that may not be so large is an error that is told") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{.rlim_cur = 2048, .rlim_max = before.rlim_max};
  const Start call = quality.call({"--registry", "none", "--html", quality / "a.html"});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Ended ended = run(call);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(ended.status == 3);
  CHECK(contains(ended.err, "a.html: the report cannot be written (File too large)"));
  CHECK_FALSE(std::filesystem::exists(quality / "a.html"));
}

TEST_CASE("the summary and its errors come in Chinese as well") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  write_file(quality / "batch/2.bin", "");
  const Ended ended = quality.audit({"--lang", "zh", "--csv", quality / "no/a.csv"});
  CHECK(contains(ended.out, "ERROR  2 台机器：1 台通过，0 台不通过，1 台无法判定"));
  CHECK(contains(ended.out, "文件是空的"));
  CHECK(contains(ended.err, "无法写报告"));
}

TEST_CASE("paths come from standard input, and an archive through it") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  quality.unit("2.bin", "dump-3.2", kOther);
  Plant plant;
  Start start = plant.call({"audit", "-", "--profiles", quality / "profiles"});
  start.input = quality / "batch/1.bin" + "\n" + quality / "batch/2.bin" + "\n";
  CHECK(contains(run(start).out, "2 units: 2 pass"));
}

TEST_CASE("an archive comes through standard input") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  const Plant plant;
  Start start = plant.call({"audit", "/dev/stdin", "--profiles", quality / "profiles"});
  start.input = run({.argv = {"/bin/tar", "-C", quality / "batch", "-czf", "-", "1.bin"}}).out;
  const Ended ended = run(start);
  CHECK(ended.status == 0);
  CHECK(contains(ended.out, "1 units: 1 pass"));
}

TEST_CASE("a registry is read unless it is claimed in, and says then whose a serial is") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  Ended ended = quality.audit({"--claim", "--registry", "none"});
  CHECK(ended.status == 2);
  CHECK(contains(ended.err, "--claim needs a registry"));
  CHECK(quality.audit({"--registry", quality / "nothing.db"}).status == 3);
  CHECK(contains(quality.audit().out, "PASS (not recorded)"));
  ended = quality.audit({"--claim", "--station", "Q7"});
  CHECK(ended.status == 0);
  CHECK(ended.out.starts_with("PASS  1 units"));
  CHECK(contains(ended.out, "claimed: 1 units that were not known, with 2 values"));
  CHECK(contains(quality.audit({"--claim"}).out, "claimed: 0 units"));
  std::filesystem::rename(quality / "batch/1.bin", quality / "1.bin");
  quality.unit("2.bin", "dump-3.2", {{"CX2600417", "CX2600418"}});
  ended = quality.audit({"--html", quality / "a.html"});
  CHECK(ended.status == 1);
  CHECK(contains(ended.out, "the registry speaks against 1 units"));
  CHECK(contains(ended.out, "belongs to another unit: " + quality / "batch/1.bin" + " (Q7, "));
  CHECK(contains(read_file(quality / "a.html"), "Known to the registry otherwise"));
  CHECK(quality.audit({"--registry", "none"}).status == 0);
}

TEST_CASE("Ctrl-C ends an audit with what was done, marked as a part") {
  const Quality quality;
  quality.unit("1.bin", "dump-3.2");
  const std::string pipe = quality / "batch.tar";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Start start = quality.call({"--jsonl", quality / "a.jsonl"}, "batch");
  start.argv.insert(start.argv.begin() + 3, pipe);
  Process process(start);
  const int writer = ::open(pipe.c_str(), O_WRONLY);  // waits until the audit reads
  REQUIRE(writer >= 0);
  process.send(SIGINT);
  const Ended ended = process.wait();
  ::close(writer);
  CHECK(ended.status == 3);
  CHECK(contains(ended.out, "PARTIAL: ended before all was audited"));
  CHECK(contains(read_file(quality / "a.jsonl"), "\"partial\":true"));
}

}  // namespace
}  // namespace dmigate::plant
