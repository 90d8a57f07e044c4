// Endpoints, stages and changes. Rows are kept and changed in place, so the focus is not lost.
import {bytes, clock, lasting, make, millis, number, percent, say} from './text.js';

const LEVELS = {up: 'good', 'half-open': 'warn', draining: 'warn'};
const MOST_UP = 8;
const GLYPHS = {good: '●', warn: '◐', bad: '✕'};

const COLUMNS = [
  {name: 'In flight', of: (each) => number(each.inFlight)},
  {name: 'Requests/s', of: (each) => number(each.perSecond)},
  {name: 'First content', of: (each) => (each.firstContentMillis ? millis(each.firstContentMillis) : '–')},
  {name: 'Errors', of: (each) => percent(each.errorRate)},
];

/** The endpoints of all pools, the worst first. */
export class Endpoints {
  constructor(parent, act) {
    this.parent = parent;
    this.act = act;
    this.pools = new Map();
  }

  update(pools, sources, now, mayAct) {
    const names = new Set(pools.map((pool) => pool.name));
    for (const [name, pool] of this.pools) {
      if (!names.has(name)) {
        pool.card.remove();
        this.pools.delete(name);
      }
    }
    for (const pool of pools) {
      if (!this.pools.has(pool.name)) this.pools.set(pool.name, this.card(pool.name));
      const shown = this.pools.get(pool.name);
      this.note(shown, pool, sources.filter((source) => source.state === 'failing'));
      this.rows(shown, pool, now, mayAct);
    }
  }

  card(name) {
    const card = make('div', 'card');
    const id = 'pool-' + this.pools.size;
    const heading = make('h2', '', name === 'default' ? 'Endpoints' : 'Pool ' + name, {id});
    const counts = make('span', 'quiet');
    heading.append(counts);
    const note = make('p', 'pool-note');
    const table = make('table', '', null, {role: 'table', 'aria-labelledby': id});
    const head = make('thead', '', null, {role: 'rowgroup'});
    const row = make('tr', '', null, {role: 'row'});
    row.append(header('State'), header('Endpoint'));
    for (const column of COLUMNS) row.append(header(column.name, 'number'));
    row.append(header('Since', 'number'), header('Action', 'act'));
    head.append(row);
    const body = make('tbody', '', null, {role: 'rowgroup'});
    table.append(head, body);
    const more = make('button', 'more', '', {type: 'button', 'aria-expanded': 'false'});
    card.append(heading, note, table, more);
    this.parent.append(card);
    const shown = {card, counts, note, body, more, rows: new Map(), actions: row.lastChild, all: false};
    more.addEventListener('click', () => {
      shown.all = !shown.all;
      this.fold(shown);
    });
    return shown;
  }

  note(shown, pool, failing) {
    const states = Object.entries(pool.states).map(([state, count]) => count + ' ' + state);
    const hidden = pool.total - pool.endpoints.length;
    say(shown.counts, states.join(', ') + (hidden > 0 ? '; ' + hidden + ' not listed' : ''));
    const notes = [];
    if (pool.panic) notes.push('So few are healthy that cooldowns are ignored.');
    for (const account of pool.accounts) {
      if (account.state) notes.push('Account ' + account.account + ' is ' + account.state + (account.why ? ': ' + account.why : '') + '.');
    }
    for (const source of failing) {
      notes.push('Source ' + source.name + ' fails: ' + (source.why || 'unknown') + '; its last list holds.');
    }
    say(shown.note, notes.join(' '));
    shown.note.hidden = notes.length === 0;
  }

  rows(shown, pool, now, mayAct) {
    shown.actions.hidden = !mayAct;
    const ids = new Set(pool.endpoints.map((each) => each.id));
    for (const [id, row] of shown.rows) {
      if (!ids.has(id)) {
        row.element.remove();
        shown.rows.delete(id);
      }
    }
    const focused = document.activeElement;
    pool.endpoints.forEach((each, index) => {
      if (!shown.rows.has(each.id)) shown.rows.set(each.id, this.row(pool.name, each.id));
      const row = shown.rows.get(each.id);
      if (shown.body.children[index] !== row.element) shown.body.insertBefore(row.element, shown.body.children[index] || null);
      this.fill(row, each, now, mayAct);
    });
    this.fold(shown);
    if (focused && focused !== document.activeElement && shown.body.contains(focused)) focused.focus();
  }

