#include "gate/audit/screen.h"

#include <algorithm>

#include "profiles/check.h"

namespace dmigate::gate::audit {
namespace {

using profiles::Check;
using profiles::CheckKind;
using profiles::FieldRule;
using smbios::DefectKind;
using smbios::Field;
using smbios::Reading;
using smbios::State;

constexpr std::size_t kMostAnswers = 4096;   // then all are forgotten: their memory is bounded
constexpr std::size_t kMostAnswer = 8192;    // bytes of one with its key: a longer one is judged each time
constexpr std::size_t kMostSiblings = 64;    // models whose files are known again
constexpr std::size_t kMostFile = 1U << 16;  // bytes of one
constexpr std::size_t kMostGood = 8;         // values of a field that are known to be good

std::size_t index_of(const Field& field, std::vector<const Field*>& wanted) {
  const auto found = std::ranges::find(wanted, &field);
  if (found != wanted.end()) return static_cast<std::size_t>(found - wanted.begin());
  wanted.push_back(&field);
  return wanted.size() - 1;
}

void put_size(std::size_t size, std::string& key) {
  key.append(reinterpret_cast<const char*>(&size), sizeof size);
}

bool is_text(smbios::Form form) { return form == smbios::Form::kText || form == smbios::Form::kHexText; }

}  // namespace

Screen::Screen(const Request& request) : request_(request) {
  for (const profiles::Profile& profile : request.profiles) {
    plans_.push_back(plan_of(profile));
    for (const profiles::MatchRule& rule : profile.match) index_of(*rule.field, match_fields_);
  }
  match_readings_.resize(match_fields_.size());
}

Screen::Plan Screen::plan_of(const profiles::Profile& profile) {
  Plan plan{.profile = &profile};
  for (const FieldRule& field_rule : profile.fields) {
    plan.quick = plan.quick && field_rule.plain();
    Rule rule{.rule = &field_rule, .reading = index_of(*field_rule.field, plan.wanted)};
    if (field_rule.within != nullptr) rule.within = index_of(*field_rule.within, plan.wanted);
    for (const Check& check : field_rule.checks)
      rule.others.push_back(check.other == nullptr ? rule.reading : index_of(*check.other, plan.wanted));
    plan.rules.push_back(std::move(rule));
  }
  return plan;
}

void Screen::add_reading(const Reading& reading, std::string& key) {
  key += static_cast<char>(reading.state);
  put_size(reading.raw.size(), key);
  key.append(smbios::ByteView(reading.raw).text());
  const smbios::Kind kind = reading.field->kind;
  if (kind == smbios::Kind::kString || kind == smbios::Kind::kUuid) return;
  // Of the others the rules compare the text, which may stand elsewhere in the structure: an extended size,
  // strings.
  const std::string text = reading.text();
  put_size(text.size(), key);
  key += text;
}

std::optional<std::size_t> Screen::choose(const smbios::Table& table) {
  if (!request_.match) return 0;
  if (!table.known().empty()) return std::nullopt;  // text: what it does not tell is no value
  smbios::read(table, match_fields_, match_readings_);
  key_.assign(1, mixed_uuid(table.version()) ? 'm' : 'r');
  for (const Reading& reading : match_readings_) add_reading(reading, key_);
  if (const auto found = matches_.find(key_); found != matches_.end()) return found->second;
  const Match match = match_profiles(request_.profiles, table, {}, std::nullopt);
  std::optional<std::size_t> chosen;
  if (match.profiles.size() == 1)
    chosen = static_cast<std::size_t>(match.profiles.front() - request_.profiles.data());
  if (key_.size() > kMostAnswer) return chosen;
  if (matches_.size() >= kMostAnswers) matches_.clear();
  matches_.emplace(key_, chosen);
  return chosen;
}

const Answer* Screen::look(const smbios::Source& source, std::size_t profile) {
  plan_ = nullptr;
  shown_ = &readings_;
  Plan& plan = plans_[profile];
  if (!plan.quick || is_text(source.layout().form)) return nullptr;
  const smbios::Table table = source.table();
  const smbios::Version version = table.version();
  key_.clear();
  for (const std::uint8_t part : {version.major, version.minor, version.revision})
    key_ += static_cast<char>(part);
  if (!add_defects(source)) return nullptr;
  add_counts(table, *plan.profile);
  head_ = key_.size();
  readings_.resize(plan.wanted.size());
  smbios::read(table, plan.wanted, readings_);
  good_.assign(plan.rules.size(), false);
  for (std::size_t i = 0; i < plan.rules.size(); ++i) {
    good_[i] = is_good(plan.rules[i], *plan.profile->placeholders);
    add_rule(plan.rules[i], good_[i]);
  }
  plan_ = &plan;
  const auto found = plan.answers.find(key_);
  return found == plan.answers.end() ? nullptr : &found->second;
}

Sibling* Screen::find_sibling(smbios::Bytes file) {
  const auto found =
      std::ranges::find_if(siblings_, [&](const auto& sibling) { return sibling->is_of(file); });
  if (found == siblings_.end()) return nullptr;
  Sibling* const sibling = found->get();
  ++sibling->hits;
  if (found != siblings_.begin() && (*(found - 1))->hits < sibling->hits)  // the commonest stand first
    std::iter_swap(found, found - 1);
  return sibling;
}

const Answer* Screen::look_at_sibling(smbios::Bytes file) {
  Sibling* const sibling = find_sibling(file);
  if (sibling == nullptr) return nullptr;
  for (const Sibling::Moved& moved : sibling->moved) {
    smbios::Bytes& raw = sibling->readings[moved.reading].raw;
    raw = file.subspan(moved.offset, raw.size());
  }
  Plan& plan = plans_[sibling->profile];
  plan_ = &plan;
  shown_ = &sibling->readings;
  const bool all_good = judge_anew(*sibling);
  if (all_good && sibling->of_good != nullptr) return sibling->of_good;
  key_ = sibling->head;
  for (std::size_t i = 0; i < plan.rules.size(); ++i) {
    if (sibling->anew[i]) {
      add_rule(plan.rules[i], good_[i]);
    } else {
      key_ += sibling->parts[i];
    }
  }
  const auto found = plan.answers.find(key_);
  if (found == plan.answers.end()) return nullptr;
  if (all_good) sibling->of_good = &found->second;
  return &found->second;
}

// Whether the unit is good by all rules that ask for what is its own.
bool Screen::judge_anew(const Sibling& sibling) {
  bool all = true;
  good_ = sibling.good;
  for (std::size_t i = 0; i < plan_->rules.size(); ++i) {
    if (!sibling.anew[i]) continue;
    good_[i] = is_good(plan_->rules[i], *plan_->profile->placeholders);
    all = all && good_[i];
  }
  return all;
}

void Screen::keep_sibling(const smbios::Source& source, std::size_t profile) {
  if (plan_ == nullptr || source.bytes().size() > kMostFile || key_.size() > kMostAnswer) return;
  const smbios::Bytes file = source.bytes();
  if (std::ranges::any_of(siblings_, [&](const auto& each) { return each->is_of(file); })) return;
  auto own = own_bytes(source);
  if (!own) return;
  auto sibling = std::make_unique<Sibling>(
      Sibling{.file = {file.begin(), file.end()}, .own = *std::move(own), .profile = profile});
  const auto in_copy = [&](smbios::Bytes raw) {
    if (raw.empty()) return smbios::Bytes();
    return smbios::Bytes(sibling->file)
        .subspan(static_cast<std::size_t>(raw.data() - file.data()), raw.size());
  };
  for (const Reading& reading : readings_) {
    Reading& kept = sibling->readings.emplace_back(reading);
    kept.structure.reset();
    kept.raw = in_copy(reading.raw);
  }
  // Which profile is for it must not hang on what is the unit's own.
  const bool chosen = request_.match && std::ranges::any_of(match_readings_, [&](const Reading& reading) {
                        return sibling->has_own(in_copy(reading.raw));
                      });
  if (chosen || !tell_anew(*sibling)) return;
  sibling->head = key_.substr(0, head_);
  sibling->good = good_;
  const std::string whole = std::move(key_);
  for (std::size_t i = 0; i < plan_->rules.size(); ++i) {
    key_.clear();
    add_rule(plan_->rules[i], good_[i]);
    sibling->parts.push_back(key_);
  }
  key_ = whole;
  if (siblings_.size() < kMostSiblings) {
    siblings_.push_back(std::move(sibling));
  } else {
    *std::ranges::min_element(siblings_, {}, [](const auto& each) { return each->hits; }) =
        std::move(sibling);
  }
}

// Which rules ask for what is the unit's own. False where such a rule needs more than strings and UUIDs.
bool Screen::tell_anew(Sibling& sibling) const {
  std::vector<bool> moved(sibling.readings.size());
  for (const Rule& rule : plan_->rules) {
    std::vector<std::size_t> asked = rule.others;
    asked.push_back(rule.reading);
    if (rule.within) asked.push_back(*rule.within);
    const bool anew = rule.rule->unique || std::ranges::any_of(asked, [&](std::size_t each) {
                        return sibling.has_own(sibling.readings[each].raw);
                      });
    const bool simple = std::ranges::all_of(asked, [&](std::size_t each) {
      const smbios::Kind kind = sibling.readings[each].field->kind;
      return kind == smbios::Kind::kString || kind == smbios::Kind::kUuid;
    });
    if (anew && !simple) return false;
    sibling.anew.push_back(anew);
    for (const std::size_t each : asked) moved[each] = moved[each] || anew;
  }
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const smbios::Bytes raw = sibling.readings[i].raw;
    if (moved[i] && !raw.empty())
      sibling.moved.push_back({i, static_cast<std::size_t>(raw.data() - sibling.file.data())});
  }
  return true;
}

