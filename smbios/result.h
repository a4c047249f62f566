// Result<T>: a value, or an Error that says what happened, where, and what to do.
//
// Errors are values up to the command line. Exceptions stay inside the libraries that throw them.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace dmigate {

// Why an Error came about; the command line maps it to an exit status (cli/exit_status.h).
enum class ErrorKind : unsigned char {
  kUnjudgeable,    ///< the unit, a file of it, or the registry could not be read or written
  kConfiguration,  ///< wrong usage, or a profile, tool or station file that does not hold
  kConflict,       ///< another transaction was in the way: nothing was written, and it may be run again
  kUncertain,      ///< the answer to a commit was lost: whether it was written is not known yet
};

// All three texts are plain sentences or parts of one, UTF-8, without a final full stop.
struct Error {
  std::string what;    ///< what happened: "the table ends inside structure 0x0012"
  std::string where;   ///< where: a path, file:line:column, or an SQL step; may be empty
  std::string advice;  ///< what to do about it; may be empty
  ErrorKind kind = ErrorKind::kUnjudgeable;

  // "WHERE: WHAT; ADVICE", leaving out what is empty.
  [[nodiscard]] std::string to_string() const {
    std::string text = where.empty() ? what : where + ": " + what;
    if (!advice.empty()) text += "; " + advice;
    return text;
  }
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

// return fail("the file is empty", path, "read the table again");
inline Failure fail(std::string what, std::string where = {}, std::string advice = {},
                    ErrorKind kind = ErrorKind::kUnjudgeable) {
  return Failure(Error{std::move(what), std::move(where), std::move(advice), kind});
}

// The same where what was given cannot be used: wrong usage, or a file of the plant's that does not hold.
inline Failure refuse(std::string what, std::string where, std::string advice) {
  return fail(std::move(what), std::move(where), std::move(advice), ErrorKind::kConfiguration);
}

}  // namespace dmigate
