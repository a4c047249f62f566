#include "line-integration/agent/windows_words.h"

#include <algorithm>

namespace dmigate::agent {
namespace {

// In quotes; backslashes count twice before a quote, and only there.
std::string quoted(const std::string& word) {
  std::string text = "\"";
  std::size_t backslashes = 0;
  for (const char c : word) {
    if (c == '"') text.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    text += c;
  }
  return text.append(backslashes, '\\') + "\"";
}

bool is_plain(const std::string& word) {
  return std::ranges::all_of(word, [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && std::string("\"%&|<>^!").find(c) == std::string::npos;
  });
}

}  // namespace

std::string program_line(const std::string& program, const std::vector<std::string>& words) {
  std::string line = "\"" + program + "\"";  // a path has no quotes, and its backslashes are no escapes
  for (std::size_t i = 1; i < words.size(); ++i) line += " " + quoted(words[i]);
  return line;
}

std::string script_line(const std::string& script, const std::vector<std::string>& words) {
  std::string line = "cmd.exe /d /s /c \"\"" + script + "\"";
  for (std::size_t i = 1; i < words.size(); ++i) line += " \"" + words[i] + "\"";
  return line + "\"";
}

bool may_stand_in_script_line(const std::string& script, const std::vector<std::string>& words) {
  return is_plain(script) && std::ranges::all_of(words, is_plain);
}

}  // namespace dmigate::agent
