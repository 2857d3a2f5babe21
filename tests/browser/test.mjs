// Opens the pages in a headless Chromium without a network, and uses them like a reader.
//
//     node test.mjs FOLDER [LOOK]
//
// FOLDER holds run/, other/, score/, sweep/ and comparison.html, as tests/suite/page.rs makes them. Screenshots go to LOOK.

import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const [, , folder, look = join(folder, 'look')] = process.argv;
mkdirSync(look, { recursive: true });

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const failed = [];

const check = async (name, body) => {
  try {
    await body();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed.push(name);
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
};

// Each page has its own browser, so that no cache is warm and no state remains.
const open = async (file, { width = 1280, height = 900, dark = false, scripts = true } = {}) => {
  const profile = mkdtempSync(join(tmpdir(), 'shakeout-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: FLAGS,
    offline: true,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: scripts,
  });
  const page = context.pages()[0];
  const complaints = [];
  // Only this test reads the canvas so often.
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !message.text().startsWith('Canvas2D: Multiple readback') && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => request.url() !== url && complaints.push(`asks for ${request.url()}`));
  const url = pathToFileURL(join(folder, file)).href;
  await page.goto(url);
  if (scripts) await page.waitForFunction(() => document.documentElement.dataset.ready);
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { page, complaints, close };
};

const shoot = (page, name) => page.screenshot({ path: join(look, `${name}.png`), fullPage: true });

// A summary of a chart's canvas: the number of painted pixels, and a sum that differs when they do.
const painted = (page, id) =>
  page.evaluate((name) => {
    const canvas = document.querySelector(`#chart-${name} canvas`);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [count, sum] = [0, 0];
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] === 0) continue;
      count += 1;
      sum = (sum * 31 + data[at] * 65536 + data[at + 1] * 256 + data[at + 2] + at) % 4294967291;
    }
    return { count, sum };
  }, id);

// uPlot paints after the script that requested it has ended.
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30))));

const legend = (page, id) =>
  page.evaluate((name) => {
    const host = document.querySelector(`#chart-${name}`);
    const entries = [...host.querySelectorAll('.legend button')].map((button) => [button.textContent.trim(), button.nextSibling.textContent]);
    return { when: host.querySelector('.when').textContent, values: Object.fromEntries(entries) };
  }, id);

const tableRow = (page, id, head) =>
  page.evaluate(([name, first]) => {
    const table = document.querySelector(`#chart-${name} .table table`);
    const names = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent);
    const row = [...table.querySelectorAll('tbody tr')].find((one) => one.firstChild.textContent === first);
    return row && Object.fromEntries([...row.children].map((cell, at) => [names[at], cell.textContent]));
  }, [id, head]);

const number = (text) => Number(text.replaceAll(',', '').replace('−', '-'));
const near = (a, b, share = 2e-3) => assert.ok(Math.abs(a - b) <= share * Math.abs(b) + 1e-12, `${a} is not ${b}`);

// A column of days.csv at a date, by replica.
const column = (file, name, date) => {
  const [head, ...rows] = readFileSync(join(folder, file), 'utf8').trim().split('\n').map((line) => line.split(','));
  const [time, place] = [head.indexOf('time_utc'), head.indexOf(name)];
  const day = new Date(`${date} UTC`).toISOString().slice(0, 10);
  return rows.filter((row) => row[time].startsWith(day)).map((row) => Number(row[place]));
};

// Running hashrate of a class at the ends of epochs, by replica.
const classRows = (name) => {
  const [head, ...rows] = readFileSync(join(folder, 'run/classes.csv'), 'utf8').trim().split('\n').map((line) => line.split(','));
  const [replica, group, running] = ['replica', 'class', 'running_hashrate_eh_per_s'].map((key) => head.indexOf(key));
  const found = {};
  for (const row of rows.filter((one) => one[group] === name)) (found[row[replica]] ??= []).push(Number(row[running]));
  return found;
};

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
};

const hover = async (page, id, share) => {
  const over = page.locator(`#chart-${id} .u-over`);
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
  await settle(page);
  return box;
};

