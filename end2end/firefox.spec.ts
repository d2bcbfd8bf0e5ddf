// One journey in Firefox, so that nothing works in Chromium only. Playwright drives a Firefox of its own, which no package
// registry has; Puppeteer drives the installed one over WebDriver BiDi.

import puppeteer, { type Browser } from 'puppeteer-core';
import { expect, test } from '@playwright/test';

const executablePath = process.env.ROUTEBOOK_FIREFOX ?? '/usr/bin/firefox-esr';
let browser: Browser;

test.beforeAll(async () => {
  browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
});
test.afterAll(() => browser.close());

test('Firefox: a request is sent, its trace read, the data changes, and the palette opens another lesson', async ({ baseURL }) => {
  test.setTimeout(90_000);
  const page = await browser.newPage();
  const noise: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) noise.push(message.text());
  });
  page.on('pageerror', (error) => noise.push(String(error)));
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(`${baseURL}/en/methods/post`);
  const block = '.playground:has(#create-user)';
  await page.locator('#create-user .send').click();
  await page.waitForSelector(`${block} .exchange`);
  expect(await page.$eval(block, (element) => element.textContent)).toContain('201 Created');
  await page.locator(`${block} [role=tab][id$="-trace-tab"]`).click();
  const trace = await page.waitForSelector(`${block} [role=tabpanel][data-tab=trace]`, { visible: true });
  expect(await trace!.evaluate((panel) => panel.textContent)).toContain('INSERT');
  await page.waitForSelector('#data-panel .row-added');
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('#data-panel [data-row]').length === 13);
  await page.keyboard.down('Control');
  await page.keyboard.press('k');
  await page.keyboard.up('Control');
  await page.waitForSelector('.palette-option');
  await page.keyboard.type('patch');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  expect(page.url()).toBe(`${baseURL}/en/methods/patch`);
  expect(noise).toEqual([]);
});
