// The service: many stations ask one gate, people look at it in a browser. This room carries what is asked
// over HTTP to line::Session, which decides, and what people want to see out of the registry to the pages
// (line-integration/pages). It decides nothing itself.
//
//   listener.h              HTTP/1.1 and TLS, limits and time limits
//   desk.h                  every place that can be asked, and by whom
//   tokens.h, binding.h     who may ask; the answer is bound to the question
//   question.h, stock.h     what is asked, read and checked; profiles, and registries that stay open
//   watch.h                 what comes into the journal, as it comes
//   figures.h, events.h     who is told of it
//   audits.h                batches that are sent, audited by a process of their own
//
// docs/service.md has the protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "line-integration/service/listener.h"
#include "line-integration/station/settings.h"

namespace dmigate::service {

// A raw table, decoded for the page of a unit: one JSON object.
using Decode = std::function<std::string(const smbios::Source&)>;

// Of batches that are sent to be audited.
struct AuditOptions {
  std::uint64_t most_bytes = std::uint64_t{256} << 20;            ///< of one, as it is sent
  std::chrono::milliseconds most_time = std::chrono::minutes(5);  ///< that an audit takes
  std::string config;  ///< station.yaml of the service; may be empty
};

struct ServiceOptions {
  ListenerOptions listener;
  bool open_without_tls = false;  ///< on another address than loopback; by a person's word only
  std::string tokens = "/var/lib/dmigate/tokens.json";
  double rate = 100;  ///< requests a second that one token may ask, in the long run
  gate::Language language = gate::Language::kEnglish;
  AuditOptions audit;
  Decode decode;
};

// Serves until SIGTERM or SIGINT. Calls `listening` with the URL when it is ready. Fails (kConfiguration)
// where it cannot begin: no address, certificate, tokens, registry or profiles that hold.
Result<void> serve(const line::Settings& settings, const ServiceOptions& options,
                   const std::function<void(const std::string& url)>& listening);

}  // namespace dmigate::service
