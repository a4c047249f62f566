// What one profile file says, before the sets it extends are laid under it. Inside this room only.
#pragma once

#include "profiles/format.h"
#include "profiles/lookup.h"
#include "profiles/profile.h"

namespace dmigate::profiles {

// A field that a list names, and where.
struct Named {
  FieldName name;
  Mark mark;
};

struct FieldDraft {
  FieldRule rule;
  bool says_optional = false;  ///< only what is said overrides what is inherited
  bool says_unique = false;
  std::optional<Unconfirmed> unconfirmed = {};
};

struct BurnDraft {
  std::string tool;
  std::vector<Named> fields;
  Origin origin;
};

struct WitnessesDraft {
  std::vector<WitnessRule> rules;
  Origin origin;  ///< of the list
};

// A stage's list: fields, names of other rules, and perhaps the word `burn-fields`.
struct JudgedList {
  std::vector<Named> fields;
  std::vector<std::pair<Hardware, Mark>> hardware;
  std::optional<Mark> structures;
  std::optional<Mark> burn_fields;  ///< where that word stands
  bool read = true;                 ///< false: some of it could not be read, its problem is told
};

struct StageDraft {
  Stage stage;
  std::optional<JudgedList> only;
  JudgedList except;
  std::optional<Stage> after;
  bool needs_wmi = false;
  bool waivers = true;
  Origin origin;
};

struct Draft {
  struct Base {
    std::string name;
    Mark mark;
  };
  Sha256 sha256;  ///< of the file
  std::string file;
  Mark mark;  ///< of the first key
  std::string name;
  std::optional<std::uint64_t> version;
  std::string description;
  std::vector<Base> extends;
  std::vector<FieldDraft> fields;
  std::optional<std::vector<MatchRule>> match;
  std::optional<LabelRule> label;
  std::vector<IdentifierRule> identifiers;
  std::optional<BurnDraft> burn;
  std::optional<std::vector<StageDraft>> stages;
  std::vector<StructureRule> structures;
  HardwareRules hardware;
  std::optional<WitnessesDraft> witnesses;
  std::optional<std::vector<Waiver>> waivers;
  std::vector<Unconfirmed> unconfirmed;
  std::optional<bool> observes;
  std::optional<bool> refuses_text;
  bool fields_read = true;  ///< false: some rule of `fields` could not be read, its problem is told
};

// Where a reader of one file stands: what it needs to say where, and to gather what is wrong.
struct DraftContext {
  const std::string& file;
  std::string profile;  ///< its name, for origins
  std::vector<Problem>& problems;

  void problem(const Mark& mark, std::string message) const;
  [[nodiscard]] Origin origin(const Mark& mark) const { return {profile, file, mark}; }
  // nullptr, and a problem with the nearest keyword, when there is no such field.
  [[nodiscard]] const smbios::Field* field(std::string_view keyword, const Mark& mark) const;
  // A keyword, or `type-17[*].part-number`.
  [[nodiscard]] std::optional<FieldName> name(std::string_view text, const Mark& mark) const;
  // The same for a node that must hold a keyword.
  [[nodiscard]] const smbios::Field* field(const Node& node) const;
  // The keys of a mapping, by the table of the format.
  [[nodiscard]] MappingReader map(const Node& node, const Shape& shape) const;
  // `severity`; false, and a problem, when it is neither error nor warning.
  [[nodiscard]] bool severity(MappingReader& map, const Node& node, Severity& severity) const;
  // { at_least: N, at_most: N }, as far as said; false, and a problem, where no number is between them.
  [[nodiscard]] bool bounds(MappingReader& map, const Node& node, Bounds& bounds) const;
  // One of a few words; none, and a problem, when it is no such word.
  [[nodiscard]] std::optional<std::string> word(MappingReader& map, const Node& node, std::string_view key,
                                                std::span<const std::string_view> words) const;
  // Null, and a problem, when it does not compile or is larger than a pattern may be.
  [[nodiscard]] std::shared_ptr<const re2::RE2> pattern(const std::string& text, const Mark& mark) const;
  // A value that `field` can have, as rules store it; none, and a problem, otherwise.
  [[nodiscard]] std::optional<std::string> literal(const smbios::Field& field, const Node& node) const;
};

// Every problem of the file is gathered; the draft holds what could be read.
Draft read_draft(const Document& document, const std::string& file, std::vector<Problem>& problems);
// The sections of more_rules.cc: what is asked beside the fields.
void read_structures(const Node& node, const DraftContext& context, Draft& draft);
void read_hardware(const Node& node, const DraftContext& context, Draft& draft);
void read_witnesses(const Node& node, const DraftContext& context, Draft& draft);
void read_waivers(const Node& node, const DraftContext& context, Draft& draft);
// Whether a check means something for a field of this kind.
bool goes_with(CheckKind check, smbios::Kind kind);
// The `fields` section, into draft.fields and draft.fields_read (field_rules.cc).
void read_fields(const Node& node, const DraftContext& context, Draft& draft);

// [a-z0-9][a-z0-9._-]*, at most 64 characters: names of profiles, base sets and burn tools. They
// become file names, so neither a path nor a hidden file can be meant by one.
bool is_name(std::string_view name);

// Lays the drafts over each other, in order, the profile's own last, and checks what only the whole
// can tell. `whole`: no draft is missing. Without problems the profile holds; its placeholders are
// not set.
Profile merge(const std::vector<const Draft*>& drafts, bool whole, std::vector<Problem>& problems);

// A profile or base set with all its problems, for lint and list. One that has no `version`, `match`,
// `label` or `stages` is a set for others to extend, and is not asked what a model must have.
struct Checked {
  Profile profile;  ///< as far as it could be read; its placeholders are not set
  bool is_base = false;
  std::vector<Problem> problems;  ///< each once, in the order of the files
};
Checked check_profile(const std::string& name_or_file, const Catalog& catalog);

// The *.yaml and *.yml of a folder, sorted, without those whose name begins with a dot.
Result<std::vector<std::string>> profile_files(const std::string& folder);

}  // namespace dmigate::profiles