// Serious and critical violations, by axe-core's rules for WCAG A and AA.
const barriers = async (page) => {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
};

const charts = (page) => page.evaluate(() => page.plots.map(({ spec }) => spec.id));

const allDrawn = async (page, atLeast) => {
  const ids = await charts(page);
  assert.ok(ids.length >= atLeast, `${ids.length} charts`);
  for (const id of ids) {
    const { count } = await painted(page, id);
    assert.ok(count > 2000, `${id}: ${count} pixels`);
  }
};

const HASHRATE = 'hashrate_eh_per_s';
const run = await open('run/report.html');
const { page } = run;
console.log(`      run page: interactive ${await page.evaluate(() => document.documentElement.dataset.ready)} ms after its opening`);

await check('the run page has all charts drawn', () => allDrawn(page, 20));
await shoot(page, 'run-1280');

await check('hovering shows the values of the table, which are those of days.csv', async () => {
  await hover(page, HASHRATE, 0.4);
  const shown = await legend(page, HASHRATE);
  assert.equal((await legend(page, 'difficulty')).when, shown.when, 'all charts follow the pointer');
  await page.locator(`#chart-${HASHRATE} .table summary`).click();
  // Its rows are created when it opens.
  await page.locator(`#chart-${HASHRATE} .table tbody tr`).first().waitFor({ state: 'attached' });
  const row = await tableRow(page, HASHRATE, shown.when);
  assert.equal(row.median, shown.values.median);
  const [from, to] = shown.values['90 % of replicas'].split(' – ');
  assert.deepEqual([row['90 % of replicas, from'], row['90 % of replicas, to']], [from, to]);
  const values = column('run/days.csv', HASHRATE, shown.when);
  assert.equal(values.length, 12);
  near(number(shown.values.median), median(values));
  await hover(page, HASHRATE, 0.8);
  const later = await legend(page, HASHRATE);
  assert.notEqual(later.when, shown.when);
  near(number(later.values.median), median(column('run/days.csv', HASHRATE, later.when)));
});

await check('every chart has its values as a table, a row for each place on its axis', async () => {
  const open = (isOpen) => page.evaluate((value) => document.querySelectorAll('.chart .table').forEach((table) => { table.open = value; }), isOpen);
  await open(true);
  await settle(page);
  const wrong = await page.evaluate(() =>
    page.plots.map(({ spec }) => [spec.id, document.querySelectorAll(`#chart-${spec.id} .table tbody tr`).length, page.data.axes[spec.axis].x.length]).filter(([, rows, places]) => rows !== places));
  assert.deepEqual(wrong, []);
  await open(false);
  // Later checks read this one.
  await page.locator(`#chart-${HASHRATE} .table summary`).click();
});

await check('the answer tells what became of each class', async () => {
  const row = await page.locator('section[aria-labelledby="answer"] tbody tr', { hasText: 'home' }).innerText();
  const running = (at) => median(Object.values(classRows('home')).map((rows) => at(rows)));
  const cells = row.split('\t').map((cell) => cell.trim().split('\n')[0]);
  near(number(cells[1]), running((rows) => rows[0]), 5e-3);
  near(number(cells[2]), 100 * running((rows) => Math.min(...rows) / rows[0]), 5e-3);
});

await check('a layer can be hidden and shown again', async () => {
  await page.mouse.move(0, 0);
  await settle(page);
  const before = await painted(page, HASHRATE);
  const button = page.locator(`#chart-${HASHRATE} .legend button`, { hasText: 'median' });
  await button.click();
  await settle(page);
  assert.equal(await button.getAttribute('aria-pressed'), 'false');
  assert.notDeepEqual(await painted(page, HASHRATE), before);
  await button.click();
  await settle(page);
  assert.deepEqual(await painted(page, HASHRATE), before);
  const stacked = await painted(page, 'fleet');
  await page.locator('#chart-fleet .legend button').first().click();
  await settle(page);
  assert.notDeepEqual(await painted(page, 'fleet'), stacked);
  await page.locator('#chart-fleet .legend button').first().click();
});

