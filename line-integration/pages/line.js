// The line today. Charts are few bars: drawn here as SVG, so that a screen reader gets their numbers as text.
import {ask, at, begin, draw, make, put, table, tag, tellAway, unitLink} from './page.js';
import {say} from './words.js';

const kStages = ['incoming', 'pre-burn', 'post-burn', 'pre-image', 'post-image', 'ship'];
const kRecent = 5 * 60 * 1000; // ms
const kAgain = 5000;           // ms
const kShown = 12;             // findings

const by = (id) => document.getElementById(id);
const percent = (part, whole) => (whole > 0 ? (100 * part / whole).toFixed(1) + ' %' : '–');

// One bar for each row: what it is, how long, and its number in words.
function bars(rows, kind) {
  if (rows.length === 0) return make('p', {class: 'soft'}, say('nothing'));
  const [kHeight, kName, kBar, kWidth] = [26, 300, 220, 620];
  const most = Math.max(...rows.map((row) => row.of ?? row.value), 1);
  const chart = draw('svg', {class: 'chart', viewBox: `0 0 ${kWidth} ${rows.length * kHeight}`, role: 'img',
    'aria-label': rows.map((row) => `${row.name}: ${row.said}`).join('; ')});
  rows.forEach((row, i) => {
    const y = i * kHeight;
    const name = draw('text', {x: 0, y: y + 17});
    name.textContent = row.name.length > 46 ? row.name.slice(0, 45) + '…' : row.name;
    const said = draw('text', {x: kName + kBar + 10, y: y + 17});
    said.textContent = row.said;
    const full = row.of ?? most;
    chart.append(name, draw('rect', {class: 'track', x: kName, y: y + 4, width: kBar, height: 17, rx: 3}),
      draw('rect', {class: kind(row), x: kName, y: y + 4, width: kBar * row.value / full, height: 17, rx: 3}), said);
  });
  return chart;
}

function columns(counts) {
  const [kHeight, kBase, kWidth] = [190, 165, 620];
  const most = Math.max(...counts, 1);
  const step = kWidth / 24;
  const chart = draw('svg', {class: 'chart', viewBox: `0 0 ${kWidth} ${kHeight}`, role: 'img',
    'aria-label': counts.map((count, hour) => (count > 0 ? `${hour}:00 ${count}` : '')).filter(Boolean).join('; ') || say('nothing')});
  counts.forEach((count, hour) => {
    const height = 140 * count / most;
    chart.append(draw('rect', {class: 'track', x: hour * step + 3, y: kBase - 2, width: step - 6, height: 2}),
      draw('rect', {class: 'plain', x: hour * step + 3, y: kBase - height, width: step - 6, height, rx: 2}));
    const name = draw('text', {x: hour * step + step / 2, y: kHeight - 6, 'text-anchor': 'middle'});
    name.textContent = hour % 2 === 0 ? String(hour) : '';
    const said = draw('text', {x: hour * step + step / 2, y: kBase - height - 5, 'text-anchor': 'middle'});
    said.textContent = count > 0 ? String(count) : '';
    chart.append(name, said);
  });
  return chart;
}

let chosen = null;
function showHours(hours) {
  const stages = kStages.filter((stage) => hours[stage]);
  const select = by('stage');
  if (select.childElementCount !== stages.length) put(select, ...stages.map((stage) => make('option', {value: stage}, stage)));
  const stage = stages.includes(chosen) ? chosen : stages.at(-1);
  if (stage) select.value = stage;
  select.classList.toggle('hidden', stages.length === 0);
  put(by('hours'), columns(stage ? hours[stage] : new Array(24).fill(0)));
}

function show(told) {
  by('title').textContent = `${say('line')} · ${told.day}`;
  const order = (row) => kStages.indexOf(row.stage);
  const rows = [...told.yield].sort((a, b) => a.model.localeCompare(b.model) || order(a) - order(b));
  const sum = (name) => rows.reduce((all, row) => all + row[name], 0);
  by('units').textContent = sum('units').toLocaleString();
  by('first').textContent = percent(sum('first_pass'), sum('units'));
  by('finally').textContent = percent(sum('passed'), sum('units'));
  by('heard').textContent = String(told.stations.filter((each) => Date.now() - new Date(each.heard) < kRecent).length);
  put(by('yield'), bars(rows.map((row) => ({name: `${row.model} · ${row.stage}`, value: row.first_pass, of: row.units,
    said: `${percent(row.first_pass, row.units)}   ${row.first_pass}/${row.units}`})), () => 'good'));
  put(by('pareto'), bars(told.findings.slice(0, kShown).map((row) => ({name: row.finding, value: row.times, said: String(row.times)})), () => 'bad'));
  showHours(told.passed_per_hour);
  put(by('stations'), table([{say: 'station'}, {say: 'heard'}, {say: 'outcome'}, {say: 'passed', number: true}, {say: 'failed', number: true}, {say: 'errors', number: true}],
    told.stations.map((each) => [each.outcome ? make('a', {href: '/station/' + encodeURIComponent(each.station)}, each.station) : each.station, at(each.heard), tag(each.outcome),
      String(each.passed), String(each.failed), String(each.errors)])));
  put(by('last'), table([{say: 'time', tight: true}, {say: 'station', tight: true}, {say: 'stage', tight: true}, {say: 'outcome', tight: true}, {say: 'label', tight: true},
    {say: 'model', tight: true}, {say: 'message'}],
    told.last.slice(0, 20).map((each) => [at(each.time), each.station, each.stage, tag(each.outcome), unitLink(each.label || each.unit), each.model, each.message])));
}

let told = null;
async function load() {
  const answer = await ask('/v1/line');
  tellAway(answer.status !== 200);
  if (answer.status !== 200) return;
  told = answer.body;
  show(told);
}

await begin('line');
by('stage').addEventListener('change', () => { chosen = by('stage').value; if (told) showHours(told.passed_per_hour); });
await load();
let soon = null;
new EventSource('/v1/events').addEventListener('record', () => { soon ??= setTimeout(() => { soon = null; load(); }, 300); });
setInterval(load, kAgain);
