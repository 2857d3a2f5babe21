// The charts of the page, and the choice of a replica whose path is drawn over the fans.
'use strict';

for (const [name, axis] of Object.entries(page.data.axes)) page.data.axes[name].x = page.unpack(axis.x);

for (const spec of page.data.charts) {
  for (const layer of spec.layers) {
    for (const key of ['low', 'high', 'values']) if (layer[key]) layer[key] = page.unpack(layer[key]);
  }
  page.draw(spec, document.getElementById(`chart-${spec.id}`));
}

const picker = document.getElementById('replica');
if (picker) {
  const { paths, labels, typical } = page.data.replicas;
  const option = (value, text) => page.element('option', { value: String(value) }, text);
  const known = page.element('optgroup', { label: 'By depth of the fall' });
  for (const [text, replica] of typical) known.append(option(replica, text));
  const all = page.element('optgroup', { label: 'One by one' });
  labels.forEach((text, replica) => all.append(option(replica, text)));
  picker.append(...(typical.length ? [known] : []), all);

  const choose = () => {
    const { value } = picker;
    for (const plot of page.plots) {
      const columns = paths[plot.spec.id];
      if (!columns) continue;
      if (value === '') plot.drop();
      else plot.put({ kind: 'path', label: `replica ${value}`, colour: '#222222', step: plot.spec.layers[0].step, values: page.unpack(columns[Number(value)]) });
    }
  };
  const step = (by) => {
    const now = picker.value === '' ? (by > 0 ? -1 : labels.length) : Number(picker.value);
    const next = now + by;
    picker.value = next < 0 || next >= labels.length ? '' : String(next);
    // The same replica may stand in both groups: its own entry is meant.
    if (picker.value !== '') picker.selectedIndex = 1 + typical.length + next;
    choose();
  };
  picker.addEventListener('change', choose);
  document.getElementById('replica-before').addEventListener('click', () => step(-1));
  document.getElementById('replica-after').addEventListener('click', () => step(1));
  choose();
}

for (const button of document.querySelectorAll('[data-reset]')) {
  button.addEventListener('click', () => Object.keys(page.data.axes).forEach(page.reset));
}
