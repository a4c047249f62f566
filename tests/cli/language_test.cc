// Chinese: what is asked for in Chinese is answered in Chinese, down to the cause and the cure.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>

#include "smbios/smbios.h"
#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

Ended chinese(const Plant& plant, Words arguments) {
  arguments.insert(
      arguments.begin() + (arguments.front() == "registry" || arguments.front() == "profile" ? 2 : 1),
      {"--lang", "zh"});
  return plant.dmigate(arguments);
}

// Whether two words of a Latin alphabet stand side by side: English that was left over.
bool has_english(const std::string& text) {
  int words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool letter = std::islower(static_cast<unsigned char>(c)) != 0;
    if (letter && !in_word) ++words;
    if (!letter && c != ' ') words = 0;
    in_word = letter;
    if (words >= 2) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a wrong call is told in the language that it asks for, and so far as it can be read") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const struct {
    Words arguments;
    std::string said;
  } rows[] = {
      {{"check", "--lang", "zh", unit, "--stge", "ship"}, "check 没有选项 `--stge`；是不是 `--stage`？"},
      {{"check", "--stge", "ship", "--lang=zh"}, "check 没有选项 `--stge`；是不是 `--stage`？"},
      {{"registry", "--lang", "zh"}, "须给出子命令；用法见 dmigate --help"},
      {{"dump", "--lang", "zh"}, "须给出 FILE；用法见 dmigate --help"},
      {{"check", "--lang", "zh", unit, "--stage", "pre-heat"},
       "没有工位“pre-heat”；工位有 incoming、pre-burn、post-burn、pre-image、post-image、ship"},
      {{"check", "--lang", "zh", unit, "--profile", "cx-e5"},
       "没有机型配置或基础集 `cx-e5`；是不是 `cx-e500`？"},
      {{"show", "--lang", "zh", unit, "--type", "256"},
       "--type：256 不在 0 至 255 之内；用法见 dmigate --help"},
      {{"profile", "explain", "--lang", "zh", "system-uid"}, "没有字段 `system-uid`；是不是 `system-uuid`？"},
  };
  for (const auto& [arguments, said] : rows) {
    const Ended ended = plant.dmigate(arguments);
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK_MESSAGE(ended.err.starts_with("dmigate: " + said), ended.err);
  }
  // Without the flag the environment, the station's file and the locale tell, as for a verdict.
  Start start = plant.call({"chek"});
  start.env["DMIGATE_LANG"] = "zh";
  CHECK(contains(run(start).err, "没有命令 `chek`；是不是 `check`？"));
  start.env.erase("DMIGATE_LANG");
  start.env["LC_ALL"] = "zh_CN.UTF-8";
  CHECK(contains(run(start).err, "没有命令 `chek`"));
  start.env["LC_ALL"] = "C";
  CHECK(contains(run(start).err, "there is no command `chek`"));
  plant.station("language: zh\n");
  CHECK(contains(run(start).err, "没有命令 `chek`"));
}

TEST_CASE("a file with faults is told line by line in Chinese, with its places") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  write_file(plant / "model.yaml",
             "profile: model\nfields:\n  system-serial-number: { patern: 'CX[0-9]+' }\n  system-uid:\n");
  const Ended said = chinese(plant, {"check", unit, "--profile", plant / "model.yaml"});
  CHECK(said.status == 2);
  CHECK(contains(said.err, "model.yaml:3:27: 未知的键 `patern`；是不是 `pattern`？\n"));
  CHECK(contains(said.err, "model.yaml:4:3: 未知字段 `system-uid`；是不是 `system-uuid`？\n"));
  CHECK(contains(said.err, "缺少 `version`；每次改动都须提高版本号\n"));
  CHECK_FALSE(has_english(said.err.substr(said.err.find("model.yaml:"))));
  const Ended lint = chinese(plant, {"profile", "lint", plant / "model.yaml"});
  CHECK(lint.status == 2);
  CHECK(contains(lint.out, "model.yaml:3:27: error: 未知的键 `patern`；是不是 `pattern`？\n"));
  CHECK(lint.out.ends_with(" 个错误，0 个警告\n"));
}

