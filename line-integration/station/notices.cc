#include "line-integration/station/notices.h"

#include <array>

#include "gate/evidence/text.h"
#include "line-integration/notify/deliver.h"
#include "line-integration/station/commands.h"
#include "smbios/sha256.h"

namespace dmigate::line {

std::string event_json(const Event& event, const std::string& id, const std::string& at,
                       const std::string& verdict) {
  // The words are ours, and the verdict is JSON already.
  return R"({"schema":"dmigate.event/1","id":")" + id + R"(","event":")" + std::string(event.event) +
         R"(","command":")" + std::string(event.command) + R"(","at":")" + at + R"(","verdict":)" + verdict +
         "}\n";
}

std::optional<gate::Finding> notify(const Settings& settings, const gate::Surroundings& surroundings,
                                    const Event& event, const gate::Verdict& verdict,
                                    const gate::Cures& cures) {
  if (settings.notify.empty()) return std::nullopt;
  std::string said = gate::to_json(verdict, gate::Language::kEnglish, cures);
  said.pop_back();  // the newline
  return notify(settings, surroundings, event, said);
}

std::optional<gate::Finding> notify(const Settings& settings, const gate::Surroundings& surroundings,
                                    const Event& event, const std::string& verdict) {
  if (settings.notify.empty()) return std::nullopt;
  std::string id = event.id;
  if (id.empty()) {
    std::array<std::uint8_t, 16> random{};
    surroundings.random(random);
    id = to_hex(random);
  }
  const Spool spool(settings.spool, settings.spool_limit);
  const auto put = spool.put(event_json(event, id, gate::utc_text(surroundings.now()), verdict));
  start_delivery(spool, settings.notify);
  if (put) return std::nullopt;
  gate::Finding finding = from_error(gate::Say::kNotifyLost, put.error());
  finding.unjudged = false;
  finding.severity = gate::Severity::kWarning;
  return finding;
}

}  // namespace dmigate::line
