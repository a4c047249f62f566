#include "gate/audit/charts.h"

#include <algorithm>
#include <cstdio>

#include "gate/audit/report.h"

namespace dmigate::gate::audit {
namespace {

std::string coordinate(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string rectangle(const char* kind, double x, double y, double width, double height) {
  return "<rect class=\"" + std::string(kind) + "\" x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) +
         "\" width=\"" + coordinate(width) + "\" height=\"" + coordinate(height) + "\"/>";
}

std::string label(const char* kind, double x, double y, const char* anchor, const std::string& text) {
  return "<text class=\"" + std::string(kind) + "\" x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) +
         "\" text-anchor=\"" + anchor + "\">" + text + "</text>";
}

// What is not 0 is seen, however little it is.
std::string parts(const Counts& counts, double width, double height) {
  constexpr double kSeen = 2;
  const std::pair<const char*, std::uint64_t> all[] = {
      {"observed", counts.observed}, {"fail", counts.fail}, {"error", counts.error}};
  double taken = 0;
  std::string text;
  for (const auto& [kind, count] : all) {
    if (count == 0) continue;
    const double part =
        std::max(kSeen, width * static_cast<double>(count) / static_cast<double>(counts.units));
    taken += part;
    text += rectangle(kind, width - taken, 0, part, height);
  }
  const double passed = std::max(0.0, width - taken);
  return (counts.pass > 0 ? rectangle("pass", 0, 0, passed, height)
                          : rectangle("track", 0, 0, passed, height)) +
         text;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::uint64_t total_of(std::span<const RuleCount> rules) {
  std::uint64_t total = 0;
  for (const RuleCount& rule : rules) total += rule.units;
  return total;
}

std::string whole_bar(const Counts& counts) {
  if (counts.units == 0) return {};
  return "<svg class=\"whole\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" role=\"img\">" +
         parts(counts, 1000, 14) + "</svg>\n";
}

std::string model_bar(const Counts& counts) {
  return "<svg width=\"320\" height=\"16\" viewBox=\"0 0 320 16\" role=\"img\">" + parts(counts, 320, 16) +
         "</svg>";
}

std::string pareto(std::span<const RuleCount> rules, std::uint64_t total) {
  constexpr double kRow = 26, kTop = 22, kNames = 380, kBars = 560, kWidth = 1090;
  const double height = kTop + kRow * static_cast<double>(rules.size()) + 8;
  std::string text = "<div class=\"scroll\"><svg viewBox=\"0 0 " + coordinate(kWidth) + " " +
                     coordinate(height) + "\" width=\"" + coordinate(kWidth) + "\" role=\"img\">";
  for (int percent = 0; percent <= 100; percent += 25) {
    const double x = kNames + kBars * percent / 100;
    text += "<line class=\"grid\" x1=\"" + coordinate(x) + "\" y1=\"" + coordinate(kTop - 4) + "\" x2=\"" +
            coordinate(x) + "\" y2=\"" + coordinate(height) + "\"/>";
    text += label("soft", x, kTop - 9, "middle", std::to_string(percent) + " %");
  }
  std::string line, dots;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const double y = kTop + kRow * static_cast<double>(i);
    const auto share_of = [total](std::uint64_t units) {
      return static_cast<double>(units) / static_cast<double>(total);
    };
    const double width = std::max(2.0, kBars * share_of(rules[i].units));
    sum += rules[i].units;
    const double share = share_of(sum);
    text += label("", kNames - 12, y + 17, "end", escaped(rule_and_keyword(rules[i].rule, rules[i].keyword)));
    text += rectangle("bar", kNames, y + 4, width, kRow - 9);
    text += label("", kNames + kBars + 14, y + 17, "start", grouped(rules[i].units));
    text += label("soft", kWidth - 4, y + 17, "end", coordinate(share * 100) + " %");
    const std::string at = coordinate(kNames + kBars * share) + "," + coordinate(y + kRow / 2);
    line += (i == 0 ? "" : " ") + at;
    dots += "<circle class=\"dot\" cx=\"" + coordinate(kNames + kBars * share) + "\" cy=\"" +
            coordinate(y + kRow / 2) + "\" r=\"3.5\"/>";
  }
  return text + "<polyline class=\"sum\" points=\"" + line + "\"/>" + dots + "</svg></div>\n";
}

}  // namespace dmigate::gate::audit
