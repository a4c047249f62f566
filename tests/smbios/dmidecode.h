// dmidecode, the program: the oracle.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace dmigate::smbios::test {

// What the shell command prints on its standard output; standard error is dropped.
inline std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  REQUIRE(pipe);
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe.get()))
    text.append(part.data(), size);
  return text;
}

inline bool dmidecode_or_message() {
  const bool there = !output_of("command -v dmidecode 2>/dev/null || command -v /usr/sbin/dmidecode").empty();
  if (!there) MESSAGE("left out: dmidecode is not installed");
  return there;
}

// Runs dmidecode for each argument in turn in one shell: argument -> the lines it printed.
using Answers = std::map<std::string, std::vector<std::string>>;
inline Answers ask(const std::vector<std::string>& arguments) {
  std::string script = "PATH=$PATH:/usr/sbin:/sbin; export PATH; ";
  for (const std::string& argument : arguments) {
    script += "echo '==> " + argument + "'; dmidecode " + argument + " 2>/dev/null; ";
  }
  Answers answers;
  std::string current;
  std::istringstream lines(output_of(script));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("==> ")) {
      current = line.substr(4);
      answers[current] = {};
    } else if (!line.starts_with('#')) {  // a remark of dmidecode's
      answers[current].push_back(line);
    }
  }
  return answers;
}

// As dmidecode shows the bytes of a string.
inline std::string filtered(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '.';
  }
  return text;
}

}  // namespace dmigate::smbios::test
