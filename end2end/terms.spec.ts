// Definitions of the glossary at the terms of a lesson.

import { expect, test } from './fixtures';

test('a definition appears under the pointer, at the focus and by a press, and Escape closes it', async ({ page }) => {
  await page.goto('/en/methods/get');
  const term = page.locator('button.term', { hasText: 'resource' }).first();
  const definition = page.locator(`#${await term.getAttribute('popovertarget')}`);
  await expect(definition).toBeHidden();
  await expect(term).toHaveAccessibleDescription(/What a URI identifies/);

  await term.hover();
  await expect(definition).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(definition).toBeHidden();
  await page.mouse.move(0, 0);

  await term.focus();
  await expect(definition).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(definition.getByRole('link')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/en\/glossary#resource$/);
  await expect(page.locator('dt#resource')).toBeInViewport();
});

test('a definition is inside of a window that is 320 pixels wide', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ['/ko/methods/get', '/en/requests/bodies']) {
    await page.goto(path);
    const terms = page.locator('button.term');
    for (let at = 0; at < (await terms.count()); at += 1) {
      const term = terms.nth(at);
      await term.click();
      const definition = page.locator(`#${await term.getAttribute('popovertarget')}`);
      await expect(definition).toBeVisible();
      const box = await definition.boundingBox();
      expect(box!.x).toBeGreaterThanOrEqual(0);
      expect(box!.x + box!.width).toBeLessThanOrEqual(320);
      await page.keyboard.press('Escape');
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  }
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a press shows the definition', async ({ page }) => {
    await page.goto('/en/methods/get');
    const term = page.locator('button.term').first();
    await term.click();
    await expect(page.locator('.term-definition:popover-open')).toHaveCount(1);
  });
});
