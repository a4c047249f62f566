#include "cli/show.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "gate/judge/verdict.h"
#include "smbios/sha256.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using smbios::State;

struct TypeName {
  unsigned type;
  std::string_view name;  ///< as dmidecode prints it
};
constexpr TypeName kTypeNames[] = {
    {0, "BIOS Information"},    {1, "System Information"}, {2, "Base Board Information"},
    {3, "Chassis Information"}, {126, "Inactive"},         {127, "End Of Table"},
};

std::string type_name(unsigned type) {
  const TypeName* row = std::ranges::find(kTypeNames, type, &TypeName::type);
  if (row != std::end(kTypeNames)) return std::string(row->name);
  return type >= 128 ? "OEM-specific Type" : "Type " + std::to_string(type);
}

std::string handle_text(smbios::Handle handle) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%04X", handle);
  return text;
}

bool wanted(const smbios::Structure& structure, const std::vector<unsigned>& types) {
  return types.empty() || std::ranges::find(types, unsigned{structure.type()}) != types.end();
}

// What stands in the place of a value that is not there: each state in its own words.
std::string value_text(const smbios::Reading& reading) {
  if (reading.state == State::kPresent) return gate::printable(reading.text());
  if (reading.state == State::kBlank) return "\"" + gate::printable(reading.text()) + "\" (blank)";
  return "(" + std::string(smbios::state_name(reading.state)) + ")";
}

std::vector<smbios::Reading> readings_of(const smbios::Structure& structure, smbios::Version version) {
  std::vector<smbios::Reading> readings;
  for (const smbios::Field& field : smbios::fields()) {
    if (field.type == structure.type()) readings.push_back(smbios::read(structure, field, version));
  }
  return readings;
}

std::vector<std::string> strings_of(const smbios::Structure& structure) {
  std::vector<std::string> strings;
  for (unsigned number = 1; const auto text = structure.string(number); ++number) {
    strings.push_back(gate::printable(*text));
  }
  return strings;
}

void add_fields_text(const std::vector<smbios::Reading>& readings, std::string& text) {
  for (const smbios::Reading& reading : readings) {
    if (reading.state == State::kBeyondLength) continue;  // this table does not have the field
    text += "\t" + std::string(reading.field->label) + ": " + value_text(reading) + "\n";
    if (reading.field->kind == smbios::Kind::kUuid && reading.state == State::kPresent) {
      text += "\t\tbytes in order: " + smbios::uuid_text_rfc(reading.raw) + "\n";
      text += "\t\tsince 2.6: " + smbios::uuid_text_mixed(reading.raw) + "\n";
    }
  }
}

json::object field_json(const smbios::Reading& reading) {
  json::object object;
  object["keyword"] = reading.field->keyword;
  object["label"] = reading.field->label;
  char offset[8];
  std::snprintf(offset, sizeof offset, "%02zXh", reading.offset());
  object["offset"] = offset;
  object["state"] = smbios::state_name(reading.state);
  const bool there = reading.state == State::kPresent || reading.state == State::kBlank;
  object["value"] = there ? json::value(gate::printable(reading.text())) : json::value(nullptr);
  object["raw"] = there ? json::value(to_hex(reading.raw)) : json::value(nullptr);
  if (there && reading.field->kind == smbios::Kind::kUuid) {
    object["bytes_in_order"] = smbios::uuid_text_rfc(reading.raw);
    object["since_2_6"] = smbios::uuid_text_mixed(reading.raw);
  }
  return object;
}

}  // namespace

std::string show_text(const smbios::Source& source, const std::vector<unsigned>& types) {
  const smbios::Table table = source.table();
  std::string text = "# " + gate::printable(source.path()) + ": " +
                     std::string(smbios::form_name(source.layout().form)) + ", SMBIOS " +
                     table.version().to_string() + ", " + std::to_string(table.bytes().size()) + " bytes\n";
  for (const smbios::Defect& defect : smbios::inspect(source.layout())) {
    text +=
        "# " + std::string(smbios::rule_id(defect.kind)) + " at byte " + std::to_string(defect.offset) + "\n";
  }
  for (const smbios::Structure& structure : table) {
    if (!wanted(structure, types)) continue;
    text += "\nHandle " + handle_text(structure.handle()) + ", DMI type " + std::to_string(structure.type()) +
            ", " + std::to_string(structure.length()) + " bytes\n" + type_name(structure.type()) + "\n";
    const auto readings = readings_of(structure, table.version());
    add_fields_text(readings, text);
    if (!readings.empty() || structure.type() == 127) continue;
    text += "\tHeader and Data: " + to_hex(structure.formatted()) + "\n";
    for (const std::string& string : strings_of(structure)) text += "\tString: " + string + "\n";
  }
  return text;
}

std::string show_json(const smbios::Source& source, const std::vector<unsigned>& types) {
  const smbios::Table table = source.table();
  json::array structures;
  for (const smbios::Structure& structure : table) {
    if (!wanted(structure, types)) continue;
    json::array fields, strings;
    for (const smbios::Reading& reading : readings_of(structure, table.version()))
      fields.push_back(field_json(reading));
    for (const std::string& string : strings_of(structure)) strings.emplace_back(string);
    structures.push_back({{"type", structure.type()},
                          {"name", type_name(structure.type())},
                          {"handle", handle_text(structure.handle())},
                          {"offset", structure.offset()},
                          {"length", structure.length()},
                          {"fields", std::move(fields)},
                          {"formatted", to_hex(structure.formatted())},
                          {"strings", std::move(strings)}});
  }
  json::array defects;
  for (const smbios::Defect& defect : smbios::inspect(source.layout())) {
    defects.push_back({{"rule", smbios::rule_id(defect.kind)}, {"offset", defect.offset}});
  }
  json::object object;
  object["schema"] = "dmigate.show/1";
  object["source"] = {{"form", smbios::form_name(source.layout().form)},
                      {"path", gate::printable(source.path())},
                      {"smbios", table.version().to_string()},
                      {"sha256", to_hex(sha256(table.bytes()))}};
  object["findings"] = std::move(defects);
  object["structures"] = std::move(structures);
  return json::serialize(object) + "\n";
}

}  // namespace dmigate::cli
