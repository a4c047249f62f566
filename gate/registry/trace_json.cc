#include "gate/registry/trace_json.h"

#include <set>

#include "gate/evidence/members.h"

namespace dmigate::gate {

namespace json = boost::json;

namespace {

json::array to_array(std::vector<json::object> records) {
  json::array array;
  for (json::object& record : records) array.emplace_back(std::move(record));
  return array;
}

json::object unit_json(const TracedUnit& unit) {
  json::array claims, seen;
  for (const auto& row : unit.claims) {
    claims.push_back({{"keyword", row.keyword},
                      {"value", row.shown},
                      {"scope", row.scope},
                      {"state", row.state},
                      {"disposition", row.disposition},
                      {"station", row.holder.station},
                      {"since", row.holder.since}});
  }
  for (const auto& trait : unit.seen) {
    seen.push_back({{"keyword", trait.keyword},
                    {"value", trait.shown},
                    {"witness", trait.witness},
                    {"since", trait.since}});
  }
  json::object object{{"unit", unit.id},
                      {"label", unit.claims.empty() ? "" : unit.claims.front().holder.label},
                      {"model", unit.model},
                      {"since", unit.since},
                      {"claims", std::move(claims)},
                      {"seen", std::move(seen)}};
  object["work"] = nullptr;
  if (unit.work) {
    object["work"] = {{"kind", unit.work->kind},
                      {"state", unit.work->state},
                      {"stage", unit.work->stage},
                      {"station", unit.work->station},
                      {"since", unit.work->since}};
  }
  object["records"] = to_array(parsed_records(unit.records));
  return object;
}

// The raw tables of one unit, so that they can be decoded again: structures as hex.
Result<json::array> tables_json(Registry& registry, const TracedUnit& unit) {
  json::array tables;
  for (const std::string& name : tables_of(parsed_records(unit.records))) {
    auto kept = registry.source(name);
    if (!kept) return Failure(kept.error());
    if (!*kept) continue;
    tables.push_back({{"sha256", name},
                      {"form", (*kept)->form},
                      {"smbios", (*kept)->smbios},
                      {"entry_point", to_hex((*kept)->entry_point)},
                      {"structures", to_hex((*kept)->structures)}});
  }
  return tables;
}

}  // namespace

std::vector<json::object> parsed_records(const std::vector<std::string>& bodies) {
  std::vector<json::object> records;
  for (const std::string& body : bodies) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    if (!error && value.is_object()) records.push_back(std::move(value.get_object()));
  }
  return records;
}

std::vector<std::string> tables_of(const std::vector<json::object>& records) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const json::object& record : records) {
    std::string name = word(child(child(record, "verdict"), "source"), "sha256");
    if (!name.empty() && known.insert(name).second) names.push_back(std::move(name));
  }
  return names;
}

Result<json::object> trace_json(Registry& registry, const Trace& trace, const std::string& value) {
  json::object object{{"schema", "dmigate.trace/1"}, {"value", printable(value)}};
  json::array units;
  for (const TracedUnit& unit : trace.units) {
    json::object told = unit_json(unit);
    if (trace.units.size() == 1) {
      auto tables = tables_json(registry, unit);
      if (!tables) return Failure(tables.error());
      told["tables"] = *std::move(tables);
    }
    units.emplace_back(std::move(told));
  }
  object["units"] = std::move(units);
  object["records"] = to_array(parsed_records(trace.records));
  return object;
}

}  // namespace dmigate::gate
