// Recognising the forms, opening a source, and writing the dump form.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "smbios/compressed.h"
#include "smbios/dmidecode_text.h"
#include "smbios/open_file.h"
#include "smbios/smbios.h"

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

namespace dmigate::smbios {

namespace {

constexpr std::size_t kDumpTable = 0x20;      // where dmidecode puts the table
constexpr std::size_t kMaxEntryPoint = 0x20;  // bytes; a longer one cannot stand before it
constexpr std::size_t kRsmbHeader = 8;        // bytes
constexpr std::uint8_t kLastType = 46;        // that DSP0134 3.9.0 defines, but for 126 and 127
constexpr std::size_t kMaxFile = std::size_t{64} << 20;
constexpr std::uint64_t kBiosSegment = 0xF0000;  // where Linux and dmidecode look for entry points
constexpr const char* kReadAgain = "read the table again, for instance with dmigate dump FILE";

// Where things stand in an entry point; offsets in bytes.
struct Shape {
  EntryPointKind kind;
  std::string_view anchor;
  std::uint8_t bytes;      // that the specification gives it
  std::uint8_t min_bytes;  // that firmware gets away with
  std::uint8_t length;     // 0: it does not say its length
  std::uint8_t version;
  std::uint8_t table_bytes;
  std::uint8_t table_bytes_width;
  std::uint8_t address;
  std::uint8_t address_width;
  std::uint8_t count;     // of structures; 0: it does not say
  std::uint8_t checksum;  // the byte that answers for the address
};
// _SM_ of 2.1 may be 1Eh long: that version of the specification counted wrongly (clause 5.2.1).
constexpr Shape kShapes[] = {
    {EntryPointKind::kSmbios3, "_SM3_", 0x18, 0x18, 0x06, 0x07, 0x0C, 4, 0x10, 8, 0, 0x05},
    {EntryPointKind::kSmbios2, "_SM_", 0x1F, 0x1E, 0x05, 0x06, 0x16, 2, 0x18, 4, 0x1C, 0x15},
    {EntryPointKind::kLegacy, "_DMI_", 0x0F, 0x0F, 0, 0x0E, 0x06, 2, 0x08, 4, 0x0C, 0x05},
};

const Shape* find_shape(ByteView file) {
  for (const Shape& shape : kShapes) {
    if (file.starts_with(shape.anchor)) return &shape;
  }
  return nullptr;
}

Defect defect(DefectKind kind, std::size_t offset, std::uint64_t found, std::uint64_t expected) {
  return {kind, offset, std::nullopt, std::nullopt, found, expected};
}

// ---- can it be walked

// The first structure is whole, and it is the end or another one begins after it.
bool walks(ByteView table) {
  const Table structures(table.bytes(), {});
  const auto first = structures.begin();
  if (first == structures.end()) return false;
  if ((*first).type() == kEndOfTableType) return true;
  const ByteView rest = table.from((*first).size());
  return rest.size() >= kHeaderBytes && rest.byte(1).value_or(0) >= kHeaderBytes;
}

bool is_text(std::string_view strings) {
  return std::all_of(strings.begin(), strings.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || byte == 0 || (byte >= 0x09 && byte <= 0x0D);
  });
}

// For tables that nothing marks. Random bytes reach "the end" of a structure by chance (two NULs
// come every 64 KiB), but neither a Type 127 as it must be nor two structures with text. Text, and
// an entry point with a damaged anchor, begin with a type that the specification does not give.
bool proves_itself(ByteView table) {
  const std::uint8_t first = table.byte(0).value_or(0);
  if (first > kLastType && first < kInactiveType) return false;
  int structures = 0;
  bool text = true;
  bool system = false;
  for (const Structure structure : Table(table.bytes(), {})) {
    if (structure.type() == kEndOfTableType && structure.length() == kHeaderBytes &&
        structure.strings().empty()) {
      return true;
    }
    if (++structures <= 2) text = text && is_text(ByteView(structure.strings()).text());
    system = system || (structure.type() == 1 && structure.length() >= 0x08);
  }
  return structures >= 2 && text && system;
}

// Firmware announces sizes that cannot be (0, 4 GiB): a size bounds the table only where the table
// can be walked within it.
ByteView bounded(ByteView rest, const Layout& layout) {
  const ByteView table = rest.first(layout.announced_bytes.value_or(0));
  return walks(table) ? table : rest;
}

// ---- entry points

struct VersionMistake {
  Version found, meant;
};
constexpr VersionMistake kVersionMistakes[] = {
    {{2, 31, 0}, {2, 3, 0}}, {{2, 33, 0}, {2, 3, 0}}, {{2, 51, 0}, {2, 6, 0}}};

std::uint64_t version_number(Version version) { return std::uint64_t{version.major} << 8 | version.minor; }

void set_version(Version version, std::size_t offset, Layout& layout) {
  layout.version = version;
  for (const VersionMistake& mistake : kVersionMistakes) {
    if (version != mistake.found) continue;
    layout.version = mistake.meant;
    layout.defects.push_back(
        defect(DefectKind::kVersion, offset, version_number(mistake.found), version_number(mistake.meant)));
  }
}

Version announced_version(const Shape& shape, ByteView entry_point) {
  const std::uint8_t major = entry_point.byte(shape.version).value_or(0);
  if (shape.kind == EntryPointKind::kLegacy) {  // BCD: 23h is 2.3
    return {static_cast<std::uint8_t>(major >> 4), static_cast<std::uint8_t>(major & 0x0F), 0};
  }
  const bool has_revision = shape.kind == EntryPointKind::kSmbios3;
  return {major, entry_point.byte(shape.version + std::size_t{1}).value_or(0),
          has_revision ? entry_point.byte(shape.version + std::size_t{2}).value_or(0) : std::uint8_t{0}};
}

// The bytes that the checksum covers: as many as the entry point says, where that can be.
std::size_t covered_bytes(const Shape& shape, ByteView file) {
  const std::size_t said = shape.length == 0 ? 0 : file.byte(shape.length).value_or(0);
  const bool possible = said >= shape.min_bytes && said <= kMaxEntryPoint;
  return possible ? said : shape.bytes;
}

void check_sum(ByteView covered, std::size_t offset, Layout& layout) {
  if (covered.sum() == 0) return;
  layout.defects.push_back(defect(DefectKind::kChecksum, offset, covered.sum(), 0));
}

void check_sums(const Shape& shape, ByteView entry_point, Layout& layout) {
  const std::size_t covered = covered_bytes(shape, entry_point);
  // One that says 1Eh may have been summed over the 1Fh bytes that it really has.
  const bool miscounted = covered < shape.bytes && entry_point.sum() == 0;
  if (!miscounted) check_sum(entry_point.first(covered), 0, layout);
  if (shape.kind != EntryPointKind::kSmbios2) return;
  const ByteView intermediate = entry_point.from(0x10).first(0x0F);
  if (!intermediate.starts_with("_DMI_")) {
    layout.defects.push_back(defect(DefectKind::kChecksum, 0x10, intermediate.sum(), 0));
  } else if (intermediate.size() == 0x0F) {  // else Linux has cut it to the 1Eh bytes it says, and checked it
    check_sum(intermediate, 0x10, layout);
  }
}

Result<Layout> read_entry_point(const Shape& shape, ByteView file, Form form) {
  if (file.size() < shape.min_bytes) {
    return fail("the file ends inside its entry point " + std::string(shape.anchor), {}, kReadAgain);
  }
  const ByteView entry_point = file.first(std::max<std::size_t>(covered_bytes(shape, file), shape.bytes));
  Layout layout;
  layout.form = form;
  layout.entry_point_kind = shape.kind;
  layout.entry_point = entry_point.bytes();
  layout.announced_bytes =
      static_cast<std::uint32_t>(entry_point.number(shape.table_bytes, shape.table_bytes_width).value_or(0));
  if (shape.count != 0) {
    layout.announced_structures = static_cast<std::uint16_t>(entry_point.number(shape.count, 2).value_or(0));
  }
  check_sums(shape, entry_point, layout);
  set_version(announced_version(shape, entry_point), shape.version, layout);
  return layout;
}

// Amid other bytes only an entry point whose checksums hold is one: the anchor alone is in every program
// that looks for it.
std::optional<Layout> whole_entry_point(const Shape& shape, ByteView bytes, std::size_t at) {
  if (!bytes.from(at).starts_with(shape.anchor)) return std::nullopt;
  auto layout = read_entry_point(shape, bytes.from(at), Form::kImage);
  if (!layout) return std::nullopt;
  const bool sums = std::none_of(layout->defects.begin(), layout->defects.end(),
                                 [](const Defect& defect) { return defect.kind == DefectKind::kChecksum; });
  return sums ? std::optional(*std::move(layout)) : std::nullopt;
}

// ---- a second table

// The first whole entry point of `part` that leads elsewhere than to byte `table` of the file (in memory
// several may lead to one), or has a table behind it as a dump has. Each such look is a walk: a hostile file
// with more of them than machines have is taken for one with several tables.
std::optional<std::size_t> stray_entry_point(ByteView part, std::size_t table) {
  constexpr int kMostLooks = 16;
  int looks = 0;
  for (std::size_t at = 0; at < part.size(); ++at) {
    if (part.byte(at) != '_') continue;
    for (const Shape& shape : kShapes) {
      if (!whole_entry_point(shape, part, at)) continue;
      const auto address = part.from(at).number(shape.address, shape.address_width);
      const bool same = address == table || address == table + kBiosSegment;
      if (!same || ++looks > kMostLooks || proves_itself(part.from(at + kDumpTable))) return at;
    }
  }
  return std::nullopt;
}

bool is_padding(std::uint8_t byte) { return byte == 0x00 || byte == 0xFF || byte == '\r' || byte == '\n'; }

// Whether another file's content begins here.
bool begins_file(ByteView rest) {
  return find_shape(rest) != nullptr || is_compressed(rest.bytes()) || is_dmidecode_text(rest.bytes()) ||
         proves_itself(rest) || proves_itself(rest.from(kRsmbHeader));
}

// What follows the end of the table may be another unit's: two files that were put together. The table
// begins at byte `start` of the file.
void note_second(ByteView rest, std::size_t start, Layout& layout) {
  std::size_t end = 0;
  for (const Structure structure : Table(rest.bytes(), {})) end = structure.offset() + structure.size();
  const ByteView behind = rest.from(end);
  std::size_t gap = 0;
  while (gap < behind.size() && is_padding(behind.byte(gap).value_or(1))) ++gap;
  const ByteView second = behind.from(gap);
  if (second.empty()) return;
  // What looks like padding may be a Type 0's first byte.
  const bool begins =
      begins_file(second) || begins_file(behind) || (gap > 0 && begins_file(behind.from(gap - 1)));
  const auto stray = begins ? std::optional<std::size_t>(0) : stray_entry_point(second, start);
  if (!stray) return;
  layout.defects.push_back(
      defect(DefectKind::kSeveralTables, end + gap + *stray, start + end + gap + *stray, 0));
}

// The table begins at byte `start` of the file.
void set_table(ByteView file, std::size_t start, Layout& layout) {
  const ByteView rest = file.from(start);
  const ByteView table = bounded(rest, layout);
  layout.table = table.bytes();
  if (!rest.from(table.size()).zero()) {
    layout.defects.push_back(defect(DefectKind::kTrailingData, table.size(), rest.size() - table.size(), 0));
  }
  note_second(rest, start, layout);
}

// ---- forms

// The table without what stands behind its Type 127, which is not the table's.
ByteView up_to_end(ByteView table) {
  for (const Structure structure : Table(table.bytes(), {})) {
    if (structure.type() == kEndOfTableType) return table.first(structure.offset() + structure.size());
  }
  return table;
}

// The table of a dump begins at the address; where none does there, at dmidecode's place or behind the entry
// point. Of two that can be walked the lower, since a table can also be walked from its middle; unless it
// ends before the higher: then there are two, and the address counts.
std::optional<std::size_t> find_table(ByteView file, std::uint64_t address, Layout& layout) {
  const std::size_t after = layout.entry_point.size();
  const bool inside = address >= after && address < file.size();
  const std::size_t given = inside ? static_cast<std::size_t>(address) : kDumpTable;
  const auto can_be_walked = [&](std::size_t place) { return walks(bounded(file.from(place), layout)); };
  const std::size_t low = std::min(given, kDumpTable), high = std::max(given, kDumpTable);
  if (can_be_walked(low)) {
    const bool ends_before = low + up_to_end(file.from(low)).size() <= high;
    if (low == high || !can_be_walked(high)) return low;
    if (!proves_itself(file.from(low)) && proves_itself(file.from(high))) return high;
    if (!ends_before) return low;
    const std::size_t other = given == low ? high : low;
    layout.defects.push_back(defect(DefectKind::kSeveralTables, 0, other, 0));
    return given;
  }
  for (const std::size_t place : {high, after}) {
    if (can_be_walked(place)) return place;
  }
  return std::nullopt;
}

Result<Layout> recognise_dump(const Shape& shape, ByteView file) {
  auto layout = read_entry_point(shape, file, Form::kDump);
  if (!layout) return layout;
  const std::uint64_t address = file.number(shape.address, shape.address_width).value_or(0);
  const auto place = find_table(file, address, *layout);
  if (!place) {
    return fail("no structure table after the entry point " + std::string(shape.anchor), {},
                "a lone smbios_entry_point is read with its folder, which must also hold DMI");
  }
  if (*place != address) {
    layout->defects.push_back(defect(DefectKind::kAddress, shape.address, address, *place));
  }
  const std::size_t own = layout->entry_point.size();
  if (const auto stray = stray_entry_point(file.from(own).first(std::max(*place, own) - own), *place)) {
    layout->defects.push_back(defect(DefectKind::kSeveralTables, 0, own + *stray, 0));
  }
  set_table(file, *place, *layout);
  return layout;
}

std::optional<Layout> recognise_rsmb(ByteView file) {
  const auto announced = file.number(4, 4);
  if (!announced) return std::nullopt;
  Layout layout;
  layout.form = Form::kRsmb;
  layout.announced_bytes = static_cast<std::uint32_t>(*announced);
  const ByteView rest = file.from(kRsmbHeader);
  const bool fits = *announced == rest.size() && walks(rest);
  // 2 or 3 as a structure's length is impossible, as a major version it is what Windows gives.
  const bool versioned = file.byte(1).value_or(0) < kHeaderBytes;
  if (!fits && !(versioned && proves_itself(bounded(rest, layout)))) return std::nullopt;
  set_version({file.byte(1).value_or(0), file.byte(2).value_or(0), 0}, 1, layout);
  set_table(file, kRsmbHeader, layout);
  return layout;
}

// ---- memory images

constexpr std::size_t kParagraph = 16;                        // bytes; clause 5.2: entry points begin on one
constexpr std::size_t kMaxImageTable = std::size_t{4} << 20;  // bytes
// A hostile image has as many anchors as it likes, each of which may lead to a walk: together the walks are
// at most so many times as long as the image, and as long as this many of the largest tables.
constexpr std::size_t kMostWalks = 16;

// From any place in memory a walk comes sooner or later to some table's end.
bool begins_with_text(ByteView table) {
  const Table structures(table.bytes(), {});
  const auto first = structures.begin();
  return first != structures.end() && is_text(ByteView((*first).strings()).text());
}

// `walked` counts the bytes that were looked at, at most.
std::optional<ByteView> image_table(ByteView image, const Layout& layout, std::uint64_t address,
                                    std::size_t& walked) {
  for (const std::uint64_t base : {std::uint64_t{0}, kBiosSegment}) {
    if (address < base || address - base >= image.size()) continue;
    const ByteView table = bounded(image.from(address - base).first(kMaxImageTable), layout);
    walked += table.size();
    if (begins_with_text(table) && proves_itself(table)) return up_to_end(table);
  }
  return std::nullopt;
}

// Whether every structure of `part`, its end left out, is in `whole` to the byte: clause 5.2 allows that of
// the tables of two entry points.
bool is_part_of(ByteView part, ByteView whole) {
  std::vector<std::string_view> there;
  const auto text_of = [](ByteView table, const Structure& structure) {
    return table.from(structure.offset()).first(structure.size()).text();
  };
  for (const Structure structure : Table(whole.bytes(), {})) there.push_back(text_of(whole, structure));
  std::sort(there.begin(), there.end());
  for (const Structure structure : Table(part.bytes(), {})) {
    if (structure.type() == kEndOfTableType) continue;
    if (!std::binary_search(there.begin(), there.end(), text_of(part, structure))) return false;
  }
  return true;
}

// All entry points of an image, in the order in which they are preferred.
class Image {
 public:
  explicit Image(ByteView image) : image_(image) {}

