#include "gate/judge/hardware.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "gate/evidence/devices.h"
#include "gate/evidence/wmi.h"

namespace dmigate::gate {
namespace {

using profiles::CountRule;
using profiles::SystemDiskRule;
using smbios::Field;
using smbios::State;
using smbios::Table;

// A list in a sentence of either language.
class List {
 public:
  void add(std::string_view item) { text_ += (text_.empty() ? "" : ", ") + std::string(item); }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::string text() const { return text_.empty() ? "-" : text_; }

 private:
  std::string text_;
};

// "nvme0n1 (nvme, KXG60ZNV512G, 512 GB)"
std::string described(const Disk& disk) {
  constexpr std::uint64_t kGigabyte = 1'000'000'000;
  std::string text = printable(disk.name) + " (" + std::string(bus_name(disk.bus));
  if (!trimmed(disk.model).empty()) text += ", " + printable(trimmed(disk.model));
  if (disk.size && *disk.size >= kGigabyte) text += ", " + std::to_string(*disk.size / kGigabyte) + " GB";
  return text + ")";
}

// "1d 0h 3m 5s"
std::string duration_text(std::chrono::milliseconds duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  std::string text;
  if (seconds >= 86400) text += std::to_string(seconds / 86400) + "d ";
  if (seconds >= 3600) text += std::to_string(seconds / 3600 % 24) + "h ";
  if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + "m ";
  return text + std::to_string(seconds % 60) + "s";
}

class HardwareJudge {
 public:
  HardwareJudge(const Question& question, std::vector<Finding>& findings)
      : question_(question),
        hardware_(question.evidence.hardware),
        table_(question.evidence.source.table()),
        stage_(question.stage ? question.profile.stage(*question.stage) : nullptr),
        findings_(findings) {}

  void run() {
    const profiles::HardwareRules& rules = question_.profile.hardware;
    judge_stated();
    judge_disks(asked(rules.system_disk, profiles::Hardware::kSystemDisk),
                asked(rules.fixed_disks, profiles::Hardware::kFixedDisks));
    if (const auto* rule = asked(rules.physical_nics, profiles::Hardware::kPhysicalNics)) judge_cards(*rule);
    if (const auto* rule = asked(rules.clock, profiles::Hardware::kClock)) judge_clock(*rule);
    if (question_.profile.has_witness(profiles::Witness::kNicMac)) judge_witnesses();
    judge_wmi();
  }

 private:
  template <typename Rule>
  const Rule* asked(const std::optional<Rule>& rule, profiles::Hardware which) const {
    return rule && (stage_ == nullptr || stage_->judges(which)) ? &*rule : nullptr;
  }

  Finding& add(Say say, Severity severity, profiles::Hardware which, Details details = {}) {
    findings_.push_back({.say = say,
                         .severity = severity,
                         .keyword = std::string(profiles::hardware_name(which)),
                         .details = std::move(details)});
    return findings_.back();
  }
  // Without a stage nothing is opened: what a dump by itself cannot tell is listed, and does not block. Of a
  // unit whose hardware was looked at, what could not be read does.
  [[nodiscard]] bool is_listed() const { return !question_.stage && !hardware_.disks && !hardware_.nics; }
  // A rule's severity weighs what was judged, not what could not be.
  void add_missing(Say say, profiles::Hardware which, Details details = {}) {
    const bool listed = is_listed() && message(say).rule == "evidence.missing";
    add(say, listed ? Severity::kWarning : Severity::kError, which, std::move(details)).unjudged = true;
  }
  Finding& add(Say say, const Field& field, Details details = {}) {
    const smbios::Reading reading = smbios::read(table_, field);
    findings_.push_back(
        {.say = say,
         .keyword = std::string(field.keyword),
         .type = field.type,
         .offset = field.offset,
         .handle = reading.structure ? std::optional(reading.structure->handle()) : std::nullopt,
         .state = reading.state,
         .details = std::move(details)});
    return findings_.back();
  }

  // ---------------------------------------------------------------- disks

