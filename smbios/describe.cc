#include "smbios/describe.h"

#include <algorithm>
#include <bitset>
#include <memory>

#include "smbios/fields/layout_of_rows.h"
#include "smbios/text_buffer.h"

namespace dmigate::smbios {

namespace {

constexpr std::size_t kHandles = 0x10000;
constexpr Handle kFirstNoHandle = 0xFFFE;

bool numbered(std::string_view label) { return label.find('#') != std::string_view::npos; }

std::string with_number(std::string_view label, std::size_t number) {
  std::string text(label);
  if (const std::size_t at = text.find('#'); at != std::string::npos) {
    text.replace(at, 1, std::to_string(number));
  }
  return text;
}

class Description {
 public:
  explicit Description(const Handles* handles) : handles_(handles) {}

  void add(const Reading& reading) {
    const Field& field = *reading.field;
    const bool list = field.kind == Kind::kBits || field.kind == Kind::kStrings || field.items.count != 0;
    if (!list || reading.state != State::kPresent) {
      line_of(field.label).add(field, value_text(reading));
      if (field.kind == Kind::kUuid && reading.state == State::kPresent) add_both_orders(reading);
    } else if (field.kind == Kind::kBytes && field.columns.empty()) {
      line_of(field.label).add(field, reading.text());
    } else if (field.kind == Kind::kBits) {
      add_bits(reading);
    } else {
      add_list(reading);
    }
  }

  std::vector<Line> take() { return std::move(lines_); }

 private:
  // A line, and how values come into it.
  struct Open {
    Line& line;
    void add(const Field& field, std::string_view text) const { rows::add_to_line(line.value, field, text); }
  };

  // The last line where it has this label, else a new one.
  Open line_of(std::string_view label) {
    if (lines_.empty() || lines_.back().label != label) lines_.push_back({std::string(label), {}, {}});
    return {lines_.back()};
  }

  std::string followed(const Field& field, Handle handle) const {
    if (handles_ == nullptr || !names_structure(field, handle)) return {};
    const auto target = handles_->find(handle);
    return " (" + (target ? name_of(*target) : std::string("no such structure")) + ")";
  }

  std::string value_text(const Reading& reading) const {
    std::string text = rows::value_or_state(reading);
    if (reading.field->kind == Kind::kHandle && reading.state == State::kPresent) {
      text += followed(*reading.field, static_cast<Handle>(reading.number()));
    }
    return text;
  }

  void add_both_orders(const Reading& reading) {
    lines_.back().items = {"bytes in order: " + uuid_text_rfc(reading.raw),
                           "since 2.6: " + uuid_text_mixed(reading.raw)};
  }

  void add_bits(const Reading& reading) {
    const auto all = items(reading);
    const Open open = line_of(reading.field->label);
    // Of rows that share the line, only all of them together are none.
    if (all.empty() && open.line.items.empty()) open.line.value = reading.text();
    if (!all.empty()) open.line.value.clear();
    for (const Item& item : all) open.line.items.push_back(item.text);
  }

  void add_list(const Reading& reading) {
    const Field& field = *reading.field;
    const auto all = items(reading);
    if (!numbered(field.label)) {
      const Open open = line_of(field.label);
      if (open.line.value.empty()) open.add(field, std::to_string(all.size()));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (numbered(field.label)) {
        add_item_with_heading(field, all[i], i + 1);
      } else if (!field.columns.empty() && numbered(field.columns.front().label)) {
        for (const Reading& part : all[i].columns) {
          line_of(with_number(part.field->label, i + 1)).add(*part.field, value_text(part));
        }
      } else {
        std::string text = all[i].text;
        if (field.kind == Kind::kHandle) text += followed(field, list_handle(reading, i));
        lines_.back().items.push_back(std::move(text));
      }
    }
  }

  // "String 1: …", or "On Board Device 1" with the columns below it.
  void add_item_with_heading(const Field& field, const Item& item, std::size_t number) {
    Line line{with_number(field.label, number), field.columns.empty() ? item.text : std::string(), {}};
    for (const Reading& part : item.columns) {
      line.items.push_back(std::string(part.field->label) + ": " + value_text(part));
    }
    lines_.push_back(std::move(line));
  }

  static Handle list_handle(const Reading& reading, std::size_t item) {
    return static_cast<Handle>(ByteView(reading.raw).number(2 * item, 2).value_or(0));
  }

  const Handles* handles_;
  std::vector<Line> lines_;
};

}  // namespace

Handles::Handles(const Table& table) {
  constexpr std::size_t kUsualBytes = 64;  // of a structure
  structures_.reserve(std::min(table.bytes().size() / kUsualBytes, kHandles));
  std::unique_ptr<std::bitset<kHandles>> seen;  // from the first that does not ascend on
  for (const Structure structure : table) {
    const Handle handle = structure.handle();
    const bool ascends = structures_.empty() || handle > structures_.back().first;
    if (!ascends && !seen) {
      seen = std::make_unique<std::bitset<kHandles>>();
      for (const auto& [earlier, there] : structures_) seen->set(earlier);
    }
    if (seen) {
      if (seen->test(handle)) continue;
      seen->set(handle);
    }
    structures_.emplace_back(handle, structure);
  }
  if (seen) {
    std::sort(structures_.begin(), structures_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
}

std::optional<Structure> Handles::find(Handle handle) const {
  const auto found = std::lower_bound(structures_.begin(), structures_.end(), handle,
                                      [](const auto& entry, Handle wanted) { return entry.first < wanted; });
  const bool there = found != structures_.end() && found->first == handle;
  return there ? std::optional(found->second) : std::nullopt;
}

bool names_structure(const Field& field, Handle handle) {
  return handle < kFirstNoHandle && find_value(field, handle) == nullptr;
}

void put_name_of(const Structure& structure, TextBuffer& out) {
  out.put(type_name(structure.type()));
  if (const auto string = structure.string(1)) out.put(", ", *string);
}

std::string name_of(const Structure& structure) {
  TextBuffer out;
  put_name_of(structure, out);
  return std::string(out.text());
}

std::vector<Line> describe(const Structure& structure, Version version, const Handles* handles) {
  Description description(handles);
  for (const Field& field : fields_of(structure.type())) {
    const Reading reading = read(structure, field, version);
    // A list that says more than the structure has is worth a line.
    const bool cut_off =
        reading.state == State::kBeyondLength && field.items.count != 0 && field.offset < structure.length();
    const bool there = reading.state != State::kBeyondLength && reading.state != State::kNotApplicable;
    if ((there || cut_off) && !field.aside) description.add(reading);
  }
  return description.take();
}

}  // namespace dmigate::smbios