  // The first that leads to a table; with a defect where another one leads to a table with other structures.
  std::optional<Layout> recognise() {
    for (const Shape& shape : kShapes) {
      for (std::size_t at = 0; at < image_.size() && !several_; at += kParagraph) look_at(shape, at);
    }
    return std::move(found_);
  }

 private:
  void look_at(const Shape& shape, std::size_t at) {
    auto layout = whole_entry_point(shape, image_, at);
    if (!layout) return;
    const std::uint64_t address = image_.from(at).number(shape.address, shape.address_width).value_or(0);
    const bool may_walk = walked_ <= kMostWalks * std::max(image_.size(), kMaxImageTable);
    const auto table = may_walk ? image_table(image_, *layout, address, walked_) : std::nullopt;
    if (may_walk && !table) return;
    if (!found_ && table) {
      found_ = std::move(layout);
      found_->table = table->bytes();
    } else if (found_ && !(table && is_same(*table, shape.kind))) {
      several_ = true;  // or may be: it was not looked at
      found_->defects.push_back(defect(DefectKind::kSeveralTables, 0, at, 0));
    }
  }
  [[nodiscard]] bool is_same(ByteView table, EntryPointKind kind) const {
    return table.bytes().data() == found_->table.data() ||
           (kind != found_->entry_point_kind && is_part_of(table, found_->table));
  }

