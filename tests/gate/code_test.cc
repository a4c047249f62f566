// The code of a unit, read out over a telephone: what it tells, what it does not, and what a slip of the
// tongue does to it.
#include "gate/judge/code.h"

#include <algorithm>
#include <set>

#include "gate/evidence/text.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const profiles::Placeholders& placeholders() {
  static const auto lists = profiles::shipped_placeholders();
  REQUIRE(lists);
  return **lists;
}

KnownUnit known(const Evidence& evidence, const Words& fixtures = {}) {
  auto unit = known_unit(evidence, fixtures, placeholders());
  REQUIRE_MESSAGE(unit, (unit ? "" : unit.error().to_string()));
  return *std::move(unit);
}

std::string code(const Evidence& evidence) { return to_text(code_of(known(evidence))); }
std::string code(const fixtures::UnitDescription& described) { return code(evidence_of(described)); }

// What is wrong with a text that was read out; empty: nothing.
std::string refused(std::string_view text) {
  const auto parsed = parse_code(text);
  if (parsed) return {};
  CHECK(parsed.error().kind == ErrorKind::kConfiguration);
  CHECK_FALSE(parsed.error().advice.empty());
  CHECK(printable(parsed.error().what) == parsed.error().what);
  return parsed.error().what;
}

// "same", "changed", … by field; a field that is the same is left out.
Words differing(const KnownUnit& then, const KnownUnit& now) {
  Words all;
  const auto differences = compare(code_of(then), code_of(now));
  for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
    if (differences.at(i) == Difference::kSame) continue;
    all.push_back(std::string(kCodeFields.at(i)) + " " + std::string(difference_name(differences.at(i))));
  }
  return all;
}

// The letters of a code without its hyphens.
std::string letters(std::string text) {
  std::erase(text, '-');
  return text;
}

TEST_CASE("the codes of our units stay what they are: people have them on paper") {
  const struct {
    const char* unit;
    const char* code;
  } goldens[] = {
      {"good-unit", "JEFV-CBY6-JZG2"},       {"case-a-1", "JE0S-CBY6-0ZGY"},
      {"chinese", "X2FV-CJY6-JZGS"},         {"no-system", "0000-00Y6-JZGN"},
      {"default-strings", "0000-00Y6-0ZGH"}, {"truncated", "JEFV-CBY1-JZGX"},
      {"every-type-3.9", "JVWV-DBBJ-6ZGY"},
  };
  for (const auto& [name, golden] : goldens) CHECK_MESSAGE(code(unit(name)) == golden, name);
  fixtures::UnitDescription bare = unit("bare-table");
  bare.hardware.clear();
  CHECK(code(bare) == "JEFV-CBY6-J11J");
}

