// profiles: what a model must look like. YAML -> a checked Profile.
//
//   auto profile = profiles::load_profile("cx-e500.yaml", catalog);
//   for (const FieldRule& rule : profile->fields) …
//
// A Profile that exists holds: every key known, every pattern compiled, every keyword found, every
// stage in the line's order. What it asks of a unit is judged in gate/judge.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/placeholder.h"
#include "profiles/yaml.h"
#include "smbios/sha256.h"
#include "smbios/smbios.h"

namespace re2 {
class RE2;
}

namespace dmigate::profiles {

// The line, in its order.
enum class Stage : std::uint8_t { kIncoming, kPreBurn, kPostBurn, kPreImage, kPostImage, kShip };
inline constexpr std::array kAllStages = {Stage::kIncoming, Stage::kPreBurn,   Stage::kPostBurn,
                                          Stage::kPreImage, Stage::kPostImage, Stage::kShip};
std::string_view stage_name(Stage stage);  ///< "pre-image"
std::optional<Stage> find_stage(std::string_view name);

enum class Severity : std::uint8_t { kError, kWarning };  ///< an error blocks, a warning does not

// Where a rule was written: for lint, show, and messages.
struct Origin {
  std::string profile;  ///< name of the profile or base set
  std::string file;
  Mark mark;
};

// What may be asked of a field's value beyond its being there. One check of a kind for each field;
// a profile's own replaces an inherited one of the same kind ("later wins, rule by rule").
enum class CheckKind : std::uint8_t {
  kEquals,       ///< values[0], or other
  kOneOf,        ///< values
  kPattern,      ///< whole match, RE2
  kContains,     ///< values[0], or other; letters' case counts for nothing (ASCII)
  kNotContains,  ///< the same
  kStartsWith,   ///< the same
  kLength,       ///< bytes: at_least, at_most
  kAtLeast,      ///< dotted numbers: values[0]
};
inline constexpr std::array kAllChecks = {
    CheckKind::kEquals,      CheckKind::kOneOf,      CheckKind::kPattern, CheckKind::kContains,
    CheckKind::kNotContains, CheckKind::kStartsWith, CheckKind::kLength,  CheckKind::kAtLeast};
std::string_view check_name(CheckKind kind);  ///< as profiles write it: "one_of"

struct Check {
  CheckKind kind;
  Severity severity = Severity::kError;
  std::vector<std::string> values;        ///< literals; enumerations as enum keys, UUIDs as written
  const smbios::Field* other = nullptr;   ///< `{ field: K }`: compare with this field of the same unit
  std::optional<std::uint64_t> at_least;  ///< kLength, bytes
  std::optional<std::uint64_t> at_most;
  std::shared_ptr<const re2::RE2> pattern;  ///< kPattern; values[0] is its text
  Origin origin;
};

// Which structures of the field's type are meant: `type-17[*].part-number`.
struct Selector {
  enum class Which : std::uint8_t {
    kChosen,  ///< the one that Table::chosen() names: a keyword without selector
    kEvery,   ///< [*]: each of them
    kNth,     ///< [2]: the second in the table's order
    kWhere,   ///< [size!=No Module Installed]: each whose field `by` has the value, or has it not
  };
  Which which = Which::kChosen;
  unsigned number = 0;                ///< kNth, from 1
  const smbios::Field* by = nullptr;  ///< kWhere; of the same type
  std::string value;                  ///< kWhere; as Reading::text() has it, letters' case apart
  bool unlike = false;                ///< kWhere: !=
  bool operator==(const Selector&) const = default;
};

// A field as profiles name it.
struct FieldName {
  const smbios::Field* field = nullptr;
  Selector selector = {};
  FieldName() = default;
  FieldName(const smbios::Field& chosen) : field(&chosen) {}  // NOLINT(google-explicit-constructor)
  FieldName(const smbios::Field& of, Selector which) : field(&of), selector(std::move(which)) {}
  bool operator==(const FieldName&) const = default;
  [[nodiscard]] bool plain() const { return selector.which == Selector::Which::kChosen; }
  [[nodiscard]] std::string text() const;  ///< "system-uuid", "type-17[*].memory-device-part-number"
};

struct FieldRule {
  const smbios::Field* field;
  Selector selector = {};
  bool optional = false;  ///< may be missing, blank or a placeholder; checks apply where it is there
  bool unique = false;    ///< claimed in the registry
  const smbios::Field* within = nullptr;  ///< scope of uniqueness: this field's value
  std::vector<Check> checks;
  Origin origin;                        ///< the last that names it
  std::optional<Origin> unique_origin;  ///< where it is said, and `optional`
  std::optional<Origin> optional_origin;
  [[nodiscard]] FieldName name() const { return {*field, selector}; }
  [[nodiscard]] bool plain() const { return selector.which == Selector::Which::kChosen; }
};

struct LabelRule {
  std::shared_ptr<const re2::RE2> pattern;  ///< may be null
  std::string pattern_text;
  const smbios::Field* equals = nullptr;  ///< the label must equal this field; may be null
  Origin origin;
};

struct IdentifierRule {
  std::string name;  ///< "activation-sn": lower-case letters, digits, hyphens; not "label", no keyword
  std::shared_ptr<const re2::RE2> pattern;
  std::string pattern_text;
  bool unique = false;
  bool optional = false;
  Origin origin;
};

struct MatchRule {  ///< the field's value must be one of these
  const smbios::Field* field;
  std::vector<std::string> values;  ///< enumerations as enum keys, UUIDs as written
  Origin origin;
};

// How many of something there may be; at least one of the two is said.
struct Bounds {
  std::optional<std::uint64_t> at_least;
  std::optional<std::uint64_t> at_most;
};

struct StructureRule {  ///< how many structures of a type the table has
  std::uint8_t type;
  Bounds count;
  Severity severity = Severity::kError;
  Origin origin;
};

// What is asked of the unit beside its table. What is not said is not asked.
struct SystemDiskRule {
  std::optional<bool> removable;                ///< by bus and port, not by the medium bit
  bool serial = false;                          ///< it must have one, and no placeholder
  std::optional<std::uint64_t> serial_at_most;  ///< bytes
  Severity severity = Severity::kError;
  Origin origin;
};
struct CountRule {
  Bounds count;
  Severity severity = Severity::kError;
  Origin origin;
};
struct ClockRule {
  std::chrono::milliseconds within{0};  ///< of the reference taken at capture
  Severity severity = Severity::kError;
  Origin origin;
};
// The name under which a hardware rule stands in profiles, in a stage's `only` and `except`, and as the
// keyword of its findings.
enum class Hardware : std::uint8_t { kSystemDisk, kFixedDisks, kPhysicalNics, kClock };
inline constexpr std::array kAllHardware = {Hardware::kSystemDisk, Hardware::kFixedDisks,
                                            Hardware::kPhysicalNics, Hardware::kClock};
std::string_view hardware_name(Hardware which);  ///< "system-disk"
std::optional<Hardware> find_hardware(std::string_view name);

struct HardwareRules {
  std::optional<SystemDiskRule> system_disk;
  std::optional<CountRule> fixed_disks;    ///< without the boot medium, optical, loop and network disks
  std::optional<CountRule> physical_nics;  ///< not disabled
  std::optional<ClockRule> clock;
  [[nodiscard]] bool asks(Hardware which) const;
  [[nodiscard]] bool any() const { return system_disk || fixed_disks || physical_nics || clock; }
};

// A hardware value that a copied DMI does not copy: who carries a known unit's identity and none of its
// witnesses is a copy of it.
enum class Witness : std::uint8_t {
  kNicMac,  ///< the permanent address of a physical card that is not removable
};
inline constexpr std::array kAllWitnesses = {Witness::kNicMac};
std::string_view witness_name(Witness which);  ///< "nic-mac"; the keyword of its findings
std::optional<Witness> find_witness(std::string_view name);

struct WitnessRule {
  Witness which;
  Origin origin;
};

struct BurnRule {
  std::string tool;                          ///< name of a burn tool description
  std::vector<const smbios::Field*> fields;  ///< what the plant's burn writes
  Origin origin;
};

struct StageRule {
  Stage stage = Stage::kIncoming;
  // What `only` and `except` name: fields, hardware rules, the counts of structures.
  struct List {
    std::vector<FieldName> fields;
    std::vector<Hardware> hardware;
    bool structures = false;
  };
  std::optional<List> only;  ///< judge these and nothing else
  List except;               ///< judge all but these
  bool needs_wmi = false;    ///< `wmi: required`: what WMI says must be in the evidence
  bool waivers = true;       ///< false: `waivers: refused`
  std::optional<Stage> after;
  Origin origin;
  [[nodiscard]] bool judges(const FieldName& field) const;
  [[nodiscard]] bool judges(Hardware which) const;
  [[nodiscard]] bool judges_structures() const;
};

// A finding that does not block for a while, by decision of a named person.
struct Waiver {
  std::string rule;   ///< its id: "field.length"
  std::string field;  ///< the finding's keyword; empty: every finding of the rule
  std::string until;  ///< the last day, UTC: "2026-12-31"
  std::string by;
  std::string reason;
  Origin origin;
};

// What a person must still decide before the profile is done.
struct Unconfirmed {
  std::string what;
  Origin origin;
};

// A file that a profile was put together from.
struct Layer {
  std::string name;
  std::uint64_t version = 0;  ///< 0: it has none
  std::string file;
};

// Where a profile asks less than a set that it extends: `system-uuid` is no longer unique.
struct Loosened {
  std::string what;
  Origin origin;
};

struct Profile {
  std::string name;
  std::uint64_t version = 0;  ///< raised with every change
  std::string description;
  std::string file;
  // SHA-256 over the SHA-256 of the files of the sets that it extends, in the order in which they were
  // applied, and of its own. Where the catalog's folders have a placeholders.yaml: over that, and theirs.
  Sha256 sha256{};
  std::vector<FieldRule> fields;  ///< ordered as first named, base sets first
  std::vector<StructureRule> structures;
  HardwareRules hardware;
  std::vector<WitnessRule> witnesses;  ///< no stage leaves them out
  std::vector<MatchRule> match;
  std::optional<LabelRule> label;
  std::vector<IdentifierRule> identifiers;
  std::optional<BurnRule> burn;
  std::vector<StageRule> stages;  ///< in the line's order
  std::vector<Waiver> waivers;
  std::vector<Unconfirmed> unconfirmed;
  std::vector<Layer> layers;  ///< in the order in which they were applied; itself last
  std::vector<Loosened> loosened;
  bool observes = false;                             ///< mode: observe
  bool refuses_text = false;                         ///< a table read from dmidecode's text is not judged
  std::shared_ptr<const Placeholders> placeholders;  ///< never null

