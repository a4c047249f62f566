// Values that are not values: "To Be Filled By O.E.M.", "Default string", 0123456789, UUID templates.
//
// The lists and patterns are data (catalog/placeholders.yaml); a value is compared after folding
// case, punctuation and blanks away. Sources: facts.md 4.
#pragma once

#include <string>
#include <string_view>

#include "smbios/smbios.h"

namespace dmigate::profiles {

enum class PlaceholderKind : std::uint8_t {
  kNone,
  kText,     ///< a word or pattern of the list
  kRun,      ///< one repeated character, or a counting run (0123…, 1234…, 9876…)
  kUuidNil,  ///< all 00: not present
  kUuidFf,   ///< all FF: not present, may be set
  kUuidTemplate,
};

struct Placeholder {
  PlaceholderKind kind = PlaceholderKind::kNone;
  std::string_view matched;  ///< the list's entry; empty for runs, nil and FF
  explicit operator bool() const { return kind != PlaceholderKind::kNone; }
};

// `field` matters: "Desktop" is a family, and no serial.
Placeholder detect_placeholder(const smbios::Field& field, smbios::Bytes raw);

}  // namespace dmigate::profiles
