// Draws a chart's layers with uPlot: bands, lines, stacks, paths and points, each with a button that shows or hides it.
'use strict';

const page = {};

page.data = JSON.parse(document.getElementById('data').textContent);

// Numbers are stored as whole steps of a power of ten, each as its difference from the one before; null is no value. What is never
// reached is infinite.
page.unpack = (packed) => {
  const scale = 10 ** Math.abs(packed.e);
  const never = new Set(packed.never);
  let sum = 0;
  return packed.d.map((difference, at) => {
    if (never.has(at)) return Infinity;
    if (difference === null) return null;
    sum += difference;
    return packed.e < 0 ? sum / scale : sum * scale;
  });
};

// Formats numbers as the table of metrics does, with one digit more.
page.number = (value) => {
  if (value === null || value === undefined) return '–';
  if (value === Infinity) return 'never';
  const size = Math.abs(value);
  if (size < 1e6 && Number.isInteger(value)) return value.toLocaleString('en-GB').replace('-', '−');
  if (size < 1e-4 || size >= 1e15) return value.toExponential(2).replace('-', '−');
  const decimals = Math.max(0, Math.min(7, 3 - Math.floor(Math.log10(size * 1.00005))));
  const text = value.toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return text.replace('-', '−');
};

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

page.day = (seconds) => {
  const date = new Date(seconds * 1000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
};

page.element = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

const darkness = matchMedia('(prefers-color-scheme: dark)');
let printing = false;

page.theme = () => {
  const dark = darkness.matches && !printing;
  return dark
    ? { dark, ink: '#e8e8e6', quiet: '#aeb2b7', rule: '#2b2f35', paper: [22, 24, 27] }
    : { dark, ink: '#222222', quiet: '#565656', rule: '#e4e4e4', paper: [255, 255, 255] };
};

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

const luminance = (rgb) => {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

// The same hue, mixed with white on a dark sheet until a line of it can be seen.
page.readable = (hex) => {
  const { dark, paper } = page.theme();
  let rgb = channels(hex);
  while (dark && contrast(rgb, paper) < 4.5) rgb = rgb.map((part) => Math.min(255, part + (255 - part) * 0.1 + 1));
  return rgb.map(Math.round);
};

const css = (rgb, alpha = 1) => `rgba(${rgb.join(',')},${alpha})`;

const tickText = (value, step) => {
  const decimals = Math.max(0, Math.min(7, Math.ceil(-Math.log10(step) - 1e-9)));
  const fits = Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6;
  const digits = fits ? decimals : decimals + 1;
  const text = value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace('-', '−');
};

const timeTicks = (u, splits, axis, space, step) => {
  let year = null;
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const month = MONTHS[date.getUTCMonth()];
    const text = step >= 365 * 86400 ? '' : step >= 28 * 86400 ? month : `${date.getUTCDate()} ${month}`;
    const isNew = date.getUTCFullYear() !== year;
    year = date.getUTCFullYear();
    return text === '' ? String(year) : isNew ? `${text}\n${year}` : text;
  });
};

// The colour of a value on a scale of cells, as paper has it.
const cellColour = ({ low, high, log, colours }, value) => {
  const share = log ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return colours[Math.round(Math.max(0, Math.min(1, share)) * (colours.length - 1))];
};

// uPlot knows finite numbers alone.
const finite = (values) => values.map((value) => (Number.isFinite(value) ? value : null));