  [[nodiscard]] const StageRule* stage(Stage which) const;            ///< nullptr: not declared
  [[nodiscard]] const FieldRule* rule(const FieldName& field) const;  ///< nullptr: not named
  [[nodiscard]] bool has_witness(Witness which) const;
  // Whether units are told to be of this model without its being named: by `match`, or by their label.
  [[nodiscard]] bool is_candidate() const;
};

// Finds base sets by name: those that ship (profiles/catalog, built into the binary) and a folder's.
struct Catalog {
  std::vector<std::string> folders;  ///< searched first, in order, for NAME.yaml
};
// The same, and last the folder of `file`: what a profile extends may lie beside it, where no station says
// where profiles are.
Catalog with_folder_of(Catalog catalog, const std::string& file);

bool names_file(std::string_view given);  ///< a path: it has a '/' or ends in .yaml or .yml
// `name_or_file`: a path as names_file() tells it, else a name to look up. What a file
// extends may lie beside it.
Result<Profile> load_profile(const std::string& name_or_file, const Catalog& catalog);
Result<Profile> parse_profile(std::string_view text, const std::string& file, const Catalog& catalog);

// Every profile of the catalog's folders that has a `match` or a label pattern (base sets have
// neither). A file there that does not hold is an error: it might have been the one. So are two files
// with one profile. Folders inside them are not looked into.
Result<std::vector<Profile>> load_candidates(const Catalog& catalog);

}  // namespace dmigate::profiles
