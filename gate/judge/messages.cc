#include "gate/judge/messages.h"

#include <array>
#include <cstddef>

namespace dmigate::gate {
namespace {

constexpr std::array kMessages = {
    Message{Say::kTableChecksum, "table.checksum",
            "the entry point's checksum is wrong (its bytes sum to {found}, not to 0)",
            "SMBIOS 入口点校验和错误（各字节之和为 {found}，应为 0）",
            "read the table again; if it stays so, the firmware is damaged: update the BIOS",
            "请重新读取；若仍如此，固件已损坏：请更新 BIOS"},
    Message{Say::kTableTruncated, "table.truncated",
            "the table is cut off at byte {offset}: {found} bytes are there, {expected} were announced",
            "SMBIOS 表在第 {offset} 字节处被截断：现有 {found} 字节，声明为 {expected} 字节",
            "read the table again; do not go on with a partial table", "请重新读取；不得使用不完整的表"},
    Message{Say::kTableCutOff, "table.truncated", "the table is cut off at byte {offset}, inside a structure",
            "SMBIOS 表在第 {offset} 字节处（结构内部）被截断",
            "read the table again; do not go on with a partial table", "请重新读取；不得使用不完整的表"},
    Message{Say::kTableNoEnd, "table.no-end", "the table has no end (no Type 127 structure)",
            "SMBIOS 表没有结束标记（缺少 Type 127）", "read the table again; if it stays so, update the BIOS",
            "请重新读取；若仍如此，请更新 BIOS"},
    Message{Say::kTableCount, "table.count",
            "the entry point announces {expected} structures, the table has {found}",
            "入口点声明 {expected} 个结构，表中实有 {found} 个",
            "tell the BIOS supplier; readers that trust the count miss structures",
            "请告知 BIOS 供应商；依赖该计数的程序会漏读结构"},
    Message{
        Say::kTableSize, "table.size", "the entry point announces {expected} bytes, the table has {found}",
        "入口点声明 {expected} 字节，表中实有 {found} 字节", "tell the BIOS supplier", "请告知 BIOS 供应商"},
    Message{Say::kTableBadLength, "table.bad-length",
            "a structure at byte {offset} has an impossible length ({found}); nothing after it can be read",
            "第 {offset} 字节处的结构长度无效（{found}），其后内容无法读取",
            "read the table again; if it stays so, update the BIOS", "请重新读取；若仍如此，请更新 BIOS"},
    Message{Say::kTableDuplicateHandle, "table.duplicate-handle",
            "handle {handle} is used by more than one structure", "句柄 {handle} 被多个结构使用",
            "tell the BIOS supplier", "请告知 BIOS 供应商"},
    Message{Say::kTableTrailingData, "table.trailing-data",
            "data follows the end of the table at byte {offset}", "结束标记之后（第 {offset} 字节）仍有数据",
            "tell the BIOS supplier", "请告知 BIOS 供应商"},
    Message{Say::kTableVersion, "table.version",
            "the entry point states a version that does not exist ({found})",
            "入口点的版本号不存在（{found}）", "tell the BIOS supplier", "请告知 BIOS 供应商"},
    Message{
        Say::kTableAddress, "table.address",
        "the entry point's table address {found} lies outside the file; the table was read from behind it",
        "入口点中的表地址 {found} 超出文件；已从入口点之后读取",
        "take dumps with dmidecode --dump-bin or dmigate dump",
        "请用 dmidecode --dump-bin 或 dmigate dump 重新导出"},
    Message{Say::kTableUnwalkable, "table.truncated",
            "the table breaks off before the identity structures (no Type 1 can be reached)",
            "SMBIOS 表在身份结构之前中断（无法读到 Type 1）",
            "read the table again; if it stays so, update the BIOS", "请重新读取；若仍如此，请更新 BIOS"},
    Message{Say::kStructureMissing, "structure.missing", "the table has no Type {type} structure",
            "SMBIOS 表中没有 Type {type} 结构", "update the BIOS, or return the board to its supplier",
            "请更新 BIOS，或将主板退回供应商"},
    Message{Say::kStructureRepeated, "structure.repeated",
            "the table has more than one Type {type} structure; readers disagree on which one counts",
            "SMBIOS 表中有多个 Type {type} 结构；各程序读取结果会不一致",
            "update the BIOS, or return the board to its supplier", "请更新 BIOS，或将主板退回供应商"},
    Message{Say::kStructureShort, "structure.short",
            "the Type {type} structure has {found} bytes, its version asks for {expected}",
            "Type {type} 结构只有 {found} 字节，其版本要求 {expected} 字节", "update the BIOS",
            "请更新 BIOS"},

    Message{Say::kFieldAbsentStructure, "field.absent",
            "{field} ({place}) is not there: the table has no Type {type} structure",
            "{field}（{place}）不存在：表中没有 Type {type} 结构",
            "update the BIOS, or return the board to its supplier", "请更新 BIOS，或将主板退回供应商"},
    Message{Say::kFieldBeyondLength, "field.absent",
            "{field} ({place}) is not there: the Type {type} structure is too short to have it",
            "{field}（{place}）不存在：Type {type} 结构太短，没有该字段",
            "no burn tool can write it: update the BIOS", "烧录工具无法写入：请更新 BIOS"},
    Message{Say::kFieldNotApplicable, "field.absent",
            "{field} ({place}) is not there: this Type {type} structure has another field in its place",
            "{field}（{place}）不存在：该 Type {type} 结构在此处是另一个字段",
            "correct the profile: this model does not have the field", "请修正机型配置：该机型没有此字段"},
    Message{Say::kFieldNoString, "field.empty", "{field} ({place}) is empty: it was never written",
            "{field}（{place}）为空：从未写入", "{cure}", "{cure}"},
    Message{Say::kFieldBadIndex, "field.empty",
            "{field} ({place}) is empty: it names a string that the table does not have",
            "{field}（{place}）为空：它指向表中不存在的字符串", "{cure}", "{cure}"},
    Message{Say::kFieldBlank, "field.blank", "{field} ({place}) holds only blanks",
            "{field}（{place}）只有空白字符", "{cure}", "{cure}"},
    Message{Say::kFieldPlaceholder, "field.placeholder",
            "{field} ({place}) holds a placeholder, \"{found}\", not a value",
            "{field}（{place}）是占位文字“{found}”，不是有效值", "{cure}", "{cure}"},
    Message{Say::kFieldRun, "field.placeholder",
            "{field} ({place}) holds a filler, \"{found}\": one character repeated, or counted up or down",
            "{field}（{place}）是填充内容“{found}”：重复字符或顺序数字", "{cure}", "{cure}"},
    Message{Say::kFieldWhitespace, "field.whitespace",
            "{field} ({place}) has blanks at its ends: \"{found}\"",
            "{field}（{place}）首尾有空白：“{found}”", "{cure}", "{cure}"},
    Message{Say::kFieldCharset, "field.charset",
            "{field} ({place}) has characters that are not printable ASCII: \"{found}\"",
            "{field}（{place}）含有非可打印 ASCII 字符：“{found}”", "{cure}", "{cure}"},
    Message{Say::kFieldEquals, "field.value",
            "{field} ({place}) is \"{found}\", the model's is \"{expected}\"",
            "{field}（{place}）为“{found}”，该机型应为“{expected}”", "{cure}", "{cure}"},
    Message{Say::kFieldOneOf, "field.value", "{field} ({place}) is \"{found}\", not one of: {expected}",
            "{field}（{place}）为“{found}”，不在允许值之内：{expected}", "{cure}", "{cure}"},
    Message{Say::kFieldPattern, "field.pattern",
            "{field} ({place}) is \"{found}\", which does not have the form {expected}",
            "{field}（{place}）为“{found}”，不符合格式 {expected}", "{cure}", "{cure}"},
    Message{Say::kFieldContains, "field.relation",
            "{field} ({place}) is \"{found}\", which does not contain \"{expected}\"",
            "{field}（{place}）为“{found}”，其中不含“{expected}”", "{cure}", "{cure}"},
    Message{Say::kFieldNotContains, "field.relation",
            "{field} ({place}) is \"{found}\", which must not contain \"{expected}\"",
            "{field}（{place}）为“{found}”，其中不得含有“{expected}”", "{cure}", "{cure}"},
    Message{Say::kFieldStartsWith, "field.relation",
            "{field} ({place}) is \"{found}\", which does not start with \"{expected}\"",
            "{field}（{place}）为“{found}”，开头不是“{expected}”", "{cure}", "{cure}"},
    Message{Say::kFieldTooLong, "field.length",
            "{field} ({place}) has {found} bytes, at most {expected} are allowed",
            "{field}（{place}）长 {found} 字节，最多允许 {expected} 字节", "{cure}", "{cure}"},
    Message{Say::kFieldTooShort, "field.length",
            "{field} ({place}) has {found} bytes, at least {expected} are needed",
            "{field}（{place}）长 {found} 字节，至少需要 {expected} 字节", "{cure}", "{cure}"},
    Message{Say::kFieldAtLeast, "field.value",
            "{field} ({place}) is \"{found}\", at least \"{expected}\" is needed",
            "{field}（{place}）为“{found}”，至少应为“{expected}”", "{cure}", "{cure}"},
    Message{Say::kUuidNil, "uuid.nil", "{field} ({place}) is all zeros: the unit has no UUID",
            "{field}（{place}）全为 0：本机没有 UUID", "{cure}", "{cure}"},
    Message{Say::kUuidFf, "uuid.ff", "{field} ({place}) is all FF: the UUID was never set",
            "{field}（{place}）全为 FF：UUID 从未设置", "{cure}", "{cure}"},
    Message{Say::kUuidTemplate, "uuid.template",
            "{field} ({place}) is {found}, a template that many boards share: it was never burnt",
            "{field}（{place}）为 {found}，是许多主板共用的模板值：从未烧录", "{cure}", "{cure}"},

    Message{Say::kLabelPattern, "unit.label-pattern",
            "the label \"{found}\" does not have the form {expected}", "标签“{found}”不符合格式 {expected}",
            "scan the serial label on the case again", "请重新扫描机箱上的序列号标签"},
    Message{Say::kLabelMismatch, "unit.label-mismatch",
            "the label says \"{found}\", {field} ({place}) says \"{expected}\"",
            "标签为“{found}”，而 {field}（{place}）为“{expected}”",
            "scan again; if it stays so, the labels of two units are swapped: set this one aside",
            "请重新扫描；若仍如此，可能两台机器标签互换：请将本机隔离"},
    Message{Say::kIdentifierPattern, "unit.identifier-pattern",
            "{field} \"{found}\" does not have the form {expected}", "{field}“{found}”不符合格式 {expected}",
            "scan it again", "请重新扫描"},
    Message{Say::kIdentifierMissing, "evidence.missing", "{field} was not scanned", "未扫描 {field}",
            "scan it, or give it with --id {field}=VALUE", "请扫描，或用 --id {field}=VALUE 给出"},
    Message{Say::kSourceUnreadable, "evidence.missing", "the unit's table could not be read: {detail}",
            "无法读取本机 SMBIOS 表：{detail}", "{cure}", "{cure}"},
    Message{Say::kBootIdMissing, "evidence.missing",
            "the burn cannot be proved: which boot this is was not recorded with the table",
            "无法确认烧录结果：读取的数据中没有启动标识（boot id）",
            "read the unit itself, or take its evidence with dmigate evidence",
            "请直接在本机读取，或用 dmigate evidence 采集"},
    Message{Say::kUnidentified, "evidence.missing",
            "nothing tells which unit this is: no label was scanned and no unique value is there yet",
            "无法识别本机：未扫描标签，也没有任何唯一值",
            "scan the label (--unit LABEL), so that the unit is known again afterwards",
            "请扫描标签（--unit LABEL），以便之后能再次识别本机"},
    Message{Say::kNoUnit, "unit.unknown",
            "nothing tells this unit from others yet: this visit counts for no unit",
            "尚无信息可将本机与其他机器区分：本次结果不计入任何机器",
            "scan the label (--unit LABEL) if a later stage asks for this one",
            "若后续工位要求本工位，请扫描标签（--unit LABEL）"},
    Message{Say::kNoMatch, "profile.no-match", "no profile is for this unit ({found})",
            "没有适用于本机的机型配置（{found}）",
            "name it with --profile, or ask the test engineer for a profile of this model",
            "请用 --profile 指定，或联系测试工程师添加该机型配置"},

    Message{Say::kDuplicate, "unique.duplicate", "{field} \"{found}\" belongs to another unit: {holder}",
            "{field}“{found}”属于另一台机器：{holder}",
            "set this unit aside and call quality: two units must not carry one value",
            "请将本机隔离并通知品质人员：两台机器不得使用同一值"},
    Message{Say::kChanged, "unique.changed",
            "{field} is \"{found}\", but this unit is recorded with \"{expected}\": {holder}",
            "{field} 为“{found}”，但本机记录为“{expected}”：{holder}",
            "a part was swapped without rework, or another unit carries its value: call quality",
            "可能更换部件未登记返修，或另一台机器带有本机的值：请通知品质人员"},
    Message{Say::kRetired, "unique.duplicate",
            "{field} \"{found}\" was given up and is never valid again: {holder}",
            "{field}“{found}”已作废，不得再用：{holder}", "set this unit aside and call quality",
            "请将本机隔离并通知品质人员"},
    Message{Say::kIntendedTaken, "unique.duplicate",
            "{field} \"{found}\" is not free, it belongs to another unit: {holder}",
            "{field}“{found}”已被占用，属于另一台机器：{holder}",
            "nothing was burnt: take the value from this unit's own work order",
            "未烧录任何内容：请使用本机工单上的值"},
    Message{Say::kIntendedRetired, "unique.duplicate",
            "{field} \"{found}\" was given up and is never valid again: {holder}",
            "{field}“{found}”已作废，不得再用：{holder}", "nothing was burnt: take a fresh value",
            "未烧录任何内容：请使用新的值"},
    Message{Say::kRegistryFailed, "evidence.missing", "the registry could not be asked: {detail}",
            "无法访问登记库：{detail}", "{cure}", "{cure}"},

    Message{Say::kStageOrder, "stage.order",
            "stage {stage} comes after {after}, which this unit has not passed ({detail})",
            "{stage} 工位须在 {after} 之后，本机尚未通过（{detail}）", "take the unit to {after}",
            "请将本机送到 {after} 工位"},
    Message{Say::kRunFailed, "stage.run-failed",
            "the command of stage {stage} did not end well when it was last started for this unit",
            "本机上次在 {stage} 工位启动的命令未正常结束", "run the stage again: dmigate run --stage {stage}",
            "请重新执行该工位：dmigate run --stage {stage}"},
    Message{Say::kSameBoot, "stage.same-boot",
            "burnt at {holder}, but not rebooted since: what was burnt cannot be seen yet",
            "已在 {holder} 烧录，但尚未重启：烧录结果还无法确认",
            "reboot the unit, then check it at post-burn again", "请重启本机，再到 post-burn 工位检查"},
    Message{Say::kPendingBurn, "stage.pending-burn", "burnt at {holder}, and not proved yet",
            "已在 {holder} 烧录，尚未验证", "reboot the unit and check it at post-burn first",
            "请先重启本机，并在 post-burn 工位检查"},
    Message{
        Say::kOpenRecord, "stage.open-record",
        "a {detail} was started at {holder} and has not ended: it is still running, or was cut off",
        "{holder} 开始的 {detail} 尚未结束：仍在运行，或已中断",
        "see that it does not run any more, then: dmigate registry resolve {unit} --by NAME --reason TEXT",
        "请确认其已停止运行，然后执行：dmigate registry resolve {unit} --by 姓名 --reason 原因"},

    Message{Say::kBurnIntended, "burn.intended", "the value that is to be burnt is not good: {detail}",
            "待烧录的值不合格：{detail}", "nothing was burnt: correct the value and burn again",
            "未烧录任何内容：请更正后重新烧录"},
    Message{Say::kBurnNotGiven, "burn.intended", "no good value is to be burnt: {detail}",
            "没有可烧录的有效值：{detail}", "nothing was burnt: give it with --set {field}=VALUE",
            "未烧录任何内容：请用 --set {field}=VALUE 给出"},
    Message{Say::kBurnMismatch, "burn.mismatch",
            "{field} ({place}) is \"{found}\" after the reboot, \"{expected}\" was to be burnt",
            "重启后 {field}（{place}）为“{found}”，应烧录为“{expected}”",
            "burn the unit again; if it stays so, the board does not keep it",
            "请重新烧录；若仍如此，主板无法保存该值"},
    Message{Say::kBurnLost, "burn.mismatch",
            "{field} ({place}) is not there after the reboot, \"{expected}\" was to be burnt",
            "重启后 {field}（{place}）没有值，应烧录为“{expected}”",
            "burn the unit again; if it stays so, the board does not keep it",
            "请重新烧录；若仍如此，主板无法保存该值"},
    Message{Say::kBurnCommand, "burn.command", "the burn command failed: {detail}", "烧录命令失败：{detail}",
            "what is in the flash is not known: burn again, or reboot and check at post-burn",
            "闪存内容未知：请重新烧录，或重启后在 post-burn 工位检查"},
    Message{Say::kImageCommand, "image.command", "the command failed: {detail}", "命令失败：{detail}",
            "find the cause, then run this stage again", "请查明原因后重新执行本工位"},
    Message{
        Say::kCloseFailed, "evidence.missing",
        "the command ended, but its end could not be recorded: {detail}",
        "命令已结束，但无法记录结果：{detail}",
        "the unit stays blocked while its record is open (dmigate registry status); then: dmigate registry "
        "resolve {unit} --by NAME --reason TEXT",
        "记录未关闭前本机保持锁定（dmigate registry status）；之后执行：dmigate registry resolve {unit} --by "
        "姓名 "
        "--reason 原因"},

    Message{Say::kWhyNeverThere, "why.never-there", "it was never there", "从未到过", "", ""},
    Message{Say::kWhyUnknownUnit, "why.unknown-unit", "no unit is known by what it shows: scan its label",
            "其信息不属于任何已知机器：请扫描标签", "", ""},
    Message{Say::kWhyNotPassed, "why.not-passed", "its last visit there did not pass", "上次未通过", "", ""},
    Message{Say::kWhyBurntSince, "why.burnt-since", "it was burnt since", "其后又烧录过", "", ""},
    Message{Say::kWhyNotStarted, "why.not-started", "it was not started: dmigate was interrupted",
            "未启动：dmigate 被中断", "", ""},
    Message{Say::kWhyTimedOut, "why.timeout", "it ran out of time and was ended", "超时，已被终止", "", ""},
    Message{Say::kWhyInterrupted, "why.interrupted", "it was interrupted and ended", "被中断，已终止", "",
            ""},
    Message{Say::kWhySignal, "why.signal", "signal {found} ended it", "被信号 {found} 终止", "", ""},
    Message{Say::kWhyExitStatus, "why.exit-status", "exit status {found}", "退出码 {found}", "", ""},
    Message{Say::kWhyNotEnded, "why.not-ended", "it left processes that could not be ended",
            "其遗留进程无法终止", "", ""},
    Message{Say::kWhyNoSuccessWord, "why.no-success-word", "it did not say \"{expected}\"",
            "没有输出“{expected}”", "", ""},
    Message{Say::kCureBurn, "cure.burn", "", "",
            "burn it: {tool} {switch} (dmigate burn --set {field}=VALUE)",
            "请烧录：{tool} {switch}（dmigate burn --set {field}=VALUE）"},
    Message{Say::kCureSupplier, "cure.supplier", "", "",
            "the plant's burn does not write this field: return the board to its supplier",
            "本厂烧录不写此字段：请将主板退回供应商"},
    Message{Say::kCureNone, "cure.none", "", "", "set the unit aside and call the test engineer",
            "请将本机隔离并通知测试工程师"},
};

constexpr bool in_order() {
  if (kMessages.size() != static_cast<std::size_t>(Say::kCount)) return false;
  for (std::size_t i = 0; i < kMessages.size(); ++i) {
    if (static_cast<std::size_t>(kMessages[i].say) != i) return false;
  }
  return true;
}
static_assert(in_order(), "the rows stand in the order of Say");

}  // namespace

const Message& message(Say say) { return kMessages[static_cast<std::size_t>(say)]; }

std::span<const Message> messages() { return kMessages; }

std::string fill(std::string_view text, const Details& details) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos) break;
    filled += text.substr(0, open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    bool known = false;
    for (const auto& [key, value] : details) {
      if (key != name) continue;
      filled += value;
      known = true;
      break;
    }
    if (!known) filled += text.substr(open, close - open + 1);
    text.remove_prefix(close + 1);
  }
  return filled += text;
}

}  // namespace dmigate::gate
