#include "gate/judge/judge.h"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>

#include "gate/evidence/devices.h"
#include "gate/judge/hardware.h"
#include "profiles/check.h"
#include "profiles/placeholder.h"
#include "smbios/unseen.h"

namespace dmigate::gate {
namespace {

using profiles::Check;
using profiles::CheckKind;
using profiles::FieldRule;
using profiles::Profile;
using smbios::Field;
using smbios::State;
using smbios::Table;

constexpr std::uint8_t kEndOfTable = 127;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(), [](char c) { return lower(c); });
  return folded;
}

std::string_view as_text(smbios::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A value that is judged: what was found, or what is to be burnt.
struct Value {
  const Field* field;
  State state = State::kPresent;
  std::string raw;   ///< bytes as stored
  std::string text;  ///< as people write it; enumerations as their key
  std::optional<smbios::Handle> handle;
  bool intended = false;

  [[nodiscard]] smbios::Bytes raw_bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()};
  }
};

Value value_of(const smbios::Reading& reading) {
  Value value{
      .field = reading.field, .state = reading.state, .raw = std::string(as_text(reading.raw)), .text = {}};
  value.text = text_of(reading);
  if (reading.structure) value.handle = reading.structure->handle();
  return value;
}

// An intended value as it would be found. A text that is no value of the field's kind keeps an empty
// `raw`: burn_command() refuses it before anything is run.
Value value_of(const profiles::BurnValue& intended, smbios::Version version) {
  Value value{.field = intended.field, .text = intended.value, .intended = true};
  switch (intended.field->kind) {
    case smbios::Kind::kUuid:
      if (const auto raw = smbios::parse_uuid(intended.value, mixed_uuid(version))) {
        value.raw.assign(raw->begin(), raw->end());
        value.text = smbios::Reading{.field = intended.field,
                                     .state = State::kPresent,
                                     .version = version,
                                     .raw = *raw,
                                     .structure = {}}
                         .text();
      } else {
        value.state = State::kBlank;
      }
      break;
    case smbios::Kind::kEnum:
      if (const auto number = smbios::parse_enum(*intended.field, intended.value)) {
        value.raw.assign(1, static_cast<char>(*number));
        for (const smbios::EnumValue& row : intended.field->values) {
          if (row.value == *number) value.text = smbios::enum_key(row.name);
        }
      } else {
        value.state = State::kBlank;
      }
      break;
    default:
      value.raw = intended.value;
      if (trim(intended.value).empty()) value.state = State::kBlank;
  }
  return value;
}

Say say_of(State state) {
  switch (state) {
    case State::kAbsentStructure:
      return Say::kFieldAbsentStructure;
    case State::kBeyondLength:
      return Say::kFieldBeyondLength;
    case State::kNotApplicable:
      return Say::kFieldNotApplicable;
    case State::kBadIndex:
      return Say::kFieldBadIndex;
    case State::kBlank:
      return Say::kFieldBlank;
    case State::kUnknown:
      return Say::kFieldUnknown;
    case State::kNoString:
    case State::kPresent:
      break;
  }
  return Say::kFieldNoString;
}

Say say_of(profiles::PlaceholderKind kind) {
  switch (kind) {
    case profiles::PlaceholderKind::kRun:
      return Say::kFieldRun;
    case profiles::PlaceholderKind::kUuidNil:
      return Say::kUuidNil;
    case profiles::PlaceholderKind::kUuidFf:
      return Say::kUuidFf;
    case profiles::PlaceholderKind::kUuidTemplate:
      return Say::kUuidTemplate;
    case profiles::PlaceholderKind::kText:
    case profiles::PlaceholderKind::kNone:
      break;
  }
  return Say::kFieldPlaceholder;
}

Say say_of(CheckKind kind) {
  switch (kind) {
    case CheckKind::kOneOf:
      return Say::kFieldOneOf;
    case CheckKind::kPattern:
      return Say::kFieldPattern;
    case CheckKind::kContains:
      return Say::kFieldContains;
    case CheckKind::kNotContains:
      return Say::kFieldNotContains;
    case CheckKind::kStartsWith:
      return Say::kFieldStartsWith;
    case CheckKind::kAtLeast:
      return Say::kFieldAtLeast;
    case CheckKind::kEquals:
    case CheckKind::kLength:
      break;
  }
  return Say::kFieldEquals;
}

std::optional<Say> say_of(profiles::UuidDoubt doubt) {
  switch (doubt) {
    case profiles::UuidDoubt::kAscii:
      return Say::kUuidAscii;
    case profiles::UuidDoubt::kMac:
      return Say::kUuidMac;
    case profiles::UuidDoubt::kTemplateMac:
      return Say::kUuidTemplateMac;
    case profiles::UuidDoubt::kByteOrder:
      return Say::kUuidByteOrder;
    case profiles::UuidDoubt::kNone:
      break;
  }
  return std::nullopt;
}

