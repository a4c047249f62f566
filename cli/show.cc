#include "cli/show.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "cli/show_json.h"
#include "gate/evidence/wmi.h"
#include "gate/judge/verdict.h"
#include "smbios/describe.h"
#include "smbios/sha256.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using smbios::State;

std::string handle_text(smbios::Handle handle) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%04X", handle);
  return text;
}

bool wanted(const smbios::Structure& structure, const std::vector<unsigned>& types) {
  return types.empty() || std::ranges::find(types, unsigned{structure.type()}) != types.end();
}

// What is wrong with the structures that are shown, and with the table as a whole.
std::vector<smbios::Defect> defects_of(const smbios::Source& source, const std::vector<unsigned>& types) {
  auto defects = smbios::inspect(source.layout());
  std::erase_if(defects, [&](const smbios::Defect& defect) {
    return !types.empty() && defect.type && std::ranges::find(types, unsigned{*defect.type}) == types.end();
  });
  return defects;
}

// "513 (0x201)": what a number counts, its kind says; handles and bits are read in hexadecimal.
std::string number_text(std::uint64_t number) {
  std::string text = std::to_string(number);
  if (number < 10) return text;
  char hex[24];
  std::snprintf(hex, sizeof hex, " (0x%llX)", static_cast<unsigned long long>(number));
  return text + hex;
}

// "structure.bad-string at byte 24, Handle 0x0002, DMI type 2, baseboard-serial-number: found 9, expected 3"
std::string defect_line(const smbios::Defect& defect) {
  std::string line = std::string(smbios::rule_id(defect.kind)) + " at byte " + std::to_string(defect.offset);
  if (defect.handle) line += ", Handle " + handle_text(*defect.handle);
  if (defect.type) line += ", DMI type " + std::to_string(*defect.type);
  if (defect.field != nullptr) line += ", " + std::string(defect.field->keyword);
  line += ": found " + number_text(defect.found);
  if (defect.expected != 0) line += ", expected " + number_text(defect.expected);
  return line;
}

std::vector<std::string> strings_of(const smbios::Structure& structure) {
  std::vector<std::string> strings;
  for (const std::string_view text : smbios::Strings(structure.strings())) {
    strings.push_back(gate::printable(text));
  }
  return strings;
}

std::string source_line(const smbios::Source& source) {
  return "# " + gate::printable(source.path()) + ": " + std::string(smbios::form_name(source.layout().form)) +
         ", SMBIOS " + source.table().version().to_string() + ", " +
         std::to_string(source.table().bytes().size()) + " bytes\n";
}

json::object source_json(const smbios::Source& source) {
  return {{"form", smbios::form_name(source.layout().form)},
          {"path", gate::printable(source.path())},
          {"smbios", source.table().version().to_string()},
          {"sha256", to_hex(sha256(source.table().bytes()))}};
}

void add_line(const smbios::Line& line, std::string& text) {
  text += "\t" + gate::printable(line.label) + ":";
  if (!line.value.empty()) text += " " + gate::printable(line.value);
  text += "\n";
  for (const std::string& item : line.items) text += "\t\t" + gate::printable(item) + "\n";
}

bool there(const smbios::Reading& reading) {
  return reading.state == State::kPresent || reading.state == State::kBlank;
}

// ---------------------------------------------------------------- WMI

using gate::WmiForm;
using gate::WmiProperty;

