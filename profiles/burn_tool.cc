#include "profiles/burn_tool.h"

#include <algorithm>
#include <array>

#include "profiles/draft.h"
#include "profiles/lookup.h"

namespace dmigate::profiles {
namespace {

using smbios::Field;
using smbios::Kind;

constexpr std::string_view kValue = "{value}";
constexpr std::string_view kSource = "{source}";

struct FormatName {
  std::string_view name;
  SwitchFormat format;
};
constexpr std::array<FormatName, 3> kFormats = {
    {{"text", SwitchFormat::kText}, {"hex32", SwitchFormat::kHex32}, {"hex2", SwitchFormat::kHex2}}};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

class ToolReader {
 public:
  ToolReader(const Node& root, const std::string& file)
      : root_(root), context_{file, {}, problems_}, map_(root, file, problems_) {
    tool_.file = file;
  }

  Result<BurnTool> read() {
    tool_.name = map_.required_text("tool");
    if (!tool_.name.empty() && !is_name(tool_.name)) {
      context_.problem(root_.find("tool")->mark, ticked(tool_.name) + " is no name of a burn tool");
    }
    tool_.description = map_.text("description").value_or("");
    tool_.command = map_.required_text("command");
    need_text("command", tool_.command);
    tool_.arguments = map_.texts("arguments").value_or(std::vector<std::string>());
    tool_.success = map_.text("success");
    if (tool_.success) need_text("success", *tool_.success);
    const Node* switches = map_.take("switches");
    if (switches == nullptr || !switches->is_mapping() || switches->entries.empty()) {
      context_.problem(root_.mark,
                       "`switches` must be a mapping, and not empty: { keyword: [/SS, '{value}'] }");
    } else {
      for (const Node::Entry& entry : switches->entries) read_switch(entry);
    }
    map_.finish();
    if (!problems_.empty()) return tl::unexpected(to_error(problems_));
    return std::move(tool_);
  }

 private:
  void need_text(std::string_view key, const std::string& text) {
    const Node* node = root_.find(key);
    if (text.empty() && node != nullptr && node->is_scalar()) {
      context_.problem(node->mark, ticked(key) + " is empty");
    }
  }

  // [/SS, '{value}'], or { arguments: [/SU, '{value}'], format: hex32 }
  void read_switch(const Node::Entry& entry) {
    const Field* field = context_.field(entry.key, entry.mark);
    BurnSwitch made{field, {}, SwitchFormat::kText};
    const Node* arguments = &entry.value;
    if (entry.value.is_mapping()) {
      MappingReader map(entry.value, context_.file, problems_);
      arguments = map.take("arguments");
      const auto format = map.text("format");
      map.finish();
      if (format) read_format(*format, entry.value.find("format")->mark, made);
    }
    if (arguments == nullptr || !arguments->is_sequence() || arguments->items.empty()) {
      return context_.problem(entry.value.mark, "a list of arguments is expected here: [/SS, '{value}']");
    }
    for (const Node& item : arguments->items) {
      if (!item.is_scalar()) context_.problem(item.mark, "an argument must be a text");
      made.arguments.push_back(item.text);
    }
    if (field != nullptr) check(made, *arguments);
  }

  void read_format(const std::string& name, const Mark& mark, BurnSwitch& made) {
    std::vector<std::string_view> names;
    for (const FormatName& known : kFormats) {
      if (known.name == name) {
        made.format = known.format;
        return;
      }
      names.push_back(known.name);
    }
    context_.problem(
        mark, "unknown format " + ticked(name) + did_you_mean(name, names) + "; it is text, hex32 or hex2");
  }

  void check(const BurnSwitch& made, const Node& arguments) {
    const auto holds_value = [](const std::string& text) { return text.find(kValue) != std::string::npos; };
    if (std::none_of(made.arguments.begin(), made.arguments.end(), holds_value)) {
      context_.problem(arguments.mark, "none of the arguments holds {value}, so nothing would be written");
    }
    if (made.format == SwitchFormat::kHex32 && made.field->kind != Kind::kUuid) {
      context_.problem(arguments.mark,
                       "hex32 writes a UUID, which " + std::string(made.field->keyword) + " is not");
    }
    if (made.format == SwitchFormat::kHex2 && (made.field->kind != Kind::kEnum || made.field->width != 1)) {
      context_.problem(arguments.mark, "hex2 writes an enumeration of one byte, which " +
                                           std::string(made.field->keyword) + " is not");
    }
    tool_.switches.push_back(made);
  }

