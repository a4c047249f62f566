// What a plant's registry must know, in memory, slowly, and as plainly as docs/registry.md has it: the tests
// hold the registry against it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/gate/units.h"

namespace dmigate::gate {

// One unit before one station.
struct Look {
  Stage stage = Stage::kPreImage;
  Purpose purpose = Purpose::kCheck;
  std::string label;  ///< empty: not scanned
  std::string boot;
  std::map<std::string, std::string> shown;  ///< the unique fields that its table has, by keyword
  std::map<std::string, std::string> burn;   ///< what is to be burnt
  std::set<std::string> cards;
  std::vector<Finding> judged;  ///< what its table alone is blamed for
};

class PlantModel {
 public:
  struct Claim {
    std::string keyword, value, state, disposition;
    auto operator<=>(const Claim&) const = default;
  };
  struct Work {
    std::string kind, state, boot;
    std::map<std::string, std::string> intended;
    int opened = 0;  ///< which of all that were opened
    std::size_t visit = 0;
  };
  struct Passage {
    std::string kind;  ///< "check", "run", "burn", "rework"
    std::optional<Stage> stage;
    bool passed = false;
  };
  struct Unit {
    std::vector<Claim> claims;
    std::set<std::string> cards;
    std::vector<Passage> passages;
    std::optional<Work> work;
    bool retired = false;
  };
  struct Answer {
    std::string outcome;  ///< "PASS", "FAIL", "ERROR"
    Words rules;          ///< with their keywords, sorted
    int unit = -1;        ///< none: nobody can tell
    int opened = 0;       ///< the burn or run that it opened; 0: none
  };
  struct Exchange {
    std::string keyword, value, disposition;
  };

  Answer visit(const Look& look);
  // Of a command: false, and nothing happens, when somebody else has ended it.
  bool close(int opened, bool well);
  // A person's decisions about the unit that `who` names: false where they are refused.
  bool resolve(const std::string& who);
  bool replace(const std::string& who, const std::vector<Exchange>& parts);
  bool retire(const std::string& who, const std::string& board);

  [[nodiscard]] bool knows(const std::string& keyword, const std::string& value) const {
    return holder(keyword, value) >= 0;
  }
  // The unit that the latest call was about; -1: none.
  [[nodiscard]] int touched() const { return touched_; }
  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }

 private:
  struct Blame {
    std::string rule;
    bool blocks = true, unjudged = false;
  };
  struct Told {
    int unit = -1;
    bool is_new = false;
  };

  [[nodiscard]] int holder(const std::string& keyword, const std::string& value) const;
  [[nodiscard]] int named(const std::string& who) const;
  Told tell(const Look& look, std::vector<Blame>& blames) const;
  void contradict(const Unit& unit, const Look& look, std::vector<Blame>& blames) const;
  void look_at_burn(const Look& look, int unit, std::vector<Blame>& blames) const;
  static bool passed(const Unit& unit, Stage after);
  static void ask_order(const Look& look, const Unit* unit, std::vector<Blame>& blames);
  static bool exchange(Unit& unit, const Exchange& part);
  [[nodiscard]] bool take(Unit& unit, int self, const Exchange& part, const Unit& before) const;
  void claim(Unit& unit, const Look& look);

  std::vector<Unit> units_;
  int opened_ = 0;
  int touched_ = -1;
};

// The words in which tests compare: "field.empty system-serial-number".
std::string rule_of(const Finding& finding);

}  // namespace dmigate::gate