std::string join(const std::vector<std::string>& values) {
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "" : ", ") + value;
  return joined;
}

// How a defect of the table is said; how much it matters is smbios::weight()'s to say.
enum class Written : std::uint8_t { kDecimal, kHex, kHandle, kVersion };
struct DefectRow {
  smbios::DefectKind kind;
  Say say;
  Written written = Written::kDecimal;  ///< what was found
  bool folded = false;                  ///< all of the kind are one finding, after those of the fields
  Written asked = Written::kDecimal;    ///< what was expected
};
constexpr DefectRow kDefectRows[] = {
    {smbios::DefectKind::kChecksum, Say::kTableChecksum},
    {smbios::DefectKind::kTruncated, Say::kTableTruncated},
    {smbios::DefectKind::kNoEnd, Say::kTableNoEnd},
    {smbios::DefectKind::kCount, Say::kTableCount},
    {smbios::DefectKind::kSize, Say::kTableSize},
    {smbios::DefectKind::kBadLength, Say::kTableBadLength},
    {smbios::DefectKind::kDuplicateHandle, Say::kTableDuplicateHandle},
    {smbios::DefectKind::kTrailingData, Say::kTableTrailingData},
    {smbios::DefectKind::kVersion, Say::kTableVersion},
    {smbios::DefectKind::kAddress, Say::kTableAddress, Written::kHex},
    {smbios::DefectKind::kMissingStructure, Say::kStructureMissing},
    {smbios::DefectKind::kRepeatedStructure, Say::kStructureRepeated},
    {smbios::DefectKind::kShortStructure, Say::kStructureShort},
    {smbios::DefectKind::kSeveralTables, Say::kTableSeveral, Written::kHex},
    {smbios::DefectKind::kText, Say::kTableText},
    {smbios::DefectKind::kNewerVersion, Say::kTableNewerVersion, Written::kVersion, false, Written::kVersion},
    {smbios::DefectKind::kReservedHandle, Say::kTableReservedHandle, Written::kHandle, true},
    {smbios::DefectKind::kDanglingHandle, Say::kStructureDangling, Written::kHandle, true},
    {smbios::DefectKind::kBadString, Say::kStructureBadString, Written::kDecimal, true},
    {smbios::DefectKind::kCharset, Say::kStructureCharset, Written::kDecimal, true},
    {smbios::DefectKind::kControlCharacter, Say::kStructureControl, Written::kDecimal, true},
    {smbios::DefectKind::kLongString, Say::kStructureLongString, Written::kDecimal, true},
    {smbios::DefectKind::kSeveralBaseboards, Say::kBoardMotherboard, Written::kDecimal, true},
    {smbios::DefectKind::kOutOfSpec, Say::kStructureOutOfSpec, Written::kHex, true},
    {smbios::DefectKind::kReservedBits, Say::kStructureReservedBits, Written::kHex, true},
    {smbios::DefectKind::kNewerValue, Say::kStructureNewerValue, Written::kHex, true, Written::kVersion},
    {smbios::DefectKind::kBadList, Say::kStructureBadList, Written::kDecimal, true},
    {smbios::DefectKind::kAnnexA, Say::kStructureAnnexA, Written::kHex, true},
};

const DefectRow& row_of(smbios::DefectKind kind) {
  static constexpr DefectRow kUnsaid{smbios::DefectKind::kBadLength, Say::kTableBadLength};
  const auto* row = std::ranges::find(kDefectRows, kind, &DefectRow::kind);
  return row == std::end(kDefectRows) ? kUnsaid : *row;
}

// Judges one unit; short-lived, gathers into a Judgement.
class Judge {
 public:
  explicit Judge(const Question& question) : question_(question), table_(question.evidence.source.table()) {}

  Judgement run() {
    if (!judge_form_of_source() || !judge_table()) return std::move(judgement_);
    judgement_.fields.reserve(question_.profile.fields.size());
    for (const FieldRule& rule : question_.profile.fields) {
      if (rule.plain()) {
        judge_rule(rule);
      } else {
        judge_selected(rule);
      }
    }
    judge_structures();
    judge_label();
    judge_identifiers();
    judge_hardware(question_, judgement_.findings);
    gather_witnesses();
    std::ranges::move(asides_, std::back_inserter(judgement_.findings));
    for (const profiles::Waiver& waiver : question_.profile.waivers) apply(waiver);
    if (const auto left = question_.profile.unconfirmed.size(); left > 0) {
      judgement_.findings.push_back({.say = Say::kProfileUnconfirmed,
                                     .severity = Severity::kWarning,
                                     .details = {{"n", std::to_string(left)}}});
    }
    return std::move(judgement_);
  }

