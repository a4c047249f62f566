#include "line-integration/agent/protocol.h"

#include <algorithm>
#include <array>

#include "gate/evidence/members.h"
#include "gate/evidence/text.h"
#include "line-integration/agent/agent.h"

namespace dmigate::agent {
namespace {

namespace json = boost::json;
using gate::child;
using gate::word;

constexpr std::string_view kSchema = "dmigate.verdict/1";
constexpr std::array<std::string_view, 4> kOutcomes = {"PASS", "FAIL", "ERROR", "OBSERVED"};

std::vector<json::object> findings_of(const json::object& verdict) {
  std::vector<json::object> findings;
  const json::value* list = verdict.if_contains("findings");
  if (list == nullptr || !list->is_array()) return findings;
  for (const json::value& each : list->get_array()) {
    if (each.is_object()) findings.push_back(each.get_object());
  }
  return findings;
}

// A record that can be named again at the end of a run.
bool is_record(const json::value* value) {
  if (value == nullptr || !value->is_object()) return false;
  const json::value* seq = value->get_object().if_contains("station_seq");
  return seq != nullptr && seq->is_number() && !word(value->get_object(), "hash").empty();
}

void add_text(json::object& body, std::string_view name, const std::string& text) {
  if (!text.empty()) body[name] = gate::valid_utf8(text);
}

tl::unexpected<Trouble> no_verdict(std::string detail) {
  return tl::unexpected(Trouble{Say::kNotAVerdict, std::move(detail)});
}

struct Words {
  std::string_view pass, fail, error, observed, no_label, recorded, not_recorded, command_ok, warning;
};
constexpr Words kEnglish = {"PASS",       "FAIL",     "ERROR",        "OBSERVED",
                            "(no label)", "recorded", "not recorded", "the command ended well",
                            "warning: "};
constexpr Words kChinese = {"合格 PASS", "不合格 FAIL", "无法判定 ERROR", "观察 OBSERVED", "（无标签）",
                            "已登记",    "未登记",      "命令正常结束",   "警告："};

std::string_view headline_word(const std::string& outcome, const Words& words) {
  return outcome == "PASS"       ? words.pass
         : outcome == "FAIL"     ? words.fail
         : outcome == "OBSERVED" ? words.observed
                                 : words.error;
}

std::string finding_line(const json::object& finding, const Words& words) {
  const bool warns = word(finding, "severity") != "error";
  std::string text =
      "  " + (warns ? std::string(words.warning) : "") + gate::printable(word(finding, "message")) + "\n";
  const std::string advice = word(finding, "advice");
  if (!warns && !advice.empty()) text += "      -> " + gate::printable(advice) + "\n";
  return text;
}

}  // namespace

std::string request_id_of(const Random32& random) { return "agent-" + to_hex(std::span(random).first(16)); }

std::string question_body(const Arguments& arguments, const gate::Evidence& evidence, Language language,
                          const std::string& request_id) {
  json::object body{{"request_id", request_id},
                    {"stage", arguments.stage},
                    {"evidence", json::parse(gate::to_json(evidence))},
                    {"language", language == Language::kChinese ? "zh" : "en"}};
  add_text(body, "unit", arguments.unit);
  add_text(body, "profile", arguments.profile);
  add_text(body, "operator", arguments.operator_name);
  add_text(body, "work_order", arguments.work_order);
  add_text(body, "lot", arguments.lot);
  add_text(body, "shift", arguments.shift);
  json::object identifiers;
  for (const auto& [name, value] : arguments.identifiers)
    identifiers[gate::valid_utf8(name)] = gate::valid_utf8(value);
  if (!identifiers.empty()) body["identifiers"] = std::move(identifiers);
  json::array command;
  for (const std::string& each : arguments.command) command.emplace_back(gate::valid_utf8(each));
  if (!command.empty()) body["command"] = std::move(command);
  return json::serialize(body);
}

std::string run_end_body(const json::value& record, const CommandEnd& end, const std::string& request_id) {
  const auto number = [](const auto& value) { return value ? json::value(*value) : json::value(nullptr); };
  return json::serialize(
      json::object{{"request_id", request_id},
                   {"record", record},
                   // What goes on after its end has not ended well: as for dmigate run.
                   {"exit_code", end.left_running ? json::value(nullptr) : number(end.exit_code)},
                   {"signal", number(end.signal)},
                   {"started", end.started},
                   {"timed_out", end.timed_out},
                   {"interrupted", end.interrupted},
                   {"duration_us", end.duration.count()},
                   {"output_bytes", end.output_bytes},
                   {"output_tail", gate::valid_utf8(end.output)}});
}

std::string binding(std::string_view token, const Exchanged& exchanged) {
  const Sha256 key = hmac_sha256(token, "dmigate token bind v1");
  std::string message = "dmigate answer v1\nPOST ";
  message.append(exchanged.target).append("\n").append(exchanged.nonce).append("\n");
  message.append(std::to_string(exchanged.status)).append("\n");
  message.append(to_hex(sha256(exchanged.question))).append("\n");
  message.append(to_hex(sha256(exchanged.answer)));
  return to_hex(hmac_sha256({reinterpret_cast<const char*>(key.data()), key.size()}, message));
}

tl::expected<Verdict, Trouble> parse_verdict(std::string_view body, std::string_view stage) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !value.is_object()) return no_verdict("JSON");
  Verdict verdict{.said = std::move(value.get_object())};
  if (word(verdict.said, "schema") != kSchema) return no_verdict("schema");
  verdict.outcome = word(verdict.said, "outcome");
  if (std::ranges::find(kOutcomes, verdict.outcome) == kOutcomes.end()) return no_verdict("outcome");
  const json::value* recorded = verdict.said.if_contains("recorded");
  if (recorded == nullptr || !recorded->is_bool()) return no_verdict("recorded");
  verdict.recorded = recorded->get_bool();
  if (verdict.outcome == "PASS" && !verdict.recorded) return no_verdict("PASS, recorded: false");
  if (verdict.recorded && !is_record(verdict.said.if_contains("record"))) return no_verdict("record");
  if (word(verdict.said, "stage") != stage) return no_verdict("stage: " + word(verdict.said, "stage"));
  return verdict;
}