  static std::string names(const std::vector<const Disk*>& disks) {
    List list;
    for (const Disk* disk : disks) list.add(described(*disk));
    return list.text();
  }

  void judge_disks(const SystemDiskRule* system, const CountRule* count) {
    if (!hardware_.disks) {
      if (system != nullptr) add_missing(Say::kDisksMissing, profiles::Hardware::kSystemDisk);
      if (count != nullptr) add_missing(Say::kDisksMissing, profiles::Hardware::kFixedDisks);
      return;
    }
    const OwnDisks own = own_disks(hardware_);
    if (!own.strange.empty() && (system != nullptr || count != nullptr)) {
      add_missing(Say::kDiskKindUnknown,
                  system != nullptr ? profiles::Hardware::kSystemDisk : profiles::Hardware::kFixedDisks,
                  {{"disks", names(own.strange)}});
    }
    const bool too_many = count != nullptr && judge_count(*count, own);
    if (system != nullptr) judge_system_disk(*system, own, too_many);
  }

  // True when there are more than may be.
  bool judge_count(const CountRule& rule, const OwnDisks& own) {
    constexpr auto kWhich = profiles::Hardware::kFixedDisks;
    const std::size_t most = own.fixed.size() + own.unknown.size();
    const Bounds& bounds = rule.count;
    const bool many = bounds.at_most && own.fixed.size() > *bounds.at_most;
    const bool few = bounds.at_least && most < *bounds.at_least;
    if (many || few) {
      Finding& finding = add(many ? Say::kDiskTooMany : Say::kDiskTooFew, rule.severity, kWhich,
                             {{"disks", names(own.fixed)}});
      finding.found = std::to_string(own.fixed.size());
      finding.expected = std::to_string(many ? *bounds.at_most : *bounds.at_least);
      return many;
    }
    const bool may_be_many = bounds.at_most && most > *bounds.at_most;
    const bool may_be_few = bounds.at_least && own.fixed.size() < *bounds.at_least;
    if (may_be_many || may_be_few) {
      add_missing(Say::kDiskPortMissing, kWhich, {{"disks", names(own.unknown)}});
    }
    return false;
  }

  void judge_system_disk(const SystemDiskRule& rule, const OwnDisks& own, bool too_many) {
    constexpr auto kWhich = profiles::Hardware::kSystemDisk;
    const SystemDisk found = find_system_disk(hardware_, own);
    switch (found.is) {
      case SystemDisk::Is::kFound:
        return judge_system_disk(rule, *found.disk);
      case SystemDisk::Is::kNotThere: {
        List all;
        for (const Disk& disk : *hardware_.disks) all.add(printable(disk.name));
        return add_missing(Say::kDiskNotThere, kWhich,
                           {{"disk", printable(hardware_.system_disk)}, {"disks", all.text()}});
      }
      case SystemDisk::Is::kUnknownPort:
        return add_missing(Say::kDiskPortMissing, kWhich, {{"disks", names(own.unknown)}});
      case SystemDisk::Is::kSeveral:
        // Where there are too many, detaching them is the cure for both.
        if (!too_many) add_missing(Say::kDiskUnknown, kWhich, {{"disks", names(own.fixed)}});
        return;
      case SystemDisk::Is::kNone:
        add(Say::kDiskNone, rule.severity, kWhich, {{"disks", names(found.instead)}});
    }
  }

  void judge_system_disk(const SystemDiskRule& rule, const Disk& disk) {
    constexpr auto kWhich = profiles::Hardware::kSystemDisk;
    const Details details{{"disk", described(disk)}};
    if (disk.kind != DiskKind::kDisk || disk.size == 0) {
      add_missing(Say::kDiskNotOne, kWhich,
                  {{"disk", described(disk)}, {"kind", std::string(disk_kind_name(disk.kind))}});
      return;
    }
    if (rule.removable && !disk.removable) {
      add_missing(Say::kDiskPortMissing, kWhich, {{"disks", described(disk)}});
    } else if (rule.removable && *rule.removable != *disk.removable) {
      add(*disk.removable ? Say::kDiskRemovable : Say::kDiskFixed, rule.severity, kWhich, details);
    }
    if (!rule.serial && !rule.serial_at_most) return;
    if (!disk.serial) {
      add_missing(Say::kDiskSerialUnread, kWhich, details);
      return;
    }
    if (rule.serial) judge_serial(rule, disk, details);
    if (rule.serial_at_most && disk.serial->size() > *rule.serial_at_most) {
      Finding& finding = add(Say::kDiskSerialLength, rule.severity, kWhich, details);
      finding.found = std::to_string(disk.serial->size());
      finding.expected = std::to_string(*rule.serial_at_most);
    }
  }

