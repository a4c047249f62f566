#include "gate/judge/judge.h"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>

#include "gate/evidence/devices.h"
#include "gate/judge/field.h"
#include "gate/judge/hardware.h"

namespace dmigate::gate {
namespace {

using profiles::FieldRule;
using profiles::Profile;
using smbios::Field;
using smbios::State;
using smbios::Table;

constexpr std::uint8_t kEndOfTable = 127;

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
    {smbios::DefectKind::kVersion, Say::kTableVersion, Written::kVersion},
    {smbios::DefectKind::kAddress, Say::kTableAddress, Written::kHex},
    {smbios::DefectKind::kMissingStructure, Say::kStructureMissing},
    {smbios::DefectKind::kRepeatedStructure, Say::kStructureRepeated},
    {smbios::DefectKind::kShortStructure, Say::kStructureShort},
    {smbios::DefectKind::kSeveralTables, Say::kTableSeveral},
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
    FieldJudge fields(question_, table_, lost_structures_, judgement_);
    fields.judge_fields();
    judge_structures();
    judge_label(fields);
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
         .found = in_words(say == Say::kStructureBiosCount ? Written::kDecimal : row.written, defect.found),
         .expected = in_words(row.asked, defect.expected),
         .details = {
             {"offset", std::to_string(defect.offset)}, {"what", what}, {"times", std::to_string(times)}}});
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

  void judge_label(FieldJudge& fields) {
    if (trimmed(question_.label).empty()) return;  // a scanner's empty read names no unit
    const auto& rule = question_.profile.label;
    const std::string shown = printable(question_.label);
    if (rule && rule->pattern && !RE2::FullMatch(question_.label, *rule->pattern)) {
      judgement_.findings.push_back(
          {.say = Say::kLabelPattern, .keyword = "label", .found = shown, .expected = rule->pattern_text});
      return;
    }
    if (is_filler(*question_.profile.placeholders, question_.label)) {
      judgement_.findings.push_back({.say = Say::kScannedPlaceholder, .keyword = "label", .found = shown});
      return;
    }
    judgement_.presented.push_back(
        {.keyword = "label", .scope = {}, .key = fold(question_.label), .shown = shown});
    if (!rule || rule->equals == nullptr) return;
    const Field& field = *rule->equals;
    const bool burn = fields.about_to_burn(field);
    if (!burn && !judged_at(question_.profile, question_.stage, field)) return;
    const Value value = fields.effective(field);
    if (fields.is_unknown_without_rule(value)) return;
    if (value.state == State::kPresent && value.text == question_.label) return;
    const FieldRule* own = question_.profile.rule(field);
    const bool there = value.state == State::kPresent && !fields.detect(value);
    if (!there && own != nullptr && !own->optional) return;  // said already
    Finding& finding =
        fields.add(value, Say::kLabelMismatch, Severity::kError,
                   value.state == State::kPresent ? printable(value.text) : absent(value), value.intended);
    finding.found = shown;
  }

  void judge_identifiers() {
    const auto* stage = question_.stage ? question_.profile.stage(*question_.stage) : nullptr;
    for (const profiles::IdentifierRule& rule : question_.profile.identifiers) {
      const auto given = question_.identifiers.find(rule.name);
      if (given == question_.identifiers.end() || trimmed(given->second).empty()) {
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
      } else if (is_filler(*question_.profile.placeholders, given->second)) {
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

  const Question& question_;
  Table table_;
  Judgement judgement_;
  std::vector<Finding> asides_;   // of the whole table, after what concerns the identity
  bool lost_structures_ = false;  // the table is cut off before a structure that is judged
};

}  // namespace

Sha256 UniqueValue::id() const {
  // Lengths stand before the parts: no two triples give the same text.
  std::string text = keyword + '\n' + std::to_string(scope.size()) + '\n' + scope;
  text += key;
  return sha256(text);
}

bool is_filler(const profiles::Placeholders& lists, std::string_view scanned) {
  const Field& serial = *smbios::find_field("system-serial-number");
  const auto found =
      lists.detect(serial, {reinterpret_cast<const std::uint8_t*>(scanned.data()), scanned.size()});
  return found.kind == profiles::PlaceholderKind::kRun || (found && !found.matched.empty());
}

Judgement judge(const Question& question) { return Judge(question).run(); }

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

}  // namespace dmigate::gate
