#include "cli/explain.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "cli/field_words.h"
#include "gate/judge/phrases.h"
#include "profiles/burn_tool.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using gate::phrase;
using profiles::BurnSwitch;
using profiles::BurnTool;
using smbios::Field;
using Tools = std::vector<BurnTool>;

// JSON is read by programs, and docs/fields.md is one page.
constexpr Language kEnglish = Language::kEnglish;

Failure unknown(std::string what, std::string advice) {
  return fail(std::move(what), {}, std::move(advice), ErrorKind::kConfiguration);
}

constexpr const char* kListAdvice = "dmigate profile explain lists the fields";

Result<std::span<const Field>> find_rows(const std::string& asked) {
  if (asked.empty()) return smbios::fields();
  if (const Field* field = smbios::find_field(asked)) return std::span(field, 1);
  unsigned type = 0;
  const auto [stop, error] = std::from_chars(asked.data(), asked.data() + asked.size(), type);
  if (error == std::errc() && stop == asked.data() + asked.size()) {
    const auto rows =
        type > 0xFF ? std::span<const Field>() : smbios::fields_of(static_cast<std::uint8_t>(type));
    if (rows.empty()) return unknown("no field of Type " + asked + " is known", kListAdvice);
    return rows;
  }
  std::vector<std::string_view> keywords;
  for (const Field& field : smbios::fields()) keywords.push_back(field.keyword);
  const std::string near = profiles::did_you_mean(asked, keywords);
  return unknown("there is no field " + profiles::ticked(asked) + near, near.empty() ? kListAdvice : "");
}

std::string heading(std::uint8_t type) {
  return "Type " + std::to_string(type) + ": " + std::string(smbios::type_name(type));
}

// "/SU {value} (as 32 hexadecimal digits)"
std::string switch_text(const BurnSwitch& burn_switch, Language language) {
  std::string text;
  for (const std::string& argument : burn_switch.arguments) text += (text.empty() ? "" : " ") + argument;
  switch (burn_switch.format) {
    case profiles::SwitchFormat::kText:
      return text;
    case profiles::SwitchFormat::kHex32:
      return text + std::string(phrase(" (as 32 hexadecimal digits)", language));
    case profiles::SwitchFormat::kHex32Stored:
      return text + std::string(phrase(" (as 32 hexadecimal digits, in the order in which they are stored)",
                                       language));
    case profiles::SwitchFormat::kHex2:
      return text + std::string(phrase(" (as two hexadecimal digits)", language));
  }
  return text;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

// ---------------------------------------------------------------- text

// The heading of a line; a Han character takes two columns, and three bytes.
std::string line(std::string_view name, const std::string& text, Language language) {
  const std::string heading(name.empty() ? name : phrase(name, language));
  const auto wide =
      static_cast<std::size_t>(std::ranges::count_if(heading, [](char c) { return c < 0; }) / 3);
  return "  " + padded(heading, 12 + wide) + text + "\n";
}

std::string since_text(const NamedValue& value, Language language) {
  if (value.since.empty()) return {};
  return " (" + gate::fill(phrase("since {version}", language), {{"version", value.since}}) + ")";
}

std::string values_text(const Field& row, const std::string& indent, Language language) {
  const auto values = values_of(row, language);
  std::size_t first = 0, second = 0;
  for (const NamedValue& value : values) {
    first = std::max(first, value.value.size() + 2);
    second = std::max(second, value.key.size() + 2);
  }
  std::string text;
  for (const NamedValue& value : values) {
    text += indent + padded(value.value, first);
    if (!value.key.empty()) text += padded(value.key, second);
    text += std::string(value.name) + since_text(value, language) + "\n";
  }
  return text;
}

std::string facts_line(const Field& row, Language language) {
  std::string text;
  for (const Fact& fact : facts_of(row, language)) {
    if (fact.name == "of several") continue;  // the same for the whole type
    text += (text.empty() ? "" : "; ") +
            (fact.name == "kind" ? "" : std::string(phrase(fact.name, language)) + " ") + fact.text;
  }
  return text;
}

std::string columns_text(const Field& row, Language language) {
  std::string text;
  for (const Field& column : row.columns) {
    text += "    " + std::string(column.keyword) + ": " + offset_text(column, language) + ", " +
            size_text(column, language) + "; " + facts_line(column, language) + "\n" +
            values_text(column, "      ", language);
  }
  return text.empty()
             ? text
             : "  " + std::string(phrase("each item, offsets from its start", language)) + "\n" + text;
}

std::string in_full(const Field& row, const Tools& tools, Language language) {
  std::string text = std::string(row.keyword) + ": " + std::string(row.label) + "\n";
  text += line("structure", heading(row.type), language);
  text += line("offset", offset_text(row, language) + ", " + size_text(row, language), language);
  text += line("since", "SMBIOS " + row.since.to_string(), language);
  text += line("clause",
               gate::fill(phrase("{clause} of DSP0134", language), {{"clause", std::string(row.clause)}}),
               language);
  for (const Fact& fact : facts_of(row, language)) text += line(fact.name, fact.text, language);
  std::string_view name = "burnt by";
  for (const BurnTool& tool : tools) {
    const BurnSwitch* burn_switch = tool.find(row);
    if (burn_switch == nullptr) continue;
    text += line(name, padded(tool.name, 10) + switch_text(*burn_switch, language), language);
    name = {};
  }
  const std::string values = values_text(row, "    ", language);
  if (!values.empty()) text += "  " + std::string(phrase("values", language)) + "\n" + values;
  return text + columns_text(row, language);
}

std::string list_of(std::span<const Field> rows) {
  std::size_t width = 0;
  for (const Field& row : rows) width = std::max(width, row.keyword.size() + 2);
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows[i].type != rows[i - 1].type)
      text += (i == 0 ? "" : "\n") + heading(rows[i].type) + "\n";
    text += "  " + padded(std::string(rows[i].keyword), width) + std::string(rows[i].label) + "\n";
  }
  return text;
}

