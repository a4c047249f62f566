// smbios: bytes -> structures -> named fields. Knows DSP0134; knows no model, station or database.
//
//   auto source = smbios::Source::open("unit-7.bin");            // any form, recognised by content
//   for (smbios::Structure s : source->table()) { … }            // iterate
//   auto board = source->table().baseboard();                    // ask by role, type or handle
//   auto serial = smbios::read(source->table(), *smbios::find_field("system-serial-number"));
//   if (serial.state == smbios::State::kPresent) use(serial.text());
//
// Walking never fails: it yields the structures it can reach, and inspect() says what is wrong with
// the table. Only ByteView (byte_view.h) touches raw bytes. Nothing here allocates while walking or
// reading a field; only text(), inspect(), to_dump() and the opening of a Source do.
//
// Clauses are those of DSP0134 3.9.0.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/byte_view.h"
#include "smbios/result.h"

namespace dmigate::smbios {

using Handle = std::uint16_t;

constexpr std::size_t kHeaderBytes = 4;        // type, length, handle; clause 6.1.2
constexpr std::uint8_t kInactiveType = 126;    // clause 7.45
constexpr std::uint8_t kEndOfTableType = 127;  // clause 7.46

// ---------------------------------------------------------------- sources

// SMBIOS version of a table, after the known firmware mistakes are put right (2.31 and 2.33 mean
// 2.3, 2.51 means 2.6). major == 0: unknown, as in a bare table.
struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint8_t revision = 0;  ///< docrev of _SM3_; 0 elsewhere
  auto operator<=>(const Version&) const = default;
  [[nodiscard]] bool known() const { return major != 0; }
  [[nodiscard]] std::string to_string() const;  ///< "3.2", "3.2.1", or "unknown"
};

enum class Form : std::uint8_t {
  kSysfs,    ///< smbios_entry_point and DMI, live or as a folder
  kDump,     ///< dmidecode --dump-bin: entry point first, then the table
  kRsmb,     ///< GetSystemFirmwareTable('RSMB'): 8 bytes, then the table
  kBare,     ///< structures only
  kImage,    ///< memory: the entry point on a 16-byte boundary, the table where it says
  kHexText,  ///< what dmidecode -u prints: every byte of every structure
  kText,     ///< what dmidecode prints: the values of Types 0 to 3, the headers of all others
};
std::string_view form_name(Form form);  ///< "sysfs", "dump", "rsmb", "bare", "image", "hex-text", "text"

enum class EntryPointKind : std::uint8_t {
  kNone,
  kLegacy,   ///< _DMI_ alone
  kSmbios2,  ///< _SM_, clause 5.2.1
  kSmbios3,  ///< _SM3_, clause 5.2.2
};

