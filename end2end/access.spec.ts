// axe finds no violation on any page, in both locales and themes, narrow and wide; no page scrolls horizontally.

import AxeBuilder from '@axe-core/playwright';
import { expect, playground, send, show, test, hydrate } from './fixtures';

const pages = [
  '',
  '/login',
  '/start/what-is-rest',
  '/routing/paths',
  '/requests/bodies',
  '/responses/status-and-json',
  '/errors/problem-details',
  '/auth/sessions',
  '/methods/get',
  '/methods/post',
  '/methods/put',
  '/methods/patch',
  '/methods/delete',
  '/get-and-post/compared',
];

for (const lang of ['ko', 'en'])
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [320, 1280])
      test(`every page in ${lang}, ${colorScheme}, ${width} px`, async ({ page }) => {
        test.setTimeout(180_000);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        for (const path of pages) {
          await page.goto(`/${lang}${path}`);
          await hydrate(page);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), path).toEqual([]);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
        }
      });

for (const colorScheme of ['light', 'dark'] as const)
  test(`a request that succeeded, failed and was refused, ${colorScheme}`, async ({ page, console }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto('/en/methods/post');
    const clean = async (state: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), state).toEqual([]);
    };
    await send(page, await playground(page, 'create-user'), '201 Created');
    await clean('sent');
    const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
    for (const part of ['trace', 'data', 'headers', 'wire', 'code']) {
      await show(block, part);
      await clean(part);
    }
    await block.locator('.response-status .line-checks summary').click();
    await block.locator('.response-status .explain summary').click();
    await clean('explained');
    const wrong = await playground(page, 'invalid-email');
    await send(page, wrong, '422');
    await clean('failed');
    await show(wrong, 'trace');
    await clean('stopped');
    await wrong.locator('.target-input').fill('nowhere');
    await wrong.getByRole('button', { name: 'Send' }).click();
    await expect(wrong.getByRole('alert')).not.toBeEmpty();
    await clean('refused');
    const response = await page.goto('/en/nothing/here');
    expect(response!.status()).toBe(404);
    await console.expectPageStatus(404);
    await clean('404');
  });