// What uPlot is given for the layers that are shown: its columns, its series, and the bands between them.
const assemble = (x, layers) => {
  const columns = [x];
  const series = [{}];
  const bands = [];
  let below = null;
  for (const layer of layers) {
    const colour = page.readable(layer.colour);
    const places = [];
    const add = (values, options) => {
      places.push(columns.length);
      columns.push(finite(values));
      series.push({ show: layer.shown, spanGaps: false, points: { show: false }, ...options });
    };
    const paths = layer.step ? uPlot.paths.stepped({ align: 1 }) : undefined;
    const points = { show: Boolean(layer.dots), size: 7, fill: css(colour) };
    const line = { stroke: css(colour), width: layer.width ?? 2, dash: layer.dash, paths, points };
    if (layer.kind === 'band') {
      add(layer.low, { stroke: 'transparent', width: 0, paths });
      add(layer.high, { stroke: 'transparent', width: 0, paths });
      bands.push({ series: [places[1], places[0]], fill: css(colour, layer.alpha * (page.theme().dark ? 1.5 : 1)) });
    } else if (layer.kind === 'stack') {
      const base = below === null ? null : columns[below];
      const top = layer.values.map((value, at) => (value === null ? null : value + (base === null ? 0 : base[at])));
      const fill = css(channels(layer.colour), layer.alpha || 1);
      add(layer.shown ? top : layer.values, { stroke: 'transparent', width: 0, paths, fill: below === null ? fill : undefined });
      if (layer.shown) {
        if (below !== null) bands.push({ series: [places[0], below], fill });
        below = places[0];
      }
    } else if (layer.kind === 'points') {
      const size = layer.width ?? 7;
      add(layer.values, { stroke: css(colour), width: 0, paths: () => null, points: { show: true, size, width: size < 7 ? 0 : 1.5, fill: css(colour, size < 7 ? 0.7 : 0.35) } });
    } else if (layer.kind === 'bars') {
      // Drawn by `drawShapes`; uPlot scales its axis by them.
      for (const values of [layer.low, layer.high]) add(values, { stroke: 'transparent', width: 0, paths: () => null });
    } else if (layer.kind === 'strokes' || layer.kind === 'cells') {
      add(layer.values, { stroke: 'transparent', width: 0, paths: () => null });
    } else if (layer.kind === 'path') {
      add(layer.values, { stroke: page.theme().ink, width: 1.25, paths });
    } else {
      add(layer.values, line);
    }
    layer.places = places;
  }
  return { columns, series, bands };
};

// Events across the chart, and changes of difficulty at its foot: tall where it fell.
const drawMarks = (u, { marks = [], ticks = [] }) => {
  const { ctx, bbox } = u;
  const { quiet } = page.theme();
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = quiet;
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  const free = [-Infinity, -Infinity];
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(mark.label).width + 12 * devicePixelRatio;
    const left = Math.min(x + 4 * devicePixelRatio, bbox.left + bbox.width - width);
    const row = free.findIndex((end) => left >= end);
    if (row < 0) continue;
    ctx.fillText(mark.label, left, bbox.top - (5 + 12 * row) * devicePixelRatio);
    free[row] = left + width;
  }
  ctx.setLineDash([]);
  for (const [at, isFall] of ticks) {
    const x = u.valToPos(at, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = css(page.readable(isFall ? '#d55e00' : '#0072b2'));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x, bbox.top + bbox.height - (isFall ? 9 : 5) * devicePixelRatio);
    ctx.stroke();
  }
  ctx.restore();
};

