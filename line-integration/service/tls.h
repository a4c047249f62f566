// The certificate of the service. Inside this room only.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "smbios/result.h"

namespace dmigate::service {

// TLS 1.2 and newer. Fails (kConfiguration) as Listener::open() says.
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const std::string& certificate,
                                                            const std::string& key);

}  // namespace dmigate::service
