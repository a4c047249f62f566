#include "gate/judge/verdict.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "gate/judge/phrases.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

std::string hex_offset(std::size_t offset) {
  char text[16];
  std::snprintf(text, sizeof text, "%02zXh", offset);
  return text;
}

std::string hex_handle(smbios::Handle handle) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%04X", handle);
  return text;
}

std::string place_of(const Finding& finding) {
  if (!finding.type || !finding.offset) return {};
  std::string place = "Type " + std::to_string(*finding.type) + " " + hex_offset(*finding.offset);
  if (finding.selected && finding.handle) place += ", " + hex_handle(*finding.handle);
  return place;
}

// How the field of this finding is filled on this line, as an advice.
std::string cure_of(const Finding& finding, Language language, const Cures& cures) {
  const smbios::Field* field = smbios::find_field(finding.keyword);
  const profiles::BurnSwitch* burn_switch =
      field != nullptr && cures.tool != nullptr ? cures.tool->find(*field) : nullptr;
  const bool plant_burns = field != nullptr && cures.burn != nullptr &&
                           std::ranges::find(cures.burn->fields, field) != cures.burn->fields.end();
  const Say cure = finding.severity == Severity::kWarning      ? Say::kCureNote
                   : field == nullptr || cures.burn == nullptr ? Say::kCureNone
                   : !plant_burns                              ? Say::kCureSupplier
                   : burn_switch != nullptr                    ? Say::kCureBurn
                                                               : Say::kCureNone;
  Details details{{"field", finding.keyword}};
  if (burn_switch != nullptr) {
    details.emplace_back("tool", cures.tool->name);
    details.emplace_back("switch", burn_switch->name());
  }
  const Message& row = message(cure);
  return fill(language == Language::kChinese ? row.chinese_advice : row.english_advice, details);
}

json::value optional_text(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::value optional_text(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(printable(text));
}

json::object unit_json(const Verdict& verdict) {
  json::object unit;
  unit["id"] = optional_text(verdict.unit);
  unit["label"] = optional_text(verdict.label);
  json::object identifiers;
  for (const auto& [name, value] : verdict.identifiers) identifiers[name] = printable(value);
  unit["identifiers"] = std::move(identifiers);
  unit["model"] = verdict.profile ? json::value(verdict.profile->name) : json::value(nullptr);
  json::array fields;
  for (const FieldReport& field : verdict.fields) {
    json::object object{{"keyword", field.keyword},
                        {"state", smbios::state_name(field.state)},
                        {"value", optional_text(field.value)},
                        {"raw", optional_text(field.raw)}};
    if (field.handle) object["handle"] = hex_handle(*field.handle);
    fields.push_back(std::move(object));
  }
  unit["fields"] = std::move(fields);
  return unit;
}

json::value profile_json(const std::optional<ProfileReport>& profile) {
  if (!profile) return nullptr;
  return {{"name", profile->name}, {"version", profile->version}, {"sha256", profile->sha256}};
}

json::value source_json(const std::optional<SourceReport>& source) {
  if (!source) return nullptr;
  return {{"form", source->form},
          {"path", printable(source->path)},
          {"sha256", source->sha256},
          {"smbios", source->smbios},
          {"boot_id", optional_text(source->boot_id)}};
}

json::object station_json(const Station& station) {
  return {{"id", printable(station.id)},
          {"line", optional_text(station.line)},
          {"operator", optional_text(station.operator_name)},
          {"work_order", optional_text(station.work_order)},
          {"lot", optional_text(station.lot)},
          {"shift", optional_text(station.shift)}};
}

json::object finding_json(const Finding& finding, Language language, const Cures& cures) {
  const Sentence words = sentence(finding, language, cures);
  json::object object;
  object["rule"] = finding.rule();
  object["severity"] = finding.severity == Severity::kError ? "error" : "warning";
  object["keyword"] = optional_text(finding.keyword);
  object["type"] = finding.type ? json::value(*finding.type) : json::value(nullptr);
  object["offset"] = finding.offset ? json::value(hex_offset(*finding.offset)) : json::value(nullptr);
  object["handle"] = finding.handle ? json::value(hex_handle(*finding.handle)) : json::value(nullptr);
  object["state"] = finding.state ? json::value(smbios::state_name(*finding.state)) : json::value(nullptr);
  object["found"] = optional_text(finding.found);
  object["expected"] = optional_text(finding.expected);
  object["message"] = words.message;
  object["advice"] = words.advice;
  if (finding.waived) {
    object["waived"] = {
        {"until", finding.waived->until}, {"by", finding.waived->by}, {"reason", finding.waived->reason}};
  }
  return object;
}

json::value burn_json(const BurnReport& burn) {
  json::array intended;
  for (const Intended& value : burn.intended) {
    intended.push_back({{"keyword", value.keyword}, {"value", printable(value.value)}});
  }
  json::object object{{"tool", burn.tool}, {"state", burn.state}, {"intended", std::move(intended)}};
  if (burn.compared.empty()) return object;
  json::array compared;
  for (const Compared& field : burn.compared) {
    compared.push_back({{"keyword", field.keyword},
                        {"intended", printable(field.intended)},
                        {"found", optional_text(field.found)},
                        {"state", smbios::state_name(field.state)},
                        {"equal", field.equal}});
  }
  object["compared"] = std::move(compared);
  return object;
}

json::value command_json(const CommandReport& command) {
  json::array argv;
  for (const std::string& argument : command.argv) argv.emplace_back(printable(argument));
  return {{"argv", std::move(argv)},
          {"started", command.started},
          {"exit_status", command.exit_status ? json::value(*command.exit_status) : json::value(nullptr)},
          {"signal", command.signal ? json::value(*command.signal) : json::value(nullptr)},
          {"timed_out", command.timed_out},
          {"interrupted", command.interrupted},
          {"duration_us", command.duration_us},
          {"output_bytes", command.output_bytes},
          {"output", valid_utf8(command.output)}};
}

json::object verdict_json(const Verdict& verdict, Language language, const Cures& cures) {
  json::object object;
  object["schema"] = "dmigate.verdict/1";
  object["outcome"] = outcome_name(verdict.outcome);
  if (verdict.enforced) object["enforced"] = outcome_name(*verdict.enforced);
  object["recorded"] = verdict.recorded;
  if (verdict.plan) object["plan"] = true;
  if (verdict.golden) object["purpose"] = "golden";
  object["stage"] = verdict.stage ? json::value(profiles::stage_name(*verdict.stage)) : json::value(nullptr);
  object["unit"] = unit_json(verdict);
  object["profile"] = profile_json(verdict.profile);
  object["source"] = source_json(verdict.source);
  object["station"] = station_json(verdict.station);
  json::array findings;
  for (const Finding& finding : verdict.findings) findings.push_back(finding_json(finding, language, cures));
  object["findings"] = std::move(findings);
  if (verdict.burn) object["burn"] = burn_json(*verdict.burn);
  if (verdict.command) object["command"] = command_json(*verdict.command);
  if (const auto& permit = verdict.permit) {
    object["permit"] = {{"id", permit->id}, {"key", printable(permit->key)}, {"expires", permit->expires}};
  }
  if (!verdict.calls.empty()) {
    json::array calls;
    for (const CommandReport& call : verdict.calls) calls.push_back(command_json(call));
    object["calls"] = std::move(calls);
  }
  return object;
}

void add_times(const Verdict& verdict, json::object& object) {
  object["started"] = verdict.started;
  object["duration_us"] = verdict.duration_us;
  object["version"] = DMIGATE_VERSION;
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "PASS";
    case Outcome::kFail:
      return "FAIL";
    case Outcome::kError:
      return "ERROR";
    case Outcome::kObserved:
      return "OBSERVED";
  }
  return "ERROR";
}

