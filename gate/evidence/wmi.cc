#include "gate/evidence/wmi.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "gate/evidence/hardware_json.h"
#include "gate/evidence/text.h"
#include "smbios/ascii.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

constexpr WmiProperty kProperties[] = {
    {"Win32_BIOS", "Manufacturer", "bios-vendor"},
    {"Win32_BIOS", "SMBIOSBIOSVersion", "bios-version"},
    {"Win32_BIOS", "ReleaseDate", "bios-release-date", WmiForm::kDate},
    {"Win32_BIOS", "SerialNumber", "system-serial-number"},
    {"Win32_BaseBoard", "Manufacturer", "baseboard-manufacturer"},
    {"Win32_BaseBoard", "Product", "baseboard-product-name"},
    {"Win32_BaseBoard", "Version", "baseboard-version"},
    {"Win32_BaseBoard", "SerialNumber", "baseboard-serial-number"},
    {"Win32_ComputerSystemProduct", "IdentifyingNumber", "system-serial-number"},
    {"Win32_ComputerSystemProduct", "Name", "system-product-name"},
    {"Win32_ComputerSystemProduct", "UUID", "system-uuid", WmiForm::kUuid},
    {"Win32_ComputerSystemProduct", "Vendor", "system-manufacturer"},
    {"Win32_ComputerSystemProduct", "Version", "system-version"},
    {"Win32_ComputerSystem", "Manufacturer", "system-manufacturer"},
    {"Win32_ComputerSystem", "Model", "system-product-name"},
    {"Win32_ComputerSystem", "SystemFamily", "system-family"},
    {"Win32_ComputerSystem", "SystemSKUNumber", "system-sku-number"},
    {"Win32_SystemEnclosure", "ChassisTypes", "chassis-type", WmiForm::kArray},
    {"Win32_SystemEnclosure", "Manufacturer", "chassis-manufacturer"},
    {"Win32_SystemEnclosure", "SerialNumber", "chassis-serial-number"},
    {"Win32_SystemEnclosure", "SMBIOSAssetTag", "chassis-asset-tag"},
    {"Win32_SystemEnclosure", "Version", "chassis-version"},
};

// wmic's own names.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"bios", "Win32_BIOS"},
    {"baseboard", "Win32_BaseBoard"},
    {"csproduct", "Win32_ComputerSystemProduct"},
    {"computersystem", "Win32_ComputerSystem"},
    {"systemenclosure", "Win32_SystemEnclosure"},
};

constexpr std::string_view kAnsweredNothing = "WMI answered nothing";
constexpr std::size_t kLargestAnswers = 1u << 20;  // bytes of a file

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

Failure not_wmi(const std::string& name, std::string what) {
  return fail(std::move(what), name,
              "save what `wmic CLASS get /value` or Get-CimInstance prints, or JSON, as docs/evidence.md "
              "says");
}

// Empty: none of the classes that are known here.
std::string_view class_named(std::string_view word) {
  const auto* found = std::ranges::find_if(
      kProperties, [&](std::string_view known) { return same_word(known, word); }, &WmiProperty::wmi_class);
  return found == std::end(kProperties) ? std::string_view{} : found->wmi_class;
}

const WmiProperty* property_named(std::string_view wmi_class, std::string_view name) {
  const auto* found = std::ranges::find_if(kProperties, [&](const WmiProperty& property) {
    return property.wmi_class == wmi_class && same_word(property.name, name);
  });
  return found == std::end(kProperties) ? nullptr : found;
}