// ---------------------------------------------------------------- JSON

json::object place_json(const Field& row) {
  json::object object{{"keyword", row.keyword},
                      {"label", row.label},
                      {"offset", offset_text(row, kEnglish)},
                      {"size", size_text(row, kEnglish)},
                      {"kind", kind_name(row.kind)},
                      {"since", row.since.to_string()},
                      {"clause", row.clause}};
  json::object facts;
  for (const Fact& fact : facts_of(row, kEnglish)) {
    std::string name(fact.name == "kind" ? "is" : fact.name);
    std::ranges::replace(name, ' ', '_');
    facts[name] = fact.text;
  }
  object["facts"] = std::move(facts);
  json::array values;
  for (const NamedValue& value : values_of(row, kEnglish)) {
    json::object& each =
        values.emplace_back(json::object{{"value", value.value}, {"name", value.name}}).as_object();
    if (!value.key.empty()) each["key"] = value.key;
    if (!value.since.empty()) each["since"] = value.since;
  }
  object["values"] = std::move(values);
  return object;
}

json::object row_json(const Field& row, const Tools& tools) {
  json::object object = place_json(row);
  object["type"] = row.type;
  object["structure"] = smbios::type_name(row.type);
  json::array columns;
  for (const Field& column : row.columns) columns.push_back(place_json(column));
  if (!columns.empty()) object["columns"] = std::move(columns);
  json::array burnt_by;
  for (const BurnTool& tool : tools) {
    const BurnSwitch* burn_switch = tool.find(row);
    if (burn_switch == nullptr) continue;
    burnt_by.push_back({{"tool", tool.name},
                        {"switch", burn_switch->name()},
                        {"written", switch_text(*burn_switch, kEnglish)}});
  }
  object["burnt_by"] = std::move(burnt_by);
  return object;
}

// ---------------------------------------------------------------- Markdown

constexpr std::string_view kPreface =
    "# Fields\n"
    "\n"
    "Every field that dmigate reads, from the table by which it reads them. `dmigate profile explain "
    "KEYWORD`\n"
    "tells the same of one field. A profile names a field by its keyword, and a value that has a name by "
    "that\n"
    "name: `Low Profile Desktop` or `low-profile-desktop`. Offsets and values are those of DSP0134 3.9.0, "
    "by\n"
    "the clauses that stand beside them.\n"
    "\n"
    "`scripts/make-goldens` writes this page anew.\n";

