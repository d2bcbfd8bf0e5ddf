// Measures a lesson page as on a phone: Chromium with the network "Slow 4G" of its developer tools and a processor that
// is four times slower. Prints when the page shows its first text, and how long the first and the second Send take.
// Further arguments are addresses of other pages whose first text is measured in the same run. Used by scripts/bench.
//
//     ROUTEBOOK_BIN=… node end2end/slow_network.mjs PATH [ADDRESS…]

import { chromium } from '@playwright/test';
import { launch, serve } from './bench.mjs';

const [path, ...others] = process.argv.slice(2);
const ROUNDS = 5;
// The values of "Slow 4G" in Chromium: bytes a second, and milliseconds added to each round trip.
const NETWORK = { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 };

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function slowPage(browser) {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', NETWORK);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  return page;
}

/** Opens a page; returns the milliseconds until its first text shows. */
async function open(page, address) {
  await page.goto(address, { waitUntil: 'load', timeout: 60_000 });
  return page.evaluate(() => new Promise((found) => {
    new PerformanceObserver((list) => found(list.getEntriesByName('first-contentful-paint')[0].startTime))
      .observe({ type: 'paint', buffered: true });
  }));
}

/** Presses Send as a thumb does; returns the milliseconds until the button is busy and until the status shows. */
async function send(page) {
  const button = page.locator('.playground .send').first();
  await button.scrollIntoViewIfNeeded();
  await page.evaluate(() => {
    const block = document.querySelector('.playground');
    const times = { pressed: 0 };
    window.sendTimes = times;
    const since = () => performance.now() - times.pressed;
    addEventListener('pointerdown', () => { times.pressed ||= performance.now(); }, { capture: true, once: true });
    for (const status of block.querySelectorAll('.response-status')) status.dataset.seen = '';
    const observer = new MutationObserver(() => {
      const isBusy = block.querySelector('.send[aria-busy=true], .response[aria-busy=true]');
      if (isBusy) times.busy ??= since();
      const status = block.querySelector('.response:not(.sample-response) .response-status');
      if (status && status.dataset.seen === undefined) {
        times.status ??= since();
        observer.disconnect();
      }
    });
    observer.observe(block, { subtree: true, childList: true, attributes: true });
  });
  const box = await button.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForFunction(() => window.sendTimes.status !== undefined, null, { timeout: 30_000 });
  await page.locator('.response[aria-busy=false]').first().waitFor();
  return page.evaluate(() => window.sendTimes);
}

const server = await serve();
const browser = await launch(chromium);
const paints = new Map([server.origin + path, ...others].map((address) => [address, []]));
const sends = { first: [], second: [] };
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [address, times] of paints) {
      const page = await slowPage(browser);
      times.push(await open(page, address));
      if (address.startsWith(server.origin)) {
        sends.first.push(await send(page));
        sends.second.push(await send(page));
      }
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}

console.log(`\nSlow 4G, a processor four times slower, medians of ${ROUNDS} rounds:`);
const own = median(paints.get(server.origin + path));
for (const [address, times] of paints) {
  const time = median(times);
  const ratio = address.startsWith(server.origin) ? '' : `, ours is ${(own / time).toFixed(2)} of it`;
  console.log(`- first text of ${address.startsWith(server.origin) ? path : address}: ${time.toFixed(0)} ms${ratio}`);
}
for (const [name, times] of Object.entries(sends)) {
  const of = (key) => median(times.map((time) => time[key])).toFixed(0);
  console.log(`- ${name} Send: busy after ${of('busy')} ms, status after ${of('status')} ms`);
}