// False where the judge must see them: they block, and its sentences say where they stand; or there are
// several boards, of which it looks at two.
bool Screen::add_defects(const smbios::Source& source) {
  const auto defects = inspector_.inspect(source.layout());
  for (std::size_t i = 0, same = 0; i < defects.size(); i += same) {
    const smbios::Defect& defect = defects[i];
    const bool placed = defect.handle.has_value();
    for (same = 1; i + same < defects.size(); ++same) {
      const smbios::Defect& other = defects[i + same];
      if (other.kind != defect.kind || other.handle.has_value() != placed) break;
    }
    const smbios::Weight weight = smbios::weight(defect.kind);
    if (weight == smbios::Weight::kBlocks || defect.kind == DefectKind::kSeveralBaseboards) return false;
    if (weight == smbios::Weight::kNoted) continue;
    key_ += static_cast<char>(defect.kind);
    key_ += placed ? '+' : '-';
    put_size(same, key_);
  }
  key_ += '\xFF';
  return true;
}

void Screen::add_counts(const smbios::Table& table, const profiles::Profile& profile) {
  for (const profiles::StructureRule& rule : profile.structures) put_size(table.count(rule.type), key_);
}

void Screen::add_rule(const Rule& rule, bool good) {
  key_ += good ? '+' : '-';
  if (good) return;
  add_reading(shown(rule.reading), key_);
  for (const std::size_t other : rule.others) add_reading(shown(other), key_);
}