 private:
  [[nodiscard]] const profiles::BurnValue* intended_for(const Field& field) const {
    const auto found = std::ranges::find(question_.intended, &field, &profiles::BurnValue::field);
    return found == question_.intended.end() ? nullptr : &*found;
  }

  // As smbios::read(table_, field), with the structure of each type looked for once.
  [[nodiscard]] smbios::Reading read(const Field& field) const {
    auto known = chosen_.find(field.type);
    if (known == chosen_.end()) known = chosen_.emplace(field.type, table_.chosen(field.type)).first;
    return known->second ? smbios::read(*known->second, field, table_.version())
                         : smbios::read(table_, field);
  }

  [[nodiscard]] bool about_to_burn(const Field& field) const {
    return !question_.intended.empty() && question_.profile.burn &&
           std::ranges::find(question_.profile.burn->fields, &field) != question_.profile.burn->fields.end();
  }

  // What the field will be once this verdict is acted upon: the intended value, else the found one.
  [[nodiscard]] Value effective(const Field& field) const {
    if (const auto* intended = intended_for(field)) return value_of(*intended, table_.version());
    if (here_ && here_->type() == field.type) return value_of(smbios::read(*here_, field, table_.version()));
    return value_of(read(field));
  }

  // False when nothing further is judged.
  bool judge_form_of_source() {
    const smbios::Form form = question_.evidence.source.layout().form;
    const bool text = form == smbios::Form::kText || form == smbios::Form::kHexText;
    if (text && question_.profile.refuses_text) {
      judgement_.findings.push_back({.say = Say::kTextRefused, .unjudged = true});
      return false;
    }
    return true;
  }

  // False when nothing further can be judged.
  bool judge_table() {
    const auto defects = smbios::inspect(question_.evidence.source.layout());
    const auto has = [&](smbios::DefectKind kind) {
      return std::ranges::find(defects, kind, &smbios::Defect::kind) != defects.end();
    };
    const bool cut = has(smbios::DefectKind::kTruncated) || has(smbios::DefectKind::kBadLength);
    if ((cut || has(smbios::DefectKind::kNoEnd)) && !table_.first(1)) {
      judgement_.findings.push_back({.say = Say::kTableUnwalkable, .unjudged = true, .type = 1});
      return false;
    }
    lost_structures_ = cut && (counts_structures() ||
                               std::ranges::any_of(question_.profile.fields, [&](const FieldRule& rule) {
                                 return judged_at(question_.profile, question_.stage, rule.name()) &&
                                        (!rule.plain() || !table_.first(rule.field->type));
                               }));
    for (const smbios::Defect& defect : defects) {
      if (cut && defect.kind == smbios::DefectKind::kNoEnd) continue;  // it follows from the cut
      if (smbios::weight(defect.kind) == smbios::Weight::kNoted) continue;
      const DefectRow& row = row_of(defect.kind);
      // What firmware does, it does throughout: such findings are one, with how often.
      const auto same = [&](const smbios::Defect& other) { return other.kind == defect.kind; };
      if (row.folded && &*std::ranges::find_if(defects, same) != &defect) continue;
      add_defect(row, defect, std::ranges::count_if(defects, same));
    }
    return true;
  }

  static std::string in_words(Written written, std::uint64_t number) {
    char text[32];
    switch (written) {
      case Written::kHex:
        std::snprintf(text, sizeof text, "0x%llX", static_cast<unsigned long long>(number));
        return text;
      case Written::kHandle:
        std::snprintf(text, sizeof text, "0x%04llX", static_cast<unsigned long long>(number));
        return text;
      case Written::kVersion:
        return std::to_string(number >> 8) + "." + std::to_string(number & 0xFF);
      case Written::kDecimal:
        break;
    }
    return std::to_string(number);
  }

  static Say say_of_boards(std::uint64_t precedence) {
    return precedence == 2 ? Say::kBoardMotherboard : precedence == 1 ? Say::kBoardHosting : Say::kBoardFirst;
  }

  void add_defect(const DefectRow& row, const smbios::Defect& defect, std::ptrdiff_t times) {
    Say say = row.say;
    if (say == Say::kBoardMotherboard) say = say_of_boards(defect.expected);
    if (say == Say::kStructureAnnexA && !defect.handle) say = Say::kStructureBiosCount;
    const bool cuts = say == Say::kTableTruncated || say == Say::kTableBadLength;
    if (say == Say::kTableTruncated && defect.expected <= defect.found) say = Say::kTableCutOff;
    auto& findings = row.folded ? asides_ : judgement_.findings;
    const std::string what = defect.field != nullptr ? std::string(defect.field->keyword)
                             : defect.type           ? "Type " + std::to_string(*defect.type)
                                                     : std::string();
    findings.push_back(
        {.say = say,
         .severity =
             smbios::weight(defect.kind) == smbios::Weight::kBlocks ? Severity::kError : Severity::kWarning,
         .unjudged = cuts && lost_structures_,
         .type = defect.type,
         .handle = defect.handle,
         .found = in_words(row.written, defect.found),
         .expected = in_words(row.asked, defect.expected),
         .details = {
             {"offset", std::to_string(defect.offset)}, {"what", what}, {"times", std::to_string(times)}}});
  }