// What can be wrong with a table and still let it be walked. rule_id() gives the finding's id.
enum class DefectKind : std::uint8_t {
  kChecksum,   ///< table.checksum: an entry point's bytes do not sum to 0 (found: the sum)
  kTruncated,  ///< table.truncated: the table ends inside a structure, or before its announced end
  kNoEnd,      ///< table.no-end: no Type 127 (also where kTruncated or kBadLength says why)
  kCount,      ///< table.count: structures found against announced
  kSize,  ///< table.size: bytes found against announced (_SM_, _DMI_, RSMB; _SM3_: more than its maximum)
  kBadLength,         ///< table.bad-length: a structure's length is below 4; nothing after it can be read
  kDuplicateHandle,   ///< table.duplicate-handle (once for each handle; found: the handle)
  kTrailingData,      ///< table.trailing-data: bytes other than 00 after Type 127, or after the announced end
  kVersion,           ///< table.version: a version number that firmware is known to get wrong
  kAddress,           ///< table.address: the table is not where the entry point says (dump forms)
  kMissingStructure,  ///< structure.missing: no Type 1
  kRepeatedStructure,  ///< structure.repeated: more than one Type 1 (at the second; found: how many)
  kShortStructure,     ///< structure.short: shorter than its version asks (Table of lengths, facts 3)
  kSeveralTables,      ///< table.several: the file holds another table as well (found: where in the file)
  kText,               ///< table.text: read from dmidecode's text; what that does not tell is unknown
  // What the specification asks and readers get along without. Not looked for in kText.
  kNewerVersion,    ///< table.newer-version: newer than kNewest (both as 0309h)
  kReservedHandle,  ///< table.reserved-handle: FF00h and up (clause 6.1.2; found: the handle)
  kDanglingHandle,  ///< structure.dangling-handle: names a handle that no structure has (found)
  kBadString,       ///< structure.bad-string: string number beyond the set (found; expected: strings there)
  kCharset,         ///< structure.charset: no ASCII, and no UTF-8 or before 3.5 (found: the string's number)
  kControlCharacter,   ///< structure.control-character: 01h-1Fh or 7Fh in a string (found: its number)
  kLongString,         ///< structure.long-string: more than 64 bytes, up to 2.6 (found: bytes)
  kPaddedString,       ///< structure.padded-string: blanks at an end (found: the string's number)
  kSeveralBaseboards,  ///< structure.several-baseboards: found: Types 2; handle: the one chosen; expected:
                       ///< why, as precedence() says: 2 board type 0Ah, 1 hosting board, 0 the first
  kOutOfSpec,          ///< structure.out-of-spec: a value that the specification does not give (found)
  kReservedBits,       ///< structure.reserved-bits: bits set that it does not give (found: those bits)
  kNewerValue,  ///< structure.newer-value: a value, or bits, that DSP0134 has since a later version than
                ///< the table's (found: it, or those bits; expected: that version, as 0309h)
  kBadList,     ///< structure.bad-list: a list longer than its structure (found and expected: bytes),
                ///< or strings counted otherwise than there are (found: strings; expected: announced)
  kAnnexA,      ///< structure.annex-a: what Annex A and clause 6.2 ask of a required structure (found)
};
std::string_view rule_id(DefectKind kind);

// How much a defect matters: the one table is in inspect.cc.
enum class Weight : std::uint8_t {
  kBlocks,  ///< it may hide or garble an identity
  kWarns,   ///< firmware that readers get along with
  kNoted,   ///< shown, and in no verdict: nearly every table has it
};
Weight weight(DefectKind kind);

constexpr Version kNewest{3, 9, 0};  // of DSP0134, that this reader knows

struct Field;

struct Defect {
  DefectKind kind;
  std::size_t offset =
      0;  ///< bytes from the start of the table (of the entry point for kChecksum, kVersion, kAddress)
  std::optional<std::uint8_t> type;
  std::optional<Handle> handle;
  std::uint64_t found = 0;  ///< in the unit of the kind: bytes, structures, a sum, a handle
  std::uint64_t expected = 0;
  const Field* field = nullptr;  ///< where one field is at fault
};

// Where the parts of a table lie in a buffer. All spans point into that buffer.
struct Layout {
  Form form = Form::kBare;
  EntryPointKind entry_point_kind = EntryPointKind::kNone;
  Version version;
  Bytes entry_point;  ///< empty when there is none
  Bytes table;        ///< what is there of it; may be shorter than announced
  Bytes known;  ///< kText: for each byte of the table its bits that the text tells; else empty: all are known
  std::optional<std::uint32_t> announced_bytes;       ///< _SM_, _DMI_, RSMB: exact; _SM3_: a maximum
  std::optional<std::uint16_t> announced_structures;  ///< _SM_, _DMI_ only
  std::vector<Defect> defects;                        ///< of the entry point and the layout
};