void add_answer(Wmi& wmi, const WmiProperty& property, std::optional<std::string> value) {
  wmi.answers.push_back(
      {std::string(property.wmi_class) + "." + std::string(property.name), std::move(value)});
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBetween = " \t\"'[]#>|,";
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(kBetween); at != line.npos;
       at = line.find_first_not_of(kBetween, at)) {
    const std::size_t end = std::min(line.find_first_of(kBetween, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

// What a line without a property asks: "Win32_BIOS", "C:\\>wmic bios get SerialNumber /value",
// "PS C:\\> Get-CimInstance Win32_BIOS | Format-List *".
struct Heading {
  std::string_view wmi_class;
  std::vector<const WmiProperty*> named;  ///< empty: all that it has
};

// None: an error may name a class too, so what stands before one must be a command.
std::optional<Heading> heading_in(std::string_view line) {
  constexpr std::string_view kCommands[] = {"Get-CimInstance", "Get-WmiObject", "gcim", "gwmi"};
  const auto words = words_of(line);
  bool wmic = false;
  bool command = words.size() == 1;
  Heading heading;
  for (const std::string_view word : words) {
    if (!heading.wmi_class.empty()) {
      if (const auto* property = property_named(heading.wmi_class, word)) heading.named.push_back(property);
      continue;
    }
    if (command || wmic) heading.wmi_class = class_named(word);
    for (const auto& [alias, wmi_class] : kAliases) {
      if (wmic && same_word(word, alias)) heading.wmi_class = wmi_class;
    }
    wmic = wmic || same_word(word, "wmic") || same_word(word, "wmic.exe");
    command = command ||
              std::ranges::any_of(kCommands, [&](std::string_view known) { return same_word(word, known); });
  }
  return heading.wmi_class.empty() ? std::nullopt : std::optional(heading);
}

// A prompt that nothing was typed at.
bool is_prompt(std::string_view line) {
  return line.ends_with(":\\>") || (line.find(":\\") < 6 && line.ends_with('>'));
}

// What a tool prints when the call fails: wmic's and PowerShell's English, numbers in any language.
bool is_error(std::string_view line) {
  constexpr std::string_view kSigns[] = {
      "ERROR:", "Description = ",           "HRESULT",           "0x8",
      "0xC00",  "No Instance(s) Available", "Get-CimInstance :", "Get-WmiObject :"};
  return std::ranges::any_of(kSigns, [&](std::string_view sign) { return line.find(sign) != line.npos; });
}

struct Property {
  std::string_view name;
  std::string value;
};

// "SerialNumber=CX2600417" and "SerialNumber      : CX2600417"; "ERROR:" is none.
std::optional<Property> property_in(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '_'))
    ++end;
  const std::size_t sign = line.find_first_not_of(" \t", end);
  if (end == 0 || sign == line.npos) return std::nullopt;
  if (line[sign] == '=' && sign == end)
    return Property{line.substr(0, end), std::string(line.substr(sign + 1))};
  if (line[sign] != ':' || sign == end || (sign + 1 < line.size() && line[sign + 1] != ' '))
    return std::nullopt;
  return Property{line.substr(0, end), std::string(line.substr(std::min(sign + 2, line.size())))};
}

// A class that was asked and gave nothing is silent, and so is a property that was asked for by its name.
void add_silence(Wmi& wmi, const std::vector<Heading>& asked) {
  const std::vector<WmiAnswer> answers = wmi.answers;
  const auto answered = [&](const auto& matches) { return std::ranges::any_of(answers, matches); };
  for (const Heading& heading : asked) {
    const std::string prefix = std::string(heading.wmi_class) + ".";
    const bool any = answered([&](const WmiAnswer& answer) { return answer.property.starts_with(prefix); });
    for (const WmiProperty& property : kProperties) {
      const bool named = std::ranges::find(heading.named, &property) != heading.named.end();
      const bool meant = named || (heading.named.empty() && !any);
      if (property.wmi_class != heading.wmi_class || !meant) continue;
      const std::string name = prefix + std::string(property.name);
      if (!answered([&](const WmiAnswer& answer) { return answer.property == name; }))
        add_answer(wmi, property, std::nullopt);
    }
  }
}

// What was read, with what was not said.
Wmi finished(Wmi wmi, const std::vector<Heading>& asked) {
  if (wmi.answers.empty() && wmi.error.empty()) wmi.error = kAnsweredNothing;
  if (wmi.error.empty()) add_silence(wmi, asked);
  return wmi;
}

// Reads the lines of a transcript. Properties are gathered into a block, since Format-List names the
// class at its end.
class Transcript {
 public:
  explicit Transcript(const std::string& name) : name_(name) {}

  Result<Wmi> read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    end_block();
    if (!wrong_.empty()) return not_wmi(name_, wrong_);
    if (wmi_.error.empty() && !other_lines_.empty()) {
      if (wmi_.answers.empty() && asked_.empty()) return not_wmi(name_, "no answer of WMI is in it");
      wmi_.error = other_lines_;
    }
    return finished(std::move(wmi_), asked_);
  }

 private:
  void read_line(std::string_view line) {
    const std::string_view bare = trimmed(line);
    const std::size_t indent = line.find_first_not_of(' ');
    if (bare.empty()) {
      end_block();
    } else if (!block_.empty() && column_ != 0 && indent == column_) {
      block_.back().value += bare;  // Format-List breaks long values
    } else if (const auto property = property_in(bare)) {
      const std::size_t colon = line.find(" : ");
      column_ = colon == line.npos ? 0 : colon + 3;
      add(*property);
    } else if (is_error(bare)) {
      if (wmi_.error.empty() || wmi_.error == "ERROR:") wmi_.error = bare;
    } else if (const auto heading = heading_in(bare)) {
      end_block();
      class_ = heading->wmi_class;
      asked_.push_back(*heading);
    } else if (!is_prompt(bare)) {
      add_other(bare);
    }
  }

  // An error in any language: no line is passed over that is not understood.
  void add_other(std::string_view line) {
    constexpr std::size_t kEnough = 300;  // bytes
    if (other_lines_.size() < kEnough) other_lines_ += (other_lines_.empty() ? "" : " ") + std::string(line);
  }

  void add(const Property& property) {
    // "wmic : The term 'wmic' is not recognized"
    if (same_word(property.name, "wmic") || same_word(property.name, "gcim") ||
        same_word(property.name, "gwmi")) {
      add_other(property.value);
      return;
    }
    if (same_word(property.name, "CimClass") || same_word(property.name, "__CLASS") ||
        same_word(property.name, "CreationClassName")) {
      const std::size_t colon = property.value.rfind(':');  // root/cimv2:Win32_BIOS
      const auto word =
          trimmed(std::string_view(property.value).substr(colon == property.value.npos ? 0 : colon + 1));
      if (const auto named = class_named(word); !named.empty()) block_class_ = named;
      return;
    }
    block_.push_back(property);
  }

  void end_block() {
    const std::string_view wmi_class = block_class_.empty() ? class_ : block_class_;
    for (const Property& property : block_) {
      if (wmi_class.empty()) {
        wrong_ = "it does not say of which class \"" + printable(property.name) + "\" is";
        break;
      }
      const WmiProperty* known = property_named(wmi_class, property.name);
      if (known == nullptr) continue;
      const std::string_view value = trimmed(property.value);
      add_answer(wmi_, *known, value.empty() ? std::nullopt : std::optional<std::string>(value));
    }
    block_.clear();
    block_class_ = {};
  }

  const std::string& name_;
  Wmi wmi_;
  std::string_view class_;  ///< of the last heading
  std::vector<Property> block_;
  std::string_view block_class_;
  std::string wrong_;
  std::vector<Heading> asked_;
  std::size_t column_ = 0;   ///< where Format-List's values stand
  std::string other_lines_;  ///< that are none of these
};

