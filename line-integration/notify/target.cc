#include "line-integration/notify/target.h"

#include <algorithm>
#include <charconv>

namespace dmigate::line {
namespace {

constexpr std::string_view kExample = "write it as http://HOST:PORT/PATH";

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

// What stands behind "http://".
Result<Target> parse_address(std::string_view rest, const std::string& whole) {
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (!std::ranges::all_of(rest, visible)) {
    return refuse("an address has no blanks, and nothing but ASCII", whole, std::string(kExample));
  }
  Target target;
  const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  target.authority = rest.substr(0, slash);
  target.path = rest.substr(slash, rest.find('#', slash) - slash);
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  std::string_view host = target.authority;
  if (host.find('@') != host.npos) {
    return refuse(
        "a name and password do not go into the address", whole,
        "have the MES take events from this station without them, or name a command that knows them");
  }
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  const std::size_t colon = bracket == host.npos ? host.npos : host.find(':', bracket);
  target.port = colon == host.npos ? "80" : std::string(host.substr(colon + 1));
  host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  target.host = host;
  if (target.host.empty() || target.host.find_first_of("[]") != std::string::npos || !is_port(target.port)) {
    return refuse("this address names no host and port", whole, std::string(kExample));
  }
  return target;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  const std::string whole(text);
  if (text.starts_with("http://")) return parse_address(text.substr(7), whole);
  if (text.starts_with("https://")) {
    return refuse("events are sent by plain HTTP, and not by https", whole,
                  "use http:// within the plant's network, or a command that speaks https");
  }
  if (text.find("://") != text.npos) {
    return refuse("events go to a command or to an http:// address", whole, std::string(kExample));
  }
  Target target;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == text.npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    target.command.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
  if (target.command.empty())
    return refuse("whom to notify is empty", {}, "name a command, or an http:// address");
  return target;
}

}  // namespace dmigate::line
