// The search of the lessons: its page with and without scripts, and the passages in the command palette.

import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect, test } from './fixtures';

const field = (page: Page) => page.locator('.palette-dialog').getByRole('combobox');
const passages = (page: Page) => page.locator('[id^=palette-passage-]');
const selected = (page: Page) => page.locator('[role=option][aria-selected=true]');

/** Returns the queries of the fragments that a page requests. */
function requests(page: Page): string[] {
  const queries: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('/search') && url.searchParams.has('part')) queries.push(url.searchParams.get('q')!);
  });
  return queries;
}

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the menu leads to the search, whose results lead to headings', async ({ page }) => {
    await page.goto('/ko');
    await page.locator('.menu-link[href$="/search"]').dispatchEvent('click');
    await expect(page).toHaveURL(/\/ko\/search$/);
    await page.getByRole('main').getByRole('searchbox').fill('재인증 없는 낱말');
    await page.keyboard.press('Enter');
    await expect(page.locator('.search-count')).toContainText('검색 결과가 없습니다');
    await page.getByRole('main').getByRole('searchbox').fill('멱등');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/q=/);
    await expect(page.getByRole('searchbox')).toHaveValue('멱등');
    const result = page.locator('.search-results a[href*="#"]').first();
    const id = (await result.getAttribute('href'))!.split('#')[1];
    await result.click();
    await expect(page.locator(`#${id}`)).toBeInViewport();
  });

  test('results in the other language are offered, and a page with 404 has the form', async ({ page, console }) => {
    await page.goto('/en/search?q=멱등');
    await page.locator('.search-elsewhere a').click();
    await expect(page.locator('.search-results li').first()).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
    await page.goto('/en/nothing');
    await console.expectPageStatus(404);
    await page.getByRole('searchbox').fill('patch');
    await page.keyboard.press('Enter');
    await expect(page.locator('.search-results mark').first()).toHaveText(/patch/i);
  });
});

test('passages follow the entries of the palette and are chosen by keyboard', async ({ page }) => {
  const queries = requests(page);
  await page.goto('/en');
  await page.keyboard.press('Control+k');
  await field(page).pressSequentially('idempot', { delay: 20 });
  await expect(passages(page).first()).toBeVisible();
  // A request is sent after a pause in typing, not for each key.
  expect(queries.at(-1)).toBe('idempot');
  expect(queries.length).toBeLessThan(4);
  await page.keyboard.press('ArrowUp');
  const last = passages(page).last();
  await expect(last).toHaveAttribute('aria-selected', 'true');
  await expect(selected(page)).toHaveCount(1);
  await expect(field(page)).toHaveAttribute('aria-activedescendant', (await last.getAttribute('id'))!);
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  const entries = await page.locator('[id^=palette-list-]').count();
  for (let at = 0; at < entries; at++) await page.keyboard.press('ArrowDown');
  const first = passages(page).first();
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await expect(first.locator('mark').first()).toHaveText(/idempot/i);
  const href = (await first.getAttribute('data-href'))!;
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL((url) => url.pathname + url.hash === href);
});

test('a passage is opened by a click, and words that match nothing are answered', async ({ page }) => {
  await page.goto('/en/methods/get');
  await page.keyboard.press('Control+k');
  await field(page).fill('xylophone');
  await expect(page.locator('.palette-status')).toContainText('Nothing matches');
  await field(page).fill('status code');
  await passages(page).first().click();
  await expect(page).toHaveURL(/\/en\/[a-z-]+/);
  await expect(page.locator('.palette-dialog')).toBeHidden();
});

test('only the response to the last query is shown', async ({ page }) => {
  let release = () => {};
  const isReleased = new Promise<void>((done) => (release = done));
  await page.route('**/search?part&q=cookie', async (route) => {
    await isReleased;
    await route.continue();
  });
  await page.goto('/en');
  await page.keyboard.press('Control+k');
  const sent = page.waitForRequest('**/search?part&q=cookie');
  await field(page).fill('cookie');
  await sent;
  await field(page).fill('patch');
  await expect(passages(page).first().locator('mark').first()).toHaveText(/patch/i);
  const received = page.waitForResponse('**/search?part&q=cookie');
  release();
  await received;
  await page.waitForTimeout(100);
  await expect(passages(page).first().locator('mark').first()).toHaveText(/patch/i);
});

test('nothing happens while an input method editor composes', async ({ page }) => {
  const queries = requests(page);
  await page.goto('/ko');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option').first()).toBeVisible();
  const count = await page.getByRole('option').count();
  await field(page).evaluate((input: HTMLInputElement) => {
    input.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
    input.value = '멱등';
    input.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true, data: '멱등' }));
    for (const key of ['ArrowDown', 'Enter'])
      input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, isComposing: true }));
  });
  await page.waitForTimeout(400);
  expect(queries).toEqual([]);
  await expect(page.getByRole('option')).toHaveCount(count);
  await expect(page.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL(/\/ko$/);
  await field(page).dispatchEvent('compositionend');
  await expect(passages(page).first().locator('mark').first()).toHaveText('멱등');
  expect(queries).toEqual(['멱등']);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds no violation in the search, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const path of ['/ko/search?q=멱등', '/en/search?q=patch', '/en/search?q=xylophone', '/en/search']) {
      await page.setViewportSize({ width: 320, height: 800 });
      await page.goto(path);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(320);
      const { violations } = await new AxeBuilder({ page }).include('main').analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    }
    await page.goto('/en');
    await page.keyboard.press('Control+k');
    await field(page).fill('patch');
    await expect(passages(page).first()).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('.palette-dialog').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  });
