// What a lesson page weighs: every request of a first visit, as bytes raw, with gzip and with brotli, and whether
// text shows before it. Prints Markdown. Used by scripts/bench.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';

const path = process.argv[2];
const data = mkdtempSync(join(tmpdir(), 'routebook-weight-'));
const server = spawn(process.env.ROUTEBOOK_BIN, ['serve', '--listen', '127.0.0.1:0', '--data', data], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const origin = await new Promise((found, fail) => {
  let printed = '';
  server.stdout.on('data', (chunk) => {
    printed += chunk;
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
    if (address) found(address[0]);
  });
  server.on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
});
server.removeAllListeners('exit');

const browser = await chromium.launch({
  executablePath: process.env.ROUTEBOOK_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const rows = [];
try {
  const page = await browser.newPage();
  const replies = [];
  page.on('response', (response) => replies.push(response));
  await page.goto(origin + path, { waitUntil: 'networkidle' });
  await page.locator('.playground[data-ready]').first().waitFor();
  for (const reply of replies) {
    const body = await reply.body();
    const { encodedBodySize } = await page.evaluate((url) => {
      const entry = performance.getEntriesByName(url)[0] ?? performance.getEntriesByType('navigation')[0];
      return { encodedBodySize: entry.encodedBodySize };
    }, reply.url());
    rows.push({
      path: new URL(reply.url()).pathname.replace(/\/pkg\/[0-9a-f]+\//, '/pkg/…/'),
      first: /text\/(html|css)/.test(reply.headers()['content-type'] ?? ''),
      raw: body.length,
      gzip: gzipSync(body, { level: 9 }).length,
      brotli: brotliCompressSync(body).length,
      sent: encodedBodySize,
    });
  }
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await new Promise((ended) => server.on('exit', ended));
  rmSync(data, { recursive: true, force: true });
}

const columns = ['raw', 'gzip', 'brotli', 'sent'];
const line = (name, when, row) => `| ${name} | ${when} | ${columns.map((key) => row[key].toLocaleString('en')).join(' | ')} |`;
const sum = (some) => Object.fromEntries(columns.map((key) => [key, some.reduce((total, row) => total + row[key], 0)]));
console.log(`\n${path}: ${rows.length} requests, bytes\n`);
console.log(`| | needed | ${columns.join(' | ')} |\n|---|---|${columns.map(() => '--:|').join('')}`);
for (const row of rows) console.log(line(row.path, row.first ? 'before text shows' : 'later', row));
console.log(line('**before text shows**', '', sum(rows.filter((row) => row.first))));
console.log(line('**all**', '', sum(rows)));
