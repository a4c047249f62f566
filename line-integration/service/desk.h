// Every place that can be asked, by whom, and who answers there. Before anybody answers it is known whose
// token it is, and that its role may ask this.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <span>
#include <string>

#include "line-integration/permit/key.h"
#include "line-integration/service/audits.h"
#include "line-integration/service/events.h"
#include "line-integration/service/figures.h"
#include "line-integration/service/http.h"
#include "line-integration/service/metrics.h"
#include "line-integration/service/profile_shelf.h"
#include "line-integration/service/recall.h"
#include "line-integration/service/service.h"
#include "line-integration/service/stock.h"
#include "line-integration/service/tokens.h"
#include "line-integration/service/watch.h"
#include "line-integration/service/workers.h"

namespace dmigate::service {

class Desk : public Handler {
 public:
  // A request at a place, and who asks.
  struct Call {
    const HttpRequest& request;
    const Caller& caller;
    std::vector<std::string> names;  ///< what stands for {…} in the place's path
    gate::Language language = gate::Language::kEnglish;
  };
  enum class Where : std::uint8_t { kHere, kRecording, kAsking, kAuditing };  ///< on which threads
  struct Place {
    std::string_view method, path;  ///< "/v1/units/{unit}"
    unsigned roles;                 ///< bits of Role; 0: nobody is asked for a token
    std::size_t most_bytes;         ///< of the body
    bool is_bound;                  ///< the answer is bound to the question
    Where where;
    HttpAnswer (Desk::*answer)(const Call&);
  };
  static std::span<const Place> places();

  Desk(line::Settings settings, const ServiceOptions& options, gate::Surroundings surroundings,
       std::optional<line::SecretKey> permit_key);
  ~Desk() override;

  Result<void> load() { return stock_.load(); }
  // Reads again what SIGHUP is for; `certificate`: what became of that. All that is wrong.
  std::vector<Error> reload(const Result<void>& certificate);
  Result<void> try_tokens();  ///< whether the file of tokens can be used
  Result<void> try_registry();
  void stop();         ///< what waits is answered, streams end
  void finish_work();  ///< and nothing more is asked
  void count_connections(const Listener& listener) { listener_ = &listener; }
  void forget_connections() { listener_ = nullptr; }

  std::optional<HttpAnswer> admit(HttpRequest& head) override;
  std::uint64_t most_bytes(const HttpRequest& head) override;
  void handle(HttpRequest request, Reply reply) override;
  HttpAnswer refuse(unsigned status, const HttpRequest& head) override;

 private:
  struct Found {
    const Place* place = nullptr;
    std::vector<std::string> names;
    bool other_method = false;
  };
  static Found find(const HttpRequest& request);
  struct Admitted {
    Found found;
    Caller caller;
    std::optional<HttpAnswer> refused;
  };
  Admitted look_at(const HttpRequest& head, bool counts);
  bool has_rate(const std::string& id);
  HttpAnswer to_login(const HttpRequest& head) const;
  void finish(const HttpRequest& request, const Place& place, const Caller& caller, HttpAnswer& answer,
              std::chrono::steady_clock::time_point began);
  static constexpr const char* kRetryAudit = "10";  // seconds
  HttpAnswer error(unsigned status, const Error& error, gate::Language language) const;
  HttpAnswer error(unsigned status, gate::Language language) const;  ///< in the status's own words

  static HttpAnswer plain(const boost::json::object& object);

  HttpAnswer check(const Call& call);
  HttpAnswer permits(const Call& call);
  HttpAnswer start_run(const Call& call);
  HttpAnswer end_run(const Call& call);
  HttpAnswer unit(const Call& call);
  HttpAnswer rework(const Call& call);
  HttpAnswer list_profiles(const Call& call);
  HttpAnswer show_profile(const Call& call);
  HttpAnswer put_profile(const Call& call);
  HttpAnswer audit(const Call& call);
  HttpAnswer events(const Call& call);
  HttpAnswer line(const Call& call);
  HttpAnswer me(const Call& call);
  HttpAnswer scan(const Call& call);
  HttpAnswer openapi(const Call& call);
  HttpAnswer health(const Call& call);
  HttpAnswer metrics(const Call& call);
  HttpAnswer login(const Call& call);
  HttpAnswer logout(const Call& call);
  HttpAnswer page(const Call& call);
  HttpAnswer asset(const Call& call);

  enum class Asks : std::uint8_t { kCheck, kPermit, kRun };
  HttpAnswer judge(const Call& call, Asks asks);
  gate::Asked asked(const Call& call, const std::string& request_id, line::Supply& supply);
  void remember(line::Supply& supply, const Call& call, std::int64_t seq, const std::string& id);
  HttpAnswer answer_before(const Call& call, const gate::JournalRow& row, Asks asks, OneCall& supply);
  HttpAnswer with_permit(boost::json::object verdict) const;
  [[nodiscard]] line::Settings settings_for(const Caller& caller) const;

  const line::Settings settings_;
  const ServiceOptions options_;
  const gate::Surroundings surroundings_;
  const std::optional<line::SecretKey> permit_key_;
  Tokens tokens_;
  Stock stock_;
  ProfileShelf shelf_;
  Hub hub_;
  Figures figures_;
  Metrics metrics_;
  std::atomic<const Listener*> listener_ = nullptr;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> reload_failed_ = false;
  std::mutex mutex_;
  struct Bucket {
    double left = 0;
    std::chrono::steady_clock::time_point at;
  };
  std::map<std::string, Bucket> rates_;  ///< by a token's id
  Recall recall_;
  Watch watch_;
  Audits audits_;
  std::unique_ptr<Workers> asking_, recording_, auditing_;  ///< last: they use all that stands above
};

}  // namespace dmigate::service
