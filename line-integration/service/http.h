// A request and an answer, without the library that carries them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dmigate::service {

class NamelessFile;
class Reader;

// A body that is too large for memory, and kept as it comes.
class Upload {
 public:
  Upload() = default;
  virtual ~Upload() = default;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  // Takes what comes next; `part` stays until `taken` is called, once, by any thread. False: it could not be
  // kept.
  virtual void write(std::string_view part, std::function<void(bool)> taken) = 0;
  // Who asked went away, and takes no answer any more. Called by any thread.
  void abandon() { abandoned_ = true; }
  [[nodiscard]] bool abandoned() const { return abandoned_; }

 private:
  std::atomic<bool> abandoned_ = false;
};

struct HttpRequest {
  std::string method, target;                ///< as in the request line
  std::vector<std::string> path;             ///< its segments, decoded
  std::map<std::string, std::string> query;  ///< decoded
  std::string authorization, cookie, nonce, content_type, accept, accept_language, page;
  std::string body;
  std::shared_ptr<Upload> upload;  ///< not null: the body is in it, and `body` is empty
};

struct HttpAnswer {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;                        ///< the connection ends with it
  std::shared_ptr<Reader> events;            ///< the answer is a stream of what comes to this reader
  std::shared_ptr<const NamelessFile> file;  ///< what is in it stands in the place of `body`
};

// Takes path and query of the target apart; false: it is none.
bool parse_target(std::string_view target, HttpRequest& request);

// The members of "a=1&b=2", decoded; none: it is not of that form.
std::optional<std::map<std::string, std::string>> parse_form(std::string_view text);

using Reply = std::function<void(HttpAnswer)>;

// What the listener asks. Called on its threads: neither may wait.
class Handler {
 public:
  virtual ~Handler() = default;
  // The head of a request is there, and its body is not: an answer here is the answer, and the body is not
  // read. It may put an upload into the head, for the body.
  virtual std::optional<HttpAnswer> admit(HttpRequest& head) = 0;
  virtual std::uint64_t most_bytes(const HttpRequest& head) = 0;  ///< of the body
  // `reply` is called once, by any thread, now or later.
  virtual void handle(HttpRequest request, Reply reply) = 0;
  virtual HttpAnswer refuse(unsigned status,
                            const HttpRequest& head) = 0;  ///< what the listener refuses itself
};

}  // namespace dmigate::service
