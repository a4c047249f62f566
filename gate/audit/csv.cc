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

constexpr std::string_view kFirstLine =
    "\xEF\xBB\xBF"
    "path,outcome,model";

class CsvReport : public Report {
 public:
  explicit CsvReport(Language language) : language_(language) {}

  void render(const Unit& unit, Rendered& rendered) const override {
    std::string& line = rendered.text;
    const Record& record = unit.record;
    line += cell(record.path);
    put(record.kind == Kind::kOther ? "NO DUMP" : outcome_name(unit.outcome), line);
    put(unit.profile == nullptr ? "" : unit.profile->name, line);
    for (const std::string_view column : kColumns) {
      const auto value = std::ranges::find(record.values, column, &Shown::keyword);
      put(value == record.values.end() ? "" : value->value, line);
    }
    put_findings(unit, line);
    put_words(unit, line);
    line += "\r\n";
  }

  void take(const Rendered& rendered) override {
    start();
    Report::take(rendered);
  }

  [[nodiscard]] std::string_view beginning() const override { return kFirstLine; }

  void finish(const Summary& summary) override {
    start();
    if (!summary.partial) return;
    file.write(cell(phrase("PARTIAL: ended before all was audited", language_)) + "\r\n");
  }

 private:
  void start() {
    if (started_) return;
    started_ = true;
    std::string line(kFirstLine);
    for (const std::string_view column : kColumns) line.append(",").append(column);
    file.write(line + ",errors,warnings,not_judged,duplicate_groups,message,advice\r\n");
  }

  static void put(std::string_view text, std::string& line) { line.append(",").append(cell(text)); }

  static void put_findings(const Unit& unit, std::string& line) {
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
    for (const Joined* each : {&errors, &warnings, &not_judged, &groups}) put(each->text(), line);
  }

  void put_words(const Unit& unit, std::string& line) const {
    Joined said, advice;
    for (const Sentence& sentence : sentences_of(unit, language_)) {
      said.add(sentence.message);
      if (advice.text().find(sentence.advice) == std::string::npos) advice.add(sentence.advice);
    }
    put(said.text(), line);
    put(advice.text(), line);
  }

  Language language_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Report> csv_report(Language language) { return std::make_unique<CsvReport>(language); }

}  // namespace dmigate::gate::audit
