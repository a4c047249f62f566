#include "gate/judge/code.h"

#include <algorithm>

#include "gate/evidence/devices.h"
#include "gate/judge/judge.h"
#include "smbios/sha256.h"

namespace dmigate::gate {
namespace {

// 32 letters and digits without I, L, O (1 and 0) and U (V).
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::pair<char, char> kMisread[] = {{'O', '0'}, {'I', '1'}, {'L', '1'}, {'U', 'V'}};
constexpr std::size_t kLetters = kCodeFields.size() + 1;
constexpr std::size_t kGroup = 4;

// What a value's symbol is made of begins with this, and codes of another version fail their check.
constexpr std::string_view kHashed = "dmigate code 1\n";
constexpr std::uint8_t kFormVersion = 1;
constexpr std::uint8_t kValues = 30;  // symbols that stand for values

// Twice an element of GF(32), x^5 + x^2 + 1. 2 generates the field: its powers 0 to 30 are distinct.
constexpr std::uint8_t twice(std::uint8_t element) {
  const unsigned shifted = static_cast<unsigned>(element) << 1U;
  return static_cast<std::uint8_t>((shifted & 0x20U) != 0 ? shifted ^ 0x25U : shifted);
}

// The symbols weighted with 2^11, 2^10 … 2, and the check symbol with 1, sum up to the version. The weights
// are distinct and none is 0: one wrong symbol adds weight x error, and two swapped ones the difference of
// their weights x that of the symbols; neither is 0 in a field.
std::uint8_t check_symbol(const Code& code) {
  std::uint8_t sum = 0;
  for (const std::uint8_t symbol : code.symbols) sum = twice(static_cast<std::uint8_t>(sum ^ symbol));
  return static_cast<std::uint8_t>(sum ^ kFormVersion);
}

std::uint8_t symbol_of(std::string_view keyword, const std::optional<std::string>& value) {
  if (!value) return Code::kNotCaptured;
  if (value->empty()) return Code::kMissing;
  const Sha256 hash = sha256(std::string(kHashed) + std::string(keyword) + "\n" + *value);
  std::uint64_t number = 0;  // of 64 bits: no symbol is likelier than another by more than 2^-59
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | hash.at(i);
  return static_cast<std::uint8_t>(2 + number % kValues);
}

// The symbol of a letter as people write it; none when it is no letter of a code.
std::optional<std::uint8_t> symbol_of_letter(char letter) {
  if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  for (const auto& [misread, meant] : kMisread) {
    if (letter == misread) letter = meant;
  }
  const std::size_t at = kAlphabet.find(letter);
  if (at == kAlphabet.npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

Failure no_code(std::string what) {
  return fail(std::move(what), {}, "have it read out again, letter by letter", ErrorKind::kConfiguration);
}

// The whole character that stands there, of however many bytes, to be shown.
std::string character_at(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0U) == 0x80U) ++size;
  return printable(text.substr(at, size));
}

// ---------------------------------------------------------------- what is known of a unit

// The table ends where structures may still have been.
bool is_cut(const smbios::Layout& layout) {
  const auto defects = smbios::inspect(layout);
  return std::ranges::any_of(defects, [](const smbios::Defect& defect) {
    return defect.kind == smbios::DefectKind::kTruncated || defect.kind == smbios::DefectKind::kBadLength ||
           defect.kind == smbios::DefectKind::kNoEnd;
  });
}

std::optional<std::string> disk_serial_of(const Hardware& hardware,
                                          const profiles::Placeholders& placeholders) {
  if (!hardware.disks) return std::nullopt;
  const OwnDisks own = own_disks(hardware);
  const SystemDisk found = find_system_disk(hardware, own);
  if (found.is == SystemDisk::Is::kNone && own.strange.empty() && found.instead.empty()) return "";
  if (found.is != SystemDisk::Is::kFound) return std::nullopt;
  if (hardware.system_disk.empty() && !own.strange.empty()) return std::nullopt;
  const Disk& disk = *found.disk;
  if (disk.kind != DiskKind::kDisk || disk.size == 0 || !disk.serial) return std::nullopt;
  return code_value(*disk.serial, placeholders);
}

std::optional<std::string> nic_mac_of(const Hardware& hardware, std::span<const std::string> fixtures) {
  if (!hardware.nics) return std::nullopt;
  const NicMacs found = nic_macs(*hardware.nics, fixtures);
  if (!found.macs.empty()) return found.macs.front();
  return found.unsure.empty() ? std::optional<std::string>("") : std::nullopt;
}

Difference compare_symbols(std::uint8_t then, std::uint8_t now) {
  if (then == Code::kNotCaptured || now == Code::kNotCaptured) return Difference::kUnknown;
  if (then == now) return now == Code::kMissing ? Difference::kStillMissing : Difference::kSame;
  if (now == Code::kMissing) return Difference::kMissingNow;
  return then == Code::kMissing ? Difference::kWasMissing : Difference::kChanged;
}

constexpr std::string_view kDifferenceNames[] = {"same",        "still-missing", "changed",
                                                 "missing-now", "was-missing",   "unknown"};

struct Spelling {
  std::string_view english, chinese;
};
// In the order of the alphabet: the letters as radio operators spell them.
constexpr Spelling kSpelled[] = {
    {"zero", "零"},  {"one", "一"},   {"two", "二"},   {"three", "三"},  {"four", "四"},  {"five", "五"},
    {"six", "六"},   {"seven", "七"}, {"eight", "八"}, {"nine", "九"},   {"Alfa", {}},    {"Bravo", {}},
    {"Charlie", {}}, {"Delta", {}},   {"Echo", {}},    {"Foxtrot", {}},  {"Golf", {}},    {"Hotel", {}},
    {"Juliett", {}}, {"Kilo", {}},    {"Mike", {}},    {"November", {}}, {"Papa", {}},    {"Quebec", {}},
    {"Romeo", {}},   {"Sierra", {}},  {"Tango", {}},   {"Victor", {}},   {"Whiskey", {}}, {"X-ray", {}},
    {"Yankee", {}},  {"Zulu", {}}};
static_assert(std::size(kSpelled) == kAlphabet.size());

}  // namespace

std::optional<std::string> code_value(const smbios::Field& field, smbios::State state, smbios::Bytes raw,
                                      const profiles::Placeholders& placeholders) {
  if (state == smbios::State::kUnknown) return std::nullopt;
  if (state != smbios::State::kPresent || placeholders.detect(field, raw)) return "";
  if (field.kind == smbios::Kind::kString)
    return fold({reinterpret_cast<const char*>(raw.data()), raw.size()});
  if (field.kind == smbios::Kind::kUuid) return to_hex(raw);
  // An enumeration, without bits that are no part of it: a chassis may have a lock.
  const smbios::Reading reading{.field = &field, .state = state, .version = {}, .raw = raw, .structure = {}};
  return std::to_string(reading.number());
}

std::string code_value(std::string_view disk_serial, const profiles::Placeholders& placeholders) {
  const std::string_view serial = trimmed(disk_serial);
  const smbios::Bytes raw(reinterpret_cast<const std::uint8_t*>(serial.data()), serial.size());
  if (serial.empty() || placeholders.detect(*smbios::find_field("system-serial-number"), raw)) return "";
  return fold(serial);
}

Result<KnownUnit> known_unit(const Evidence& evidence, std::span<const std::string> fixtures,
                             const profiles::Placeholders& placeholders) {
  const smbios::Table table = evidence.source.table();
  const Hardware& hardware = evidence.hardware;
  const bool cut = is_cut(evidence.source.layout());
  if (cut && !table.first(1)) {
    return fail("the table breaks off before the identity structures (no Type 1 can be reached)",
                evidence.source.path(), "read the table again; if it stays so, update the BIOS");
  }
  if (hardware.disks && !hardware.system_disk.empty() &&
      std::ranges::find(*hardware.disks, hardware.system_disk, &Disk::name) == hardware.disks->end()) {
    return fail("the unit has no disk " + printable(hardware.system_disk), evidence.source.path(),
                "name the system's disk as the system calls it, such as nvme0n1");
  }
  KnownUnit unit;
  for (std::size_t i = 0; i < kSystemDiskSerial; ++i) {
    const smbios::Field& field = *smbios::find_field(kCodeFields.at(i));
    const smbios::Reading reading = smbios::read(table, field);
    if (cut && reading.state == smbios::State::kAbsentStructure) continue;  // it may stand behind the cut
    unit.values.at(i) = code_value(field, reading.state, reading.raw, placeholders);
  }
  unit.values.at(kSystemDiskSerial) = disk_serial_of(hardware, placeholders);
  unit.values.at(kNicMac) = nic_mac_of(hardware, fixtures);
  return unit;
}

Code code_of(const KnownUnit& unit) {
  Code code;
  for (std::size_t i = 0; i < kCodeFields.size(); ++i)
    code.symbols.at(i) = symbol_of(kCodeFields.at(i), unit.values.at(i));
  return code;
}

std::string to_text(const Code& code) {
  std::string text;
  const auto add = [&](std::uint8_t symbol) {
    if (text.size() % (kGroup + 1) == kGroup) text += '-';
    text += kAlphabet.at(symbol);
  };
  for (const std::uint8_t symbol : code.symbols) add(symbol);
  add(check_symbol(code));
  return text;
}

Result<Code> parse_code(std::string_view text) {
  std::array<std::uint8_t, kLetters> letters{};
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-' || trimmed(text.substr(at, 1)).empty()) continue;
    const auto symbol = symbol_of_letter(text[at]);
    if (!symbol) {
      return no_code("\"" + character_at(text, at) + "\", letter " + std::to_string(count + 1) +
                     " of the code, is in no code: codes are of digits and of the letters A to Z");
    }
    if (count < kLetters) letters.at(count) = *symbol;
    ++count;
  }
  if (count != kLetters) {
    return no_code("a code has " + std::to_string(kLetters) + " letters and digits, this one has " +
                   std::to_string(count));
  }
  Code code;
  std::copy_n(letters.begin(), code.symbols.size(), code.symbols.begin());
  if (letters.back() != check_symbol(code)) {
    return no_code(
        "the code does not fit its last letter, the check: one is wrong, or two were swapped, or it is a "
        "code "
        "of another version of dmigate");
  }
  return code;
}

std::string spelled(const Code& code, Language language) {
  const bool chinese = language == Language::kChinese;
  std::string words;
  std::string_view between;
  for (const char letter : to_text(code)) {
    const auto symbol = symbol_of_letter(letter);
    if (!symbol) {
      between = chinese ? "，" : ", ";
      continue;
    }
    const Spelling& spelling = kSpelled[*symbol];
    words += between;
    words += chinese && !spelling.chinese.empty() ? spelling.chinese : spelling.english;
    between = " ";
  }
  return words;
}

std::string_view difference_name(Difference difference) {
  return kDifferenceNames[static_cast<std::size_t>(difference)];
}

std::array<Difference, kCodeFields.size()> compare(const Code& then, const Code& now) {
  std::array<Difference, kCodeFields.size()> differences{};
  std::ranges::transform(then.symbols, now.symbols, differences.begin(), compare_symbols);
  return differences;
}

}  // namespace dmigate::gate
