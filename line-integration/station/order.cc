#include "line-integration/station/order.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "gate/evidence/csv.h"
#include "gate/evidence/text.h"
#include "gate/judge/judge.h"
#include "smbios/utf8.h"

namespace dmigate::line {
namespace {

using profiles::Mark;
using profiles::Node;
using profiles::ticked;

constexpr std::array<std::string_view, 4> kWords = {"unit", "label", "work_order", "lot"};
constexpr std::size_t kMost = 1024 * 1024;  // bytes, as read_text() reads

bool is_word(std::string_view name) { return std::ranges::find(kWords, name) != kWords.end(); }

Failure problem(const std::string& file, const Mark& mark, std::string message) {
  return Failure(profiles::to_error({{file, mark, std::move(message)}}));
}

// The text, whatever program saved it; what is damaged is not read on.
Result<std::string> decoded(std::string_view bytes, const std::string& file) {
  const bool wide = bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF");
  if (bytes.size() > kMost) return problem(file, {}, "larger than 1 MiB; give each lot a file of its own");
  int line = 1;
  for (std::string_view rest = wide ? std::string_view() : bytes; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    if (length == 0 || rest.front() == '\0') {
      return problem(file, {line, 1},
                     "the file is not UTF-8 in this line; save it as UTF-8, or as Unicode text");
    }
    if (rest.front() == '\n') ++line;
    rest.remove_prefix(length);
  }
  auto text = gate::plain_text(bytes);
  if (!text || (wide && text->find("\xEF\xBF\xBD") != std::string::npos)) {
    return problem(file, {}, "the file is no whole UTF-16 text; save it again");
  }
  return *std::move(text);
}

bool is_csv(std::string_view text, const std::string& file) {
  const std::string ending = std::filesystem::path(file).extension().string();
  if (ending == ".csv" || ending == ".tsv") return true;
  if (ending == ".yaml" || ending == ".yml" || ending == ".json") return false;
  const std::string_view first = gate::trimmed(text.substr(0, text.find('\n')));
  return !first.starts_with('{') && !first.starts_with('[') && !first.starts_with('#') &&
         first.find_first_of(",;\t") != first.npos && first.find(": ") == first.npos;
}

// ---------------------------------------------------------------- CSV

gate::ReadBytes bytes_of(std::string_view text) {
  return [text](std::span<char> into) mutable -> Result<std::size_t> {
    const std::size_t count = text.copy(into.data(), into.size());
    text.remove_prefix(count);
    return count;
  };
}

Mark mark_of(const gate::Place& place) {
  return {static_cast<int>(place.line), static_cast<int>(place.column)};
}

// The names of the columns; each once.
Result<std::vector<OrderValue>> columns_of(const gate::CsvRow& row, const std::string& file) {
  std::vector<OrderValue> columns;
  for (const gate::CsvCell& cell : row.cells) {
    const std::string name(gate::trimmed(cell.text));
    const Mark mark = mark_of(cell.place);
    if (name.empty()) return problem(file, mark, "this column has no name");
    if (std::ranges::find(columns, name, &OrderValue::name) != columns.end())
      return problem(file, mark, "there are two columns " + ticked(name));
    columns.push_back({name, {}, mark, mark});
  }
  return columns;
}

Result<Order> from_csv(std::string_view text, const std::string& file) {
  gate::ByteStream bytes(bytes_of(text));
  gate::CsvReader reader(bytes);
  gate::CsvRow row;
  Order order{file, {}};
  std::vector<OrderValue> columns;
  for (auto more = reader.next(row); !more || *more; more = reader.next(row)) {
    if (!more) return Failure(more.error());
    if (!row.wrong.empty()) return problem(file, mark_of(row.where), row.wrong);
    if (columns.empty()) {
      auto named = columns_of(row, file);
      if (!named) return Failure(named.error());
      columns = *std::move(named);
      continue;
    }
    if (row.cells.size() != columns.size()) {
      return problem(file, mark_of(row.where),
                     "this row has " + std::to_string(row.cells.size()) + " cells, and the header has " +
                         std::to_string(columns.size()));
    }
    order.rows.push_back({mark_of(row.where), columns});
    for (std::size_t i = 0; i < columns.size(); ++i) {
      OrderValue& value = order.rows.back().values[i];
      value.value = std::move(row.cells[i].text);
      value.mark = mark_of(row.cells[i].place);
    }
  }
  if (columns.empty()) return problem(file, {1, 1}, "there is no row in it");
  if (order.rows.empty()) return problem(file, {1, 1}, "there is no unit below the header");
  return order;
}

// ---------------------------------------------------------------- YAML and JSON

// The keys of a mapping, but for `units`.
Result<std::vector<OrderValue>> values_of(const Node& node, const std::string& file) {
  if (!node.is_mapping())
    return problem(file, node.mark, "a mapping (`keyword: value` lines) is expected here");
  std::vector<OrderValue> values;
  for (const Node::Entry& entry : node.entries) {
    if (entry.key == "units") continue;
    if (!entry.value.is_scalar() && entry.value.kind != Node::Kind::kNull) {
      return problem(file, entry.value.mark, ticked(entry.key) + " must be a text");
    }
    values.push_back({entry.key, entry.value.text, entry.mark, entry.value.mark});
  }
  return values;
}

Result<Order> from_yaml(std::string_view text, const std::string& file) {
  const auto root = profiles::parse_yaml(text, file);
  if (!root) return Failure(root.error());
  Order order{file, {}};
  const Node* units = root->is_sequence() ? &*root : root->find("units");
  std::vector<OrderValue> common;
  if (!root->is_sequence()) {
    auto said = values_of(*root, file);
    if (!said) return Failure(said.error());
    common = *std::move(said);
  }
  if (units == nullptr) {
    order.rows.push_back({root->mark, std::move(common)});
    return order;
  }
  if (!units->is_sequence() || units->items.empty()) {
    return problem(file, units->mark, "`units` must be a list of mappings, and not empty");
  }
  for (const Node& item : units->items) {
    auto own = values_of(item, file);
    if (!own) return Failure(own.error());
    if (const Node* nested = item.find("units")) return problem(file, nested->mark, "a unit has no `units`");
    OrderRow row{item.mark, *std::move(own)};
    for (const OrderValue& value : common) {
      if (!row.find(value.name).empty()) {
        return problem(file, item.mark, ticked(value.name) + " is said here and for all units");
      }
      row.values.push_back(value);
    }
    order.rows.push_back(std::move(row));
  }
  return order;
}

// ---------------------------------------------------------------- the unit's row

std::string label_of(const OrderRow& row) {
  const std::string unit = row.find("unit");
  return unit.empty() ? row.find("label") : unit;
}

Result<void> check_labels(const Order& order) {
  std::map<std::string, const OrderRow*> seen;
  for (const OrderRow& row : order.rows) {
    if (!row.find("unit").empty() && !row.find("label").empty()) {
      return problem(order.file, row.mark, "`unit` and `label` are the same thing; leave one of them out");
    }
    const std::string label = gate::fold(label_of(row));
    if (label.empty()) continue;
    const auto [other, is_new] = seen.emplace(label, &row);
    if (is_new) continue;
    return problem(order.file, row.mark,
                   "unit " + gate::printable(label_of(row)) + " is in line " +
                       std::to_string(other->second->mark.line) + " already; have the order corrected");
  }
  return {};
}

// ---------------------------------------------------------------- uniqueness

// What is compared; empty: nothing.
std::string key_of(const OrderValue& value) {
  const smbios::Field* field = smbios::find_field(value.name);
  if (field == nullptr || field->kind != smbios::Kind::kUuid) return gate::fold(value.value);
  const auto raw = smbios::parse_uuid(gate::trimmed(value.value), false);
  return raw ? to_hex(*raw) : gate::fold(value.value);
}

// Within another field's value two may be equal, and the order does not say that value.
bool is_unique(const std::string& name, const profiles::Profile& profile) {
  if (const smbios::Field* field = smbios::find_field(name)) {
    const profiles::FieldRule* rule = profile.rule(*field);
    return rule != nullptr && rule->unique && rule->within == nullptr;
  }
  return std::ranges::any_of(profile.identifiers, [&](const profiles::IdentifierRule& rule) {
    return rule.name == name && rule.unique;
  });
}

Result<void> check_unique(const Order& order, const profiles::Profile& profile) {
  std::map<std::pair<std::string, std::string>, int> seen;
  std::map<std::string, bool> unique;
  for (const OrderRow& row : order.rows) {
    for (const OrderValue& value : row.values) {
      const auto known = unique.try_emplace(value.name, false);
      if (known.second) known.first->second = is_unique(value.name, profile);
      const std::string key = known.first->second ? key_of(value) : std::string();
      if (key.empty()) continue;
      const auto [other, is_new] = seen.emplace(std::pair(value.name, key), value.mark.line);
      if (is_new) continue;
      return problem(order.file, value.mark,
                     ticked(value.name) + " " + gate::printable(value.value) + " is in line " +
                         std::to_string(other->second) + " already, and no two units may have it");
    }
  }
  return {};
}

Failure unknown_name(const std::string& file, const OrderValue& value, const profiles::Profile& profile) {
  if (smbios::find_field(value.name) != nullptr) {
    return problem(file, value.name_mark,
                   "profile " + profile.name + " does not have `" + value.name + "` burnt");
  }
  std::vector<std::string_view> known(kWords.begin(), kWords.end());
  if (profile.burn) {
    for (const smbios::Field* field : profile.burn->fields) known.push_back(field->keyword);
  }
  for (const profiles::IdentifierRule& rule : profile.identifiers) known.push_back(rule.name);
  return problem(file, value.name_mark,
                 gate::printable(ticked(value.name)) + " is no keyword, identifier or word of an order" +
                     profiles::did_you_mean(value.name, known));
}

}  // namespace

std::string place(const std::string& file, const Mark& mark) {
  return file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

std::string OrderRow::find(std::string_view name) const {
  const auto found = std::ranges::find(values, name, &OrderValue::name);
  return found == values.end() ? std::string() : std::string(gate::trimmed(found->value));
}

Result<Order> parse_order(std::string_view bytes, const std::string& file) {
  auto text = decoded(bytes, file);
  if (!text) return Failure(text.error());
  if (gate::trimmed(*text).empty()) return problem(file, {}, "the order is empty");
  return is_csv(*text, file) ? from_csv(*text, file) : from_yaml(*text, file);
}

Result<Order> read_order(const std::string& file) {
  return profiles::read_text(file).and_then(
      [&](const std::string& bytes) { return parse_order(bytes, file); });
}

Result<OrderRow> find_row(const Order& order, const std::string& label, const std::string& work_order) {
  if (auto checked = check_labels(order); !checked) return Failure(checked.error());
  const bool by_label = !label.empty() && std::ranges::any_of(order.rows, [](const OrderRow& row) {
    return !label_of(row).empty();
  });
  if (!by_label && work_order.empty()) {
    return fail("nothing says which of the order's units this is", order.file,
                "scan its label, or name the work order with --work-order", ErrorKind::kConfiguration);
  }
  const std::string wanted = by_label ? label : work_order;
  std::vector<const OrderRow*> found;
  for (const OrderRow& row : order.rows) {
    const std::string said = by_label ? label_of(row) : row.find("work_order");
    if (!said.empty() && gate::fold(said) == gate::fold(wanted)) found.push_back(&row);
  }
  if (found.size() == 1) return *found.front();
  const std::string who = (by_label ? "unit " : "work order ") + gate::printable(wanted);
  if (found.empty()) {
    return fail("the order has nothing for " + who, order.file,
                "see that the label was scanned right, and that this is the unit's order",
                ErrorKind::kConfiguration);
  }
  return fail("the order has " + std::to_string(found.size()) + " units for " + who,
              place(order.file, found[1]->mark), "scan the unit's label, and have the order name labels",
              ErrorKind::kConfiguration);
}

Result<OrderedValues> sort_values(const Order& order, const OrderRow& row, const profiles::Profile& profile) {
  if (auto checked = check_unique(order, profile); !checked) return Failure(checked.error());
  OrderedValues sorted;
  for (const OrderValue& value : row.values) {
    const smbios::Field* field = smbios::find_field(value.name);
    const bool burnt = field != nullptr && profile.burn &&
                       std::ranges::find(profile.burn->fields, field) != profile.burn->fields.end();
    const bool identifier = !is_word(value.name) &&
                            std::ranges::find(profile.identifiers, value.name,
                                              &profiles::IdentifierRule::name) != profile.identifiers.end();
    if (!burnt && !identifier && !is_word(value.name)) return unknown_name(order.file, value, profile);
    if (gate::trimmed(value.value).empty()) {
      return problem(order.file, value.mark, ticked(value.name) + " has no value for this unit");
    }
    if (gate::printable(value.value) != value.value) {
      return problem(
          order.file, value.mark,
          ticked(value.name) + " has characters that cannot be printed: " + gate::printable(value.value));
    }
    if (burnt) sorted.fields.push_back(value);
    if (identifier) sorted.identifiers.emplace(value.name, gate::trimmed(value.value));
  }
  return sorted;
}

}  // namespace dmigate::line
