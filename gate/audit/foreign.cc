#include "gate/audit/foreign.h"

#include <algorithm>
#include <string>

#include "gate/audit/archive.h"
#include "gate/evidence/inventory.h"
#include "gate/evidence/text.h"
#include "gate/judge/judge.h"
#include "smbios/dmidecode_text.h"

namespace dmigate::gate::audit {
namespace {

using namespace std::string_view_literals;

struct ForeignMagic {
  std::string_view bytes, what;
};
constexpr ForeignMagic kForeignMagics[] = {
    {"\x89PNG\r\n\x1A\n"sv, "a picture"},
    {"\xFF\xD8\xFF"sv, "a picture"},
    {"GIF8"sv, "a picture"},
    {"BM"sv, "a picture"},
    {"%PDF-"sv, "a PDF document"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an Office document"},
    {"\x7F"
     "ELF"sv,
     "a program"},
    {"MZ"sv, "a program"},
    {"SQLite format 3\0"sv, "a database"},
};

// A dump begins so, whatever became of the rest; and no text does.
constexpr std::string_view kAnchors[] = {"_SM_", "_SM3_", "_DMI_"};

constexpr std::size_t kLookedAt = 65536;

constexpr std::string_view kArchiveNames[] = {".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst",
                                              ".zip", ".cab", ".7z",  ".gz",   ".bz2", ".lzma",
                                              ".xz",  ".zst", ".lz4", ".lz",   ".z"};

bool is_text(std::string_view bytes) {
  const auto text = plain_text(bytes.substr(0, kLookedAt));
  if (!text || trimmed(*text).empty()) return false;
  const auto odd = [](char c) {
    return (c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f');
  };
  // What was no UTF-8 is \xNN now: a little of that is a name in an old encoding, and much of it is no text.
  std::size_t escapes = 0;
  for (std::size_t at = text->find("\\x"); at != std::string::npos; at = text->find("\\x", at + 2)) ++escapes;
  return std::ranges::none_of(*text, odd) && escapes * 10 <= text->size();
}

}  // namespace

std::string_view what_else(smbios::Bytes file) {
  const smbios::ByteView view(file);
  const auto begins = [&](std::string_view beginning) { return view.starts_with(beginning); };
  if (std::ranges::any_of(kAnchors, begins)) return {};
  for (const ForeignMagic& magic : kForeignMagics) {
    if (begins(magic.bytes)) return magic.what;
  }
  if (is_zipped_document(file)) return "an Office document";
  if (smbios::is_dmidecode_text(file)) return {};
  const std::string_view text = view.text();
  if (text.find("dmigate.evidence/") != std::string_view::npos) return {};
  if (is_inventory(text)) return "a hardware inventory, which has no SMBIOS table";
  return is_text(text) ? "text, and none of dmidecode's" : std::string_view();
}

bool is_named_as_archive(std::string_view path) {
  const std::string name = fold(path);
  return std::ranges::any_of(kArchiveNames, [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace dmigate::gate::audit
