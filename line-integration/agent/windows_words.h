// A Windows program gets its arguments as one line, and takes it apart itself. Pure, UTF-8.
#pragma once

#include <string>
#include <vector>

namespace dmigate::agent {

// The line from which CommandLineToArgvW makes `program` and `words` without their first.
std::string program_line(const std::string& program, const std::vector<std::string>& words);

// The line with which cmd.exe runs a batch file. cmd.exe takes it apart by other rules, which nothing quotes
// safely: what stands in it must be free of their signs.
// REQUIRES: may_stand_in_script_line().
std::string script_line(const std::string& script, const std::vector<std::string>& words);
bool may_stand_in_script_line(const std::string& script, const std::vector<std::string>& words);

}  // namespace dmigate::agent