  ByteView image_;
  std::optional<Layout> found_;
  std::size_t walked_ = 0;
  bool several_ = false;
};

std::string path_text(const std::filesystem::path& path) {
  const auto text = path.u8string();
  return {text.begin(), text.end()};
}

Result<std::vector<std::uint8_t>> read_all(std::FILE* in, const std::string& name) {
  std::vector<std::uint8_t> bytes;
  std::array<std::uint8_t, 65536> chunk;
  // What is read counts: sizes that file systems of the kernel state need not be true.
  while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), in)) {
    const auto part = Bytes(chunk).first(size);
    bytes.insert(bytes.end(), part.begin(), part.end());
    if (bytes.size() > kMaxFile) return fail("larger than 64 MiB: no SMBIOS table", name, "check the path");
  }
  if (std::ferror(in) != 0) return fail("cannot be read: input/output error", name, "read it again");
  return bytes;
}

Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path) {
  errno = 0;
  const File in = open_file(path);
  if (!in) {
    const std::string cause = errno != 0 ? std::generic_category().message(errno) : "unknown cause";
    return fail("cannot be opened: " + cause, path_text(path),
                "check the path; the tables of a live machine can be read by root only");
  }
  return read_all(in.get(), path_text(path));
}

Result<std::vector<std::uint8_t>> read_standard_input() {
#ifdef _WIN32
  _setmode(_fileno(stdin), _O_BINARY);
#endif
  return read_all(stdin, "standard input");
}

}  // namespace

