// The verdict as operators and programs see it, word for word.
#include "gate/judge/verdict.h"

#include <boost/json.hpp>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

Words members(const json::object& object) {
  Words names;
  for (const auto& member : object) names.emplace_back(member.key());
  return names;
}

json::object parsed(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);  // refuses what is not UTF-8
  REQUIRE_MESSAGE(!error, error.message());
  return value.as_object();
}

Finding empty_serial() {
  return {.say = Say::kFieldNoString,
          .keyword = "system-serial-number",
          .type = std::uint8_t{1},
          .offset = std::size_t{7},
          .handle = smbios::Handle{1},
          .state = smbios::State::kNoString};
}

Verdict failed() {
  Verdict verdict{.outcome = Outcome::kFail,
                  .recorded = true,
                  .stage = Stage::kPreImage,
                  .unit = "u-01J",
                  .label = "CX1234567"};
  verdict.identifiers = {{"activation-sn", "0401-1900-04589"}};
  verdict.fields = {
      {.keyword = "system-serial-number", .state = smbios::State::kNoString, .value = {}, .raw = {}}};
  verdict.profile = ProfileReport{.name = "cx-e500", .version = 3, .sha256 = "ab"};
  verdict.source =
      SourceReport{.form = "sysfs", .path = "/u", .sha256 = "cd", .smbios = "3.2", .boot_id = std::nullopt};
  verdict.station = {.id = "L3-S07", .line = "L3"};
  verdict.findings = {empty_serial(),
                      {.say = Say::kFieldTooLong,
                       .severity = Severity::kWarning,
                       .keyword = "system-family",
                       .found = "65",
                       .expected = "64"}};
  verdict.findings[1].type = std::uint8_t{1};
  verdict.findings[1].offset = std::size_t{0x1A};
  verdict.station_seq = 812;
  verdict.record_hash = "ef";
  verdict.started = "2026-11-20T05:00:00.123Z";
  verdict.duration_us = 1830;
  return verdict;
}

TEST_CASE("the JSON of a verdict has the members that are documented, in their order") {
  const std::string text = to_json(failed(), Language::kEnglish, {});
  CHECK(text.ends_with("}\n"));
  CHECK(std::ranges::count(text, '\n') == 1);
  const json::object verdict = parsed(text);
  CHECK(members(verdict) == Words{"schema", "outcome", "recorded", "stage", "unit", "profile", "source",
                                  "station", "findings", "record", "started", "duration_us", "version"});
  CHECK(members(verdict.at("unit").as_object()) == Words{"id", "label", "identifiers", "model", "fields"});
  CHECK(members(verdict.at("unit").at("fields").at(0).as_object()) ==
        Words{"keyword", "state", "value", "raw"});
  CHECK(members(verdict.at("profile").as_object()) == Words{"name", "version", "sha256"});
  CHECK(members(verdict.at("source").as_object()) == Words{"form", "path", "sha256", "smbios", "boot_id"});
  CHECK(members(verdict.at("station").as_object()) ==
        Words{"id", "line", "operator", "work_order", "lot", "shift"});
  CHECK(members(verdict.at("record").as_object()) == Words{"station_seq", "hash"});
  const json::object& finding = verdict.at("findings").at(0).as_object();
  CHECK(members(finding) == Words{"rule", "severity", "keyword", "type", "offset", "handle", "state", "found",
                                  "expected", "message", "advice"});
  CHECK(finding.at("rule") == "field.empty");
  CHECK(finding.at("severity") == "error");
  CHECK(finding.at("type") == 1);
  CHECK(finding.at("offset") == "07h");
  CHECK(finding.at("handle") == "0x0001");
  CHECK(finding.at("state") == "no-string");
  CHECK(finding.at("found").is_null());
  CHECK(verdict.at("findings").at(1).at("severity") == "warning");
  CHECK(verdict.at("findings").at(1).at("offset") == "1Ah");
  CHECK(verdict.at("schema") == "dmigate.verdict/1");
  CHECK(verdict.at("outcome") == "FAIL");
  CHECK(verdict.at("stage") == "pre-image");
  CHECK(verdict.at("unit").at("identifiers").at("activation-sn") == "0401-1900-04589");
  CHECK(verdict.at("source").at("boot_id").is_null());
  CHECK(verdict.at("station").at("operator").is_null());
}

TEST_CASE("a verdict about nothing at all has the same members, and is no PASS") {
  const json::object verdict = parsed(to_json(Verdict{}, Language::kEnglish, {}));
  CHECK(members(verdict).size() == 13);
  CHECK(verdict.at("outcome") == "ERROR");
  CHECK(verdict.at("recorded") == false);
  for (const char* member : {"stage", "profile", "source", "record"}) CHECK(verdict.at(member).is_null());
  CHECK(verdict.at("unit").at("label").is_null());
}

