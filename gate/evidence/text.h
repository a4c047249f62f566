// Bytes, files and times as text.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dmigate::gate {

// Valid UTF-8: what is not is shown as \xNN; control characters stay. For JSON, which escapes those.
std::string valid_utf8(std::string_view bytes);
// Valid UTF-8 that shows every byte: control characters and what is not UTF-8 as \xNN.
std::string printable(std::string_view bytes);

// A text file of any Windows program as UTF-8 with '\n' at the ends of its lines: UTF-16 with a byte
// order mark, UTF-8 with or without one, CRLF and the CR CR LF that wmic writes into a pipe. What is not
// valid is shown as \xNN, or as U+FFFD. None when it holds a NUL: that is no text.
std::optional<std::string> plain_text(std::string_view bytes);

// Without the blanks at its ends (ASCII).
std::string_view trimmed(std::string_view text);

// "2026-11-20T05:00:00.123Z"
std::string utc_text(std::chrono::system_clock::time_point time);

// What RFC 3339 writes, to the millisecond: "2022-09-06T13:21:54+30:00" is 2022-09-05T07:21:54Z. Offsets
// go to 99:59, since a tool of plants prints such; years from 1950 to 2200. None for anything else.
std::optional<std::chrono::system_clock::time_point> parse_instant(std::string_view text);

}  // namespace dmigate::gate
