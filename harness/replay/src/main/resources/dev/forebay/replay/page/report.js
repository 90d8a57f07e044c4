// Draws the charts of a report: their options were made when it was written. Nothing is fetched.
(function () {
  'use strict';
  const options = JSON.parse(document.getElementById('options').textContent);
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  let charts = [];

  // The line of an interval: [low, high, place in the list of names, pixels below it].
  function whisker(params, api) {
    const below = api.value(3) || 0;
    const low = api.coord([api.value(0), api.value(2)]);
    const high = api.coord([api.value(1), api.value(2)]);
    const style = { stroke: api.visual('color'), lineWidth: 1.5 };
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
    const y = low[1] + below;
    return {
      type: 'group',
      children: [
        line(low[0], y, high[0], y),
        line(low[0], y - 4, low[0], y + 4),
        line(high[0], y - 4, high[0], y + 4),
      ],
    };
  }

  // What the chooser says: all charts with lines show the same combinations.
  const chooser = document.getElementById('chooser');
  const boxes = chooser === null ? [] : Array.from(chooser.querySelectorAll('input'));

  function choose(chart, box) {
    chart.dispatchAction({ type: box.checked ? 'legendSelect' : 'legendUnSelect', name: box.value });
  }

  boxes.forEach((box) =>
    box.addEventListener('change', () => charts.forEach((chart) => choose(chart, box))));

  function withFunctions(option) {
    const series = option.series.map((one) =>
      one.type === 'custom' ? Object.assign({}, one, { renderItem: whisker }) : one);
    return Object.assign({}, option, { series });
  }

  function draw(onPaper) {
    charts.forEach((chart) => chart.dispose());
    charts = Object.keys(options).map((id) => {
      const place = document.getElementById(id);
      const theme = dark.matches && !onPaper ? 'dark' : null;
      const chart = echarts.init(place, theme, { renderer: 'svg' });
      chart.on('finished', () => { place.dataset.drawn = 'true'; });
      chart.setOption(withFunctions(options[id]));
      boxes.forEach((box) => choose(chart, box));
      return chart;
    });
  }

  function fit() {
    charts.forEach((chart) => chart.resize());
  }

  draw(false);
  dark.addEventListener('change', () => draw(false));
  window.addEventListener('resize', fit);
  window.addEventListener('beforeprint', () => draw(true));
  window.addEventListener('afterprint', () => draw(false));
})();
