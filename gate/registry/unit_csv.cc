// Units of a CSV: which columns there are, and what of a line is claimed by the profile of its unit.
#include <algorithm>
#include <map>
#include <optional>

#include "gate/evidence/devices.h"
#include "gate/registry/recording.h"
#include "gate/registry/traits.h"
#include "gate/registry/unit_lines.h"

namespace dmigate::gate {
namespace {

using profiles::Profile;
using profiles::ticked;

enum class Means : std::uint8_t {
  kLabel,
  kModel,
  kLot,
  kWorkOrder,
  kStation,
  kShipped,
  kNicMac,
  kDiskSerial,
  kIdentifier,
  kField,
};
struct Word {
  std::string_view name;
  Means means;
};
constexpr Word kWords[] = {
    {"label", Means::kLabel},     {"model", Means::kModel},
    {"lot", Means::kLot},         {"work_order", Means::kWorkOrder},
    {"station", Means::kStation}, {"shipped", Means::kShipped},
    {"nic-mac", Means::kNicMac},  {"disk-serial", Means::kDiskSerial},
};
constexpr std::string_view kIdentifier = "id:";

struct Column {
  std::string name;
  Means means;
  std::string keyword;                   ///< under which its values are kept
  const smbios::Field* field = nullptr;  ///< kField
};

// A value in a sentence: enough of it to find it.
std::string brief(std::string_view text) {
  constexpr std::size_t kMost = 80;
  if (text.size() <= kMost) return std::string(text);
  std::size_t end = kMost;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string file_line(const ImportRequest& request, Place place) {
  return request.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

// What the profile of a line's unit says of each column.
struct Use {
  bool unique = false;
  std::optional<std::size_t> within;            ///< the column with its scope
  const smbios::Field* within_field = nullptr;  ///< nullptr: unique everywhere
  bool unknown = false;                         ///< an identifier that the profile does not have
};
struct Plan {
  std::optional<Profile> own;
  const Profile* profile = nullptr;
  std::string problem;  ///< why there is no profile
  std::vector<Use> uses;
};

// As the judge has the value of a field that is no string: an enumeration by its key.
std::string scope_of(const smbios::Field& field, const std::string& cell) {
  const auto number = field.kind == smbios::Kind::kEnum ? smbios::parse_enum(field, cell) : std::nullopt;
  const auto row =
      number ? std::ranges::find(field.values, *number, &smbios::EnumValue::value) : field.values.end();
  return fold(row == field.values.end() ? cell : smbios::enum_key(row->name));
}

smbios::Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class CsvUnits : public UnitReader {
 public:
  CsvUnits(ByteStream& bytes, const ImportRequest& request, const std::string& now)
      : csv_(bytes), request_(request), now_(now) {}

  Result<void> read_header() {
    auto more = csv_.next(row_);
    if (!more) return Failure(more.error());
    if (!*more) return fail("there is no row in it", request_.file, "give the file that was exported");
    if (!row_.wrong.empty()) return broken(row_.wrong, row_.where);
    for (const CsvCell& cell : row_.cells) {
      const std::string name(trimmed(cell.text));
      if (std::ranges::find(columns_, name, &Column::name) != columns_.end()) {
        return broken("there are two columns " + ticked(printable(name)), cell.place);
      }
      auto column = column_of(name);
      if (!column) return unknown(cell.place, name);
      columns_.push_back(*std::move(column));
    }
    if (request_.profile == nullptr && !find(Means::kModel)) {
      return broken("neither --profile nor a column `model` tells what is unique", row_.where);
    }
    return {};
  }

  Result<bool> next(UnitLine& line) override {
    auto more = csv_.next(row_);
    if (!more || !*more) return more;
    line = {};
    line.line = row_.where.line;
    line_ = &line;
    if (!row_.wrong.empty()) {
      line.line = row_.cells.front().place.line;
      refuse(row_.wrong, row_.where);
    } else if (row_.cells.size() != columns_.size()) {
      refuse("this row has " + std::to_string(row_.cells.size()) + " cells, and the header has " +
             std::to_string(columns_.size()));
    } else {
      read_line();
    }
    return true;
  }

 private:
  static std::optional<Column> column_of(const std::string& name) {
    const auto* word = std::ranges::find(kWords, name, &Word::name);
    if (word != std::end(kWords)) {
      const bool ordered = word->means == Means::kWorkOrder;
      return Column{name, word->means, ordered ? "work-order" : name, nullptr};
    }
    if (name.starts_with(kIdentifier) && name.size() > kIdentifier.size() && printable(name) == name) {
      return Column{name, Means::kIdentifier, name.substr(kIdentifier.size()), nullptr};
    }
    const smbios::Field* field = smbios::find_field(name);
    if (field == nullptr) return std::nullopt;
    return Column{name, Means::kField, name, field};
  }

  [[nodiscard]] Failure broken(std::string what, Place place) const {
    return fail(std::move(what), file_line(request_, place), {}, ErrorKind::kConfiguration);
  }

  [[nodiscard]] Failure unknown(Place place, const std::string& name) const {
    constexpr std::size_t kLongestName = 64;
    if (name.size() > kLongestName || printable(name) != name) {
      return fail("this is neither CSV nor JSONL in UTF-8", file_line(request_, place),
                  "save it as CSV in UTF-8", ErrorKind::kConfiguration);
    }
    std::vector<std::string_view> known;
    for (const Word& word : kWords) known.push_back(word.name);
    for (const smbios::Field& field : smbios::fields()) known.push_back(field.keyword);
    return fail(
        "there is no column " + ticked(name) + profiles::did_you_mean(name, known),
        file_line(request_, place),
        "columns are label, model, lot, work_order, station, shipped, nic-mac, disk-serial, id:NAME of an"
        " identifier, and keywords of fields",
        ErrorKind::kConfiguration);
  }

  [[nodiscard]] std::optional<std::size_t> find(Means means) const {
    const auto found = std::ranges::find(columns_, means, &Column::means);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
  }

  void refuse(std::string what) { refuse(std::move(what), Place{.line = line_->line, .column = 0}); }
  void refuse(std::string what, Place place) {
    line_->refused.push_back({.line = place.line, .column = place.column, .what = std::move(what)});
  }

  // The cell without blanks around it.
  [[nodiscard]] std::string cell(std::size_t column) const {
    return std::string(trimmed(row_.cells[column].text));
  }
  [[nodiscard]] std::string cell(Means means) const {
    const auto column = find(means);
    return column ? cell(*column) : std::string();
  }

  void read_line() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string shown = printable(trimmed(row_.cells[i].text));
      if (shown == trimmed(row_.cells[i].text)) continue;
      refuse(ticked(columns_[i].name) + " has characters that cannot be printed: " + brief(shown),
             row_.cells[i].place);
    }
    if (!line_->refused.empty()) return;
    const Plan* plan = plan_of(cell(Means::kModel));
    if (plan == nullptr) return;
    if (!plan->problem.empty()) return refuse(plan->problem, row_.cells[*find(Means::kModel)].place);
    KnownUnit& unit = line_->unit;
    line_->profile = plan->profile;
    unit.model = cell(Means::kModel).empty() ? plan->profile->name : cell(Means::kModel);
    unit.since = since();
    station_ = cell(Means::kStation);
    if (station_.empty()) station_ = printable(request_.station.id);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (std::string value = cell(i); !value.empty()) read_value(i, plan->uses[i], value);
    }
    if (!fields_.empty()) line_->more = as_member("fields", "{" + std::exchange(fields_, {}) + "}");
    for (Seen& seen : unit.seen) seen.since = unit.since;
    if (unit.claims.empty() && line_->refused.empty())
      refuse("nothing on this line tells the unit from another");
  }