  const Node& root_;
  std::vector<Problem> problems_;
  DraftContext context_;
  MappingReader map_;
  BurnTool tool_;
};

std::string hex_byte(std::uint32_t value) {
  const std::array<std::uint8_t, 1> byte = {static_cast<std::uint8_t>(value)};
  return to_hex(byte);
}

// The value in the switch's format; none when it cannot be written in it.
std::optional<std::string> formatted(const BurnSwitch& burn_switch, const std::string& value) {
  if (value.empty() || value.find('\0') != std::string::npos) return std::nullopt;
  switch (burn_switch.format) {
    case SwitchFormat::kText:
      return value;
    case SwitchFormat::kHex32: {
      const auto bytes = smbios::parse_uuid(value, false);  // in the order of the text
      return bytes ? std::optional(to_hex(*bytes)) : std::nullopt;
    }
    case SwitchFormat::kHex2: {
      const auto number = smbios::parse_enum(*burn_switch.field, value);
      return number ? std::optional(hex_byte(*number)) : std::nullopt;
    }
  }
  return std::nullopt;
}

Failure refuse(std::string what, const std::string& where, std::string advice) {
  return fail(std::move(what), where, std::move(advice), ErrorKind::kConfiguration);
}

}  // namespace

const BurnSwitch* BurnTool::find(const Field& field) const {
  const auto found = std::find_if(switches.begin(), switches.end(),
                                  [&](const BurnSwitch& burn_switch) { return burn_switch.field == &field; });
  return found == switches.end() ? nullptr : &*found;
}

Result<BurnTool> parse_burn_tool(std::string_view text, const std::string& file) {
  return parse_yaml(text, file).and_then([&](const Node& root) { return ToolReader(root, file).read(); });
}

Result<BurnTool> load_burn_tool(const std::string& name, const Catalog& catalog) {
  const auto found = is_name(name) ? find_file(catalog, "tools/" + name + ".yaml") : std::nullopt;
  if (!found) {
    const std::vector<std::string> names = known_names(catalog, "tools/");
    const std::vector<std::string_view> views(names.begin(), names.end());
    return refuse("there is no burn tool " + ticked(name) + did_you_mean(name, views), {},
                  "describe it in tools/" + name + ".yaml beside the profiles");
  }
  if (!found->document) return tl::unexpected(found->document.error());
  auto tool = ToolReader(found->document->root, found->file).read();
  if (tool && tool->name != name) {
    return refuse("the file is named after " + ticked(name) + ", and holds the tool " + ticked(tool->name),
                  found->file, "rename the one or the other");
  }
  return tool;
}

Result<std::vector<BurnTool>> shipped_burn_tools() {
  std::vector<std::string> names = known_names({}, "tools/");
  std::sort(names.begin(), names.end());
  std::vector<BurnTool> tools;
  for (const std::string& name : names) {
    auto tool = load_burn_tool(name, {});
    if (!tool) return tl::unexpected(tool.error());
    tools.push_back(*std::move(tool));
  }
  return tools;
}

Result<std::vector<std::string>> burn_command(const BurnTool& tool, const std::vector<BurnValue>& values,
                                              const std::string& source) {
  std::vector<std::string> command = {tool.command};
  for (const std::string& argument : tool.arguments) command.push_back(replaced(argument, kSource, source));
  for (const BurnValue& value : values) {
    const BurnSwitch* burn_switch = tool.find(*value.field);
    if (burn_switch == nullptr) {
      return refuse(
          "the burn tool " + ticked(tool.name) + " has no switch for " + std::string(value.field->keyword),
          tool.file, "add the switch there, or burn the field with another tool");
    }
    const auto written = formatted(*burn_switch, value.value);
    if (!written) {
      return refuse(ticked(value.value) + " cannot be written to " + std::string(value.field->keyword),
                    tool.file, "give a value of the field's kind");
    }
    for (const std::string& argument : burn_switch->arguments) {
      command.push_back(replaced(argument, kValue, *written));
    }
  }
  return command;
}

}  // namespace dmigate::profiles
