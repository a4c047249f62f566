// The reports of an audit. Units are rendered by many threads, some at a time, and what comes of it is taken
// in their order. Inside gate/audit only.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/audit/audit.h"
#include "gate/audit/record.h"

namespace dmigate::gate::audit {

struct Duplicate {
  std::string_view keyword, value;
  std::uint32_t group = 0;  ///< its number
  std::uint32_t units = 0;  ///< that share it
};

// A unit with its last outcome: what it shares is in it.
struct Unit {
  const Record& record;
  Outcome outcome = Outcome::kError;
  std::optional<Outcome> enforced;
  const profiles::Profile* profile = nullptr;  ///< nullptr: none is for it
  std::span<const Duplicate> duplicates;
  std::span<const Finding> registry = {};  ///< what the registry says against it
  [[nodiscard]] bool blocks() const { return outcome == Outcome::kFail || outcome == Outcome::kError; }
};

// A file that is whole under its name, or not there: written beside it, then given the name. What is no plain
// file (a pipe, /dev/stdout) is written as it is.
class ReportFile {
 public:
  ReportFile() = default;
  ~ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  // A file that is there is replaced only where it begins as the report does: it may be a dump.
  Result<void> open(const std::string& path, std::string_view beginning);
  void write(std::string_view text);
  Result<void> finish();  ///< says as well what write() could not
  [[nodiscard]] const std::string& beside() const { return beside_; }  ///< where it is until it is finished

 private:
  void write_buffer();
  void drop();
  std::string path_, beside_;  ///< `beside_` is empty where it is written as it is
  std::string buffer_;
  int file_ = -1;
  int failed_ = 0;  ///< errno
};

// What some units come to in one report, one after the other.
struct Rendered {
  std::string text;
  std::vector<std::size_t> ends;  ///< of the units in `text`, where a report has room for some of them only
  // What stands behind the path, of the heads of records that came last: most units have one in common.
  // Outlives clear().
  struct Again {
    std::string head, text;
  };
  std::vector<Again> again;

  void clear() {
    text.clear();
    ends.clear();
  }
};

class Report {
 public:
  Report() = default;
  virtual ~Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  virtual void render(const Unit& unit, Rendered& rendered) const = 0;  ///< by any thread
  virtual void take(const Rendered& rendered) { file.write(rendered.text); }
  virtual void finish(const Summary& summary) = 0;
  [[nodiscard]] virtual std::string_view beginning() const = 0;  ///< of every report of this form
  ReportFile file;
};

std::unique_ptr<Report> jsonl_report();
std::unique_ptr<Report> csv_report(Language language);
std::unique_ptr<Report> html_report(Language language);

// What is said of a unit that blocks, what it shares with others last; of kOther, why it is no dump.
std::vector<Sentence> sentences_of(const Unit& unit, Language language);

// Not judged for want of evidence, and no fault.
inline bool is_not_judged(const Brief& brief) {
  return brief.unjudged && brief.severity == Severity::kWarning;
}

// "field.empty system-serial-number"
std::string rule_and_keyword(std::string_view rule, std::string_view keyword);

// Sums up what the reports are given, and tells it at their end.
class Collector {
 public:
  explicit Collector(const Request& request) : request_(&request), models_(request.profiles.size() + 1) {}
  void add(const Unit& unit);
  void add(Collector&& later);  ///< what another has of the units that come next
  Summary finish();

 private:
  // By rule and keyword, of a model; the last is of units without one.
  struct Rules {
    Counts counts;
    std::map<std::pair<std::string_view, std::string>, std::uint64_t> units;
  };
  void count(const Unit& unit, Rules& rules);
  void list(const Unit& unit);

  const Request* request_;
  std::vector<Rules> models_;
  std::map<std::string, std::uint64_t, std::less<>> not_judged_;
  std::map<std::uint32_t, Group> groups_;
  std::set<std::pair<std::string_view, std::string>> of_unit_;
  Summary summary_;
};

}  // namespace dmigate::gate::audit
