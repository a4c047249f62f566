#include "gate/evidence/hardware_json.h"

#include <algorithm>

#include "gate/evidence/inventory.h"
#include "gate/evidence/text.h"
#include "smbios/smbios.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// The members of one object, each taken once. The first thing that is wrong is kept; what is taken after
// it is empty.
class Members {
 public:
  Members(const json::value& value, std::string path) : object_(value.if_object()), path_(std::move(path)) {
    if (object_ == nullptr) complain("is not an object");
  }

  std::optional<std::string> optional_text(std::string_view key) {
    const json::value* value = take(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (const json::string* text = value->if_string()) return std::string(*text);
    complain("has a \"" + std::string(key) + "\" that is not a string");
    return std::nullopt;
  }
  std::string text(std::string_view key) {
    auto text = optional_text(key);
    if (!text) complain("has no \"" + std::string(key) + "\"");
    return text.value_or("");
  }
  // A text that is not empty.
  std::string name(std::string_view key) {
    std::string name = text(key);
    if (name.empty()) complain("has an empty \"" + std::string(key) + "\"");
    return name;
  }
  std::optional<std::string> optional_instant(std::string_view key) {
    auto instant = optional_text(key);
    if (instant && !parse_instant(*instant))
      complain("has a \"" + std::string(key) + "\" that is no instant");
    return instant;
  }
  std::optional<bool> optional_flag(std::string_view key) {
    const json::value* value = take(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_bool()) return value->get_bool();
    complain("has a \"" + std::string(key) + "\" that is neither true nor false");
    return std::nullopt;
  }
  bool flag(std::string_view key) {
    const auto flag = optional_flag(key);
    if (!flag) complain("has no \"" + std::string(key) + "\"");
    return flag.value_or(false);
  }
  std::optional<std::uint64_t> optional_number(std::string_view key) {
    const json::value* value = take(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    json::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    if (!error && !value->is_double()) return number;
    complain("has a \"" + std::string(key) + "\" that is no number of bytes");
    return std::nullopt;
  }
  template <typename E>
  E one_of(std::string_view key, std::optional<E> (*find)(std::string_view)) {
    const auto found = find(text(key));
    if (!found) complain("has an unknown \"" + std::string(key) + "\"");
    return found.value_or(E{});
  }
  const json::array& list(std::string_view key) {
    static const json::array kNone;
    const json::value* value = take(key);
    if (value != nullptr && value->is_array()) return value->get_array();
    complain("has no list \"" + std::string(key) + "\"");
    return kNone;
  }

  // What is wrong with the object, or empty.
  std::string finish() {
    if (object_ != nullptr) {
      for (const auto& [key, value] : *object_) {
        if (std::ranges::find(taken_, std::string_view(key)) == taken_.end())
          complain("has an unknown member \"" + std::string(key) + "\"");
      }
    }
    return wrong_;
  }
  void complain(const std::string& what) {
    if (wrong_.empty()) wrong_ = "\"" + path_ + "\" " + what;
  }

 private:
  // Every member must be there, null where it is not known: a file that was cut by hand says less.
  const json::value* take(std::string_view key) {
    if (object_ == nullptr) return nullptr;
    taken_.push_back(key);
    const json::value* value = object_->if_contains(key);
    if (value == nullptr) complain("has no \"" + std::string(key) + "\"");
    return value;
  }

  const json::object* object_;
  std::string path_;
  std::vector<std::string_view> taken_;
  std::string wrong_;
};

Disk disk_of(Members& members) {
  return {.name = members.name("name"),
          .kind = members.one_of("kind", find_disk_kind),
          .bus = members.one_of("bus", find_bus),
          .port = members.text("port"),
          .removable = members.optional_flag("removable"),
          .boot_medium = members.flag("boot_medium"),
          .serial = members.optional_text("serial"),
          .model = members.text("model"),
          .size = members.optional_number("size")};
}

NetworkCard card_of(Members& members) {
  NetworkCard card{.name = members.name("name"),
                   .bus = members.one_of("bus", find_bus),
                   .port = members.text("port"),
                   .physical = members.flag("physical"),
                   .removable = members.optional_flag("removable"),
                   .mac = members.optional_text("mac"),
                   .driver = members.optional_text("driver"),
                   .disabled = members.optional_flag("disabled")};
  if (card.mac && !card.mac->empty() && mac_text(*card.mac) != card.mac)
    members.complain("has a \"mac\" that is no address");
  return card;
}

Clock clock_of(Members& members) {
  Clock clock{.at = members.optional_instant("at").value_or(""),
              .local = members.optional_instant("local"),
              .reference = members.optional_instant("reference"),
              .from = members.text("from")};
  if (clock.at.empty()) members.complain("has no \"at\"");
  if (clock.reference.has_value() == trimmed(clock.from).empty())
    members.complain("has a reference without \"from\", or the reverse");
  return clock;
}

WmiAnswer answer_of(Members& members) {
  return {.property = members.name("property"), .value = members.optional_text("value")};
}

Statement statement_of(Members& members) {
  Statement statement{.keyword = members.text("keyword"), .value = members.text("value")};
  if (smbios::find_field(statement.keyword) == nullptr) members.complain("has an unknown \"keyword\"");
  return statement;
}

template <typename T>
Result<std::vector<T>> list_of(const json::value& value, const std::string& key, T (*read)(Members&),
                               std::string T::*unique = nullptr) {
  const json::array* array = value.if_array();
  if (array == nullptr) return fail("\"" + key + "\" is not a list");
  std::vector<T> list;
  for (const json::value& item : *array) {
    Members members(item, key);
    list.push_back(read(members));
    if (std::string wrong = members.finish(); !wrong.empty()) return fail(std::move(wrong));
    if (unique == nullptr) continue;
    const auto same = [&](const T& other) { return other.*unique == list.back().*unique; };
    if (std::ranges::count_if(list, same) > 1) return fail("\"" + key + "\" names one thing twice");
  }
  return list;
}

Result<Wmi> wmi_of(const json::value& value) {
  Members members(value, "wmi");
  Wmi wmi{.answers = {}, .error = members.text("error")};
  json::value answers = members.list("answers");
  if (std::string wrong = members.finish(); !wrong.empty()) return fail(std::move(wrong));
  auto list = list_of<WmiAnswer>(answers, "answers", answer_of);
  if (!list) return Failure(list.error());
  wmi.answers = *std::move(list);
  return wmi;
}

Result<Clock> read_clock(const json::value& value) {
  Members members(value, "clock");
  Clock clock = clock_of(members);
  if (std::string wrong = members.finish(); !wrong.empty()) return fail(std::move(wrong));
  return clock;
}

template <typename T, typename Into>
Result<bool> keep(Result<T> read, Into& into) {
  if (!read) return Failure(read.error());
  into = *std::move(read);
  return true;
}

Result<bool> read_part(std::string_view key, const json::value& value, Hardware& hardware) {
  if (key == "disks") return keep(list_of<Disk>(value, "disks", disk_of, &Disk::name), hardware.disks);
  if (key == "nics") {
    return keep(list_of<NetworkCard>(value, "nics", card_of, &NetworkCard::name), hardware.nics);
  }
  if (key == "clock") return keep(read_clock(value), hardware.clock);
  if (key == "wmi") return keep(wmi_of(value), hardware.wmi);
  if (key == "stated") return keep(list_of<Statement>(value, "stated", statement_of), hardware.stated);
  if (key != "system_disk") return false;
  const json::string* name = value.if_string();
  if (name == nullptr || name->empty()) return fail("\"system_disk\" is no name");
  hardware.system_disk = *name;
  return true;
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(valid_utf8(*text)) : json::value(nullptr);
}
json::value flag_or_null(const std::optional<bool>& flag) {
  return flag ? json::value(*flag) : json::value(nullptr);
}

json::object to_object(const Disk& disk) {
  return {{"name", valid_utf8(disk.name)},
          {"kind", disk_kind_name(disk.kind)},
          {"bus", bus_name(disk.bus)},
          {"port", valid_utf8(disk.port)},
          {"removable", flag_or_null(disk.removable)},
          {"boot_medium", disk.boot_medium},
          {"serial", text_or_null(disk.serial)},
          {"model", valid_utf8(disk.model)},
          {"size", disk.size ? json::value(*disk.size) : json::value(nullptr)}};
}

json::object to_object(const NetworkCard& card) {
  return {{"name", valid_utf8(card.name)},
          {"bus", bus_name(card.bus)},
          {"port", valid_utf8(card.port)},
          {"physical", card.physical},
          {"removable", flag_or_null(card.removable)},
          {"mac", text_or_null(card.mac)},
          {"driver", text_or_null(card.driver)},
          {"disabled", flag_or_null(card.disabled)}};
}

json::object to_object(const WmiAnswer& answer) {
  return {{"property", valid_utf8(answer.property)}, {"value", text_or_null(answer.value)}};
}

json::object to_object(const Statement& statement) {
  return {{"keyword", statement.keyword}, {"value", valid_utf8(statement.value)}};
}

template <typename T>
json::array to_array(const std::vector<T>& list) {
  json::array array;
  for (const T& item : list) array.emplace_back(to_object(item));
  return array;
}

std::size_t members_of(const json::value& value) {
  std::size_t members = 0;
  if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) members += 1 + members_of(member);
  } else if (const auto* array = value.if_array()) {
    for (const json::value& item : *array) members += members_of(item);
  }
  return members;
}

}  // namespace

