#include "line-integration/service/http.h"

#include <algorithm>

namespace dmigate::service {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// %XX; in a form also + for a blank.
std::optional<std::string> decoded(std::string_view text, bool form) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && form) {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      plain += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return plain;
}

}  // namespace

std::optional<std::map<std::string, std::string>> parse_form(std::string_view text) {
  std::map<std::string, std::string> members;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    auto name = decoded(part.substr(0, equals), true);
    auto value = decoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value || !members.emplace(*std::move(name), *std::move(value)).second) return std::nullopt;
  }
  return members;
}

bool parse_target(std::string_view target, HttpRequest& request) {
  if (!target.starts_with('/')) return false;
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto query = parse_form(target.substr(std::min(mark + 1, target.size())));
  if (!query) return false;
  request.query = *std::move(query);
  std::string_view path = target.substr(1, mark - 1);
  request.path.clear();
  for (;;) {
    const std::size_t slash = path.find('/');
    auto segment = decoded(path.substr(0, slash), false);
    if (!segment) return false;
    request.path.push_back(*std::move(segment));
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace dmigate::service
