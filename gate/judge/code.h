// The code of a unit: twelve letters and digits, "7KQ2-M0F4-X9AB", that can be read out over a telephone
// and say which of a unit's fields differ from what is known of it, and not what they are.
//
//   Code now = *parse_code("7KQ2-M0F4-X9AB");                  // as the customer read it out
//   Code then = code_of(*known_unit(evidence, fixtures, lists)); // as the unit left
//   for (Difference each : compare(then, now)) …
//
// One symbol for each field of kCodeFields, in that order, and a check symbol. docs/code.md says what a code
// tells of a unit, and how likely a change goes unseen.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gate/evidence/evidence.h"
#include "gate/judge/messages.h"
#include "profiles/placeholder.h"

namespace dmigate::gate {

inline constexpr std::size_t kSystemDiskSerial = 9;  ///< in kCodeFields; the fields before it are the table's
inline constexpr std::size_t kNicMac = 10;
// Never in another order, nor others: codes that were written down are read by these.
inline constexpr std::array<std::string_view, 11> kCodeFields = {"system-manufacturer",
                                                                 "system-product-name",
                                                                 "system-serial-number",
                                                                 "system-uuid",
                                                                 "system-sku-number",
                                                                 "system-family",
                                                                 "baseboard-product-name",
                                                                 "chassis-type",
                                                                 "baseboard-serial-number",
                                                                 "system-disk-serial",
                                                                 "nic-mac"};

// What is known of a unit, however it came to be known: one value for each of kCodeFields, in its order.
// As code_value() has it; empty: the unit has none. None: it was not captured, or is not known.
struct KnownUnit {
  std::array<std::optional<std::string>, kCodeFields.size()> values;
};

// A field of the table as KnownUnit has it. `raw` is a Reading's. What is a placeholder is no value.
std::optional<std::string> code_value(const smbios::Field& field, smbios::State state, smbios::Bytes raw,
                                      const profiles::Placeholders& placeholders);
// The serial of a disk, as read, likewise.
std::string code_value(std::string_view disk_serial, const profiles::Placeholders& placeholders);

// The system's disk is the judge's (gate/evidence/devices.h); of several cards the lowest address counts.
// `fixtures`: as Question::fixtures. Fails where the table breaks off before its identity, and where a
// system disk was named that the unit does not have.
Result<KnownUnit> known_unit(const Evidence& evidence, std::span<const std::string> fixtures,
                             const profiles::Placeholders& placeholders);

struct Code {
  static constexpr std::uint8_t kMissing = 0;      ///< the unit has no value of the field
  static constexpr std::uint8_t kNotCaptured = 1;  ///< it is not known whether it has
  // Each below 32; above these two it is a hash of the value. The check symbol is not among them.
  std::array<std::uint8_t, kCodeFields.size()> symbols{};
  bool operator==(const Code&) const = default;
};

Code code_of(const KnownUnit& unit);

std::string to_text(const Code& code);  ///< "7KQ2-M0F4-X9AB", the check symbol last

// As it was heard or typed: letters in either case, blanks and hyphens anywhere, O for 0, I and L for 1, U
// for V. Fails (configuration) on another number of letters, on what is no letter of a code, and where the
// check symbol does not fit: any one wrong letter, and any two that were swapped.
Result<Code> parse_code(std::string_view text);

// "seven Kilo Quebec two, Mike zero …": the same, to be read out. Letters have one spelling in both
// languages.
std::string spelled(const Code& code, Language language);

enum class Difference : std::uint8_t {
  kSame,          ///< or changed, with a chance of 1 in 30, into a value with the same symbol
  kStillMissing,  ///< then and now
  kChanged,
  kMissingNow,
  kWasMissing,
  kUnknown,  ///< not captured, then or now
};
std::string_view difference_name(Difference difference);  ///< "missing-now"

std::array<Difference, kCodeFields.size()> compare(const Code& then, const Code& now);

}  // namespace dmigate::gate