Outcome Verdict::judged() const {
  const auto blocks = [](const Finding& finding) { return finding.severity == Severity::kError; };
  if (std::ranges::any_of(findings, [&](const Finding& f) { return blocks(f) && f.unjudged; })) {
    return Outcome::kError;
  }
  return std::ranges::any_of(findings, blocks) ? Outcome::kFail : Outcome::kPass;
}

void Verdict::conclude(const profiles::Profile* by) {
  outcome = judged();
  enforced.reset();
  if (by == nullptr || !by->observes) return;
  enforced = outcome;
  outcome = Outcome::kObserved;
}

Sentence sentence(const Finding& finding, Language language, const Cures& cures) {
  Details details{{"field", printable(finding.keyword)}, {"place", place_of(finding)}};
  if (finding.found) details.emplace_back("found", *finding.found);
  if (finding.expected) details.emplace_back("expected", *finding.expected);
  if (finding.type) details.emplace_back("type", std::to_string(*finding.type));
  if (finding.handle) details.emplace_back("handle", hex_handle(*finding.handle));
  details.insert(details.end(), finding.details.begin(), finding.details.end());
  if (std::ranges::find(details, "cure", &Details::value_type::first) == details.end()) {
    details.emplace_back("cure", cure_of(finding, language, cures));
  } else {  // an Error's words
    for (auto& [name, text] : details) {
      if (name == "detail" || name == "cure") text = translated(text, language);
    }
  }
  const bool chinese = language == Language::kChinese;
  if (finding.cause) {
    const Message& cause = message(*finding.cause);
    details.emplace_back("detail", fill(chinese ? cause.chinese : cause.english, details));
  }
  const Message& row = message(finding.say);
  return {fill(chinese ? row.chinese : row.english, details),
          fill(chinese ? row.chinese_advice : row.english_advice, details)};
}

std::string to_json(const Verdict& verdict, Language language, const Cures& cures) {
  json::object object = verdict_json(verdict, language, cures);
  if (verdict.station_seq) {
    object["record"] = {{"station_seq", *verdict.station_seq}, {"hash", verdict.record_hash}};
  } else {
    object["record"] = nullptr;
  }
  add_times(verdict, object);
  return json::serialize(object) + "\n";
}

std::string to_record_json(const Verdict& verdict, const Cures& cures) {
  json::object object = verdict_json(verdict, Language::kEnglish, cures);
  add_times(verdict, object);
  return json::serialize(object);
}

}  // namespace dmigate::gate