TEST_CASE("whatever a unit, a station or a command says, the JSON is valid and the text one line each") {
  const std::string hostile = "\xFF\xC0\xAF\"\\\x1B[2J\r\n\t\x7F\xED\xA0\x80{found}" + std::string("\0x", 2);
  Verdict verdict = failed();
  const json::value shown(printable(hostile));
  verdict.label = hostile;
  verdict.identifiers["activation-sn"] = hostile;
  verdict.station = {hostile, hostile, hostile, hostile, hostile, hostile};
  verdict.source->path = hostile;
  verdict.fields[0].value = printable(hostile);
  verdict.findings[0] = {.say = Say::kDuplicate, .keyword = hostile, .found = printable(hostile)};
  verdict.findings[0].details = {{"holder", printable(hostile)}};
  verdict.burn =
      BurnReport{.tool = "simulated", .state = "open", .intended = {{"system-serial-number", hostile}}};
  verdict.command = CommandReport{.argv = {"burner", hostile}, .output = hostile};
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    const json::object object = parsed(to_json(verdict, language, {}));
    CHECK(object.at("unit").at("label") == shown);
    CHECK(object.at("station").at("id") == shown);
    CHECK(object.at("command").at("argv").at(1) == shown);
    parsed(to_record_json(verdict, {}));
    const std::string text = to_text(verdict, language, {}, false);
    std::string lines = text;
    std::erase(lines, '\n');
    for (const char c : lines) CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST_CASE("ERROR outranks FAIL, and a warning decides nothing") {
  const Finding fails{.say = Say::kFieldNoString};
  const Finding unjudged{.say = Say::kIdentifierMissing, .unjudged = true};
  const Finding warns{.say = Say::kFieldTooLong, .severity = Severity::kWarning};
  const auto judged = [](std::vector<Finding> findings) {
    Verdict verdict;
    verdict.findings = std::move(findings);
    return verdict.judged();
  };
  CHECK(judged({}) == Outcome::kPass);
  CHECK(judged({warns}) == Outcome::kPass);
  CHECK(judged({warns, fails}) == Outcome::kFail);
  CHECK(judged({fails, unjudged, warns}) == Outcome::kError);
  CHECK(judged({unjudged, fails}) == Outcome::kError);
}

TEST_CASE("a FAIL as the operator sees it") {
  CHECK(to_text(failed(), Language::kEnglish, {}, false) ==
        "FAIL  pre-image  CX1234567  cx-e500 v3\n"
        "  system-serial-number (Type 1 07h) is empty: it was never written\n"
        "      -> set the unit aside and call the test engineer\n"
        "  warning: system-family (Type 1 1Ah) has 65 bytes, at most 64 are allowed\n"
        "      -> tell the test engineer; it does not hold the unit back\n"
        "  recorded L3-S07 #812\n");
  CHECK(to_text(failed(), Language::kChinese, {}, false) ==
        "不合格 FAIL  pre-image  CX1234567  cx-e500 v3\n"
        "  system-serial-number（Type 1 07h）为空：从未写入\n"
        "      -> 请将本机隔离并通知测试工程师\n"
        "  警告：system-family（Type 1 1Ah）长 65 字节，最多允许 64 字节\n"
        "      -> 请告知测试工程师；本机不因此停下\n"
        "  已登记 L3-S07 #812\n");
}

TEST_CASE("a PASS as the operator sees it, recorded or not") {
  Verdict verdict = failed();
  verdict.outcome = Outcome::kPass;
  verdict.findings.clear();
  CHECK(to_text(verdict, Language::kEnglish, {}, false) ==
        "PASS  pre-image  CX1234567  cx-e500 v3\n  recorded L3-S07 #812\n");
  CHECK(to_text(verdict, Language::kChinese, {}, false) ==
        "合格 PASS  pre-image  CX1234567  cx-e500 v3\n  已登记 L3-S07 #812\n");
  CHECK(to_text(verdict, Language::kEnglish, {}, true).starts_with("\033[1;37;42m PASS \033[0m  pre-image"));
  verdict.recorded = false;
  verdict.station_seq = std::nullopt;
  verdict.stage = std::nullopt;
  verdict.label.clear();
  CHECK(to_text(verdict, Language::kEnglish, {}, false) == "PASS (not recorded)  (no label)  cx-e500 v3\n");
  CHECK(to_text(verdict, Language::kChinese, {}, false) ==
        "合格（未登记）PASS (not recorded)  （无标签）  cx-e500 v3\n");
}

TEST_CASE("a burn that ended well is pending, in words and colour, and proved only later") {
  Verdict verdict = failed();
  verdict.outcome = Outcome::kPass;
  verdict.findings.clear();
  verdict.stage = Stage::kPreBurn;
  verdict.burn = BurnReport{.tool = "amidewin", .state = "pending", .intended = {}};
  CHECK(to_text(verdict, Language::kEnglish, {}, false) ==
        "PENDING  pre-burn  CX1234567  cx-e500 v3\n"
        "  burnt, and not proved yet: reboot the unit, then check it at post-burn\n"
        "  recorded L3-S07 #812\n");
  CHECK(to_text(verdict, Language::kChinese, {}, false) ==
        "待验证 PENDING  pre-burn  CX1234567  cx-e500 v3\n"
        "  已烧录，尚未验证：请重启本机，再到 post-burn 工位检查\n"
        "  已登记 L3-S07 #812\n");
  CHECK(to_text(verdict, Language::kEnglish, {}, true).starts_with("\033[1;30;43m PENDING "));
  verdict.stage = Stage::kPostBurn;
  verdict.burn->state = "verified";
  CHECK(to_text(verdict, Language::kEnglish, {}, false) ==
        "PASS  post-burn  CX1234567  cx-e500 v3\n"
        "  the burn is proved: what was to be burnt is there after the reboot\n"
        "  recorded L3-S07 #812\n");
}

}  // namespace
}  // namespace dmigate::gate
