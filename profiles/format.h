// The format of profiles as data: which keys each mapping has and what stands at each. The reader takes
// its keys from here, and `dmigate profile schema` is made of the same rows. Inside this room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace dmigate::profiles {

// What stands at a key.
enum class Form : std::uint8_t {
  kText,
  kWord,     ///< one of `words`
  kName,     ///< of a profile, a set or a burn tool
  kVersion,  ///< a whole number from 1
  kNumber,   ///< a whole number
  kBoolean,
  kDate,        ///< 2026-12-31
  kDuration,    ///< 90s, 5m, 1h
  kRuleId,      ///< of a finding: field.length
  kPattern,     ///< RE2, whole match
  kField,       ///< a keyword
  kStage,       ///< a stage's name
  kNames,       ///< a list of kName
  kTexts,       ///< a list of texts
  kWitnesses,   ///< a list of names of witnesses
  kFields,      ///< a list of keywords
  kJudged,      ///< `burn-fields`, or a list of keywords, selectors, and names of other rules
  kMapping,     ///< with the keys of `shape`
  kMayMapping,  ///< the same, or nothing
  kList,        ///< of such mappings
  kUnique,      ///< true, false, or a mapping
  kOperand,     ///< a value of the field, or a mapping
  kOperands,    ///< a list of them, or a mapping
  kType,        ///< number of a structure type
  // mappings whose keys are names
  kFieldRules,   ///< keyword or selector: `shape`
  kMatch,        ///< keyword: value or list of values
  kIdentifiers,  ///< name: `shape`
  kStages,       ///< stage: `shape`
};

struct Shape;

struct Key {
  std::string_view name;
  Form form;
  std::string_view about;  ///< one line, for an editor
  const Shape* shape = nullptr;
  std::span<const std::string_view> words = {};
  bool required = false;
};

struct Shape {
  std::string_view name;  ///< in the schema
  std::span<const Key> keys;
  std::size_t some = 0;  ///< of the first so many keys at least one is there
  [[nodiscard]] const Key* find(std::string_view key) const;  ///< nullptr when it has none
};

// Constants, which the check of names takes for variables.
// NOLINTBEGIN(readability-identifier-naming)
// profile, version, … : the whole file.
extern const Shape kProfileShape;
extern const Shape kReferenceShape;  ///< { field: K }
extern const Shape kLabelShape;
extern const Shape kIdentifierShape;
extern const Shape kFieldRuleShape;  ///< every check, unique, optional
extern const Shape kWithinShape;     ///< { within: K }
extern const Shape kOperandShape;    ///< { value | field, severity }
extern const Shape kValueShape;      ///< { value, severity }: of a check that refers to no other field
extern const Shape kOperandsShape;   ///< { values, severity }
extern const Shape kLengthShape;     ///< { at_least, at_most, severity }, bytes
extern const Shape kStructureShape;
extern const Shape kBoundsShape;  ///< { at_least, at_most }
extern const Shape kHardwareShape;
extern const Shape kSystemDiskShape;
extern const Shape kDiskSerialShape;
extern const Shape kCountShape;  ///< { at_least, at_most, severity }
extern const Shape kClockShape;
extern const Shape kBurnShape;
extern const Shape kStageShape;
extern const Shape kWaiverShape;
// NOLINTEND(readability-identifier-naming)

inline constexpr std::string_view kSeverityWords[] = {"error", "warning"};
inline constexpr std::string_view kModeWords[] = {"enforce", "observe"};
inline constexpr std::string_view kTextWords[] = {"accept", "refuse"};
inline constexpr std::string_view kRefusedWords[] = {"refused"};
inline constexpr std::string_view kRequiredWords[] = {"required"};

}  // namespace dmigate::profiles
