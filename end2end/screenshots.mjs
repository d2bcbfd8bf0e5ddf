// Takes pictures of each kind of page, in each language, theme and width, to be looked at.
//
//     node end2end/screenshots.mjs FOLDER [EARLIER]
//
// With the folder of an earlier run it also prints which pictures differ, in the largest difference first; a changed
// picture is not an error, since a changed page is often meant to be. Pictures are compared in Chromium itself, so that
// nothing else need be installed. Needs ROUTEBOOK_BIN.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { launch, serve } from './bench.mjs';

const [folder, earlier] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node end2end/screenshots.mjs FOLDER [EARLIER]');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

/** The width and height of each window; the last is a phone on its side. */
const WINDOWS = [[1440, 900], [375, 812], [2560, 1300], [800, 1000], [844, 390]];
/** The share of pixels beyond which a picture counts as different: some have a time or an id in them. */
const TOLERANCE = 0.001;

const open = async (page, path) => page.goto(path, { waitUntil: 'networkidle' });
const send = async (page) => {
  await page.locator('.send').first().click();
  await page.locator('.exchange').first().waitFor();
};
/** The pages by name: what is done before the picture is taken. */
const PAGES = {
  home: (page, lang) => open(page, `/${lang}`),
  lesson: (page, lang) => open(page, `/${lang}/methods/post`),
  sent: async (page, lang) => {
    await open(page, `/${lang}/methods/post`);
    await send(page);
  },
  trace: async (page, lang) => {
    await open(page, `/${lang}/methods/post`);
    await send(page);
    await page.locator('.exchange [role=tab][id$=-trace-tab]').first().click();
  },
  diagram: (page, lang) => open(page, `/${lang}/requests/bodies`),
  endpoint: (page, lang) => open(page, `/${lang}/playground/list-users`),
  playground: async (page, lang) => {
    await open(page, `/${lang}/playground`);
    await send(page);
  },
  data: (page, lang) => open(page, `/${lang}/data`),
  login: (page, lang) => open(page, `/${lang}/login`),
  search: (page, lang) => open(page, `/${lang}/search?q=POST`),
  quiz: async (page, lang) => {
    await open(page, `/${lang}/methods/post`);
    await page.locator('#quiz').scrollIntoViewIfNeeded();
  },
  exercise: async (page, lang) => {
    await open(page, `/${lang}/methods/post`);
    await page.locator('#exercise-create-an-admin form button').first().click();
    await page.locator('#exercise-create-an-admin .send').first().waitFor();
  },
  missing: (page, lang) => open(page, `/${lang}/nowhere`),
  palette: async (page, lang) => {
    await open(page, `/${lang}/methods/get`);
    await page.keyboard.press('Control+k');
    await page.locator('[role=listbox], #palette-list').first().waitFor();
  },
};

const server = await serve();
const browser = await launch(chromium);
const differences = [];
const scratch = await browser.newPage();

/** Returns the share of the pixels that differ between two PNG files; 1 when they have different sizes. */
async function difference(one, other) {
  const urls = [one, other].map((file) => `data:image/png;base64,${readFileSync(file).toString('base64')}`);
  return scratch.evaluate(async (urls) => {
    const [one, other] = await Promise.all(urls.map(async (url) => {
      const bitmap = await createImageBitmap(await (await fetch(url)).blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height);
    }));
    if (one.width !== other.width || one.height !== other.height) return 1;
    let count = 0;
    for (let at = 0; at < one.data.length; at += 4) {
      const by = Math.abs(one.data[at] - other.data[at]) + Math.abs(one.data[at + 1] - other.data[at + 1])
        + Math.abs(one.data[at + 2] - other.data[at + 2]);
      if (by > 48) count += 1;
    }
    return count / (one.data.length / 4);
  }, urls);
}

for (const [width, height] of WINDOWS) {
  for (const colorScheme of ['light', 'dark']) {
    for (const lang of ['ko', 'en']) {
      for (const [name, prepare] of Object.entries(PAGES)) {
        // A sandbox for each picture.
        const context = await browser.newContext({ baseURL: server.origin, viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
        const page = await context.newPage();
        page.on('console', (message) => {
          if (message.type() === 'error' && name !== 'missing') console.log(`${name}: ${message.text()}`);
        });
        await prepare(page, lang);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) console.log(`${name}, ${lang}, ${width} px: scrolls sideways by ${wide} px`);
        const file = `${name}-${width}x${height}-${colorScheme}-${lang}.png`;
        await page.screenshot({ path: join(folder, file) });
        await context.close();
        const before = earlier && join(earlier, file);
        if (before && existsSync(before)) {
          const share = await difference(join(folder, file), before);
          if (share > TOLERANCE) differences.push([share, file]);
        }
      }
    }
  }
  console.log(`${width} × ${height}: done`);
}
differences.sort(([one], [other]) => other - one);
for (const [share, file] of differences) console.log(`${(share * 100).toFixed(1)} % differ: ${file}`);
await browser.close();
await server.stop();