  void judge_serial(const SystemDiskRule& rule, const Disk& disk, const Details& details) {
    constexpr auto kWhich = profiles::Hardware::kSystemDisk;
    const std::string_view serial = trimmed(*disk.serial);
    if (serial.empty()) {
      add(Say::kDiskSerialMissing, rule.severity, kWhich, details);
      return;
    }
    const smbios::Bytes raw(reinterpret_cast<const std::uint8_t*>(serial.data()), serial.size());
    if (question_.profile.placeholders->detect(*smbios::find_field("system-serial-number"), raw)) {
      add(Say::kDiskSerialPlaceholder, rule.severity, kWhich, details).found = printable(serial);
    }
  }

  // ---------------------------------------------------------------- network cards

  [[nodiscard]] bool is_fixture(const NetworkCard& card) const {
    return card.mac && std::ranges::find(question_.fixtures, *card.mac) != question_.fixtures.end();
  }

  // A dongle is no card of the unit: it is unplugged at the end of the line. One address is one card.
  void judge_cards(const CountRule& rule) {
    constexpr auto kWhich = profiles::Hardware::kPhysicalNics;
    if (!hardware_.nics) return add_missing(Say::kNicsMissing, kWhich);
    List usable, disabled, driverless, removable, unaddressed, others, unknown;
    std::set<std::string_view> addresses;
    std::uint64_t count = 0;
    std::uint64_t uncertain = 0;
    for (const NetworkCard& card : *hardware_.nics) {
      const std::string name = printable(card.name);
      if (!card.physical || is_fixture(card)) {
        others.add(name);
      } else if (card.removable == true) {
        removable.add(name);
      } else if (card.disabled == true) {
        disabled.add(name);
      } else if (card.driver && card.driver->empty()) {
        driverless.add(name);
      } else if (!card.mac || !is_own_address(*card.mac)) {
        unaddressed.add(name);
      } else if (!addresses.insert(*card.mac).second) {
        continue;
      } else if (!card.removable) {
        unknown.add(name);
        ++uncertain;
      } else {
        usable.add(name);
        ++count;
      }
    }
    const Bounds& bounds = rule.count;
    const bool many = bounds.at_most && count > *bounds.at_most;
    const bool few = bounds.at_least && count + uncertain < *bounds.at_least;
    if (many || few) {
      const Say say = many ? Say::kNicTooMany : count == 0 ? Say::kNicNone : Say::kNicTooFew;
      Finding& finding = add(say, rule.severity, kWhich,
                             {{"cards", usable.text()},
                              {"disabled", disabled.text()},
                              {"driverless", driverless.text()},
                              {"removable", removable.text()},
                              {"unaddressed", unaddressed.text()},
                              {"others", others.text()}});
      finding.found = std::to_string(count);
      finding.expected = std::to_string(many ? *bounds.at_most : *bounds.at_least);
    } else if ((bounds.at_least && count < *bounds.at_least) ||
               (bounds.at_most && count + uncertain > *bounds.at_most)) {
      add_missing(Say::kNicPortMissing, kWhich, {{"cards", unknown.text()}});
    }
  }

