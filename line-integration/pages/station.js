// The operator's page. What stands on it belongs to the last scan and to no other: every scan clears all of it
// first, and an answer to an earlier one is thrown away. What the service cannot confirm is not shown.
import {ask, draw, make, put} from './page.js';
import {firstLanguage, language, say, setLanguage} from './words.js';

const station = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const main = document.getElementById('main');
const field = document.getElementById('scan');
const refused = document.getElementById('refused');
const lost = document.getElementById('lost');
const kLabel = /^[!-~]{1,64}$/;
const kPatience = 4000; // ms that an answer may take
const kBeat = 2000;     // ms between two questions whether the service is there

let label = '';     // of the unit that stands on the page
let scanned = 0;    // number of the scan; answers to another one are old
let away = '';      // why nothing may go on: '', 'lost', 'registry', 'out'
let shown = null;   // what stands there
let asked = 0;      // number of the question; an answer that comes behind a later one's is old
let answered = 0;

const kSigns = {
  PASS: () => [draw('path', {d: 'M14 54 L40 80 L88 24'})],
  FAIL: () => [draw('path', {d: 'M20 20 L80 80 M80 20 L20 80'})],
  ERROR: () => [draw('path', {d: 'M50 12 L50 62'}), draw('circle', {class: 'dot', cx: 50, cy: 84, r: 7})],
  OBSERVED: () => [draw('circle', {cx: 50, cy: 50, r: 38}), draw('path', {d: 'M30 50 L70 50'})],
  running: () => [draw('path', {d: 'M28 16 L82 50 L28 84 Z'})],
  waiting: () => [draw('circle', {cx: 50, cy: 50, r: 38}), draw('path', {d: 'M50 26 L50 52 L66 62'})],
  ready: () => [draw('path', {d: 'M10 32 L10 12 L30 12 M70 12 L90 12 L90 32 M90 68 L90 88 L70 88 M30 88 L10 88 L10 68'}),
    draw('path', {d: 'M28 34 L28 66 M43 34 L43 66 M57 34 L57 66 M72 34 L72 66'})],
};
function sign(name) {
  return draw('svg', {class: 'sign', viewBox: '0 0 100 100', 'aria-hidden': 'true'}, ...kSigns[name]());
}

function show(what) {
  if (JSON.stringify(what) === JSON.stringify(shown)) return;  // a live region is not read out again
  shown = what;
  document.body.className = 'station ' + what.kind;
  main.className = (what.findings ?? []).length > 0 ? 'full' : '';
  const word = say(what.word);
  const findings = what.findings ?? [];
  const first = findings[0];
  const rest = findings.slice(1);
  put(main,
    make('div', {class: 'verdict'}, sign(what.sign),
      make('div', {}, make('p', {class: word.length > 5 ? 'word long' : 'word', id: 'word'}, word),
        make('div', {class: 'label mono', id: 'label'}, what.label ?? ''),
        make('div', {class: 'about'}, [what.stage, what.model, what.time].filter(Boolean).join('  ·  ')))),
    first ? make('p', {class: 'first', id: 'first'}, first.message) : null,
    first && first.advice ? make('p', {class: 'todo', id: 'todo'}, '→ ' + first.advice) : null,
    !first && what.why ? make('p', {class: 'first'}, say(what.why)) : null,
    rest.length > 0 ? make('ul', {class: 'rest'}, ...rest.map((each) =>
      make('li', {}, each.advice ? `${each.message} → ${each.advice}` : each.message))) : null);
}

function showReady() {
  label = '';
  show({kind: 'ready', sign: 'ready', word: 'ready', why: 'readyWhy'});
}

function showAway(why) {
  if (away === why) return;
  away = why;
  lost.classList.toggle('hidden', why === '');
  if (why === '') {
    put(lost);
    // What stood there may be old by now: beat() asks.
    if (!label) showReady();
    return;
  }
  // Nothing of a unit stays under it, for eyes or for a screen reader.
  document.body.className = 'station away';
  put(main);
  shown = null;
  const words = {lost: ['lost', 'lostWhy'], registry: ['registryAway', 'registryWhy'], out: ['outWord', 'outWhy']}[why];
  put(lost, sign('ERROR'), make('p', {class: 'word', id: 'lost-word'}, say(words[0])), make('p', {}, say(words[1])),
    why === 'out' ? make('p', {}, make('a', {href: '/login?next=' + encodeURIComponent(location.pathname)}, say('login'))) : null);
}

