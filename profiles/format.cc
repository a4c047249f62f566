#include "profiles/format.h"

#include <algorithm>

namespace dmigate::profiles {
namespace {

constexpr Key kSeverity = {"severity", Form::kWord,
                           "error blocks the unit, warning does not; error where it is not said", nullptr,
                           kSeverityWords};

constexpr Key kReferenceKeys[] = {
    {"field", Form::kField, "the keyword of another field of the same unit", nullptr, {}, true},
};
constexpr Key kLabelKeys[] = {
    {"pattern", Form::kPattern, "the form of the scanned label; it also tells which model a unit is"},
    {"equals", Form::kMapping, "the field whose value is printed on the label", &kReferenceShape},
};
constexpr Key kIdentifierKeys[] = {
    {"pattern", Form::kPattern, "the form of the scanned number"},
    {"unique", Form::kBoolean, "no two units may have the same"},
    {"optional", Form::kBoolean, "it need not be scanned"},
};
constexpr Key kWithinKeys[] = {
    {"within", Form::kField, "unique only among units with the same value of this field", nullptr, {}, true},
};
constexpr Key kOperandKeys[] = {
    {"value", Form::kText, "what the field is compared with"},
    {"field", Form::kField, "the field of the same unit that it is compared with"},
    kSeverity,
};
constexpr Key kValueKeys[] = {
    {"value", Form::kText, "what the field is compared with", nullptr, {}, true},
    kSeverity,
};
constexpr Key kOperandsKeys[] = {
    {"values", Form::kOperands, "what the field may be", nullptr, {}, true},
    kSeverity,
};
constexpr Key kLengthKeys[] = {
    {"at_least", Form::kNumber, "bytes"},
    {"at_most", Form::kNumber, "bytes"},
    kSeverity,
};
constexpr Key kBoundsKeys[] = {
    {"at_least", Form::kNumber, "no fewer"},
    {"at_most", Form::kNumber, "no more"},
};
constexpr Key kCountKeys[] = {kBoundsKeys[0], kBoundsKeys[1], kSeverity};
constexpr Key kFieldRuleKeys[] = {
    {"equals", Form::kOperand, "the value is this one, or another field's", &kOperandShape},
    {"one_of", Form::kOperands, "the value is one of these", &kOperandsShape},
    {"pattern", Form::kPattern, "the whole value matches this regular expression (RE2)", &kValueShape},
    {"contains", Form::kOperand, "the value contains this text, whatever its case", &kOperandShape},
    {"not_contains", Form::kOperand, "the value does not contain this text, whatever its case",
     &kOperandShape},
    {"starts_with", Form::kOperand, "the value begins with this text, whatever its case", &kOperandShape},
    {"length", Form::kMapping, "how many bytes the value has", &kLengthShape},
    {"at_least", Form::kOperand, "dotted numbers: 1.10 is above 1.9", &kValueShape},
    {"unique", Form::kUnique, "no two units may have the same value", &kWithinShape},
    {"optional", Form::kBoolean, "the value may be missing, blank or a placeholder"},
    {"unconfirmed", Form::kText, "what a person must still decide; `profile lint` warns until it is removed"},
};
constexpr Key kStructureKeys[] = {
    {"type", Form::kType, "the structure's type, 17 for memory devices", nullptr, {}, true},
    {"count", Form::kMapping, "how many of them the table has", &kBoundsShape, {}, true},
    kSeverity,
};
constexpr Key kDiskSerialKeys[] = {
    {"at_most_bytes", Form::kNumber, "longest serial; 64 for the government edition"},
};
constexpr Key kSystemDiskKeys[] = {
    {"removable", Form::kBoolean, "whether it is removable, by its bus and port"},
    {"serial", Form::kMayMapping, "it has a serial number", &kDiskSerialShape},
    kSeverity,
};
constexpr Key kClockKeys[] = {
    {"within", Form::kDuration, "how far the clock may be off its reference", nullptr, {}, true},
    kSeverity,
};
constexpr Key kHardwareKeys[] = {
    {"system-disk", Form::kMapping, "the disk that the image goes on", &kSystemDiskShape},
    {"fixed-disks", Form::kMapping, "how many fixed disks the unit has", &kCountShape},
    {"physical-nics", Form::kMapping, "how many physical network cards it has that are not disabled",
     &kCountShape},
    {"clock", Form::kMapping, "how right its clock is", &kClockShape},
};
constexpr Key kBurnKeys[] = {
    {"tool",
     Form::kName,
     "a tool that ships (amidewin, amideefi, amidelnx, h2osde), or tools/NAME.yaml",
     nullptr,
     {},
     true},
    {"fields", Form::kFields, "what the plant's burn writes", nullptr, {}, true},
};
constexpr Key kStageKeys[] = {
    {"only", Form::kJudged, "judge these and nothing else"},
    {"except", Form::kJudged, "judge all but these"},
    {"after", Form::kStage, "the stage that the unit must have passed before"},
    {"wmi", Form::kWord, "what WMI says must be in the evidence (Windows runs at this stage)", nullptr,
     kRequiredWords},
    {"waivers", Form::kWord, "no waiver counts at this stage", nullptr, kRefusedWords},
};
constexpr Key kWaiverKeys[] = {
    {"rule", Form::kRuleId, "the finding's rule: field.length", nullptr, {}, true},
    {"field", Form::kText, "the finding's keyword; without it, every finding of the rule"},
    {"until", Form::kDate, "the last day on which it counts (UTC)", nullptr, {}, true},
    {"by", Form::kText, "who answers for it", nullptr, {}, true},
    {"reason", Form::kText, "why", nullptr, {}, true},
};
constexpr Key kProfileKeys[] = {
    {"profile", Form::kName, "the model's name; the file is called NAME.yaml", nullptr, {}, true},
    {"version", Form::kVersion, "raised with every change; a base set need not have one"},
    {"description", Form::kText, "for people"},
    {"mode", Form::kWord, "observe: say what would have been said, and hold nothing back", nullptr,
     kModeWords},
    {"text", Form::kWord, "whether a table read from dmidecode's text may be judged", nullptr, kTextWords},
    {"extends", Form::kNames, "sets whose rules it takes over; its own win, rule by rule"},
    {"match", Form::kMatch, "which units are of this model"},
    {"label", Form::kMapping, "the serial on the outside, scanned", &kLabelShape},
    {"identifiers", Form::kIdentifiers, "other scanned numbers", &kIdentifierShape},
    {"fields", Form::kFieldRules, "what is asked of each field; to name it asks for a good value",
     &kFieldRuleShape},
    {"structures", Form::kList, "how many structures of a type there are", &kStructureShape},
    {"hardware", Form::kMapping, "what is asked of disks, network cards and the clock", &kHardwareShape},
    {"witnesses", Form::kWitnesses, "hardware values by which a copy of a unit's DMI is told from the unit"},
    {"burn", Form::kMapping, "what the plant's burn writes, and with which tool", &kBurnShape},
    {"stages", Form::kStages, "the model's stages, in the line's order", &kStageShape},
    {"waivers", Form::kList, "findings that do not block for a while", &kWaiverShape},
    {"unconfirmed", Form::kTexts,
     "what a person must still decide; `profile lint` warns until it is removed"},
};

}  // namespace

const Shape kProfileShape = {"profile", kProfileKeys};
const Shape kReferenceShape = {"reference", kReferenceKeys};
const Shape kLabelShape = {"label", kLabelKeys, 2};
const Shape kIdentifierShape = {"identifier", kIdentifierKeys};
const Shape kFieldRuleShape = {"field-rule", kFieldRuleKeys};
const Shape kWithinShape = {"within", kWithinKeys};
const Shape kOperandShape = {"operand", kOperandKeys, 2};
const Shape kValueShape = {"value", kValueKeys};
const Shape kOperandsShape = {"operands", kOperandsKeys};
const Shape kLengthShape = {"length", kLengthKeys, 2};
const Shape kStructureShape = {"structure", kStructureKeys};
const Shape kBoundsShape = {"bounds", kBoundsKeys, 2};
const Shape kHardwareShape = {"hardware", kHardwareKeys};
const Shape kSystemDiskShape = {"system-disk", kSystemDiskKeys, 2};
const Shape kDiskSerialShape = {"disk-serial", kDiskSerialKeys};
const Shape kCountShape = {"count", kCountKeys, 2};
const Shape kClockShape = {"clock", kClockKeys};
const Shape kBurnShape = {"burn", kBurnKeys};
const Shape kStageShape = {"stage", kStageKeys};
const Shape kWaiverShape = {"waiver", kWaiverKeys};

const Key* Shape::find(std::string_view key) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return each.name == key; });
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace dmigate::profiles
