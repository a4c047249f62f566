// All that is known of a unit. Every string here came from a unit, a scanner or a person: text, never HTML.
import {ask, at, begin, make, put, table, tag, unitLink} from './page.js';
import {say} from './words.js';

const main = document.getElementById('main');
const asked = decodeURIComponent(location.pathname.split('/').slice(2).join('/'));
const card = (name, ...children) => make('section', {class: 'card whole'}, make('h2', {}, say(name)), ...children);
const shown = (value) => (value === null || value === undefined || value === '' ? '–' : String(value));

function facts(pairs) {
  return make('dl', {class: 'facts'}, ...pairs.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {class: 'mono'}, shown(value))]));
}

function visit(record) {
  const verdict = record.verdict ?? {};
  const station = verdict.station ?? {};
  const decision = record.verdict ? '' : ' rework';
  const head = make('div', {}, record.verdict ? tag(verdict.outcome) : make('span', {class: 'tag warn'}, record.kind), ' ',
    make('strong', {}, [verdict.stage, record.verdict ? record.kind : ''].filter(Boolean).join(' · ')), '  ',
    make('span', {class: 'soft'}, [at(record.time), `${record.station} #${record.seq}`, station.operator, station.work_order, station.lot, station.shift]
      .filter(Boolean).join('  ·  ')));
  const findings = (verdict.findings ?? []).map((each) => make('li', {}, make('code', {}, each.rule), ' ', each.message,
    each.advice ? make('div', {class: 'soft'}, '→ ' + each.advice) : null));
  const parts = (record.parts ?? []).map((part) => make('li', {}, `${part.keyword} → ${part.value || '?'} (${part.disposition})`));
  const command = verdict.command?.argv ? make('div', {class: 'mono soft'}, verdict.command.argv.join(' ') +
    (verdict.command.exit_status === null ? '' : `  → ${verdict.command.exit_status}`)) : null;
  return make('li', {class: (verdict.outcome ?? '') + decision}, head,
    record.by ? make('div', {}, `${say('by')}: ${record.by}  ·  ${say('reason')}: ${record.reason ?? ''}`) : null, command,
    findings.length + parts.length > 0 ? make('ul', {}, ...findings, ...parts) : null);
}

function structure(each) {
  const fields = Object.entries(each.fields ?? each).map(([name, value]) =>
    [name, value !== null && typeof value === 'object' ? JSON.stringify(value) : value]);
  return make('details', {}, make('summary', {}, `Type ${shown(each.type)}  ${shown(each.handle)}  ${each.name ?? ''}`), facts(fields));
}

function show(told) {
  const units = told.units ?? [];
  if (units.length !== 1) {
    put(main, make('h1', {class: 'mono'}, asked),
      make('p', {class: 'notice'}, say(units.length > 1 ? 'several' : told.records?.length > 0 ? 'noUnitYet' : 'noUnit')),
      units.length > 1 ? make('ul', {}, ...units.map((unit) => make('li', {}, unitLink(unit.unit), ' ', unit.label, ' ', unit.model))) : null,
      told.records?.length > 0 ? card('visits', make('ol', {class: 'visits'}, ...told.records.map(visit))) : null);
    return;
  }
  const unit = units[0];
  const latest = unit.records.find((record) => (record.verdict?.unit?.fields ?? []).length > 0);
  const structures = told.decoded?.structures ?? [];
  document.title = (unit.label || unit.unit) + ' – dmigate';
  put(main, make('h1', {}, make('span', {class: 'mono'}, unit.label || unit.unit), '  ', make('span', {class: 'soft'}, unit.model)),
    unit.work ? make('p', {class: 'notice'}, `${say('open')}: ${unit.work.state} ${unit.work.kind} · ${unit.work.stage} · ${unit.work.station} · ${at(unit.work.since)}`) : null,
    make('div', {class: 'cards'},
      card('visits', make('ol', {class: 'visits'}, ...unit.records.map(visit))),
      card('claims', table([{say: 'field'}, {say: 'value'}, {say: 'state'}, {say: 'station'}, {say: 'since'}],
        unit.claims.map((each) => [each.keyword, make('span', {class: 'mono'}, each.value), each.state + (each.disposition ? ` (${each.disposition})` : ''), each.station, at(each.since)]))),
      latest ? card('looks', table([{say: 'field'}, {say: 'value'}, {say: 'state'}],
        latest.verdict.unit.fields.map((each) => [each.keyword, make('span', {class: 'mono'}, shown(each.value)), each.state]))) : null,
      card('seen', table([{say: 'field'}, {say: 'value'}, {say: 'since'}],
        unit.seen.map((each) => [each.keyword + (each.witness ? ' ★' : ''), make('span', {class: 'mono'}, each.value), at(each.since)]))),
      structures.length > 0 ? card('decoded', ...structures.map(structure)) : null));
}

await begin('unit');
const answer = await ask('/v1/units/' + encodeURIComponent(asked));
if (answer.body?.units) show(answer.body);
else put(main, make('p', {class: 'notice', role: 'alert'}, answer.body?.what ?? say('lostWhy')));