  void judge_rule(const FieldRule& rule) {
    const Field& field = *rule.field;
    const smbios::Reading found = read(field);
    report(found);
    const bool at_stage = judged_at(question_.profile, question_.stage, field);
    const bool burn = about_to_burn(field);
    if (!at_stage && !burn) {
      // It may be empty or wrong here; whose it is says who comes, with or without a label.
      if (rule.unique) look_up_found(rule, found);
      return;
    }

    const Value value = burn ? effective(field) : value_of(found);
    const bool good = judge_value(rule, value, burn);
    const bool scoped = rule.within == nullptr || !is_unknown_without_rule(effective(*rule.within));
    if (good && rule.unique && scoped) present(rule, value, scope_of(rule));
    // What it carries now is looked up too: a unit with another unit's identity is not burnt over.
    if (value.intended && rule.unique) look_up_found(rule, found);
    if (!burn) judge_first_board(rule, found);
  }

  // [*], [2], [KEYWORD=VALUE]: the rule holds for each structure that is meant, and there is one.
  void judge_selected(const FieldRule& rule) {
    const bool at_stage = judged_at(question_.profile, question_.stage, rule.name());
    bool any = false;
    unsigned number = 0;
    for (const smbios::Structure structure : table_) {
      if (structure.type() != rule.field->type) continue;
      const auto meant = selects(rule.selector, structure, ++number);
      if (meant == Selected::kNo) continue;
      any = true;
      const smbios::Reading found = smbios::read(structure, *rule.field, table_.version());
      report(found);
      judgement_.fields.back().handle = structure.handle();
      if (!at_stage) continue;
      if (meant == Selected::kUnknown) {
        add(value_of(smbios::read(structure, *rule.selector.by, table_.version())), Say::kFieldUnknown,
            Severity::kError, {}, false);
        continue;
      }
      here_ = structure;
      const std::size_t before = judgement_.findings.size();
      judge_value(rule, value_of(found), false);
      for (std::size_t i = before; i < judgement_.findings.size(); ++i)
        judgement_.findings[i].selected = true;
      here_.reset();
    }
    if (any) return;
    if (table_.count(rule.field->type) != 0) return none_selected(rule, at_stage);
    smbios::Reading absent{
        .field = rule.field, .state = State::kAbsentStructure, .version = {}, .raw = {}, .structure = {}};
    if (table_.count(rule.field->type) == 0) absent = smbios::read(table_, *rule.field);
    report(absent);
    if (at_stage) judge_value(rule, value_of(absent), false);
  }

  // The type is there, and none of its structures is meant.
  void none_selected(const FieldRule& rule, bool at_stage) {
    if (!at_stage || rule.optional) return;
    judgement_.findings.push_back({.say = Say::kFieldNoneSelected,
                                   .unjudged = lost_structures_,
                                   .keyword = std::string(rule.field->keyword),
                                   .type = rule.field->type,
                                   .offset = rule.field->offset,
                                   .state = State::kAbsentStructure,
                                   .details = {{"selected", printable(rule.name().text())}}});
  }

  enum class Selected : std::uint8_t { kNo, kYes, kUnknown };
  [[nodiscard]] Selected selects(const profiles::Selector& selector, const smbios::Structure& structure,
                                 unsigned number) const {
    using Which = profiles::Selector::Which;
    if (selector.which == Which::kEvery) return Selected::kYes;
    if (selector.which == Which::kNth) return number == selector.number ? Selected::kYes : Selected::kNo;
    const Value value = value_of(smbios::read(structure, *selector.by, table_.version()));
    if (value.state == State::kUnknown) return Selected::kUnknown;
    const bool equal =
        lower(trim(value.text)) == lower(selector.value) ||
        (selector.by->kind == smbios::Kind::kEnum && value.text == smbios::enum_key(selector.value));
    return equal != selector.unlike ? Selected::kYes : Selected::kNo;
  }

  [[nodiscard]] bool counts_structures() const {
    const auto* stage = question_.stage ? question_.profile.stage(*question_.stage) : nullptr;
    return !question_.profile.structures.empty() && (stage == nullptr || stage->judges_structures());
  }