// Recognises the form by content. Fails when no structure table can be found: an empty file, text,
// anything whose first structure cannot be walked to a second one or to Type 127. Nothing marks a
// bare table, nor RSMB whose length does not fit: they must end in a well-formed Type 127, or hold
// a Type 1 and begin with two structures whose strings are text.
//
// What an entry point announces is believed where the table can be walked as it says, and is a
// defect where it cannot: the size only bounds a table that can be walked within it; the address is
// followed when a table begins there, else the table is sought at 20h and after the entry point.
//
// A memory image is what has an entry point elsewhere than at 0: on a 16-byte boundary, its checksum
// right, its address an offset in the image (or, of an image of the BIOS's segment, from F0000h) at
// which a table proves itself. _SM3_ is preferred where both lead to one (clause 5.2).
//
// Text and compressed files are not recognised here, since their bytes are not the table's: from_bytes().
Result<Layout> recognise(Bytes file);
// The sysfs pair. Fails as recognise() does, and when `entry_point` is none. The address is ignored.
Result<Layout> recognise_pair(Bytes entry_point, Bytes table);

class Table;

// An opened source: owns the bytes. Movable; spans and tables taken from it live as long as it does
// and survive a move.
class Source {
 public:
  // A file of any form, "-" (standard input), or a folder with smbios_entry_point and DMI.
  // Fails with path and cause: missing, unreadable, larger than 64 MiB, not a table, half a pair.
  static Result<Source> open(const std::filesystem::path& path);
  // The table of the machine that the program runs on, as its kernel shows it: Linux's
  // /sys/firmware/dmi/tables (root only), Windows' GetSystemFirmwareTable('RSMB') (form rsmb; anybody).
  // Fails with what the system says.
  static Result<Source> live();
  // As open() of a file; `name` stands for the path in messages. A file that is compressed (gzip, xz,
  // zstd) is read as what it holds; one that is damaged, cut, or holds more than 64 MiB fails, and so
  // does one compressed twice. Text (UTF-8 or UTF-16) fails where it is damaged or of several units.
  static Result<Source> from_bytes(std::vector<std::uint8_t> file, std::string name);
  static Result<Source> from_pair(const std::vector<std::uint8_t>& entry_point,
                                  const std::vector<std::uint8_t>& table, std::string name);
  Source(const Source&) = delete;  // the layout points into bytes_
  Source& operator=(const Source&) = delete;
  Source(Source&&) = default;
  Source& operator=(Source&&) = default;
  ~Source() = default;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] Table table() const;
  // All bytes that were read: the file (after decompression), or entry point and table of a pair or of
  // a memory image, one after the other.
  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  Source() = default;
  Result<void> unpack();  // of bytes_
  Result<void> read();
  Result<void> read_text();
  void drop_rest_of_image();
  std::string path_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> table_;  // text only: the table that it tells
  std::vector<std::uint8_t> known_;  // text only: Layout::known
  Layout layout_;
};

// The bytes of dmidecode's dump form for any layout: entry point at 0 with its address set to 20h and
// its checksum adjusted by the difference (a wrong one stays wrong), the table at 20h. Where there is
// no entry point an _SM3_ one is made, of version 3.0 when it is unknown. Empty for kText: a dump cannot
// say what is unknown.
std::vector<std::uint8_t> to_dump(const Layout& layout);

// ---------------------------------------------------------------- structures

// The strings of Structure::strings(), in order, up to the first empty one, which ends it (clause 6.1.3).
class Strings {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(std::string_view rest) : rest_(rest), size_(rest.find('\0')) {}
    std::string_view operator*() const { return rest_.substr(0, size_); }
    Iterator& operator++() { return *this = Iterator(rest_.substr(std::min(size_, rest_.size() - 1) + 1)); }
    bool operator==(std::default_sentinel_t) const { return (**this).empty(); }

   private:
    std::string_view rest_;
    std::size_t size_;  ///< up to the NUL; npos for the last one
  };
  explicit Strings(Bytes set) : set_(ByteView(set).text()) {}
  [[nodiscard]] Iterator begin() const { return Iterator(set_); }
  [[nodiscard]] static std::default_sentinel_t end() { return {}; }

 private:
  std::string_view set_;
};

