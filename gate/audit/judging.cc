#include "gate/audit/judging.h"

#include <sodium.h>

#include <cstring>

#include "gate/judge/phrases.h"

namespace dmigate::gate::audit {

UniqueHash::UniqueHash() { randombytes_buf(secret_.data(), secret_.size()); }

UniqueKey UniqueHash::operator()(std::string_view keyword, std::string_view scope, std::string_view key,
                                 std::string& scratch) const {
  static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof secret_);
  // Lengths stand before the parts: no two triples give the same text.
  scratch.assign(keyword);
  scratch += '\n';
  const std::uint64_t size = scope.size();
  scratch.append(reinterpret_cast<const char*>(&size), sizeof size);
  scratch.append(scope);
  scratch.append(key);
  unsigned char hash[crypto_shorthash_siphashx24_BYTES];
  crypto_shorthash_siphashx24(hash, reinterpret_cast<const unsigned char*>(scratch.data()), scratch.size(),
                              secret_.data());
  UniqueKey made;
  static_assert(sizeof made == sizeof hash);
  std::memcpy(&made, hash, sizeof made);
  return made;
}

void Judging::clear() {
  briefs_.clear();
  values_.clear();
  keys_.clear();
  texts_.clear();
  words_.clear();
  head_.clear();
  cards_known_ = false;
}

std::string_view Judging::kept(std::string_view keyword) {
  if (const smbios::Field* field = smbios::find_field(keyword)) return field->keyword;
  const auto found = keywords_.find(keyword);
  return found != keywords_.end() ? *found : *keywords_.emplace(keyword).first;
}

void Judging::judge(smbios::Source table, std::string_view path, std::string& encoded) {
  clear();
  const auto profile = screen_.choose(table.table());
  const Answer* answer = profile ? screen_.look(table, *profile) : nullptr;
  if (profile) screen_.keep_sibling(table, *profile);
  if (answer != nullptr) {
    encoded += answer->head;
    say_again(*answer);
  } else {
    const Evidence evidence{.source = std::move(table)};
    const auto presented = judge_afresh(evidence, head_);
    encoded += head_;
    if (profile) screen_.learn(head_, presented);
  }
  encode_tail(path, values_, encoded);
}

void Judging::judge(const Evidence& evidence, std::string_view path, std::string& encoded) {
  clear();
  judge_afresh(evidence, encoded);
  encode_tail(path, values_, encoded);
}

bool Judging::judge_sibling(smbios::Bytes file, std::string_view path, std::string& encoded) {
  const Answer* answer = screen_.look_at_sibling(file);
  if (answer == nullptr) return false;
  clear();
  encoded += answer->head;
  say_again(*answer);
  encode_tail(path, values_, encoded);
  return true;
}

void Judging::say_again(const Answer& answer) {
  for (const Screen::Unique& unique : screen_.unique(answer)) {
    const smbios::Reading& reading = *unique.reading;
    const std::string_view raw = smbios::ByteView(reading.raw).text();
    const bool uuid = unique.rule->field->kind == smbios::Kind::kUuid;
    const bool as_it_stands = unique.plain && reading.field->kind == smbios::Kind::kString;
    if (!as_it_stands) texts_.push_back(printable(reading.text()));
    const std::string_view shown = as_it_stands ? raw : std::string_view(texts_.back());
    take({.keyword = unique.rule->field->keyword,
          .value = shown,
          .scope = unique.within == nullptr ? std::string() : fold(text_of(*unique.within)),
          .key = uuid ? std::string(raw) : fold(raw)});
  }
}

void Judging::take(const Shown& value) {
  keys_.push_back(hash_(value.keyword, value.scope, value.key, scratch_));
  Shown& taken = values_.emplace_back(value);
  taken.scope = kept_for_registry(value.scope);
  taken.key = kept_for_registry(value.key);
}

std::string_view Judging::kept_for_registry(std::string_view text) {
  return request_.registry == nullptr || text.empty() ? std::string_view() : texts_.emplace_back(text);
}

