// CSV as plants export it (RFC 4180, and what Excel makes of it), row by row, with places.
//
//   CsvReader reader(read);
//   CsvRow row;
//   for (auto more = reader.next(row); …; more = reader.next(row)) …
//
// Files of any length are held a row at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/result.h"

namespace dmigate::gate {

// Puts the next bytes into the span and says how many; 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(std::span<char> into)>;

// Bytes one at a time, in large pieces from where they come from; a byte order mark at their start (UTF-8)
// is left out.
class ByteStream {
 public:
  static constexpr int kEnd = -1;  ///< after the last byte, and after a failure
  explicit ByteStream(ReadBytes read) : read_(std::move(read)) {}
  int peek() { return at_ < size_ || fill() ? static_cast<unsigned char>(buffer_[at_]) : kEnd; }
  int take() {
    const int next = peek();
    if (next != kEnd) ++at_;
    return next;
  }
  [[nodiscard]] const Result<void>& state() const { return state_; }  ///< how reading went so far

 private:
  bool fill();
  ReadBytes read_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, size_ = 0;
  bool begun_ = false;
  Result<void> state_;
};

struct Place {
  std::uint64_t line = 1, column = 1;  ///< from 1; columns in characters
};

struct CsvCell {
  std::string text;  ///< quotes resolved, blanks kept, any bytes
  Place place;
};

struct CsvRow {
  std::vector<CsvCell> cells;
  std::string wrong;  ///< why it cannot be read; empty where it can
  Place where;        ///< of that, else of the row's first cell
};

class CsvReader {
 public:
  static constexpr std::size_t kLongestRow = 1U << 16U;  ///< bytes; a longer one is `wrong`

  explicit CsvReader(ByteStream& bytes) : bytes_(bytes) {}

  // The next row that has anything in it; false at the end. Fails as the bytes' source does. The first row
  // says what separates its cells and those of all others: a comma, semicolon or tab, whichever comes first.
  Result<bool> next(CsvRow& row);

 private:
  void read_row(CsvRow& row);
  void read_quoted(CsvRow& row, CsvCell& cell);
  void read_plain(CsvRow& row, CsvCell& cell);
  void keep(CsvRow& row, CsvCell& cell, int byte);
  static void doubt(std::string_view why, CsvRow& row, Place where);
  bool ends_cell();
  int take();

  ByteStream& bytes_;
  static constexpr int kUnknown = -2;
  int separator_ = kUnknown;
  Place place_;
  std::size_t size_ = 0;  ///< of the row so far
};

// A cell of a file for spreadsheets: quoted where it must be; what a spreadsheet would take for a formula has
// an apostrophe before it, since units' strings are not to be trusted.
std::string csv_cell(std::string_view text);

}  // namespace dmigate::gate
