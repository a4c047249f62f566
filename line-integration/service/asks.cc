// What the desk answers where stations ask: checks, runs, permits. line::Session decides.
#include <algorithm>
#include <boost/json.hpp>

#include "gate/evidence/members.h"
#include "gate/judge/phrases.h"
#include "line-integration/permit/permit.h"
#include "line-integration/service/desk.h"
#include "line-integration/service/question.h"
#include "line-integration/station/commands.h"
#include "line-integration/station/notices.h"

namespace dmigate::service {
namespace {

namespace json = boost::json;
using gate::child;
using gate::word;

constexpr std::size_t kEventId = 32;          // hexadecimal digits
constexpr std::chrono::minutes kRepeats{15};  // how long an answer is given again

// The verdict of a record, as it was answered; empty where the record is none of a verdict.
json::object verdict_of(const gate::JournalRow& row) {
  boost::system::error_code error;
  json::value record = json::parse(row.body, error);
  json::object* object = error ? nullptr : record.if_object();
  json::value* verdict = object == nullptr ? nullptr : object->if_contains("verdict");
  if (verdict == nullptr || !verdict->is_object()) return {};
  json::object said = std::move(verdict->get_object());
  said["record"] = {{"station_seq", row.seq}, {"hash", row.hash}};
  return said;
}

Error exchanged() {
  return fail("the registry's file was exchanged while it was written", {}, "ask the same again in a while")
      .value();
}

}  // namespace

// What this service's station.yaml says, and the token's station in place of its own.
line::Settings Desk::settings_for(const Caller& caller) const {
  line::Settings settings = settings_;
  settings.station = {.id = caller.id, .line = caller.line.empty() ? settings_.station.line : caller.line};
  settings.stage.reset();
  return settings;
}

// What the question is called does not hang on the registry: without it, all of the station's records are
// looked through for it.
gate::Asked Desk::asked(const Call& call, const std::string& request_id, line::Supply& supply) {
  gate::Asked asked{
      .id = gate::question_id(call.caller.id + "\n" + call.request.target, request_id, call.request.body),
      .since = gate::utc_text(surroundings_.now() - kRepeats)};
  if (auto registry = supply.registry()) {
    asked.after = recall_.after(**registry, gate::printable(call.caller.id), asked.id).value_or(0);
  }
  return asked;
}

void Desk::remember(line::Supply& supply, const Call& call, std::int64_t seq, const std::string& id) {
  if (auto registry = supply.registry()) {
    static_cast<void>(recall_.add(**registry, gate::printable(call.caller.id), seq, id));
  }
  watch_.look();
}

HttpAnswer Desk::judge(const Call& call, Asks asks) {
  auto question = parse_question(call.request.body, gate::printable(call.caller.id), asks == Asks::kRun);
  if (!question) return error(400, question.error(), call.language);
  if (asks == Asks::kPermit && !permit_key_) {
    return error(422,
                 fail("no key is known that signs permits", {},
                      "give --permit-key FILE, or `permit_key:` in station.yaml")
                     .value(),
                 call.language);
  }
  line::Settings settings = settings_for(call.caller);
  settings.station.operator_name = std::move(question->operator_name);
  settings.station.work_order = std::move(question->work_order);
  settings.station.lot = std::move(question->lot);
  settings.station.shift = std::move(question->shift);
  const auto supply = std::make_shared<OneCall>(stock_);
  line::Request& request = question->request;
  // A registry that does not answer is told by the verdict.
  request.asked = asked(call, question->request_id, *supply);
  line::Session session(std::move(settings), surroundings_, supply);
  auto answer = asks == Asks::kRun ? session.start(request) : session.check(request);
  if (!answer) return error(422, answer.error(), call.language);
  if (supply->exchanged()) return error(503, exchanged(), call.language);
  if (answer->before) return answer_before(call, *answer->before, asks, *supply);
  const gate::Verdict& verdict = answer->verdict;
  if (verdict.station_seq) {
    remember(*supply, call, static_cast<std::int64_t>(*verdict.station_seq), request.asked.id);
  }
  metrics_.judged(gate::outcome_name(verdict.outcome), profiles::stage_name(*verdict.stage));
  std::string said = gate::to_json(verdict, question->language, answer->cures());
  if (asks != Asks::kPermit) return {.body = std::move(said)};
  return with_permit(json::parse(said).get_object());
}

HttpAnswer Desk::answer_before(const Call& call, const gate::JournalRow& row, Asks asks, OneCall& supply) {
  if (asks == Asks::kRun && row.kind == "run") {
    const auto open =
        supply.registry().and_then([&](const auto& registry) { return registry->is_open(row); });
    if (!open) return error(503, open.error(), call.language);
    if (!*open) {
      return error(409,
                   fail("this run has ended already", row.station + " #" + std::to_string(row.seq),
                        "start this stage again, as a new question")
                       .value(),
                   call.language);
    }
  }
  json::object verdict = verdict_of(row);
  HttpAnswer answer = asks == Asks::kPermit ? with_permit(std::move(verdict)) : plain(verdict);
  answer.headers.emplace_back("Dmigate-Repeated", "true");
  return answer;
}

// The permit of a PASS: asked again, the same one, so that one PASS never opens twice.
HttpAnswer Desk::with_permit(json::object verdict) const {
  json::object body{{"verdict", nullptr}, {"permit", nullptr}};
  const std::string unit = word(child(verdict, "unit"), "id");
  const auto started = gate::parse_instant(word(verdict, "started"));
  const bool passed = word(verdict, "outcome") == "PASS" && verdict.if_contains("recorded") != nullptr &&
                      verdict["recorded"] == true;
  if (passed && !unit.empty() && started) {
    const json::object& profile = child(verdict, "profile");
    const json::object& record = child(verdict, "record");
    const std::string hash = word(record, "hash");
    const Sha256 id = sha256(permit_key_->sign("dmigate permit id v1\n" + hash));
    const json::value* seq = record.if_contains("station_seq");
    const json::value* version = profile.if_contains("version");
    const line::Permit permit{.id = to_hex(std::span(id).first<16>()),
                              .unit = unit,
                              .label = word(child(verdict, "unit"), "label"),
                              .stage = word(verdict, "stage"),
                              .table = word(child(verdict, "source"), "sha256"),
                              .profile = {.name = word(profile, "name"),
                                          .version = version->to_number<std::uint64_t>(),
                                          .sha256 = word(profile, "sha256")},
                              .station = word(child(verdict, "station"), "id"),
                              .station_seq = seq->to_number<std::uint64_t>(),
                              .record_hash = hash,
                              .issued = gate::utc_text(*started),
                              .expires = gate::utc_text(*started + settings_.permit_lifetime)};
    verdict["permit"] = {
        {"id", permit.id}, {"key", permit_key_->public_key().id}, {"expires", permit.expires}};
    body["permit"] = line::sign(permit, *permit_key_);
  }
  body["verdict"] = std::move(verdict);
  return plain(body);
}

HttpAnswer Desk::check(const Call& call) { return judge(call, Asks::kCheck); }
HttpAnswer Desk::permits(const Call& call) { return judge(call, Asks::kPermit); }
HttpAnswer Desk::start_run(const Call& call) { return judge(call, Asks::kRun); }

HttpAnswer Desk::end_run(const Call& call) {
  auto end = parse_run_end(call.request.body);
  if (!end) return error(400, end.error(), call.language);
  OneCall supply(stock_);
  const gate::Asked known = asked(call, end->request_id, supply);
  end->began.station = gate::printable(call.caller.id);
  const auto ended =
      supply.registry().and_then([&](const auto& registry) -> Result<std::optional<gate::JournalRow>> {
        // The words of the command are those of its start.
        auto began = registry->journal(end->began.station, end->began.seq - 1, 1);
        if (!began) return Failure(began.error());
        if (!began->empty()) {
          const json::object before = verdict_of(began->front());
          if (const json::value* words = child(before, "command").if_contains("argv");
              words && words->is_array()) {
            for (const json::value& each : words->get_array())
              end->report.argv.emplace_back(each.is_string() ? each.get_string().c_str() : "");
          }
        }
        return registry->end_run(end->began, end->report, line::failure_of(end->report), known);
      });
  if (!ended) return error(503, ended.error(), call.language);
  if (supply.exchanged()) return error(503, exchanged(), call.language);
  if (!*ended) {
    return error(409,
                 fail("no run is open that began with this record",
                      end->began.station + " #" + std::to_string(end->began.seq),
                      "find out who ended it (dmigate registry status), and start this stage again")
                     .value(),
                 call.language);
  }
  const gate::JournalRow& row = **ended;
  remember(supply, call, row.seq, known.id);
  const json::object verdict = verdict_of(row);
  // Again where it was asked again, under the same id: the first time may have ended before it was told.
  static_cast<void>(line::notify(settings_for(call.caller), surroundings_,
                                 {.event = "end", .command = "run", .id = row.hash.substr(0, kEventId)},
                                 json::serialize(verdict)));
  HttpAnswer answer = plain(verdict);
  if (row.repeated) {
    answer.headers.emplace_back("Dmigate-Repeated", "true");
  } else {
    metrics_.judged(row.outcome, row.stage);
  }
  return answer;
}

HttpAnswer Desk::rework(const Call& call) {
  auto asked = parse_rework(call.request.body);
  if (!asked) return error(400, asked.error(), call.language);
  asked->rework.station.id = call.caller.id;
  OneCall supply(stock_);
  const auto done = supply.registry().and_then([&](const auto& registry) {
    return asked->replaces  ? registry->replace(asked->rework)
           : asked->retires ? registry->retire(asked->rework)
                            : registry->resolve(asked->rework);
  });
  // What the registry refuses is said by the same kind of error as what it cannot do.
  if (!done) return error(422, done.error(), call.language);
  if (supply.exchanged()) return error(503, exchanged(), call.language);
  watch_.look();
  return plain({{"schema", "dmigate.rework/1"}, {"done", gate::translated(*done, call.language)}});
}

}  // namespace dmigate::service