// Null: the finding says why.
const profiles::Profile* Judging::choose(const smbios::Table& table, std::vector<Finding>& findings) const {
  if (!request_.match) return &request_.profiles.front();
  const Match match = match_profiles(request_.profiles, table, {}, std::nullopt);
  if (match.profiles.size() == 1) return match.profiles.front();
  if (match.profiles.empty()) {
    findings.push_back({.say = Say::kNoMatch, .found = match.seen});
    return nullptr;
  }
  std::string names;
  for (const profiles::Profile* profile : match.profiles)
    names += (names.empty() ? "" : ", ") + profile->name;
  findings.push_back({.say = Say::kProfileAmbiguous, .unjudged = true, .found = names});
  return nullptr;
}

std::vector<UniqueValue> Judging::judge_afresh(const Evidence& evidence, std::string& head) {
  std::vector<Finding> findings;
  const profiles::Profile* profile = choose(evidence.source.table(), findings);
  if (profile == nullptr) {
    conclude(std::move(findings), nullptr, head);
    return {};
  }
  Judgement judgement = gate::judge({.evidence = evidence,
                                     .profile = *profile,
                                     .stage = {},
                                     .label = {},
                                     .identifiers = {},
                                     .today = request_.today,
                                     .fixtures = request_.fixtures});
  take(judgement);
  cards_known_ = evidence.hardware.nics.has_value();
  conclude(std::move(judgement.findings), profile, head);
  return std::move(judgement.presented);
}

void Judging::take(const Judgement& judgement) {
  const auto shown = [&](const std::string& text) -> std::string_view { return texts_.emplace_back(text); };
  for (const UniqueValue& value : judgement.presented)
    take({.keyword = kept(value.keyword),
          .value = shown(value.shown),
          .scope = value.scope,
          .key = value.key,
          .second = value.second});
  for (const WitnessValue& witness : judgement.witnesses)
    take({.keyword = kept(witness.keyword),
          .value = shown(witness.shown),
          .key = witness.key,
          .witness = true});
}

void Judging::trouble(const Error& error, std::string_view path, std::string& encoded) {
  clear();
  conclude({{.say = Say::kSourceUnreadable,
             .unjudged = true,
             .details = {{"detail", printable(error.what)}, {"cure", printable(error.advice)}}}},
           nullptr, encoded);
  encode_tail(path, values_, encoded);
}

void Judging::other(std::string_view why, std::string_view path, std::string& encoded) {
  clear();
  words_ = translated(why, request_.language);
  encode_head({.kind = Kind::kOther, .words = words_}, encoded);
  encode_tail(path, values_, encoded);
}

void Judging::conclude(std::vector<Finding> findings, const profiles::Profile* profile, std::string& head) {
  Record record{.cards_known = cards_known_};
  Cures cures;
  if (profile != nullptr) {
    const auto index = static_cast<std::size_t>(profile - request_.profiles.data());
    record.model = static_cast<std::uint16_t>(index);
    if (index < request_.tools.size()) cures.tool = request_.tools[index].get();
    if (profile->burn) cures.burn = &*profile->burn;
  }
  for (Finding& finding : findings) {  // nobody scans anything in an audit
    if (finding.say == Say::kIdentifierMissing) finding.severity = Severity::kWarning;
  }
  Verdict verdict{.findings = std::move(findings)};
  verdict.conclude(profile);
  record.outcome = verdict.outcome;
  record.enforced = verdict.enforced;
  for (const Finding& finding : verdict.findings) {
    briefs_.push_back({finding.say, finding.severity, finding.unjudged, kept(finding.keyword)});
    if (finding.severity != Severity::kError) continue;
    const Sentence said = sentence(finding, request_.language, cures);
    words_.append(said.message).append("\t").append(said.advice).append("\n");
  }
  record.briefs = briefs_;
  record.words = words_;
  encode_head(record, head);
}

}  // namespace dmigate::gate::audit
