// How the agent asks: what it asks again, what it takes for an answer, and when it gives up. The world is the
// test's: nothing is sent and nobody waits.
#include <doctest/doctest.h>

#include <array>
#include <deque>

#include "line-integration/agent/agent.h"
#include "line-integration/agent/client.h"
#include "line-integration/agent/protocol.h"

using namespace dmigate;
using namespace dmigate::agent;
using std::chrono::milliseconds;
using Kind = HttpFailure::Kind;
using Posted = tl::expected<HttpAnswer, HttpFailure>;

namespace {

const std::string kToken = "dmg_" + std::string(43, 'q');

std::string header(const HttpQuestion& question, std::string_view name) {
  for (const auto& [key, value] : question.headers) {
    if (key == name) return value;
  }
  return {};
}

// The world of one question; answers are taken from a list, the last one for ever.
struct Scene {
  Settings settings{.address = *parse_address("https://line-server:8480"), .token = kToken, .ca = {}};
  std::deque<std::function<Posted(const HttpQuestion&)>> answers;
  std::vector<HttpQuestion> asked;
  std::vector<milliseconds> waits, limits;
  std::chrono::steady_clock::time_point time;
  std::uint8_t randoms = 0;
  bool has_random = true;
  bool interrupted = false;

  tl::expected<std::string, Trouble> ask(milliseconds patience = std::chrono::seconds(60)) {
    World world{.post =
                    [&](const HttpQuestion& question, milliseconds limit) {
                      asked.push_back(question);
                      limits.push_back(limit);
                      time += milliseconds(1);
                      const auto answer = answers.front();
                      if (answers.size() > 1) answers.pop_front();
                      return answer(question);
                    },
                .random = [&]() -> std::optional<Random32> {
                  if (!has_random) return std::nullopt;
                  Random32 bytes{};
                  bytes.fill(++randoms);
                  return bytes;
                },
                .now = [&] { return time; },
                .pause =
                    [&](milliseconds wait) {
                      waits.push_back(wait);
                      time += wait;
                    },
                .interrupted = [&] { return interrupted; }};
    return Client(settings, std::move(world)).ask(kCheck, "{}", patience);
  }
};

Posted bound(const HttpQuestion& question, unsigned status, const std::string& body) {
  return HttpAnswer{.status = status,
                    .body = body,
                    .binding = binding(kToken, {.target = question.target,
                                                .nonce = header(question, "Dmigate-Nonce"),
                                                .status = status,
                                                .question = question.body,
                                                .answer = body}),
                    .retry_after = {}};
}
auto says(unsigned status, const std::string& body = "{}") {
  return [=](const HttpQuestion& question) { return bound(question, status, body); };
}
auto unbound(unsigned status, const std::string& retry_after = {}) {
  return [=](const HttpQuestion&) -> Posted {
    return HttpAnswer{
        .status = status, .body = R"({"what": "PASS"})", .binding = {}, .retry_after = retry_after};
  };
}
auto fails(Kind kind) {
  return [=](const HttpQuestion&) -> Posted { return tl::unexpected(HttpFailure{kind, "so it is"}); };
}

}  // namespace

TEST_CASE("a bound answer is taken; the token and a nonce go with the question") {
  Scene scene{.answers = {says(200, "{\"a\": 1}")}};
  CHECK(scene.ask() == "{\"a\": 1}");
  REQUIRE(scene.asked.size() == 1);
  CHECK(header(scene.asked[0], "Authorization") == "Bearer " + kToken);
  const std::string nonce = header(scene.asked[0], "Dmigate-Nonce");
  CHECK(nonce.size() == 64);
  CHECK(nonce.find_first_not_of("0123456789abcdef") == nonce.npos);
}

TEST_CASE("what may pass is asked again, the same with another nonce, and ever more slowly") {
  Scene scene{.answers = {fails(Kind::kNotReached), fails(Kind::kNoAnswer), says(503), unbound(502),
                          says(429), says(500), says(504), says(200)}};
  CHECK(scene.ask());
  REQUIRE(scene.asked.size() == 8);
  for (std::size_t i = 1; i < scene.asked.size(); ++i) {
    CHECK(scene.asked[i].body == scene.asked[0].body);
    CHECK(header(scene.asked[i], "Dmigate-Nonce") != header(scene.asked[i - 1], "Dmigate-Nonce"));
  }
  CHECK(std::ranges::is_sorted(scene.waits));
  CHECK(scene.waits.back() > scene.waits.front());
}

