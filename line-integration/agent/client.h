// Asking the service until there is an answer that counts, or no more patience.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "line-integration/agent/crypto.h"
#include "line-integration/agent/http.h"
#include "line-integration/agent/settings.h"

namespace dmigate::agent {

// The world, as far as asking needs it.
struct World {
  std::function<tl::expected<HttpAnswer, HttpFailure>(const HttpQuestion&, std::chrono::milliseconds)> post;
  std::function<std::optional<Random32>()> random = random_bytes;
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
  std::function<void(std::chrono::milliseconds)> pause;
  std::function<bool()> interrupted = [] { return false; };  ///< somebody wants it to end
};
World real_world(const Settings& settings);

class Client {
 public:
  Client(const Settings& settings, World world) : settings_(settings), world_(std::move(world)) {}

  // The body of the answer, status 200, bound to this question. A question whose answer was lost, or that the
  // service could not answer just then, is asked again, the same with a new nonce, while patience lasts.
  // Everything else is refused at once.
  tl::expected<std::string, Trouble> ask(std::string_view target, const std::string& body,
                                         std::chrono::milliseconds patience);

 private:
  const Settings& settings_;
  World world_;
};

}  // namespace dmigate::agent
