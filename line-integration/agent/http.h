// One HTTP request to the service, and its answer: Beast and OpenSSL on Linux, WinHTTP on Windows. No
// redirect is followed, no proxy asked, nothing kept from one request to the next.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "line-integration/agent/address.h"

namespace dmigate::agent {

struct HttpQuestion {
  std::string target;  ///< "/v1/check"
  std::string body;    ///< JSON
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;         ///< whole
  std::string binding;      ///< header Dmigate-Binding; empty: there is none
  std::string retry_after;  ///< header Retry-After
};

struct HttpFailure {
  enum class Kind : unsigned char {
    kNotReached,   ///< no connection
    kCertificate,  ///< it is not the service's, or cannot be checked
    kNoAnswer,     ///< none came in time, or not the whole of it
    kTooLarge,     ///< than kLargestAnswer
  } kind;
  std::string detail;  ///< the system's words
};

inline constexpr std::size_t kLargestAnswer = 8U << 20U;  ///< bytes of a body

// `ca`: PEM file with the certificate itself, or with who signed it; empty: the system's. Both the signature
// and the host's name are checked.
tl::expected<HttpAnswer, HttpFailure> post(const Address& address, const std::string& ca,
                                           const HttpQuestion& question, std::chrono::milliseconds patience);

}  // namespace dmigate::agent
