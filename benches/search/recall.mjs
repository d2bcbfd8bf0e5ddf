// Compares what this site's search finds with what Pagefind finds on the same pages, for the queries that a search in
// Korean must understand, and prints a table. Downloads Pagefind from npm.
//
//     scripts/bench recall

import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { launch, serve } from '../../end2end/bench.mjs';

const require = createRequire(new URL('../../end2end/package.json', import.meta.url));
const { chromium } = require('@playwright/test');

const PAGEFIND = 'pagefind@1.6.0';
/** Each query with the texts of which a lesson must contain one, or, in a list, one of each. */
const QUERIES = [
  ['ko', '인증', [['인증']]],
  ['ko', '인증'.normalize('NFD'), [['인증']]],
  ['ko', '요청 본문', [['요청'], ['본문']]],
  ['ko', '요청본문', [['요청'], ['본문']]],
  ['ko', '오류를', [['오류']]],
  ['ko', 'flask', [['flask']]],
  ['ko', '오류 401', [['오류'], ['401']]],
  ['en', 'authentication', [['authentication']]],
  ['en', 'If-Match', [['if-match']]],
  ['en', 'problem details', [['problem details']]],
];

const site = await serve();
const folder = mkdtempSync(join(tmpdir(), 'routebook-recall-'));
const map = await (await fetch(`${site.origin}/sitemap.xml`)).text();
const paths = [...map.matchAll(/<loc>[^<]*?(\/(?:ko|en)\/[^/<]+\/[^/<]+)<\/loc>/g)].map((found) => found[1]);
const texts = new Map();
for (const path of paths) {
  const html = await (await fetch(site.origin + path)).text();
  // The navigation would be found on every page.
  const marked = html.replace('<main id="content"', '<main data-pagefind-body id="content"');
  mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, path, 'index.html'), marked);
  const main = /<main[\s\S]*?<\/main>/.exec(html)?.[0] ?? '';
  texts.set(path, main.replace(/<!--.*?-->|<!>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').toLowerCase());
}
execFileSync('npx', ['--yes', PAGEFIND, '--site', folder], { stdio: ['ignore', 'ignore', 'inherit'] });

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const files = createServer((request, response) => {
  const name = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  let file = join(folder, name);
  if (!extname(file)) file = join(file, 'index.html');
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
}).listen(0, '127.0.0.1');
await new Promise((listening) => files.once('listening', listening));
const other = `http://127.0.0.1:${files.address().port}`;

/** The lessons that this site's search finds, in the order of its page. */
async function ours(locale, query) {
  const page = await (await fetch(`${site.origin}/${locale}/search?q=${encodeURIComponent(query)}`)).text();
  const results = page.split('class="search-results"')[1] ?? '';
  return [...new Set([...results.matchAll(/href="(\/(?:ko|en)\/[^/"#]+\/[^/"#]+)/g)].map((found) => found[1]))];
}

const browser = await launch(chromium);
const page = await browser.newPage();
/** The lessons that Pagefind finds. */
async function theirs(locale, query) {
  await page.goto(`${other}/${locale}/methods/get/`);
  return page.evaluate(async (query) => {
    const pagefind = await import('/pagefind/pagefind.js');
    const { results } = await pagefind.search(query);
    const found = await Promise.all(results.map((result) => result.data()));
    return found.map(({ url }) => new URL(url, location.href).pathname.replace(/\/$/, ''));
  }, query);
}

console.log('| query | lessons with it | found here | by Pagefind | wrongly here | wrongly by Pagefind |\n|---|--:|--:|--:|--:|--:|');
for (const [locale, query, required] of QUERIES) {
  const has = (path) => required.every((texts_) => texts_.some((text) => texts.get(path).includes(text)));
  const expected = paths.filter((path) => path.startsWith(`/${locale}/`) && has(path));
  const counts = [];
  for (const search of [ours, theirs]) {
    const found = await search(locale, query);
    counts.push([found.filter((path) => expected.includes(path)).length, found.filter((path) => !expected.includes(path)).length]);
  }
  const name = query === query.normalize('NFC') ? query : `${query.normalize('NFC')} (NFD)`;
  console.log(`| ${name} | ${expected.length} | ${counts[0][0]} | ${counts[1][0]} | ${counts[0][1]} | ${counts[1][1]} |`);
}
await browser.close();
files.close();
await site.stop();
rmSync(folder, { recursive: true, force: true });