  void judge_structures() {
    if (!counts_structures()) return;
    // A part of dmidecode's text need not have all that the unit has.
    const bool partial = !table_.known().empty() && table_.count(kEndOfTable) == 0;
    for (const profiles::StructureRule& rule : question_.profile.structures) {
      const std::size_t count = table_.count(rule.type);
      const bool few = rule.count.at_least && count < *rule.count.at_least;
      const bool many = rule.count.at_most && count > *rule.count.at_most;
      if (!few && !many && !partial && !lost_structures_) continue;
      judgement_.findings.push_back({.say = Say::kStructureCount,
                                     .severity = rule.severity,
                                     .unjudged = !many && (partial || lost_structures_),
                                     .type = rule.type,
                                     .found = std::to_string(count),
                                     .expected = in_words(rule.count),
                                     .details = {{"what", std::string(smbios::type_name(rule.type))}}});
    }
  }

  // ">= 1", "<= 4", "1..4", "2": in no language.
  static std::string in_words(const profiles::Bounds& bounds) {
    if (!bounds.at_most) return ">= " + std::to_string(bounds.at_least.value_or(0));
    if (!bounds.at_least) return "<= " + std::to_string(*bounds.at_most);
    if (*bounds.at_least == *bounds.at_most) return std::to_string(*bounds.at_least);
    return std::to_string(*bounds.at_least) + ".." + std::to_string(*bounds.at_most);
  }

  // What was not judged is never waived: nobody knows what it is.
  void apply(const profiles::Waiver& waiver) {
    const auto* stage = question_.stage ? question_.profile.stage(*question_.stage) : nullptr;
    if (stage != nullptr && !stage->waivers) return;
    bool expired = false;
    for (Finding& finding : judgement_.findings) {
      const bool meant = finding.severity == Severity::kError && !finding.unjudged &&
                         finding.rule() == waiver.rule &&
                         (waiver.field.empty() || waiver.field == finding.keyword);
      if (!meant || question_.today.empty()) continue;
      expired = question_.today > waiver.until;
      if (expired) break;
      finding.severity = Severity::kWarning;
      finding.waived =
          Waived{.until = waiver.until, .by = printable(waiver.by), .reason = printable(waiver.reason)};
    }
    if (!expired) return;
    judgement_.findings.push_back(
        {.say = Say::kWaiverExpired,
         .severity = Severity::kWarning,
         .keyword = waiver.field,
         .details = {{"what", waiver.rule}, {"by", printable(waiver.by)}, {"until", waiver.until}}});
  }

  [[nodiscard]] profiles::Placeholder detect(const Value& value) const {
    return question_.profile.placeholders->detect(*value.field, value.raw_bytes());
  }

  void report(const smbios::Reading& found) {
    FieldReport field{
        .keyword = std::string(found.field->keyword), .state = found.state, .value = {}, .raw = {}};
    if (found.state == State::kPresent || found.state == State::kBlank) {
      field.value = printable(found.field->kind == smbios::Kind::kString ? as_text(found.raw) : found.text());
      field.raw = to_hex(found.raw);
    }
    judgement_.fields.push_back(std::move(field));
  }

  // Whether the value is there and no placeholder; its checks are judged too.
  bool judge_value(const FieldRule& rule, const Value& value, bool burn) {
    if (value.state == State::kAbsentStructure && lost_structures_)
      return false;                        // it may stand behind the cut
    if (value.state == State::kUnknown) {  // nor can be told that an optional one is good
      add(value, Say::kFieldUnknown, Severity::kError, {}, burn);
      return false;
    }
    if (value.state != State::kPresent) {
      if (!rule.optional || value.intended) add(value, say_of(value.state), Severity::kError, {}, burn);
      return false;
    }
    if (const auto placeholder = detect(value)) {
      if (!rule.optional || value.intended) {
        add(value, say_of(placeholder.kind), Severity::kError, {}, burn);
      } else {
        // It need not be there; where something is, the rest of the rule holds of it.
        for (const Check& check : rule.checks) judge_check(check, value, burn);
      }
      return false;
    }
    if (value.field->kind == smbios::Kind::kString) judge_form(value, burn);
    if (value.field->kind == smbios::Kind::kUuid) judge_uuid_form(value, burn);
    for (const Check& check : rule.checks) judge_check(check, value, burn);
    return true;
  }

  // Advice of Microsoft's (facts 1): no leading, trailing or invisible characters.
  void judge_form(const Value& value, bool burn) {
    if (trim_unseen(value.raw).size() != value.raw.size()) {
      add(value, Say::kFieldWhitespace, Severity::kWarning, {}, burn);
    }
    const auto outside = [](char c) { return c < ' ' || c > '~'; };  // 80h and up is one or the other
    if (std::ranges::any_of(value.raw, outside)) add(value, Say::kFieldCharset, Severity::kWarning, {}, burn);
  }

