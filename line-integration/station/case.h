// One call's way through a session. Inside this folder only.
#pragma once

#include "line-integration/station/order.h"
#include "line-integration/station/session.h"

namespace dmigate::line {

inline Failure usage(std::string what, std::string advice = {}) {
  return fail(std::move(what), {}, std::move(advice), ErrorKind::kConfiguration);
}

// The moment and the clock of one call.
struct Started {
  std::chrono::system_clock::time_point wall;
  std::chrono::steady_clock::time_point steady = std::chrono::steady_clock::now();
  [[nodiscard]] std::int64_t elapsed_us() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - steady)
        .count();
  }
};

// A value that is to be burnt, and where it stands; that of an option stands nowhere.
struct Session::Wanted {
  std::string keyword, value, where;
};

struct Session::Case {
  const Request& request;
  gate::Purpose purpose;
  Started started;
  std::optional<gate::Stage> stage;
  std::map<std::string, std::string> identifiers;  ///< those of the call, and the order's
  std::optional<Order> order;
  OrderRow ordered;                          ///< this unit's
  std::shared_ptr<gate::Evidence> evidence;  ///< nullptr: it could not be read, which is a finding
  std::shared_ptr<const profiles::Profile> profile;
  std::shared_ptr<const profiles::BurnTool> tool;
  std::vector<profiles::BurnValue> intended;
  std::vector<profiles::PreparedCall> calls;  ///< of the burn tool, or the command of a run
  gate::Judgement judgement;
  gate::Verdict verdict;
  std::string permit;  ///< the token of one that was issued
  std::optional<gate::JournalRow> before;

  [[nodiscard]] Answer answer() && {
    return {std::move(verdict), std::move(profile), std::move(tool), std::move(permit), std::move(before)};
  }
  [[nodiscard]] gate::Cures cures() const { return Answer{{}, profile, tool}.cures(); }
  [[nodiscard]] gate::Visit visit() const {
    return {.purpose = purpose,
            .verdict = verdict,
            .judgement = judgement,
            .profile = profile.get(),
            .evidence = evidence.get(),
            .intended = intended,
            .cures = cures()};
  }
};

}  // namespace dmigate::line
