#include "gate/audit/plain_tar.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace dmigate::gate::audit {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlock = 512;
constexpr std::size_t kTarBuffer = std::size_t{256} << 10;  // a longer file is libarchive's

// POSIX.1-2017, pax, "ustar Interchange Format"; what GNU's tar has instead of the prefix.
struct TarField {
  std::size_t offset, size;
};
constexpr TarField kName{0, 100}, kSize{124, 12}, kSum{148, 8}, kType{156, 1}, kLink{157, 100},
    kMagic{257, 8}, kPrefix{345, 155}, kSparse{386, 126};
constexpr std::string_view kUstar = "ustar\00000"sv, kGnu = "ustar  \0"sv;

std::string_view text(std::string_view header, TarField place) {
  return header.substr(place.offset, place.size);
}

// Up to the first NUL.
std::string_view name(std::string_view header, TarField place) {
  const std::string_view field = text(header, place);
  return field.substr(0, field.find('\0'));
}

// Digits, and nothing but blanks and NULs beside them.
std::optional<std::uint64_t> octal(std::string_view field) {
  const std::size_t begin = field.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = std::min(field.find_first_not_of("01234567", begin), field.size());
  if (end == begin || field.find_first_not_of(" \0"sv, end) != std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : field.substr(begin, end - begin))
    number = number * 8 + static_cast<std::uint64_t>(digit - '0');
  return number;
}

// Its sum counts blanks where it stands itself.
std::uint32_t sum_of(std::string_view header) {
  const auto byte = [&](std::size_t at) -> std::uint32_t { return static_cast<std::uint8_t>(header[at]); };
  std::uint32_t sum = kSum.size * ' ';
  for (std::size_t at = 0; at < kBlock; ++at) sum += byte(at);
  for (std::size_t at = 0; at < kSum.size; ++at) sum -= byte(kSum.offset + at);
  return sum;
}

bool adds_up(std::string_view header) { return octal(text(header, kSum)) == sum_of(header); }

struct Header {
  bool folder = false;
  std::uint64_t size = 0;
};

// None where it is not of the plain kind; `path` is what it names.
std::optional<Header> read_header(std::string_view header, std::string& path) {
  const std::string_view magic = text(header, kMagic);
  const char type = header[kType.offset];
  const auto size = octal(text(header, kSize));
  const bool folder = type == '5';
  if ((magic != kUstar && magic != kGnu) || !size || !adds_up(header)) return std::nullopt;
  if ((type != '0' && type != '\0' && !folder) || (folder && *size != 0)) return std::nullopt;
  if (header[kLink.offset] != '\0') return std::nullopt;
  if (magic == kGnu && text(header, kSparse).find_first_not_of('\0') != std::string_view::npos)
    return std::nullopt;
  path.clear();
  if (magic == kUstar) path.append(name(header, kPrefix));
  if (!path.empty() && !path.ends_with('/')) path += '/';
  path.append(name(header, kName));
  if (header[kName.offset] == '\0' || (!folder && path.ends_with('/'))) return std::nullopt;
  return Header{folder, *size};
}

}  // namespace

bool is_tar(smbios::Bytes beginning) {
  const std::string_view view = smbios::ByteView(beginning).text();
  return view.size() >= kBlock && view.front() != '\0' && adds_up(view.substr(0, kBlock));
}

std::vector<std::uint8_t> folder_header() {
  std::string header(kBlock, '\0');
  const auto put = [&](TarField place, std::string_view what) {
    std::ranges::copy(what, header.begin() + static_cast<std::ptrdiff_t>(place.offset));
  };
  put(kName, "./");
  put(kType, "5");
  put(kMagic, kUstar);
  put(kSize, "00000000000");
  std::array<char, kSum.size> digits{};
  std::snprintf(digits.data(), digits.size(), "%06o", sum_of(header));
  put(kSum, {digits.data(), digits.size()});
  return {header.begin(), header.end()};
}

PlainTar::PlainTar(Read read) : read_(std::move(read)), buffer_(kTarBuffer) {}

// Whether so much is there to be given; it is read where it is not.
bool PlainTar::has(std::size_t size) {
  if (size > buffer_.size()) return false;
  if (begin_ + size > buffer_.size()) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= std::exchange(begin_, 0);
  }
  while (end_ - begin_ < size) {
    const auto came = read_(std::span(buffer_).subspan(end_));
    if (!came || *came == 0) return false;
    end_ += *came;
  }
  return true;
}

std::optional<PlainTar::File> PlainTar::next() {
  while (has(kBlock)) {
    const auto header = read_header(smbios::ByteView(rest()).text().substr(0, kBlock), name_);
    if (!header || header->size > buffer_.size()) return std::nullopt;
    const auto size = static_cast<std::size_t>(header->size);
    const std::size_t all = kBlock + (size + kBlock - 1) / kBlock * kBlock;
    if (!has(all)) return std::nullopt;
    const smbios::Bytes content = rest().subspan(kBlock, size);
    begin_ += all;
    if (!header->folder) return File{name_, content};
  }
  return std::nullopt;
}

}  // namespace dmigate::gate::audit
