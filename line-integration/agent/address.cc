#include "line-integration/agent/address.h"

#include <algorithm>
#include <charconv>

namespace dmigate::agent {
namespace {

constexpr std::string_view kNameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
constexpr std::string_view kAddressLetters = "0123456789abcdefABCDEF:.";

bool consists_of(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == text.npos;
}

// Decimal, of at most `digits` digits.
std::optional<unsigned> number(std::string_view text, std::size_t digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > digits) return std::nullopt;
  return value;
}

// 127.0.0.0/8, as four numbers: a name that only begins like it is a name.
bool is_loopback_number(std::string_view host) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part == 3 ? host.size() : host.find('.');
    if (dot == host.npos) return false;
    const auto value = number(host.substr(0, dot), 3);
    if (!value || *value > 255 || (part == 0 && *value != 127)) return false;
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  return host.empty();
}

}  // namespace

bool Address::is_loopback() const { return host == "localhost" || host == "::1" || is_loopback_number(host); }

std::optional<Address> parse_address(std::string_view url) {
  Address address{.tls = url.starts_with("https://")};
  if (!address.tls && !url.starts_with("http://")) return std::nullopt;
  url.remove_prefix(address.tls ? 8 : 7);
  if (url.ends_with('/')) url.remove_suffix(1);
  address.authority = url;
  address.port = address.tls ? 443 : 80;
  if (url.starts_with('[')) {
    const std::size_t end = url.find(']');
    if (end == url.npos || !consists_of(url.substr(1, end - 1), kAddressLetters)) return std::nullopt;
    address.host = url.substr(1, end - 1);
    url.remove_prefix(end + 1);
  } else {
    const std::size_t end = std::min(url.find(':'), url.size());
    if (!consists_of(url.substr(0, end), kNameLetters)) return std::nullopt;
    address.host = url.substr(0, end);
    url.remove_prefix(end);
  }
  if (url.empty()) return address;
  const auto port = url.starts_with(':') ? number(url.substr(1), 5) : std::nullopt;
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  address.port = static_cast<std::uint16_t>(*port);
  return address;
}

}  // namespace dmigate::agent
