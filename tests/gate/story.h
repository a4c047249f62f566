// What happens in a plant, made from a number: the same number, the same story. Each step is done at the
// registry and in the model, and both must say the same.
#pragma once

#include <functional>
#include <random>

#include "tests/gate/plant_model.h"

namespace dmigate::gate {

class Story {
 public:
  // kModel, with network cards as witnesses.
  static std::string profile();

  Story(const Plant& plant, unsigned seed);

  // Around each change that is asked for: before the model has made it, and once the registry has answered.
  struct Watch {
    std::function<void()> asked = [] {};
    std::function<void()> answered = [] {};
  };
  void watch(Watch watch) { watch_ = std::move(watch); }

  // The next step; with no registry in the model alone. What the registry says otherwise, in words.
  Words step(Registry* registry);
  // What the registry holds otherwise than the model, once it is at rest.
  [[nodiscard]] Words differences(Registry& registry) const;

  [[nodiscard]] const PlantModel& model() const { return model_; }
  // How often which outcome, rule or step has been met.
  [[nodiscard]] const std::map<std::string, int>& met() const { return met_; }

 private:
  // A machine as it stands on the line, whatever anybody knows of it.
  struct Machine {
    int number = 0;
    std::map<std::string, std::string> shown;
    std::map<std::string, std::string> written;  ///< in its flash, seen after the next boot
    std::string label;
    std::set<std::string> cards;
    int boots = 0;
  };
  struct Command {
    int opened = 0;
    std::size_t machine = 0;
    std::map<std::string, std::string> burn;
    std::optional<Verdict> verdict;  ///< what opened it, where there was a registry
  };

  using Do = void (Story::*)(Registry*);
  struct Chance {
    unsigned weight;
    const char* name;
    Do happens;
  };
  static const std::vector<Chance>& chances();

  void look_at_one(Registry* registry);
  void start_run(Registry* registry);
  void start_burn(Registry* registry);
  void end_command(Registry* registry);
  void reboot(Registry* registry);
  void swap_boards(Registry* registry);
  void copy_identity(Registry* registry);
  void build_machine(Registry* registry);
  void replace(Registry* registry);
  void exchange_boards_and_back(Registry* registry);
  void retire(Registry* registry);
  void resolve(Registry* registry);
  void show_golden(Registry* registry);
  void die_before_commit(Registry* registry);

  unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
  std::size_t known_machine();
  std::size_t any_machine() { return dice(static_cast<unsigned>(machines_.size())); }
  Machine new_machine();
  void see(std::size_t machine, Look look, Registry* registry);
  bool decide(const std::string& who, const std::vector<PlantModel::Exchange>& parts, Registry* registry);
  void compare_claims(Registry& registry);
  void compare(const std::string& what, const std::string& expected, const std::string& said);
  [[nodiscard]] fixtures::UnitDescription describe(const Machine& machine) const;
  [[nodiscard]] std::string boot_of(std::size_t machine) const;
  [[nodiscard]] std::string some_value(std::size_t machine);

  const Plant& plant_;
  std::mt19937 random_;
  PlantModel model_;
  fixtures::UnitDescription good_;
  std::vector<Machine> machines_;
  std::vector<Command> commands_;
  std::map<int, std::string> ids_;                        ///< the registry's, by the model's units
  std::set<std::pair<std::string, std::string>> values_;  ///< every one that was ever seen, with its keyword
  std::map<std::string, int> met_;
  Words differs_;
  int built_ = 0;
  Watch watch_;
};

}  // namespace dmigate::gate
