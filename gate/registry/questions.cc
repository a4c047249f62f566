// Callers who have no more of what they asked than its name: they may ask again, and end what they began.
#include <boost/json.hpp>

#include "gate/registry/ledger.h"
#include "gate/registry/recording.h"
#include "gate/registry/transaction.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// The members of a verdict as it is recorded.
json::object as_recorded(const Verdict& verdict) {
  return json::parse(to_record_json(verdict, {})).get_object();
}

// The verdict of the record that opened it, with what came of the command.
std::optional<json::object> ended_verdict(const std::string& body, const CommandReport& report,
                                          const std::optional<Finding>& failure, bool observed) {
  boost::system::error_code error;
  json::value record = json::parse(body, error);
  json::object* object = error ? nullptr : record.if_object();
  json::value* said = object == nullptr ? nullptr : object->if_contains("verdict");
  if (said == nullptr || !said->is_object()) return std::nullopt;
  json::object verdict = std::move(said->get_object());
  Verdict end{.command = report};
  if (failure) end.findings.push_back(*failure);
  json::object added = as_recorded(end);
  verdict["command"] = std::move(added["command"]);
  if (!failure) return verdict;
  json::array findings = std::move(added["findings"].get_array());
  if (json::array* before = verdict["findings"].if_array()) {
    for (json::value& finding : *before) findings.push_back(std::move(finding));
  }
  verdict["findings"] = std::move(findings);
  if (!observed) verdict["outcome"] = outcome_name(Outcome::kError);
  return verdict;
}

}  // namespace

std::string question_id(std::string_view who, std::string_view name, std::string_view body) {
  std::string asked(who);
  asked.append("\n").append(name).append("\n").append(to_hex(sha256(body)));
  const Sha256 hash = sha256(asked);
  std::string id = "r-";
  for (std::size_t i = 0; i < kIdLength; ++i) id += kIdDigits[hash[i] & 31];
  return id;
}

Result<bool> Registry::is_open(const JournalRow& began) {
  auto work = Ledger(*sql_, {}).work_of(began.unit);
  if (!work) return Failure(work.error());
  return work->has_value() && (*work)->state == "open" && (*work)->station == began.station &&
         (*work)->station_seq == began.seq;
}

Result<std::optional<JournalRow>> Registry::end_run(const Head& began, const CommandReport& report,
                                                    const std::optional<Finding>& failure,
                                                    const Asked& asked) {
  using MaybeRow = std::optional<JournalRow>;
  return transact<MaybeRow>(
      [&](Ledger& ledger) -> Result<MaybeRow> {
        auto before = ledger.record_called(began.station, asked);
        if (before && *before) (*before)->repeated = true;
        if (!before || *before) return before;
        auto opened = ledger.record_at(began.station, began.seq);
        if (!opened) return opened;
        if (!*opened || (*opened)->hash != began.hash) return std::nullopt;
        const bool observed = (*opened)->kind == "check" && (*opened)->outcome == "OBSERVED";
        auto work = ledger.work_of((*opened)->unit);
        if (!work) return Failure(work.error());
        const bool open = work->has_value() && (*work)->kind == "run" && (*work)->state == "open" &&
                          (*work)->station == began.station && (*work)->station_seq == began.seq;
        if (!open && !observed) return std::nullopt;
        auto verdict = ended_verdict((*opened)->body, report, failure, observed);
        if (!verdict) {
          return fail("the registry is damaged: the record of this run cannot be read",
                      began.station + " #" + std::to_string(began.seq),
                      "restore it from its backup; do not delete it");
        }
        if (open) {
          if (auto removed = ledger.remove_work((*opened)->unit); !removed) return Failure(removed.error());
        }
        if (open && !failure) {
          if (auto set = ledger.set_passed((*opened)->unit, (*work)->visit); !set)
            return Failure(set.error());
        }
        const json::value outcome = verdict->at("outcome");
        auto appended =
            ledger.append(began.station, {.kind = observed ? "observed" : "end",
                                          .unit = (*opened)->unit,
                                          .visit = 0,
                                          .changes = {},
                                          .stage = (*opened)->stage,
                                          .outcome = std::string(outcome.as_string()),
                                          .extra = as_member("ends", std::to_string(began.seq)) +
                                                   as_member("verdict", json::serialize(*verdict))});
        if (!appended) return Failure(appended.error());
        return ledger.record_at(began.station, appended->seq);
      },
      asked.id);
}

}  // namespace dmigate::gate
