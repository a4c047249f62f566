// The parts of the service by themselves: time limits of the listener, TLS, readers that do not keep up, what
// a token becomes.
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "line-integration/service/binding.h"
#include "line-integration/service/events.h"
#include "line-integration/service/figures.h"
#include "line-integration/service/listener.h"
#include "line-integration/service/workers.h"
#include "tests/line-integration/service_client.h"

using namespace dmigate;
using namespace dmigate::service;
using namespace std::chrono_literals;

namespace {

// Answers every request with its body, after it was let go on.
class Echo : public Handler {
 public:
  std::optional<HttpAnswer> admit(HttpRequest&) override { return std::nullopt; }
  std::uint64_t most_bytes(const HttpRequest&) override { return 1000; }
  void handle(HttpRequest request, Reply reply) override {
    if (request.path.front() == "events") return reply({.type = "text/event-stream", .events = reader});
    reply({.body = request.body});
  }
  HttpAnswer refuse(unsigned status, const HttpRequest&) override {
    return {.status = status, .close = true};
  }
  std::shared_ptr<Reader> reader = std::make_shared<Reader>("");
};

struct Listening {
  Echo echo;
  std::unique_ptr<Listener> listener;
  std::thread thread;

  explicit Listening(ListenerOptions options) {
    options.port = 0;
    auto opened = Listener::open(options, echo);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    listener = *std::move(opened);
    url = listener->url();
    thread = std::thread([this] { listener->run([](const auto&) {}, [] {}); });
  }
  ~Listening() {
    ::kill(::getpid(), SIGTERM);
    thread.join();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  [[nodiscard]] std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  std::string url;
};

// A certificate for localhost that is valid from and to so many seconds from now.
void write_certificate(const std::string& certificate, const std::string& key, long from, long to) {
  EVP_PKEY* pair = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  REQUIRE((pair != nullptr && x509 != nullptr));
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), from);
  X509_gmtime_adj(X509_getm_notAfter(x509), to);
  X509_set_pubkey(x509, pair);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(x509, name);
  REQUIRE(X509_sign(x509, pair, EVP_sha256()) != 0);
  std::FILE* file = std::fopen(certificate.c_str(), "w");
  REQUIRE(PEM_write_X509(file, x509) == 1);
  std::fclose(file);
  file = std::fopen(key.c_str(), "w");
  REQUIRE(PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  std::fclose(file);
  X509_free(x509);
  EVP_PKEY_free(pair);
}

}  // namespace

