// Explores a sweep: any metric against any factor, the others held or coloured.
'use strict';

const explorer = document.getElementById('explorer');
if (explorer) {
  const { factors, metrics, colours } = page.data.sweep;
  const [metric, across, by] = ['metric', 'across', 'by'].map((id) => document.getElementById(id));
  const holds = document.getElementById('holds');
  const option = (value, text) => page.element('option', { value: String(value) }, text);
  metrics.forEach((one, at) => metric.append(option(at, one.label)));
  factors.forEach((one, at) => across.append(option(at, one.label)));
  const label = (factor, level) => (factor.names ? factor.names[level] : page.number(factor.levels[level]));
  // Whether every point is a combination of levels of which none is left out.
  const isGrid = factors.reduce((product, factor) => product * factor.levels.length, 1) === factors[0].places.length;
  let chart = null;

  const points = () => factors[0].places.map((_, point) => point);
  const held = () => [...holds.querySelectorAll('select')].map((select) => [Number(select.dataset.factor), Number(select.value)]);
  const values = (chosen, quantile) => metrics[metric.value].quantiles[quantile].map((value, at) => (chosen === null || chosen.has(at) ? value : null));

  const controls = () => {
    const x = Number(across.value);
    const others = factors.map((_, at) => at).filter((at) => at !== x);
    // At first a colour for each level of another factor, where there is one.
    const kept = by.options.length ? by.value : 'first';
    by.replaceChildren(option('', 'none'));
    for (const at of others) if (factors[at].levels.length <= colours.length) by.append(option(at, factors[at].label));
    by.value = [...by.options].some((one) => one.value === kept) ? kept : (by.options[1] || by.options[0]).value;
    holds.replaceChildren();
    for (const at of isGrid ? others.filter((other) => String(other) !== by.value) : []) {
      const select = page.element('select', { 'data-factor': String(at) });
      factors[at].levels.forEach((_, level) => select.append(option(level, label(factors[at], level))));
      select.value = String(Math.floor(factors[at].levels.length / 2));
      select.addEventListener('change', redraw);
      holds.append(page.element('label', {}, `${factors[at].label} = `, select));
    }
    redraw();
  };

  const redraw = () => {
    const x = Number(across.value);
    const factor = factors[x];
    const fixed = held();
    const chosen = points().filter((point) => fixed.every(([at, level]) => factors[at].places[point] === level));
    const order = chosen.sort((a, b) => factor.places[a] - factor.places[b] || a - b);
    const axis = { kind: 'number', label: factor.label, x: [], names: factor.names };
    const place = (point) => (factor.names ? factor.places[point] : factor.levels[factor.places[point]]);
    const { quantiles, colour } = metrics[metric.value];
    const groups = by.value === '' ? [[null, order]] : factors[by.value].levels.map((_, level) => [level, order.filter((point) => factors[by.value].places[point] === level)]);
    const layers = [];
    if (isGrid) {
      axis.x = factor.levels.map((level, at) => (factor.names ? at : level));
      const on = (points, quantile) => factor.levels.map((_, at) => quantiles[quantile][points.find((point) => factor.places[point] === at)] ?? null);
      groups.forEach(([level, points], at) => {
        const shade = level === null ? colour : colours[at];
        const name = level === null ? '' : `${label(factors[by.value], level)}: `;
        if (groups.length <= 3) layers.push({ kind: 'band', label: `${name}90 % of replicas`, colour: shade, alpha: 0.15, low: on(points, 0), high: on(points, 4) });
        layers.push({ kind: 'line', dots: true, label: `${name}median`, colour: shade, values: on(points, 2) });
      });
    } else {
      axis.x = order.map(place);
      groups.forEach(([level, points], at) => {
        const inside = new Set(points);
        layers.push({ kind: 'points', label: level === null ? 'median of a point' : label(factors[by.value], level), colour: level === null ? colour : colours[at], values: order.map((point) => (inside.has(point) ? quantiles[2][point] : null)) });
      });
    }
    page.data.axes.sweep = axis;
    if (chart) chart.remove();
    const host = explorer.querySelector('figure');
    host.querySelector('figcaption').textContent = `${metrics[metric.value].label}: ${metrics[metric.value].doc}.`;
    chart = page.draw({ id: 'sweep', axis: 'sweep', wide: true, layers, marks: [] }, host);
  };

  for (const one of metrics) one.quantiles = one.quantiles.map(page.unpack);
  metric.addEventListener('change', redraw);
  across.addEventListener('change', controls);
  by.addEventListener('change', controls);
  controls();
}

document.documentElement.dataset.ready = String(Math.round(performance.now()));
