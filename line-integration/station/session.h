// One call at one station: read the unit, judge it, record it, and start the burn or the image only on
// PASS. This is the interlock: cli and service hand a Request in and get a Verdict out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gate/judge/judge.h"
#include "gate/registry/registry.h"
#include "line-integration/burn/supervisor.h"
#include "line-integration/capture/capture.h"
#include "line-integration/station/settings.h"

namespace dmigate::line {

struct Request {
  std::optional<std::string> source;  ///< none: this machine
  std::optional<std::string>
      evidence;         ///< evidence or an inventory that goes with it; evidence may stand for it
  Given given;          ///< what is told of the unit and cannot be read from it
  std::string profile;  ///< name or file; empty: found by label or match
  std::optional<gate::Stage> stage;  ///< none: judge everything, record nothing
  std::string label;
  std::map<std::string, std::string> identifiers;
  bool dry_run = false;
  bool golden = false;  ///< check: a golden or engineering unit (gate::Purpose::kGolden)
  // dmigate burn
  std::vector<std::pair<std::string, std::string>> set;  ///< keyword, value
  std::string tool;                                      ///< empty: the station's, else the profile's
  // dmigate run
  std::vector<std::string> command;
  std::optional<std::chrono::milliseconds> timeout;  ///< of the burn or the image
  int output_fd = 1;                                 ///< where the command's output goes
};

// What came out of a call, with what its sentences need.
struct Answer {
  gate::Verdict verdict;
  std::shared_ptr<const profiles::Profile> profile;  ///< nullptr: none was found
  std::shared_ptr<const profiles::BurnTool> tool;    ///< nullptr: none is named, or it was not needed
  [[nodiscard]] gate::Cures cures() const;
};

// Fails only with kConfiguration: wrong usage, or a profile, tool or station file that does not hold.
// Everything else that goes wrong is a Verdict with outcome ERROR.
class Session {
 public:
  explicit Session(Settings settings, gate::Surroundings surroundings = gate::Surroundings::real());

  Result<Answer> check(const Request& request);
  Result<Answer> burn(const Request& request);
  Result<Answer> run(const Request& request);

 private:
  struct Case;  ///< one call's way through the session
  Result<Case> open_case(const Request& request, gate::Purpose purpose);
  Result<void> choose_profile(Case& now);
  Result<void> choose_tool(Case& now);
  Result<void> judge(Case& now);
  Result<void> record(Case& now);
  Result<void> consult(Case& now);
  Result<gate::Registry> open_registry();
  Result<Answer> carry_out(Case now, const std::vector<std::string>& argv, std::chrono::milliseconds timeout);

  Settings settings_;
  gate::Surroundings surroundings_;
};

}  // namespace dmigate::line