std::string Version::to_string() const {
  if (!known()) return "unknown";
  std::string text = std::to_string(major);
  text.append(".").append(std::to_string(minor));
  if (revision != 0) text.append(".").append(std::to_string(revision));
  return text;
}

std::string_view form_name(Form form) {
  switch (form) {
    case Form::kSysfs:
      return "sysfs";
    case Form::kDump:
      return "dump";
    case Form::kRsmb:
      return "rsmb";
    case Form::kBare:
      return "bare";
    case Form::kImage:
      return "image";
    case Form::kHexText:
      return "hex-text";
    case Form::kText:
      return "text";
  }
  return "unknown";
}

Result<Layout> recognise(Bytes bytes) {
  const ByteView file(bytes);
  if (file.empty()) return fail("the file is empty", {}, kReadAgain);
  if (const Shape* shape = find_shape(file)) return recognise_dump(*shape, file);
  if (auto layout = recognise_rsmb(file)) return *std::move(layout);
  if (proves_itself(file)) {
    Layout layout;
    layout.table = bytes;
    note_second(file, 0, layout);
    return layout;
  }
  if (auto layout = Image(file).recognise()) return *std::move(layout);
  return fail("not an SMBIOS table", {},
              "give a dump of dmidecode, its text, a raw table, or a folder with smbios_entry_point and DMI");
}

