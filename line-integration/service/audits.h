// Batches that people send to be audited. What is sent may be hostile, and this service holds the line: so it
// is kept in a file without a name, and read by another process, `dmigate audit`, that may take so much
// memory, so long, and comes behind everything else on this machine. It ends when who asked is gone, or the
// service.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "line-integration/service/http.h"
#include "line-integration/service/service.h"
#include "line-integration/service/workers.h"
#include "line-integration/station/settings.h"

namespace dmigate::service {

enum class ReportForm : std::uint8_t { kJsonl, kHtml, kCsv };

struct AuditAsked {
  ReportForm form = ReportForm::kJsonl;
  std::string profile;  ///< its name; empty: found by `match`
  gate::Language language = gate::Language::kEnglish;
};
// Of a request's query and its Accept. Fails (kConfiguration) on what is not known there.
Result<AuditAsked> parse_audit(const HttpRequest& request);

// How it ended. `report` where it did, with `outcome` PASS, FAIL or ERROR; else why, and the HTTP status.
struct AuditEnd {
  unsigned status = 200;
  std::string outcome;
  std::shared_ptr<const NamelessFile> report;
  std::optional<Error> problem;
};

class Audits {
 public:
  static constexpr std::size_t kAtOnce = 2;

  Audits(const line::Settings& settings, const AuditOptions& options);

  // For a body that is to be audited; it has a place until it and its report are gone. Null: as many as may
  // be are there, or no room is on the disk.
  std::shared_ptr<Upload> begin();
  // Audits what was sent, in this thread. REQUIRES: `upload` is of begin().
  AuditEnd run(const std::shared_ptr<Upload>& upload, const AuditAsked& asked) const;
  void stop() { stopping_ = true; }    ///< those that run are ended, and none begins
  void finish() { writing_.reset(); }  ///< waits for what is being written. REQUIRES: nobody sends any more
  [[nodiscard]] std::size_t there() const { return *there_; }

 private:
  const AuditOptions options_;
  const std::string registry_;
  const std::vector<std::string> folders_;
  const std::string temporary_;
  std::atomic<bool> stopping_ = false;
  std::shared_ptr<std::atomic<std::size_t>> there_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::optional<Workers> writing_;  ///< last: what waits in it uses all that stands above
};

}  // namespace dmigate::service