// Null for null; a list as WMI's tools print one, "{3}".
std::optional<std::string> value_of(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (const json::array* list = value.if_array()) {
    std::string all;
    for (const json::value& item : *list) all += (all.empty() ? "" : ", ") + value_of(item).value_or("");
    return "{" + all + "}";
  }
  return json::serialize(value);
}

Result<void> read_instance(std::string_view wmi_class, const json::value& value, const std::string& name,
                           Wmi& wmi) {
  if (value.is_null()) return {};
  const json::object* object = value.if_object();
  if (object == nullptr) return not_wmi(name, "what is said of " + std::string(wmi_class) + " is no object");
  for (const auto& [key, answer] : *object) {
    const WmiProperty* property = property_named(wmi_class, key);
    if (property != nullptr) add_answer(wmi, *property, value_of(answer));
  }
  return {};
}

Result<Wmi> parse_json(std::string_view text, const std::string& name) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return not_wmi(name, "it is no JSON object");
  if (has_member_twice(text, value)) return not_wmi(name, "a member stands in it twice");
  Wmi wmi;
  std::vector<Heading> asked;
  for (const auto& [key, member] : *object) {
    if (key == "error" && member.is_string()) {
      wmi.error = std::string(member.get_string());
      continue;
    }
    const std::string_view wmi_class = class_named(key);
    if (wmi_class.empty())
      return not_wmi(name, "\"" + printable(std::string(key)) + "\" is no class that is known");
    asked.push_back({.wmi_class = wmi_class, .named = {}});
    const json::array one{member};
    for (const json::value& instance : member.is_array() ? member.get_array() : one) {
      if (auto read = read_instance(wmi_class, instance, name, wmi); !read) return Failure(read.error());
    }
  }
  return finished(std::move(wmi), asked);
}

}  // namespace

std::span<const WmiProperty> wmi_properties() { return kProperties; }

Result<Wmi> parse_wmi(std::string_view bytes, const std::string& name) {
  if (bytes.size() > kLargestAnswers) return not_wmi(name, "it is too large to be WMI's answers");
  const auto text = plain_text(bytes);
  if (!text) return not_wmi(name, "it is no text");
  if (trimmed(*text).starts_with('{')) return parse_json(*text, name);
  return Transcript(name).read(*text);
}

}  // namespace dmigate::gate