bool has_member_twice(std::string_view text, const json::value& value) {
  std::size_t written = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') ++i;
    if (!in_string && text[i] == ':') ++written;
  }
  return written != members_of(value);
}

void add_hardware(const Hardware& hardware, json::object& evidence) {
  if (hardware.disks) evidence["disks"] = to_array(*hardware.disks);
  if (!hardware.system_disk.empty()) evidence["system_disk"] = valid_utf8(hardware.system_disk);
  if (hardware.nics) evidence["nics"] = to_array(*hardware.nics);
  if (const auto& clock = hardware.clock) {
    evidence["clock"] = {{"at", clock->at},
                         {"local", text_or_null(clock->local)},
                         {"reference", text_or_null(clock->reference)},
                         {"from", valid_utf8(clock->from)}};
  }
  if (const auto& wmi = hardware.wmi) {
    evidence["wmi"] = {{"error", valid_utf8(wmi->error)}, {"answers", to_array(wmi->answers)}};
  }
  if (!hardware.stated.empty()) evidence["stated"] = to_array(hardware.stated);
}

Result<bool> read_hardware(std::string_view key, const json::value& value, const std::string& name,
                           Hardware& hardware) {
  auto read = read_part(key, value, hardware);
  if (!read) return fail(read.error().what, name, "take the evidence again with dmigate evidence");
  return read;
}

}  // namespace dmigate::gate