  // When it was shipped, else now.
  std::string since() {
    const auto column = find(Means::kShipped);
    if (!column || cell(*column).empty()) return now_;
    const std::string text = cell(*column);
    constexpr std::size_t kDay = 10;
    const auto time = parse_instant(text.size() == kDay ? text + "T00:00:00Z" : text);
    if (time) return utc_text(*time);
    refuse("`shipped` is a day such as 2026-11-20, or an instant such as 2026-11-20T05:00:00Z, not \"" +
               brief(text) + "\"",
           row_.cells[*column].place);
    return {};
  }

  void read_value(std::size_t i, const Use& use, const std::string& value) {
    const Column& column = columns_[i];
    const Place place = row_.cells[i].place;
    switch (column.means) {
      case Means::kModel:
      case Means::kStation:
      case Means::kShipped:
        return;
      case Means::kLabel:
        return read_scanned(column, true, value, place);
      case Means::kIdentifier:
        if (use.unknown) {
          return refuse("profile " + line_->profile->name + " has no identifier `" + column.keyword + "`",
                        place);
        }
        return read_scanned(column, use.unique, value, place);
      case Means::kNicMac:
        return read_cards(column, value, place);
      case Means::kLot:
      case Means::kWorkOrder:
      case Means::kDiskSerial:
        return static_cast<void>(line_->unit.seen.push_back(trait(column.keyword, value)));
      case Means::kField:
        return read_field(column, use, value, place);
    }
  }

  void read_scanned(const Column& column, bool unique, const std::string& value, Place place) {
    if (!unique) return static_cast<void>(line_->unit.seen.push_back(trait(column.keyword, value)));
    if (is_filler(*line_->profile->placeholders, value)) return refuse_placeholder(column, value, place);
    claim({.keyword = column.keyword, .scope = {}, .key = fold(value), .shown = value});
  }

  void refuse_placeholder(const Column& column, const std::string& value, Place place) {
    refuse(ticked(column.name) + " is a placeholder and no value: " + brief(value), place);
  }