TEST_CASE("the service says how long to wait, and patience ends it") {
  Scene scene{.answers = {unbound(503, "7"), says(200)}};
  CHECK(scene.ask());
  CHECK(scene.waits == std::vector<milliseconds>{std::chrono::seconds(7)});
  Scene longer{.answers = {unbound(503, "7")}};
  const auto blocked = longer.ask(std::chrono::seconds(5));
  REQUIRE_FALSE(blocked);
  CHECK(blocked.error().say == Say::kBusy);
  CHECK(longer.asked.size() == 1);
  Scene never{.answers = {fails(Kind::kNotReached)}};
  const auto start = never.time;
  CHECK(never.ask(std::chrono::seconds(30)).error().say == Say::kNotReached);
  CHECK(never.time - start <= std::chrono::seconds(30));
  for (const milliseconds limit : never.limits) CHECK(limit <= std::chrono::seconds(10));
  // At least once, however little patience there is.
  Scene once{.answers = {says(200)}};
  CHECK(once.ask(milliseconds(1)));
}

TEST_CASE("everything else is refused at once, and only a bound answer is quoted") {
  struct Row {
    std::function<Posted(const HttpQuestion&)> answer;
    Say say;
    int status;
  };
  const Row rows[] = {{unbound(200), Say::kNotBound, 3},
                      {unbound(302), Say::kNotBound, 3},
                      {says(201), Say::kNotBound, 3},
                      {says(204), Say::kNotBound, 3},
                      {says(100), Say::kNotBound, 3},
                      {unbound(401), Say::kTokenRefused, 2},
                      {says(403), Say::kTokenRefused, 2},
                      {unbound(404), Say::kRefused, 2},
                      {says(422), Say::kRefused, 2},
                      {says(501), Say::kRefused, 2},
                      {unbound(400), Say::kRefused, 2},
                      {says(409), Say::kNotPossible, 3},
                      {unbound(413), Say::kNotPossible, 3},
                      {fails(Kind::kCertificate), Say::kCertificate, 3},
                      {fails(Kind::kTooLarge), Say::kTooLarge, 3}};
  for (const Row& row : rows) {
    Scene scene{.answers = {row.answer}};
    const auto refused = scene.ask();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().say == row.say);
    CHECK(exit_status(refused.error()) == row.status);
    CHECK(scene.asked.size() == 1);
    CHECK(refused.error().detail.find("PASS") == std::string::npos);
  }
  Scene quoted{.answers = {says(422, R"({"what": "the profile is old", "advice": "load the new one"})")}};
  const Trouble trouble = quoted.ask().error();
  CHECK(trouble.detail == "422, the profile is old");
  CHECK(told(trouble, Language::kEnglish).advice == "load the new one");
}

TEST_CASE("nothing is asked without random numbers, and nothing again once somebody interrupts") {
  Scene scene{.answers = {says(200)}};
  scene.has_random = false;
  CHECK(scene.ask().error().say == Say::kNoRandom);
  CHECK(scene.asked.empty());
  Scene interrupted{.answers = {fails(Kind::kNoAnswer)}};
  interrupted.interrupted = true;
  CHECK_FALSE(interrupted.ask());
  CHECK(interrupted.asked.size() == 1);
}

TEST_CASE("an answer whose binding is off by anything at all is none") {
  const auto changed = [](const std::function<void(HttpAnswer&)>& change) {
    return [=](const HttpQuestion& question) -> Posted {
      HttpAnswer answer = *bound(question, 200, "{}");
      change(answer);
      return answer;
    };
  };
  for (std::size_t i = 0; i < 64; ++i) {
    Scene scene{.answers = {changed([i](HttpAnswer& answer) { answer.binding[i] ^= 1; })}};
    CHECK(scene.ask().error().say == Say::kNotBound);
  }
  for (const auto& change :
       std::vector<std::function<void(HttpAnswer&)>>{[](HttpAnswer& answer) { answer.binding.pop_back(); },
                                                     [](HttpAnswer& answer) { answer.binding += '0'; },
                                                     [](HttpAnswer& answer) { answer.binding.clear(); },
                                                     [](HttpAnswer& answer) { answer.binding[0] = 'G'; },
                                                     [](HttpAnswer& answer) { answer.body += ' '; }}) {
    Scene scene{.answers = {changed(change)}};
    CHECK(scene.ask().error().say == Say::kNotBound);
  }
}