// One structure, clause 6.1. A view: valid while the buffer lives.
class Structure {
 public:
  Structure(Bytes formatted, Bytes strings, std::size_t offset, Bytes known = {})
      : formatted_(formatted), strings_(strings), known_(known), offset_(offset) {}
  [[nodiscard]] std::uint8_t type() const { return ByteView(formatted_).byte(0).value_or(0); }
  [[nodiscard]] std::uint8_t length() const {
    return ByteView(formatted_).byte(1).value_or(0);
  }  ///< formatted area, at least 4
  [[nodiscard]] Handle handle() const;
  [[nodiscard]] std::size_t offset() const { return offset_; }  ///< from the start of the table
  [[nodiscard]] std::size_t size() const {
    return formatted_.size() + strings_.size() + 2;
  }                                                             ///< in bytes, final NULs included
  [[nodiscard]] Bytes formatted() const { return formatted_; }  ///< header included
  [[nodiscard]] Bytes strings() const { return strings_; }      ///< the string set, final NULs excluded
  [[nodiscard]] Bytes known() const { return known_; }          ///< of formatted(); see Layout::known
  [[nodiscard]] std::size_t string_count() const;
  // String `number`, counted from 1, without its NUL. None for 0 and beyond the set (which an empty
  // string ends: clause 6.1.3).
  [[nodiscard]] std::optional<std::string_view> string(unsigned number) const;

 private:
  Bytes formatted_;
  Bytes strings_;
  Bytes known_;
  std::size_t offset_;
};

// The structures of a table, in order, Type 127 included; nothing after it. A structure that the
// table ends inside of is not yielded.
class Table {
 public:
  Table(Bytes bytes, Version version, Bytes known = {}) : bytes_(bytes), known_(known), version_(version) {}

  class Iterator {
   public:
    using value_type = Structure;
    using difference_type = std::ptrdiff_t;
    Structure operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend class Table;
    Iterator(Bytes bytes, Bytes known, std::size_t at);
    void settle();  ///< finds the extent of the structure at at_, or moves to the end
    Bytes bytes_;
    Bytes known_;
    std::size_t at_ = 0;      ///< bytes_.size() at the end
    std::size_t length_ = 0;  ///< of the formatted area
    std::size_t next_ = 0;    ///< offset after the string set
  };
  [[nodiscard]] Iterator begin() const { return {bytes_, known_, 0}; }
  [[nodiscard]] Iterator end() const { return {bytes_, known_, bytes_.size()}; }

  [[nodiscard]] std::size_t count(std::uint8_t type) const;
  [[nodiscard]] std::optional<Structure> first(std::uint8_t type) const;
  [[nodiscard]] std::optional<Structure> by_handle(Handle handle) const;
  // The motherboard's Type 2: board type 0Ah, else the hosting flag (09h bit 0), else the first.
  // Clause 7.3.
  [[nodiscard]] std::optional<Structure> baseboard() const { return chosen(2); }
  // The structure that a keyword of this type is read from: baseboard() for Type 2, else first().
  [[nodiscard]] std::optional<Structure> chosen(std::uint8_t type) const;
  // The same for many types in one walk; what is chosen already stays.
  using ChosenByType = std::map<std::uint8_t, std::optional<Structure>>;
  void choose(ChosenByType& types) const;
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] Bytes known() const { return known_; }  ///< see Layout::known
  [[nodiscard]] Version version() const { return version_; }

 private:
  Bytes bytes_;
  Bytes known_;
  Version version_;
};

// How well a structure answers for its type, where several have it: the first of the highest is the
// chosen one. Of Type 2 a motherboard 2, a hosting board 1 (clause 7.3); 0 for all others.
int precedence(const Structure& structure);
int highest_precedence(std::uint8_t type);  ///< that a structure of this type can have

// Everything that is wrong: what the layout has, then the table's in the order of the walk, then what
// holds for the table as a whole, handles that lead nowhere among it. Linear in the bytes; of one kind at
// most kMaxDefects.
constexpr std::size_t kMaxDefects = 256;
std::vector<Defect> inspect(const Layout& layout);

}  // namespace dmigate::smbios

#include "smbios/fields.h"  // IWYU pragma: export: the named fields
