#include "cli/show_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json.hpp>
#include <charconv>
#include <cstring>

#include "gate/judge/verdict.h"

namespace dmigate::cli {
namespace {

using smbios::Kind;
using smbios::Reading;
using smbios::State;

constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kLower = "0123456789abcdef";

// Two lower-case digits for each byte.
constexpr auto kHexPairs = [] {
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kLower[byte >> 4];
    pairs[2 * byte + 1] = kLower[byte & 0x0F];
  }
  return pairs;
}();

// What a text needs to be a JSON string: 0 nothing, 1 escapes, 2 and 3 more. Without an early end: sixteen
// bytes at a time.
unsigned needs(std::string_view text) {
  unsigned found = 0;
  for (const char c : text) {
    const bool outside = c < ' ' || c > '~';
    found |= static_cast<unsigned>(c == '"') | static_cast<unsigned>(c == '\\') |
             static_cast<unsigned>(outside) << 1;
  }
  return found;
}

}  // namespace

// What is appended, in a buffer that is larger than what is in it: a piece costs its copy and no more.
class StructuresJson::Output {
 public:
  void clear() { used_ = 0; }
  [[nodiscard]] std::string_view text() const { return {text_.get(), used_}; }

  void put(std::string_view piece) {
    need(piece.size());
    std::memcpy(text_.get() + used_, piece.data(), piece.size());
    used_ += piece.size();
  }
  // A literal: its size is known where it is put.
  template <std::size_t N>
  void put(const char (&piece)[N]) {
    need(N - 1);
    std::memcpy(text_.get() + used_, piece, N - 1);
    used_ += N - 1;
  }
  void put(char c) {
    need(1);
    text_[used_++] = c;
  }
  void number(std::size_t number) {
    std::array<char, 20> digits{};
    put({digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr});
  }
  void hex(smbios::Bytes bytes) {
    need(2 * bytes.size());
    char* to = text_.get() + used_;
    for (const std::uint8_t byte : bytes) {
      *to++ = kHexPairs[std::size_t{2} * byte];
      *to++ = kHexPairs[std::size_t{2} * byte + 1];
    }
    used_ += 2 * bytes.size();
  }
  // At least two digits, and the h of the specification.
  void offset(std::size_t offset) {
    put('"');
    int shift = 4;
    while (offset >> shift > 0x0F) shift += 4;
    for (; shift >= 0; shift -= 4) put(kUpper[offset >> shift & 0x0F]);
    put("h\"");
  }
  void handle(smbios::Handle handle) {
    put("\"0x");
    for (int shift = 12; shift >= 0; shift -= 4) put(kUpper[handle >> shift & 0x0F]);
    put('"');
  }
  // Control characters and bytes that are no UTF-8 as gate::printable() shows them.
  void string(std::string_view text) {
    const unsigned more = needs(text);
    if (more > 1) return put(boost::json::serialize(boost::json::value(gate::printable(text))));
    put('"');
    if (more == 0) {
      put(text);
    } else {
      for (const char c : text) {
        if (c == '"' || c == '\\') put('\\');
        put(c);
      }
    }
    put('"');
  }

 private:
  void need(std::size_t bytes) {
    if (size_ - used_ >= bytes) return;
    size_ = 2 * (used_ + bytes);
    auto larger = std::make_unique_for_overwrite<char[]>(size_);
    std::copy(text_.get(), text_.get() + used_, larger.get());
    text_ = std::move(larger);
  }

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;
};

