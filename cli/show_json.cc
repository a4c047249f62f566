#include "cli/show_json.h"

#include <algorithm>
#include <array>
#include <bit>

#include "gate/judge/verdict.h"
#include "smbios/text_buffer.h"

namespace dmigate::cli {
namespace {

using smbios::Kind;
using smbios::Reading;
using smbios::State;

// What a JSON string has as it is: ASCII from 20h to 7Eh, but no quote and no backslash; and 00h, which is in
// no string and stands between those of a set.
constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned char c = ' '; c <= '~'; ++c) plain.at(c) = c != '"' && c != '\\';
  plain[0] = true;
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
  // `plain`: needs no mending.
  void string(std::string_view piece, bool plain) {
    const std::size_t start = size() + 1;
    put('"', piece);
    if (!plain) mend_string(start);
    put('"');
  }
  // What was put from `start` on is made the inside of a string: control characters and bytes that are no
  // UTF-8 as gate::printable() shows them.
  void mend_string(std::size_t start) {
    if (is_plain(text().substr(start))) return;
    const std::string printable = gate::printable(text().substr(start));
    cut(start);
    for (const char c : printable) {
      if (c == '"' || c == '\\') put('\\');
      put(c);
    }
  }
};

namespace {

// A field up to its state. Keywords and the names of types are plain ASCII.
void put_head(const smbios::Field& row, std::size_t offset, StructuresJson::Output& out) {
  out.put("{\"keyword\":\"", row.keyword, "\",\"offset\":");
  out.offset(offset);
  out.put(",\"state\":\"");
}

// Whether a row's text is plain where the strings of its structure are.
bool adds_plain_text(const smbios::Field& row) {
  return row.kind != Kind::kText && row.items.count == 0 && row.instead.keyword.empty() &&
         std::ranges::all_of(row.values, is_plain, &smbios::EnumValue::name) &&
         std::ranges::all_of(row.units, is_plain, &smbios::Unit::name);
}

// Whether a present value has more members than value and raw (Writer::add_more()).
bool has_more(const smbios::Field& row) {
  return row.kind == Kind::kBits || row.kind == Kind::kStrings || row.kind == Kind::kHandle ||
         row.kind == Kind::kUuid || row.items.count != 0 || !row.units.empty() ||
         !row.instead.keyword.empty();
}

constexpr std::string_view kPresent = "present\",\"value\":\"";

// What is the same in every table.
struct Heads {
  Heads();
  struct Row {
    std::string text;  ///< of a value that is present, up to the value
    bool plain;        ///< adds_plain_text()
    bool more;         ///< has_more()
  };
  std::array<std::string, 256> of_types;  ///< up to the handle
  std::vector<Row> of_rows;
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
    out.put(kPresent);
    of_rows.push_back({std::string(out.text()), adds_plain_text(row), has_more(row)});
  }
}

class Writer {
 public:
  Writer(const smbios::Handles& handles, StructuresJson::Output& out) : handles_(handles), out_(out) {}

  void array(const smbios::Table& table, const std::vector<unsigned>& types) {
    out_.put('[');
    for (const smbios::Structure& each : table) {
      if (!types.empty() && std::ranges::find(types, unsigned{each.type()}) == types.end()) continue;
      structure(each, table.version());
      out_.put(',');
    }
    end_list();
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
    strings_are_plain_ = is_plain(smbios::ByteView(structure.strings()).text());
    const auto rows = smbios::fields_of(structure.type());
    const Heads::Row* head = heads_.of_rows.data() + (rows.data() - smbios::fields().data());
    for (const smbios::Field& row : rows) field(*head++, smbios::read(structure, row, version));
    end_list();
    out_.put(",\"formatted\":\"", structure.formatted(), "\",\"strings\":[");
    for (const std::string_view text : smbios::Strings(structure.strings())) {
      out_.string(text, strings_are_plain_);
      out_.put(',');
    }
    end_list();
    out_.put('}');
  }

  // After every item stands a comma; the last one goes.
  void end_list() {
    if (out_.text().back() == ',') out_.cut(out_.size() - 1);
    out_.put(']');
  }

  // With the comma behind it.
  void field(const Heads::Row& head, const Reading& reading) {
    if (reading.field->after.count != 0) return any_field(reading);
    if (reading.state == State::kPresent) {
      out_.put(head.text);
      value(reading, head.plain && strings_are_plain_, head.more);
    } else {
      out_.put(std::string_view(head.text).substr(0, head.text.size() - kPresent.size()));
      not_present(reading);
    }
  }

  // A column, too.
  void any_field(const Reading& reading) {
    put_head(*reading.field, reading.offset(), out_);
    if (reading.state != State::kPresent) return not_present(reading);
    out_.put(kPresent);
    value(reading, false, true);
  }

  void not_present(const Reading& reading) {
    out_.put(smbios::state_name(reading.state));
    if (reading.state != State::kBlank) return out_.put("\",\"value\":null,\"raw\":null},");
    out_.put("\",\"value\":\"");
    value(reading, false, true);
  }

  // From the value on.
  void value(const Reading& reading, bool plain, bool more) {
    const std::size_t start = out_.size();
    const std::string_view unit = reading.put_text(out_);
    if (!plain) out_.mend_string(start);
    if (!more) return out_.put("\",\"raw\":\"", reading.raw, "\"},");
    out_.put("\",\"raw\":\"", reading.raw, '"');
    if (!unit.empty()) out_.put(",\"unit\":\"", unit, '"');
    add_more(reading, plain);
    out_.put("},");
  }

  // What only some fields have.
  void add_more(const Reading& reading, bool plain) {
    const smbios::Field& row = *reading.field;
    if (!row.instead.keyword.empty()) add_stand_in(reading);
    if (row.kind == Kind::kBits) {
      add_bits(reading, plain);
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
  void add_bits(const Reading& reading, bool plain) {
    out_.put(",\"items\":[");
    for (std::uint64_t rest = reading.number(); rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(rest));
      const auto name = smbios::value_name(*reading.field, bit);
      out_.string(name ? *name : "bit " + std::to_string(bit), plain);
      out_.put(',');
    }
    end_list();
  }

  void add_items(const Reading& reading) {
    out_.put(",\"items\":[");
    for (const smbios::Item& item : smbios::items(reading)) {
      if (item.columns.empty()) {
        out_.string(item.text, false);
      } else {
        add_columns(item);
      }
      out_.put(',');
    }
    end_list();
  }

  void add_columns(const smbios::Item& item) {
    out_.put('[');
    for (const Reading& part : item.columns) {
      any_field(part);
    }
    end_list();
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
    for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
      name(static_cast<smbios::Handle>(raw.number(at, 2).value_or(0)));
      out_.put(',');
    }
    end_list();
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
    out_.put(",\"name\":\"");
    const std::size_t start = out_.size();
    smbios::put_name_of(*target, out_);
    out_.mend_string(start);
    out_.put("\"}");
  }

  const Heads& heads_ = heads();
  const smbios::Handles& handles_;
  StructuresJson::Output& out_;
  bool strings_are_plain_ = false;  // of the structure that is being written
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