  // No other unit has it, so it is there; how it was made is worth a warning.
  void judge_uuid_form(const Value& value, bool burn) {
    const auto say = say_of(profiles::doubt_of_uuid(value.raw_bytes(), mixed_uuid(table_.version())));
    if (say) add(value, *say, Severity::kWarning, {}, burn);
  }

  void judge_check(const Check& check, const Value& value, bool burn) {
    std::string expected = check.values.empty() ? std::string() : check.values.front();
    if (check.other != nullptr) {
      const Field& field = *check.other;
      // What is not judged yet may be anything: the stage that judges both judges how they relate.
      if (!about_to_burn(field) && !judged_at(question_.profile, question_.stage, field)) return;
      const Value other = effective(field);
      if (is_unknown_without_rule(other)) return;
      const bool there = other.state == State::kPresent;
      if (!there && question_.profile.rule(field) != nullptr) return;  // that field's own rule says so
      if (!there && check.kind == CheckKind::kNotContains) return;
      if (!there)
        return static_cast<void>(add(value, relation_say(check.kind), check.severity, absent(other), burn));
      expected = other.text;
    }
    if (check.kind == CheckKind::kLength) return judge_length(check, value, burn);
    if (check.kind == CheckKind::kOneOf) expected = join(check.values);
    if (profiles::holds(check, *value.field, value.text, expected)) return;
    add(value, say_of(check.kind), check.severity, printable(expected), burn);
  }

  // What a rule compares with and the source does not tell. Where it has a rule, that one says so.
  bool is_unknown_without_rule(const Value& value) {
    if (value.state != State::kUnknown) return false;
    if (question_.profile.rule(*value.field) == nullptr) {
      add(value, Say::kFieldUnknown, Severity::kError, {}, false);
    }
    return true;
  }

  static Say relation_say(CheckKind kind) {
    return kind == CheckKind::kContains     ? Say::kFieldContains
           : kind == CheckKind::kStartsWith ? Say::kFieldStartsWith
                                            : Say::kFieldEquals;
  }

  // "baseboard-serial-number (no-string)": what a relation names and the table does not have.
  static std::string absent(const Value& value) {
    return std::string(value.field->keyword) + " (" + std::string(smbios::state_name(value.state)) + ")";
  }

  void judge_length(const Check& check, const Value& value, bool burn) {
    const std::size_t size = value.raw.size();
    const auto add_length = [&](Say say, std::uint64_t limit) {
      Finding& finding = add(value, say, check.severity, std::to_string(limit), burn);
      finding.found = std::to_string(size);
    };
    if (check.at_most && size > *check.at_most) add_length(Say::kFieldTooLong, *check.at_most);
    if (check.at_least && size < *check.at_least) add_length(Say::kFieldTooShort, *check.at_least);
  }

  // Clause 7.3 lets a table have several boards; some readers take the first one, not the
  // motherboard. What must be there and be unique must hold for both.
  void judge_first_board(const FieldRule& rule, const smbios::Reading& chosen) {
    if (rule.field->type != 2 || !chosen.structure) return;
    const auto first = table_.first(2);
    if (!first || first->offset() == chosen.structure->offset()) return;
    const Value value = value_of(smbios::read(*first, *rule.field, table_.version()));
    const bool there = value.state == State::kPresent && !detect(value);
    if (!there && (!rule.optional || value.state == State::kUnknown)) {
      const auto placeholder = value.state == State::kPresent ? detect(value) : profiles::Placeholder{};
      add(value, placeholder ? say_of(placeholder.kind) : say_of(value.state), Severity::kError, {}, false);
    }
    if (!there || !rule.unique) return;
    // Its scope is its own: two makers may use one number.
    const bool own = rule.within != nullptr && rule.within->type == 2;
    present(rule, value,
            own ? fold(value_of(smbios::read(*first, *rule.within, table_.version())).text) : scope_of(rule));
    judgement_.presented.back().second = true;
  }

  void look_up_found(const FieldRule& rule, const smbios::Reading& found) {
    const Value value = value_of(found);
    if (value.state == State::kUnknown) add(value, Say::kFieldUnknown, Severity::kError, {}, false);
    if (value.state != State::kPresent || detect(value)) return;
    present(rule, value, rule.within != nullptr ? fold(value_of(read(*rule.within)).text) : "");
    judgement_.presented.back().claimable = false;
  }

  [[nodiscard]] std::string scope_of(const FieldRule& rule) const {
    return rule.within != nullptr ? fold(effective(*rule.within).text) : std::string();
  }

