// docs/profiles.md: every snippet of it is run, as it stands there, and says what stands below it.
//
//   ```yaml file=NAME       the whole file
//   ```yaml append=NAME     more of it
//   ```console              each `$ command` is run in the folder of the files; then what it prints. A line
//                           … stands for any lines.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kPage = std::string(DMIGATE_SOURCE_DIR) + "/docs/profiles.md";

struct Block {
  std::string language, action, file;
  std::vector<std::string> lines;
  int line = 0;  ///< of the page
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  std::istringstream in(page);
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!line.starts_with("```")) {
      if (inside) blocks.back().lines.push_back(line);
      continue;
    }
    inside = !inside;
    if (!inside) continue;
    Block block;
    block.line = number;
    std::istringstream words(line.substr(3));
    std::string what;
    words >> block.language >> what;
    const std::size_t equals = what.find('=');
    if (equals != std::string::npos) {
      block.action = what.substr(0, equals);
      block.file = what.substr(equals + 1);
    }
    blocks.push_back(std::move(block));
  }
  REQUIRE_FALSE(inside);
  return blocks;
}

// Whether a line is the one expected: "…" is any text, and blanks between columns count for one.
bool same_line(std::string_view expected, std::string_view printed) {
  constexpr std::string_view kAny = "…";
  while (!expected.empty() && !expected.starts_with(kAny)) {
    if (printed.empty() || expected.front() != printed.front()) return false;
    const std::size_t blanks = expected.front() == ' ' ? std::string_view::npos : 1;
    const auto skip = [&](std::string_view& text) {
      text.remove_prefix(blanks == 1 ? 1 : std::min(text.find_first_not_of(' '), text.size()));
    };
    skip(expected);
    skip(printed);
  }
  if (expected.empty()) return printed.empty();
  expected.remove_prefix(kAny.size());
  for (std::size_t from = 0; from <= printed.size(); ++from) {
    if (same_line(expected, printed.substr(from))) return true;
  }
  return false;
}

// Whether the lines are those expected; a line "…" is any number of lines.
bool same_lines(const std::vector<std::string>& expected, std::size_t at,
                const std::vector<std::string>& printed, std::size_t from) {
  if (at == expected.size()) return from == printed.size();
  if (expected[at] == "…") {
    for (std::size_t skip = from; skip <= printed.size(); ++skip) {
      if (same_lines(expected, at + 1, printed, skip)) return true;
    }
    return false;
  }
  return from < printed.size() && same_line(expected[at], printed[from]) &&
         same_lines(expected, at + 1, printed, from + 1);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The folder in which an engineer follows the page.
class Desk {
 public:
  Desk() {
    for (const char* folder : {"golden", "units"}) fs::create_directory(plant_ / folder);
    const std::vector<std::array<std::string, 3>> golden = {
        {"1", "CX2600417", "HB26031187"}, {"2", "CX2600418", "HB26031190"}, {"3", "CX2600502", "HB26040021"}};
    for (const auto& [number, serial, board] : golden) {
      put("golden/unit-" + number + ".bin",
          edited(fixture_text("good-unit"),
                 {{"CX2600417", serial}, {"HB26031187", board}, {"c4d513", "c4d51" + number}}));
    }
    put("units/bare-board.bin", edited(fixture_text("good-unit"),
                                       {{"system-serial-number: CX2600417", "system-serial-number: null"}}));
    put("units/default-strings.bin", fixture_text("default-strings"));
    for (const auto& entry : fs::directory_iterator(plant_ / "golden")) {
      if (entry.path().extension() == ".description") fs::remove(entry.path());
    }
  }

  void write(const Block& block) const {
    const fs::path path(plant_ / block.file);
    fs::create_directories(path.parent_path());
    std::ofstream out(path, block.action == "append" ? std::ios::app : std::ios::trunc);
    for (const std::string& line : block.lines) out << line << '\n';
  }

  // What `$ command` prints on a terminal.
  std::vector<std::string> run_line(const std::string& command) {
    if (command == "echo $?") return {std::to_string(status_)};
    Start start = plant_.call({});
    const std::string binaries = fs::path(start.argv[0]).parent_path().string();
    start.argv = {"/bin/sh", "-c", "(" + command + ") 2>&1"};
    const char* path = std::getenv("PATH");
    start.env["PATH"] = binaries + ":" + (path == nullptr ? "/usr/bin:/bin" : path);
    start.env["DMIGATE_CONFIG"] = std::nullopt;
    start.env["LC_ALL"] = "C.UTF-8";
    const Ended said = run(start);
    status_ = said.status;
    CHECK(said.err.empty());
    return split(said.out);
  }

 private:
  void put(const std::string& name, const std::string& description) const {
    static_cast<void>(plant_.described(name, edited(description, {{"\nsmbios:", "\nform: dump\nsmbios:"}})));
  }

  Plant plant_;
  int status_ = 0;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

void follow(Desk& desk, const Block& block) {
  std::size_t commands = 0;
  for (std::size_t i = 0; i < block.lines.size();) {
    REQUIRE(block.lines[i].starts_with("$ "));
    const std::string command = block.lines[i++].substr(2);
    std::vector<std::string> expected;
    while (i < block.lines.size() && !block.lines[i].starts_with("$ ")) expected.push_back(block.lines[i++]);
    CAPTURE(command);
    const auto printed = desk.run_line(command);
    CHECK_MESSAGE(same_lines(expected, 0, printed, 0), joined(printed));
    ++commands;
  }
  CHECK(commands > 0);
}

}  // namespace

TEST_CASE("the page that teaches profiles is followed from its empty file to its last command") {
  Desk desk;
  std::size_t files = 0, consoles = 0;
  for (const Block& block : blocks_of(read_file(kPage))) {
    CAPTURE(block.line);
    if (block.language == "console") {
      follow(desk, block);
      ++consoles;
    } else if (!block.file.empty()) {
      REQUIRE((block.action == "file" || block.action == "append"));
      desk.write(block);
      ++files;
    } else {
      CHECK(block.language == "text");  // nothing that looks like YAML or a command is left out
    }
  }
  CHECK(files > 5);
  CHECK(consoles > 5);
}

TEST_CASE("a page that says what is not so is found out") {
  CHECK(same_lines({"a", "…", "d"}, 0, {"a", "b", "c", "d"}, 0));
  CHECK(same_lines({"…"}, 0, {}, 0));
  CHECK(same_line("a  b: … c", "a b: 1 2 c"));
  CHECK_FALSE(same_line("a b", "ab"));
  CHECK_FALSE(same_line("a …c", "a b"));
  CHECK_FALSE(same_line("a", "a b"));
  CHECK_FALSE(same_lines({"a"}, 0, {"a", "b"}, 0));
  CHECK_FALSE(same_lines({"a", "b"}, 0, {"a"}, 0));
  CHECK_FALSE(same_lines({"a", "…", "d"}, 0, {"a", "b"}, 0));
}
