// dmidecode's output, read back.

#include <cstdio>
#include <map>
#include <memory>

#include "shared_dumps.h"
#include "smbios/dmidecode_text.h"
#include "table_builder.h"
#include "temporary_folder.h"
#include "tests/smbios/dmidecode.h"

namespace dmigate::smbios::test {
namespace {

const std::string kPlain =
    "# dmidecode 3.4\n"
    "Getting SMBIOS data from sysfs.\n"
    "SMBIOS 3.2.0 present.\n"
    "\n"
    "Handle 0x0001, DMI type 1, 27 bytes\n"
    "System Information\n"
    "\tManufacturer: THTF\n"
    "\tProduct Name: CX E500\n"
    "\tVersion: Not Specified\n"
    "\tSerial Number: CX1234567\n"
    "\tUUID: 00112233-4455-6677-8899-aabbccddeeff\n"
    "\tWake-up Type: Power Switch\n"
    "\tSKU Number: <BAD INDEX>\n"
    "\tFamily:    \n"
    "\n"
    "Handle 0x0002, DMI type 2, 15 bytes\n"
    "Base Board Information\n"
    "\tManufacturer: THTF\n"
    "\tProduct Name: H310CM-A\n"
    "\tVersion: \n"
    "\tSerial Number: MB-1\n"
    "\tFeatures:\n"
    "\t\tBoard is a hosting board\n"
    "\t\tBoard is replaceable\n"
    "\tLocation In Chassis: Default\n"
    "\tChassis Handle: 0x0003\n"
    "\tType: Motherboard\n"
    "\tContained Object Handles: 0\n"
    "\n"
    "Handle 0x0003, DMI type 3, 22 bytes\n"
    "Chassis Information\n"
    "\tManufacturer: THTF\n"
    "\tType: Desktop\n"
    "\tLock: Not Present\n"
    "\tHeight: 2 U\n"
    "\tNumber Of Power Cords: 1\n"
    "\tContained Elements: 0\n"
    "\tSKU Number: SKU-C\n"
    "\n"
    "Handle 0x0020, DMI type 11, 5 bytes\n"
    "OEM Strings\n"
    "\tString 1: Default string\n"
    "\n"
    "Handle 0x007F, DMI type 127, 4 bytes\n"
    "End Of Table\n"
    "\n";

// As dmidecode prints a string: what is no printable ASCII is a dot.
// A table, as -u prints it.
std::string hex_text(const Buffer& table, const std::string& label = "Header and Data:") {
  std::string text = "# dmidecode 3.4\nSMBIOS 3.2.0 present.\n\n";
  char part[64];
  const auto hex = [&](Bytes bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::snprintf(part, sizeof part, "%s%02X%s", i % 16 == 0 ? "\t\t" : " ", unsigned{bytes[i]},
                    i % 16 == 15 || i + 1 == bytes.size() ? "\n" : "");
      text += part;
    }
  };
  for (const Structure structure : Table(table, {})) {
    std::snprintf(part, sizeof part, "Handle 0x%04X, DMI type %d, %d bytes\n", unsigned{structure.handle()},
                  int{structure.type()}, int{structure.length()});
    text += part + ("\t" + label + "\n");
    hex(structure.formatted());
    if (structure.string_count() != 0) text += "\tStrings:\n";
    for (unsigned number = 1; const auto string = structure.string(number); ++number) {
      Buffer with_nul = bytes_of(*string);
      with_nul.push_back(0);
      hex(with_nul);
      text += "\t\t" + filtered(std::string(*string)) + "\n";
    }
    text += "\n";
  }
  return text;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  REQUIRE(text.find(what) != std::string::npos);
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

Source text_opened(const std::string& text) {
  auto source = Source::from_bytes(bytes_of(text), "unit");
  REQUIRE_MESSAGE(source, (source ? std::string() : source.error().to_string()));
  return *std::move(source);
}
std::string text_refused(const std::string& text) {
  const auto source = Source::from_bytes(bytes_of(text), "unit");
  REQUIRE_FALSE(source);
  CHECK(source.error().where == "unit");
  CHECK(source.error().advice != "");
  return source.error().what;
}

// ---- plain

TEST_CASE("dmidecode's text is read: values, states, version and form") {
  const Source source = text_opened(kPlain);
  CHECK(source.layout().form == Form::kText);
  CHECK(source.layout().version == Version{3, 2, 0});
  CHECK(rules(inspect(source.layout())) == "table.text");
  CHECK(reading(source, "system-manufacturer").text() == "THTF");
  CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  CHECK(reading(source, "system-uuid").text() == "00112233-4455-6677-8899-aabbccddeeff");
  const Bytes uuid = reading(source, "system-uuid").raw;
  CHECK(Buffer(uuid.begin(), uuid.end()) == kUuid);
  CHECK(reading(source, "system-wake-up-type").text() == "Power Switch");
  CHECK(reading(source, "baseboard-features").state == State::kUnknown);  // its reserved bits are not printed
  CHECK(reading(source, "baseboard-chassis-handle").text() == "0x0003");
  CHECK(reading(source, "baseboard-type").text() == "Motherboard");
  CHECK(reading(source, "chassis-type").text() == "Desktop");
  CHECK(reading(source, "chassis-lock").text() == "Not Present");
  CHECK(reading(source, "chassis-height").text() == "2 U");
  CHECK(reading(source, "chassis-power-cords").text() == "1");
  CHECK(reading(source, "chassis-sku-number").text() == "SKU-C");
  CHECK(source.table().count(11) == 1);
  CHECK(source.table().by_handle(0x20)->length() == 5);
}
TEST_CASE("what the text cannot tell apart is unknown, and what it can is not") {
  const Source source = text_opened(kPlain);
  CHECK(reading(source, "system-version").state == State::kUnknown);       // Not Specified
  CHECK(reading(source, "system-sku-number").state == State::kBadIndex);   // it says so
  CHECK(reading(source, "system-family").state == State::kBlank);          // blanks are left
  CHECK(reading(source, "baseboard-version").state == State::kUnknown);    // none are left
  CHECK(reading(source, "baseboard-asset-tag").state == State::kUnknown);  // the line is not there
  CHECK(reading(source, "chassis-oem").state == State::kUnknown);
  CHECK(reading(source, "bios-vendor").state == State::kAbsentStructure);     // the table is whole
  CHECK(reading(source, "chassis-rack-type").state == State::kBeyondLength);  // 22 bytes
  for (const char* keyword : {"system-version", "baseboard-asset-tag"}) {
    CHECK(reading(source, keyword).text().empty());
    CHECK(reading(source, keyword).raw.empty());
    CHECK(state_name(reading(source, keyword).state) == "unknown");
  }
}
TEST_CASE("a structure that a part of the text does not have is unknown") {
  const std::string part = kPlain.substr(0, kPlain.find("Handle 0x0002"));
  const Source source = text_opened(part);
  CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  CHECK(reading(source, "baseboard-serial-number").state == State::kUnknown);
  const Field* const wanted[] = {find_field("chassis-type")};
  Reading many[1];
  read(source.table(), wanted, many);
  CHECK(many[0].state == State::kUnknown);
  CHECK(rules(inspect(source.layout())) == "table.text table.no-end");
}
TEST_CASE("a value outside our names, and one that two values print, are unknown") {
  const Source source = text_opened(replaced(kPlain, "Type: Desktop", "Type: <OUT OF SPEC>"));
  CHECK(reading(source, "chassis-type").state == State::kUnknown);
  CHECK(reading(source, "chassis-lock").text() == "Not Present");  // the other bit of the same byte
}
TEST_CASE("a value that goes on in the next line is unknown, not cut") {
  const Source source = text_opened(replaced(kPlain, "CX1234567\n", "CX123\n\t\t4567\n"));
  CHECK(reading(source, "system-serial-number").state == State::kUnknown);
  CHECK(reading(source, "system-manufacturer").text() == "THTF");
}
TEST_CASE("a UUID is unknown where the text does not tell the version, but for those of one byte") {
  const std::string unversioned = replaced(kPlain, "SMBIOS 3.2.0 present.\n", "");
  CHECK(reading(text_opened(unversioned), "system-uuid").state == State::kUnknown);
  const std::string uuid = "00112233-4455-6677-8899-aabbccddeeff";
  CHECK(reading(text_opened(replaced(unversioned, uuid, "Not Settable")), "system-uuid").raw[0] == 0x00);
  CHECK(reading(text_opened(replaced(unversioned, uuid, "Not Present")), "system-uuid").raw[15] == 0xFF);
  const Source old = text_opened(replaced(kPlain, "SMBIOS 3.2.0", "Legacy DMI 2.5"));
  CHECK(reading(old, "system-uuid").text() == uuid);
  CHECK(reading(old, "system-uuid").raw[0] == 0x00);
}
TEST_CASE("copies are read: CRLF, indented, blanks for tabs, marked, UTF-16") {
  std::string utf16 = "\xFF\xFE", big = "\xFE\xFF";
  for (const char c : kPlain) {
    utf16 += std::string{c, '\0'};
    big += std::string{'\0', c};
  }
  const std::string indented = "    " + replaced(kPlain, "\n", "\n    ");
  for (const std::string& copy :
       {replaced(kPlain, "\n", "\r\n"), indented, replaced(kPlain, "\t", "        "), "\xEF\xBB\xBF" + kPlain,
        utf16, big, replaced(indented, "\n", "\r\n")}) {
    const Source source = text_opened(copy);
    CHECK(source.layout().form == Form::kText);
    CHECK(reading(source, "system-serial-number").text() == "CX1234567");
    CHECK(reading(source, "chassis-type").text() == "Desktop");
    CHECK(reading(source, "chassis-sku-number").text() == "SKU-C");
    CHECK(rules(inspect(source.layout())) == "table.text");
  }
}
TEST_CASE("text whose depths are lost is text_refused") {
  CHECK(text_refused(replaced(kPlain, "\t", "")).find("depths") != std::string::npos);
}
TEST_CASE("several units in one text are text_refused, with or without their beginnings") {
  CHECK(text_refused(kPlain + kPlain).find("several units") != std::string::npos);
  const std::string bare = kPlain.substr(kPlain.find("Handle"));
  CHECK(text_refused(bare + bare).find("several units") != std::string::npos);
  const std::string one = kPlain.substr(0, kPlain.find("Handle 0x0002"));
  CHECK(text_refused(one + one).find("several units") != std::string::npos);
  CHECK(text_refused(replaced(one, "# dmidecode 3.4\n", "") + replaced(one, "# dmidecode 3.4\n", ""))
            .find("several units") != std::string::npos);
  const std::string hex = hex_text(good_table());
  CHECK(text_refused(hex + hex).find("several units") != std::string::npos);
}
TEST_CASE("a structure that was put in without an empty line before it is text_refused") {
  std::string text = kPlain;
  const std::string more =
      "Handle 0x0002, DMI type 1, 27 bytes\nSystem Information\n\tSerial Number: CX7654321\n";
  text.insert(text.find("\n\n", text.find("DMI type 1,")) + 1, more);
  const auto source = Source::from_bytes({text.begin(), text.end()}, "text");
  REQUIRE_FALSE(source);
  CHECK(source.error().to_string().find("without an empty line before it") != std::string::npos);
}

TEST_CASE("a value that comes twice is text_refused") {
  CHECK(text_refused(replaced(kPlain, "\tFamily:    \n", "\tFamily: a\n\tSerial Number: CX7654321\n"))
            .find("twice") != std::string::npos);
}
TEST_CASE("a string of the unit cannot pose as a structure or a value") {
  const std::string posing = "Handle 0x0001, DMI type 1, 27 bytes";
  const Source source =
      text_opened(replaced(kPlain, "String 1: Default string\n",
                           "Strings:\n\n\t\t" + posing + "\n\t\tSerial Number: X\n\n\t\t" + posing + "\n"));
  CHECK(source.table().count(1) == 1);
  CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  CHECK(reading(text_opened(replaced(kPlain, "CX1234567", posing)), "system-serial-number").text() == posing);
}
TEST_CASE("a structure that dmidecode found cut is cut") {
  const std::string text =
      kPlain.substr(0, kPlain.find("\tManufacturer: THTF\n\tProduct Name: H310CM-A")) + "\t<TRUNCATED>\n\n";
  const auto defects = inspect(text_opened(text).layout());
  CHECK(rules(defects) == "table.text table.truncated table.no-end");
}
TEST_CASE("text is no dump: there is nothing to write") {
  CHECK(to_dump(text_opened(kPlain).layout()).empty());
}

// ---- -u

TEST_CASE("dmidecode -u's text gives the table to the byte") {
  const Source source = text_opened(hex_text(good_table()));
  CHECK(source.layout().form == Form::kHexText);
  CHECK(source.layout().version == Version{3, 2, 0});
  CHECK(Buffer(source.layout().table.begin(), source.layout().table.end()) == good_table());
  CHECK(rules(inspect(source.layout())) == "");
}
TEST_CASE("-u's text is read in any language, indented, with CRLF") {
  const std::string text = hex_text(good_table());
  std::string other = replaced(
      text, "Header and Data:", "\xE6\xA0\x87\xE5\xA4\xB4\xE4\xB8\x8E\xE6\x95\xB0\xE6\x8D\xAE\xEF\xBC\x9A");
  other = replaced(replaced(other, "Handle 0x", "\xE5\x8F\xA5\xE6\x9F\x84 0x"), "bytes",
                   "\xE5\xAD\x97\xE8\x8A\x82");
  for (const std::string& copy : {other, "  " + replaced(text, "\n", "\r\n  "), replaced(text, "\t", "")}) {
    const Source source = text_opened(copy);
    CHECK(Buffer(source.layout().table.begin(), source.layout().table.end()) == good_table());
  }
}
TEST_CASE("a string that looks like hex, like a structure, or has line ends is read as the string it is") {
  const Buffer table = join({system({"AB CD", "Handle 0x0009, DMI type 1, 27 bytes",
                                     "a\nb\n\nHandle 0x0009, DMI type 1, 27 bytes", "   "}),
                             end_of_table()});
  const Source source = text_opened(hex_text(table));
  CHECK(Buffer(source.layout().table.begin(), source.layout().table.end()) == table);
}
TEST_CASE("a hex dump that was changed, or lost a line, is text_refused") {
  const std::string text = hex_text(good_table());
  CHECK(text_refused(replaced(text, "Handle 0x0001,", "Handle 0x0009,")).find("not those that") !=
        std::string::npos);
  CHECK(text_refused(replaced(text, "type 1,", "type 4,")).find("not those that") != std::string::npos);
  CHECK(text_refused(replaced(text, " AA BB CC DD EE FF", "")).find("line ") != std::string::npos);
  CHECK(text_refused(replaced(text, "54 48 54 46 00", "54 48 54 46")).find("string") != std::string::npos);
  CHECK(text_refused(replaced(text, "54 48 54 46 00", "54 48 00 46 00")).find("NUL") != std::string::npos);
}

// ---- hostile

TEST_CASE("every cut and every changed byte of a text is survived, and a cut is never whole") {
  for (const std::string& good : {kPlain, hex_text(good_table())}) {
    for (std::size_t size = 0; size < good.size(); ++size) {
      const auto source = Source::from_bytes(bytes_of(good.substr(0, size)), "cut");
      const bool to_its_end = good.find("type 127, 4") + 11 <= size;
      if (source && !to_its_end) CHECK(has(inspect(source->layout()), DefectKind::kNoEnd));
    }
    std::string text = good;
    std::size_t read_ones = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char c : {'\0', '\n', '\t', '0', ':', 'x', '\xFF'}) {
        text[at] = c;
        if (const auto source = Source::from_bytes(bytes_of(text), "changed")) {
          for (const Field& field : fields()) read_ones += read(source->table(), field).text().size();
        }
      }
      text[at] = good[at];
    }
    CHECK(read_ones > 0);
  }
}
TEST_CASE("text that is nothing else is text_refused as before") {
  CHECK(text_refused("hello\n") == "not an SMBIOS table");
  CHECK(text_refused("# dmidecode 3.4\n/dev/mem: Permission denied\n") == "not an SMBIOS table");
  CHECK_FALSE(is_dmidecode_text(good_dump()));
  CHECK_FALSE(is_dmidecode_text({}));
}

