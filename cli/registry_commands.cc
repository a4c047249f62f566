#include "cli/registry_commands.h"

#include <boost/json.hpp>

#include "cli/exit_status.h"
#include "gate/judge/phrases.h"
#include "gate/registry/place.h"
#include "gate/registry/registry.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using gate::fill;
using gate::Language;
using gate::phrase;
using gate::Registry;

Result<Done> init(const Arguments& arguments, const gate::RegistryOptions& options) {
  auto made = Registry::init(arguments.settings.registry, options);
  if (!made) return Failure(made.error());
  const std::string path = gate::printable(gate::shown_place(arguments.settings.registry));
  return Done{fill(phrase("registry made: {path}", arguments.language), {{"path", path}}) + "\n", kExitPass};
}

Result<Done> status(Registry& registry, bool as_json, Language language) {
  auto status = registry.status();
  if (!status) return Failure(status.error());
  if (as_json) {
    json::array work;
    for (const auto& item : status->work) {
      work.push_back({{"unit", item.unit},
                      {"label", item.label},
                      {"kind", item.kind},
                      {"state", item.state},
                      {"stage", item.stage},
                      {"station", item.station},
                      {"since", item.since}});
    }
    const json::value object = {
        {"schema", "dmigate.registry-status/1"},
        {"registry", gate::printable(status->where)},
        {"schema_version", status->schema},
        {"units", status->units},
        {"claims",
         {{"active", status->active}, {"reserved", status->reserved}, {"retired", status->retired}}},
        {"records", status->records},
        {"work", std::move(work)}};
    return Done{json::serialize(object) + "\n", kExitPass};
  }
  std::string text;
  const auto add = [&](std::string_view line, const gate::Details& details) {
    text += fill(line, details) + "\n";
  };
  const auto number = [](auto count) { return std::to_string(count); };
  add(phrase("registry  {path} (schema {version})", language),
      {{"path", gate::printable(status->where)}, {"version", number(status->schema)}});
  add(phrase("units     {count}", language), {{"count", number(status->units)}});
  add(phrase("claims    {active} active, {reserved} reserved, {retired} retired", language),
      {{"active", number(status->active)},
       {"reserved", number(status->reserved)},
       {"retired", number(status->retired)}});
  add(phrase("records   {count}", language), {{"count", number(status->records)}});
  for (const auto& item : status->work) {
    add(phrase("{state} {kind}  {unit}  {stage} at {station}, {since}", language),
        {{"state", item.state},
         {"kind", item.kind},
         {"unit", item.label.empty() ? item.unit : item.label},
         {"stage", item.stage},
         {"station", item.station},
         {"since", item.since}});
  }
  return Done{text, kExitPass};
}

Result<Done> lookup(Registry& registry, const std::string& value, bool as_json, Language language) {
  auto rows = registry.lookup(value);
  if (!rows) return Failure(rows.error());
  if (as_json) {
    json::array claims;
    for (const auto& row : *rows) {
      claims.push_back({{"keyword", row.keyword},
                        {"value", row.shown},
                        {"state", row.state},
                        {"unit", row.holder.unit},
                        {"label", row.holder.label},
                        {"station", row.holder.station},
                        {"since", row.holder.since}});
    }
    const json::value object = {{"schema", "dmigate.registry-lookup/1"}, {"claims", std::move(claims)}};
    return Done{json::serialize(object) + "\n", kExitPass};
  }
  if (rows->empty()) {
    return Done{fill(phrase("nobody holds {value}", language), {{"value", gate::printable(value)}}) + "\n",
                kExitPass};
  }
  std::string text;
  for (const auto& row : *rows) {
    text += row.keyword + " " + row.shown + "  " + row.state + "  " + row.holder.unit;
    if (!row.holder.label.empty()) {
      text += fill(phrase(" (label {label})", language), {{"label", row.holder.label}});
    }
    text += "  " + row.holder.station + ", " + row.holder.since + "\n";
  }
  return Done{text, kExitPass};
}

Result<Done> verify(Registry& registry, bool as_json, Language language) {
  auto doubts = registry.verify();
  if (!doubts) return Failure(doubts.error());
  const int status = doubts->empty() ? kExitPass : kExitFail;
  if (as_json) {
    json::array list;
    for (const auto& doubt : *doubts) list.push_back({{"where", doubt.where}, {"what", doubt.what}});
    const json::value object = {
        {"schema", "dmigate.registry-verify/1"}, {"whole", doubts->empty()}, {"doubts", std::move(list)}};
    return Done{json::serialize(object) + "\n", status};
  }
  if (doubts->empty()) {
    return Done{
        std::string(phrase("every record is whole and in order, every claim is explained", language)) + "\n",
        status};
  }
  std::string text;
  for (const auto& doubt : *doubts)
    text += translated(gate::printable(doubt.where), language) + ": " +
            translated(gate::printable(doubt.what), language) + "\n";
  return Done{text, status};
}

}  // namespace

Result<Done> registry_command(const Arguments& arguments) {
  const gate::RegistryOptions options{.sqlite = arguments.settings.sqlite,
                                      .postgres = arguments.settings.postgres};
  if (arguments.settings.registry == "none") {
    return fail("there is no registry to work on", arguments.settings.registry, "name one with --registry",
                ErrorKind::kConfiguration);
  }
  if (arguments.command == Command::kRegistryInit) return init(arguments, options);
  auto registry = Registry::open(arguments.settings.registry, options);
  if (!registry) return Failure(registry.error());
  switch (arguments.command) {
    case Command::kRegistryLookup:
      return lookup(*registry, arguments.operand, arguments.json, arguments.language);
    case Command::kRegistryVerify:
      return verify(*registry, arguments.json, arguments.language);
    case Command::kRegistryResolve: {
      auto resolved =
          registry->resolve(arguments.operand, arguments.by, arguments.reason, arguments.settings.station);
      if (!resolved) return Failure(resolved.error());
      return Done{translated(*resolved, arguments.language) + "\n", kExitPass};
    }
    default:
      return status(*registry, arguments.json, arguments.language);
  }
}

}  // namespace dmigate::cli
