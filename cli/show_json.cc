#include "cli/show_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "gate/judge/verdict.h"
#include "smbios/ascii.h"
#include "smbios/text_buffer.h"

namespace dmigate::cli {
namespace {

using smbios::Kind;
using smbios::Reading;
using smbios::State;

// Eight bytes at once, as not_printable() does: what a JSON string may not have as it is. 00h is in no
// string, and stands between those of a set.
constexpr std::uint64_t not_plain(std::uint64_t eight) {
  const auto is = [low = eight & 0x7F * kEachByte](char c) {  // of ASCII; what is none is told anyway
    return ~((low ^ static_cast<std::uint64_t>(c) * kEachByte) + 0x7F * kEachByte) & 0x80 * kEachByte;
  };
  return not_printable(eight) | is('"') | is('\\');
}

template <typename Lanes>
std::uint64_t load(const char* from) {
  Lanes lanes = 0;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

// Parts may overlap: a byte that is looked at twice costs less than a loop.
bool is_plain(std::string_view text) {
  const std::size_t size = text.size();
  const char* at = text.data();
  if (size >= 8) {
    const char* const last = at + size - 8;
    std::uint64_t found = not_plain(load<std::uint64_t>(last));
    for (; at < last; at += 8) found |= not_plain(load<std::uint64_t>(at));
    return found == 0;
  }
  if (size >= 4) {
    return not_plain(load<std::uint32_t>(at) | load<std::uint32_t>(at + size - 4) << 32) == 0;
  }
  if (size == 0) return true;
  return not_plain(load<std::uint8_t>(at) | load<std::uint8_t>(at + size / 2) << 8 |
                   load<std::uint8_t>(at + size - 1) << 16) == 0;
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
  // A part of a string. `plain`: needs no mending.
  void part(std::string_view piece, bool plain) {
    const std::size_t start = size();
    put(piece);
    if (!plain) mend_string(start);
  }
  // A string of a list, with the comma behind it.
  void item(std::string_view piece, bool plain) {
    if (plain) return put('"', piece, "\",");
    put('"');
    part(piece, false);
    put("\",");
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

constexpr char kPresent[] = "present\",\"value\":\"";
static_assert(std::string_view(R"({"keyword":"","offset":"FFh","state":"")").size() +
                  smbios::kLongestKeyword <=
              smbios::Stamp::kMost);

// A field up to its state. Keywords and the names of types are plain ASCII.
void put_head(const smbios::Field& row, std::size_t offset, StructuresJson::Output& out) {
  out.put("{\"keyword\":\"", row.keyword, "\",\"offset\":");
  out.offset(offset);
  out.put(",\"state\":\"");
}

// The row that may answer for this one; nullptr where there is none.
const smbios::Field* stand_in(const smbios::Field& row) {
  return row.instead.keyword.empty() ? nullptr : smbios::find_field(row.instead.keyword);
}

// Whether a row's text may be of the strings of its structure.
bool shows_strings(const smbios::Field& row) {
  const smbios::Field* other = stand_in(row);
  return row.kind == Kind::kString || row.kind == Kind::kStrings ||
         (other != nullptr && shows_strings(*other));
}

// Whether a row's text is plain where those strings are.
bool adds_plain_text(const smbios::Field& row) {
  const smbios::Field* other = stand_in(row);
  return row.kind != Kind::kText && row.columns.empty() && (other == nullptr || adds_plain_text(*other)) &&
         std::ranges::all_of(row.values, is_plain, &smbios::EnumValue::name) &&
         std::ranges::all_of(row.units, is_plain, &smbios::Unit::name);
}

bool is_list(const smbios::Field& row) { return row.items.count != 0 || row.kind == Kind::kStrings; }

// Whether a present value has more members than value and raw (Writer::add_more()).
bool has_more(const smbios::Field& row) {
  return row.kind == Kind::kBits || row.kind == Kind::kHandle || row.kind == Kind::kUuid || is_list(row) ||
         !row.units.empty() || !row.instead.keyword.empty();
}

// What is the same in every table.
struct Heads {
  Heads();
  struct Row {
    smbios::Stamp up_to_state;
    bool plain;    ///< adds_plain_text()
    bool strings;  ///< shows_strings()
    bool more;     ///< has_more()
    bool ready;    ///< nothing more, and Reading::ready_text() has nearly always the value
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
    const bool ready = (row.kind == Kind::kString || row.kind == Kind::kEnum) && !has_more(row);
    of_rows.push_back(
        {smbios::Stamp(out.text()), adds_plain_text(row), shows_strings(row), has_more(row), ready});
  }
}

class Writer {
 public:
  Writer(const smbios::Handles& handles, StructuresJson::Output& out) : handles_(handles), out_(out) {}

  void array(const smbios::Table& table, const std::vector<unsigned>& types, const Sink& to) {
    constexpr std::size_t kPiece = 8192;
    out_.put('[');
    bool first = true;
    for (const smbios::Structure& each : table) {
      if (!types.empty() && std::ranges::find(types, unsigned{each.type()}) == types.end()) continue;
      if (!first) out_.put(',');
      first = false;
      structure(each, table.version());
      if (out_.size() < kPiece) continue;
      to(out_.text());
      out_.cut(0);
    }
    out_.put(']');
    to(out_.text());
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
    smbios::StructureReader reader(structure, version);
    for (const smbios::Field& row : rows) field(*head++, reader.read(row));
    end_list();
    out_.put(",\"formatted\":\"", structure.formatted(), "\",\"strings\":[");
    for (const std::string_view text : smbios::Strings(structure.strings())) {
      out_.item(text, strings_are_plain_);
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
    if (reading.state != State::kPresent) return not_present(head.up_to_state, reading);
    const bool plain = head.plain && (strings_are_plain_ || !head.strings);
    if (head.ready && plain) {
      if (const auto text = reading.ready_text()) {
        return out_.put(head.up_to_state, kPresent, *text, "\",\"raw\":\"", reading.raw, "\"},");
      }
    }
    out_.put(head.up_to_state, kPresent);
    value(reading, plain, head.more);
  }

  // A column, too.
  void any_field(const Reading& reading) {
    put_head(*reading.field, reading.offset(), out_);
    if (reading.state != State::kPresent) return not_present(std::string_view(), reading);
    out_.put(kPresent);
    value(reading, false, true);
  }

  template <typename Head>
  void not_present(const Head& head, const Reading& reading) {
    const std::string_view state = smbios::state_name(reading.state);
    if (reading.state != State::kBlank) return out_.put(head, state, "\",\"value\":null,\"raw\":null},");
    out_.put(head, state, "\",\"value\":\"");
    value(reading, false, true);
  }

  // From the value on.
  void value(const Reading& reading, bool plain, bool more) {
    if (more && is_list(*reading.field)) return list(reading, plain);
    if (more && reading.field->kind == Kind::kBits) return bits(reading, plain);
    const std::size_t start = out_.size();
    const auto other = more && !reading.field->instead.keyword.empty() ? reading.stand_in() : std::nullopt;
    const std::string_view unit = other ? other->put_text(out_) : reading.put_own_text(out_);
    if (!plain) out_.mend_string(start);
    if (!more) return out_.put("\",\"raw\":\"", reading.raw, "\"},");
    out_.put("\",\"raw\":\"", reading.raw, '"');
    if (!unit.empty()) out_.put(",\"unit\":\"", unit, '"');
    if (other) out_.put(",\"stands_in\":\"", other->field->keyword, '"');
    add_more(reading);
    out_.put("},");
  }

  // The same of a list.
  void list(const Reading& reading, bool plain) {
    const std::vector<smbios::Item> items = smbios::items(reading);
    const std::size_t start = out_.size();
    if (items.empty()) reading.put_text(out_);
    for (const smbios::Item& item : items) {
      if (out_.size() != start) out_.put(", ");
      out_.put(item.text);
    }
    if (!plain) out_.mend_string(start);
    out_.put("\",\"raw\":\"", reading.raw, "\",\"items\":[");
    for (const smbios::Item& item : items) {
      if (item.columns.empty()) {
        out_.item(item.text, plain);
      } else {
        add_columns(item);
      }
    }
    end_list();
    if (reading.field->kind == Kind::kHandle) add_names(smbios::ByteView(reading.raw));
    out_.put("},");
  }

  // The commonest list, without a vector of items.
  void bits(const Reading& reading, bool plain) {
    std::size_t count = 0;
    for (std::uint64_t rest = reading.number(); rest != 0; rest &= rest - 1) {
      const auto text = smbios::bit_name(*reading.field, static_cast<unsigned>(std::countr_zero(rest)));
      names_.at(count++) = {text, plain || is_plain(text)};
    }
    if (count == 0) reading.put_text(out_);  // "None", or as the row has it
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out_.put(", ");
      out_.part(names_.at(i).text, names_.at(i).plain);
    }
    out_.put("\",\"raw\":\"", reading.raw, "\",\"items\":[");
    for (std::size_t i = 0; i < count; ++i) out_.item(names_.at(i).text, names_.at(i).plain);
    end_list();
    out_.put("},");
  }

  // What only some fields have.
  void add_more(const Reading& reading) {
    const smbios::Field& row = *reading.field;
    if (row.kind == Kind::kHandle && reading.state == State::kPresent) add_name(reading);
    if (row.kind == Kind::kUuid) {
      out_.put(",\"bytes_in_order\":\"", smbios::uuid_text_rfc(reading.raw), "\",\"since_2_6\":\"",
               smbios::uuid_text_mixed(reading.raw), '"');
    }
  }

  void add_columns(const smbios::Item& item) {
    out_.put('[');
    for (const Reading& part : item.columns) any_field(part);
    end_list();
    out_.put(',');
  }

  // Whom the handle names; nothing where nobody is meant.
  void add_name(const Reading& reading) {
    const auto handle = static_cast<smbios::Handle>(reading.number());
    if (!smbios::names_structure(*reading.field, handle)) return;
    out_.put(",\"names\":");
    name(handle);
  }

  // The same of a list of handles.
  void add_names(smbios::ByteView handles) {
    out_.put(",\"names\":[");
    for (std::size_t at = 0; at + 2 <= handles.size(); at += 2) {
      name(static_cast<smbios::Handle>(handles.number(at, 2).value_or(0)));
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

  struct Name {
    std::string_view text;
    bool plain = false;
  };

  const Heads& heads_ = heads();
  const smbios::Handles& handles_;
  StructuresJson::Output& out_;
  bool strings_are_plain_ = false;  // of the structure that is being written
  std::array<Name, 64> names_;      // of the bits of the row that is being written
};

}  // namespace

StructuresJson::StructuresJson() : output_(std::make_unique<Output>()) {}
StructuresJson::~StructuresJson() = default;

void StructuresJson::write(const smbios::Table& table, const smbios::Handles& handles,
                           const std::vector<unsigned>& types, const Sink& to) {
  output_->cut(0);
  Writer(handles, *output_).array(table, types, to);
}

}  // namespace dmigate::cli