  void present(const FieldRule& rule, const Value& value, std::string scope) {
    UniqueValue unique{.keyword = std::string(rule.field->keyword),
                       .scope = std::move(scope),
                       .key = rule.field->kind == smbios::Kind::kUuid ? value.raw : fold(value.raw),
                       .shown = printable(value.text)};
    (value.intended ? judgement_.intended : judgement_.presented).push_back(std::move(unique));
  }

  void judge_label() {
    if (trim(question_.label).empty()) return;  // a scanner's empty read names no unit
    const auto& rule = question_.profile.label;
    const std::string shown = printable(question_.label);
    if (rule && rule->pattern && !RE2::FullMatch(question_.label, *rule->pattern)) {
      judgement_.findings.push_back(
          {.say = Say::kLabelPattern, .keyword = "label", .found = shown, .expected = rule->pattern_text});
      return;
    }
    if (is_filler(question_.profile, question_.label)) {
      judgement_.findings.push_back({.say = Say::kScannedPlaceholder, .keyword = "label", .found = shown});
      return;
    }
    judgement_.presented.push_back(
        {.keyword = "label", .scope = {}, .key = fold(question_.label), .shown = shown});
    if (!rule || rule->equals == nullptr) return;
    const Field& field = *rule->equals;
    const bool burn = about_to_burn(field);
    if (!burn && !judged_at(question_.profile, question_.stage, field)) return;
    const Value value = effective(field);
    if (is_unknown_without_rule(value)) return;
    if (value.state == State::kPresent && value.text == question_.label) return;
    const FieldRule* own = question_.profile.rule(field);
    const bool there = value.state == State::kPresent && !detect(value);
    if (!there && own != nullptr && !own->optional) return;  // said already
    Finding& finding =
        add(value, Say::kLabelMismatch, Severity::kError,
            value.state == State::kPresent ? printable(value.text) : absent(value), value.intended);
    finding.found = shown;
  }

  void judge_identifiers() {
    const auto* stage = question_.stage ? question_.profile.stage(*question_.stage) : nullptr;
    for (const profiles::IdentifierRule& rule : question_.profile.identifiers) {
      const auto given = question_.identifiers.find(rule.name);
      if (given == question_.identifiers.end() || trim(given->second).empty()) {
        const bool asked = !rule.optional && (stage == nullptr || !stage->only);
        if (asked) {
          judgement_.findings.push_back(
              {.say = Say::kIdentifierMissing, .unjudged = true, .keyword = rule.name});
        }
        continue;
      }
      const std::string shown = printable(given->second);
      if (rule.pattern && !RE2::FullMatch(given->second, *rule.pattern)) {
        judgement_.findings.push_back({.say = Say::kIdentifierPattern,
                                       .keyword = rule.name,
                                       .found = shown,
                                       .expected = rule.pattern_text});
      } else if (is_filler(question_.profile, given->second)) {
        judgement_.findings.push_back(
            {.say = Say::kScannedPlaceholder, .keyword = rule.name, .found = shown});
      } else if (rule.unique) {
        judgement_.presented.push_back(
            {.keyword = rule.name, .scope = {}, .key = fold(given->second), .shown = shown});
      }
    }
  }

  void gather_witnesses() {
    const auto& cards = question_.evidence.hardware.nics;
    if (!cards || !question_.profile.has_witness(profiles::Witness::kNicMac)) return;
    for (const std::string& mac : nic_macs(*cards, question_.fixtures).macs) {
      judgement_.witnesses.push_back({.keyword = std::string(witness_name(profiles::Witness::kNicMac)),
                                      .key = mac,
                                      .shown = printable(mac)});
    }
  }

  Finding& add(const Value& value, Say say, Severity severity, std::optional<std::string> expected,
               bool burn) {
    Finding finding{
        .say = say,
        .severity = severity,
        .unjudged = value.state == State::kUnknown,
        .keyword = std::string(value.field->keyword),
        .type = value.field->type,
        .offset = value.field->offset,
        .handle = value.handle,
        .state = value.state,
        .found = value.state == State::kPresent ? std::optional(printable(value.text)) : std::nullopt,
        .expected = std::move(expected)};
    if (burn) {
      finding.cause = say;
      finding.say = value.intended ? Say::kBurnIntended : Say::kBurnNotGiven;
    }
    judgement_.findings.push_back(std::move(finding));
    return judgement_.findings.back();
  }

  const Question& question_;
  Table table_;
  Judgement judgement_;
  std::vector<Finding> asides_;  // of the whole table, after what concerns the identity
  mutable std::map<std::uint8_t, std::optional<smbios::Structure>> chosen_;
  std::optional<smbios::Structure> here_;  // the one that a selector means, while it is judged
  bool lost_structures_ = false;           // the table is cut off before a structure that is judged
};

}  // namespace

