// What a burn tool is called with.
#include <algorithm>
#include <array>

#include "profiles/burn_tool.h"
#include "smbios/ascii.h"

namespace dmigate::profiles {
namespace {

using smbios::Field;

constexpr std::string_view kValue = "{value}";
constexpr std::string_view kSource = "{source}";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string hex_byte(std::uint32_t value) {
  const std::array<std::uint8_t, 1> byte = {static_cast<std::uint8_t>(value)};
  return to_hex(byte);
}

std::string quoted(Quoting quoting, const std::string& value) {
  if (quoting == Quoting::kNone) return value;
  std::string text = "\"";
  for (const char c : value) {
    if (quoting == Quoting::kEscaped && (c == '"' || c == '\\')) text += '\\';
    text += c;
  }
  return text + '"';
}

// The value in the switch's format; none when it cannot be written in it.
std::optional<std::string> formatted(const BurnSwitch& burn_switch, const std::string& value) {
  switch (burn_switch.format) {
    case SwitchFormat::kText:
      return value;
    case SwitchFormat::kHex32:
    case SwitchFormat::kHex32Stored: {
      const bool stored = burn_switch.format == SwitchFormat::kHex32Stored;
      const auto bytes = smbios::parse_uuid(value, stored);
      return bytes ? std::optional(to_hex(*bytes)) : std::nullopt;
    }
    case SwitchFormat::kHex2: {
      const auto number = smbios::parse_enum(*burn_switch.field, value);
      return number ? std::optional(hex_byte(*number)) : std::nullopt;
    }
  }
  return std::nullopt;
}

// A character of the value that the tool cannot take; none when it can take them all.
std::optional<char> refused_character(const BurnTool& tool, const std::string& value) {
  const std::string refused = tool.refuses + (tool.quoting == Quoting::kDouble ? "\"" : "");
  const std::size_t at = value.find_first_of(refused);
  return at == std::string::npos ? std::nullopt : std::optional(value[at]);
}

// A value that stands alone as an argument, and is one of the tool's own words.
bool is_a_switch(const BurnTool& tool, const std::string& argument) {
  return std::ranges::any_of(tool.switches, [&](const BurnSwitch& each) {
    return each.name().find(kValue) == std::string::npos &&
           std::ranges::equal(each.name(), argument, {}, lower, lower);
  });
}

// The arguments that write the value.
Result<std::vector<std::string>> written(const BurnTool& tool, const BurnValue& value) {
  const std::string field(value.field->keyword);
  const BurnSwitch* burn_switch = tool.find(*value.field);
  if (burn_switch == nullptr) {
    return refuse("the burn tool " + ticked(tool.name) + " has no switch for " + field, tool.file,
                  "add the switch there, or burn the field with another tool");
  }
  const bool empty = value.value.empty() || value.value.find('\0') != std::string::npos;
  const auto text = empty ? std::nullopt : formatted(*burn_switch, value.value);
  if (!text) {
    return refuse(ticked(value.value) + " cannot be written to " + field, tool.file,
                  "give a value of the field's kind");
  }
  std::vector<std::string> arguments;
  const bool is_text = burn_switch->format == SwitchFormat::kText;
  if (is_text) {
    if (const auto refused = refused_character(tool, *text)) {
      return refuse("the burn tool " + ticked(tool.name) + " cannot write the character " +
                        ticked(std::string(1, *refused)) + " of " + ticked(*text) + " to " + field,
                    tool.file, "give a value without it");
    }
    const auto most = burn_switch->at_most ? burn_switch->at_most : tool.at_most;
    if (most && text->size() > *most) {
      return refuse("the burn tool " + ticked(tool.name) + " writes at most " + std::to_string(*most) +
                        " bytes to " + field + ", and " + ticked(*text) + " has " +
                        std::to_string(text->size()),
                    tool.file, "give a shorter value");
    }
  }
  for (const std::string& argument : burn_switch->arguments) {
    arguments.push_back(replaced(argument, kValue, is_text ? quoted(tool.quoting, *text) : *text));
    if (argument != kValue || !is_a_switch(tool, arguments.back())) continue;
    return refuse("the burn tool " + ticked(tool.name) + " would take " + ticked(*text) + " for a switch",
                  tool.file, "give another value");
  }
  return arguments;
}

// The call with the arguments of those values that it writes; none when it has none to write.
Result<std::optional<PreparedCall>> prepared(const BurnTool& tool, const BurnCall& call,
                                             const std::vector<BurnValue>& values,
                                             const std::string& source) {
  PreparedCall made{.argv = {call.command}, .success = call.success};
  for (const std::string& argument : call.arguments) {
    made.argv.push_back(replaced(argument, kSource, source));
  }
  bool any = call.fields.empty();
  for (const BurnValue& value : values) {
    if (std::ranges::find(call.fields, value.field) == call.fields.end()) continue;
    auto arguments = written(tool, value);
    if (!arguments) return Failure(arguments.error());
    std::ranges::move(*arguments, std::back_inserter(made.argv));
    any = true;
  }
  return any ? std::optional(std::move(made)) : std::nullopt;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

const BurnSwitch* BurnTool::find(const Field& field) const {
  const auto found = std::ranges::find(switches, &field, &BurnSwitch::field);
  return found == switches.end() ? nullptr : &*found;
}

Result<std::vector<PreparedCall>> burn_calls(const BurnTool& tool, const std::vector<BurnValue>& values,
                                             const std::string& source) {
  // Nothing that is made before it is known that all of it can be.
  for (const BurnValue& value : values) {
    if (auto refused = cannot_write(tool, value)) return Failure(*std::move(refused));
  }
  std::vector<PreparedCall> made;
  for (const BurnCall& call : tool.calls) {
    for (std::size_t i = 0; i < (tool.one_by_one ? values.size() : 1); ++i) {
      auto one = prepared(tool, call, tool.one_by_one ? std::vector{values[i]} : values, source);
      if (!one) return Failure(one.error());
      if (*one) made.push_back(**std::move(one));
    }
  }
  return made;
}

std::optional<Error> cannot_write(const BurnTool& tool, const BurnValue& value) {
  const auto arguments = written(tool, value);
  return arguments ? std::nullopt : std::optional(arguments.error());
}

bool says(std::string_view output, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = output.find(word); at != output.npos; at = output.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_letter_or_digit(word.front()) || !is_letter_or_digit(output[at - 1]);
    const bool ends =
        end == output.size() || !is_letter_or_digit(word.back()) || !is_letter_or_digit(output[end]);
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace dmigate::profiles
