// One page that needs nothing beside it: it asks nobody for anything, and a policy in it forbids that it
// could.
#include <sodium/utils.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "gate/audit/charts.h"
#include "gate/audit/page.h"
#include "gate/audit/report.h"
#include "gate/judge/phrases.h"
#include "smbios/sha256.h"

namespace dmigate::gate::audit {
namespace {

constexpr std::size_t kMostUnits = 5000;    // whose rows stand in the table
constexpr std::size_t kBars = 15;           // bars
constexpr std::size_t kRowsOfModels = 100;  // rows
constexpr std::size_t kPathsNamed = 4;      // of what was asked for
constexpr std::size_t kPathsShown = 3;      // of a group, before it is opened

std::string base64(const Sha256& hash) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::array<char, sodium_base64_ENCODED_LEN(sizeof(Sha256), kVariant)> text{};
  sodium_bin2base64(text.data(), text.size(), hash.data(), hash.size(), kVariant);
  return text.data();
}

constexpr std::string_view kFirstBytes = "<!DOCTYPE html>\n<html lang=\"";

class HtmlReport : public Report {
 public:
  explicit HtmlReport(Language language) : language_(language) {}

  void render(const Unit& unit, Rendered& rendered) const override {
    if (unit.record.kind == Kind::kOther || !unit.blocks()) return;
    if (!full_.load(std::memory_order_relaxed)) put_row(unit, rendered.text);
    rendered.ends.push_back(rendered.text.size());
  }

  void take(const Rendered& rendered) override {
    const std::size_t room = kMostUnits - std::min<std::size_t>(kMostUnits, blocked_);
    const std::size_t taken = std::min(room, rendered.ends.size());
    if (taken > 0) rows_.append(rendered.text, 0, rendered.ends[taken - 1]);
    blocked_ += rendered.ends.size();
    if (blocked_ >= kMostUnits) full_ = true;
  }

  [[nodiscard]] std::string_view beginning() const override { return kFirstBytes; }

  void finish(const Summary& summary) override {
    head();
    top(summary);
    models(summary);
    rules(summary);
    groups(summary);
    known(summary);
    units();
    lists(summary);
    file.write("<footer>dmigate " DMIGATE_VERSION "</footer>\n</main>\n<script>");
    file.write(kPageScript);
    file.write("</script>\n</body>\n</html>\n");
  }

 private:
  [[nodiscard]] std::string word(std::string_view english) const {
    return escaped(phrase(english, language_));
  }
  [[nodiscard]] std::string tell(std::string_view english, const Details& details) const {
    return escaped(fill(phrase(english, language_), details));
  }

  void put_row(const Unit& unit, std::string& row) const {
    row += "<tr><td><span class=\"badge " + std::string(outcome_name(unit.outcome)) + "\">" +
           std::string(outcome_name(unit.outcome)) + "</span></td>";
    row += "<td class=\"path\">" + escaped(unit.record.path) + "</td>";
    row += "<td class=\"model\">" + (unit.profile == nullptr ? "" : escaped(unit.profile->name)) +
           "</td><td class=\"value\">";
    const auto serial = std::ranges::find(unit.record.values, "system-serial-number", &Shown::keyword);
    if (serial != unit.record.values.end()) row += escaped(serial->value);
    row += "</td><td>";
    for (const Sentence& said : sentences_of(unit, language_)) {
      row += "<div class=\"said\">" + escaped(said.message);
      if (!said.advice.empty()) row += "<div class=\"advice\">" + escaped(said.advice) + "</div>";
      row += "</div>";
    }
    row += "</td></tr>\n";
  }

  void head() {
    const std::string policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
                               base64(sha256(kPageScript)) + "'; base-uri 'none'; form-action 'none'";
    const bool chinese = language_ == Language::kChinese;
    file.write(std::string(kFirstBytes) + (chinese ? "zh-CN" : "en") +
               "\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
               policy + "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
               "<title>" + word("dmigate audit") + "</title>\n<style>");
    file.write(kPageStyle);
    file.write("</style>\n</head>\n<body>\n<main>\n");
  }

  void tile(const char* kind, std::uint64_t count, const std::string& what) {
    file.write("<div class=\"tile " + std::string(kind) + "\"><b>" + grouped(count) + "</b><span>" + what +
               "</span></div>\n");
  }

