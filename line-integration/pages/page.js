// What all pages share. Everything that comes from outside goes into the page as text, by make(): no string is
// ever read as HTML.
import {firstLanguage, language, say, setLanguage} from './words.js';

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function put(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

const kSvg = 'http://www.w3.org/2000/svg';
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(kSvg, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// The answer of the service; {status: 0} where none came in time.
export async function ask(path, options = {}) {
  const given = new AbortController();
  const late = setTimeout(() => given.abort(), options.patience ?? 10000);
  try {
    const answer = await fetch(path, {...options, signal: given.signal, cache: 'no-store', redirect: 'error',
      headers: {'Accept-Language': language, 'Dmigate-Page': '1', ...(options.headers ?? {})}});
    const text = await answer.text();
    let body = null;
    try { body = JSON.parse(text); } catch { /* no JSON */ }
    return {status: answer.status, body, text};
  } catch {
    return {status: 0, body: null, text: ''};
  } finally {
    clearTimeout(late);
  }
}

export function table(heads, rows) {
  const cell = (tag, content, head) => {
    const element = make(tag, head.number ? {class: 'number'} : head.tight ? {class: 'tight'} : {});
    if (tag === 'th') element.setAttribute('scope', 'col');
    element.append(content ?? '');
    return element;
  };
  if (rows.length === 0) return make('p', {class: 'soft'}, say('nothing'));
  return make('div', {class: 'scroll'}, make('table', {},
    make('thead', {}, make('tr', {}, ...heads.map((head) => cell('th', say(head.say), head)))),
    make('tbody', {}, ...rows.map((row) => make('tr', {}, ...row.map((each, i) => cell('td', each, heads[i])))))));
}

export function tag(outcome) {
  const known = ['PASS', 'FAIL', 'ERROR', 'OBSERVED'];
  return make('span', {class: `tag ${known.includes(outcome) ? outcome : 'other'}`}, outcome || '–');
}

export function unitLink(name) {
  return name ? make('a', {href: '/unit/' + encodeURIComponent(name), class: 'mono'}, name) : '–';
}

export function at(utc) {
  const time = new Date(utc);
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', {hour12: false});
}

// The frame of a page for people at a desk: who is logged in, the other pages, the search.
export async function begin(current) {
  const me = await ask('/v1/me');
  if (me.status === 401) location.href = '/login?next=' + encodeURIComponent(location.pathname);
  setLanguage(firstLanguage(me.body?.language));
  const bar = document.querySelector('header.bar');
  const link = (name, to) => {
    const element = make('a', {href: to, 'data-say': name}, say(name));
    if (name === current) element.setAttribute('aria-current', 'page');
    return element;
  };
  const field = make('input', {type: 'search', name: 'unit', 'data-hint': 'findHint', placeholder: say('findHint'), 'aria-label': say('find')});
  const form = make('form', {role: 'search'}, field, make('button', {class: 'plain', 'data-say': 'find'}, say('find')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (field.value.trim()) location.href = '/unit/' + encodeURIComponent(field.value.trim());
  });
  const other = make('button', {class: 'plain', type: 'button', 'aria-label': 'English / 中文'}, language === 'zh' ? 'English' : '中文');
  other.addEventListener('click', () => { setLanguage(language === 'zh' ? 'en' : 'zh'); location.reload(); });
  put(bar, make('img', {src: '/assets/mark.svg', alt: ''}), make('strong', {}, 'dmigate'), link('line', '/line'),
    link('profiles', '/profiles'), form, other, make('span', {}, me.body?.id ?? ''));
  return me.body;
}

// A notice above the page while the service does not answer.
export function tellAway(is) {
  let notice = document.getElementById('away');
  if (!is) return notice?.remove();
  if (notice) return undefined;
  notice = make('p', {id: 'away', class: 'notice', role: 'alert'}, say('away'));
  return document.querySelector('main').prepend(notice);
}
