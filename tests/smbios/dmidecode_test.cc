// dmidecode as the oracle: it prints what our fields say, for real machines and for every value of
// every enumeration.

#include "dmidecode.h"

#include "shared_dumps.h"
#include "table_builder.h"
#include "temporary_folder.h"
#include "tests/smbios/dmidecode.h"

namespace dmigate::smbios::test {
namespace {

// ---- how dmidecode -s writes a reading

std::string uuid_line(const Reading& reading) {
  if (ByteView(reading.raw).zero()) return "Not Settable";
  if (std::all_of(reading.raw.begin(), reading.raw.end(), [](std::uint8_t byte) { return byte == 0xFF; })) {
    return "Not Present";
  }
  return reading.text();
}

// None: dmidecode prints no line.
std::optional<std::string> expected_line(const Reading& reading) {
  switch (reading.state) {
    case State::kAbsentStructure:
    case State::kBeyondLength:
    case State::kUnknown:
    case State::kNotApplicable:
      return std::nullopt;
    case State::kNoString:
      return "Not Specified";
    case State::kBadIndex:
      return "<BAD INDEX>";
    case State::kPresent:
    case State::kBlank:
      break;
  }
  switch (reading.field->kind) {
    case Kind::kUuid:
      return uuid_line(reading);
    case Kind::kRevision:
      if (ByteView(reading.raw).byte(0) == 0xFF || ByteView(reading.raw).byte(1) == 0xFF) return std::nullopt;
      return reading.text();
    case Kind::kEnum:
      return reading.text().starts_with("0x") ? "<OUT OF SPEC>" : reading.text();
    default:
      return filtered(reading.text());
  }
}

constexpr std::string_view kKeywords[] = {"bios-vendor",
                                          "bios-version",
                                          "bios-release-date",
                                          "bios-revision",
                                          "firmware-revision",
                                          "system-manufacturer",
                                          "system-product-name",
                                          "system-version",
                                          "system-serial-number",
                                          "system-uuid",
                                          "system-sku-number",
                                          "system-family",
                                          "baseboard-manufacturer",
                                          "baseboard-product-name",
                                          "baseboard-version",
                                          "baseboard-serial-number",
                                          "baseboard-asset-tag",
                                          "chassis-manufacturer",
                                          "chassis-type",
                                          "chassis-version",
                                          "chassis-serial-number",
                                          "chassis-asset-tag"};

struct Tally {
  std::size_t tables = 0, keywords = 0, values = 0, chosen = 0;
};

void compare(const Source& source, const std::string& file, Tally& tally) {
  std::vector<std::string> arguments;
  const std::string from = "--from-dump " + file + " -s ";
  for (const std::string_view keyword : kKeywords) arguments.push_back(from + std::string(keyword));
  const Answers answers = ask(arguments);
  ++tally.tables;
  for (const std::string_view keyword : kKeywords) {
    CAPTURE(keyword);
    const Field& field = *find_field(keyword);
    // dmidecode prints a line for every structure of the type; the keyword's own is the chosen one's.
    const Reading chosen = read(source.table(), field);
    std::vector<std::string> expected;
    for (const Structure structure : source.table()) {
      if (structure.type() != field.type) continue;
      const auto line = expected_line(read(structure, field, source.layout().version));
      if (line) expected.push_back(*line);
      if (structure.offset() == chosen.structure->offset()) {
        CHECK(line == expected_line(chosen));
        ++tally.chosen;
      }
    }
    CHECK(answers.at(from + std::string(keyword)) == expected);
    ++tally.keywords;
    tally.values += expected.size();
  }
}

TEST_CASE("dmidecode reads the same values from every table of a real machine") {
  if (!dmidecode_or_message()) return;
  const TemporaryFolder folder;
  Tally tally;
  for (const SharedDump& dump : manifest_or_message()) {
    CAPTURE(dump.file);
    const auto source = Source::open(dump.path());
    REQUIRE(source);
    compare(*source, folder.write("dump.bin", to_dump(source->layout())).string(), tally);
  }
  MESSAGE("compared: ", tally.tables, " tables, ", tally.keywords, " keywords, ", tally.values, " values, ",
          tally.chosen, " of the chosen structure");
}

TEST_CASE("dmidecode reads the same values from tables with every state") {
  if (!dmidecode_or_message()) return;
  const TemporaryFolder folder;
  Tally tally;
  Buffer nil = system();
  std::fill(nil.begin() + 8, nil.begin() + 24, std::uint8_t{0});
  Buffer unset = system();
  std::fill(unset.begin() + 8, unset.begin() + 24, std::uint8_t{0xFF});
  Buffer empty_string = {1, 8, 1, 0, 1, 2, 3, 0, 0, 'A', 0, 0};
  for (const Buffer& table :
       {good_table(), join({structure(1, 1, {1, 2, 0, 9}, {" ", "\xE4\xB8\xAD\x01\x7F"}), end_of_table()}),
        join({structure(1, 1, {1, 0, 0, 0}), chassis(0x7E), end_of_table()}),
        join({nil, chassis(0x80), end_of_table()}), join({unset, chassis(0xA4), end_of_table()}),
        join({empty_string, end_of_table()}),
        join({system(), baseboard("riser", 9, 0, 0x20), baseboard("host", 2, 1, 0x21), end_of_table()})}) {
    for (const Version version : {Version{2, 3, 0}, Version{2, 6, 0}, Version{3, 2, 0}, Version{2, 51, 0}}) {
      EntryPoint entry_point;
      entry_point.version = version;
      entry_point.table_bytes = table.size();
      auto source = Source::from_bytes(dump(sm3(entry_point), table), "made");
      REQUIRE(source);
      const auto path = folder.write("dump.bin", to_dump(source->layout()));
      compare(*source, path.string(), tally);
    }
  }
  CHECK(tally.tables == 28);
}

// ---- every value, by the label that dmidecode gives it

// A structure of the field's type, long enough for dmidecode to print all of it, with `value` in the
// field.
Buffer with_value(const Field& field, std::uint64_t value) {
  const std::map<unsigned, std::size_t> lengths = {{0, 0x1A}, {1, 0x1B}, {2, 0x0F}, {3, 0x16}};
  Buffer body(lengths.at(field.type) - 4);
  put_number(body, field.offset - std::size_t{4}, field.width, value);
  return join({structure(field.type, 1, body), end_of_table()});
}

struct Question {
  const Field* field;
  std::uint64_t stored;  // as it stands in the structure, unmasked
  std::string line;      // that dmidecode prints
};

std::uint64_t in_place(std::uint64_t value, std::uint64_t mask) {
  while ((mask & 1) == 0) {
    mask >>= 1;
    value <<= 1;
  }
  return value;
}

// dmidecode 3.4 does not know 3.9's rack, and shows a characteristic that it takes as "no others".
std::vector<Question> questions() {
  std::vector<Question> all;
  for (const Field& field : fields()) {
    if (field.type > 3 || field.since > Version{3, 5}) continue;
    for (const EnumValue& value : field.values) {
      const bool unshown = field.keyword == "bios-characteristics" && value.value <= 3;
      if (field.kind == Kind::kEnum) {
        all.push_back({&field, in_place(value.value, field.mask),
                       "\t" + std::string(field.label) + ": " + std::string(value.name)});
      } else if (field.kind == Kind::kBits && !unshown) {
        all.push_back({&field, std::uint64_t{1} << value.value, "\t\t" + std::string(value.name)});
      }
    }
  }
  return all;
}

TEST_CASE("dmidecode names every value of every enumeration and every bit as we do") {
  if (!dmidecode_or_message()) return;
  const TemporaryFolder folder;
  std::size_t asked = 0;
  for (const Question& question : questions()) {
    CAPTURE(question.field->keyword);
    CAPTURE(question.line);
    const Buffer table = with_value(*question.field, question.stored);
    EntryPoint entry_point;
    entry_point.version = {3, 5, 0};
    entry_point.table_bytes = table.size();
    const auto path = folder.write("value.bin", dump(sm3(entry_point), table));
    const std::string argument =
        "--from-dump " + path.string() + " -t " + std::to_string(question.field->type);
    const auto lines = ask({argument}).at(argument);
    CHECK(std::find(lines.begin(), lines.end(), question.line) != lines.end());
    const Reading reading = read(Table(table, {3, 5, 0}), *question.field);
    CHECK(question.line.ends_with(reading.text()));
    ++asked;
  }
  MESSAGE("compared: ", asked, " values and bits");
  CHECK(asked > 100);
}

}  // namespace
}  // namespace dmigate::smbios::test
