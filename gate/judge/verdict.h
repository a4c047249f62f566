// The verdict: what the gate says of one unit, and its two forms, text and JSON
// (schema dmigate.verdict/1).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/evidence/evidence.h"
#include "gate/evidence/text.h"
#include "gate/judge/messages.h"
#include "profiles/burn_tool.h"
#include "profiles/profile.h"

namespace dmigate::gate {

using profiles::Severity;
using profiles::Stage;

enum class Outcome : std::uint8_t {
  kPass,
  kFail,      ///< the unit is at fault
  kError,     ///< it could not be judged; outranks kFail
  kObserved,  ///< mode observe
};
std::string_view outcome_name(Outcome outcome);  ///< "PASS"

// By decision of a named person a finding does not block for a while.
struct Waived {
  std::string until;  ///< the last day, UTC
  std::string by;
  std::string reason;
};

struct Finding {
  Say say;
  Severity severity = Severity::kError;
  bool unjudged = false;              ///< makes the outcome ERROR and not FAIL
  std::string keyword;                ///< a field's, an identifier's name, "label", or empty
  std::optional<std::uint8_t> type;   ///< structure type
  std::optional<std::size_t> offset;  ///< of the field in its structure, bytes
  std::optional<smbios::Handle> handle;
  std::optional<smbios::State> state;
  std::optional<std::string> found;  ///< printable UTF-8
  std::optional<std::string> expected;
  bool selected = false;  ///< one of several structures is meant: the sentence says which, by its handle
  Details details;        ///< for the sentence's other placeholders
  std::optional<Waived> waived;  ///< then its severity is kWarning
  std::optional<Say> cause;      ///< its sentence becomes {detail}: why an intended value is not good

  [[nodiscard]] std::string_view rule() const { return message(say).rule; }
};

// A field as it was found, whether it was judged or not.
struct FieldReport {
  std::string keyword;
  smbios::State state;
  std::optional<std::string> value;           ///< printable UTF-8
  std::optional<std::string> raw;             ///< hex
  std::optional<smbios::Handle> handle = {};  ///< of a rule for several structures: whose it is
};

// Who is asking: said by station.yaml, the environment and flags.
struct Station {
  std::string id;
  std::string line;
  std::string operator_name;
  std::string work_order;
  std::string lot;
  std::string shift;
};

struct SourceReport {
  std::string form;
  std::string path;
  std::string sha256;
  std::string smbios;
  std::optional<std::string> boot_id;
};

struct ProfileReport {
  std::string name;
  std::uint64_t version = 0;
  std::string sha256;
};

struct Intended {
  std::string keyword;
  std::string value;
};

// What became of a burn. A burn that ended well is pending until post-burn proves it in another boot.
struct BurnReport {
  std::string tool;
  std::string state;  ///< "open", "pending", "failed", "verified", "mismatch"
  std::vector<Intended> intended;
};

struct CommandReport {
  std::vector<std::string> argv;
  std::optional<int> exit_status;
  std::optional<int> signal;
  bool timed_out = false;
  bool interrupted = false;
  std::int64_t duration_us = 0;
  std::uint64_t output_bytes = 0;
  std::string output;  ///< head and tail, printable UTF-8
};

struct Verdict {
  Outcome outcome = Outcome::kError;
  std::optional<Outcome> enforced;  ///< kObserved: what it would have been
  bool recorded = false;
  bool golden = false;  ///< of a golden unit: recorded, and opens nothing
  std::optional<Stage> stage;
  std::string unit;   ///< the registry's id; empty while the unit is not known
  std::string label;  ///< empty: none was scanned
  std::map<std::string, std::string> identifiers;
  std::vector<FieldReport> fields;
  std::optional<ProfileReport> profile;
  std::optional<SourceReport> source;
  Station station;
  std::vector<Finding> findings;
  std::optional<BurnReport> burn;
  std::optional<CommandReport> command;
  std::optional<std::uint64_t> station_seq;  ///< of its record
  std::string record_hash;
  std::string started;  ///< UTC
  std::int64_t duration_us = 0;

  // The outcome that the findings ask for: ERROR if any could not be judged, else FAIL if any blocks.
  [[nodiscard]] Outcome judged() const;
  // Sets the outcome to it; where the profile only observes, that is kept in `enforced`.
  void conclude(const profiles::Profile* by);
};

// What the sentences need beyond the finding itself: how an empty field is cured on this line.
struct Cures {
  const profiles::BurnTool* tool = nullptr;  ///< nullptr: the profile names none
  const profiles::BurnRule* burn = nullptr;  ///< which fields the plant's burn writes
};

struct Sentence {
  std::string message;
  std::string advice;  ///< may be empty
};
Sentence sentence(const Finding& finding, Language language, const Cures& cures);

// One line of JSON, ending in a newline. Every string in it is valid UTF-8.
std::string to_json(const Verdict& verdict, Language language, const Cures& cures);
// The same without "record", always in English: what a journal record holds.
std::string to_record_json(const Verdict& verdict, const Cures& cures);

// A few lines for people: outcome, unit and stage first, then each finding with its advice.
// `colour`: with ANSI colours, for a terminal.
std::string to_text(const Verdict& verdict, Language language, const Cures& cures, bool colour);

}  // namespace dmigate::gate
