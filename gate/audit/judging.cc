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

void Judging::clear(std::string_view path) {
  record_ = Record{.path = path};
  briefs_.clear();
  unique_.clear();
  values_.clear();
  keys_.clear();
  words_.clear();
}

std::string_view Judging::kept(std::string_view keyword) {
  if (const smbios::Field* field = smbios::find_field(keyword)) return field->keyword;
  const auto found = keywords_.find(keyword);
  return found != keywords_.end() ? *found : *keywords_.emplace(keyword).first;
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

const Record& Judging::judge(const Evidence& evidence, std::string_view path) {
  clear(path);
  std::vector<Finding> findings;
  const profiles::Profile* profile = choose(evidence.source.table(), findings);
  if (profile == nullptr) return conclude(std::move(findings), nullptr);
  Judgement judgement = gate::judge({.evidence = evidence,
                                     .profile = *profile,
                                     .stage = {},
                                     .label = {},
                                     .identifiers = {},
                                     .today = request_.today});
  take(std::move(judgement.presented));
  return conclude(std::move(judgement.findings), profile);
}

void Judging::take(std::vector<UniqueValue> presented) {
  unique_ = std::move(presented);
  for (const UniqueValue& value : unique_) {
    keys_.push_back(hash_(value.keyword, value.scope, value.key, scratch_));
    values_.push_back({kept(value.keyword), value.shown});
  }
  record_.values = values_;
}

const Record& Judging::trouble(const Error& error, std::string_view path) {
  clear(path);
  return conclude({{.say = Say::kSourceUnreadable,
                    .unjudged = true,
                    .details = {{"detail", printable(error.what)}, {"cure", printable(error.advice)}}}},
                  nullptr);
}

const Record& Judging::other(std::string_view why, std::string_view path) {
  clear(path);
  record_.kind = Kind::kOther;
  words_ = translated(why, request_.language);
  record_.words = words_;
  return record_;
}

const Record& Judging::conclude(std::vector<Finding> findings, const profiles::Profile* profile) {
  Cures cures;
  if (profile != nullptr) {
    const auto index = static_cast<std::size_t>(profile - request_.profiles.data());
    record_.model = static_cast<std::uint16_t>(index);
    if (index < request_.tools.size()) cures.tool = request_.tools[index].get();
    if (profile->burn) cures.burn = &*profile->burn;
  }
  Verdict verdict{.findings = std::move(findings)};
  verdict.conclude(profile);
  record_.outcome = verdict.outcome;
  record_.enforced = verdict.enforced;
  for (const Finding& finding : verdict.findings) {
    briefs_.push_back({finding.say, finding.severity, finding.unjudged, kept(finding.keyword)});
    if (finding.severity != Severity::kError) continue;
    const Sentence said = sentence(finding, request_.language, cures);
    words_.append(said.message).append("\t").append(said.advice).append("\n");
  }
  record_.briefs = briefs_;
  record_.words = words_;
  return record_;
}

}  // namespace dmigate::gate::audit
