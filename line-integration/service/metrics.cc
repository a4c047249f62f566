#include "line-integration/service/metrics.h"

#include <algorithm>

namespace dmigate::service {

void Metrics::answered(std::string_view place, unsigned status, std::chrono::microseconds took) {
  const auto bound = std::ranges::lower_bound(kBounds, took.count(), {}, [](int ms) { return ms * 1000L; });
  const std::lock_guard lock(mutex_);
  ++answers_[{std::string(place), status}];
  auto found = times_.find(place);
  if (found == times_.end()) found = times_.emplace(place, Histogram()).first;
  ++found->second.counts[static_cast<std::size_t>(bound - kBounds.begin())];
  found->second.seconds += std::chrono::duration<double>(took).count();
}

void Metrics::judged(std::string_view outcome, std::string_view stage) {
  const std::lock_guard lock(mutex_);
  ++verdicts_[{std::string(outcome), std::string(stage)}];
}

void Metrics::audited(std::string_view outcome) {
  const std::lock_guard lock(mutex_);
  ++audits_[std::string(outcome)];
}

std::string Metrics::to_text(const Now& now) const {
  std::string text;
  const auto family = [&](const char* name, const char* type, const char* help) {
    text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
    text.append(" ").append(type).append("\n");
  };
  const auto gauge = [&](const char* name, const char* help, std::size_t value) {
    family(name, "gauge", help);
    text.append(name).append(" ").append(std::to_string(value)).append("\n");
  };
  gauge("dmigate_connections", "Open connections.", now.connections);
  gauge("dmigate_event_readers", "Readers of the event stream.", now.readers);
  gauge("dmigate_waiting", "Requests that wait for a worker.", now.waiting);
  gauge("dmigate_audits", "Batches that come, are audited, or whose report goes.", now.audits);
  gauge("dmigate_registry_up", "Whether the registry's journal could be read when it was last looked at.",
        now.journal_read ? 1 : 0);
  gauge("dmigate_reload_failed", "Whether the last SIGHUP met a file that could not be used.",
        now.reload_failed ? 1 : 0);
  const std::lock_guard lock(mutex_);
  // Places, stages and outcomes are words of ours: nothing in them needs to be escaped.
  family("dmigate_verdicts_total", "counter", "Verdicts given here.");
  for (const auto& [key, count] : verdicts_) {
    text += "dmigate_verdicts_total{outcome=\"" + key.first + "\",stage=\"" + key.second + "\"} " +
            std::to_string(count) + "\n";
  }
  family("dmigate_audits_total", "counter",
         "Batches audited here, by outcome; none: the audit was given up.");
  for (const auto& [outcome, count] : audits_)
    text += "dmigate_audits_total{outcome=\"" + outcome + "\"} " + std::to_string(count) + "\n";
  family("dmigate_http_answers_total", "counter", "Answers by place and status.");
  for (const auto& [key, count] : answers_) {
    text += "dmigate_http_answers_total{place=\"" + key.first + "\",status=\"" + std::to_string(key.second) +
            "\"} " + std::to_string(count) + "\n";
  }
  family("dmigate_http_seconds", "histogram", "Time from a request's head to its answer.");
  for (const auto& [place, histogram] : times_) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
      sum += histogram.counts[i];
      const std::string bound = i < kBounds.size() ? std::to_string(kBounds[i] / 1000.0) : "+Inf";
      text += "dmigate_http_seconds_bucket{place=\"" + place + "\",le=\"" + bound + "\"} " +
              std::to_string(sum) + "\n";
    }
    text += "dmigate_http_seconds_sum{place=\"" + place + "\"} " + std::to_string(histogram.seconds) + "\n";
    text += "dmigate_http_seconds_count{place=\"" + place + "\"} " + std::to_string(sum) + "\n";
  }
  return text;
}

}  // namespace dmigate::service
