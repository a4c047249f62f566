#include "cli/show_json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "gate/judge/verdict.h"

namespace dmigate::cli {
namespace {

using smbios::Kind;
using smbios::Reading;
using smbios::State;

void append_number(std::size_t number, std::string& json) {
  std::array<char, 20> digits{};
  json.append(digits.begin(), std::to_chars(digits.begin(), digits.end(), number).ptr);
}

constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kLower = "0123456789abcdef";

void append_hex(smbios::Bytes bytes, std::string& json) {
  const std::size_t at = json.size();
  json.resize(at + 2 * bytes.size());
  char* to = json.data() + at;
  for (const std::uint8_t byte : bytes) {
    *to++ = kLower[byte >> 4];
    *to++ = kLower[byte & 0x0F];
  }
}

void append_handle(smbios::Handle handle, std::string& json) {
  json += "\"0x";
  for (int shift = 12; shift >= 0; shift -= 4) json += kUpper[handle >> shift & 0x0F];
  json += '"';
}

// At least two digits, and the h of the specification.
void append_offset(std::size_t offset, std::string& json) {
  std::array<char, 16> digits{};
  auto* end = std::to_chars(digits.begin(), digits.end(), offset, 16).ptr;
  json += '"';
  if (end - digits.begin() < 2) json += '0';
  std::for_each(digits.begin(), end,
                [&](char c) { json += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  json += "h\"";
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

// Makes a JSON string of what was appended from `begin` on.
void close_string(std::size_t begin, std::string& json) {
  const std::string_view text = std::string_view(json).substr(begin);
  if (is_plain(text)) {
    json += '"';
    return;
  }
  const std::string written = boost::json::serialize(boost::json::value(gate::printable(text)));
  json.replace(begin - 1, std::string::npos, written);
}

bool there(const Reading& reading) {
  return reading.state == State::kPresent || reading.state == State::kBlank;
}

class Writer {
 public:
  Writer(const smbios::Handles& handles, std::string& json) : handles_(handles), json_(json) {}

  void structure(const smbios::Structure& structure, smbios::Version version) {
    json_ += "{\"type\":";
    append_number(structure.type(), json_);
    json_ += ",\"name\":\"";
    json_ += smbios::type_name(structure.type());
    json_ += "\",\"handle\":";
    append_handle(structure.handle(), json_);
    json_ += ",\"offset\":";
    append_number(structure.offset(), json_);
    json_ += ",\"length\":";
    append_number(structure.length(), json_);
    json_ += ",\"fields\":[";
    bool first = true;
    for (const smbios::Field& row : smbios::fields_of(structure.type())) {
      comma(first);
      field(smbios::read(structure, row, version));
    }
    json_ += "],\"formatted\":\"";
    append_hex(structure.formatted(), json_);
    json_ += "\",\"strings\":[";
    first = true;
    for (unsigned number = 1; const auto text = structure.string(number); ++number) {
      comma(first);
      append_string(*text, json_);
    }
    json_ += "]}";
  }

 private:
  void comma(bool& first) {
    if (!first) json_ += ',';
    first = false;
  }

  void field(const Reading& reading) {
    const smbios::Field& row = *reading.field;
    json_ += "{\"keyword\":\"";
    json_ += row.keyword;  // rows are plain ASCII without quotes: a test holds that
    json_ += "\",\"label\":\"";
    json_ += row.label;
    json_ += "\",\"offset\":";
    append_offset(reading.offset(), json_);
    json_ += ",\"state\":\"";
    json_ += smbios::state_name(reading.state);
    if (!there(reading)) {
      json_ += "\",\"value\":null,\"raw\":null}";
      return;
    }
    json_ += "\",\"value\":\"";
    const std::size_t begin = json_.size();
    reading.append_text(json_);
    close_string(begin, json_);
    json_ += ",\"raw\":\"";
    append_hex(reading.raw, json_);
    json_ += '"';
    add_rest(reading);
    json_ += '}';
  }

  // What only some fields have.
  void add_rest(const Reading& reading) {
    const smbios::Field& row = *reading.field;
    if (const std::string_view unit = reading.unit(); !unit.empty()) {
      json_ += ",\"unit\":\"";
      json_ += unit;
      json_ += '"';
    }
    if (!row.instead.keyword.empty()) add_stand_in(reading);
    if (row.items.count != 0 || row.kind == Kind::kBits || row.kind == Kind::kStrings) add_items(reading);
    if (row.kind == Kind::kHandle && reading.state == State::kPresent) add_names(reading);
    if (row.kind == Kind::kUuid) {
      json_ += ",\"bytes_in_order\":\"";
      json_ += smbios::uuid_text_rfc(reading.raw);
      json_ += "\",\"since_2_6\":\"";
      json_ += smbios::uuid_text_mixed(reading.raw);
      json_ += '"';
    }
  }

  void add_stand_in(const Reading& reading) {
    const Reading answer = reading.answer();
    if (answer.field == reading.field) return;
    json_ += ",\"stands_in\":\"";
    json_ += answer.field->keyword;
    json_ += '"';
  }

  void add_items(const Reading& reading) {
    json_ += ",\"items\":[";
    bool first = true;
    for (const smbios::Item& item : smbios::items(reading)) {
      comma(first);
      if (item.columns.empty()) {
        append_string(item.text, json_);
        continue;
      }
      json_ += '[';
      bool first_column = true;
      for (const Reading& part : item.columns) {
        comma(first_column);
        field(part);
      }
      json_ += ']';
    }
    json_ += ']';
  }

  // Who the handles name: one, or an array for a list; nothing where none is meant.
  void add_names(const Reading& reading) {
    if (reading.field->items.count == 0) {
      const auto handle = static_cast<smbios::Handle>(reading.number());
      if (!smbios::names_structure(*reading.field, handle)) return;
      json_ += ",\"names\":";
      name(handle);
      return;
    }
    const smbios::ByteView raw(reading.raw);
    json_ += ",\"names\":[";
    bool first = true;
    for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
      comma(first);
      name(static_cast<smbios::Handle>(raw.number(at, 2).value_or(0)));
    }
    json_ += ']';
  }

  // The structure that a handle names; null where there is none.
  void name(smbios::Handle handle) {
    const auto target = handles_.find(handle);
    if (!target) {
      json_ += "null";
      return;
    }
    json_ += "{\"handle\":";
    append_handle(handle, json_);
    json_ += ",\"type\":";
    append_number(target->type(), json_);
    json_ += ",\"name\":";
    append_string(smbios::name_of(*target), json_);
    json_ += '}';
  }

  const smbios::Handles& handles_;
  std::string& json_;
};

}  // namespace

void append_string(std::string_view text, std::string& json) {
  json += '"';
  const std::size_t begin = json.size();
  json += text;
  close_string(begin, json);
}

void append_structures(const smbios::Table& table, const smbios::Handles& handles,
                       const std::vector<unsigned>& types, std::string& json) {
  json += '[';
  Writer writer(handles, json);
  bool first = true;
  for (const smbios::Structure& structure : table) {
    if (!types.empty() && std::ranges::find(types, unsigned{structure.type()}) == types.end()) continue;
    if (!first) json += ',';
    first = false;
    writer.structure(structure, table.version());
  }
  json += ']';
}

}  // namespace dmigate::cli