  // Whether it is a copy is the registry's to say. Whose evidence is not there could be one, and no stage
  // leaves that open.
  void judge_witnesses() {
    const auto missing = [&](Say say, Details details = {}) {
      findings_.push_back({.say = say,
                           .severity = is_listed() ? Severity::kWarning : Severity::kError,
                           .unjudged = true,
                           .keyword = std::string(profiles::witness_name(profiles::Witness::kNicMac)),
                           .details = std::move(details)});
    };
    if (!hardware_.nics) return missing(Say::kNicsMissing);
    const NicMacs found = nic_macs(*hardware_.nics, question_.fixtures);
    if (!found.macs.empty() || found.unsure.empty()) return;
    List unsure;
    for (const NetworkCard* card : found.unsure) unsure.add(printable(card->name));
    missing(Say::kWitnessUnsure, {{"cards", unsure.text()}});
  }

  // ---------------------------------------------------------------- the clock

  // Instants are compared, never their text: +30:00 is a way to write one.
  void judge_clock(const profiles::ClockRule& rule) {
    constexpr auto kWhich = profiles::Hardware::kClock;
    const auto at = hardware_.clock ? parse_instant(hardware_.clock->at) : std::nullopt;
    if (!at) return add_missing(Say::kClockMissing, kWhich);
    const auto apart = [&](std::chrono::system_clock::time_point other) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(*at - other);
    };
    if (const auto local = parse_instant(hardware_.clock->local.value_or(""));
        local && std::chrono::abs(apart(*local)) > rule.within) {
      Finding& finding = add(Say::kClockLocal, rule.severity, kWhich,
                             {{"skew", duration_text(std::chrono::abs(apart(*local)))}});
      finding.found = printable(*hardware_.clock->local);
      finding.expected = utc_text(*at);
    }
    const auto reference = parse_instant(hardware_.clock->reference.value_or(""));
    if (!reference) return add_missing(Say::kClockNoReference, kWhich);
    const auto skew = apart(*reference);
    if (std::chrono::abs(skew) <= rule.within) return;
    Finding& finding = add(skew.count() > 0 ? Say::kClockFast : Say::kClockSlow, rule.severity, kWhich,
                           {{"skew", duration_text(std::chrono::abs(skew))},
                            {"from", printable(hardware_.clock->from)},
                            {"within", duration_text(rule.within)}});
    finding.found = utc_text(*at);
    finding.expected = utc_text(*reference);
  }

  // ---------------------------------------------------------------- an inventory of the same unit?