TEST_CASE("who is too slow with a head or a body is cut off, and who keeps to it is answered") {
  const Listening listening({.idle = 300ms, .body = 300ms, .drain = 1s});
  test::Line silent(listening.port()), head(listening.port()), body(listening.port());
  head.say("GET / HTTP/1.1\r\nX: ");
  body.say("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
  CHECK(silent.ended());
  CHECK(head.ended());
  CHECK(body.ended());
  test::Line good(listening.port());
  for (const char* said : {"one", "two"}) {
    good.say("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n" + std::string(said));
    CHECK(good.hear().body == said);
  }
}

TEST_CASE("who takes all places and says nothing gives way, the longest silent first") {
  const Listening listening({.most_connections = 3, .drain = 1s});
  const auto ask = [](test::Line& line) {
    line.say("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nok");
    return line.hear().body;
  };
  test::Line used(listening.port());
  CHECK(ask(used) == "ok");
  test::Line silent(listening.port()), half(listening.port());
  half.say("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\no");
  // Who is not taken yet has not been silent yet.
  while (listening.listener->connections() < 3) std::this_thread::yield();
  CHECK(ask(used) == "ok");  // it spoke last
  test::Line one(listening.port());
  CHECK(ask(one) == "ok");
  CHECK(silent.ended());
  test::Line two(listening.port());
  CHECK(ask(two) == "ok");
  CHECK(half.ended());
  CHECK(ask(used) == "ok");
}

TEST_CASE("a body in pieces, with a wait for it, and one that is too long") {
  const Listening listening({.drain = 1s});
  test::Line pieces(listening.port());
  pieces.say("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(pieces.hear().body == "abcde");
  test::Line asks(listening.port());
  asks.say("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(asks.hear_until("\r\n\r\n").starts_with("HTTP/1.1 100 "));
  asks.say("ok");
  CHECK(asks.hear().body == "ok");
  test::Line said(listening.port()), grown(listening.port());
  said.say("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  CHECK(said.hear().status == 413);
  grown.say("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) grown.say("64\r\n" + std::string(100, 'x') + "\r\n");
  CHECK(grown.hear().status == 413);
  test::Line pipelined(listening.port());
  pipelined.say("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\naPOST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nb");
  CHECK(pipelined.hear().body == "a");
  CHECK(pipelined.hear().body == "b");
}

TEST_CASE(
    "bodies that come slowly take no more memory than there is for all, and make room when they are "
    "answered") {
  const Listening listening({.most_in_flight = 2000, .drain = 1s});
  const auto head = [](const std::string& length) { return "POST / HTTP/1.1\r\n" + length + "\r\n\r\n"; };
  const std::string told = "Content-Length: 1000", untold = "Transfer-Encoding: chunked";
  test::Line one(listening.port()), two(listening.port());
  one.say(head(told) + "first.");
  two.say(head("Expect: 100-continue\r\n" + untold));
  two.hear_until("\r\n\r\n");  // its head is there
  test::Line good(listening.port());
  // Until the first one's head is there as well, a small one finds room.
  const auto ask = [&](test::Line& line) {
    line.say(head("Content-Length: 1") + "x");
    return line.hear();
  };
  auto refused = ask(good);
  while (refused.status == 200) refused = ask(good);
  CHECK(refused.status == 503);
  CHECK(good.ended());
  for (const std::string& length : {told, untold}) {
    test::Line more(listening.port());
    more.say(head(length));
    CHECK(more.hear().status == 503);
  }
  test::Line none(listening.port());
  none.say("GET / HTTP/1.1\r\n\r\n");  // no body, no room
  CHECK(none.hear().status == 200);
  one.say(std::string(1000 - 6, 'x'));
  CHECK(one.hear().body.size() == 1000);
  test::Line after(listening.port());
  CHECK(ask(after).body == "x");
}

TEST_CASE("a stream of events goes on with signs of life until it ends") {
  Listening listening({.keepalive = 50ms, .drain = 1s});
  test::Line reads(listening.port());
  reads.say("GET /events HTTP/1.1\r\n\r\n");
  reads.hear_until(": here\n\n");
  CHECK(reads.hear_until("\n\n") == ": still here\n\n");
  listening.echo.reader->push(std::make_shared<const std::string>("data: 1\n\n"));
  std::string heard;
  while ((heard = reads.hear_until("\n\n")) == ": still here\n\n") {
  }
  CHECK(heard == "data: 1\n\n");
  listening.echo.reader->end();
  while (!reads.hear_until("\n\n").empty()) {
  }
  CHECK(reads.ended());
}

TEST_CASE("a reader that does not keep up is let go, and the others read on") {
  Hub hub;
  const auto slow = std::make_shared<Reader>(""), quick = std::make_shared<Reader>("S1"),
             other = std::make_shared<Reader>("S2");
  for (const auto& reader : {slow, quick, other}) hub.add(reader);
  int read = 0;
  for (int i = 0; i < 1000; ++i) {
    hub.publish("S1", std::to_string(i), "record", "{}");
    if (const Line line = quick->pop())
      read += line->starts_with("id: " + std::to_string(i) + "\nevent: record\ndata: {}\n") ? 1 : 0;
  }
  CHECK(read == 1000);
  CHECK(slow->ended());
  CHECK_FALSE(quick->ended());
  CHECK(other->pop() == nullptr);
  CHECK(hub.readers() == 2);
}

TEST_CASE("work that has no place in the queue is not taken, and what was taken is done") {
  std::atomic<int> done = 0;
  std::mutex gate;
  gate.lock();
  int taken = 0;
  {
    Workers workers(1, 3);
    for (int i = 0; i < 10; ++i) {
      taken += workers.take([&] {
        const std::lock_guard wait(gate);
        ++done;
      })
                   ? 1
                   : 0;
    }
    CHECK(taken >= 3);
    CHECK(taken <= 4);
    gate.unlock();
  }
  CHECK(done == taken);
}

TEST_CASE(
    "TLS by a certificate that holds; one that has expired, is of tomorrow, or of another key is refused") {
  const TemporaryFolder folder;
  struct Row {
    const char* name;
    long from, to;
    bool holds;
  };
  for (const Row& row :
       {Row{"good", -10, 3600, true}, Row{"old", -7200, -3600, false}, Row{"early", 3600, 7200, false}}) {
    CAPTURE(row.name);
    const std::string certificate = folder / (std::string(row.name) + ".pem"),
                      key = folder / (std::string(row.name) + ".key");
    write_certificate(certificate, key, row.from, row.to);
    Echo echo;
    const auto opened = Listener::open({.port = 0, .certificate = certificate, .key = key}, echo);
    CHECK(opened.has_value() == row.holds);
    if (opened) CHECK((*opened)->url().starts_with("https://127.0.0.1:"));
  }
  Echo echo;
  CHECK_FALSE(
      Listener::open({.port = 0, .certificate = folder / "good.pem", .key = folder / "old.key"}, echo));
  write_file(folder / "none.pem", "no certificate");
  CHECK_FALSE(
      Listener::open({.port = 0, .certificate = folder / "none.pem", .key = folder / "good.key"}, echo));
}

TEST_CASE("a token has two values, and an answer is bound by one of them") {
  // Made with Python's hmac and hashlib.
  const std::string token = "dmg_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  CHECK(make_token(bytes) == token);
  CHECK(has_token_form(token));
  CHECK_FALSE(has_token_form(token + "A"));
  CHECK_FALSE(has_token_form("dmg_" + std::string(42, 'A') + "="));
  CHECK(to_hex(recognise(token)) == "924cc9314c65e6d589f42524d30c24a0cc5dc7a877035eff5f75ae8e921876fb");
  CHECK(to_hex(bind_key(token)) == "af20b7966fe6680517694e7088e00d973f9d9017e2d1b2cd89b40986198df99a");
  const Exchange exchange{
      .method = "POST",
      .target = "/v1/check",
      .nonce = std::string_view("00000000000000000000000000000000000000000000000000000000000000ff"),
      .status = 200,
      .question = "question",
      .answer = "answer"};
  CHECK(binding(bind_key(token), exchange) ==
        "f2e1c2b164248cbd772e2ba48434f5169e7fb14dc8ecda94bea010b8c011cc10");
  CHECK(is_nonce(exchange.nonce));
  CHECK_FALSE(is_nonce("00000000000000000000000000000000000000000000000000000000000000FF"));
}

TEST_CASE("targets and forms are taken apart, or refused") {
  HttpRequest request;
  CHECK(parse_target("/v1/units/A%2FB%20C?x=1&y=%26+z", request));
  CHECK(request.path == std::vector<std::string>{"v1", "units", "A/B C"});
  CHECK(request.query == std::map<std::string, std::string>{{"x", "1"}, {"y", "& z"}});
  CHECK(parse_target("/", request));
  CHECK(request.path == std::vector<std::string>{""});
  for (const char* bad : {"", "x", "/%", "/%4", "/%g1", "/?a=%zz", "/?a=1&a=2"})
    CHECK_FALSE(parse_target(bad, request));
}

TEST_CASE("the day's figures count each unit once, by its first and its last visit") {
  Figures figures;
  const auto midnight = midnight_of(std::chrono::system_clock::now());
  figures.begin_day(midnight);
  const std::string now = gate::utc_text(midnight + 1h), before = gate::utc_text(midnight - 1h);
  std::int64_t seq = 0;
  const auto add = [&](const char* unit, const char* result, const std::string& time,
                       const char* kind = "check") {
    const boost::json::object record{
        {"verdict",
         {{"outcome", result},
          {"unit", {{"label", unit}, {"model", "m"}}},
          {"station", {{"line", "L3"}}},
          {"findings",
           boost::json::array{
               {{"rule", "field.empty"}, {"keyword", "k"}, {"severity", "error"}, {"message", "x"}}}}}}};
    return figures.add({.station = "S",
                        .seq = ++seq,
                        .hash = {},
                        .body = {},
                        .unit = unit,
                        .kind = kind,
                        .stage = "ship",
                        .outcome = result,
                        .time = time},
                       record, midnight);
  };
  CHECK(add("a", "FAIL", before));
  add("a", "FAIL", now);
  add("a", "PASS", now);
  add("b", "PASS", now);
  add("b", "PASS", now);
  add("c", "PASS", now, "run");     // not ended yet
  add("d", "PASS", now, "golden");  // no unit of the plant's
  const auto told = figures.to_json(gate::Language::kEnglish);
  const auto& row = told.at("yield").as_array().front().as_object();
  CHECK(row.at("units").as_uint64() == 2);
  CHECK(row.at("first_pass").as_int64() == 1);
  CHECK(row.at("passed").as_int64() == 2);
  CHECK(told.at("passed_per_hour").as_object().at("ship").as_array()[1].as_uint64() == 2);
  CHECK(told.at("findings").as_array().front().as_object().at("times").as_uint64() == 4);
  CHECK(figures.last_of("S") == seq);
  figures.begin_day(midnight + 24h);
  CHECK(figures.to_json(gate::Language::kEnglish).at("yield").as_array().empty());
}