Result<Layout> recognise_pair(Bytes entry_point, Bytes table) {
  const Shape* shape = find_shape(entry_point);
  if (shape == nullptr) return fail("smbios_entry_point holds no entry point", {}, kReadAgain);
  auto layout = read_entry_point(*shape, entry_point, Form::kSysfs);
  if (!layout) return layout;
  if (table.empty()) return fail("DMI is empty", {}, kReadAgain);
  if (!walks(bounded(table, *layout))) return fail("DMI holds no structure table", {}, kReadAgain);
  set_table(table, 0, *layout);
  return layout;
}

Result<Source> Source::open(const std::filesystem::path& path) {
  if (path == "-") {
    return read_standard_input().and_then(
        [](std::vector<std::uint8_t>&& file) { return from_bytes(std::move(file), "standard input"); });
  }
  std::error_code error;  // opening says what it is
  if (!std::filesystem::is_directory(path, error)) {
    return read_file(path).and_then(
        [&](std::vector<std::uint8_t>&& file) { return from_bytes(std::move(file), path_text(path)); });
  }
  for (const char* name : {"smbios_entry_point", "DMI"}) {
    if (!std::filesystem::exists(path / name, error) && !error) {
      return fail("missing", path_text(path / name), "a folder must hold smbios_entry_point and DMI");
    }
  }
  auto entry_point = read_file(path / "smbios_entry_point");
  if (!entry_point) return Failure(entry_point.error());
  auto table = read_file(path / "DMI");
  if (!table) return Failure(table.error());
  return from_pair(*entry_point, *table, path_text(path));
}

