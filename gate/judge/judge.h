// judge: the decision, a pure function of what was read and what the model must look like.
//
//   Judgement judgement = judge({evidence, profile, Stage::kPreImage, label, identifiers});
//
// It reads no clock, file or registry. What only the registry can tell (duplicates, the order of
// stages, a pending burn) is added by gate/registry, in the transaction that records the verdict.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/verdict.h"
#include "smbios/sha256.h"

namespace dmigate::gate {

// A value that may belong to one unit only. `key` is what is compared: ASCII-trimmed and case-folded,
// other bytes untouched; a UUID is its 16 raw bytes.
struct UniqueValue {
  std::string keyword;  ///< a field's, an identifier's name, or "label"
  std::string scope;    ///< folded value of the `within` field; empty: unique everywhere
  std::string key;
  std::string shown;      ///< as read, printable UTF-8
  bool second = false;    ///< of the first Type 2 where that is not the motherboard: some readers take it
  bool claimable = true;  ///< false: looked up, not claimed (a field that is about to be burnt over)

  // SHA-256 over keyword, scope and key: what the registry indexes.
  [[nodiscard]] Sha256 id() const;
  // SHA-256 over the key alone: what a lookup by value uses.
  [[nodiscard]] Sha256 value_id() const { return sha256(key); }
};

// The key of a text as people type it (a scanned label, a lookup).
std::string fold(std::string_view text);

// Words, or a run, where a number should have been printed on a label. A short one is a plant's own way.
bool is_filler(const profiles::Placeholders& lists, std::string_view scanned);

struct Question {
  const Evidence& evidence;
  const profiles::Profile& profile;
  std::optional<Stage> stage;                      ///< none: judge everything
  std::string label;                               ///< empty or blanks: none was scanned
  std::map<std::string, std::string> identifiers;  ///< an empty or blank one was not scanned
  // The values that a burn would write; not empty only for dmigate burn. Each field is one that the
  // profile's burn writes.
  std::vector<profiles::BurnValue> intended = {};
  std::string today = {};  ///< UTC, "2026-11-20": what waivers are held against; empty: none counts
  // Addresses of the station's own adapters, as NetworkCard::mac has them: no cards of the unit.
  std::vector<std::string> fixtures = {};
};

// A hardware value that a copied DMI does not copy.
struct WitnessValue {
  std::string keyword;  ///< "nic-mac"
  std::string key;      ///< what is compared: "02:fc:00:00:00:01"
  std::string shown;
};

struct Judgement {
  std::vector<Finding> findings;    ///< errors as the operator should meet them: fields first
  std::vector<FieldReport> fields;  ///< every field that the profile names
  std::vector<UniqueValue>
      presented;  ///< unique values found good on the unit, label and identifiers included
  std::vector<UniqueValue> intended;  ///< unique ones among the intended values
  // Of the kinds that the profile names, whatever the stage judges; each once, by keyword and key.
  std::vector<WitnessValue> witnesses;
};

Judgement judge(const Question& question);

// A reading's value as rules compare it: a string's bytes as stored, an enumeration's key, else its text.
std::string text_of(const smbios::Reading& reading);
// A UUID is rendered with its first groups swapped since 2.6; a bare table is taken for a newer one.
bool mixed_uuid(smbios::Version version);

// What the registry says of a unit that carries a known one's identity and none of its witnesses. `holder`:
// the known unit, in words. `presented`: what this unit has instead; may be empty.
Finding clone(const std::vector<WitnessValue>& presented, std::string holder);

// A stage's view of the profile: the rules that are judged at `stage`.
bool judged_at(const profiles::Profile& profile, std::optional<Stage> stage,
               const profiles::FieldName& field);

// Which of the candidates this unit's table and label match. Uses only fields that the stage judges.
struct Match {
  std::vector<const profiles::Profile*> profiles;  ///< none: profile.no-match; several: ambiguous
  std::string seen;                                ///< what was looked at, for the message
};
Match match_profiles(const std::vector<profiles::Profile>& candidates, const smbios::Table& table,
                     std::string_view label, std::optional<Stage> stage);

// Whether what is found equals what was intended, in the field's own kind (strings byte for byte,
// UUIDs and enumerations by value).
bool equals_intended(const smbios::Table& table, const smbios::Field& field, const std::string& intended);

// Each intended value of a burn against what the table has.
std::vector<Compared> compare_burnt(const smbios::Table& table, const std::vector<Intended>& intended);

}  // namespace dmigate::gate
