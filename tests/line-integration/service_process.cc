#include "tests/line-integration/service_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace dmigate::test {

ServiceProcess::ServiceProcess(const plant::Plant& plant, plant::Words more)
    : plant_(plant), more_(std::move(more)) {
  start();
}

ServiceProcess::~ServiceProcess() = default;

void ServiceProcess::start() {
  plant::Words words = {"serve", "--listen", "127.0.0.1:" + std::to_string(port_), "--tokens",
                        plant_ / "tokens.json"};
  words.insert(words.end(), more_.begin(), more_.end());
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  plant::Start call = plant_.call(words);
  call.out = ends[1];
  process_.emplace(call);
  ::close(ends[1]);
  std::string said;
  std::array<char, 256> part{};
  for (ssize_t size = 0;
       said.find('\n') == said.npos && (size = ::read(ends[0], part.data(), part.size())) > 0;)
    said.append(part.data(), static_cast<std::size_t>(size));
  ::close(ends[0]);
  if (said.empty()) {
    const plant::Ended ended = process_->wait();
    FAIL("dmigate serve ended with " << ended.status << ": " << ended.err);
  }
  port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.rfind(':') + 1)));
}

plant::Ended ServiceProcess::end(int signal) {
  process_->send(signal);
  return process_->wait();
}

std::string make_token(const plant::Plant& plant, const std::string& id, const std::string& role) {
  const plant::Ended made =
      plant.dmigate({"serve", "token", "add", id, "--role", role, "--tokens", plant / "tokens.json"});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  return made.out.substr(0, made.out.size() - 1);
}

}  // namespace dmigate::test
