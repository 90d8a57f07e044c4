// The charts over time, drawn by uPlot. Each has its values as text, so nobody needs to see a line.
import {clock, make, millis, number, say} from './text.js';

const PLAIN = (value) => number(value);
const RATE = (value) => (value === null ? '–' : number(value) + '/s');

const MEAN = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const MOST = (values) => Math.max(...values);
const LEAST = (values) => Math.min(...values);

/**
 * What each chart shows. A line makes its value of a row. If a point stands for several rows, a rate
 * is their mean; else the worst of them counts.
 */
const CHARTS = [
  {
    title: 'Requests', unit: 'a second', format: RATE, stacked: true,
    lines: [ // the lowest first
      {name: 'lost', mark: 'bad',
        of: (row) => row.no_capacity + row.upstream_failed + row.timed_out + row.gateway_failed},
      {name: 'callers’ 4xx', mark: 'other', between: true, of: (row) => row.caller_fault + row.over_limit},
      {name: 'answered', mark: 'good', of: (row) => row.answered},
    ],
  },
  {
    title: 'Time of answers', unit: 'last 10 s', format: millis, join: MOST,
    lines: [
      {name: 'p99', mark: 'second', of: (row) => row.latency_p99},
      {name: 'p50', mark: 'first', of: (row) => row.latency_p50},
      {name: 'first content', mark: 'third', dashed: true, of: (row) => row.first_p99},
    ],
  },
  {
    title: 'Under way', unit: 'requests', format: PLAIN, join: MOST,
    lines: [
      {name: 'queued', mark: 'warn', filled: true, of: (row) => row.queued},
      {name: 'on endpoints', mark: 'first', of: (row) => row.in_flight},
      {name: 'limit', mark: 'other', dashed: true, of: (row) => row.limit, optional: true},
    ],
  },
  {
    title: 'Endpoints', unit: '', format: PLAIN, join: MOST, steps: true,
    lines: [
      {name: 'up', mark: 'good', filled: true, join: LEAST, of: (row) => row.up},
      {name: 'all', mark: 'other', dashed: true, of: (row) => row.endpoints},
    ],
  },
  {
    title: 'Cache', unit: 'a second', format: RATE, needs: 'cache',
    lines: [
      {name: 'hits', mark: 'good', filled: true, of: (row) => row.cache_hits},
      {name: 'misses', mark: 'other', of: (row) => row.cache_misses},
    ],
  },
  {
    title: 'Extra work', unit: 'a second', format: RATE, needs: 'extra',
    lines: [
      {name: 'retries', mark: 'warn', of: (row) => row.retries},
      {name: 'hedges', mark: 'second', of: (row) => row.hedges},
      {name: 'fallbacks', mark: 'third', of: (row) => row.fallbacks},
    ],
  },
];

const NEEDS = {
  cache: (kinds) => kinds.has('cache'),
  extra: (kinds) => kinds.has('retry') || kinds.has('hedge') || kinds.has('fallback'),
};

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

class Chart {
  constructor(described, charts) {
    this.described = described;
    this.charts = charts;
    this.lines = described.lines;
    this.values = [];
    this.element = make('figure', 'card chart');
    const caption = make('figcaption');
    const heading = make('h2', '', described.title);
    this.when = make('span', 'quiet', described.unit);
    heading.append(this.when);
    caption.append(heading);
    for (const line of this.lines) {
      const value = make('span', 'value m-' + line.mark + (line.dashed ? ' dashed' : ''), line.name + ' ');
      const told = make('b', '', '–');
      value.append(told);
      caption.append(value);
      this.values.push(told);
    }
    this.plotted = make('div', 'plot', null, {'aria-hidden': 'true'});
    this.element.append(caption, this.plotted);
  }

  /** Draws with the colours that hold now. */
  draw() {
    if (this.plot) this.plot.destroy();
    const font = '11px ' + getComputedStyle(document.body).fontFamily;
    const axis = {stroke: color('quiet'), font, grid: {stroke: color('grid'), width: 1}, ticks: {show: false}};
    const format = this.described.format;
    const options = {
      width: Math.max(100, this.plotted.clientWidth),
      height: this.plotted.clientHeight,
      padding: [8, 18, 0, 0],
      legend: {show: false},
      cursor: {sync: {key: 'live'}, y: false, drag: {x: false, y: false}, points: {show: false}},
      scales: {
        x: {time: true, range: () => this.charts.range()},
        y: {range: (plot, low, high) => [0, high > 0 ? high * 1.1 : 1]},
      },
      axes: [
        {...axis, size: 24, gap: 6, space: 64, values: (plot, splits) => splits.map(timeOfDay)},
        {...axis, size: 48, gap: 4, space: 26,
          values: (plot, splits) => splits.map((split) => format(split).replace('/s', ''))},
      ],
      series: [{}, ...this.lines.map((line) => this.series(line))],
      hooks: {
        setCursor: [(plot) => this.tell(plot.cursor.idx)],
        drawClear: [(plot) => this.markChanges(plot)],
      },
    };
    if (this.described.stacked) {
      options.bands = this.lines.slice(1).map((line, i) => ({series: [i + 2, i + 1]}));
    }
    this.plot = new uPlot(options, this.columns(), this.plotted);
  }