TEST_CASE("any one letter that is wrong, and any two that are swapped, are caught") {
  // The check is a sum over GF(32), so that whether a slip is seen depends on the letters that it touches
  // and on no other: each slip is tried on codes that have every pair of letters at its places.
  std::size_t slips = 0;
  const auto slip = [&](const std::string& wrong) {
    ++slips;
    if (parse_code(wrong)) FAIL_CHECK("not caught: " << wrong);
  };
  for (std::size_t place = 0; place < kCodeFields.size(); ++place) {
    for (std::uint8_t symbol = 0; symbol < 32; ++symbol) {
      Code base;
      base.symbols.at(place) = symbol;
      const std::string right = letters(to_text(base));
      REQUIRE(parse_code(right) == base);
      for (std::size_t at = 0; at < right.size(); ++at) {
        for (const char letter : kLetters) {
          std::string wrong = right;
          wrong[at] = letter;
          if (wrong != right) slip(wrong);
        }
      }
      for (std::size_t other = 0; other < kCodeFields.size(); ++other) {
        for (std::uint8_t second = 0; second < 32; ++second) {
          Code both = base;
          both.symbols.at(other) = other == place ? symbol : second;
          const std::string pair = letters(to_text(both));
          for (const std::size_t with : {other, kCodeFields.size()}) {  // or with the check itself
            std::string swapped = pair;
            std::swap(swapped[place], swapped[with]);
            if (swapped != pair) slip(swapped);
          }
        }
      }
    }
  }
  CHECK(slips > 300'000);
}

TEST_CASE(
    "letters that look or sound like others are not used, and are taken for those that they look like") {
  CHECK(std::set<char>(kLetters.begin(), kLetters.end()).size() == 32);
  for (const char letter : std::string_view("ILOU")) CHECK(kLetters.find(letter) == kLetters.npos);
  Code all;
  for (std::uint8_t symbol = 0; symbol < 32; ++symbol) {
    all.symbols[0] = symbol;
    CHECK(to_text(all)[0] == kLetters[symbol]);
  }
  Code some;
  some.symbols = {0, 1, 27, 10, 0, 1, 27, 10, 0, 1, 27};
  const std::string text = to_text(some);
  REQUIRE(text.starts_with("01VA-01VA-01V"));
  const std::string check(1, text.back());
  for (const char* heard :
       {"OIUA-OLUA-OIU", "oiua-olua-oiu", "o1va 01va 01v", " 01VA01VA01V", "0-1-V-A\t01VA\n01V"})
    CHECK(parse_code(heard + check) == some);
}

TEST_CASE("what is no code is refused, and it is said which letter, how many, or the check") {
  const std::string good = "JEFV-CBY6-JZG2";
  REQUIRE(refused(good).empty());
  CHECK(refused("") == "a code has 12 letters and digits, this one has 0");
  CHECK(refused("----  ----") == "a code has 12 letters and digits, this one has 0");
  CHECK(refused("JEFV-CBY6-JZG") == "a code has 12 letters and digits, this one has 11");
  CHECK(refused(good + "2") == "a code has 12 letters and digits, this one has 13");
  CHECK(refused(std::string(100'000, 'A')) == "a code has 12 letters and digits, this one has 100000");
  CHECK(refused("JEFV-CBY6-JZG3").find("does not fit its last letter") != std::string::npos);
  CHECK(refused("0000-0000-0000").find("does not fit its last letter") != std::string::npos);
  const struct {
    std::string text;
    const char* letter;
  } strange[] = {
      {"JEF\xC3\xA9-CBY6-JZG2", "\"\xC3\xA9\", letter 4 of the code"},
      {std::string("JEFV\0CBY6JZG2", 13), "\"\\x00\", letter 5 of the code"},
      {"JEFV-CBY6-JZG\x1B", "\"\\x1B\", letter 12 of the code"},
      {"JEFV\xE2\x80\x93"
       "CBY6-JZG2",
       "\"\xE2\x80\x93\", letter 5 of the code"},  // a dash that a chat program made
      {"\xEF\xBC\xAA"
       "EFV-CBY6-JZG2",
       "\"\xEF\xBC\xAA\", letter 1 of the code"},  // a full-width J
      {"JEFV-CBY6-JZG\xFF", "\"\\xFF\", letter 12 of the code"},
      {"JEFV-CBY6-JZG\xC3", "\"\\xC3\", letter 12 of the code"},
      {"JEFV_CBY6-JZG2", "\"_\", letter 5 of the code"},
      {"../../etc/passwd", "\".\", letter 1 of the code"},
  };
  for (const auto& [text, letter] : strange) CHECK_MESSAGE(refused(text).starts_with(letter), refused(text));
}

TEST_CASE("a field that changes changes its own letter and the check, and no other") {
  const Evidence before = evidence_of(unit("good-unit"));
  const std::string then = letters(code(before));
  const auto only = [&](std::size_t field, const Evidence& changed) {
    const std::string now = letters(code(changed));
    CHECK_MESSAGE(now[field] != then[field], "a collision: take another value for " << kCodeFields.at(field));
    for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
      if (i != field) CHECK_MESSAGE(now[i] == then[i], kCodeFields.at(field) << " and " << kCodeFields.at(i));
    }
    CHECK(now.back() != then.back());
    CHECK(differing(known(before), known(changed)) == Words{std::string(kCodeFields.at(field)) + " changed"});
  };
  const char* values[] = {"Chenxi 2",  "CX E501", "CX2600419", "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d514",
                          "CXE500-02", "CX Pro",  "H310CM-B",  "notebook",
                          "HB26031188"};
  for (std::size_t i = 0; i < kSystemDiskSerial; ++i)
    only(i, evidence_of(unit("good-unit", {{std::string(kCodeFields.at(i)), values[i]}})));
  Evidence disk = evidence_of(unit("good-unit"));
  disk.hardware.disks->front().serial = "CD26A7731R";
  only(kSystemDiskSerial, disk);
  Evidence card = evidence_of(unit("good-unit"));
  card.hardware.nics->front().mac = "02:cc:26:00:41:71";
  only(kNicMac, card);
}

TEST_CASE("of 30 changes of a field one goes unseen, whichever field it is") {
  constexpr int kChanges = 6000;
  int all = 0;
  for (std::size_t field = 0; field < kCodeFields.size(); ++field) {
    int unseen = 0;
    KnownUnit then;
    for (int i = 0; i < kChanges; ++i) {
      KnownUnit now = then;
      now.values.at(field) = "cx26" + std::to_string(100'000 + i);  // serials, one after the other
      if (i > 0 && code_of(then) == code_of(now)) ++unseen;
      then = std::move(now);
    }
    CHECK_MESSAGE((unseen > 130 && unseen < 270), kCodeFields.at(field) << ": " << unseen);
    all += unseen;
  }
  MESSAGE(all << " of " << (kChanges - 1) * kCodeFields.size() << " changes are not seen");
  CHECK(all > 2000);
  CHECK(all < 2400);
}

TEST_CASE("one letter leaves a thirtieth of all serials, and none of them likelier than another") {
  std::array<int, 32> counts{};
  constexpr int kSerials = 60'000;
  KnownUnit unit;
  for (int i = 0; i < kSerials; ++i) {
    unit.values[2] = "cx" + std::to_string(2'600'000 + i);
    ++counts.at(code_of(unit).symbols[2]);
  }
  CHECK(counts[Code::kMissing] == 0);
  CHECK(counts[Code::kNotCaptured] == 0);
  for (std::size_t symbol = 2; symbol < 32; ++symbol) {
    CHECK(counts.at(symbol) > kSerials / 30 - 250);
    CHECK(counts.at(symbol) < kSerials / 30 + 250);
  }
}

TEST_CASE("the same value in two fields has letters that say nothing of each other") {
  int alike = 0;
  for (int i = 0; i < 3000; ++i) {
    KnownUnit unit;
    unit.values[2] = unit.values[8] = "cx" + std::to_string(i);
    const Code told = code_of(unit);
    alike += told.symbols[2] == told.symbols[8] ? 1 : 0;
  }
  CHECK(alike > 50);
  CHECK(alike < 150);
}

TEST_CASE("a field without a value says so: not there, empty, blank, a placeholder") {
  const auto symbol = [](const Values& values, std::size_t field) {
    return code(unit("good-unit", values))[field + field / 4];
  };
  for (const char* serial : {"", "   ", "To be filled by O.E.M.", "0123456789"})
    CHECK(symbol({{"system-serial-number", serial}}, 2) == '0');
  CHECK(symbol({{"system-uuid", "00000000-0000-0000-0000-000000000000"}}, 3) == '0');
  CHECK(symbol({{"system-uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff"}}, 3) == '0');
  CHECK(symbol({{"system-uuid", "03000200-0400-0500-0006-000700080009"}}, 3) == '0');
  CHECK(symbol({{"chassis-type", "unknown"}}, 7) == '0');
  CHECK(code(unit("no-baseboard"))[10] == '0');
  CHECK(code(unit("short-type1"))[5] == '0');  // the SKU is beyond the structure's end
  // Only blanks at its ends and the case of its letters do not count.
  CHECK(symbol({{"system-serial-number", " cx2600417 "}}, 2) == symbol({}, 2));
}

TEST_CASE("what a table does not tell is not captured, and not missing") {
  // Cut off: what stands behind the cut is not known.
  const KnownUnit cut = known(evidence_of(unit("truncated")));
  CHECK_FALSE(cut.values[7]);
  CHECK(cut.values[2] == "cx2600417");
  for (const char* name : {"bad-length"}) {
    const auto unreachable = known_unit(evidence_of(unit(name)), {}, placeholders());
    if (unreachable) CHECK_FALSE(unreachable->values[7]);
  }
  fixtures::UnitDescription gone = unit("good-unit");
  gone.defects.truncate_at = 60;
  const auto nothing = known_unit(evidence_of(gone), {}, placeholders());
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().what.find("no Type 1") != std::string::npos);
  CHECK(nothing.error().kind == ErrorKind::kUnjudgeable);
  // dmidecode's text without the chassis.
  const std::string text =
      "# dmidecode 3.4\nSMBIOS 3.2.0 present.\n\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n"
      "\tManufacturer: Chenxi\n\tProduct Name: CX E500\n\tVersion: 1.0\n\tSerial Number: CX2600417\n"
      "\tUUID: 8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513\n\tWake-up Type: Power Switch\n"
      "\tSKU Number: Not Specified\n\tFamily: CX\n\n";
  auto source = smbios::Source::from_bytes({text.begin(), text.end()}, "unit.txt");
  REQUIRE_MESSAGE(source, (source ? "" : source.error().to_string()));
  const KnownUnit told = known({.source = *std::move(source)});
  CHECK(told.values[2] == "cx2600417");
  CHECK_FALSE(told.values[4]);
  CHECK_FALSE(told.values[7]);
  CHECK_FALSE(told.values[kNicMac]);
}

TEST_CASE("a lock on the case does not make it another type") {
  fixtures::UnitDescription locked = unit("good-unit");
  locked.structures.back().bytes = {{5, {0x83}}};
  CHECK(code(locked) == code(unit("good-unit")));
}

TEST_CASE(
    "the system's disk is the one that the judge takes, and where none can be told its serial is unknown") {
  Evidence evidence = evidence_of(unit("good-unit"));
  auto& hardware = evidence.hardware;
  const auto serial = [&] { return known(evidence).values[kSystemDiskSerial]; };
  CHECK(serial() == "cd26a7731q");
  Disk data = hardware.disks->front();
  data.name = "sda";
  data.serial = " ZN1ABCDE ";
  hardware.disks->push_back(data);
  CHECK_FALSE(serial());
  hardware.system_disk = "sda";
  CHECK(serial() == "zn1abcde");
  hardware.system_disk = "sdz";
  const auto named = known_unit(evidence, {}, placeholders());
  REQUIRE_FALSE(named);
  CHECK(named.error().what == "the unit has no disk sdz");
  hardware.system_disk.clear();
  hardware.disks->back().removable = true;  // a stick
  CHECK(serial() == "cd26a7731q");
  hardware.disks->back().removable.reset();
  CHECK_FALSE(serial());
  hardware.disks->pop_back();
  for (const auto& [written, expected] :
       std::vector<std::pair<std::optional<std::string>, std::optional<std::string>>>{
           {"", ""}, {"   ", ""}, {"0000000000", ""}, {std::nullopt, std::nullopt}}) {
    hardware.disks->front().serial = written;
    CHECK(serial() == expected);
  }
  hardware.disks->front().kind = DiskKind::kOther;
  CHECK_FALSE(serial());
  hardware.disks->clear();
  CHECK(serial() == "");
  hardware.disks.reset();
  CHECK_FALSE(serial());
}

TEST_CASE("of several network cards the lowest address counts, and only what is a witness") {
  Evidence evidence = evidence_of(unit("good-unit"));
  auto& cards = *evidence.hardware.nics;
  const auto mac = [&](const Words& fixtures = {}) { return known(evidence, fixtures).values[kNicMac]; };
  CHECK(mac() == "02:cc:26:00:41:70");
  NetworkCard other = cards.front();
  other.name = "wlp3s0";
  other.mac = "00:1b:21:00:00:01";
  cards.push_back(other);
  CHECK(mac() == "00:1b:21:00:00:01");
  std::ranges::reverse(cards);
  CHECK(mac() == "00:1b:21:00:00:01");
  CHECK(mac({"00:1b:21:00:00:01"}) == "02:cc:26:00:41:70");
  cards.front().removable = true;
  CHECK(mac() == "02:cc:26:00:41:70");
  cards.back().removable.reset();
  CHECK_FALSE(mac());
  cards.clear();
  CHECK(mac() == "");
  evidence.hardware.nics.reset();
  CHECK_FALSE(mac());
}

TEST_CASE("two states of a unit are compared field by field, each as what it is") {
  KnownUnit then, now;
  const std::optional<std::string> kNone;
  const struct {
    std::optional<std::string> then, now;
    Difference difference;
  } rows[kCodeFields.size()] = {
      {"a", "a", Difference::kSame},       {"a", "b", Difference::kChanged},
      {"a", "", Difference::kMissingNow},  {"", "a", Difference::kWasMissing},
      {"", "", Difference::kStillMissing}, {kNone, "a", Difference::kUnknown},
      {"a", kNone, Difference::kUnknown},  {kNone, kNone, Difference::kUnknown},
      {kNone, "", Difference::kUnknown},   {"", kNone, Difference::kUnknown},
      {"zeta", "zeta", Difference::kSame},
  };
  for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
    then.values.at(i) = rows[i].then;
    now.values.at(i) = rows[i].now;
  }
  const auto differences = compare(code_of(then), code_of(now));
  for (std::size_t i = 0; i < kCodeFields.size(); ++i)
    CHECK_MESSAGE(differences.at(i) == rows[i].difference, kCodeFields.at(i));
  std::set<std::string_view> names;
  for (const Difference each : {Difference::kSame, Difference::kStillMissing, Difference::kChanged,
                                Difference::kMissingNow, Difference::kWasMissing, Difference::kUnknown})
    names.insert(difference_name(each));
  CHECK(names.size() == 6);
  CHECK(difference_name(Difference::kUnknown) == "unknown");
}

TEST_CASE("case E: what a customer reads out tells which fields differ from the unit that left") {
  const KnownUnit left = known(evidence_of(unit("good-unit")));
  // A board was swapped, with its card on it, and nobody burnt the new one.
  Evidence today =
      evidence_of(unit("good-unit", {{"baseboard-serial-number", ""}, {"system-uuid", uuid(7)}}));
  today.hardware.nics->front().mac = "02:cc:26:00:99:01";
  const std::string heard = "o" + code(today);  // one letter too many
  CHECK_FALSE(refused(heard).empty());
  const auto read_out = parse_code(heard.substr(1));
  REQUIRE(read_out);
  Words found;
  const auto differences = compare(code_of(left), *read_out);
  for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
    if (differences.at(i) != Difference::kSame)
      found.push_back(std::string(kCodeFields.at(i)) + " " + std::string(difference_name(differences.at(i))));
  }
  CHECK(found == Words{"system-uuid changed", "baseboard-serial-number missing-now", "nic-mac changed"});
}

TEST_CASE("a code is spelled letter by letter, in groups, in words that cannot be mistaken") {
  const Code good = code_of(known(evidence_of(unit("good-unit"))));
  CHECK(spelled(good, Language::kEnglish) ==
        "Juliett Echo Foxtrot Victor, Charlie Bravo Yankee six, Juliett Zulu Golf two");
  CHECK(spelled(good, Language::kChinese) ==
        "Juliett Echo Foxtrot Victor，Charlie Bravo Yankee 六，Juliett Zulu Golf 二");
  std::set<std::string> words;
  for (std::uint8_t symbol = 0; symbol < 32; ++symbol) {
    Code one;
    one.symbols[0] = symbol;
    const std::string all = spelled(one, Language::kEnglish);
    const std::string word = all.substr(0, all.find(' '));
    words.insert(word);
    const char letter = to_text(one)[0];
    if (letter >= 'A') CHECK(word[0] == letter);
  }
  CHECK(words.size() == 32);
}

TEST_CASE("the page that is read beside the telephone has each letter with its spelling") {
  const std::string page = read_file(std::string(DMIGATE_SOURCE_DIR) + "/docs/code.md");
  CHECK(page.find(to_text(code_of(known(evidence_of(unit("good-unit"))))) + "\n") != std::string::npos);
  for (std::uint8_t symbol = 0; symbol < 32; ++symbol) {
    Code one;
    one.symbols[0] = symbol;
    std::string cell = "`" + to_text(one).substr(0, 1) + "`";
    std::string last;
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const std::string all = spelled(one, language);
      const std::string word = all.substr(0, all.find(' '));
      if (word != last) cell += " " + word;
      last = word;
    }
    CHECK_MESSAGE(page.find("| " + cell + " |") != std::string::npos, cell);
  }
  for (const std::string_view keyword : kCodeFields)
    CHECK(page.find("`" + std::string(keyword) + "`") != std::string::npos);
}

}  // namespace
}  // namespace dmigate::gate
