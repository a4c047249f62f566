// What the plant is told of a call: events of its start and end, put into the spool.
#pragma once

#include <optional>
#include <string_view>

#include "gate/judge/verdict.h"
#include "gate/registry/registry.h"
#include "line-integration/station/settings.h"

namespace dmigate::line {

struct Event {
  std::string_view event;    ///< "start", "end"
  std::string_view command;  ///< "check", "burn", "run"
  std::string id = {};       ///< of what may be told again; empty: one that is nobody's yet
};

// One line of JSON (dmigate.event/1). `verdict`: its JSON, always in English. `id`: by which a repeat is
// known.
std::string event_json(const Event& event, const std::string& id, const std::string& at,
                       const std::string& verdict);

// Puts the event into the station's spool and sees that somebody delivers it; waits for nobody. A warning
// where it could not be put there: the plant is not told, and the verdict stays what it is. Nothing where
// the station notifies nobody.
std::optional<gate::Finding> notify(const Settings& settings, const gate::Surroundings& surroundings,
                                    const Event& event, const gate::Verdict& verdict,
                                    const gate::Cures& cures);
// The same of a verdict that is JSON already, one line.
std::optional<gate::Finding> notify(const Settings& settings, const gate::Surroundings& surroundings,
                                    const Event& event, const std::string& verdict);

}  // namespace dmigate::line