  /** All that are out, and some that are up; the rest if somebody asks. */
  fold(shown) {
    let hidden = 0;
    [...shown.body.children].forEach((element, index) => {
      const fold = index >= MOST_UP && element.dataset.state === 'up';
      element.hidden = fold && !shown.all;
      if (fold) hidden++;
    });
    shown.more.hidden = hidden === 0;
    say(shown.more, shown.all ? 'Show fewer' : 'Show ' + hidden + ' more that are up');
    shown.more.setAttribute('aria-expanded', String(shown.all));
  }

  row(pool, id) {
    const element = make('tr', '', null, {role: 'row', 'data-endpoint': id, 'data-pool': pool});
    const state = make('span', 'state');
    const why = make('span', 'why');
    const numbers = COLUMNS.map((column) => cell('number', column.name));
    const since = cell('number', 'Since');
    const act = cell('act');
    const button = make('button', '', 'Drain', {type: 'button'});
    act.append(button);
    const where = cell('where');
    where.append(state);
    const name = cell('name');
    name.append(make('span', 'id', id), why);
    element.append(where, name, ...numbers, since, act);
    const row = {element, state, why, numbers, since, act, button};
    button.addEventListener('click', () => this.act(pool, row.last, button));
    return row;
  }

  fill(row, each, now, mayAct) {
    row.last = each;
    row.state.dataset.level = LEVELS[each.state] || 'bad';
    row.element.dataset.state = each.state;
    say(row.state, each.state);
    const details = [each.why];
    if (each.cooldownMillis) details.push('for another ' + lasting(each.cooldownMillis));
    if (each.slowStartShare !== undefined) details.push('slow start, ' + percent(each.slowStartShare) + ' of its weight');
    if (each.weight !== 1) details.push('weight ' + number(each.weight));
    if (each.group) details.push('group ' + each.group);
    say(row.why, details.filter(Boolean).join(' · '));
    COLUMNS.forEach((column, i) => say(row.numbers[i], column.of(each)));
    const since = Date.parse(each.since);
    say(row.since, lasting(now - since));
    row.since.title = clock(since);
    row.act.hidden = !mayAct;
    const action = each.state === 'draining' ? 'Undrain' : 'Drain';
    say(row.button, action);
    row.button.setAttribute('aria-label', action + ' ' + each.id);
  }
}

function header(name, className = '') {
  return make('th', className, name, {scope: 'col', role: 'columnheader'});
}

function cell(className, label) {
  const attributes = label ? {role: 'cell', 'data-label': label} : {role: 'cell'};
  return make('td', className, null, attributes);
}

/** What is told of a stage: a name, a value, and whether to watch it. */
const STAGES = {
  queue: (stage) => [
    ['Running, of limit', number(stage.inFlight) + ' of ' + (stage.limit < 0 ? '?' : number(stage.limit)), stage.inFlight >= stage.limit],
    ['Waiting', number(stage.queued), stage.queued > 0],
    ['Admitted', number(stage.minute.admitted)],
    ['Turned away, queue full', number(stage.minute.shed), stage.minute.shed > 0],
    ['Waited too long', number(stage.minute.expired), stage.minute.expired > 0],
  ],
  limit: (stage) => [
    ['Admitted', number(stage.minute.admitted)],
    ['Delayed', number(stage.minute.delayed)],
    ['Refused (429)', number(stage.minute.refused), stage.minute.refused > 0],
    ['Let through, limiter failed', number(stage.minute.failed_open), stage.minute.failed_open > 0],
  ],
  cache: (stage) => {
    const found = stage.minute.hits + stage.minute.joins + stage.minute.stale;
    const asked = found + stage.minute.misses;
    return [
      ['Answered from cache', asked ? percent(found / asked) : '–'],
      ['Hits, shared, stale', [stage.minute.hits, stage.minute.joins, stage.minute.stale].map(number).join(', ')],
      ['Misses', number(stage.minute.misses)],
      ['Entries', number(stage.entries) + ', ' + bytes(stage.bytes)],
      ['Store failed or late', number(stage.minute.failures + stage.minute.lookup_timeouts), stage.minute.failures + stage.minute.lookup_timeouts > 0],
    ];
  },
  retry: (stage) => [
    ['Retries', number(stage.minute.retries)],
    ['Requests saved', number(stage.minute.recovered)],
    ['Denied, budget used up', number(stage.minute.budget_denied), stage.minute.budget_denied > 0],
  ],
  hedge: (stage) => [
    ['Second calls', number(stage.minute.sent)],
    ['Of them, won', number(stage.minute.won)],
    ['Denied, budget used up', number(stage.minute.budget_denied + stage.minute.capped), stage.minute.budget_denied > 0],
  ],
  fallback: (stage) => [
    ['Fallbacks', number(stage.minute.fallbacks), stage.minute.fallbacks > 0],
    ['Denied, budget used up', number(stage.minute.budget_denied), stage.minute.budget_denied > 0],
  ],
};