Result<Source> Source::from_bytes(std::vector<std::uint8_t> file, std::string name) {
  Source source;
  source.path_ = std::move(name);
  source.bytes_ = std::move(file);
  auto read = source.unpack().and_then([&] { return source.read(); });
  if (!read) {
    read.error().where = source.path_;
    return Failure(read.error());
  }
  return source;
}

Result<void> Source::unpack() {
  if (!is_compressed(bytes_)) return {};
  auto unpacked = decompress(bytes_, kMaxFile);
  if (!unpacked) return Failure(unpacked.error());
  bytes_ = *std::move(unpacked);
  if (is_compressed(bytes_)) return fail("it is compressed twice", {}, "unpack it once");
  return {};
}

Result<void> Source::read() {
  if (is_dmidecode_text(bytes_)) return read_text();
  auto layout = recognise(bytes_);
  if (!layout) return Failure(layout.error());
  layout_ = *std::move(layout);
  if (layout_.form == Form::kImage) drop_rest_of_image();
  return {};
}

Result<void> Source::read_text() {
  auto text = read_dmidecode_text(bytes_);
  if (!text) return Failure(text.error());
  table_ = std::move(text->table);
  known_ = std::move(text->known);
  layout_.form = text->form;
  layout_.version = text->version;
  layout_.announced_structures = text->announced_structures;
  layout_.table = table_;
  layout_.known = known_;
  if (layout_.form == Form::kText) layout_.defects.push_back(defect(DefectKind::kText, 0, 0, 0));
  return {};
}

