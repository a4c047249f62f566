// One line a unit, as spreadsheets read it (RFC 4180, with a byte order mark): what docs/audit.md says of it.
#include <algorithm>

#include "gate/audit/report.h"
#include "gate/judge/phrases.h"

namespace dmigate::gate::audit {
namespace {

// Values that stand in columns of their own: what people look a unit up by.
constexpr std::string_view kColumns[] = {"system-serial-number", "system-uuid", "baseboard-serial-number"};

// A cell that begins so is a formula to a spreadsheet, and the units' strings are not to be trusted.
bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

std::string cell(std::string_view raw) {
  const std::string text = printable(raw);
  if (text.empty()) return {};
  std::string quoted = is_formula(text) ? "\"'" : "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

class Joined {
 public:
  void add(std::string_view text) { text_.append(text_.empty() ? "" : "; ").append(text); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class CsvReport : public Report {
 public:
  explicit CsvReport(Language language) : language_(language) {}

  void add(const Unit& unit) override {
    start();
    const Record& record = unit.record;
    line_ = cell(record.path);
    put(record.kind == Kind::kOther ? "NO DUMP" : outcome_name(unit.outcome));
    put(unit.profile == nullptr ? "" : unit.profile->name);
    for (const std::string_view column : kColumns) {
      const auto value = std::ranges::find(record.values, column, &Shown::keyword);
      put(value == record.values.end() ? "" : value->value);
    }
    put_findings(unit);
    put_words(unit);
    file.write(line_ + "\r\n");
  }

  void finish(const Summary& summary) override {
    start();
    if (!summary.partial) return;
    file.write(cell(phrase("PARTIAL: ended before all was audited", language_)) + "\r\n");
  }

 private:
  void start() {
    if (started_) return;
    started_ = true;
    line_ = "path,outcome,model";
    for (const std::string_view column : kColumns) line_.append(",").append(column);
    file.write("\xEF\xBB\xBF" + line_ + ",errors,warnings,not_judged,duplicate_groups,message,advice\r\n");
  }

  void put(std::string_view text) { line_.append(",").append(cell(text)); }

  void put_findings(const Unit& unit) {
    Joined errors, warnings, not_judged, groups;
    for (const Brief& brief : unit.record.briefs) {
      if (brief.severity == Severity::kError) {
        errors.add(rule_and_keyword(message(brief.say).rule, brief.keyword));
      } else if (is_not_judged(brief)) {
        not_judged.add(brief.keyword);
      } else {
        warnings.add(rule_and_keyword(message(brief.say).rule, brief.keyword));
      }
    }
    for (const Duplicate& duplicate : unit.duplicates) {
      errors.add(rule_and_keyword(message(Say::kSharedInBatch).rule, duplicate.keyword));
      groups.add(std::to_string(duplicate.group));
    }
    for (const Finding& finding : unit.registry)
      errors.add(rule_and_keyword(finding.rule(), finding.keyword));
    for (const Joined* each : {&errors, &warnings, &not_judged, &groups}) put(each->text());
  }

  void put_words(const Unit& unit) {
    Joined said, advice;
    for (const Sentence& sentence : sentences_of(unit, language_)) {
      said.add(sentence.message);
      if (advice.text().find(sentence.advice) == std::string::npos) advice.add(sentence.advice);
    }
    put(said.text());
    put(advice.text());
  }

  Language language_;
  std::string line_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Report> csv_report(Language language) { return std::make_unique<CsvReport>(language); }

}  // namespace dmigate::gate::audit
