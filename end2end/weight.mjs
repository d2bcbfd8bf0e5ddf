// Measures the size of a lesson page: every request of a first visit, in bytes raw, with gzip and with brotli, and
// whether it delays the first text. Prints Markdown. Used by scripts/bench.

import { brotliCompressSync, gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { launch, serve } from './bench.mjs';

const path = process.argv[2];
const server = await serve({
  ROUTEBOOK_LIMITS_USERS: '10000',
  ROUTEBOOK_LIMITS_WRITES_PER_MINUTE: '1000000',
  ROUTEBOOK_LIMITS_REQUESTS_PER_MINUTE: '1000000',
});
const browser = await launch(chromium);
const rows = [];
const took = [];

/** Measures the first Send with record and trace, a key press in a body of 64 KiB, and a response of 2 MB. */
async function times(page) {
  const block = page.locator('.playground').first();
  const sent = await block.evaluate(async (block) => {
    const start = performance.now();
    block.querySelector('.send').click();
    while (!block.querySelector('.exchange')) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - start;
  });
  took.push(`first Send until all of it shows: ${sent.toFixed(0)} ms`);
  const many = JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, name: `User ${id}`, admin: false, score: 1.5 })), null, 1).slice(0, 8 * 1024 - 32);
  for (const [what, text] of [['64 KiB', JSON.stringify({ bio: 'x'.repeat(64 * 1024) })], ['8 KiB, highlighted', many]]) {
    const key = await block.evaluate((block, text) => {
      const body = block.querySelector('.body-input');
      block.querySelector('[role=tab][data-key=body]').click();
      body.value = text;
      const times = [];
      for (let at = 0; at < 20; at += 1) {
        const start = performance.now();
        body.setRangeText('y', 12, 12, 'end');
        body.dispatchEvent(new Event('input', { bubbles: true }));
        body.closest('.body-editor').getBoundingClientRect();
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[10];
    }, text);
    took.push(`a key in a body of ${what}: ${key.toFixed(1)} ms of script and layout`);
  }
  const users = await page.evaluate(async () => {
    const send = (method, target, body) => fetch(target, {
      method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json', 'exchange-group': 'none' },
    });
    for (let from = 0; from < 4000; from += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, at) =>
        send('POST', '/api/users', { name: `User ${from + at}`, email: `u${from + at}@example.com`, bio: 'z'.repeat(480) })));
    }
    return Number((await send('HEAD', '/api/users')).headers.get('total-count'));
  });
  const large = await block.evaluate(async (block) => {
    let longest = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
    }).observe({ type: 'longtask' });
    const fill = (field, value) => {
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    };
    fill(block.querySelector('.method-select'), 'GET');
    fill(block.querySelector('.target-input'), '/api/users/export');
    fill(block.querySelector('.body-input'), '');
    for (const field of block.querySelectorAll('.request-headers .field-row input')) fill(field, '');
    block.querySelector('.exchange').remove();
    block.querySelector('.send').click();
    while (!block.querySelector('.exchange')) await new Promise((done) => setTimeout(done, 5));
    await new Promise((done) => setTimeout(done, 500));
    return { longest, text: block.querySelector('.response').innerText.split('\n')[0] };
  });
  took.push(`an export of ${users} users (${large.text.trim()}): the longest task on the main thread ${large.longest.toFixed(0)} ms`);
}

try {
  const page = await browser.newPage();
  const responses = [];
  page.on('response', (response) => responses.push(response));
  await page.goto(server.origin + path, { waitUntil: 'networkidle' });
  const before = new Set(responses.map((response) => response.url()));
  await page.locator('leptos-island').evaluateAll((islands) => {
    for (const island of islands) island.dispatchEvent(new Event('pointerover', { bubbles: true }));
  });
  await page.waitForFunction(() => !document.querySelector('leptos-island:not([data-hydrated])'));
  for (const response of responses) {
    const body = await response.body();
    const { encodedBodySize } = await page.evaluate((url) => {
      const entry = performance.getEntriesByName(url)[0] ?? performance.getEntriesByType('navigation')[0];
      return { encodedBodySize: entry.encodedBodySize };
    }, response.url());
    rows.push({
      path: new URL(response.url()).pathname.replace(/\/pkg\/[0-9a-f]+\//, '/pkg/…/'),
      first: before.has(response.url()),
      raw: body.length,
      gzip: gzipSync(body, { level: 9 }).length,
      brotli: brotliCompressSync(body).length,
      sent: encodedBodySize,
    });
  }
  await times(page);
} finally {
  await browser.close();
  await server.stop();
}

const columns = ['raw', 'gzip', 'brotli', 'sent'];
const line = (name, when, row) => `| ${name} | ${when} | ${columns.map((key) => row[key].toLocaleString('en')).join(' | ')} |`;
const sum = (some) => Object.fromEntries(columns.map((key) => [key, some.reduce((total, row) => total + row[key], 0)]));
console.log(`\n${path}: ${rows.length} requests, bytes\n`);
console.log(`| | needed | ${columns.join(' | ')} |\n|---|---|${columns.map(() => '--:|').join('')}`);
for (const row of rows) console.log(line(row.path, row.first ? 'before it is used' : 'at the first sign of use', row));
console.log(line('**before it is used**', '', sum(rows.filter((row) => row.first))));
console.log(line('**all**', '', sum(rows)));
for (const time of took) console.log(`- ${time}`);
