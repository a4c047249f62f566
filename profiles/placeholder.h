// Values that are not values: "To Be Filled By O.E.M.", "Default string", 0123456789, UUID templates.
//
//   profile->placeholders->detect(*field, reading.raw)
//
// The words are data (catalog/placeholders.yaml); a value is compared after folding case, punctuation,
// blanks and invisible characters away. Sources: facts in that file. A plant's own placeholders.yaml, beside
// its profiles, has the same form and adds to those lists; `allow` and `field_allow` let values pass.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/yaml.h"
#include "smbios/smbios.h"

namespace re2 {
class RE2;
}

namespace dmigate::profiles {

enum class PlaceholderKind : std::uint8_t {
  kNone,
  kText,     ///< words of the list, or nothing but punctuation; an enumeration's "Unknown"
  kRun,      ///< one repeated character or group, a count (0123…, 9876…) and nothing else, SN-12345
  kUuidNil,  ///< all 00: not present
  kUuidFf,   ///< all FF: not present, may be set
  kUuidTemplate,
};

struct Placeholder {
  PlaceholderKind kind = PlaceholderKind::kNone;
  // The list's entry; empty for what no list names. Lives as long as the Placeholders that found it.
  std::string_view matched;
  explicit operator bool() const { return kind != PlaceholderKind::kNone; }
};

// What makes a UUID odd that is there all the same, and no other unit's: worth a warning, no more.
enum class UuidDoubt : std::uint8_t {
  kNone,
  kAscii,        ///< text: the serial, and perhaps zeros behind it
  kMac,          ///< a MAC address with nothing but zeros, or FF, beside it
  kTemplateMac,  ///< AMI's sample with a MAC address in it
  kByteOrder,    ///< its version (RFC 4122, 4.1.3) stands right only in the other byte order
};
// `mixed`: whether its first three groups are little-endian, as since 2.6. Of 16 bytes; else kNone.
UuidDoubt doubt_of_uuid(smbios::Bytes raw, bool mixed);

struct Folded;  // a value without case, blanks and punctuation

class Placeholders {
 public:
  static Result<Placeholders> parse(std::string_view text, const std::string& file);
  // Adds what a file says. Fails with file:line:column; the lists are then not to be used.
  Result<void> add(const Node& root, const std::string& file);

  // `raw` is a Reading's: a string's bytes, or the field's bytes. `field` matters: "Desktop" is a
  // family, and no serial; 1.1.1 is a version, and 111 no serial.
  [[nodiscard]] Placeholder detect(const smbios::Field& field, smbios::Bytes raw) const;

 private:
  struct Entry {
    std::string written;  ///< as in the list: what a message shows
    std::string folded;
  };
  struct FieldEntries {
    const smbios::Field* field;
    std::vector<Entry> entries;
  };
  struct UuidTemplate {
    std::string written;
    std::string digits;                    ///< lower-case hex digits, in the order of the text
    std::array<std::uint8_t, 16> bytes{};  ///< the same
    bool prefix = false;                   ///< written with a final *: only the digits before it count
  };
  struct Pattern {
    std::string written;
    std::shared_ptr<const re2::RE2> compiled;
  };
  enum Reach : std::uint8_t { kNot, kByFillers, kByLabels, kByWords };
  friend class PlaceholderReader;
  [[nodiscard]] bool is_allowed(const smbios::Field& field, std::string_view value) const;
  [[nodiscard]] bool is_labelled_run(const smbios::Field& field, const Folded& value) const;
  [[nodiscard]] Placeholder detect_text(const smbios::Field& field, std::string_view value) const;
  [[nodiscard]] Placeholder detect_words(const smbios::Field& field, const Folded& value) const;
  [[nodiscard]] Placeholder detect_uuid(smbios::Bytes raw) const;
  [[nodiscard]] Reach made_of_words(const smbios::Field& field, const Folded& value) const;

  std::vector<Entry> values_;               ///< the whole value, in any field
  std::string initials_of_values_;          ///< of each of them, in their order: they are many
  std::vector<Entry> serial_numbers_;       ///< the whole value, in a serial number
  std::vector<FieldEntries> field_values_;  ///< the whole value, in that field
  std::vector<FieldEntries> endings_;       ///< the end of a value without digits, in that field
  std::vector<Entry> beginnings_;           ///< whole words that the value begins with
  std::vector<Entry> phrases_;              ///< anywhere in the value
  std::vector<Entry> verbatim_;             ///< anywhere in the value, unfolded
  std::vector<Entry> words_;                ///< a value made of nothing else is none
  std::vector<Entry> fillers_;              ///< may stand between them
  std::bitset<256> initials_;               ///< bytes that a word or a filler begins with
  std::vector<Entry> labels_;  ///< before a filler that counts or repeats; no serial number by themselves
  std::vector<UuidTemplate> uuids_;
  std::vector<Pattern> patterns_;            ///< the whole value; none ships, since compiling costs time
  std::vector<Entry> allowed_;               ///< no placeholder at this plant, in any field
  std::vector<FieldEntries> field_allowed_;  ///< in that field
};

// The lists that ship with this version.
Result<std::shared_ptr<const Placeholders>> shipped_placeholders();

}  // namespace dmigate::profiles
