// Whom the plant wants told: a program, or an HTTP address of its MES.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "smbios/result.h"

namespace dmigate::line {

struct Target {
  std::vector<std::string> command;  ///< program and arguments; empty: it is an address
  std::string host, port, path;      ///< of http://HOST[:PORT][/PATH]; the host without brackets
  std::string authority;             ///< "mes:8080": the Host header
};

// "http://mes:8080/events", or a program with its arguments, separated by blanks (no shell reads them).
// Fails (kConfiguration) on another scheme, https among them, and on what is neither.
Result<Target> parse_target(std::string_view text);

}  // namespace dmigate::line
