// The quick way to what judge() says of a table: what it said of one unit is said again of every other that
// shows the same. Inside gate/audit only.
//
// A field that is good by itself (it is there, no placeholder, and all that the profile asks of it holds)
// counts as good, whatever its value; of any other the value counts. A unit that shows what none before it
// showed is judged by judge(), and what that said is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gate/audit/audit.h"
#include "gate/audit/siblings.h"
#include "gate/judge/judge.h"
#include "smbios/inspector.h"

namespace dmigate::gate::audit {

// What is kept of what judge() said.
struct Answer {
  std::string head;                    ///< of the record (record.h), whoever's it is
  std::vector<std::size_t> presented;  ///< rules whose value is one that may be only one unit's
};

// For one thread.
class Screen {
 public:
  // `request` must live as long as this.
  explicit Screen(const Request& request);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Which of the request's profiles is for the table, as match_profiles() has it; none: it finds none, or
  // several.
  std::optional<std::size_t> choose(const smbios::Table& table);

  // What was said of a unit that showed the same; nullptr: judge() must be asked. Holds until learn().
  const Answer* look(const smbios::Source& source, std::size_t profile);
  // The same of a file whose bytes are those of one that was seen before, but for what is the unit's own: it
  // need not be parsed. nullptr: it must be. The file must live as long as what is asked of the unit.
  const Answer* look_at_sibling(smbios::Bytes file);
  // What look() was asked for last is remembered for its siblings, where none is known yet.
  void keep_sibling(const smbios::Source& source, std::size_t profile);
  // What judge() said of the unit that look() was asked for last, where it had no answer.
  void learn(std::string head, const std::vector<UniqueValue>& presented);

  // The values of that unit that may be only its own: a row for each, valid as long as the source is.
  struct Unique {
    const profiles::FieldRule* rule;
    const smbios::Reading* reading;
    const smbios::Reading* within;  ///< nullptr: unique everywhere
    bool plain;                     ///< it is good by itself: its text is all printable ASCII
  };
  [[nodiscard]] const std::vector<Unique>& unique(const Answer& answer);

 private:
  struct Rule {
    const profiles::FieldRule* rule = nullptr;
    std::size_t reading = 0;
    std::optional<std::size_t> within;
    std::vector<std::size_t> others;  ///< by check; its own reading where it names no other field
    std::vector<std::string> good;    ///< values, with those that they were compared with, that were good
    std::size_t next_good = 0;
  };
  struct Plan {
    const profiles::Profile* profile = nullptr;
    bool quick = true;  ///< what it asks can be told quickly
    std::vector<const smbios::Field*> wanted;
    std::vector<Rule> rules;
    std::unordered_map<std::string, Answer> answers;
  };
  static Plan plan_of(const profiles::Profile& profile);
  Sibling* find_sibling(smbios::Bytes file);
  bool judge_anew(const Sibling& sibling);
  void forget_answers(Plan& plan);
  bool add_defects(const smbios::Source& source);
  void add_counts(const smbios::Table& table, const profiles::Profile& profile);
  void add_rule(const Rule& rule, bool good);
  bool tell_anew(Sibling& sibling) const;
  static void add_reading(const smbios::Reading& reading, std::string& key);
  [[nodiscard]] const smbios::Reading& shown(std::size_t reading) const { return (*shown_)[reading]; }
  bool is_good(Rule& rule, const profiles::Placeholders& placeholders);
  [[nodiscard]] bool is_good_afresh(const Rule& rule, const profiles::Placeholders& placeholders) const;
  [[nodiscard]] bool holds(const profiles::Check& check, const smbios::Reading& reading,
                           const smbios::Reading& other) const;

  const Request& request_;
  smbios::Inspector inspector_;
  std::vector<Plan> plans_;
  std::vector<const smbios::Field*> match_fields_;
  std::unordered_map<std::string, std::optional<std::size_t>> matches_;
  std::vector<smbios::Reading> readings_, match_readings_;
  const std::vector<smbios::Reading>* shown_ = &readings_;  // of the last unit
  std::vector<bool> good_;                                  // by rule, of the last unit
  std::size_t head_ = 0;                                    // how much of its key is not of rules
  std::vector<std::unique_ptr<Sibling>> siblings_;
  std::vector<Unique> unique_;
  std::string key_, value_;
  Plan* plan_ = nullptr;  // of the last unit; nullptr: nothing is learnt of it
};

}  // namespace dmigate::gate::audit
