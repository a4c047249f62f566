// The rules on single fields: what a value is, and what its rule says of it. The rules on the whole unit are
// in judge.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/judge/judge.h"
#include "profiles/placeholder.h"

namespace dmigate::gate {

// A value that is judged: what was found, or what is to be burnt.
struct Value {
  const smbios::Field* field;
  smbios::State state = smbios::State::kPresent;
  std::string raw;   ///< bytes as stored
  std::string text;  ///< as people write it; enumerations as their key
  std::optional<smbios::Handle> handle;
  bool intended = false;

  [[nodiscard]] smbios::Bytes raw_bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()};
  }
};

Value value_of(const smbios::Reading& reading);
// An intended value as it would be found. A text that is no value of the field's kind keeps an empty
// `raw`: burn_command() refuses it before anything is run.
Value value_of(const profiles::BurnValue& intended, smbios::Version version);

std::string join(const std::vector<std::string>& values);  ///< "a, b"
std::string absent(const Value& value);  ///< "baseboard-serial-number (no-string)": named, and not there

// Judges the fields of one unit; short-lived. What it is made of outlives it.
class FieldJudge {
 public:
  // `lost_structures`: the table is cut off before a structure that is judged.
  FieldJudge(const Question& question, const smbios::Table& table, bool lost_structures, Judgement& judgement)
      : question_(question), table_(table), lost_structures_(lost_structures), judgement_(judgement) {}

  // Every field that the profile names, in its order.
  void judge_fields();

  [[nodiscard]] bool about_to_burn(const smbios::Field& field) const;
  // What the field will be once this verdict is acted upon: the intended value, else the found one.
  [[nodiscard]] Value effective(const smbios::Field& field) const;
  [[nodiscard]] profiles::Placeholder detect(const Value& value) const;
  // What a rule compares with and the source does not tell. Where it has a rule, that one says so.
  bool is_unknown_without_rule(const Value& value);
  // Adds a finding about `value`. `burn`: it is among those that are about to be burnt.
  Finding& add(const Value& value, Say say, Severity severity, std::optional<std::string> expected,
               bool burn);

 private:
  enum class Selected : std::uint8_t { kNo, kYes, kUnknown };

  [[nodiscard]] const profiles::BurnValue* intended_for(const smbios::Field& field) const;
  [[nodiscard]] smbios::Reading read(const smbios::Field& field) const;
  void judge_rule(const profiles::FieldRule& rule);
  void judge_selected(const profiles::FieldRule& rule);
  void none_selected(const profiles::FieldRule& rule, bool at_stage);
  [[nodiscard]] Selected selects(const profiles::Selector& selector, const smbios::Structure& structure,
                                 unsigned number) const;
  void report(const smbios::Reading& found);
  bool judge_value(const profiles::FieldRule& rule, const Value& value, bool burn);
  void judge_form(const Value& value, bool burn);
  void judge_uuid_form(const Value& value, bool burn);
  void judge_check(const profiles::Check& check, const Value& value, bool burn);
  void judge_length(const profiles::Check& check, const Value& value, bool burn);
  void judge_first_board(const profiles::FieldRule& rule, const smbios::Reading& chosen);
  void look_up_found(const profiles::FieldRule& rule, const smbios::Reading& found);
  [[nodiscard]] std::string scope_of(const profiles::FieldRule& rule) const;
  void present(const profiles::FieldRule& rule, const Value& value, std::string scope);

  const Question& question_;
  const smbios::Table& table_;
  bool lost_structures_;
  Judgement& judgement_;
  mutable smbios::Table::ChosenByType chosen_;
  std::optional<smbios::Structure> here_;  // the one that a selector means, while it is judged
};

}  // namespace dmigate::gate
