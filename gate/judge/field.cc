#include "gate/judge/field.h"

#include <algorithm>

#include "profiles/check.h"
#include "smbios/ascii.h"
#include "smbios/unseen.h"

namespace dmigate::gate {
namespace {

using profiles::Check;
using profiles::CheckKind;
using profiles::FieldRule;
using smbios::Field;
using smbios::State;
using smbios::Table;

std::string_view as_text(smbios::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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

Say relation_say(CheckKind kind) {
  return kind == CheckKind::kContains     ? Say::kFieldContains
         : kind == CheckKind::kStartsWith ? Say::kFieldStartsWith
                                          : Say::kFieldEquals;
}

}  // namespace

std::string join(const std::vector<std::string>& values) {
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "" : ", ") + value;
  return joined;
}

std::string fold(std::string_view text) { return lowered(trimmed(text)); }

std::string text_of(const smbios::Reading& reading) {
  if (reading.field->kind == smbios::Kind::kString && reading.state == State::kPresent)
    return std::string(as_text(reading.raw));
  return reading.field->kind == smbios::Kind::kEnum ? smbios::enum_key(reading.text()) : reading.text();
}

bool mixed_uuid(smbios::Version version) { return !version.known() || version >= smbios::Version{2, 6, 0}; }

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

Value value_of(const smbios::Reading& reading) {
  Value value{
      .field = reading.field, .state = reading.state, .raw = std::string(as_text(reading.raw)), .text = {}};
  value.text = text_of(reading);
  if (reading.structure) value.handle = reading.structure->handle();
  return value;
}

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
      if (trimmed(intended.value).empty()) value.state = State::kBlank;
  }
  return value;
}

void FieldJudge::judge_fields() {
  judgement_.fields.reserve(question_.profile.fields.size());
  for (const FieldRule& rule : question_.profile.fields) chosen_.try_emplace(rule.field->type);
  table_.choose(chosen_);
  for (const FieldRule& rule : question_.profile.fields) {
    if (rule.plain()) {
      judge_rule(rule);
    } else {
      judge_selected(rule);
    }
  }
}

const profiles::BurnValue* FieldJudge::intended_for(const Field& field) const {
  const auto found = std::ranges::find(question_.intended, &field, &profiles::BurnValue::field);
  return found == question_.intended.end() ? nullptr : &*found;
}

// As smbios::read(table_, field), with the structure of each type looked for once.
smbios::Reading FieldJudge::read(const Field& field) const {
  auto known = chosen_.find(field.type);
  if (known == chosen_.end()) known = chosen_.emplace(field.type, table_.chosen(field.type)).first;
  return known->second ? smbios::read(*known->second, field, table_.version())
                       : smbios::absent(table_, field);
}

bool FieldJudge::about_to_burn(const Field& field) const {
  return !question_.intended.empty() && question_.profile.burn &&
         std::ranges::find(question_.profile.burn->fields, &field) != question_.profile.burn->fields.end();
}

Value FieldJudge::effective(const Field& field) const {
  if (const auto* intended = intended_for(field)) return value_of(*intended, table_.version());
  if (here_ && here_->type() == field.type) return value_of(smbios::read(*here_, field, table_.version()));
  return value_of(read(field));
}

