#include "line-integration/service/service.h"

#include <sys/resource.h>

#include <boost/asio/ip/address.hpp>
#include <cstdio>

#include "gate/judge/phrases.h"
#include "line-integration/service/desk.h"

namespace dmigate::service {
namespace {

// As many connections as the system allows this process.
void raise_descriptors() {
  struct rlimit limit {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

// Into the log: nobody has asked for it.
void tell(const Error& wrong, gate::Language language) {
  const std::string said = gate::fill(gate::phrase("not read again: {what}", language),
                                      {{"what", gate::printable(gate::to_text(wrong, language))}});
  std::fprintf(stderr, "dmigate: %s\n", said.c_str());
}

Result<void> may_listen(const ServiceOptions& options) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(options.listener.address, error);
  if (error) {
    return refuse("this is no address of this machine", options.listener.address,
                  "give one such as 127.0.0.1:8480, 0.0.0.0:8480 or [::]:8480");
  }
  const bool has_tls = !options.listener.certificate.empty();
  if (has_tls != !options.listener.key.empty()) {
    return refuse("a certificate and its key go together", options.listener.certificate,
                  "give --certificate FILE and --key FILE");
  }
  if (has_tls || address.is_loopback() || options.open_without_tls) return {};
  return refuse("everybody on the network could read tokens and serials here without TLS",
                options.listener.address,
                "give --certificate and --key; or say --without-tls, where the network is nobody else's");
}

}  // namespace

Result<void> serve(const line::Settings& settings, const ServiceOptions& options,
                   const std::function<void(const std::string& url)>& listening) {
  if (auto may = may_listen(options); !may) return may;
  if (settings.registry == "none") {
    return refuse("a service records: --registry none does not go with it", {}, "name a registry");
  }
  raise_descriptors();
  std::optional<line::SecretKey> permit_key;
  if (!settings.permit_key.empty()) {
    auto key = line::load_secret_key(settings.permit_key);
    if (!key) return Failure(key.error());
    permit_key.emplace(*std::move(key));
  }
  Desk desk(settings, options, gate::Surroundings::real(), std::move(permit_key));
  if (auto can = desk.try_tokens(); !can) return can;
  if (auto loaded = desk.load(); !loaded) return loaded;
  if (auto there = desk.try_registry(); !there) return there;
  auto listener = Listener::open(options.listener, desk);
  if (!listener) return Failure(listener.error());
  desk.count_connections(**listener);
  listening((*listener)->url());
  const auto reload = [&](const Result<void>& certificate) {
    for (const Error& wrong : desk.reload(certificate)) tell(wrong, options.language);
  };
  (*listener)->run(reload, [&] { desk.stop(); });
  desk.finish_work();  // what still waited answers into connections that are gone
  desk.forget_connections();
  return {};
}

}  // namespace dmigate::service
