// Asks the gateway for its figures each second, and shows them.
import {Charts} from './charts.js';
import {Changes, Endpoints, Stages} from './tables.js';
import {clock, lasting, make, number, percent, say} from './text.js';

const MOST_ROWS = 900;
const MOST_WAIT_MILLIS = 5000;
const LEVELS = {good: ['●', 'Good'], warn: ['◐', 'Watch'], bad: ['✕', 'Trouble']};
const SIDES = {none: '', upstream: 'Upstream', gateway: 'This gateway', callers: 'Callers'};
const ENDINGS = [
  ['answered', 'answered', '200'],
  ['caller_fault', 'wrong request', '4xx'],
  ['over_limit', 'over their limit', '429'],
  ['no_capacity', 'no room', '503'],
  ['upstream_failed', 'upstream failed', '502–504'],
  ['timed_out', 'too late', '504'],
  ['gateway_failed', 'gateway error', '500'],
  ['left', 'left', ''],
];

const get = (id) => document.getElementById(id);
const charts = new Charts(get('charts'));
const endpoints = new Endpoints(get('endpoints'), openAction);
const stages = new Stages(get('stages'));
const changes = new Changes(get('changes'));
let rows = [];
let last = -1;
let seen = 0; // when the gateway answered last
let mayAct = false;
let token = null; // only ever in this variable
let timer = null;

async function ask() {
  timer = null;
  let wait = 1000;
  try {
    const answer = await fetch('/live/data?since=' + last, {cache: 'no-store', signal: AbortSignal.timeout(MOST_WAIT_MILLIS)});
    if (!answer.ok) throw new Error('status ' + answer.status);
    const data = await answer.json();
    show(data);
    seen = data.at;
    wait = data.nextMillis + 20;
    get('lost').hidden = true;
    document.body.classList.remove('old');
  } catch (e) {
    lose();
  }
  if (!document.hidden) timer = setTimeout(ask, Math.min(wait, MOST_WAIT_MILLIS));
}

function lose() {
  document.body.classList.add('old');
  const lost = get('lost');
  say(lost, 'The gateway does not answer' + (seen ? '; what is shown is of ' + clock(seen) : '') + '.');
  lost.hidden = false;
  document.title = '✕ No answer from the gateway';
}

function show(data) {
  const added = data.rows.map((row) => Object.fromEntries(data.figures.map((name, i) => [name, row[i]])));
  const newest = rows.length ? rows[rows.length - 1].at : 0;
  rows = rows.concat(added.filter((row) => row.at > newest)).slice(-MOST_ROWS);
  last = data.last;
  const state = data.state;
  say(get('title'), state.title);
  say(get('clock'), 'As of ' + clock(data.at) + ' · up ' + lasting(data.at - state.started));
  showVerdict(state.verdict, data.at);
  showEndings(state.minute, state.reasons);
  charts.update(rows, state.changes, new Set(state.stages.map((stage) => stage.kind)));
  endpoints.update(state.pools, state.sources, data.at, mayAct);
  stages.update(state.stages, state.memory, state.sections);
  changes.update(state.changes, state.started);
}

function showVerdict(verdict, now) {
  const [glyph, word] = LEVELS[verdict.level];
  get('verdict').dataset.level = verdict.level;
  say(get('glyph'), glyph);
  say(get('level'), word);
  say(get('headline'), verdict.headline);
  say(get('detail'), verdict.detail);
  const side = SIDES[verdict.side];
  say(get('since'), (side ? side + ' · ' : '') + 'since ' + clock(verdict.since) + ' (' + lasting(now - verdict.since) + ')');
  document.title = glyph + ' ' + verdict.headline;
}

function showEndings(minute, reasons) {
  const all = ENDINGS.reduce((sum, [key]) => sum + minute[key], 0);
  const bar = get('bar');
  const list = get('endings');
  ENDINGS.forEach(([key, words, code], i) => {
    if (!list.children[i]) {
      bar.append(make('i', 'k-' + key));
      const item = make('li', 'k-' + key);
      item.append(make('b'), make('span', '', words + (code ? ' (' + code + ')' : '')));
      list.append(item);
    }
    const count = minute[key];
    bar.children[i].style.flexGrow = count;
    bar.children[i].hidden = count === 0;
    list.children[i].classList.toggle('none', count === 0);
    list.children[i].hidden = count === 0 && i > 0;
    say(list.children[i].firstChild, count && all ? percent(count / all) + ' · ' + number(count) : '0');
  });
  say(get('reasons'), reasons.length ? 'Reasons: ' + reasons.map((each) => each.reason + ' ' + number(each.count)).join(', ') : '');
  get('reasons').hidden = reasons.length === 0;
}

// Actions: only if the administration has a token.

let action = null;

function openAction(pool, endpoint, button) {
  const undo = endpoint.state === 'draining';
  action = {pool, id: endpoint.id, verb: undo ? 'undrain' : 'drain', button};
  const verb = undo ? 'Undrain' : 'Drain';
  say(get('action-heading'), verb + ' ' + endpoint.id + '?');
  say(get('action-text'), undo
    ? 'It is given requests again, with a slow start.'
    : 'It is given no new requests. The ' + endpoint.inFlight + ' under way are finished.');
  say(get('action-do'), verb);
  say(get('action-error'), '');
  get('token-label').hidden = token !== null;
  get('token').value = '';
  get('action').showModal();
  (token === null ? get('token') : get('action-do')).focus();
}

async function act() {
  const shown = token === null ? get('token').value.trim() : token;
  const path = '/pools/' + encodeURIComponent(action.pool) + '/endpoints/' + encodeURIComponent(action.id) + '/' + action.verb;
  let error = '';
  try {
    const asked = await fetch('/token', {headers: {authorization: 'Bearer ' + shown}, cache: 'no-store'});
    if (!(await asked.json()).shown) {
      token = null;
      error = 'This is not the token.';
    } else {
      token = shown;
      const answer = await fetch(path, {method: 'POST', headers: {authorization: 'Bearer ' + token}});
      if (!answer.ok) error = (await answer.json()).error.message;
    }
  } catch (e) {
    error = 'The gateway does not answer.';
  }
  say(get('action-error'), error);
  get('token-label').hidden = token !== null;
  if (error) return get('token').focus();
  get('action').close();
}

get('action-form').addEventListener('submit', (event) => {
  event.preventDefault();
  act();
});
get('action-cancel').addEventListener('click', () => get('action').close());
get('action').addEventListener('close', () => action && action.button.focus());

for (const button of document.querySelectorAll('.ranges button')) {
  button.addEventListener('click', () => {
    document.querySelectorAll('.ranges button').forEach((each) => each.setAttribute('aria-pressed', String(each === button)));
    charts.show(Number(button.dataset.minutes));
  });
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && timer === null) ask();
});

try {
  mayAct = (await (await fetch('/token', {cache: 'no-store'})).json()).configured;
} catch (e) {
  lose();
}
ask();