await check('the picker draws the path of a replica, and another for another', async () => {
  const before = await painted(page, HASHRATE);
  await page.selectOption('#replica', '3');
  await settle(page);
  const third = await painted(page, HASHRATE);
  assert.notDeepEqual(third, before);
  await hover(page, HASHRATE, 0.6);
  const shown = await legend(page, HASHRATE);
  near(number(shown.values['replica 3']), column('run/days.csv', HASHRATE, shown.when)[3]);
  assert.equal((await tableRow(page, HASHRATE, shown.when))['replica 3'], shown.values['replica 3']);
  const hashprice = await legend(page, 'hashprice_usd_per_ph_day');
  near(number(hashprice.values['replica 3']), column('run/days.csv', 'hashprice_usd_per_ph_day', shown.when)[3]);
  await shoot(page, 'run-1280-replica');
  await page.click('#replica-after');
  await settle(page);
  assert.notDeepEqual(await painted(page, HASHRATE), third);
  assert.ok('replica 4' in (await legend(page, HASHRATE)).values);
  await page.selectOption('#replica', '');
  await page.mouse.move(0, 0);
  await settle(page);
  assert.deepEqual(await painted(page, HASHRATE), before);
});

const ranges = () => page.evaluate(() => page.plots.filter(({ spec }) => page.group(spec.axis) === 'time').map(({ plot }) => plot.scales.x.max - plot.scales.x.min));

await check('dragging zooms all charts, and the button shows the whole run again', async () => {
  const [whole] = await ranges();
  const box = await hover(page, HASHRATE, 0.3);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await settle(page);
  for (const range of await ranges()) assert.ok(range < 0.4 * whole, `${range} of ${whole}`);
  await page.click('[data-reset]');
  await settle(page);
  for (const range of await ranges()) near(range, whole);
});

await check('the keyboard reaches everything and moves, zooms and zooms out', async () => {
  await page.mouse.move(0, 0);
  await page.focus('nav a');
  const reached = new Set();
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName));
  }
  for (const one of ['replica-before', 'replica', 'replica-after', 'plot', 'scroll', 'SUMMARY', 'BUTTON', 'A']) assert.ok(reached.has(one), `${one} is not reached: ${[...reached]}`);
  await page.focus(`#chart-${HASHRATE} .plot`);
  await page.keyboard.press('Home');
  await settle(page);
  const first = (await legend(page, HASHRATE)).when;
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('ArrowRight');
  await settle(page);
  const third = (await legend(page, HASHRATE)).when;
  assert.equal(new Date(`${third} UTC`) - new Date(`${first} UTC`), 3 * 86400e3);
  assert.ok((await page.textContent('#said')).includes(third));
  const [whole] = await ranges();
  await page.keyboard.press('+');
  await settle(page);
  assert.ok((await ranges())[0] < whole);
  await page.keyboard.press('Escape');
  await settle(page);
  near((await ranges())[0], whole);
});

await check('in print the toolbar is gone and figures stand for the charts', async () => {
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.tools').isVisible(), false);
  assert.equal(await page.locator(`#chart-${HASHRATE} .paper`).isVisible(), true);
  assert.equal(await page.locator(`#chart-${HASHRATE} .plot`).isVisible(), false);
  const pdf = await page.pdf({ path: join(look, 'run.pdf'), format: 'A4' });
  assert.ok(pdf.length > 50_000, `${pdf.length} bytes`);
  await page.emulateMedia({ media: 'screen' });
});

await check('the run page has no barrier in light', async () => assert.deepEqual(await barriers(page), []));
await check('the run page complains of nothing and asks for nothing', () => assert.deepEqual(run.complaints, []));
await run.close();