function verdictOf(told) {
  const time = new Date(told.time).toLocaleTimeString(language === 'zh' ? 'zh-CN' : 'en-GB', {hour12: false});
  const common = {label: told.label, stage: told.stage, model: told.model, time};
  if (told.state === 'waiting') return {kind: 'waiting', sign: 'waiting', word: 'waiting', why: 'waitingWhy', label: told.label};
  const blocks = (told.findings ?? []).filter((each) => each.severity === 'error');
  // A command runs, or something holds the unit back: no PASS of it is one to go on by.
  if (told.state === 'running') return {...common, kind: 'running', sign: 'running', word: 'running', why: 'runningWhy'};
  if (told.state === 'pending') return {...common, kind: 'running', sign: 'waiting', word: 'pending', why: 'pendingWhy'};
  if (told.outcome === 'PASS' && blocks.length === 0 && told.state === 'judged') {
    return {...common, kind: 'PASS', sign: 'PASS', word: 'pass', why: 'passWhy'};
  }
  if (told.outcome === 'FAIL') return {...common, kind: 'FAIL', sign: 'FAIL', word: 'fail', findings: told.findings};
  if (told.outcome === 'OBSERVED') return {...common, kind: 'OBSERVED', sign: 'OBSERVED', word: 'observed', findings: told.findings};
  return {...common, kind: 'ERROR', sign: 'ERROR', word: 'error', findings: told.findings};
}

// What is known of the unit that was scanned as number `mine`.
async function look(mine) {
  const turn = ++asked;
  const answer = await ask(`/v1/stations/${encodeURIComponent(station)}/scan?unit=${encodeURIComponent(label)}`, {patience: kPatience});
  if (mine !== scanned || turn < answered || (away !== '' && answer.status !== 200)) return;
  answered = turn;
  if (answer.status === 200) {
    // A verdict stays until the next scan: that it is old by now is no news, that something came behind it is.
    const stays = answer.body?.old === true && shown?.label === label && !['waiting', 'running'].includes(shown?.kind);
    if (answer.body?.label === label && away === '' && !stays) show(verdictOf(answer.body));
  } else if (answer.status === 400) {
    showReady();
    refuse('noLabel');
  } else if (answer.status === 401 || answer.status === 403) {
    showAway('out');
  } else {
    showAway(answer.status === 503 ? 'registry' : 'lost');
  }
}

function refuse(why) {
  refused.textContent = why === '' ? '' : say(why);
  refused.classList.toggle('hidden', why === '');
}

function scan() {
  const typed = field.value.trim();
  field.value = '';
  if (typed === '') return;
  ++scanned;
  refuse('');
  if (away !== '') {
    label = '';  // the unit before is not the one in hand any more
    return void refuse('notTaken');
  }
  if (!kLabel.test(typed)) {
    showReady();
    return void refuse('noLabel');
  }
  label = typed;
  show({kind: 'waiting', sign: 'waiting', word: 'asking', label});
  look(scanned);
}

// A scanner types wherever the focus is: it is always in the field.
function keepFocus() {
  if (document.activeElement !== field) field.focus();
}
field.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  scan();
});
field.addEventListener('blur', () => setTimeout(keepFocus, 0));
document.addEventListener('click', keepFocus);
window.addEventListener('focus', keepFocus);
document.addEventListener('keydown', () => { if (document.activeElement !== field && document.activeElement?.id !== 'other') field.focus(); });

document.getElementById('other').addEventListener('click', () => {
  setLanguage(language === 'zh' ? 'en' : 'zh');
  document.getElementById('other').textContent = language === 'zh' ? 'English' : '中文';
  const why = away, what = shown;
  away = '';
  shown = null;
  if (why !== '') showAway(why);
  else if (what) {
    show(what);
    if (label) look(scanned);
  } else showReady();
});

// Whether the service and its registry are there: asked, since a cable that is pulled says nothing.
async function beat() {
  const answer = await ask('/healthz', {patience: kPatience});
  if (away !== 'out') showAway(answer.status === 200 ? '' : answer.status === 503 && answer.body?.status === 'registry' ? 'registry' : 'lost');
  if (away === '' && label) look(scanned);
  setTimeout(beat, kBeat);
}

const me = await ask('/v1/me', {patience: kPatience});
setLanguage(firstLanguage(me.body?.language));
document.getElementById('other').textContent = language === 'zh' ? 'English' : '中文';
document.getElementById('name').textContent = station;
document.getElementById('line').textContent = me.body?.role === 'station' ? me.body.line : '';
document.title = station + ' – dmigate';
const tick = () => { document.getElementById('clock').textContent = new Date().toLocaleTimeString('en-GB'); };
tick();
setInterval(tick, 1000);
showReady();
keepFocus();
if (me.status === 401 || me.status === 403) showAway('out');
const events = new EventSource('/v1/events?station=' + encodeURIComponent(station));
events.addEventListener('record', (event) => {
  let told = null;
  try { told = JSON.parse(event.data); } catch { return; }
  if (label && away === '' && told.label.toLowerCase() === label.toLowerCase()) look(scanned);
});
beat();
