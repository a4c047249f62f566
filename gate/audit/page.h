// What every page of an audit has in common: how it looks, on a screen and printed, and how its table is
// searched. Inside gate/audit only.
#pragma once

#include <string_view>

namespace dmigate::gate::audit {

inline constexpr std::string_view kPageStyle = R"css(
:root { --ink: #1c2530; --soft: #5b6b7b; --line: #dde3ea; --paper: #ffffff; --wash: #f4f6f9;
        --pass: #2f8f5b; --fail: #c8392f; --error: #c98a1b; --observed: #5b7fa6; --accent: #1f4e79; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--wash); color: var(--ink);
       font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Microsoft YaHei", "Noto Sans CJK SC",
             "WenQuanYi Zen Hei", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 22px; margin: 0; letter-spacing: .01em; }
h2 { font-size: 17px; margin: 0 0 4px; }
p.hint { color: var(--soft); margin: 0 0 14px; font-size: 13px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px;
          margin-top: 18px; }
.top { display: flex; align-items: center; gap: 14px; }
p.of { color: var(--soft); margin: 4px 0 16px; }
.head { display: flex; flex-wrap: wrap; gap: 18px 34px; align-items: center; }
.badge { display: inline-block; padding: 3px 14px; border-radius: 999px; color: #fff; font-weight: 700;
         letter-spacing: .04em; }
.badge.PASS { background: var(--pass); } .badge.FAIL { background: var(--fail); }
.badge.ERROR { background: var(--error); } .badge.OBSERVED { background: var(--observed); }
.yield { font-size: 52px; font-weight: 700; line-height: 1; font-variant-numeric: tabular-nums; }
.yield small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); margin-top: 6px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px 30px; }
.tile b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; line-height: 1.2; }
.tile span { color: var(--soft); font-size: 13px; }
.tile.fail b { color: var(--fail); } .tile.error b { color: var(--error); } .tile.pass b { color: var(--pass); }
.whole { margin-top: 18px; display: block; width: 100%; height: 14px; }
svg { display: block; max-width: 100%; }
svg .pass { fill: var(--pass); } svg .fail { fill: var(--fail); } svg .error { fill: var(--error); }
svg .observed { fill: var(--observed); } svg .track { fill: #e9edf2; } svg .bar { fill: var(--accent); }
svg text { font-size: 13px; fill: var(--ink); } svg text.soft { fill: var(--soft); font-size: 12px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .sum { fill: none; stroke: #d9822b; stroke-width: 2; } svg .dot { fill: #d9822b; }
.legend { display: flex; gap: 18px; font-size: 13px; color: var(--soft); margin-bottom: 8px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px; }
.legend .pass { background: var(--pass); } .legend .fail { background: var(--fail); }
.legend .error { background: var(--error); } .legend .observed { background: var(--observed); }
.legend .bar { background: var(--accent); } .legend .sum { background: #d9822b; border-radius: 50%; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); border-bottom: 2px solid var(--line);
     padding: 6px 10px; }
td { border-bottom: 1px solid var(--line); padding: 7px 10px; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.path, .value { font-family: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace; font-size: 13px;
                overflow-wrap: anywhere; }
.advice { color: var(--soft); font-size: 13px; }
.advice::before { content: "\2192\00a0"; }
.said + .said { margin-top: 6px; }
details summary { cursor: pointer; color: var(--accent); }
input[type=search] { width: 100%; padding: 9px 12px; border: 1px solid #b9c4d0; border-radius: 8px; font: inherit;
                     margin-bottom: 6px; }
.partial { background: #fff3d6; border: 1px solid #e3b95b; border-radius: 10px; padding: 12px 18px;
           margin-top: 18px; font-weight: 600; }
.scroll { overflow-x: auto; }
#units th:nth-child(2), .known th:first-child { width: 30%; } #units .model { white-space: nowrap; }
.groups td.path { width: 45%; }
tbody tr:hover { background: #fafbfd; }
[hidden] { display: none !important; }
footer { color: var(--soft); font-size: 12px; margin-top: 22px; }
@media print {
  @page { margin: 14mm; }
  body { background: #fff; font-size: 11px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 12px 0; }
  section.keep, tr { break-inside: avoid; }
  thead { display: table-header-group; }
  input[type=search], .screen { display: none; }
  .yield { font-size: 40px; }
}
)css";

// Rows are shown that have every word that is typed.
inline constexpr std::string_view kPageScript = R"js(
(function () {
  var box = document.getElementById("search");
  if (!box) { return; }
  var rows = Array.prototype.slice.call(document.querySelectorAll("#units tbody tr"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  var shown = document.getElementById("shown");
  function look() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row, i) {
      var has = words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      row.hidden = !has;
      if (has) { count += 1; }
    });
    shown.textContent = count.toLocaleString("en");
  }
  box.addEventListener("input", look);
  if (location.hash.indexOf("#find=") === 0) { box.value = decodeURIComponent(location.hash.slice(6)); }
  look();
})();
)js";

}  // namespace dmigate::gate::audit
