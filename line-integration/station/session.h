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
#include "line-integration/permit/permit.h"
#include "line-integration/station/settings.h"

namespace dmigate::line {

struct Request {
  // What an agent has read of the unit, and a station vouches for; it stands for all that source, evidence
  // and given say.
  std::shared_ptr<gate::Evidence> told;
  gate::Asked asked = {};             ///< with `told`: a question that may come twice; without an id: none
  std::optional<std::string> source;  ///< none: this machine
  std::optional<std::string>
      evidence;         ///< evidence or an inventory that goes with it; evidence may stand for it
  Given given;          ///< what is told of the unit and cannot be read from it
  std::string profile;  ///< name or file; empty: found by label or match
  std::optional<gate::Stage> stage;  ///< none: judge everything, record nothing
  std::string label;
  std::map<std::string, std::string> identifiers;
  bool dry_run = false;
  std::string permit;   ///< check: FILE or - for a permit on PASS; open_by(): a file, -, or the token
  bool golden = false;  ///< check: a golden or engineering unit (gate::Purpose::kGolden)
  // dmigate burn
  std::vector<std::pair<std::string, std::string>> set;  ///< keyword, value
  std::string order;                                     ///< file of a work order; empty: none
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
  std::string permit = {};                           ///< the token of one that was issued; empty: none was
  std::optional<gate::JournalRow> before = {};  ///< what answered the question before, instead of a verdict
  [[nodiscard]] gate::Cures cures() const;
};

// Where a session gets what it may share with other calls. On the command line each call reads and opens its
// own (from_disk()); a service keeps them.
class Supply {
 public:
  virtual ~Supply() = default;
  virtual Result<std::shared_ptr<const profiles::Profile>> profile(const std::string& name_or_file) = 0;
  // Those that `match` and labels choose from.
  virtual Result<std::shared_ptr<const std::vector<profiles::Profile>>> candidates() = 0;
  virtual Result<std::shared_ptr<const profiles::BurnTool>> tool(const std::string& name,
                                                                 const profiles::Catalog& catalog) = 0;
  virtual Result<std::shared_ptr<gate::Registry>> registry() = 0;
};
std::shared_ptr<Supply> from_disk(const Settings& settings, const gate::Surroundings& surroundings);

// Fails only with kConfiguration: wrong usage, or a profile, tool or station file that does not hold.
// Everything else that goes wrong is a Verdict with outcome ERROR.
class Session {
 public:
  explicit Session(Settings settings, gate::Surroundings surroundings = gate::Surroundings::real(),
                   std::shared_ptr<Supply> supply = nullptr);  ///< nullptr: from_disk()

  Result<Answer> check(const Request& request);
  Result<Answer> burn(const Request& request);
  // All that a burn asks before it is recorded, and the calls that it would make (verdict.calls): nothing
  // is written anywhere, and nothing started.
  Result<Answer> plan(const Request& request);
  Result<Answer> run(const Request& request);
  // The first half of a run whose command an agent starts: judged and recorded, open on PASS until
  // Registry::end_run(). REQUIRES: request.told.
  Result<Answer> start(const Request& request);
  // dmigate permit verify: PASS when the permit is whole, of a known key, not expired, for this table, stage
  // and unit, and the registry has recorded that it is used now, for the first time.
  Result<Answer> open_by_permit(const Request& request);

 private:
  struct Case;    ///< one call's way through the session
  struct Wanted;  ///< a value that is to be burnt
  Result<Case> open_case(const Request& request, gate::Purpose purpose);
  Result<void> choose_profile(Case& now);
  Result<void> choose_tool(Case& now);
  Result<Case> prepare_burn(const Request& request);
  Result<void> read_source(Case& now);
  [[nodiscard]] Result<void> require_live(const Case& now) const;
  static Result<void> take_order(Case& now);
  Result<void> choose_values(Case& now);
  Result<std::vector<Wanted>> wanted_again(Case& now);
  Result<void> choose_calls(Case& now);
  Result<void> judge(Case& now);
  Result<void> record(Case& now);
  Result<void> consult(Case& now);
  static void conclude(Case& now);
  Result<Answer> carry_out(Case now, std::chrono::milliseconds timeout);
  void close(Case& now);
  void tell(Case& now, std::string_view event);
  Result<SecretKey> permit_key(const Request& request);
  void issue_permit(Case& now, const SecretKey& key);
  void look_at_permit(Case& now, const Permit& permit);
  Result<gate::Verdict> consume(const Case& now, const Permit& permit, gate::Verdict verdict);

  Settings settings_;
  gate::Surroundings surroundings_;
  std::shared_ptr<Supply> supply_;
};

}  // namespace dmigate::line