// ---- dmidecode itself

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  REQUIRE(pipe);
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get()))
    text.append(part.data(), size);
  return text;
}
bool dmidecode_or_message() {
  const bool there = !output_of("PATH=$PATH:/usr/sbin:/sbin command -v dmidecode 2>/dev/null").empty();
  if (!there) MESSAGE("left out: dmidecode is not installed");
  return there;
}

struct Counts {
  std::size_t same = 0, unknown = 0;
};

void compare(const Source& source, const Source& text, Counts& counts) {
  for (const Field& field : fields()) {
    if (field.type > 3) continue;
    CAPTURE(field.keyword);
    const Reading is = read(source.table(), field);
    const Reading told = read(text.table(), field);
    if (told.state == State::kUnknown) {
      ++counts.unknown;
      continue;
    }
    CHECK(told.state == is.state);
    CHECK(told.text() == (field.kind == Kind::kString ? filtered(is.text()) : is.text()));
    ++counts.same;
  }
}

TEST_CASE("dmidecode's own output gives the same structures (-u), and the same values or unknown (plain)") {
  if (!dmidecode_or_message()) return;
  Counts counts;
  for (const SharedDump& dump : manifest_or_message()) {
    CAPTURE(dump.file);
    const auto source = Source::open(dump.path());
    REQUIRE(source);
    const TemporaryFolder folder;
    const auto file = folder.write("dump", to_dump(source->layout()));
    const std::string command =
        "PATH=$PATH:/usr/sbin:/sbin dmidecode --from-dump " + file.string() + " 2>/dev/null ";
    const Source hex = text_opened(output_of(command + "-u"));
    CHECK(hex.layout().form == Form::kHexText);
    auto structure = hex.table().begin();
    for (const Structure is : source->table()) {
      REQUIRE(structure != hex.table().end());
      const Bytes ours = (*structure).formatted(), theirs = is.formatted();
      CHECK(std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end()));
      const Bytes our_strings = (*structure).strings(), their_strings = is.strings();
      CHECK(std::equal(our_strings.begin(), our_strings.end(), their_strings.begin(), their_strings.end()));
      ++structure;
    }
    CHECK(structure == hex.table().end());
    const Source plain = text_opened(output_of(command));
    CHECK(plain.layout().form == Form::kText);
    compare(*source, plain, counts);
  }
  if (counts.same != 0)
    MESSAGE("compared: ", counts.same, " values that the text tells, ", counts.unknown, " that it does not");
}

}  // namespace
}  // namespace dmigate::smbios::test
