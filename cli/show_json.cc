#include "cli/show_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json.hpp>

#include "gate/judge/verdict.h"
#include "smbios/text_buffer.h"

namespace dmigate::cli {
namespace {

using smbios::Kind;
using smbios::Reading;
using smbios::State;

// What a JSON string has as it is: ASCII from 20h to 7Eh, but no quote and no backslash.
constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned char c = ' '; c <= '~'; ++c) plain.at(c) = c != '"' && c != '\\';
  return plain;
}();

bool is_plain(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain &= kIsPlain[static_cast<unsigned char>(c)];
  return plain;
}

}  // namespace

// JSON's pieces.
class StructuresJson::Output : public smbios::TextBuffer {
 public:
  // At least two digits, and the h of the specification.
  void offset(std::size_t offset) {
    std::size_t digits = 2;
    while (offset >> 4 * digits != 0) ++digits;
    put('"');
    hex(offset, digits);
    put("h\"");
  }
  void handle(smbios::Handle handle) {
    put("\"0x");
    hex(handle, 4);
    put('"');
  }
  void string(std::string_view piece) {
    const std::size_t start = size() + 1;
    put('"', piece);
    mend_string(start);
    put('"');
  }
  // What was put from `start` on is made the inside of a string: control characters and bytes that are no
  // UTF-8 as gate::printable() shows them.
  void mend_string(std::size_t start) {
    const std::string_view written = text().substr(start);
    if (is_plain(written)) return;
    const std::string mended = boost::json::serialize(boost::json::value(gate::printable(written)));
    cut(start);
    put(std::string_view(mended).substr(1, mended.size() - 2));
  }
};

namespace {

// A field up to its state. Keywords and the names of types are plain ASCII.
void put_head(const smbios::Field& row, std::size_t offset, StructuresJson::Output& out) {
  out.put("{\"keyword\":\"", row.keyword, "\",\"offset\":");
  out.offset(offset);
  out.put(",\"state\":\"");
}

// What is the same in every table.
struct Heads {
  Heads();
  std::array<std::string, 256> of_types;  ///< up to the handle
  std::vector<std::string> of_rows;       ///< up to the state
};

Heads::Heads() {
  for (unsigned type = 0; type < of_types.size(); ++type) {
    StructuresJson::Output out;
    out.put("{\"type\":");
    out.decimal(type);
    out.put(",\"name\":\"", smbios::type_name(static_cast<std::uint8_t>(type)), "\",\"handle\":");
    of_types.at(type) = out.text();
  }
  for (const smbios::Field& row : smbios::fields()) {
    StructuresJson::Output out;
    put_head(row, row.offset, out);
    of_rows.emplace_back(out.text());
  }
}

constexpr std::string_view kPresent = "present\",\"value\":\"";
constexpr std::string_view kBlank = "blank\",\"value\":\"";

bool there(const Reading& reading) {
  return reading.state == State::kPresent || reading.state == State::kBlank;
}

class Writer {
 public:
  Writer(const smbios::Handles& handles, StructuresJson::Output& out) : handles_(handles), out_(out) {}

  void array(const smbios::Table& table, const std::vector<unsigned>& types) {
    out_.put('[');
    bool first = true;
    for (const smbios::Structure& each : table) {
      if (!types.empty() && std::ranges::find(types, unsigned{each.type()}) == types.end()) continue;
      comma(first);
      structure(each, table.version());
    }
    out_.put(']');
  }

 private:
  static const Heads& heads() {
    static const Heads kHeads;
    return kHeads;
  }

  void structure(const smbios::Structure& structure, smbios::Version version) {
    out_.put(heads_.of_types[structure.type()]);
    out_.handle(structure.handle());
    out_.put(",\"offset\":");
    out_.decimal(structure.offset());
    out_.put(",\"length\":");
    out_.decimal(structure.length());
    out_.put(",\"fields\":[");
    bool first = true;
    for (const smbios::Field& row : smbios::fields_of(structure.type())) {
      comma(first);
      field(smbios::read(structure, row, version));
    }
    out_.put("],\"formatted\":\"", structure.formatted(), "\",\"strings\":[");
    first = true;
    for (const std::string_view text : smbios::Strings(structure.strings())) {
      comma(first);
      out_.string(text);
    }
    out_.put("]}");
  }

  void comma(bool& first) {
    if (!first) out_.put(',');
    first = false;
  }

