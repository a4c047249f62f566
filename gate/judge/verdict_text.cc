// The verdict for people: one colour, one headline, each finding with what to do.
#include <algorithm>

#include "gate/judge/verdict.h"

namespace dmigate::gate {
namespace {

struct Words {
  std::string_view pass, not_recorded, pending, fail, error, observed;
  std::string_view pending_advice, verified, command_ok, recorded, unknown_unit, warning;
  std::string_view firmware;  ///< {n}
  std::string_view waived;    ///< {until}, {by}, {reason}
  std::string_view enforced;  ///< {outcome}
  std::string_view golden;
};

constexpr Words kEnglishWords = {
    .pass = "PASS",
    .not_recorded = "PASS (not recorded)",
    .pending = "PENDING",
    .fail = "FAIL",
    .error = "ERROR",
    .observed = "OBSERVED",
    .pending_advice = "burnt, and not proved yet: reboot the unit, then check it at post-burn",
    .verified = "the burn is proved: what was to be burnt is there after the reboot",
    .command_ok = "the command ended well",
    .recorded = "recorded",
    .unknown_unit = "(no label)",
    .warning = "warning: ",
    .firmware = "departures of the firmware's table from the specification: {n} (dmigate show lists them)",
    .waived = " (waived until {until} by {by}: {reason})",
    .enforced = "nothing is held back: this profile only observes; enforced, this would be {outcome}",
    .golden = "a golden unit: recorded, claims nothing and opens nothing",
};
constexpr Words kChineseWords = {
    .pass = "合格 PASS",
    .not_recorded = "合格（未登记）PASS (not recorded)",
    .pending = "待验证 PENDING",
    .fail = "不合格 FAIL",
    .error = "无法判定 ERROR",
    .observed = "观察 OBSERVED",
    .pending_advice = "已烧录，尚未验证：请重启本机，再到 post-burn 工位检查",
    .verified = "烧录已验证：重启后各字段与应烧录值一致",
    .command_ok = "命令正常结束",
    .recorded = "已登记",
    .unknown_unit = "（无标签）",
    .warning = "警告：",
    .firmware = "固件的表有 {n} 处不符合规范：dmigate show 可列出",
    .waived = "（{by} 特许放行至 {until}：{reason}）",
    .enforced = "仅观察，不拦截：若正式执行，结果为 {outcome}",
    .golden = "标准样机：仅登记，不占用任何值，不放行任何工位",
};

bool is_pending(const Verdict& verdict) {
  return verdict.outcome == Outcome::kPass && verdict.burn && verdict.burn->state == "pending";
}

std::string_view headline_word(const Verdict& verdict, const Words& words) {
  if (is_pending(verdict)) return words.pending;
  switch (verdict.outcome) {
    case Outcome::kPass:
      return verdict.recorded ? words.pass : words.not_recorded;
    case Outcome::kFail:
      return words.fail;
    case Outcome::kObserved:
      return words.observed;
    case Outcome::kError:
      break;
  }
  return words.error;
}

// ANSI: white on green, on red, on magenta (could not be judged), black on yellow (pending).
std::string_view colour_of(const Verdict& verdict) {
  if (is_pending(verdict)) return "\033[1;30;43m";
  switch (verdict.outcome) {
    case Outcome::kPass:
      return "\033[1;37;42m";
    case Outcome::kFail:
      return "\033[1;37;41m";
    case Outcome::kObserved:
      return "\033[1;37;44m";
    case Outcome::kError:
      break;
  }
  return "\033[1;37;45m";
}

std::string headline(const Verdict& verdict, const Words& words, bool colour) {
  const std::string word(headline_word(verdict, words));
  std::string line = colour ? std::string(colour_of(verdict)) + " " + word + " \033[0m" : word;
  if (verdict.stage) line += "  " + std::string(profiles::stage_name(*verdict.stage));
  line += "  " + (verdict.label.empty() ? std::string(words.unknown_unit) : printable(verdict.label));
  if (verdict.profile) {
    line += "  " + verdict.profile->name;
    if (verdict.profile->version != 0) line += " v" + std::to_string(verdict.profile->version);
  }
  return line;
}

}  // namespace

std::string to_text(const Verdict& verdict, Language language, const Cures& cures, bool colour) {
  const Words& words = language == Language::kChinese ? kChineseWords : kEnglishWords;
  std::string text = headline(verdict, words, colour) + "\n";
  const auto add = [&](const Finding& finding) {
    const Sentence said = sentence(finding, language, cures);
    const bool warning = finding.severity == Severity::kWarning;
    text += "  " + std::string(warning ? words.warning : "") + said.message;
    if (const auto& waived = finding.waived) {
      text += fill(words.waived, {{"until", waived->until}, {"by", waived->by}, {"reason", waived->reason}});
    }
    text += "\n";
    if (!said.advice.empty()) text += "      -> " + said.advice + "\n";
  };
  if (verdict.enforced) {
    text += "  " + fill(words.enforced, {{"outcome", std::string(outcome_name(*verdict.enforced))}}) + "\n";
  }
  if (verdict.golden) text += "  " + std::string(words.golden) + "\n";
  for (const Finding& finding : verdict.findings) {
    if (finding.severity == Severity::kError) add(finding);
  }
  if (is_pending(verdict)) text += "  " + std::string(words.pending_advice) + "\n";
  if (verdict.burn && verdict.burn->state == "verified") text += "  " + std::string(words.verified) + "\n";
  if (verdict.command && verdict.outcome == Outcome::kPass)
    text += "  " + std::string(words.command_ok) + "\n";
  // What an operator can do nothing about is one line; all of it stands in the JSON.
  const auto about_firmware = [](const Finding& finding) {
    return finding.severity == Severity::kWarning && finding.rule().starts_with("structure.") &&
           !finding.waived && finding.say != Say::kStructureCount &&
           finding.rule() != "structure.several-baseboards";
  };
  for (const Finding& finding : verdict.findings) {
    if (finding.severity == Severity::kWarning && !about_firmware(finding)) add(finding);
  }
  if (const auto count = std::ranges::count_if(verdict.findings, about_firmware); count > 0) {
    text += "  " + std::string(words.warning) + fill(words.firmware, {{"n", std::to_string(count)}}) + "\n";
  }
  if (verdict.station_seq) {
    text += "  " + std::string(words.recorded) + " " + printable(verdict.station.id) + " #" +
            std::to_string(*verdict.station_seq) + "\n";
  }
  return text;
}

}  // namespace dmigate::gate
