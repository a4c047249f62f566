#include "gate/evidence/csv.h"

#include <algorithm>

namespace dmigate::gate {

bool ByteStream::fill() {
  constexpr std::size_t kPiece = 1U << 16U;
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (!state_) return false;
  buffer_.resize(kPiece);
  at_ = size_ = 0;
  // The first piece has the whole mark and something behind it, however few bytes come at once.
  do {
    auto read = read_(std::span(buffer_).subspan(size_));
    if (!read) state_ = Failure(read.error());
    if (!read || *read == 0) break;
    size_ += *read;
  } while (!begun_ && size_ <= kMark.size());
  if (!begun_ && std::string_view(buffer_.data(), size_).starts_with(kMark)) at_ = kMark.size();
  begun_ = true;
  return state_.has_value() && at_ < size_;
}

Result<bool> CsvReader::next(CsvRow& row) {
  const auto empty = [](const CsvCell& cell) { return cell.text.empty(); };
  do {
    if (bytes_.peek() == ByteStream::kEnd) {
      if (!bytes_.state()) return Failure(bytes_.state().error());
      return false;
    }
    read_row(row);
    if (!bytes_.state()) return Failure(bytes_.state().error());
  } while (row.wrong.empty() && std::ranges::all_of(row.cells, empty));
  return true;
}

int CsvReader::take() {
  const int byte = bytes_.take();
  if (byte == '\n') {
    place_ = {place_.line + 1, 1};
  } else if ((byte & 0xC0) != 0x80) {
    ++place_.column;
  }
  return byte;
}

void CsvReader::doubt(std::string_view why, CsvRow& row, Place where) {
  if (!row.wrong.empty()) return;
  row.wrong = why;
  row.where = where;
}

void CsvReader::keep(CsvRow& row, CsvCell& cell, int byte) {
  if (++size_ > kLongestRow) return doubt("this row is longer than 64 KiB", row, cell.place);
  cell.text += static_cast<char>(byte);
}

// A line ends with LF or CR LF; a CR alone belongs to its cell.
bool CsvReader::ends_cell() {
  const int next = bytes_.peek();
  if (separator_ == kUnknown && (next == ',' || next == ';' || next == '\t')) separator_ = next;
  return next == ByteStream::kEnd || next == '\n' || next == separator_;
}

void CsvReader::read_row(CsvRow& row) {
  row.wrong.clear();
  row.where = place_;
  size_ = 0;
  for (std::size_t count = 0;; ++count) {
    if (row.cells.size() <= count) row.cells.emplace_back();
    CsvCell& cell = row.cells[count];
    cell.text.clear();
    cell.place = place_;
    if (bytes_.peek() == '"') {
      read_quoted(row, cell);
    } else {
      read_plain(row, cell);
    }
    const int end = take();
    if (end != ByteStream::kEnd && end != '\n') continue;
    if (separator_ == kUnknown) separator_ = ',';
    row.cells.resize(count + 1);
    return;
  }
}

void CsvReader::read_plain(CsvRow& row, CsvCell& cell) {
  while (!ends_cell()) {
    if (bytes_.peek() == '"') doubt("a quote inside a cell that does not begin with one", row, place_);
    keep(row, cell, take());
  }
  if (bytes_.peek() == '\n' && cell.text.ends_with('\r')) cell.text.pop_back();
}

void CsvReader::read_quoted(CsvRow& row, CsvCell& cell) {
  take();
  for (;;) {
    if (bytes_.peek() == ByteStream::kEnd)
      return doubt("the quote that begins here has no end", row, cell.place);
    const int byte = take();
    if (byte == '"' && bytes_.peek() != '"') break;
    if (byte == '"') take();
    keep(row, cell, byte);
  }
  if (bytes_.peek() == '\r') {
    take();
    if (bytes_.peek() == '\n') return;
    doubt("text after the quote that ends its cell", row, place_);
  }
  if (ends_cell()) return;
  doubt("text after the quote that ends its cell", row, place_);
  while (!ends_cell()) take();
}

std::string csv_cell(std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  if (!formula && text.find_first_of(",;\"\r\n\t") == std::string_view::npos) return std::string(text);
  std::string quoted = formula ? "\"'" : "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace dmigate::gate
