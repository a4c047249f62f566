// What the desk answers where people look: units, figures, profiles, events, pages.
#include <algorithm>
#include <boost/json.hpp>

#include "gate/evidence/members.h"
#include "gate/judge/phrases.h"
#include "gate/registry/trace_json.h"
#include "line-integration/pages/pages.h"
#include "line-integration/service/desk.h"
#include "line-integration/service/question.h"

namespace dmigate::service {
namespace {

namespace json = boost::json;
using gate::child;
using gate::number;
using gate::phrase;
using gate::word;

constexpr std::chrono::minutes kRecent{15};  // a verdict that is older is no answer to a scan
constexpr std::size_t kMostReaders = 1000;
constexpr std::size_t kLongestLabel = 64;

// A name that may stand in a file's: no path, no file of tools or lists.
bool is_name_on_shelf(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' && is_profile_name(name) &&
         name != "placeholders";
}

Error no_profile(const std::string& name) {
  return fail("there is no profile of a model of this name", gate::printable(name),
              "GET /v1/profiles tells which there are")
      .value();
}

// A scanned number, without what scanners put around it: what is left is one word that can be printed.
std::optional<std::string> scanned_label(const std::string& typed) {
  const std::string_view label = gate::trimmed(typed);
  const bool good = !label.empty() && label.size() <= kLongestLabel &&
                    std::ranges::all_of(label, [](char c) { return c > ' ' && c <= '~'; });
  if (!good) return std::nullopt;
  return std::string(label);
}

// What the operator needs of a finding: a sentence and what to do. What another unit has is none of it.
json::object for_operator(const json::object& finding, gate::Language language) {
  const std::string rule = word(finding, "rule");
  const std::string message = word(finding, "message"), advice = word(finding, "advice");
  if (rule.starts_with("unique.")) {
    return {{"rule", rule},
            {"severity", word(finding, "severity")},
            {"keyword", word(finding, "keyword")},
            {"message",
             gate::fill(phrase("the {field} of this unit belongs to another unit, or was changed", language),
                        {{"field", word(finding, "keyword")}})},
            {"advice", phrase("set this unit aside and call quality", language)}};
  }
  return {{"rule", rule},
          {"severity", word(finding, "severity")},
          {"keyword", word(finding, "keyword")},
          {"message", gate::translated_finding(message, language)},
          {"advice", gate::translated_finding(advice, language)}};
}

// Of each thread that looks: pages ask every two seconds.
OpenRegistries::Held& own_registry() {
  thread_local OpenRegistries::Held held;
  return held;
}

// The journal has its sentences in English; whoever reads here reads them in his language.
void translate_findings(json::object& record, gate::Language language) {
  json::value* verdict = record.if_contains("verdict");
  json::value* findings =
      verdict != nullptr && verdict->is_object() ? verdict->get_object().if_contains("findings") : nullptr;
  if (findings == nullptr || !findings->is_array()) return;
  for (json::value& finding : findings->get_array()) {
    if (!finding.is_object()) continue;
    for (const char* member : {"message", "advice"}) {
      json::object& of = finding.get_object();
      if (of.contains(member)) of[member] = gate::translated_finding(word(of, member), language);
    }
  }
}

void translate_trace(json::object& told, gate::Language language) {
  const auto translate = [language](json::object& of) {
    for (json::value& record : of["records"].as_array()) translate_findings(record.as_object(), language);
  };
  translate(told);
  for (json::value& unit : told["units"].as_array()) translate(unit.as_object());
}

}  // namespace

HttpAnswer Desk::unit(const Call& call) {
  OpenRegistries::Held& held = own_registry();
  auto told = stock_.registries().open(held).and_then([&]() -> Result<json::object> {
    auto trace = held.registry->trace(call.names.front());
    if (!trace) return Failure(trace.error());
    auto object = gate::trace_json(*held.registry, *trace, call.names.front());
    if (!object || trace->units.size() != 1 || !options_.decode) return object;
    // The newest table, decoded.
    const auto tables = gate::tables_of(gate::parsed_records(trace->units.front().records));
    if (tables.empty()) return object;
    const auto kept = held.registry->source(tables.front());
    if (!kept || !*kept) return object;
    const auto dump = gate::dump_of(**kept);
    if (!dump) return object;
    const auto source = smbios::Source::from_bytes(*dump, tables.front());
    // Decoded, a hostile table is hundreds of times as large; real ones have some thousand bytes.
    constexpr std::size_t kMostDecoded = std::size_t{128} << 10;
    if (source && source->bytes().size() <= kMostDecoded)
      (*object)["decoded"] = json::parse(options_.decode(*source));
    return object;
  });
  if (!told) {
    held = {};
    return error(503, told.error(), call.language);
  }
  const bool nothing = (*told)["units"].as_array().empty() && (*told)["records"].as_array().empty();
  if (call.language != gate::Language::kEnglish) translate_trace(*told, call.language);
  HttpAnswer answer = plain(*told);
  if (nothing) answer.status = 404;
  return answer;
}

HttpAnswer Desk::list_profiles(const Call&) { return plain(shelf_.list()); }

HttpAnswer Desk::show_profile(const Call& call) {
  const std::string& name = call.names.front();
  if (!is_name_on_shelf(name)) return error(404, no_profile(name), call.language);
  const auto told = shelf_.show(name);
  return told ? plain(*told) : error(404, told.error(), call.language);
}

HttpAnswer Desk::put_profile(const Call& call) {
  const std::string& name = call.names.front();
  if (!is_name_on_shelf(name)) return error(404, no_profile(name), call.language);
  const auto found = call.request.query.find("warnings");
  const bool accepts = found != call.request.query.end() && found->second == "accepted";
  const auto taken = shelf_.take(name, call.request.body, accepts);
  if (!taken) return error(422, taken.error(), call.language);
  hub_.publish({}, name, "profile", json::serialize(json::object{{"profile", name}}));
  return plain(*taken);
}

// It is recorded nowhere: what a batch comes to is for who asked. That it was asked is told.
HttpAnswer Desk::audit(const Call& call) {
  auto asked = parse_audit(call.request);
  if (!asked) return error(400, asked.error(), call.language);
  asked->language = call.language;
  AuditEnd end = audits_.run(call.request.upload, *asked);
  metrics_.audited(end.report ? end.outcome : "none");
  if (!end.report) {
    HttpAnswer answer = error(end.status, *end.problem, call.language);
    if (end.status == 503) answer.headers.emplace_back("Retry-After", kRetryAudit);
    return answer;
  }
  hub_.publish({}, "audit", "audit",
               json::serialize(json::object{{"by", call.caller.id}, {"outcome", end.outcome}}));
  constexpr std::string_view kTypes[] = {"application/jsonl", "text/html; charset=utf-8",
                                         "text/csv; charset=utf-8"};
  constexpr std::string_view kNames[] = {"audit.jsonl", "audit.html",
                                         "audit.csv"};  // saved, and not shown here
  const auto form = static_cast<std::size_t>(asked->form);
  return {.type = std::string(kTypes[form]),
          .headers = {{"Dmigate-Outcome", end.outcome},
                      {"Content-Disposition", "attachment; filename=\"" + std::string(kNames[form]) + "\""}},
          .file = std::move(end.report)};
}

HttpAnswer Desk::events(const Call& call) {
  const bool is_station = call.caller.role == Role::kStation;
  const auto asked = call.request.query.find("station");
  const std::string station = is_station                          ? call.caller.id
                              : asked == call.request.query.end() ? std::string()
                                                                  : asked->second;
  if (stopping_ || hub_.readers() >= kMostReaders) {
    HttpAnswer answer = error(503, call.language);
    answer.headers.emplace_back("Retry-After", "5");
    return answer;
  }
  HttpAnswer answer{.type = "text/event-stream",
                    .events = std::make_shared<Reader>(
                        station, [this, head = call.request] { return !look_at(head, false).refused; })};
  hub_.add(answer.events);
  return answer;
}

HttpAnswer Desk::line(const Call& call) { return plain(figures_.to_json(call.language)); }

HttpAnswer Desk::me(const Call& call) {
  return plain({{"schema", "dmigate.me/1"},
                {"id", call.caller.id},
                {"role", role_name(call.caller.role)},
                {"line", call.caller.line},
                {"language", options_.language == gate::Language::kChinese ? "zh" : "en"}});
}

// What became of the unit with this label at this station just now.
HttpAnswer Desk::scan(const Call& call) {
  const std::string& station = call.names.front();
  if (call.caller.role == Role::kStation && station != call.caller.id) return error(403, call.language);
  const auto typed = call.request.query.find("unit");
  const auto label = typed == call.request.query.end() ? std::nullopt : scanned_label(typed->second);
  if (!label) {
    return error(
        400,
        fail("this is no label: scan the serial on the outside of the case", {}, "scan it again").value(),
        call.language);
  }
  OpenRegistries::Held& held = own_registry();
  auto trace = stock_.registries().open(held).and_then([&] { return held.registry->trace(*label); });
  if (!trace) {
    held = {};
    return error(503, trace.error(), call.language);
  }
  // The newest record of this label, wherever it was made: what a station said counts only while nothing came
  // behind it.
  std::vector<std::string> bodies = std::move(trace->records);
  for (gate::TracedUnit& unit : trace->units)
    bodies.insert(bodies.end(), unit.records.begin(), unit.records.end());
  // A station's own are in the order of its journal, whatever its clock did; the others' in that of their
  // clocks.
  json::object newest;
  std::string elsewhere;
  for (json::object& record : gate::parsed_records(bodies)) {
    const std::string own = word(child(child(record, "verdict"), "unit"), "label");
    const bool is_decision = record.if_contains("verdict") == nullptr;
    if (!is_decision && gate::fold(own) != gate::fold(*label)) continue;
    if (is_decision || word(record, "station") != station) {
      elsewhere = std::max(elsewhere, word(record, "time"));
    } else if (newest.empty() || number(record, "seq") > number(newest, "seq")) {
      newest = std::move(record);
    }
  }
  json::object told{
      {"schema", "dmigate.scan/1"}, {"station", station}, {"label", *label}, {"state", "waiting"}};
  const json::object& verdict = child(newest, "verdict");
  const std::string recent = gate::utc_text(surroundings_.now() - kRecent);
  if (verdict.empty() || elsewhere >= word(newest, "time")) return plain(told);
  if (word(newest, "time") < recent) {
    told["old"] = true;
    return plain(told);
  }
  json::array findings;
  const json::value* list = verdict.if_contains("findings");
  if (list != nullptr && list->is_array()) {
    for (const json::value& finding : list->get_array())
      findings.push_back(for_operator(finding.as_object(), call.language));
  }
  std::stable_partition(findings.begin(), findings.end(), [](const json::value& finding) {
    return word(finding.get_object(), "severity") == "error";
  });
  const std::string kind = word(newest, "kind");
  // What opens nothing is no PASS to go on by: a command that runs, a burn that is not proved, a golden unit.
  const bool runs = (kind == "run" || kind == "burn") && word(verdict, "outcome") == "PASS";
  const bool pending = word(child(verdict, "burn"), "state") == "pending";
  told["state"] = runs ? "running" : pending ? "pending" : "judged";
  told["outcome"] = kind == "golden" ? "OBSERVED" : word(verdict, "outcome");
  told["stage"] = word(verdict, "stage");
  told["model"] = word(child(verdict, "unit"), "model");
  told["time"] = word(newest, "time");
  told["kind"] = kind;
  told["findings"] = std::move(findings);
  return plain(told);
}

HttpAnswer Desk::openapi(const Call&) {
  const pages::File* file = pages::find_file("openapi.json");
  return {.body = std::string(file->content)};
}

HttpAnswer Desk::health(const Call&) {
  const bool well = watch_.reads() && !stopping_;
  HttpAnswer answer = plain({{"status", stopping_ ? "stopping" : well ? "ok" : "registry"}});
  if (!well) answer.status = 503;
  return answer;
}

HttpAnswer Desk::metrics(const Call&) {
  const Listener* listener = listener_;
  return {.type = "text/plain; version=0.0.4",
          .body = metrics_.to_text({.connections = listener == nullptr ? 0 : listener->connections(),
                                    .readers = hub_.readers(),
                                    .waiting = asking_->waiting() + recording_->waiting(),
                                    .audits = audits_.there(),
                                    .journal_read = watch_.reads(),
                                    .reload_failed = reload_failed_})};
}

// ---------------------------------------------------------------- pages

HttpAnswer Desk::page(const Call& call) {
  const std::string& first = call.request.path.front();
  if (first.empty()) {
    const bool is_station = call.caller.role == Role::kStation;
    std::string to = is_station ? "/station/" : "/line";
    for (const char c : is_station ? call.caller.id : std::string()) {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      to += std::isalnum(byte) != 0 || c == '-' || c == '_'
                ? std::string(1, c)
                : std::string{'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return {.status = 303, .type = "text/plain", .headers = {{"Location", to}}};
  }
  if (first == "station" && call.caller.role == Role::kStation && call.names.front() != call.caller.id)
    return error(403, call.language);
  const pages::File* file = pages::find_file(first + ".html");
  return {.type = std::string(file->type), .body = std::string(file->content)};
}

HttpAnswer Desk::asset(const Call& call) {
  const pages::File* file = pages::find_file(call.names.front());
  if (file == nullptr || file->type.starts_with("text/html") || file->type == "application/json")
    return error(404, call.language);
  return {.type = std::string(file->type),
          .body = std::string(file->content),
          .headers = {{"Cache-Control", "no-cache"}}};
}

// The token goes into a cookie that scripts cannot read and other sites cannot send.
HttpAnswer Desk::login(const Call& call) {
  auto form = parse_form(call.request.body);
  if (!form) return error(400, call.language);
  const std::string token(gate::trimmed((*form)["token"]));
  const std::string& next = (*form)["next"];
  const bool is_ours = next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/\\") &&
                       std::ranges::all_of(next, [](char c) { return c > ' ' && c <= '~'; });
  const auto caller = tokens_.find(token, surroundings_.now());
  if (!caller) return error(503, caller.error(), call.language);
  if (!*caller) return {.status = 303, .type = "text/plain", .headers = {{"Location", "/login?wrong=1"}}};
  const std::string secure = options_.listener.certificate.empty() ? "" : "; Secure";
  return {.status = 303,
          .type = "text/plain",
          .headers = {{"Location", is_ours ? next : "/"},
                      {"Set-Cookie", "dmigate=" + token +
                                         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000" + secure}}};
}

HttpAnswer Desk::logout(const Call&) {
  return {.status = 303,
          .type = "text/plain",
          .headers = {{"Location", "/login"},
                      {"Set-Cookie", "dmigate=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"}}};
}

}  // namespace dmigate::service