/** What is told of a section: as of a stage. */
const SECTIONS = {
  jobs: (jobs) => [
    ['Waiting in the queue', number(jobs.queue_depth)],
    ['Oldest that is due', lasting(jobs.oldest_due_seconds * 1000), jobs.oldest_due_seconds > 60],
    ['Kept: queued, running', number(jobs.kept_queued) + ', ' + number(jobs.kept_running)],
    ['Kept: done, failed', number(jobs.kept_done) + ', ' + number(jobs.kept_failed)],
    ['Kept: dead letters', number(jobs.kept_dead), jobs.kept_dead > 0],
    ['Stores', jobs.usable ? 'in use' : 'not to be used', !jobs.usable],
  ],
  ledger: (ledger) => [
    ['Records that wait', number(ledger.waiting_records)],
    ['Database takes records', ledger.up ? 'yes' : 'no', !ledger.up],
    ['Drift, tokens', number(ledger.drift_tokens)],
  ],
  scaling: (pool) => [
    ['Replicas, ready', number(pool.ready_replicas)],
    ['On their way', number(pool.coming_replicas), pool.coming_replicas > 0],
    ['Ordered', number(pool.ordered_replicas)],
    ['Wanted', number(pool.wanted_replicas)],
  ],
};

/** A card for each queue, limit, cache, section and so on. */
export class Stages {
  constructor(parent) {
    this.parent = parent;
    this.cards = new Map();
  }

  update(stages, memory, sections) {
    this.shown = new Set();
    for (const stage of stages) this.card(stage.name, 'last minute', STAGES[stage.kind](stage));
    for (const section of sections) this.card(section.name, 'now', SECTIONS[section.kind](section.gauges));
    if (memory.boundBytes) {
      const share = memory.heldBytes / memory.boundBytes;
      this.card('memory', 'bodies and answers', [['Held', bytes(memory.heldBytes) + ' of ' + bytes(memory.boundBytes), share > 0.7]]);
    }
    for (const [name, card] of this.cards) {
      if (!this.shown.has(name)) { // a reload took it away
        card.element.remove();
        this.cards.delete(name);
      }
    }
  }

  card(name, note, lines) {
    this.shown.add(name);
    if (!this.cards.has(name)) {
      const card = make('div', 'card');
      const heading = make('h2', '', name);
      heading.append(make('span', 'quiet', note));
      const list = make('dl');
      card.append(heading, list);
      this.parent.append(card);
      this.cards.set(name, {element: card, list, values: []});
    }
    const {list, values} = this.cards.get(name);
    lines.forEach(([label, value, watch], i) => {
      if (!values[i]) {
        values[i] = make('dd');
        list.append(make('dt', '', label), values[i]);
      }
      say(values[i], value);
      values[i].classList.toggle('watch', Boolean(watch));
    });
  }
}

/** The list of what changed, the last first. */
export class Changes {
  constructor(parent) {
    this.parent = parent;
    this.shown = null;
  }

  update(changes, started) {
    const key = changes.length + ' ' + (changes[0] ? changes[0].at + changes[0].what + changes[0].to : '');
    if (key === this.shown) return;
    this.shown = key;
    this.parent.replaceChildren(...changes.map(line));
    if (!changes.length) this.parent.append(make('li', 'quiet', 'Nothing since ' + clock(started) + '.'));
  }
}

function line(change) {
  const item = make('li');
  const words = change.what === 'verdict' ? change.to : change.what + ': ' + change.to + (change.why ? ' (' + change.why + ')' : '');
  item.append(
    make('time', 'quiet', clock(change.at), {datetime: new Date(change.at).toISOString()}),
    make('span', 'mark', GLYPHS[change.level], {'data-level': change.level, 'aria-hidden': 'true'}),
    make('span', '', words));
  return item;
}
