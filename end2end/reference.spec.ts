// The API reference: finding an endpoint and sending its request, also by keyboard, without scripts and on small screens.

import AxeBuilder from '@axe-core/playwright';
import { expect, playground, send, test } from './fixtures';

test('the search finds an endpoint, and its page sends the request', async ({ page }) => {
  await page.goto('/en/playground');
  await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('users export');
  await page.getByRole('search', { name: 'Search endpoints' }).getByRole('button').click();
  await expect(page).toHaveURL(/\?q=users\+export#endpoints$/);
  await page.getByRole('link', { name: /Export all users as a file$/ }).first().click();
  await expect(page).toHaveURL(/\/en\/playground\/export-users$/);
  await expect(page.getByRole('row', { name: /^format query/ })).toBeVisible();
  await send(page, await playground(page, 'request'), '200 OK');
});

test('the list of endpoints is filtered while a word is typed', async ({ page }) => {
  await page.goto('/en/playground');
  const rows = page.locator('#endpoints li:visible');
  const all = await rows.count();
  const field = page.getByRole('searchbox', { name: 'Search endpoints' });
  await field.fill('tokens delete');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Revoke a token');
  await field.fill('echo');
  await expect(page.locator('#endpoints').getByText('Echo a GET request', { exact: true })).toBeVisible();
  await field.fill('');
  await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(all);
});

test('a request form contains the example body of the document', async ({ page }) => {
  await page.goto('/en/playground/create-user');
  const block = await playground(page, 'request');
  await expect(block.locator('.header-name').first()).toHaveValue('Content-Type');
  const text = await block.locator('.body-input').inputValue();
  await block.locator('.body-input').fill(JSON.stringify({ ...JSON.parse(text), email: 'reference@example.com' }));
  await send(page, block, '201 Created');
});

test('a .http text becomes forms, and an error in it is shown', async ({ page, console }) => {
  await page.goto('/en/playground');
  const editor = page.locator('.http-editor');
  await editor.locator('summary').click();
  await editor.getByRole('textbox').fill('GET /api/users\nAccept text/csv');
  await editor.getByRole('button', { name: 'Create forms' }).click();
  await console.expectPageStatus(422);
  await expect(page.getByRole('alert').filter({ hasText: 'Line 2, column 1' })).toBeVisible();
  await editor.getByRole('textbox').fill('GET /api/users\nAccept: text/csv\n\n###\nGET /api/users/2');
  await editor.getByRole('button', { name: 'Create forms' }).click();
  await expect(page.locator('.target-input')).toHaveCount(2);
  const id = await page.locator('.playground > section').last().getAttribute('id');
  await send(page, await playground(page, id!), '200 OK');
});

test('an endpoint can be found and sent with the keyboard alone', async ({ page }) => {
  await page.goto('/en/playground/show-user');
  const summary = page.locator('.endpoint-line summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('GET reads.', { exact: false })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'More on GET' })).toBeFocused();
  const block = await playground(page, 'request');
  await block.locator('.target-input').focus();
  await page.keyboard.press('Control+Enter');
  await expect(block.locator('.response-status')).toContainText('200 OK');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });
  test('search, send and write', async ({ page }) => {
    await page.goto('/ko/playground');
    const search = page.getByRole('searchbox', { name: '엔드포인트 검색' });
    await search.fill('로그인하기');
    await search.press('Enter');
    await page.getByRole('link', { name: /로그인하기$/ }).click();
    await page.getByRole('button', { name: '보내기' }).click();
    await expect(page.locator('.response-status').first()).toContainText('201 Created');
  });
});

// The pages are long with all details open, so only pairs of locale, theme and width are tested, not all combinations.
for (const [lang, colorScheme, width] of [
  ['ko', 'light', 320],
  ['ko', 'dark', 1280],
  ['en', 'light', 1280],
  ['en', 'dark', 320],
] as const)
      test(`axe finds no violation in ${lang}, ${colorScheme}, ${width} px`, async ({ page }) => {
        test.setTimeout(240_000);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        for (const path of ['', '?q=nothing-like-it', '/replace-user', '/events']) {
          await page.goto(`/${lang}/playground${path}`);
          await page.evaluate(() => document.querySelectorAll('main details').forEach((details) => details.setAttribute('open', '')));
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), path).toEqual([]);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
        }
      });
