#include "line-integration/agent/client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <thread>

#include "gate/evidence/members.h"
#include "line-integration/agent/protocol.h"

namespace dmigate::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOneTry = std::chrono::seconds(10);  // an answer that took longer was lost
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause = std::chrono::seconds(2);

// What a try ended with: an answer, or a trouble that may pass.
struct Tried {
  Trouble trouble;
  bool again = false;
  milliseconds wait{0};  ///< the service said how long
};

std::string word(const boost::json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object == nullptr ? std::string() : gate::word(*object, name);
}

Tried failed_try(const HttpFailure& failure) {
  switch (failure.kind) {
    case HttpFailure::Kind::kNotReached:
      return {{Say::kNotReached, failure.detail}, true};
    case HttpFailure::Kind::kNoAnswer:
      return {{Say::kNoAnswer, failure.detail}, true};
    case HttpFailure::Kind::kCertificate:
      return {{Say::kCertificate, failure.detail}};
    case HttpFailure::Kind::kTooLarge:
      break;
  }
  return {{Say::kTooLarge, {}}};
}

milliseconds seconds_in(const std::string& text) {
  unsigned seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::min(seconds, 3600U));
}

struct StatusRow {
  unsigned status;
  Say say;
  bool again = false;
};
// docs/service.md, "Other answers". Any other status is no answer of a service.
constexpr StatusRow kStatuses[] = {
    {400, Say::kRefused},    {401, Say::kTokenRefused}, {403, Say::kTokenRefused}, {404, Say::kRefused},
    {405, Say::kRefused},    {409, Say::kNotPossible},  {413, Say::kNotPossible},  {422, Say::kRefused},
    {429, Say::kBusy, true}, {431, Say::kNotPossible},  {500, Say::kBusy, true},   {501, Say::kRefused},
    {502, Say::kBusy, true}, {503, Say::kBusy, true},   {504, Say::kBusy, true},
};

// Of an answer that is not 200. Only of a bound one are the words repeated: others are a stranger's.
Tried refused_try(const HttpAnswer& answer, bool bound, const std::string& url) {
  const auto* row = std::ranges::find(kStatuses, answer.status, &StatusRow::status);
  if (row == std::end(kStatuses)) return {{Say::kNotBound, url}};
  Tried tried{.trouble = {row->say, std::to_string(answer.status)},
              .again = row->again,
              .wait = seconds_in(answer.retry_after)};
  if (!bound) return tried;
  boost::system::error_code error;
  const auto said = boost::json::parse(answer.body, error);
  if (const std::string what = error ? "" : word(said, "what"); !what.empty()) {
    tried.trouble.detail += ", " + what;
    tried.trouble.advice = word(said, "advice");
  }
  return tried;
}

}  // namespace

World real_world(const Settings& settings) {
  return {.post =
              [&settings](const HttpQuestion& question, milliseconds patience) {
                return post(settings.address, settings.ca, question, patience);
              },
          .pause = [](milliseconds time) { std::this_thread::sleep_for(time); }};
}

tl::expected<std::string, Trouble> Client::ask(std::string_view target, const std::string& body,
                                               milliseconds patience) {
  const auto deadline = world_.now() + patience;
  const auto left = [&] { return std::chrono::duration_cast<milliseconds>(deadline - world_.now()); };
  for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    const auto random = world_.random();
    if (!random) return tl::unexpected(Trouble{Say::kNoRandom, {}});
    const std::string nonce = to_hex(*random);
    const HttpQuestion question{
        .target = std::string(target),
        .body = body,
        .headers = {{"Authorization", "Bearer " + settings_.token}, {"Dmigate-Nonce", nonce}}};
    auto answer = world_.post(question, std::clamp(left(), milliseconds(1), kOneTry));
    const bool bound = answer && answer->binding == binding(settings_.token, {.target = target,
                                                                              .nonce = nonce,
                                                                              .status = answer->status,
                                                                              .question = body,
                                                                              .answer = answer->body});
    if (bound && answer->status == 200) return std::move(answer->body);
    const std::string url = settings_.address.url();
    Tried tried = !answer                 ? failed_try(answer.error())
                  : answer->status == 200 ? Tried{{Say::kNotBound, url}}
                                          : refused_try(*answer, bound, url);
    const milliseconds wait = std::max(pause, tried.wait);
    if (!tried.again || wait >= left() || world_.interrupted())
      return tl::unexpected(std::move(tried.trouble));
    world_.pause(wait);
  }
}

}  // namespace dmigate::agent