for (const [name, file] of [['run', 'run/report.html'], ['sweep', 'sweep/report.html'], ['comparison', 'comparison.html']]) {
  const narrow = await open(file, { width: 390, height: 844, dark: true });
  await check(`the ${name} page fits a telephone, and has no barrier in dark`, async () => {
    await settle(narrow.page);
    await shoot(narrow.page, `${name}-390-dark`);
    assert.ok((await narrow.page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
    assert.deepEqual(await barriers(narrow.page), []);
    assert.deepEqual(narrow.complaints, []);
  });
  await narrow.close();
}

const plain = await open('run/report.html', { scripts: false });
await check('without scripts figures stand in the places of charts', async () => {
  assert.equal(await plain.page.locator(`#chart-${HASHRATE} .paper svg`).isVisible(), true);
  assert.equal(await plain.page.locator('.tools').isVisible(), false);
});
await plain.close();

const sweep = await open('sweep/report.html');
await check('a sweep is explored: another number, another factor, values of the table', async () => {
  await shoot(sweep.page, 'sweep-1280');
  await allDrawn(sweep.page, 1);
  const before = await painted(sweep.page, 'sweep');
  await hover(sweep.page, 'sweep', 0.5);
  const shown = await legend(sweep.page, 'sweep');
  await sweep.page.locator('#chart-sweep .table summary').click();
  await sweep.page.waitForSelector('#chart-sweep .table tbody tr');
  const row = await tableRow(sweep.page, 'sweep', shown.when);
  const [name, value] = Object.entries(shown.values).find(([label]) => label.endsWith('median'));
  assert.equal(row[name], value);
  const [head, ...rows] = readFileSync(join(folder, 'sweep/sweep.csv'), 'utf8').trim().split('\n').map((line) => line.split(','));
  const [months, delay, trough] = ['class.home.cash_months', 'operation.response_days', 'hashrate_trough_share'].map((key) => head.indexOf(key));
  const cells = rows.filter((one) => Number(one[months]) === Number(shown.when.split(' ').pop()) && `${Number(one[delay])}: median` === name);
  assert.ok(cells.length > 1, `${name} ${shown.when}`);
  // The page has percent, the table a ratio.
  near(number(value), 100 * median(cells.map((one) => Number(one[trough]))));
  await sweep.page.selectOption('#metric', '1');
  await settle(sweep.page);
  assert.notDeepEqual(await painted(sweep.page, 'sweep'), before);
  await sweep.page.selectOption('#metric', '0');
  await sweep.page.selectOption('#across', '1');
  await settle(sweep.page);
  assert.notDeepEqual(await painted(sweep.page, 'sweep'), before);
});
await check('the sweep page has no barrier and complains of nothing', async () => {
  assert.deepEqual(await barriers(sweep.page), []);
  assert.deepEqual(sweep.complaints, []);
});
await sweep.close();

const score = await open('score/report.html');
await check('a score shows what was observed in the fan, and its errors beside baselines', async () => {
  await shoot(score.page, 'score-1280');
  const card = JSON.parse(readFileSync(join(folder, 'score/score.json'), 'utf8'));
  assert.ok((await painted(score.page, 'score')).count > 2000);
  await score.page.focus('#chart-score .plot');
  await score.page.keyboard.press('Home');
  await settle(score.page);
  const shown = await legend(score.page, 'score');
  near(number(shown.values.observed), card.path[0].observed_eh_per_s);
  near(number(shown.values.median), card.path[0].quantiles_eh_per_s[2]);
  const errors = await score.page.locator('[aria-label="Errors beside baselines"] tbody tr').count();
  assert.equal(errors, 1 + Object.values(card.baselines).filter(Boolean).length);
  assert.deepEqual(await barriers(score.page), []);
  assert.deepEqual(score.complaints, []);
});
await score.close();

const both = await open('comparison.html');
await check('a comparison overlays the runs, and hovering shows the values of both', async () => {
  await shoot(both.page, 'comparison-1280');
  await allDrawn(both.page, 6);
  await hover(both.page, HASHRATE, 0.5);
  const shown = await legend(both.page, HASHRATE);
  for (const name of ['run', 'other']) near(number(shown.values[`${name}, median`]), median(column(`${name}/days.csv`, HASHRATE, shown.when)));
  assert.deepEqual(await barriers(both.page), []);
  assert.deepEqual(both.complaints, []);
});
await both.close();

console.log(failed.length ? `\n${failed.length} failed: ${failed.join('; ')}` : `\nall passed; screenshots in ${look}`);
process.exit(failed.length ? 1 : 0);