  series(line) {
    const stroke = color(line.mark);
    const filled = this.described.stacked || line.filled;
    return {
      stroke: line.between ? undefined : stroke,
      width: line.dashed ? 1.5 : 1.75,
      dash: line.dashed ? [3, 4] : undefined,
      fill: filled ? stroke + '38' : undefined,
      points: {show: false},
      spanGaps: false,
      paths: this.described.steps ? uPlot.paths.stepped({align: 1}) : undefined,
    };
  }

  /** Thin lines at what went wrong. */
  markChanges(plot) {
    const [from, to] = this.charts.range();
    const {left, top, width, height} = plot.bbox;
    plot.ctx.save();
    plot.ctx.lineWidth = 1;
    for (const change of this.charts.changes) {
      const at = change.at / 1000;
      if (at < from || at > to || change.level !== 'bad') continue;
      plot.ctx.strokeStyle = color('bad') + '59';
      const x = Math.round(left + (width * (at - from)) / (to - from)) + 0.5;
      plot.ctx.beginPath();
      plot.ctx.moveTo(x, top);
      plot.ctx.lineTo(x, top + height);
      plot.ctx.stroke();
    }
    plot.ctx.restore();
  }

  columns() {
    const groups = this.charts.groups;
    const columns = [groups.map((rows) => rows[rows.length - 1].at / 1000)];
    let below = groups.map(() => 0);
    for (const line of this.lines) {
      const join = line.join || this.described.join || MEAN;
      const own = groups.map((rows) => {
        const values = rows.map((row) => line.of(row)).filter((value) => value !== null);
        return values.length ? join(values) : null;
      });
      if (this.described.stacked) {
        below = own.map((value, i) => below[i] + value);
        columns.push(below);
      } else {
        columns.push(own);
      }
    }
    return columns;
  }

  update() {
    if (!this.plot) this.draw();
    else this.plot.setData(this.columns());
    if (!this.plot.cursor || this.plot.cursor.left < 0) this.tell(null);
  }

  /** Tells the values at a place under the pointer, else the last ones: rates of ten seconds. */
  tell(index) {
    const rows = this.charts.rows;
    const shown = this.charts.groups[index];
    const row = rows[rows.length - 1];
    if (!row) return;
    say(this.when, shown ? clock(shown[shown.length - 1].at) : this.described.unit);
    this.lines.forEach((line, i) => {
      const join = line.join || this.described.join;
      const values = (shown || (join ? [row] : rows.slice(-10))).map(line.of).filter((each) => each !== null);
      const value = values.length ? (join || MEAN)(values) : null;
      this.values[i].parentElement.hidden = Boolean(line.optional) && value === null;
      say(this.values[i], this.described.format(value));
    });
  }
}

function timeOfDay(epochSeconds) {
  const at = new Date(epochSeconds * 1000);
  const two = (part) => String(part).padStart(2, '0');
  const minutes = two(at.getHours()) + ':' + two(at.getMinutes());
  return at.getSeconds() === 0 ? minutes : minutes + ':' + two(at.getSeconds());
}

/** All charts, with one range of time. */
export class Charts {
  constructor(parent) {
    this.parent = parent;
    this.rows = [];
    this.groups = [];
    this.changes = [];
    this.minutes = 15;
    this.charts = CHARTS.map((described) => new Chart(described, this));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
    new ResizeObserver(() => this.resize()).observe(parent);
  }

  range() {
    const last = this.rows.length ? this.rows[this.rows.length - 1].at / 1000 : Date.now() / 1000;
    return [last - this.minutes * 60, last];
  }

  /** The rows of the range, as many together as make a calm line: 90 points, whose times are fixed. */
  grouped() {
    const [from] = this.range();
    const each = (this.minutes * 60) / 90;
    const groups = [];
    let last = null;
    for (const row of this.rows) {
      const at = row.at / 1000;
      if (at < from) continue;
      const group = Math.floor(at / each);
      if (group !== last) groups.push([]);
      last = group;
      groups[groups.length - 1].push(row);
    }
    if (groups.length > 1) { // the last one is not over: it is of the same length, up to now
      const newest = this.rows[this.rows.length - 1].at;
      groups[groups.length - 1] = this.rows.filter((row) => row.at > newest - each * 1000);
    }
    return groups;
  }

  update(rows, changes, kinds) {
    this.rows = rows;
    this.changes = changes;
    this.groups = this.grouped();
    for (const chart of this.charts) {
      const needs = chart.described.needs;
      if (needs && !NEEDS[needs](kinds)) {
        chart.element.remove();
        continue;
      }
      if (!chart.element.isConnected) this.parent.append(chart.element);
      chart.update();
    }
  }

  show(minutes) {
    this.minutes = minutes;
    this.groups = this.grouped();
    this.each((chart) => chart.plot.setData(chart.columns()));
  }

  redraw() {
    this.each((chart) => chart.draw());
  }

  resize() {
    this.each((chart) => {
      const width = Math.max(100, chart.plotted.clientWidth);
      const height = chart.plotted.clientHeight;
      if (chart.plot.width !== width || chart.plot.height !== height) chart.plot.setSize({width, height});
    });
  }

  each(action) {
    for (const chart of this.charts) {
      if (chart.plot && chart.element.isConnected) action(chart);
    }
  }
}
