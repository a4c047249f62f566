#include "line-integration/station/csv.h"

#include <algorithm>

namespace dmigate::line {
namespace {

using profiles::Mark;

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& file) : rest_(text), file_(file) {
    const std::size_t begin = text.find_first_not_of('\n');  // of the header
    const std::string_view header =
        begin == text.npos ? std::string_view() : text.substr(begin, text.find('\n', begin) - begin);
    const std::size_t at = header.find_first_of(",;\t");
    if (at != header.npos) separator_ = header[at];
  }

  Result<std::vector<std::vector<Cell>>> read() {
    while (!rest_.empty()) {
      auto row = read_row();
      if (!row) return Failure(row.error());
      const auto empty = [](const Cell& cell) { return cell.text.empty(); };
      if (std::ranges::all_of(*row, empty)) continue;
      if (!rows_.empty() && row->size() != rows_.front().size()) {
        return problem(row->front().mark, "this row has " + std::to_string(row->size()) +
                                              " cells, and the header has " +
                                              std::to_string(rows_.front().size()));
      }
      rows_.push_back(*std::move(row));
    }
    if (rows_.empty()) return problem({1, 1}, "there is no row in it");
    return std::move(rows_);
  }

 private:
  [[nodiscard]] Failure problem(const Mark& mark, std::string message) const {
    return Failure(profiles::to_error({profiles::Problem{file_, mark, std::move(message)}}));
  }

  char take() {
    const char c = rest_.front();
    if (c == '\n') {
      mark_ = {mark_.line + 1, 1};
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++mark_.column;
    }
    rest_.remove_prefix(1);
    return c;
  }

  Result<std::vector<Cell>> read_row() {
    std::vector<Cell> row;
    for (;;) {
      auto cell = rest_.starts_with('"') ? read_quoted() : read_plain();
      if (!cell) return Failure(cell.error());
      row.push_back(*std::move(cell));
      if (rest_.empty() || take() == '\n') return row;
    }
  }

  Result<Cell> read_plain() {
    Cell cell{{}, mark_};
    while (!rest_.empty() && rest_.front() != separator_ && rest_.front() != '\n') {
      if (rest_.front() == '"') return problem(mark_, "a quote inside a cell that does not begin with one");
      cell.text += take();
    }
    return cell;
  }

  Result<Cell> read_quoted() {
    Cell cell{{}, mark_};
    take();
    while (!rest_.empty()) {
      const char c = take();
      if (c != '"') {
        cell.text += c;
      } else if (rest_.starts_with('"')) {
        cell.text += take();
      } else if (rest_.empty() || rest_.front() == separator_ || rest_.front() == '\n') {
        return cell;
      } else {
        return problem(mark_, "text after the quote that ends its cell");
      }
    }
    return problem(cell.mark, "the quote that begins here has no end");
  }

  std::string_view rest_;
  const std::string& file_;
  char separator_ = ',';
  Mark mark_{1, 1};
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace

Result<std::vector<std::vector<Cell>>> parse_csv(std::string_view text, const std::string& file) {
  return CsvReader(text, file).read();
}

}  // namespace dmigate::line
