#include "gate/registry/place.h"

#include <algorithm>

namespace dmigate::gate {
namespace {

constexpr std::string_view kMask = "***";
// Of what follows the question mark, only these are shown.
constexpr std::string_view kHarmless[] = {
    "host", "hostaddr", "port", "dbname", "service", "sslmode", "target_session_attrs"};

// Takes what stands before the sign off `rest`, and the sign.
std::string_view take(std::string_view& rest, char sign) {
  const std::size_t end = std::min(rest.find(sign), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// "user:secret/db" lacks its host, and its password stands where ports do.
bool has_strange_port(std::string_view servers) {
  while (!servers.empty()) {
    std::string_view server = take(servers, ',');
    server.remove_prefix(server.rfind(']') + 1);  // npos: 0
    take(server, ':');
    if (!std::ranges::all_of(server, [](char c) { return c >= '0' && c <= '9'; })) return true;
  }
  return false;
}

std::string shown_query(std::string_view query) {
  std::string shown;
  while (!query.empty()) {
    const std::string_view parameter = take(query, '&');
    std::string_view rest = parameter;
    if (std::ranges::find(kHarmless, take(rest, '=')) == std::end(kHarmless)) continue;
    shown += (shown.empty() ? "?" : "&") + std::string(parameter);
  }
  return shown;
}

}  // namespace

bool is_url(std::string_view place) { return place.find("://") != place.npos; }

bool is_postgres_url(std::string_view place) {
  return place.starts_with("postgresql://") || place.starts_with("postgres://");
}

bool is_plain_url(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  const std::size_t at = url.find('@');
  if (at != url.rfind('@')) return false;
  if (at != url.npos && url.substr(0, at).find_first_of("/?") != url.npos) return false;
  const std::string_view servers = url.substr(at + 1);  // npos: all of it
  return !has_strange_port(servers.substr(0, servers.find_first_of("/?")));
}

std::string shown_place(const std::string& place) {
  if (!is_url(place)) return place;
  std::string shown = place.substr(0, place.find("://") + 3);
  if (!is_plain_url(place)) return shown + std::string(kMask);
  std::string_view query = std::string_view(place).substr(shown.size());
  std::string_view path = take(query, '?');
  if (path.find('@') != path.npos) {
    std::string_view user = take(path, '@');
    shown += take(user, ':');
    shown += (user.empty() ? "" : ":" + std::string(kMask)) + "@";
  }
  return shown + std::string(path) + shown_query(query);
}

}  // namespace dmigate::gate