  void field(const Reading& reading) {
    const smbios::Field& row = *reading.field;
    if (row.after.count == 0) {
      out_.put(heads_.of_rows[static_cast<std::size_t>(&row - smbios::fields().data())]);
    } else {
      put_head(row, reading.offset(), out_);
    }
    rest_of_field(reading);
  }

  // From the state on.
  void rest_of_field(const Reading& reading) {
    if (!there(reading)) {
      out_.put(smbios::state_name(reading.state), "\",\"value\":null,\"raw\":null}");
      return;
    }
    out_.put(reading.state == State::kPresent ? kPresent : kBlank);
    const std::size_t start = out_.size();
    const std::string_view unit = reading.put_text(out_);
    out_.mend_string(start);
    out_.put("\",\"raw\":\"", reading.raw, '"');
    if (!unit.empty()) out_.put(",\"unit\":\"", unit, '"');
    add_rest(reading);
    out_.put('}');
  }

  // What only some fields have.
  void add_rest(const Reading& reading) {
    const smbios::Field& row = *reading.field;
    if (!row.instead.keyword.empty()) add_stand_in(reading);
    if (row.kind == Kind::kBits) {
      add_bits(reading);
    } else if (row.items.count != 0 || row.kind == Kind::kStrings) {
      add_items(reading);
    }
    if (row.kind == Kind::kHandle && reading.state == State::kPresent) add_names(reading);
    if (row.kind == Kind::kUuid) {
      out_.put(",\"bytes_in_order\":\"", smbios::uuid_text_rfc(reading.raw), "\",\"since_2_6\":\"",
               smbios::uuid_text_mixed(reading.raw), '"');
    }
  }

  void add_stand_in(const Reading& reading) {
    const Reading answer = reading.answer();
    if (answer.field == reading.field) return;
    out_.put(",\"stands_in\":\"", answer.field->keyword, '"');
  }

  // The commonest list, without a vector of items.
  void add_bits(const Reading& reading) {
    out_.put(",\"items\":[");
    bool first = true;
    for (std::uint64_t rest = reading.number(); rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(rest));
      comma(first);
      const auto name = smbios::value_name(*reading.field, bit);
      out_.string(name ? *name : "bit " + std::to_string(bit));
    }
    out_.put(']');
  }

  void add_items(const Reading& reading) {
    out_.put(",\"items\":[");
    bool first = true;
    for (const smbios::Item& item : smbios::items(reading)) {
      comma(first);
      if (item.columns.empty()) {
        out_.string(item.text);
        continue;
      }
      out_.put('[');
      bool first_column = true;
      for (const Reading& part : item.columns) {
        comma(first_column);
        put_head(*part.field, part.offset(), out_);
        rest_of_field(part);
      }
      out_.put(']');
    }
    out_.put(']');
  }

  // Who the handles name: one, or an array for a list; nothing where none is meant.
  void add_names(const Reading& reading) {
    if (reading.field->items.count == 0) {
      const auto handle = static_cast<smbios::Handle>(reading.number());
      if (!smbios::names_structure(*reading.field, handle)) return;
      out_.put(",\"names\":");
      name(handle);
      return;
    }
    const smbios::ByteView raw(reading.raw);
    out_.put(",\"names\":[");
    bool first = true;
    for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
      comma(first);
      name(static_cast<smbios::Handle>(raw.number(at, 2).value_or(0)));
    }
    out_.put(']');
  }

  // The structure that a handle names; null where there is none.
  void name(smbios::Handle handle) {
    const auto target = handles_.find(handle);
    if (!target) {
      out_.put("null");
      return;
    }
    out_.put("{\"handle\":");
    out_.handle(handle);
    out_.put(",\"type\":");
    out_.decimal(target->type());
    out_.put(",\"name\":");
    out_.string(smbios::name_of(*target));
    out_.put('}');
  }

  const Heads& heads_ = heads();
  const smbios::Handles& handles_;
  StructuresJson::Output& out_;
};

}  // namespace

StructuresJson::StructuresJson() : output_(std::make_unique<Output>()) {}
StructuresJson::~StructuresJson() = default;

std::string_view StructuresJson::of(const smbios::Table& table, const smbios::Handles& handles,
                                    const std::vector<unsigned>& types) {
  output_->cut(0);
  Writer(handles, *output_).array(table, types);
  return output_->text();
}

}  // namespace dmigate::cli