void Source::drop_rest_of_image() {
  const std::size_t head = layout_.entry_point.size();
  std::vector<std::uint8_t> kept(layout_.entry_point.begin(), layout_.entry_point.end());
  kept.insert(kept.end(), layout_.table.begin(), layout_.table.end());
  bytes_ = std::move(kept);
  layout_.entry_point = ByteView(bytes_).first(head).bytes();
  layout_.table = ByteView(bytes_).from(head).bytes();
}

Result<Source> Source::from_pair(const std::vector<std::uint8_t>& entry_point,
                                 const std::vector<std::uint8_t>& table, std::string name) {
  Source source;
  source.path_ = std::move(name);
  source.bytes_ = entry_point;
  source.bytes_.insert(source.bytes_.end(), table.begin(), table.end());
  const ByteView both(source.bytes_);
  auto layout = recognise_pair(both.first(entry_point.size()).bytes(), both.from(entry_point.size()).bytes());
  if (!layout) {
    layout.error().where = source.path_;
    return Failure(layout.error());
  }
  source.layout_ = *std::move(layout);
  return source;
}

Table Source::table() const { return {layout_.table, layout_.version, layout_.known}; }

namespace {

// Clause 5.2.2.
void make_entry_point(const Layout& layout, std::span<std::uint8_t> dump) {
  const Version version = layout.version.known() ? layout.version : Version{3, 0, 0};
  const Shape& shape = kShapes[0];
  put_bytes(dump, 0, ByteView(shape.anchor).bytes());
  put_number(dump, shape.length, 1, shape.bytes);
  put_number(dump, shape.version, 1, version.major);
  put_number(dump, shape.version + std::size_t{1}, 1, version.minor);
  put_number(dump, shape.version + std::size_t{2}, 1, version.revision);
  put_number(dump, 0x0A, 1, 1);  // revision of the entry point
  put_number(dump, shape.table_bytes, shape.table_bytes_width, layout.table.size());
  put_number(dump, shape.address, shape.address_width, kDumpTable);
  put_number(dump, shape.checksum, 1, 0x100U - ByteView(dump).first(shape.bytes).sum());
}

void move_entry_point(const Layout& layout, std::span<std::uint8_t> dump) {
  put_bytes(dump, 0, layout.entry_point);
  const Shape* shape = find_shape(layout.entry_point);
  if (shape == nullptr) return;
  const unsigned before = ByteView(dump).sum();
  put_number(dump, shape->address, shape->address_width, kDumpTable);
  const unsigned checksum = ByteView(dump).byte(shape->checksum).value_or(0);
  put_number(dump, shape->checksum, 1, checksum + before - ByteView(dump).sum());
}

}  // namespace

std::vector<std::uint8_t> to_dump(const Layout& layout) {
  static_assert(kMaxEntryPoint <= kDumpTable);
  if (layout.form == Form::kText) return {};
  std::vector<std::uint8_t> dump(kDumpTable + layout.table.size());
  const auto entry_point = std::span(dump).first(kDumpTable);
  if (layout.entry_point.empty()) {
    make_entry_point(layout, entry_point);
  } else {
    move_entry_point(layout, entry_point);
  }
  put_bytes(dump, kDumpTable, layout.table);
  return dump;
}

}  // namespace dmigate::smbios