  void top(const Summary& summary) {
    const Counts& counts = summary.counts;
    const std::string outcome(outcome_name(outcome_of(summary)));
    file.write("<section class=\"keep\"><div class=\"top\"><h1>" + word("dmigate audit") +
               "</h1><span class=\"badge " + outcome + "\">" + outcome +
               "</span></div>\n<p class=\"of path\">");
    const std::size_t shown = std::min(kPathsNamed, summary.paths.size());
    for (std::size_t i = 0; i < shown; ++i) file.write((i > 0 ? " · " : "") + escaped(summary.paths[i]));
    if (summary.paths.size() > shown)
      file.write(" · " + tell("and {count} more", {{"count", grouped(summary.paths.size() - shown)}}));
    file.write("</p>\n<div class=\"head\">\n");
    file.write("<div class=\"yield\">" + yield_text(counts) + "<small>" + word("yield") +
               "</small></div>\n<div class=\"tiles\">\n");
    tile("", counts.units, word("units"));
    tile("pass", counts.pass, word("pass"));
    tile("fail", counts.fail, word("fail"));
    if (counts.error > 0) tile("error", counts.error, word("could not be judged"));
    if (counts.observed > 0) tile("", counts.observed, word("observed only"));
    tile(summary.groups > 0 ? "fail" : "", summary.groups, word("groups of duplicates"));
    if (summary.asked)
      tile(summary.known > 0 ? "fail" : "", summary.known, word("known to the registry otherwise"));
    if (summary.other > 0) tile("", summary.other, word("no dumps"));
    file.write("</div></div>\n" + whole_bar(counts) + "</section>\n");
    if (summary.partial) {
      file.write("<p class=\"partial\">" + word("PARTIAL: ended before all was audited") + "</p>\n");
    }
  }

  void legend(bool observed) {
    file.write("<div class=\"legend\"><span><i class=\"pass\"></i>" + word("pass") +
               "</span><span><i class=\"fail\"></i>" + word("fail") + "</span><span><i class=\"error\"></i>" +
               word("could not be judged") + "</span>");
    if (observed) file.write("<span><i class=\"observed\"></i>" + word("observed only") + "</span>");
    file.write("</div>\n");
  }

  void models(const Summary& summary) {
    file.write("<section class=\"keep\"><h2>" + word("Yield by model") + "</h2>\n");
    legend(summary.counts.observed > 0);
    file.write("<table><thead><tr><th>" + word("model") + "</th><th class=\"number\">" + word("units") +
               "</th><th class=\"number\">" + word("fail") + "</th><th class=\"number\">" +
               word("could not be judged") + "</th><th class=\"number\">" + word("yield") +
               "</th><th></th></tr></thead><tbody>\n");
    const std::size_t shown = std::min(kRowsOfModels, summary.models.size());
    for (const ModelCount& model : std::span(summary.models).first(shown)) {
      const std::string name = model.name.empty()
                                   ? word("(no profile)")
                                   : escaped(model.name + " v" + std::to_string(model.version));
      file.write("<tr><td>" + name + "</td><td class=\"number\">" + grouped(model.counts.units) +
                 "</td><td class=\"number\">" + grouped(model.counts.fail) + "</td><td class=\"number\">" +
                 grouped(model.counts.error) + "</td><td class=\"number\">" + yield_text(model.counts) +
                 "</td><td>" + model_bar(model.counts) + "</td></tr>\n");
    }
    file.write("</tbody></table>\n");
    more(summary.models.size(), shown);
    file.write("</section>\n");
  }

  void more(std::uint64_t all, std::size_t shown) {
    if (all > shown)
      file.write("<p class=\"hint\">" + tell("and {count} more", {{"count", grouped(all - shown)}}) +
                 "</p>\n");
  }

  void rules(const Summary& summary) {
    if (summary.rules.empty()) return;
    file.write("<section class=\"keep\"><h2>" + word("What is wrong most often") +
               "</h2>\n<p class=\"hint\">" + word("units on which a rule fails; a unit may fail several") +
               "</p>\n");
    file.write("<div class=\"legend\"><span><i class=\"bar\"></i>" + word("units") +
               "</span><span><i class=\"sum\"></i>" + word("share of all findings, summed up") +
               "</span></div>\n");
    file.write(pareto(std::span(summary.rules).first(std::min(kBars, summary.rules.size())),
                      total_of(summary.rules)));
    more(summary.rules.size(), std::min(kBars, summary.rules.size()));
    file.write("</section>\n");
  }

  void groups(const Summary& summary) {
    if (summary.groups == 0) return;
    file.write("<section><h2>" + word("Duplicates") + "</h2>\n<p class=\"hint\">" +
               tell("{units} units share a value with others, in {groups} groups",
                    {{"units", grouped(summary.in_groups)}, {"groups", grouped(summary.groups)}}) +
               "</p>\n<table class=\"groups\"><thead><tr><th class=\"number\">" + word("group") +
               "</th><th>" + word("shared value") + "</th><th class=\"number\">" + word("units") +
               "</th><th>" + word("which") + "</th></tr></thead><tbody>\n");
    for (std::span<const Group> rest = summary.largest; !rest.empty();) {
      const std::size_t same = groups_of_same_units(rest);
      group(rest.first(same));
      rest = rest.subspan(same);
    }
    file.write("</tbody></table>\n");
    more(summary.groups, summary.largest.size());
    file.write("</section>\n");
  }

