#include "line-integration/agent/agent.h"

#include <cstdio>
#include <optional>

#include "gate/evidence/text.h"
#include "line-integration/agent/client.h"
#include "line-integration/agent/platform.h"
#include "line-integration/agent/protocol.h"
#include "line-integration/agent/settings.h"

namespace dmigate::agent {
namespace {

namespace json = boost::json;

bool print(std::FILE* file, const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

// One call: what it was told, and how it speaks.
class Call {
 public:
  explicit Call(const Arguments& arguments)
      : arguments_(arguments), places_(real_places()), language_(language_of(arguments, places_)) {}

  [[nodiscard]] const Places& places() const { return places_; }
  [[nodiscard]] Language language() const { return language_; }

  // Says why the agent itself blocks, and ends with its status.
  [[nodiscard]] int blocked(const Trouble& trouble) const {
    const int status = complain(trouble);
    if (arguments_.json && status != kExitUsage)
      print(stdout, error_json(trouble, language_, arguments_.stage));
    return status;
  }

  int complain(const Trouble& trouble) const {
    const int status = exit_status(trouble);
    const Told sentence = told(trouble, language_);
    const std::string word = status == kExitUsage              ? "dmigate-agent: "
                             : language_ == Language::kChinese ? "无法判定 ERROR  "
                                                               : "ERROR  ";
    print(stderr, word + sentence.message + "\n      -> " + sentence.advice + "\n");
    return status;
  }

  // Nobody may take a PASS that was not said for one.
  [[nodiscard]] int said(const Verdict& verdict) const {
    const std::string text =
        arguments_.json ? json::serialize(verdict.said) + "\n" : in_words(verdict, language_);
    return print(stdout, text) ? exit_status(verdict) : static_cast<int>(kExitError);
  }

 private:
  const Arguments& arguments_;
  Places places_;
  Language language_;
};

tl::expected<gate::Evidence, Trouble> read(const Arguments& arguments) {
  auto evidence = read_unit();
  if (!evidence) return tl::unexpected(Trouble{Say::kNotRead, evidence.error().to_string()});
  evidence->hardware.system_disk = arguments.system_disk;
  return *std::move(evidence);
}

// One question, its answer checked. `body` takes the question's id.
template <typename Body>
tl::expected<std::string, Trouble> ask(Client& client, std::string_view target, const Body& body,
                                       std::chrono::milliseconds patience) {
  const auto random = random_bytes();
  if (!random) return tl::unexpected(Trouble{Say::kNoRandom, {}});
  return client.ask(target, body(request_id_of(*random)), patience);
}

tl::expected<Verdict, Trouble> ask_for_verdict(Client& client, std::string_view target,
                                               const Arguments& arguments, Language language) {
  const auto evidence = read(arguments);
  if (!evidence) return tl::unexpected(evidence.error());
  const auto body = [&](const std::string& id) { return question_body(arguments, *evidence, language, id); };
  return ask(client, target, body, arguments.patience).and_then([&](const std::string& answer) {
    return parse_verdict(answer, arguments.stage);
  });
}

std::string member(const json::object& object, std::string_view outer, std::string_view inner) {
  const json::value* value = object.if_contains(outer);
  if (value != nullptr && !inner.empty())
    value = value->is_object() ? value->get_object().if_contains(inner) : nullptr;
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

struct ToldRow {
  std::string_view variable, outer, inner;
};
// As dmigate run tells its command (docs/manual.md), as far as the verdict has it.
constexpr ToldRow kToldRows[] = {
    {"DMIGATE_UNIT", "unit", "label"},
    {"DMIGATE_UNIT_ID", "unit", "id"},
    {"DMIGATE_STAGE", "stage", ""},
    {"DMIGATE_MODEL", "profile", "name"},
    {"DMIGATE_STATION", "station", "id"},
    {"DMIGATE_LINE", "station", "line"},
    {"DMIGATE_OPERATOR", "station", "operator"},
    {"DMIGATE_WORK_ORDER", "station", "work_order"},
    {"DMIGATE_LOT", "station", "lot"},
    {"DMIGATE_SHIFT", "station", "shift"},
    {"DMIGATE_RECORD", "record", "station_seq"},
};

std::vector<std::string> told_of(const Verdict& verdict) {
  std::vector<std::string> variables;
  for (const ToldRow& row : kToldRows) {
    // What was scanned may hold anything; a NUL would end the variable there.
    const std::string value = member(verdict.said, row.outer, row.inner);
    if (!value.empty() && value.find('\0') == std::string::npos)
      variables.push_back(std::string(row.variable) + "=" + value);
  }
  return variables;
}

// Tells the service how the run ended, and says its verdict on that.
int close_run(const Call& call, Client& client, const Arguments& arguments, const Verdict& verdict,
              const CommandEnd& end) {
  const json::value& record = verdict.said.at("record");
  const auto body = [&](const std::string& id) { return run_end_body(record, end, id); };
  const auto closed = ask(client, kRunEnd, body, arguments.patience).and_then([&](const std::string& answer) {
    return parse_verdict(answer, arguments.stage);
  });
  if (!closed) return call.blocked({Say::kEndUntold, told(closed.error(), call.language()).message});
  const int status = call.said(*closed);
  if (!end.started) return call.complain({Say::kNotStarted, end.why.empty() ? "SIGINT" : end.why});
  // Whatever was answered: a command that did not end well is no PASS.
  if (!end.ended_well() && status == kExitPass) return kExitCommandFailed;
  return status;
}

}  // namespace

int check(const Arguments& arguments) {
  const Call call(arguments);
  const auto settings = settings_of(arguments, call.places());
  if (!settings) return call.blocked(settings.error());
  Client client(*settings, real_world(*settings));
  const auto verdict = ask_for_verdict(client, kCheck, arguments, call.language());
  return verdict ? call.said(*verdict) : call.blocked(verdict.error());
}

int gate(const Arguments& arguments) {
  const Call call(arguments);
  const auto settings = settings_of(arguments, call.places());
  if (!settings) return call.blocked(settings.error());
  if (const std::string why = missing_command(arguments.command); !why.empty())
    return call.blocked({Say::kNoCommand, why});
  const Interrupted interrupted;
  World world = real_world(*settings);
  world.interrupted = [&] { return interrupted.came(); };
  Client client(*settings, std::move(world));
  const auto verdict = ask_for_verdict(client, kRunStart, arguments, call.language());
  if (!verdict) return call.blocked(verdict.error());
  if (!verdict->lets_start()) {
    const int status = call.said(*verdict);
    // Status 0 would say that the command ran.
    if (status != kExitPass) return status;
    return call.complain({Say::kNotAVerdict, verdict->outcome + ", recorded: false"});
  }
  const CommandEnd end = run_command({.words = arguments.command,
                                      .told = told_of(*verdict),
                                      .timeout = arguments.timeout,
                                      .to_stderr = arguments.json},
                                     interrupted);
  // Until the service knows, no Ctrl-C keeps it from being told.
  Client teller(*settings, real_world(*settings));
  return close_run(call, teller, arguments, *verdict, end);
}

}  // namespace dmigate::agent
