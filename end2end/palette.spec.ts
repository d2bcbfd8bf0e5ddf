// The command palette: by keyboard and pointer, before and after hydration.

import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { expect, test } from './fixtures';

const field = (page: Page) => page.locator('.palette-dialog').getByRole('combobox');

test('Ctrl+K finds a lesson by words and opens it with Enter', async ({ page }) => {
  await page.goto('/en');
  await page.keyboard.press('Control+k');
  await expect(field(page)).toBeFocused();
  await field(page).fill('patch');
  const options = page.locator('.palette-option');
  await expect(options.first()).toContainText('PATCH');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/en\/methods\/patch$/);
});

test('the arrow keys move the selection around, and Escape closes the dialog', async ({ page }) => {
  await page.goto('/ko/methods/get');
  await page.locator('.palette-open').click();
  const selected = page.locator('[role=option][aria-selected=true]');
  await expect(selected).toHaveCount(1);
  const first = await selected.getAttribute('id');
  await page.keyboard.press('ArrowUp');
  const last = page.locator('.palette-option').last();
  await expect(last).toHaveAttribute('aria-selected', 'true');
  await expect(last).toBeInViewport();
  await page.keyboard.press('ArrowDown');
  await expect(selected).toHaveAttribute('id', first!);
  await page.keyboard.press('Escape');
  await expect(page.locator('.palette-dialog')).toBeHidden();
  await expect(page.locator('.palette-open')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(field(page)).toBeFocused();
  await page.mouse.click(5, 700);
  await expect(page.locator('.palette-dialog')).toBeHidden();
  await expect(page.locator('.palette-open')).toBeFocused();
});

test('words that match nothing are answered, and an endpoint is found by method and path', async ({ page }) => {
  await page.goto('/en/playground');
  await page.keyboard.press('Control+k');
  await field(page).fill('nothing-like-it');
  await expect(page.locator('.palette-status')).toContainText('Nothing matches');
  await field(page).fill('post /api/tok');
  await page.locator('.palette-option').filter({ hasText: 'Create a token' }).click();
  await expect(page).toHaveURL(/\/en\/playground\/create-token$/);
});

test('actions of the palette change the theme and the language', async ({ page }) => {
  await page.goto('/en/methods/get');
  await page.keyboard.press('Control+k');
  await field(page).fill('dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await page.keyboard.press('Control+k');
  await field(page).fill('한국어');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/ko\/methods\/get$/);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds no violation in the open palette, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto('/en');
      await page.keyboard.press('Control+k');
      await expect(page.locator('.palette-option').first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).include('.palette-dialog').analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    }
  });

test('lessons that were opened or read are marked, and the front page leads on from the last one', async ({ page }) => {
  await page.goto('/en/methods/get');
  await page.locator('.neighbours').scrollIntoViewIfNeeded();
  const link = page.locator('.site-nav a[data-lesson="methods/get"]');
  await expect(link).toHaveAttribute('data-progress', 'read');
  await page.goto('/en/methods/put');
  await page.goto('/en');
  await expect(page.locator('.chapters a[data-lesson="methods/get"]')).toHaveAttribute('data-progress', 'read');
  await expect(page.locator('.chapters a[data-lesson="methods/put"]')).toHaveAttribute('data-progress', 'opened');
  await page.locator('.continue a').click();
  await expect(page).toHaveURL(/\/en\/methods\/put$/);
  // A lesson that was read to its end leads on.
  await page.locator('.neighbours').scrollIntoViewIfNeeded();
  await expect(page.locator('.site-nav a[data-lesson="methods/put"]')).toHaveAttribute('data-progress', 'read');
  await page.goto('/en');
  await expect(page.locator('.continue a')).toHaveAttribute('href', /\/en\/methods\/patch$/);
});