  void read_field(const Column& column, const Use& use, const std::string& value, Place place) {
    if (!use.unique) {
      if (is_identity(column.keyword)) line_->unit.seen.push_back(trait(column.keyword, value));
      if (!fields_.empty()) fields_ += ',';
      put_json(column.keyword, fields_);
      fields_ += ':';
      put_json(value, fields_);
      return;
    }
    const auto key = key_of(column.keyword, value);
    if (!key) return refuse("this is no value of a " + column.keyword + ": " + brief(value), place);
    const bool uuid = column.field->kind == smbios::Kind::kUuid;
    if (line_->profile->placeholders->detect(*column.field, bytes_of(uuid ? *key : value))) {
      return refuse_placeholder(column, value, place);
    }
    std::string scope;
    if (use.within_field != nullptr) {
      if (use.within) scope = scope_of(*use.within_field, cell(*use.within));
      if (scope.empty()) {
        return refuse(ticked(column.name) + " is unique within " + ticked(use.within_field->keyword) +
                          ", of which this line says nothing",
                      place);
      }
    }
    claim({.keyword = column.keyword,
           .scope = std::move(scope),
           .key = *key,
           .shown = uuid ? smbios::uuid_text_mixed(bytes_of(*key)) : value});
  }

  void claim(const UniqueValue& value) {
    const Sha256 id = value.id(), value_id = value.value_id();
    line_->unit.claims.push_back({.id = Blob(id.begin(), id.end()),
                                  .value_id = Blob(value_id.begin(), value_id.end()),
                                  .keyword = value.keyword,
                                  .scope = value.scope,
                                  .shown = value.shown,
                                  .state = "active",
                                  .holder = {.station = station_, .since = line_->unit.since}});
  }

  void read_cards(const Column& column, std::string_view value, Place place) {
    auto& seen = line_->unit.seen;
    while (!value.empty()) {
      const std::string_view typed = value.substr(0, value.find_first_of(" \t"));
      value = trimmed(value.substr(typed.size()));
      const std::string mac = fold(as_mac(typed));
      if (mac.empty()) {
        refuse("this is no value of a " + column.keyword + ": " + brief(typed), place);
        continue;
      }
      const bool own =
          is_own_address(mac) && std::ranges::find(request_.fixtures, mac) == request_.fixtures.end();
      Seen card = trait(column.keyword, mac, own && line_->profile->has_witness(profiles::Witness::kNicMac));
      const bool known = std::ranges::any_of(seen, [&](const Seen& each) {
        return each.keyword == card.keyword && each.value_id == card.value_id;
      });
      if (!known) seen.push_back(std::move(card));
    }
  }

  // nullptr, and the line is refused: it does not say of which model it is.
  const Plan* plan_of(const std::string& model) {
    if (request_.profile == nullptr && model.empty()) {
      refuse("this line does not say of which model its unit is");
      return nullptr;
    }
    auto [place, fresh] = plans_.try_emplace(request_.profile == nullptr ? model : std::string());
    if (fresh) make_plan(model, place->second);
    return &place->second;
  }

  void make_plan(const std::string& model, Plan& plan) {
    plan.profile = request_.profile;
    if (plan.profile == nullptr) {
      // A name: a file's path in a list of units would be read from wherever it says.
      auto loaded = profiles::names_file(model) ? Result<Profile>(fail("a model is named, not a file"))
                                                : profiles::load_profile(model, request_.catalog);
      if (!loaded) {
        const std::string why = loaded.error().what;
        plan.problem =
            "no profile can be had for " + ticked(brief(model)) + ": " + why.substr(0, why.find('\n'));
        return;
      }
      plan.own = *std::move(loaded);
      plan.profile = &*plan.own;
    }
    for (const Column& column : columns_) plan.uses.push_back(use_of(column, *plan.profile));
  }

  [[nodiscard]] Use use_of(const Column& column, const Profile& profile) const {
    if (column.means == Means::kIdentifier) {
      const auto rule =
          std::ranges::find(profile.identifiers, column.keyword, &profiles::IdentifierRule::name);
      if (rule == profile.identifiers.end()) return {.unknown = true};
      return {.unique = rule->unique};
    }
    const profiles::FieldRule* rule = column.field == nullptr ? nullptr : profile.rule(*column.field);
    if (rule == nullptr || !rule->unique) return {};
    Use use{.unique = true, .within_field = rule->within};
    const auto scope = std::ranges::find(columns_, rule->within, &Column::field);
    if (rule->within != nullptr && scope != columns_.end()) {
      use.within = static_cast<std::size_t>(scope - columns_.begin());
    }
    return use;
  }

  CsvReader csv_;
  const ImportRequest& request_;
  const std::string& now_;
  CsvRow row_;
  std::vector<Column> columns_;
  std::map<std::string, Plan> plans_;  // by model; of --profile under no name
  UnitLine* line_ = nullptr;           // the one that is read
  std::string station_;                // that its values are claimed at
  std::string fields_;                 // "system-family":"CX", of the line: what it does not claim
};

}  // namespace

Result<std::unique_ptr<UnitReader>> read_csv_units(ByteStream& bytes, const ImportRequest& request,
                                                   const std::string& now) {
  auto units = std::make_unique<CsvUnits>(bytes, request, now);
  if (auto read = units->read_header(); !read) return Failure(read.error());
  return units;
}

}  // namespace dmigate::gate