void FieldJudge::judge_rule(const FieldRule& rule) {
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
void FieldJudge::judge_selected(const FieldRule& rule) {
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
    for (std::size_t i = before; i < judgement_.findings.size(); ++i) judgement_.findings[i].selected = true;
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
void FieldJudge::none_selected(const FieldRule& rule, bool at_stage) {
  if (!at_stage || rule.optional) return;
  judgement_.findings.push_back({.say = Say::kFieldNoneSelected,
                                 .unjudged = lost_structures_,
                                 .keyword = std::string(rule.field->keyword),
                                 .type = rule.field->type,
                                 .offset = rule.field->offset,
                                 .state = State::kAbsentStructure,
                                 .details = {{"selected", printable(rule.name().text())}}});
}

FieldJudge::Selected FieldJudge::selects(const profiles::Selector& selector,
                                         const smbios::Structure& structure, unsigned number) const {
  using Which = profiles::Selector::Which;
  if (selector.which == Which::kEvery) return Selected::kYes;
  if (selector.which == Which::kNth) return number == selector.number ? Selected::kYes : Selected::kNo;
  const Value value = value_of(smbios::read(structure, *selector.by, table_.version()));
  if (value.state == State::kUnknown) return Selected::kUnknown;
  const bool equal =
      lowered(trimmed(value.text)) == lowered(selector.value) ||
      (selector.by->kind == smbios::Kind::kEnum && value.text == smbios::enum_key(selector.value));
  return equal != selector.unlike ? Selected::kYes : Selected::kNo;
}

profiles::Placeholder FieldJudge::detect(const Value& value) const {
  return question_.profile.placeholders->detect(*value.field, value.raw_bytes());
}

void FieldJudge::report(const smbios::Reading& found) {
  FieldReport field{
      .keyword = std::string(found.field->keyword), .state = found.state, .value = {}, .raw = {}};
  if (found.state == State::kPresent || found.state == State::kBlank) {
    field.value = printable(found.field->kind == smbios::Kind::kString ? as_text(found.raw) : found.text());
    field.raw = to_hex(found.raw);
  }
  judgement_.fields.push_back(std::move(field));
}

// Whether the value is there and no placeholder; its checks are judged too.
bool FieldJudge::judge_value(const FieldRule& rule, const Value& value, bool burn) {
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
void FieldJudge::judge_form(const Value& value, bool burn) {
  if (trim_unseen(value.raw).size() != value.raw.size()) {
    add(value, Say::kFieldWhitespace, Severity::kWarning, {}, burn);
  }
  const auto outside = [](char c) { return c < ' ' || c > '~'; };  // 80h and up is one or the other
  if (std::ranges::any_of(value.raw, outside)) add(value, Say::kFieldCharset, Severity::kWarning, {}, burn);
}

// No other unit has it, so it is there; how it was made is worth a warning.
void FieldJudge::judge_uuid_form(const Value& value, bool burn) {
  const auto say = say_of(profiles::doubt_of_uuid(value.raw_bytes(), mixed_uuid(table_.version())));
  if (say) add(value, *say, Severity::kWarning, {}, burn);
}

void FieldJudge::judge_check(const Check& check, const Value& value, bool burn) {
  if (check.kind == CheckKind::kLength) return judge_length(check, value, burn);
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
  if (check.kind == CheckKind::kOneOf) expected = join(check.values);
  if (profiles::holds(check, *value.field, value.text, expected)) return;
  add(value, say_of(check.kind), check.severity, printable(expected), burn);
}

bool FieldJudge::is_unknown_without_rule(const Value& value) {
  if (value.state != State::kUnknown) return false;
  if (question_.profile.rule(*value.field) == nullptr) {
    add(value, Say::kFieldUnknown, Severity::kError, {}, false);
  }
  return true;
}

std::string absent(const Value& value) {
  return std::string(value.field->keyword) + " (" + std::string(smbios::state_name(value.state)) + ")";
}

void FieldJudge::judge_length(const Check& check, const Value& value, bool burn) {
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
void FieldJudge::judge_first_board(const FieldRule& rule, const smbios::Reading& chosen) {
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

void FieldJudge::look_up_found(const FieldRule& rule, const smbios::Reading& found) {
  const Value value = value_of(found);
  if (value.state == State::kUnknown) add(value, Say::kFieldUnknown, Severity::kError, {}, false);
  if (value.state != State::kPresent || detect(value)) return;
  present(rule, value, rule.within != nullptr ? fold(value_of(read(*rule.within)).text) : "");
  judgement_.presented.back().claimable = false;
}

std::string FieldJudge::scope_of(const FieldRule& rule) const {
  return rule.within != nullptr ? fold(effective(*rule.within).text) : std::string();
}

void FieldJudge::present(const FieldRule& rule, const Value& value, std::string scope) {
  UniqueValue unique{.keyword = std::string(rule.field->keyword),
                     .scope = std::move(scope),
                     .key = rule.field->kind == smbios::Kind::kUuid ? value.raw : fold(value.raw),
                     .shown = printable(value.text)};
  (value.intended ? judgement_.intended : judgement_.presented).push_back(std::move(unique));
}

Finding& FieldJudge::add(const Value& value, Say say, Severity severity, std::optional<std::string> expected,
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

}  // namespace dmigate::gate