  // Nothing, or what many units have, names none.
  [[nodiscard]] bool names_a_unit(const Statement& statement) const {
    if (statement.keyword != "system-serial-number" && statement.keyword != "system-uuid") return false;
    const Field& field = *smbios::find_field(statement.keyword);
    const std::string_view value = trimmed(statement.value);
    if (is_nothing(field, value)) return false;
    const profiles::Placeholders& lists = *question_.profile.placeholders;
    if (field.kind != smbios::Kind::kUuid)
      return !lists.detect(field, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    const auto raw = smbios::parse_uuid(unbraced(value), true);
    return !raw || !lists.detect(field, *raw);
  }

  void judge_stated() {
    if (!hardware_.stated.empty() && std::ranges::none_of(hardware_.stated, [&](const Statement& statement) {
          return names_a_unit(statement);
        })) {
      findings_.push_back({.say = Say::kInventoryUnnamed, .unjudged = true, .keyword = "inventory"});
    }
    for (const Statement& statement : hardware_.stated) {
      const Field* field = smbios::find_field(statement.keyword);
      if (field == nullptr || agrees(*field, statement.value)) continue;
      Finding& finding = add(Say::kEvidenceMismatch, *field);
      finding.unjudged = true;
      finding.found = printable(trimmed(statement.value));
      const smbios::Reading reading = smbios::read(table_, *field);
      finding.expected = reading.state == State::kPresent ? printable(trimmed(reading.text()))
                                                          : std::string(smbios::state_name(reading.state));
    }
  }

  // Every reading of the field: a table with several boards has several.
  [[nodiscard]] std::vector<smbios::Reading> readings(const Field& field) const {
    std::vector<smbios::Reading> all{smbios::read(table_, field)};
    for (const smbios::Structure& structure : table_) {
      if (structure.type() == field.type) all.push_back(smbios::read(structure, field, table_.version()));
    }
    return all;
  }

  [[nodiscard]] bool agrees(const Field& field, std::string_view written) const {
    const std::string_view value = trimmed(written);
    return std::ranges::any_of(readings(field), [&](const smbios::Reading& reading) {
      if (reading.state == State::kPresent) return same_value(reading, value);
      // What the text did not tell cannot be compared, and is said where the field is asked for.
      if (reading.state == State::kUnknown) return false;
      return is_nothing(field, value);
    });
  }

  // How Windows' programs write a field without a value.
  static bool is_nothing(const Field& field, std::string_view value) {
    return value.empty() ||
           (field.kind == smbios::Kind::kUuid && value.find_first_not_of("0-{}") == std::string_view::npos);
  }

  // Windows writes lists, and some programs UUIDs, in braces.
  static std::string_view unbraced(std::string_view text) {
    if (text.starts_with('{')) text.remove_prefix(1);
    if (text.ends_with('}')) text.remove_suffix(1);
    return text;
  }

  // A number as "0x0A", "10" or "{10}".
  static std::optional<std::uint64_t> number_of(std::string_view text) {
    text = unbraced(text);
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    if (hex) text.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  // UUIDs are compared by their bytes in both orders, since firmware and programs disagree on it.
  static bool same_value(const smbios::Reading& reading, std::string_view value) {
    switch (reading.field->kind) {
      case smbios::Kind::kUuid:
        return std::ranges::any_of(std::array{true, false}, [&](bool mixed) {
          const auto raw = smbios::parse_uuid(unbraced(value), mixed);
          return raw && std::ranges::equal(*raw, reading.raw);
        });
      case smbios::Kind::kEnum:
        return number_of(value) == reading.number();
      default:
        return valid_utf8(trimmed(reading.text())) == value;
    }
  }

  // ---------------------------------------------------------------- WMI

  struct Shown {
    const Field* field;
    List properties;                   ///< that were asked for
    List silent;                       ///< of these, without a value
    std::optional<std::string> other;  ///< "Win32_BIOS.SerialNumber": one that says something else
    std::string other_value;
  };

  [[nodiscard]] bool required(const Field& field) const {
    const profiles::FieldRule* rule = question_.profile.rule(field);
    return rule != nullptr && !rule->optional && judged_at(question_.profile, question_.stage, field);
  }

  // The fields that WMI shows and the profile asks for; the system's serial where it asks for none.
  [[nodiscard]] std::vector<const WmiProperty*> required_properties() const {
    std::vector<const WmiProperty*> asked;
    const WmiProperty* serial = nullptr;
    std::set<std::string_view> keywords;
    for (const WmiProperty& property : wmi_properties()) {
      if (property.keyword == "system-serial-number" && serial == nullptr) serial = &property;
      if (property.form == WmiForm::kDate || !required(*smbios::find_field(property.keyword))) continue;
      if (keywords.insert(property.keyword).second) asked.push_back(&property);
    }
    if (asked.empty()) asked.push_back(serial);
    return asked;
  }

  static std::string full_name(const WmiProperty& property) {
    return std::string(property.wmi_class) + "." + std::string(property.name);
  }

  [[nodiscard]] bool table_has(const Field& field) const {
    const smbios::Reading reading = smbios::read(table_, field);
    return reading.state == State::kPresent && !is_nothing(field, trimmed(reading.text()));
  }

  void judge_wmi() {
    if (!hardware_.wmi) {
      if (stage_ != nullptr && stage_->needs_wmi)
        findings_.push_back({.say = Say::kWmiMissing, .unjudged = true, .keyword = "wmi"});
      return;
    }
    if (!hardware_.wmi->error.empty()) {
      judge_failed_call();
    } else if (stage_ != nullptr && stage_->needs_wmi) {
      judge_completeness();
    }
    judge_answers();
  }

  void judge_failed_call() {
    List empty;
    const WmiProperty* first = nullptr;
    for (const WmiProperty* property : required_properties()) {
      if (table_has(*smbios::find_field(property->keyword))) continue;
      if (first == nullptr) first = property;
      empty.add(property->keyword);
    }
    Details details{{"error", printable(hardware_.wmi->error)}, {"fields", empty.text()}};
    if (first != nullptr) {
      add(Say::kWmiFailedEmpty, *smbios::find_field(first->keyword), std::move(details));
    } else {
      findings_.push_back({.say = Say::kWmiFailed, .keyword = "wmi", .details = std::move(details)});
    }
  }

  void judge_completeness() {
    List missing;
    for (const WmiProperty* property : required_properties()) {
      // A serial must be asked where the activation reads it: another class may know it all the same.
      const bool itself = property->name == "SerialNumber";
      const bool answered = std::ranges::any_of(wmi_properties(), [&](const WmiProperty& other) {
        return (itself ? &other == property : other.keyword == property->keyword) &&
               std::ranges::find(hardware_.wmi->answers, full_name(other), &WmiAnswer::property) !=
                   hardware_.wmi->answers.end();
      });
      if (!answered) missing.add(full_name(*property));
    }
    if (missing.empty()) return;
    findings_.push_back({.say = Say::kWmiIncomplete,
                         .unjudged = true,
                         .keyword = "wmi",
                         .details = {{"properties", missing.text()}}});
  }

  // By field, in the table's order.
  [[nodiscard]] std::vector<Shown> shown() const {
    std::vector<Shown> all;
    for (const WmiProperty& property : wmi_properties()) {
      if (property.form == WmiForm::kDate) continue;  // its form is Windows', not the table's
      const Field& field = *smbios::find_field(property.keyword);
      bool any = false;
      bool said = false;
      for (const WmiAnswer& answer : hardware_.wmi->answers) {
        if (answer.property != full_name(property)) continue;
        auto found = std::ranges::find(all, &field, &Shown::field);
        if (found == all.end()) found = all.insert(found, Shown{.field = &field});
        any = true;
        const std::string_view value = trimmed(answer.value ? *answer.value : std::string_view{});
        if (is_nothing(field, value)) continue;
        said = true;
        if (found->other || agrees(field, value)) continue;
        found->other = answer.property;
        found->other_value = unbraced(value);
      }
      if (!any) continue;
      Shown& entry = *std::ranges::find(all, &field, &Shown::field);
      entry.properties.add(full_name(property));
      if (!said) entry.silent.add(full_name(property));
    }
    return all;
  }

  // Case C of the field: the table is good and WMI is not, so the image is broken and the firmware is not.
  void judge_answers() {
    List silent;
    const Field* first_silent = nullptr;
    for (const Shown& entry : shown()) {
      const State state = smbios::read(table_, *entry.field).state;
      if (state == State::kUnknown) continue;
      if (entry.other) {
        Finding& finding = add(Say::kWmiDiffers, *entry.field, {{"property", *entry.other}});
        finding.found = printable(entry.other_value);
        finding.expected = table_has(*entry.field)
                               ? printable(trimmed(smbios::read(table_, *entry.field).text()))
                               : std::string(smbios::state_name(state));
      } else if (entry.silent.empty()) {
        continue;
      } else if (table_has(*entry.field)) {
        silent.add(entry.silent.text());
        if (first_silent == nullptr) first_silent = entry.field;
      } else if (required(*entry.field)) {
        add(Say::kWmiEmpty, *entry.field, {{"property", entry.silent.text()}});
      }
    }
    if (first_silent != nullptr) add(Say::kWmiSilent, *first_silent, {{"properties", silent.text()}});
  }

  using Bounds = profiles::Bounds;

  const Question& question_;
  const Hardware& hardware_;
  Table table_;
  const profiles::StageRule* stage_;  ///< nullptr: everything is judged
  std::vector<Finding>& findings_;
};

}  // namespace

void judge_hardware(const Question& question, std::vector<Finding>& findings) {
  HardwareJudge(question, findings).run();
}

}  // namespace dmigate::gate