int exit_status(const Verdict& verdict) {
  bool command_failed = false, burn_differs = false;
  for (const json::object& finding : findings_of(verdict.said)) {
    const std::string rule = word(finding, "rule");
    command_failed = command_failed || rule == "image.command" || rule == "burn.command";
    burn_differs = burn_differs || rule == "burn.mismatch";
  }
  if (command_failed) return kExitCommandFailed;
  if (verdict.outcome == "OBSERVED") return kExitPass;
  if (verdict.outcome == "ERROR") return kExitError;
  if (burn_differs) return kExitBurnMismatch;
  return verdict.outcome == "PASS" ? kExitPass : kExitFail;
}

std::string in_words(const Verdict& verdict, Language language) {
  const Words& words = language == Language::kChinese ? kChinese : kEnglish;
  const json::object& said = verdict.said;
  const std::string label = word(child(said, "unit"), "label"),
                    profile = word(child(said, "profile"), "name");
  std::string text(headline_word(verdict.outcome, words));
  text += "  " + gate::printable(word(said, "stage"));
  text += "  " + (label.empty() ? std::string(words.no_label) : gate::printable(label));
  text += (profile.empty() ? "" : "  " + gate::printable(profile)) + "\n";
  for (const json::object& finding : findings_of(said)) text += finding_line(finding, words);
  const json::object& command = child(said, "command");
  if (command.contains("exit_status") && exit_status(verdict) == kExitPass)
    text += "  " + std::string(words.command_ok) + "\n";
  if (!verdict.recorded) return text + "  " + std::string(words.not_recorded) + "\n";
  return text + "  " + std::string(words.recorded) + " " +
         gate::printable(word(child(said, "station"), "id")) + " #" +
         json::serialize(child(said, "record").at("station_seq")) + "\n";
}

std::string error_json(const Trouble& trouble, Language language, std::string_view stage) {
  const Told sentence = told(trouble, language);
  const json::object finding{{"rule", "evidence.missing"},
                             {"severity", "error"},
                             {"message", sentence.message},
                             {"advice", sentence.advice}};
  return json::serialize(json::object{{"schema", kSchema},
                                      {"outcome", "ERROR"},
                                      {"recorded", false},
                                      {"stage", stage},
                                      {"findings", json::array{finding}},
                                      {"record", nullptr},
                                      {"version", DMIGATE_VERSION}}) +
         "\n";
}

}  // namespace dmigate::agent
