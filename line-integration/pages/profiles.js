// Which profiles are loaded, what lint says, where they are used, and what the newest version changed.
import {ask, at, begin, make, put, table} from './page.js';
import {say} from './words.js';

const main = document.getElementById('main');
const one = document.getElementById('one');

function notes(list) {
  if (list.length === 0) return make('span', {class: 'soft'}, say('clean'));
  return make('ul', {}, ...list.map((note) => make('li', {}, make('span', {class: note.severity === 'error' ? 'tag FAIL' : 'tag warn'}, note.severity), ' ',
    `${note.file}:${note.line} ${note.message}`)));
}

function statement(row) {
  return row ? [row.section, row.name, row.what, row.value].filter(Boolean).join('  ') : '';
}

async function open(name, me) {
  const answer = await ask('/v1/profiles/' + encodeURIComponent(name));
  if (answer.status !== 200) {
    put(one, make('p', {class: 'notice', role: 'alert'}, answer.body?.what ?? say('lostWhy')));
    return;
  }
  const told = answer.body;
  const changes = told.before === null ? make('p', {class: 'soft'}, say('noBefore'))
    : make('div', {}, make('h3', {}, say('before', {n: told.before})),
      ...told.changes.map((change) => make('div', {class: change.change + ' mono'},
        {added: '+ ', removed: '− ', changed: '~ '}[change.change], statement(change.before),
        change.before && change.after ? '  →  ' : '', change.after ? statement(change.before ? {value: change.after.value || change.after.what} : change.after) : '')));
  const said = make('p', {role: 'status'});
  const field = make('textarea', {class: 'code mono', 'aria-label': say('offer'), spellcheck: 'false'}, told.text);
  const send = make('button', {type: 'button'}, say('send'));
  send.addEventListener('click', async () => {
    const result = await ask('/v1/profiles/' + encodeURIComponent(name), {method: 'PUT', body: field.value, headers: {'Content-Type': 'application/yaml'}});
    if (result.status === 200) { await load(me); await open(name, me); }
    said.className = result.status === 200 ? 'notice good' : 'notice';
    said.textContent = result.status === 200 ? say('taken') : `${result.body?.what ?? say('lostWhy')}  ${result.body?.advice ?? ''}`;
    one.querySelector('p[role=status]')?.replaceWith(said);
  });
  put(one, make('section', {class: 'card whole'}, make('h2', {}, `${told.name} v${told.version}`), notes(told.notes), changes,
    me?.role === 'engineer' ? make('div', {}, make('h3', {}, say('offer')), make('p', {class: 'soft'}, say('sendHint')), field, send, said)
      : make('details', {}, make('summary', {}, say('text')), make('pre', {}, told.text))));
}

async function load(me) {
  const [answer, line] = await Promise.all([ask('/v1/profiles'), ask('/v1/line')]);
  if (answer.status !== 200) {
    put(main, make('p', {class: 'notice', role: 'alert'}, answer.body?.what ?? say('lostWhy')));
    return;
  }
  const stations = line.body?.stations ?? [];
  const models = answer.body.profiles.filter((each) => each.model);
  put(main, answer.body.problem ? make('p', {class: 'notice', role: 'alert'}, `${say('problem')} ${answer.body.problem}`) : null,
    make('section', {class: 'card whole'}, make('p', {class: 'soft'}, `${say('loadedAt')} ${at(answer.body.loaded_at)}`),
      table([{say: 'profile'}, {say: 'version'}, {say: 'lint'}, {say: 'where'}], models.map((each) => {
        const button = make('button', {class: 'plain', type: 'button'}, each.name);
        button.addEventListener('click', () => open(each.name, me));
        const mine = answer.body.notes.filter((note) => note.file === each.name + '.yaml');
        return [make('div', {}, button, make('div', {class: 'soft'}, each.description)),
          make('div', {}, `v${each.loaded?.version ?? each.version}`, make('div', {class: 'mono soft'}, (each.loaded?.sha256 ?? '').slice(0, 12))),
          each.problem ? make('span', {}, make('span', {class: 'tag FAIL'}, 'error'), ' ', each.problem) : notes(mine),
          make('div', {}, ...stations.filter((station) => station.profile.startsWith(each.name + ' v'))
            .map((station) => make('div', {}, `${station.station}: ${station.profile.slice(each.name.length + 1)}`)))];
      }))));
}

const me = await begin('profiles');
await load(me);
