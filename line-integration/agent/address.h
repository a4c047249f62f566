// Where the service is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dmigate::agent {

struct Address {
  bool tls = false;
  std::string host;       ///< a name or a number; an IPv6 address without its brackets
  std::string authority;  ///< as it was written: "[::1]:8480"
  std::uint16_t port = 0;

  // Whether what is sent there stays on this machine.
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string url() const { return (tls ? "https://" : "http://") + authority; }
};

// "https://HOST[:PORT][/]", or http. None for anything else: a path, a name and password, a blank.
std::optional<Address> parse_address(std::string_view url);

}  // namespace dmigate::agent
