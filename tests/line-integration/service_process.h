// The real dmigate serve as a process at a plant, on a port of its own, and its tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/line/plant.h"

namespace dmigate::test {

class ServiceProcess {
 public:
  // `more`: further words for dmigate serve.
  explicit ServiceProcess(const plant::Plant& plant, plant::Words more = {});
  ~ServiceProcess();
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  void send(int signal) const { process_->send(signal); }
  plant::Ended end(int signal);  ///< sends it and waits
  void start();                  ///< the same service again, at the same port

 private:
  const plant::Plant& plant_;
  plant::Words more_;
  std::uint16_t port_ = 0;
  std::optional<plant::Process> process_;
};

std::string make_token(const plant::Plant& plant, const std::string& id, const std::string& role);

}  // namespace dmigate::test