std::optional<std::string> wmi_date(const std::string& date) {
  unsigned month = 0, day = 0, year = 0;
  int end = 0;
  const int parts = std::sscanf(date.c_str(), "%2u/%2u/%4u%n", &month, &day, &year, &end);
  if (parts != 3 || static_cast<std::size_t>(end) != date.size() || year < 1000) return std::nullopt;
  char text[32];
  std::snprintf(text, sizeof text, "%04u%02u%02u000000.000000+000", year, month, day);
  return text;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Null: the property has no value.
json::value wmi_value(const WmiProperty& property, const smbios::Reading& reading) {
  if (!there(reading)) {
    if (property.form == WmiForm::kUuid) return "00000000-0000-0000-0000-000000000000";
    return nullptr;
  }
  switch (property.form) {
    case WmiForm::kText:
      return json::string(gate::printable(reading.text()));
    case WmiForm::kUuid:
      return json::string(upper(reading.text()));
    case WmiForm::kArray:
      return json::array{reading.number()};
    case WmiForm::kDate:
      if (const auto date = wmi_date(reading.text())) return json::string(*date);
      return nullptr;
  }
  return nullptr;
}

std::string wmi_words(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* numbers = value.if_array())
    return "{" + std::to_string(numbers->at(0).to_number<int>()) + "}";
  return {};
}

}  // namespace

std::string show_text(const smbios::Source& source, const std::vector<unsigned>& types) {
  const smbios::Table table = source.table();
  const smbios::Handles handles(table);
  std::string text = source_line(source);
  for (const smbios::Defect& defect : defects_of(source, types)) text += "# " + defect_line(defect) + "\n";
  for (const smbios::Structure& structure : table) {
    if (!wanted(structure, types)) continue;
    text += "\nHandle " + handle_text(structure.handle()) + ", DMI type " + std::to_string(structure.type()) +
            ", " + std::to_string(structure.length()) + " bytes\n" +
            std::string(smbios::type_name(structure.type())) + "\n";
    for (const smbios::Line& line : smbios::describe(structure, table.version(), &handles)) {
      add_line(line, text);
    }
    if (!smbios::fields_of(structure.type()).empty() || structure.type() == smbios::kEndOfTableType) continue;
    text += "\tHeader and Data: " + to_hex(structure.formatted()) + "\n";
    for (const std::string& string : strings_of(structure)) text += "\tString: " + string + "\n";
  }
  return text;
}

void show_json(const smbios::Source& source, const std::vector<unsigned>& types, const Sink& to) {
  const smbios::Table table = source.table();
  const smbios::Handles handles(table);
  json::array defects;
  for (const smbios::Defect& defect : defects_of(source, types)) {
    defects.push_back({{"rule", smbios::rule_id(defect.kind)}, {"offset", defect.offset}});
  }
  to("{\"schema\":\"dmigate.show/1\",\"source\":" + json::serialize(source_json(source)) +
     ",\"findings\":" + json::serialize(defects) + ",\"structures\":");
  StructuresJson().write(table, handles, types, to);
  to("}\n");
}

std::string wmi_text(const smbios::Source& source) {
  std::string text = source_line(source);
  std::string_view open;
  for (const WmiProperty& property : gate::wmi_properties()) {
    if (property.wmi_class != open) text += "\n" + std::string(property.wmi_class) + "\n";
    open = property.wmi_class;
    const auto reading = smbios::read(source.table(), *smbios::find_field(property.keyword));
    const std::string value = wmi_words(wmi_value(property, reading));
    text += "\t" + std::string(property.name) + "=" + value;
    if (!there(reading)) text += (value.empty() ? "(" : " (") + std::string(state_name(reading.state)) + ")";
    text += "\n";
  }
  return text;
}

std::string wmi_json(const smbios::Source& source) {
  json::object classes;
  for (const WmiProperty& property : gate::wmi_properties()) {
    const auto reading = smbios::read(source.table(), *smbios::find_field(property.keyword));
    json::value& properties = classes[property.wmi_class];
    if (properties.is_null()) properties.emplace_object();
    properties.as_object()[property.name] = {{"value", wmi_value(property, reading)},
                                             {"keyword", property.keyword},
                                             {"state", smbios::state_name(reading.state)}};
  }
  json::object object;
  object["schema"] = "dmigate.wmi/1";
  object["source"] = source_json(source);
  object["classes"] = std::move(classes);
  return json::serialize(object) + "\n";
}

}  // namespace dmigate::cli