// What would end a cell, or be markup.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string cells(std::initializer_list<std::string> row) {
  std::string text = "|";
  for (const std::string& each : row) text += " " + each + " |";
  return text + "\n";
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string values_markdown(const std::string& name, const Field& row) {
  std::string text;
  for (const NamedValue& value : values_of(row, kEnglish)) {
    text += (text.empty() ? "" : " · ") + value.value + " " + cell(value.name) + since_text(value, kEnglish);
  }
  return text.empty() ? text : "\n" + code(name) + ": " + text + "\n";
}

std::string columns_markdown(const Field& row) {
  if (row.columns.empty()) return {};
  std::string text = "\nEach item of " + code(row.keyword) +
                     ", offsets from its start:\n\n| | at | size | |\n|---|---|---|---|\n";
  for (const Field& column : row.columns) {
    text += cells({code(column.keyword), offset_text(column, kEnglish), size_text(column, kEnglish),
                   cell(facts_line(column, kEnglish))});
  }
  for (const Field& column : row.columns) {
    text += values_markdown(std::string(row.keyword) + ", " + std::string(column.keyword), column);
  }
  return text;
}

std::string type_markdown(std::span<const Field> rows) {
  std::string text = "\n## " + heading(rows.front().type) + "\n";
  const std::string chosen = chosen_text(rows.front().type, kEnglish);
  if (!chosen.empty()) text += "\nOf several, one is read: " + chosen + ".\n";
  text += "\n| keyword | label | at | size | since | clause | |\n|---|---|---|---|---|---|---|\n";
  for (const Field& row : rows) {
    text += cells({code(row.keyword), cell(row.label), offset_text(row, kEnglish), size_text(row, kEnglish),
                   row.since.to_string(), std::string(row.clause), cell(facts_line(row, kEnglish))});
  }
  for (const Field& row : rows)
    text += values_markdown(std::string(row.keyword), row) + columns_markdown(row);
  return text;
}

std::string burn_markdown(const Tools& tools) {
  std::string text =
      "\n## What burn tools write\n"
      "\n"
      "The switches of the tools that ship; `{value}` is the value that is burnt.\n"
      "\n| keyword |";
  for (const BurnTool& tool : tools) text += " " + tool.name + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < tools.size(); ++i) text += "---|";
  text += "\n";
  for (const Field& row : smbios::fields()) {
    const auto writes = [&](const BurnTool& tool) { return tool.find(row) != nullptr; };
    if (std::ranges::none_of(tools, writes)) continue;
    text += "| " + code(row.keyword) + " |";
    for (const BurnTool& tool : tools) {
      const BurnSwitch* burn_switch = tool.find(row);
      text += burn_switch == nullptr ? " |" : " " + cell(switch_text(*burn_switch, kEnglish)) + " |";
    }
    text += "\n";
  }
  return text;
}

}  // namespace

Result<std::string> explain_text(const std::string& asked, Language language) {
  const auto rows = find_rows(asked);
  if (!rows) return Failure(rows.error());
  if (rows->front().keyword != asked) return list_of(*rows);
  const auto tools = profiles::shipped_burn_tools();
  if (!tools) return Failure(tools.error());
  return in_full(rows->front(), *tools, language);
}

Result<std::string> explain_json(const std::string& asked) {
  const auto rows = find_rows(asked);
  if (!rows) return Failure(rows.error());
  const auto tools = profiles::shipped_burn_tools();
  if (!tools) return Failure(tools.error());
  json::array fields;
  for (const Field& row : *rows) fields.push_back(row_json(row, *tools));
  const json::object object{{"schema", "dmigate.fields/1"}, {"fields", std::move(fields)}};
  return json::serialize(object) + "\n";
}

Result<std::string> field_reference() {
  const auto tools = profiles::shipped_burn_tools();
  if (!tools) return Failure(tools.error());
  std::string text(kPreface);
  for (unsigned type = 0; type <= 0xFF; ++type) {
    const auto rows = smbios::fields_of(static_cast<std::uint8_t>(type));
    if (!rows.empty()) text += type_markdown(rows);
  }
  return text + burn_markdown(*tools);
}

}  // namespace dmigate::cli
