// The whole way of a learner with the keyboard alone: no pointer event and no script focuses anything.

import { expect, tabTo, test } from './fixtures';

test('the way from the front page to a change that is undone, with the keyboard alone', async ({ page }) => {
  test.setTimeout(90_000);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/en');
  const first = page.locator('.hero-actions a').first();
  await tabTo(page, first);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/en\/start\//);

  // The palette opens another lesson.
  await page.keyboard.press('Control+k');
  await expect(page.locator('.palette-dialog').getByRole('combobox')).toBeFocused();
  await page.keyboard.type('post');
  await expect(page.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/post/);
  await page.goto('/en/methods/post');

  // The skip link leads past the navigation.
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip-link').first()).toBeFocused();
  await page.keyboard.press('Enter');

  // The body is edited; Tab leaves it.
  const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
  const bodyTab = block.getByRole('tab', { name: /^Body/ });
  await tabTo(page, bodyTab);
  const body = block.locator('textarea[name=body]');
  await tabTo(page, body);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('{"name": "Keyboard", "email": "keyboard@example.com"}');
  await page.keyboard.press('Tab');
  await expect(body).not.toBeFocused();

  // Tabs of the request follow the arrow keys.
  await tabTo(page, bodyTab, 'Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await expect(block.getByRole('tab', { name: /^API session/ })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  const sendButton = block.getByRole('button', { name: /^Send/ });
  await tabTo(page, sendButton, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(block.locator('.response-status')).toContainText('201 Created');
  await expect(block.locator('.exchange-tabs')).toBeVisible();
  await expect(sendButton, 'the focus stays on Send').toBeFocused();

  // The response: its line explains itself, its tabs follow the arrow keys.
  await page.keyboard.press('Tab');
  await expect(block.locator('.skip-response')).toBeFocused();
  await page.keyboard.press('Enter');
  const response = block.locator('.exchange-tabs').getByRole('tab', { name: 'Response' });
  await tabTo(page, response);
  await page.keyboard.press('ArrowRight');
  const happened = block.locator('[data-tab=trace]').last();
  await expect(happened).toBeVisible();
  const layers = happened.locator('.trace-layers summary').first();
  await tabTo(page, layers);
  await page.keyboard.press('Enter');
  await expect(happened.locator('.trace-layers .step').first()).toBeVisible();

  // A request broken on purpose.
  const breakIt = block.getByRole('button', { name: /^Break/ });
  await tabTo(page, breakIt, 'Shift+Tab');
  await page.keyboard.press('Enter');
  const trailingComma = block.locator('button[value=trailing-comma]');
  await tabTo(page, trailingComma);
  await page.keyboard.press('Enter');
  await expect(block.locator('.response-status')).toContainText('400 Bad Request');

  // The data panel: an exchange is opened and closed, the reset asks and is undone.
  const panel = page.locator('#data-panel');
  const exchange = panel.locator('a[data-open]').first();
  await tabTo(page, page.locator('.skip-to-data'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, exchange);
  await page.keyboard.press('Enter');
  await expect(panel.locator('.exchange-tabs')).toBeVisible();
  const back = panel.locator('[data-back]');
  if (!(await back.evaluate((element) => element === document.activeElement))) await tabTo(page, back, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(exchange, 'the focus goes back to where it was').toBeFocused();
  const reset = panel.locator('.data-panel-reset > summary:visible').first();
  await tabTo(page, reset, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, panel.locator('.data-panel-reset[open] button'));
  await page.keyboard.press('Enter');
  await expect(panel.locator('.row-removed')).toContainText('Keyboard');
  const undo = panel.getByRole('button', { name: /^Undo/ }).first();
  await tabTo(page, undo, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(panel.locator('.row-added')).toContainText('Keyboard');

  // The theme and the language, from the top of the page.
  await page.reload();
  const dark = page.locator('.theme-toggle input[value=dark]');
  const theme = page.locator('.theme-toggle input:checked');
  await tabTo(page, theme);
  await page.keyboard.press('ArrowRight');
  await expect(theme).toBeFocused();
  while (!(await dark.isChecked())) await page.keyboard.press('ArrowRight');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await tabTo(page, page.locator('a[data-language=ko]'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/ko\/methods\/post/);
});