  void group(std::span<const Group> same) {
    std::string numbers, values;
    for (const Group& each : same) {
      numbers += (numbers.empty() ? "" : "<br>") + std::to_string(each.number);
      values += (values.empty() ? "" : "<br>") + escaped(each.keyword) + " <span class=\"value\">" +
                escaped(each.value) + "</span>";
    }
    const Group& first = same.front();
    file.write("<tr><td class=\"number\">" + numbers + "</td><td>" + values + "</td><td class=\"number\">" +
               grouped(first.units) + "</td><td class=\"path\">");
    const std::size_t shown = std::min(kPathsShown, first.paths.size());
    for (std::size_t i = 0; i < shown; ++i) file.write((i > 0 ? "<br>" : "") + escaped(first.paths[i]));
    if (first.paths.size() > shown) {
      file.write("<details><summary>" + tell("{count} more", {{"count", grouped(first.units - shown)}}) +
                 "</summary>");
      for (std::size_t i = shown; i < first.paths.size(); ++i)
        file.write((i > shown ? "<br>" : "") + escaped(first.paths[i]));
      if (first.units > first.paths.size()) file.write("<br>" + word("the rest is in the CSV"));
      file.write("</details>");
    }
    file.write("</td></tr>\n");
  }

  void known(const Summary& summary) {
    if (summary.known == 0) return;
    file.write("<section><h2>" + word("Known to the registry otherwise") + "</h2>\n<p class=\"hint\">" +
               tell("the registry speaks against {count} units", {{"count", grouped(summary.known)}}) +
               "</p>\n<table class=\"known\"><thead><tr><th>" + word("path") + "</th><th>" +
               word("what is known") + "</th></tr></thead><tbody>\n");
    for (const Known& each : summary.known_first) {
      file.write("<tr><td class=\"path\">" + escaped(each.path) + "</td><td>" + escaped(each.said) +
                 "</td></tr>\n");
    }
    file.write("</tbody></table>\n");
    if (summary.known > summary.known_first.size())
      file.write("<p class=\"hint\">" + word("the rest is in the CSV") + "</p>\n");
    file.write("</section>\n");
  }

  void units() {
    if (blocked_ == 0) return;
    const std::size_t shown = std::min<std::size_t>(kMostUnits, blocked_);
    file.write("<section><h2>" + word("Units that must not ship") +
               "</h2>\n<p class=\"hint\"><span id=\"shown\">" + grouped(shown) + "</span> " +
               tell("of {count} shown", {{"count", grouped(blocked_)}}));
    if (blocked_ > shown) file.write("; " + word("the rest is in the CSV"));
    file.write("</p>\n<input type=\"search\" id=\"search\" autocomplete=\"off\" placeholder=\"" +
               word("search: words of a path, a serial, a rule") + "\" aria-label=\"" + word("search") +
               "\">\n<div class=\"scroll\"><table id=\"units\"><thead><tr><th></th><th>" + word("path") +
               "</th><th>" + word("model") + "</th><th>" + word("serial number") + "</th><th>" +
               word("what is wrong") + "</th></tr></thead><tbody>\n");
    file.write(rows_);
    file.write("</tbody></table></div></section>\n");
  }

  void lists(const Summary& summary) {
    if (!summary.not_judged.empty()) {
      file.write("<section class=\"keep\"><h2>" + word("Not judged") + "</h2>\n<p class=\"hint\">" +
                 word("a dump does not tell it, and no evidence was there") + "</p>\n<table><tbody>\n");
      for (const RuleCount& rule : summary.not_judged) {
        file.write("<tr><td>" + escaped(rule.keyword) + "</td><td class=\"number\">" + grouped(rule.units) +
                   " " + word("units") + "</td></tr>\n");
      }
      file.write("</tbody></table></section>\n");
    }
    if (summary.other == 0) return;
    file.write("<section><h2>" + word("Files that are no dumps") + "</h2>\n<table><tbody>\n");
    for (const Told& told : summary.others) {
      file.write("<tr><td class=\"path\">" + escaped(told.path) + "</td><td>" + escaped(told.why) +
                 "</td></tr>\n");
    }
    file.write("</tbody></table>\n");
    more(summary.other, summary.others.size());
    file.write("</section>\n");
  }

  Language language_;
  std::string rows_;
  std::uint64_t blocked_ = 0;
  std::atomic<bool> full_ = false;  // no unit that is not rendered yet has room
};

}  // namespace

std::unique_ptr<Report> html_report(Language language) { return std::make_unique<HtmlReport>(language); }

}  // namespace dmigate::gate::audit
