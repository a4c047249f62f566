#include <windows.h>

#include "line-integration/agent/http.h"
// windows.h comes first
#include <winhttp.h>

#include <array>
#include <cstdio>
#include <memory>

#include "line-integration/capture/windows_text.h"

namespace dmigate::agent {
namespace {

using line::utf16;
using line::utf8;
using Clock = std::chrono::steady_clock;
using Kind = HttpFailure::Kind;

struct CloseInternet {
  void operator()(HINTERNET handle) const { ::WinHttpCloseHandle(handle); }
};
using Internet = std::unique_ptr<void, CloseInternet>;

tl::unexpected<HttpFailure> lost(Kind kind) {
  const DWORD error = ::GetLastError();
  const bool secure =
      (error >= ERROR_WINHTTP_SECURE_CERT_DATE_INVALID && error <= ERROR_WINHTTP_SECURE_INVALID_CERT) ||
      error == ERROR_WINHTTP_SECURE_FAILURE || error == ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE ||
      error == ERROR_WINHTTP_SECURE_CERT_REVOKED;
  return tl::unexpected(HttpFailure{secure ? Kind::kCertificate : kind, "WinHTTP " + std::to_string(error)});
}

std::string header(HINTERNET request, const wchar_t* name) {
  std::array<wchar_t, 256> value{};
  DWORD size = sizeof value - sizeof(wchar_t);
  if (::WinHttpQueryHeaders(request, WINHTTP_QUERY_CUSTOM, name, value.data(), &size,
                            WINHTTP_NO_HEADER_INDEX) == 0)
    return {};
  return utf8({value.data(), size / sizeof(wchar_t)});
}

// One request, against a deadline: every step gets what is left.
class Exchange {
 public:
  Exchange(const Address& address, std::chrono::milliseconds patience)
      : address_(address), deadline_(Clock::now() + patience) {}

  tl::expected<HttpAnswer, HttpFailure> post(const HttpQuestion& question) {
    session_.reset(::WinHttpOpen(L"dmigate-agent", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME,
                                 WINHTTP_NO_PROXY_BYPASS, 0));
    if (!session_) return lost(Kind::kNotReached);
    const int left = milliseconds_left();
    if (::WinHttpSetTimeouts(session_.get(), left, left, left, left) == 0) return lost(Kind::kNotReached);
    connection_.reset(::WinHttpConnect(session_.get(), utf16(address_.host).c_str(), address_.port, 0));
    if (!connection_) return lost(Kind::kNotReached);
    request_.reset(::WinHttpOpenRequest(connection_.get(), L"POST", utf16(question.target).c_str(), nullptr,
                                        WINHTTP_NO_REFERER, WINHTTP_DEFAULT_ACCEPT_TYPES,
                                        address_.tls ? WINHTTP_FLAG_SECURE : 0));
    if (!request_ || !forbid_help()) return lost(Kind::kNotReached);
    return send(question).and_then([&] { return receive(); });
  }

 private:
  [[nodiscard]] int milliseconds_left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 1));
  }

  // Nothing is done that was not asked for: no other address, no stored name and password.
  bool forbid_help() {
    DWORD never = WINHTTP_OPTION_REDIRECT_POLICY_NEVER;
    DWORD features = WINHTTP_DISABLE_REDIRECTS | WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_AUTHENTICATION;
    return ::WinHttpSetOption(request_.get(), WINHTTP_OPTION_REDIRECT_POLICY, &never, sizeof never) != 0 &&
           ::WinHttpSetOption(request_.get(), WINHTTP_OPTION_DISABLE_FEATURE, &features, sizeof features) !=
               0;
  }

  tl::expected<void, HttpFailure> send(const HttpQuestion& question) {
    std::wstring headers = L"Content-Type: application/json\r\nConnection: close\r\n";
    for (const auto& [name, value] : question.headers) headers += utf16(name + ": " + value + "\r\n");
    auto* const body = const_cast<char*>(question.body.data());
    const auto size = static_cast<DWORD>(question.body.size());
    if (::WinHttpSendRequest(request_.get(), headers.c_str(), static_cast<DWORD>(headers.size()), body, size,
                             size, 0) == 0)
      return lost(Kind::kNotReached);
    return {};
  }

  tl::expected<HttpAnswer, HttpFailure> receive() {
    if (!give_time() || ::WinHttpReceiveResponse(request_.get(), nullptr) == 0) return lost(Kind::kNoAnswer);
    HttpAnswer answer;
    DWORD status = 0;
    DWORD size = sizeof status;
    if (::WinHttpQueryHeaders(request_.get(), WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                              WINHTTP_HEADER_NAME_BY_INDEX, &status, &size, WINHTTP_NO_HEADER_INDEX) == 0)
      return lost(Kind::kNoAnswer);
    answer.status = status;
    answer.binding = header(request_.get(), L"Dmigate-Binding");
    answer.retry_after = header(request_.get(), L"Retry-After");
    for (;;) {
      std::array<char, 65536> part{};
      DWORD got = 0;
      // What comes too slowly, and what is cut off, is no answer: its binding would not hold either.
      if (Clock::now() >= deadline_) return tl::unexpected(HttpFailure{Kind::kNoAnswer, "timeout"});
      if (!give_time()) return lost(Kind::kNoAnswer);
      DWORD there = 0;
      if (::WinHttpQueryDataAvailable(request_.get(), &there) == 0) return lost(Kind::kNoAnswer);
      if (there == 0) return answer;
      const DWORD wanted = std::min<DWORD>(there, part.size());
      if (::WinHttpReadData(request_.get(), part.data(), wanted, &got) == 0) return lost(Kind::kNoAnswer);
      if (got == 0) return answer;
      answer.body.append(part.data(), got);
      if (answer.body.size() > kLargestAnswer) return tl::unexpected(HttpFailure{Kind::kTooLarge, {}});
    }
  }

  bool give_time() {
    auto left = static_cast<DWORD>(milliseconds_left());
    return ::WinHttpSetOption(request_.get(), WINHTTP_OPTION_RECEIVE_TIMEOUT, &left, sizeof left) != 0;
  }

  const Address& address_;
  Clock::time_point deadline_;
  Internet session_, connection_, request_;  // ended in the other order
};

}  // namespace

tl::expected<HttpAnswer, HttpFailure> post(const Address& address, const std::string& ca,
                                           const HttpQuestion& question, std::chrono::milliseconds patience) {
  // WinHTTP checks against the system's store and no other; a file that would not be looked at must not be
  // given.
  if (!ca.empty()) {
    return tl::unexpected(
        HttpFailure{Kind::kCertificate, "ca = " + ca + ": Windows: certutil -addstore Root"});
  }
  return Exchange(address, patience).post(question);
}

}  // namespace dmigate::agent