Sha256 UniqueValue::id() const {
  // Lengths stand before the parts: no two triples give the same text.
  std::string text = keyword + '\n' + std::to_string(scope.size()) + '\n' + scope;
  text += key;
  return sha256(text);
}

std::string fold(std::string_view text) { return lower(trim(text)); }

bool is_filler(const Profile& profile, std::string_view scanned) {
  const Field& serial = *smbios::find_field("system-serial-number");
  const auto found = profile.placeholders->detect(
      serial, {reinterpret_cast<const std::uint8_t*>(scanned.data()), scanned.size()});
  return found.kind == profiles::PlaceholderKind::kRun || (found && !found.matched.empty());
}

Judgement judge(const Question& question) { return Judge(question).run(); }

std::string text_of(const smbios::Reading& reading) {
  if (reading.field->kind == smbios::Kind::kString && reading.state == State::kPresent)
    return std::string(as_text(reading.raw));
  return reading.field->kind == smbios::Kind::kEnum ? smbios::enum_key(reading.text()) : reading.text();
}

bool mixed_uuid(smbios::Version version) { return !version.known() || version >= smbios::Version{2, 6, 0}; }

Finding clone(const std::vector<WitnessValue>& presented, std::string holder) {
  std::vector<std::string> found;
  for (const WitnessValue& witness : presented) found.push_back(witness.shown);
  return {.say = Say::kClone,
          .keyword = std::string(witness_name(profiles::Witness::kNicMac)),
          .found = found.empty() ? "-" : join(found),
          .details = {{"holder", std::move(holder)}}};
}

bool judged_at(const Profile& profile, std::optional<Stage> stage, const profiles::FieldName& field) {
  if (!stage) return true;
  const profiles::StageRule* rule = profile.stage(*stage);
  return rule == nullptr || rule->judges(field);
}

Match match_profiles(const std::vector<Profile>& candidates, const Table& table, std::string_view label,
                     std::optional<Stage> stage) {
  Match match;
  std::vector<const Profile*> by_label;
  std::vector<const Field*> looked_at;
  for (const Profile& profile : candidates) {
    if (stage && profile.stage(*stage) == nullptr) continue;
    if (!label.empty() && profile.label && profile.label->pattern &&
        RE2::FullMatch(re2::StringPiece(label.data(), label.size()), *profile.label->pattern)) {
      by_label.push_back(&profile);
    }
    bool matches = !profile.match.empty();
    for (const profiles::MatchRule& rule : profile.match) {
      if (std::ranges::find(looked_at, rule.field) == looked_at.end()) looked_at.push_back(rule.field);
      const Value value = value_of(smbios::read(table, *rule.field));
      matches = matches && judged_at(profile, stage, *rule.field) && value.state == State::kPresent &&
                std::ranges::find(rule.values, value.text) != rule.values.end();
    }
    if (matches) match.profiles.push_back(&profile);
  }
  // A label's form names the model before the table does; the table decides between several.
  if (!by_label.empty()) {
    std::erase_if(by_label, [&](const Profile* profile) {
      return by_label.size() > 1 && !match.profiles.empty() &&
             std::ranges::find(match.profiles, profile) == match.profiles.end();
    });
    match.profiles = by_label;
  }
  for (const Field* field : looked_at) {
    const smbios::Reading reading = smbios::read(table, *field);
    match.seen += (match.seen.empty() ? "" : ", ") + std::string(field->keyword) + " ";
    match.seen += reading.state == State::kPresent ? "\"" + printable(reading.text()) + "\""
                                                   : std::string(smbios::state_name(reading.state));
  }
  if (!label.empty()) match.seen += (match.seen.empty() ? "label " : ", label ") + printable(label);
  return match;
}

bool equals_intended(const Table& table, const Field& field, const std::string& intended) {
  const smbios::Reading found = smbios::read(table, field);
  if (found.state != State::kPresent) return false;
  const Value wanted = value_of(profiles::BurnValue{&field, intended}, table.version());
  return wanted.state == State::kPresent && value_of(found).text == wanted.text;
}

std::vector<Compared> compare_burnt(const Table& table, const std::vector<Intended>& intended) {
  std::vector<Compared> all;
  for (const Intended& value : intended) {
    Compared compared{.keyword = value.keyword, .intended = value.value};
    if (const Field* field = smbios::find_field(value.keyword)) {
      const smbios::Reading reading = smbios::read(table, *field);
      compared.state = reading.state;
      if (reading.state == State::kPresent) compared.found = printable(reading.text());
      compared.equal = equals_intended(table, *field, value.value);
    }
    all.push_back(std::move(compared));
  }
  return all;
}

}  // namespace dmigate::gate
