// What a program of ours says on its standard streams, and what it then ends with.
#pragma once

#include <string>
#include <string_view>

#include "gate/judge/messages.h"
#include "smbios/result.h"

namespace dmigate::cli {

// A stream that is closed would be the next file's number, and that file would get what is printed. One
// that can only be read takes its place, so that printing fails. And it fails by errno where the reader
// has gone: a signal would end dmigate without a word.
void keep_standard_streams();

// Results that did not reach their reader are no results: a full disk or a closed pipe is ERROR. Otherwise
// the exit status is `status`. What was written to stdout before counts, too.
// `recorded`: the registry has it, where it can be asked for.
int print(const std::string& text, int status, gate::Language language, bool recorded = false);

// Paths and other words of the caller's may hold what steers a terminal; lines stay lines.
void print_error(std::string_view text);

int complain(const Error& error, gate::Language language);

}  // namespace dmigate::cli
