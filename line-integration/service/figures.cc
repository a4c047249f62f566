#include "line-integration/service/figures.h"

#include <algorithm>
#include <ctime>

#include "gate/evidence/members.h"
#include "gate/evidence/text.h"
#include "gate/judge/phrases.h"

namespace dmigate::service {
namespace {

namespace json = boost::json;
using gate::child;
using gate::list;
using gate::word;
using WallClock = std::chrono::system_clock;

bool is_error(const json::value& finding) {
  return finding.is_object() && word(finding.get_object(), "severity") == "error";
}

std::string rule_of(const json::object& finding) {
  const std::string keyword = word(finding, "keyword");
  return word(finding, "rule") + (keyword.empty() ? "" : " " + keyword);
}

std::tm local(WallClock::time_point time) {
  const std::time_t seconds = WallClock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

// What the operator meets first.
std::string first_message(const json::object& verdict) {
  const json::array& findings = list(verdict, "findings");
  const auto* first = std::ranges::find_if(findings, is_error);
  return first == findings.end() ? std::string() : word(first->get_object(), "message");
}

std::string profile_of(const json::object& verdict) {
  const json::object& profile = child(verdict, "profile");
  const json::value* version = profile.if_contains("version");
  return profile.empty() ? std::string()
                         : word(profile, "name") + " v" + (version ? json::serialize(*version) : "");
}

}  // namespace

WallClock::time_point midnight_of(WallClock::time_point now) {
  std::tm parts = local(now);
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  parts.tm_isdst = -1;
  return WallClock::from_time_t(std::mktime(&parts));
}

void Figures::begin_day(WallClock::time_point midnight) {
  std::array<char, 16> text{};
  const std::tm parts = local(midnight);
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  const std::lock_guard lock(mutex_);
  if (day_ == text.data()) return;
  day_ = text.data();
  yields_.clear();
  rules_.clear();
  hours_.clear();
  for (auto& [id, heard] : stations_) heard.passed = heard.failed = heard.errors = 0;
}

bool Figures::may_be_of(const std::vector<gate::Head>& heads) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::all_of(stations_, [&](const auto& known) {
    const auto head = std::ranges::find(heads, known.first, &gate::Head::station);
    return head != heads.end() && head->seq >= known.second.seq;
  });
}

void Figures::forget() {
  const std::lock_guard lock(mutex_);
  yields_.clear();
  rules_.clear();
  hours_.clear();
  stations_.clear();
  last_.clear();
}

std::int64_t Figures::last_of(const std::string& station) const {
  const std::lock_guard lock(mutex_);
  const auto found = stations_.find(station);
  return found == stations_.end() ? -1 : found->second.seq;
}

void Figures::skip_to(const std::string& station, std::int64_t seq) {
  const std::lock_guard lock(mutex_);
  stations_[station].seq = seq;
}

void Figures::count(const std::string& model, const std::string& stage, const std::string& unit, bool passed,
                    std::size_t hour) {
  const auto [seen, is_new] =
      yields_[{model, stage}].try_emplace(std::hash<std::string>()(unit), Seen{passed, false});
  if (passed && !seen->second.last) ++hours_[stage][hour];
  seen->second.last = passed;
}

std::optional<Happening> Figures::add(const gate::JournalRow& row, const json::object& record,
                                      WallClock::time_point midnight) {
  const json::object& verdict = child(record, "verdict");
  const std::lock_guard lock(mutex_);
  Heard& heard = stations_[row.station];
  heard.seq = row.seq;
  heard.time = row.time;
  if (verdict.empty()) return std::nullopt;
  const json::object& unit = child(verdict, "unit");
  const std::string label = word(unit, "label");
  const std::string model = word(unit, "model");
  const bool counts = row.kind == "check" || row.kind == "end";
  heard.stage = row.stage;
  heard.outcome = row.outcome;
  heard.label = label;
  heard.line = word(child(verdict, "station"), "line");
  heard.profile = profile_of(verdict);

  const auto time = gate::parse_instant(row.time);
  const bool judged = row.outcome == "PASS" || row.outcome == "FAIL" || row.outcome == "ERROR";
  if (counts && judged && time && *time >= midnight) {
    const bool passed = row.outcome == "PASS";
    ++(passed ? heard.passed : row.outcome == "FAIL" ? heard.failed : heard.errors);
    // What is no unit yet is told from others by its label, or else is one of its own.
    const std::string name = !row.unit.empty() ? row.unit
                             : !label.empty()  ? "label " + label
                                               : row.station + "#" + std::to_string(row.seq);
    count(model.empty() ? "-" : model, row.stage, name, passed,
          static_cast<std::size_t>(local(*time).tm_hour));
    for (const json::value& finding : list(verdict, "findings")) {
      if (is_error(finding)) ++rules_[rule_of(finding.get_object())];
    }
  }

  Happening happening{.station = row.station, .id = row.station + "#" + std::to_string(row.seq), .told = {}};
  happening.told = {{"station", row.station}, {"seq", row.seq},
                    {"time", row.time},       {"kind", row.kind},
                    {"stage", row.stage},     {"outcome", row.outcome},
                    {"unit", row.unit},       {"label", label},
                    {"model", model},         {"message", first_message(verdict)}};
  last_.push_front(happening.told);
  if (last_.size() > kLastUnits) last_.pop_back();
  return happening;
}

json::object Figures::to_json(gate::Language language) const {
  const std::lock_guard lock(mutex_);
  json::array yields, rules, stations, last;
  for (const auto& [key, yield] : yields_) {
    const auto first = std::ranges::count_if(yield, [](const auto& unit) { return unit.second.first; });
    const auto passed = std::ranges::count_if(yield, [](const auto& unit) { return unit.second.last; });
    yields.push_back({{"model", key.first},
                      {"stage", key.second},
                      {"units", yield.size()},
                      {"first_pass", first},
                      {"passed", passed}});
  }
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [rule, times] : rules_) sorted.emplace_back(times, rule);
  std::ranges::sort(sorted, std::greater<>());
  for (const auto& [times, rule] : sorted) rules.push_back({{"finding", rule}, {"times", times}});
  for (const auto& [id, heard] : stations_) {
    stations.push_back({{"station", id},
                        {"line", heard.line},
                        {"heard", heard.time},
                        {"stage", heard.stage},
                        {"outcome", heard.outcome},
                        {"label", heard.label},
                        {"profile", heard.profile},
                        {"passed", heard.passed},
                        {"failed", heard.failed},
                        {"errors", heard.errors}});
  }
  for (json::object each : last_) {
    if (language != gate::Language::kEnglish)
      each["message"] = gate::translated_finding(word(each, "message"), language);
    last.push_back(std::move(each));
  }
  json::object hours;
  for (const auto& [stage, each] : hours_) hours[stage] = json::array(each.begin(), each.end());
  return {{"schema", "dmigate.line/1"},
          {"day", day_},
          {"yield", std::move(yields)},
          {"findings", std::move(rules)},
          {"passed_per_hour", std::move(hours)},
          {"stations", std::move(stations)},
          {"last", std::move(last)}};
}

}  // namespace dmigate::service