TEST_CASE("a verdict's cause and cure are Chinese, in text and JSON; the journal keeps English") {
  const Plant plant;
  write_file(plant / "empty.bin", "");
  const Ended said = chinese(plant, {"check", plant / "empty.bin"});
  CHECK(said.status == 3);
  CHECK(contains(said.out, "无法读取本机数据：" + plant / "empty.bin" + ": 文件是空的\n"));
  CHECK(contains(said.out, "-> 请重新读取 SMBIOS 表，例如用 dmigate dump FILE\n"));
  CHECK(contains(chinese(plant, {"check", plant / "nowhere"}).out, "无法打开：文件或文件夹不存在"));
  const auto verdict = plant.verdict(3, {"check", plant / "empty.bin", "--lang", "zh"});
  CHECK(text(finding(verdict, "evidence.missing"), "advice") ==
        "请重新读取 SMBIOS 表，例如用 dmigate dump FILE");
  const auto english = plant.verdict(3, {"check", plant / "empty.bin", "--lang", "en"});
  CHECK(text(finding(english, "evidence.missing"), "message") ==
        "the unit's evidence could not be read: " + plant / "empty.bin" + ": the file is empty");
}

TEST_CASE("the registry answers in Chinese; its JSON is the same in both") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "case-a-1");
  const auto burnt =
      plant.verdict(0, {"burn", unit, "--unit", "CX2600501", "--set", "system-serial-number=CX2600501",
                        "--set", "baseboard-serial-number=HB26031501"});
  const std::string status = chinese(plant, {"registry", "status"}).out;
  CHECK(contains(status, "登记库  " + plant.registry() + "（结构版本 "));
  CHECK(contains(status, "登记项  生效 2，预留 2，作废 0\n"));
  CHECK(contains(status, "pending burn  CX2600501  pre-burn 工位，L3-S07，"));
  CHECK(contains(chinese(plant, {"registry", "lookup", "CX2600501"}).out, "（标签 CX2600501）"));
  CHECK(chinese(plant, {"registry", "lookup", "{path}"}).out == "{path} 没有登记\n");
  CHECK(chinese(plant, {"registry", "verify"}).out == "全部记录完整且前后衔接，全部登记项都有据可查\n");
  CHECK(chinese(plant, {"registry", "status", "--json"}).out ==
        plant.dmigate({"registry", "status", "--json"}).out);
  CHECK(contains(chinese(plant, {"registry", "init"}).err, "此处已有文件；未作任何改动"));
  const Ended nobody = chinese(plant, {"registry", "resolve", "nobody", "--by", "Li", "--reason", "x"});
  CHECK(nobody.err == "dmigate: nobody: 没有机器与此对应；dmigate registry status 可列出未关闭的记录\n");
  const std::string resolved =
      chinese(plant, {"registry", "resolve", "CX2600501", "--by", "Li", "--reason", "x"}).out;
  CHECK(resolved.starts_with("已处理：CX2600501 在 L3-S07 的 burn（"));
  CHECK(resolved.ends_with("写入内容未知：请重启后在 post-burn 工位检查，或重新烧录\n"));
}

TEST_CASE("every field is explained in Chinese, but for its keyword, its label and the names of its values") {
  const Plant plant;
  CHECK(chinese(plant, {"profile", "explain", "memory-device-size"}).out ==
        "memory-device-size: Size\n"
        "  结构        Type 17: Memory Device\n"
        "  偏移        0Ch, 2 字节, 位 14:0\n"
        "  始于        SMBIOS 2.1\n"
        "  条款        DSP0134 第 7.18 条\n"
        "  类型        数\n"
        "  单位        MB 或 kB，取决于位 15 为 0 或 1\n"
        "  改用        其值为 7FFFh 时用 memory-device-extended-size\n"
        "  取值\n"
        "    0000h  No Module Installed\n"
        "    FFFFh  Unknown\n");
  // One of each type and kind would do; a process for each of a thousand fields takes too long.
  std::set<std::pair<int, smbios::Kind>> seen;
  for (const smbios::Field& field : smbios::fields()) {
    if (!seen.emplace(field.items.count == 0 ? 0 : field.type, field.kind).second) continue;
    const std::string said = chinese(plant, {"profile", "explain", std::string(field.keyword)}).out;
    std::istringstream all(said);
    for (std::string line; std::getline(all, line);) {
      const bool ours = line.starts_with("  ") && !line.starts_with("   ") && !line.starts_with("  结构");
      if (ours) CHECK_MESSAGE(!has_english(line), line);
    }
  }
}

TEST_CASE("--help and what programs read stay English") {
  const Plant plant;
  CHECK(chinese(plant, {"check", "--help"}).out == plant.dmigate({"check", "--help"}).out);
  CHECK(chinese(plant, {"profile", "explain", "system-uuid", "--json"}).out ==
        plant.dmigate({"profile", "explain", "system-uuid", "--json"}).out);
}
