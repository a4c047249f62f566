// The agent by https: the service's certificate is checked, and one that does not hold gets no token.
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <memory>

#include "line-integration/agent/http.h"
#include "tests/line-integration/agent_world.h"

using namespace dmigate;
using namespace dmigate::plant;
using agent::HttpFailure;

namespace {

constexpr long kHour = 3600;

// NAME.pem and NAME.key in the plant: signed by itself, for `host` ("IP:127.0.0.1"), from and until so many
// seconds from now.
void make_certificate(const Plant& plant, const std::string& name, const std::string& host, long from,
                      long until) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  REQUIRE(X509_set_version(made.get(), 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), until);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("line"), -1,
                             -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, host.c_str());
  X509_add_ext(made.get(), names, -1);
  X509_EXTENSION_free(names);
  REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  for (const auto& [suffix, write] :
       {std::pair<const char*, std::function<int(BIO*)>>{
            ".pem", [&](BIO* to) { return PEM_write_bio_X509(to, made.get()); }},
        {".key", [&](BIO* to) {
           return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
         }}}) {
    const std::string path = plant / (name + suffix);
    BIO* file = BIO_new_file(path.c_str(), "w");
    REQUIRE(write(file) == 1);
    BIO_free(file);
    ::chmod(path.c_str(), 0600);
  }
}

struct Served {
  Plant plant;
  std::string token;
  std::optional<test::ServiceProcess> service;

  Served(const std::string& host, long from, long until) {
    make_certificate(plant, "line", host, from, until);
    make_certificate(plant, "other", host, -kHour, kHour);
    token = test::make_token(plant, "L3-S07", "station");
    service.emplace(plant, Words{"--certificate", plant / "line.pem", "--key", plant / "line.key"});
  }
  // Of a question that is none: what is looked at is whether anything was answered.
  [[nodiscard]] tl::expected<agent::HttpAnswer, HttpFailure> ask(
      const std::string& ca, const std::string& host = "127.0.0.1") const {
    const agent::Address address{.tls = true, .host = host, .authority = host, .port = service->port()};
    return agent::post(
        address, ca, {.target = "/v1/check", .body = "{}", .headers = {{"Authorization", "Bearer " + token}}},
        std::chrono::seconds(20));
  }
  [[nodiscard]] bool refused(const std::string& ca, const std::string& host = "127.0.0.1") const {
    const auto answer = ask(ca, host);
    if (answer) return false;
    CHECK(answer.error().kind == HttpFailure::Kind::kCertificate);
    CHECK_FALSE(answer.error().detail.empty());
    return true;
  }
};

// Speaks TLS, whatever its certificate says, and counts what it is told.
class TlsServer {
 public:
  TlsServer(const Plant& plant, const std::string& name)
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), server_([this](int fd) { serve(fd); }) {
    REQUIRE(SSL_CTX_use_certificate_file(context_.get(), (plant / (name + ".pem")).c_str(),
                                         SSL_FILETYPE_PEM) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context_.get(), (plant / (name + ".key")).c_str(),
                                        SSL_FILETYPE_PEM) == 1);
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] int heard() const { return heard_; }

 private:
  void serve(int fd) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(session.get(), fd);
    std::array<char, 4096> part{};
    if (SSL_accept(session.get()) != 1) return;
    const int size = SSL_read(session.get(), part.data(), static_cast<int>(part.size()));
    if (size > 0) heard_ += size;
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::atomic<int> heard_ = 0;
  test::RawServer server_;  // the last: it serves with what is above
};

}  // namespace

TEST_CASE("a certificate that is named, and for this host, lets the question through; any other does not") {
  const Served line("IP:127.0.0.1", -kHour, kHour);
  const auto answer = line.ask(line.plant / "line.pem");
  REQUIRE_MESSAGE(answer, answer.error().detail);
  CHECK(answer->status == 400);
  CHECK(line.refused(line.plant / "other.pem"));
  CHECK(line.refused(""));  // the system does not know it
  CHECK(line.refused(line.plant / "nothing.pem"));
  CHECK(line.refused(line.plant / "line.pem", "localhost"));  // another name
}

TEST_CASE("a certificate that is over, or that is not valid yet, gets no token") {
  for (const auto& [from, until] : {std::pair(-2 * kHour, -kHour), std::pair(kHour, 2 * kHour)}) {
    const Plant plant;
    make_certificate(plant, "line", "IP:127.0.0.1", from, until);
    const TlsServer server(plant, "line");
    const agent::Address address{
        .tls = true, .host = "127.0.0.1", .authority = "127.0.0.1", .port = server.port()};
    const auto answer =
        agent::post(address, plant / "line.pem", {.target = "/v1/check", .body = "{}", .headers = {}},
                    std::chrono::seconds(20));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == HttpFailure::Kind::kCertificate);
    CHECK(server.heard() == 0);
  }
}

TEST_CASE("what speaks no TLS, or speaks it to nobody, is not the service") {
  test::FalseServer plain(
      [](const std::string&, const test::Send& send) { send("HTTP/1.1 200 OK\r\n\r\n"); });
  const agent::Address address{
      .tls = true, .host = "127.0.0.1", .authority = "127.0.0.1", .port = plain.port()};
  const Plant plant;
  make_certificate(plant, "line", "IP:127.0.0.1", -kHour, kHour);
  const auto answer =
      agent::post(address, plant / "line.pem", {.target = "/v1/check", .body = "{}", .headers = {}},
                  std::chrono::seconds(1));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == HttpFailure::Kind::kNotReached);
}