// Bars, strokes and texts in rows, and cells: shapes that uPlot does not have.
const drawShapes = (u, spec, axis) => {
  const { ctx, bbox } = u;
  const { ink, quiet, paper, dark } = page.theme();
  const ratio = devicePixelRatio;
  const isRows = axis.kind === 'rows';
  const place = (at) => u.valToPos(at, 'x', true);
  const size = Math.abs(place(1) - place(0));
  const never = bbox.left + bbox.width - 18 * ratio;
  const across = (value) => (value === Infinity ? never : u.valToPos(value, 'y', true));
  const isKnown = (value) => value !== null && value !== undefined;
  const text = (words, x, y, align, colour) => {
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = align;
    ctx.textBaseline = 'middle';
    ctx.fillStyle = colour;
    ctx.fillText(words, x, y);
  };
  ctx.save();
  if (isRows && spec.never) {
    ctx.strokeStyle = quiet;
    ctx.setLineDash([4 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(never - 22 * ratio, bbox.top);
    ctx.lineTo(never - 22 * ratio, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    text('never', never, bbox.top + bbox.height + 12 * ratio, 'center', quiet);
  }
  for (const layer of spec.layers) {
    if (!layer.shown) continue;
    const colour = page.readable(layer.colour);
    axis.x.forEach((at, index) => {
      if (layer.kind === 'bars') {
        const [low, high] = [layer.low[index], layer.high[index]];
        if (!isKnown(low) || !isKnown(high)) return;
        const [from, to] = [across(low), across(high)].sort((a, b) => a - b);
        // The band of 90 % is thinner than that of 50 %, which lies on it.
        const height = 0.62 * size * (layer.width <= 1 ? layer.width : layer.alpha < 0.3 ? 0.55 : 1);
        ctx.fillStyle = layer.alpha === 1 ? css(channels(layer.colour)) : css(colour, layer.alpha * (dark ? 1.5 : 1));
        ctx.fillRect(from, place(at) - height / 2, Math.max(to - from, ratio), Math.max(height, ratio));
      } else if (layer.kind === 'strokes' && isKnown(layer.values[index])) {
        const height = (layer.width === 1 ? 1 : 0.62) * size;
        ctx.fillStyle = layer.width === 7 || layer.width === 1 ? ink : css(colour);
        const wide = (layer.width === 2 ? 2.5 : 1.25) * ratio;
        ctx.fillRect(across(layer.values[index]) - wide / 2, place(at) - height / 2, wide, height);
      } else if (layer.kind === 'cells' && isKnown(layer.values[index])) {
        const row = spec.layers.indexOf(layer);
        const [top, bottom] = [u.valToPos(row + 0.5, 'y', true), u.valToPos(row - 0.5, 'y', true)];
        const value = layer.values[index];
        const shade = value === Infinity ? css(paper) : cellColour(spec.scale, value);
        ctx.fillStyle = shade;
        ctx.fillRect(place(at) - size / 2 + ratio / 2, top + ratio / 2, size - ratio, bottom - top - ratio);
        const words = page.number(value);
        ctx.font = `${11 * ratio}px system-ui, sans-serif`;
        if (ctx.measureText(words).width > size - 6 * ratio || bottom - top < 13 * ratio) return;
        const onDark = value === Infinity ? dark : luminance(channels(shade)) < 0.25;
        text(words, place(at), (top + bottom) / 2, 'center', onDark ? '#ffffff' : '#222222');
      }
    });
  }
  for (const [at, value, words, isAbove] of spec.words ?? []) {
    const x = (value === null ? never : across(value)) + (isAbove ? 5 : -5) * ratio;
    if (x > bbox.left && x < bbox.left + bbox.width) text(words, x, place(at), isAbove ? 'left' : 'right', ink);
  }
  ctx.restore();
};

// A name that is too long for its place.
const shortened = (name, letters) => (name.length > letters ? `${name.slice(0, letters - 1)}…` : name);

page.plots = [];

// Draws `spec` into the figure `host`; answers what the page may do with it.
page.draw = (spec, host) => {
  const axis = page.data.axes[spec.axis];
  const isTime = axis.kind === 'time';
  const isRows = axis.kind === 'rows';
  const numbers = spec.layers.flatMap((layer) => [layer.values, layer.low, layer.high].filter(Boolean)).flat();
  spec.never = isRows && numbers.includes(Infinity);
  const all = page.span(axis);
  const box = host.querySelector('.plot');
  const legend = host.querySelector('.legend');
  const table = host.querySelector('.table');
  const where = (x) => (isTime ? page.day(x) : `${axis.label}${axis.label ? ' ' : ''}${axis.names ? axis.names[x] : page.number(x)}`);
  let plot = null;
  let isPlaced = false;
  const named = () => spec.layers.filter((layer) => layer.label);

  const room = () => (printing ? 640 : Math.max(240, box.clientWidth));

  // Names are places of their own, each with half a place at either side.
  const splits = axis.splits ?? (axis.names && (() => axis.names.map((_, at) => at)));
  const range = axis.range ?? (axis.names && (() => [-0.5, axis.names.length - 0.5]));
  const letters = () => Math.max(8, Math.floor((room() * (isRows ? 0.34 : 0.9 / Math.max(1, (axis.names ?? []).length))) / 6.4));
  const longest = (names, most) => Math.min(most, Math.max(2, ...names.map((name) => name.length)));
  const height = () => {
    if (isRows) return 60 + (room() < 480 ? 26 : 30) * axis.names.length;
    if (spec.rows) return 70 + Math.max(90, 28 * spec.rows.length);
    return room() < 480 ? 210 : spec.wide ? 320 : 240;
  };
  // Texts beside bars, and never, need room at the ends.
  const spread = (low, high) => {
    const words = (side) => Math.max(0, ...(spec.words ?? []).filter((one) => one[3] === side).map((one) => 6.4 * one[2].length + 12));
    const inner = Math.max(80, room() - 14 - 6.4 * longest(axis.names, letters()) - words(false) - words(true) - (spec.never ? 60 : 0) - 30);
    const step = (high - low || Math.abs(high) || 1) / inner;
    return [low - step * (words(false) + 8), high + step * (words(true) + 8 + (spec.never ? 60 : 0))];
  };
  const values = (u, low, high) => {
    if (isRows) return spread(low ?? 0, high ?? 1);
    if (spec.rows) return [-0.5, spec.rows.length - 0.5];
    if (spec.zero) return [0, high > 0 ? high * 1.04 : 1];
    return uPlot.rangeNum(Math.min(low ?? 0, ...(spec.holds ?? [])), Math.max(high ?? 1, ...(spec.holds ?? [])), 0.06, true);
  };

  const options = (series, bands) => ({
    width: room(),
    height: height(),
    series,
    bands,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), 'UTC'),
    padding: [[8, 18][spec.marks ? spec.marks.length : 0] ?? 30, 12, 0, 0],
    cursor: {
      x: !isRows,
      y: isRows,
      sync: { key: page.group(spec.axis), setSeries: false },
      drag: { x: !axis.names, y: false, setScale: !axis.names },
      points: { size: 7, width: 1.5 },
    },
    scales: {
      // Unzoomed it is the whole axis, of which a chart may have only a part.
      x: { time: isTime, ...(isRows ? { ori: 1, dir: -1 } : {}), range: range ?? ((u, low, high) => (low === axis.x[0] && high === axis.x[axis.x.length - 1] ? all : [low, high])) },
      y: { ...(isRows ? { ori: 0 } : {}), range: values },
    },
    axes: [
      {
        stroke: page.theme().quiet,
        grid: { show: false },
        ticks: { stroke: page.theme().rule, width: 1, size: 5 },
        font: '12px system-ui, sans-serif',
        gap: 3,
        ...(isRows ? { side: 3 } : {}),
        size: isTime ? 44 : isRows ? 14 + 6.4 * longest(axis.names, letters()) : 30,
        ...(isTime || !axis.label ? {} : { label: axis.label, labelSize: 18, labelGap: 2, labelFont: '12px system-ui, sans-serif' }),
        space: axis.names ? 1 : room() < 480 ? 60 : 80,
        splits,
        values: isTime ? timeTicks : (u, splits, a, space, step) => splits.map((value) => (axis.names ? shortened(axis.names[value] ?? '', letters()) : tickText(value, step))),
      },
      {
        stroke: page.theme().quiet,
        grid: { stroke: page.theme().rule, width: 1 },
        ticks: { show: false },
        font: '12px system-ui, sans-serif',
        gap: 6,
        ...(isRows ? { side: 2, space: 90 } : {}),
        ...(spec.rows ? { splits: () => spec.rows.map((_, at) => at), grid: { show: false } } : {}),
        size: isRows ? 30 : (u, values) => 14 + 7 * Math.max(2, ...(values || []).map((text) => text.length)),
        values: (u, splits, a, space, step) => splits.map((value) => (spec.rows ? shortened(spec.rows[value] ?? '', 24) : tickText(value, step))),
      },
    ],
    hooks: {
      draw: [(u) => drawShapes(u, spec, axis), (u) => drawMarks(u, spec)],
      setCursor: [(u) => show(u.cursor.idx)],
      setScale: [(u, key) => key === 'x' && isPlaced && page.zoomed(spec.axis, me, u.scales.x)],
    },
  });

  // The values under the cursor, or the last ones.
  const show = (index) => {
    const at = index ?? axis.x.length - 1;
    host.querySelector('.when').textContent = where(axis.x[at]);
    for (const layer of named()) {
      layer.output.textContent = layer.low ? `${page.number(layer.low[at])} – ${page.number(layer.high[at])}` : page.number(layer.values[at]);
    }
    me.index = at;
  };

  const rebuild = () => {
    const range = plot && isPlaced ? { min: plot.scales.x.min, max: plot.scales.x.max } : null;
    if (plot) plot.destroy();
    isPlaced = false;
    const { columns, series, bands } = assemble(axis.x, spec.layers);
    plot = new uPlot(options(series, bands), columns, box);
    me.plot = plot;
    if (range) plot.setScale('x', range);
    isPlaced = true;
    for (const layer of named()) layer.swatch.style.background = layer.kind === 'path' ? page.theme().ink : css(layer.kind === 'stack' || layer.kind === 'bars' ? channels(layer.colour) : page.readable(layer.colour), layer.alpha || 1);
    show(null);
  };

  const fillTable = () => {
    if (!table.open) return;
    const head = page.element('tr', {}, page.element('th', { scope: 'col' }, isTime ? 'Date' : axis.label || 'Value'));
    for (const layer of named()) {
      const names = layer.low ? [`${layer.label}, from`, `${layer.label}, to`] : [layer.label];
      for (const name of names) head.append(page.element('th', { scope: 'col', class: 'number' }, name));
    }
    const body = page.element('tbody');
    axis.x.forEach((x, at) => {
      const row = page.element('tr', {}, page.element('th', { scope: 'row' }, where(x)));
      for (const layer of named()) {
        for (const values of layer.low ? [layer.low, layer.high] : [layer.values]) {
          row.append(page.element('td', { class: 'number' }, page.number(values[at])));
        }
      }
      body.append(row);
    });
    table.querySelector('table').replaceChildren(page.element('thead', {}, head), body);
  };

  const move = (event) => {
    const last = axis.x.length - 1;
    const step = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: me.index - step, ArrowRight: me.index + step, Home: 0, End: last };
    if (event.key in moves) {
      const at = Math.max(0, Math.min(last, moves[event.key]));
      plot.setCursor({ left: plot.valToPos(axis.x[at], 'x'), top: 10 });
      show(at);
      const said = named().filter((layer) => layer.shown).map((layer) => `${layer.label} ${layer.output.textContent}`);
      document.getElementById('said').textContent = [where(axis.x[at]), ...said].join(', ');
    } else if (event.key === '+' || event.key === '=' || event.key === '-') {
      const { min, max } = plot.scales.x;
      const centre = axis.x[me.index];
      const half = ((max - min) / 2) * (event.key === '-' ? 2 : 0.5);
      const [first, end] = all;
      plot.setScale('x', { min: Math.max(first, centre - half), max: Math.min(end, centre + half) });
    } else if (event.key === '0' || event.key === 'Escape') {
      page.reset(spec.axis);
    } else {
      return;
    }
    event.preventDefault();
  };

  const me = { spec, index: 0, rebuild, fillTable };

  const addButton = (layer) => {
    layer.shown = true;
    // What has no name is part of another layer.
    if (!layer.label) return;
    layer.swatch = page.element('i', { class: `swatch ${layer.kind}`, 'aria-hidden': 'true' });
    layer.output = page.element('span', { class: 'value' });
    layer.button = page.element('button', { type: 'button', 'aria-pressed': 'true' }, layer.swatch, `${layer.label} `);
    layer.button.addEventListener('click', () => {
      layer.shown = !layer.shown;
      layer.button.setAttribute('aria-pressed', String(layer.shown));
      rebuild();
    });
    layer.item = page.element('li', {}, layer.button, layer.output);
    legend.append(layer.item);
  };

  // A layer more, or the same one with other values.
  me.put = (layer) => {
    const known = spec.layers.find((other) => other.kind === 'path');
    if (known) {
      Object.assign(known, layer);
      known.button.lastChild.textContent = `${layer.label} `;
    } else {
      spec.layers.push(layer);
      addButton(layer);
    }
    rebuild();
    fillTable();
  };

  me.drop = () => {
    const at = spec.layers.findIndex((layer) => layer.kind === 'path');
    if (at < 0) return;
    spec.layers[at].item.remove();
    spec.layers.splice(at, 1);
    rebuild();
    fillTable();
  };

  const gone = new AbortController();
  const resized = new ResizeObserver(() => Math.abs(plot.width - room()) > 1 && rebuild());

  // Leaves the figure empty, for another chart.
  me.remove = () => {
    gone.abort();
    resized.disconnect();
    plot.destroy();
    named().forEach((layer) => layer.item.remove());
    page.plots.splice(page.plots.indexOf(me), 1);
  };

  spec.layers.forEach(addButton);
  if (spec.scale) {
    const bar = page.element('i', { 'aria-hidden': 'true' });
    bar.style.background = `linear-gradient(to right, ${spec.scale.colours.join(', ')})`;
    legend.append(page.element('li', { class: 'scale' }, `${spec.scale.label}: ${page.number(spec.scale.low)}`, bar, page.number(spec.scale.high)));
  }
  box.addEventListener('keydown', move, { signal: gone.signal });
  table.addEventListener('toggle', fillTable, { signal: gone.signal });
  rebuild();
  fillTable();
  resized.observe(box);
  page.plots.push(me);
  return me;
};

// All charts over time show the same part of it, and so do those that have another axis in common.
page.group = (axis) => (page.data.axes[axis].kind === 'time' ? 'time' : axis);

page.span = (axis) => axis.span ?? [axis.x[0], axis.x[axis.x.length - 1]];

page.zoomed = (axis, source, { min, max }) => {
  for (const other of page.plots) {
    if (other === source || page.group(other.spec.axis) !== page.group(axis)) continue;
    const { x } = other.plot.scales;
    if (x.min !== min || x.max !== max) other.plot.setScale('x', { min, max });
  }
};

page.reset = (axis) => {
  const [min, max] = page.span(page.data.axes[axis]);
  const first = page.plots.find((plot) => plot.spec.axis === axis);
  if (first) first.plot.setScale('x', { min, max });
};

const again = () => page.plots.forEach((plot) => plot.rebuild());
darkness.addEventListener('change', again);
addEventListener('beforeprint', () => { printing = true; again(); });
addEventListener('afterprint', () => { printing = false; again(); });