// What recurs is compared with what was good before; what is each unit's own does not recur.
bool Screen::is_good(Rule& rule, const profiles::Placeholders& placeholders) {
  const Reading& reading = shown(rule.reading);
  if (reading.state != State::kPresent) return false;
  if (rule.rule->unique) return is_good_afresh(rule, placeholders);
  value_.clear();
  value_ += mixed_uuid(reading.version) ? 'm' : 'r';
  add_reading(reading, value_);
  for (const std::size_t other : rule.others) {
    if (other != rule.reading) add_reading(shown(other), value_);
  }
  if (std::ranges::find(rule.good, value_) != rule.good.end()) return true;
  if (!is_good_afresh(rule, placeholders)) return false;
  if (value_.size() > kMostAnswer) return true;
  if (rule.good.size() < kMostGood) {
    rule.good.push_back(value_);
  } else {
    rule.good[rule.next_good++ % kMostGood] = value_;
  }
  return true;
}

bool Screen::is_good_afresh(const Rule& rule, const profiles::Placeholders& placeholders) const {
  const Reading& reading = shown(rule.reading);
  if (placeholders.detect(*reading.field, reading.raw)) return false;
  if (reading.field->kind == smbios::Kind::kString) {
    const std::string_view text = smbios::ByteView(reading.raw).text();
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    if (!std::ranges::all_of(text, printable) || text.starts_with(' ') || text.ends_with(' ')) return false;
  }
  const bool uuid = reading.field->kind == smbios::Kind::kUuid;
  if (uuid && profiles::doubt_of_uuid(reading.raw, mixed_uuid(reading.version)) != profiles::UuidDoubt::kNone)
    return false;
  const auto& checks = rule.rule->checks;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (!holds(checks[i], reading, shown(rule.others[i]))) return false;
  }
  return true;
}

bool Screen::holds(const Check& check, const Reading& reading, const Reading& other) const {
  if (check.other != nullptr && other.state != State::kPresent) return false;
  if (check.kind == CheckKind::kLength) {
    return reading.raw.size() >= check.at_least.value_or(0) &&
           reading.raw.size() <= check.at_most.value_or(~std::uint64_t{0});
  }
  const std::string expected = check.other != nullptr ? text_of(other)
                               : check.values.empty() ? std::string()
                                                      : check.values.front();
  return profiles::holds(check, *reading.field, text_of(reading), expected);
}

void Screen::learn(std::string head, const std::vector<UniqueValue>& presented) {
  if (plan_ == nullptr || key_.size() + head.size() > kMostAnswer) return;
  Answer answer{.head = std::move(head), .presented = {}};
  for (std::size_t i = 0; i < plan_->rules.size(); ++i) {
    const FieldRule& rule = *plan_->rules[i].rule;
    const bool is_presented = rule.unique && std::ranges::find(presented, rule.field->keyword,
                                                               &UniqueValue::keyword) != presented.end();
    if (is_presented) answer.presented.push_back(i);
    if (good_[i] && rule.unique && !is_presented) return;  // the judge sees it otherwise: it is always asked
  }
  if (plan_->answers.size() >= kMostAnswers) forget_answers(*plan_);
  plan_->answers.emplace(key_, std::move(answer));
}

const std::vector<Screen::Unique>& Screen::unique(const Answer& answer) {
  unique_.clear();
  for (const std::size_t i : answer.presented) {
    const Rule& rule = plan_->rules[i];
    unique_.push_back(
        {rule.rule, &shown(rule.reading), rule.within ? &shown(*rule.within) : nullptr, good_[i]});
  }
  return unique_;
}

void Screen::forget_answers(Plan& plan) {
  for (const auto& sibling : siblings_) sibling->of_good = nullptr;
  plan.answers.clear();
}

}  // namespace dmigate::gate::audit
