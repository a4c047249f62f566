#include "line-integration/service/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace dmigate::service {

namespace ssl = boost::asio::ssl;

Result<std::shared_ptr<ssl::context>> load_tls(const std::string& certificate, const std::string& key) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                       ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  context->use_certificate_chain_file(certificate, error);
  if (error) {
    return refuse("the certificate cannot be used (" + error.message() + ")", certificate,
                  "give a PEM file with the certificate first and then those that signed it");
  }
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return refuse("the certificate's key cannot be used", key,
                  "give the PEM file of the key that belongs to this certificate, without a password");
  }
  const X509* own = SSL_CTX_get0_certificate(context->native_handle());
  if (own == nullptr || X509_cmp_current_time(X509_get0_notAfter(own)) <= 0) {
    return refuse("the certificate has expired", certificate,
                  "put the renewed one in its place: every agent would refuse this one");
  }
  if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0) {
    return refuse("the certificate is not valid yet", certificate, "check this machine's clock");
  }
  return context;
}

}  // namespace dmigate::service