namespace {

// What stands before the state of a field, where its offset is the same in every table.
std::vector<std::string> make_heads() {
  std::vector<std::string> heads;
  for (const smbios::Field& row : smbios::fields()) {
    StructuresJson::Output out;
    out.put("{\"keyword\":\"");
    out.put(row.keyword);  // plain ASCII
    out.put("\",\"offset\":");
    out.offset(row.offset);
    out.put(",\"state\":\"");
    heads.emplace_back(out.text());
  }
  return heads;
}

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
  void structure(const smbios::Structure& structure, smbios::Version version) {
    out_.put("{\"type\":");
    out_.number(structure.type());
    out_.put(",\"name\":\"");
    out_.put(smbios::type_name(structure.type()));
    out_.put("\",\"handle\":");
    out_.handle(structure.handle());
    out_.put(",\"offset\":");
    out_.number(structure.offset());
    out_.put(",\"length\":");
    out_.number(structure.length());
    out_.put(",\"fields\":[");
    bool first = true;
    for (const smbios::Field& row : smbios::fields_of(structure.type())) {
      comma(first);
      field(smbios::read(structure, row, version));
    }
    out_.put("],\"formatted\":\"");
    out_.hex(structure.formatted());
    out_.put("\",\"strings\":[");
    first = true;
    for (unsigned number = 1; const auto text = structure.string(number); ++number) {
      comma(first);
      out_.string(*text);
    }
    out_.put("]}");
  }

  void comma(bool& first) {
    if (!first) out_.put(',');
    first = false;
  }

  void head(const Reading& reading) {
    static const std::vector<std::string> kHeads = make_heads();
    const smbios::Field& row = *reading.field;
    const auto rows = smbios::fields();
    const bool column = &row < rows.data() || &row >= rows.data() + rows.size();
    if (!column && row.after.count == 0) {
      out_.put(std::string_view(kHeads[static_cast<std::size_t>(&row - rows.data())]));
    } else {
      out_.put("{\"keyword\":\"");
      out_.put(row.keyword);
      out_.put("\",\"offset\":");
      out_.offset(reading.offset());
      out_.put(",\"state\":\"");
    }
    if (reading.state == State::kPresent) {
      out_.put("present\",\"value\":");
    } else {
      out_.put(smbios::state_name(reading.state));
      out_.put("\",\"value\":");
    }
  }

  void field(const Reading& reading) {
    head(reading);
    if (!there(reading)) {
      out_.put("null,\"raw\":null}");
      return;
    }
    text_.clear();
    reading.append_text(text_);
    out_.string(text_);
    out_.put(",\"raw\":\"");
    out_.hex(reading.raw);
    out_.put('"');
    add_rest(reading);
    out_.put('}');
  }

  // What only some fields have.
  void add_rest(const Reading& reading) {
    const smbios::Field& row = *reading.field;
    if (const std::string_view unit = reading.unit(); !unit.empty()) {
      out_.put(",\"unit\":\"");
      out_.put(unit);
      out_.put('"');
    }
    if (!row.instead.keyword.empty()) add_stand_in(reading);
    if (row.kind == Kind::kBits) {
      add_bits(reading);
    } else if (row.items.count != 0 || row.kind == Kind::kStrings) {
      add_items(reading);
    }
    if (row.kind == Kind::kHandle && reading.state == State::kPresent) add_names(reading);
    if (row.kind == Kind::kUuid) {
      out_.put(",\"bytes_in_order\":\"");
      out_.put(smbios::uuid_text_rfc(reading.raw));
      out_.put("\",\"since_2_6\":\"");
      out_.put(smbios::uuid_text_mixed(reading.raw));
      out_.put('"');
    }
  }

  void add_stand_in(const Reading& reading) {
    const Reading answer = reading.answer();
    if (answer.field == reading.field) return;
    out_.put(",\"stands_in\":\"");
    out_.put(answer.field->keyword);
    out_.put('"');
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
        field(part);
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
    out_.number(target->type());
    out_.put(",\"name\":");
    out_.string(smbios::name_of(*target));
    out_.put('}');
  }

  const smbios::Handles& handles_;
  StructuresJson::Output& out_;
  std::string text_;  // of one value
};

}  // namespace

StructuresJson::StructuresJson() : output_(std::make_unique<Output>()) {}
StructuresJson::~StructuresJson() = default;

std::string_view StructuresJson::of(const smbios::Table& table, const smbios::Handles& handles,
                                    const std::vector<unsigned>& types) {
  output_->clear();
  Writer(handles, *output_).array(table, types);
  return output_->text();
}

}  // namespace dmigate::cli
