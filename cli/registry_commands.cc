#include "cli/registry_commands.h"

#include <boost/json.hpp>

#include "cli/exit_status.h"
#include "cli/trace.h"
#include "gate/judge/phrases.h"
#include "gate/registry/place.h"
#include "gate/registry/registry.h"
#include "profiles/yaml.h"

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

Result<Done> head(Registry& registry, bool as_json) {
  auto heads = registry.heads();
  if (!heads) return Failure(heads.error());
  std::string text;
  json::array list;
  for (const gate::Head& each : *heads) {
    text += gate::printable(each.station) + " #" + std::to_string(each.seq) + "  " + each.hash + "  " +
            each.time + "\n";
    list.push_back({{"station", each.station}, {"seq", each.seq}, {"hash", each.hash}, {"time", each.time}});
  }
  if (!as_json) return Done{text, kExitPass};
  const json::value object = {{"schema", "dmigate.registry-head/1"}, {"heads", std::move(list)}};
  return Done{json::serialize(object) + "\n", kExitPass};
}

// What `registry head --json` once said. Fails (kConfiguration) on anything else: heads that are not read are
// not held against anything.
Result<std::vector<gate::Head>> read_heads(const std::string& file) {
  auto content = profiles::read_text(file);
  if (!content) return Failure(content.error());
  const auto strange = [&] {
    return fail("this is not what `registry head --json` says", file, "give the file that was kept",
                ErrorKind::kConfiguration);
  };
  boost::system::error_code error;
  const json::value value = json::parse(*content, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains("heads");
  if (list == nullptr || !list->is_array()) return strange();
  std::vector<gate::Head> heads;
  for (const json::value& item : list->get_array()) {
    const json::object* head = item.if_object();
    const json::value* station = head == nullptr ? nullptr : head->if_contains("station");
    const json::value* seq = head == nullptr ? nullptr : head->if_contains("seq");
    const json::value* hash = head == nullptr ? nullptr : head->if_contains("hash");
    if (station == nullptr || seq == nullptr || hash == nullptr || !station->is_string() ||
        !seq->is_int64() || !hash->is_string()) {
      return strange();
    }
    heads.push_back({.station = std::string(station->get_string()),
                     .seq = seq->get_int64(),
                     .hash = std::string(hash->get_string()),
                     .time = {}});
  }
  if (heads.empty()) return strange();
  return heads;
}

Result<Done> verify(Registry& registry, const std::string& kept, bool as_json, Language language) {
  std::vector<gate::Head> heads;
  if (!kept.empty()) {
    auto read = read_heads(kept);
    if (!read) return Failure(read.error());
    heads = *std::move(read);
  }
  auto doubts = registry.verify(heads);
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

Result<Done> decided(const Result<std::string>& sentence, Language language) {
  if (!sentence) return Failure(sentence.error());
  return Done{translated(*sentence, language) + "\n", kExitPass};
}

Result<Done> migrate(const std::string& where, const gate::RegistryOptions& options,
                     const gate::Rework& rework, Language language) {
  const auto from = Registry::migrate(where, options, rework);
  if (!from) return Failure(from.error());
  const bool same = *from == Registry::kSchema;
  return Done{fill(phrase(same ? "schema {to} already: nothing was to be done"
                               : "migrated from schema {from} to {to}",
                          language),
                   {{"from", std::to_string(*from)}, {"to", std::to_string(Registry::kSchema)}}) +
                  "\n",
              kExitPass};
}

}  // namespace

Result<Done> registry_command(const Arguments& arguments) {
  const gate::RegistryOptions options{.sqlite = arguments.settings.sqlite,
                                      .postgres = arguments.settings.postgres};
  if (arguments.settings.registry == "none") {
    return fail("there is no registry to work on", arguments.settings.registry, "name one with --registry",
                ErrorKind::kConfiguration);
  }
  const std::string& where = arguments.settings.registry;
  const gate::Rework rework{.who = arguments.operand,
                            .parts = arguments.parts,
                            .disposition = arguments.disposition.value_or(gate::Disposition::kRepair),
                            .by = arguments.by,
                            .reason = arguments.reason,
                            .station = arguments.settings.station};
  if (arguments.command == Command::kRegistryInit) return init(arguments, options);
  if (arguments.command == Command::kRegistryMigrate)
    return migrate(where, options, rework, arguments.language);
  auto registry = Registry::open(where, options);
  if (!registry) return Failure(registry.error());
  switch (arguments.command) {
    case Command::kRegistryLookup:
      return lookup(*registry, arguments.operand, arguments.json, arguments.language);
    case Command::kRegistryVerify:
      return verify(*registry, arguments.heads, arguments.json, arguments.language);
    case Command::kRegistryHead:
      return head(*registry, arguments.json);
    case Command::kRegistryResolve:
      return decided(registry->resolve(rework), arguments.language);
    case Command::kRegistryReplace:
      return decided(registry->replace(rework), arguments.language);
    case Command::kRegistryRetire:
      return decided(registry->retire(rework), arguments.language);
    case Command::kTrace:
      return trace(*registry, arguments);
    default:
      return status(*registry, arguments.json, arguments.language);
  }
}

}  // namespace dmigate::cli
