// Every function works without scripts.

import { expect, routebook, test } from './fixtures';

test.use({ javaScriptEnabled: false });

test('a lesson is readable, and its form sends the request and shows the changed data', async ({ page, context }) => {
  await page.goto('/en/methods/post');
  // All code panels are shown, each with its name.
  await expect(page.locator('.tab-panel[data-tab=flask]').first()).toBeVisible();
  await expect(page.locator('.tab-panel[data-tab=axum]').first()).toBeVisible();
  await page.locator('#create-user').getByRole('button', { name: 'Send' }).click();
  await expect(page).toHaveURL(/\/en\/try/);
  await expect(page.locator('.response-status')).toContainText('201 Created');
  await expect(page.locator('.row-added')).toContainText('seoa@example.com');
  await expect(page.locator('.trace .step-row').filter({ hasText: 'INSERT INTO users' })).toBeVisible();
  await expect(page.locator('.trace-sentence')).toContainText('one row was added');
  await page.locator('.trace-layers summary').first().click();
  await expect(page.locator('.trace-layers .step-row').filter({ hasText: 'limits::limit' })).toBeVisible();
  expect((await context.cookies()).map((cookie) => cookie.name)).toEqual(['sandbox']);

  // The form contains the request that was sent; a second one fails, because the email address is taken.
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.locator('.response-status')).toContainText('409 Conflict');
  await page.getByRole('link', { name: /^Back to the lesson/ }).click();
  await expect(page).toHaveURL(/\/en\/methods\/post$/);
});

test('the header leads to the search on wide and narrow screens', async ({ page }) => {
  const link = page.getByRole('banner').getByRole('link', { name: 'Search', exact: true });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto('/en/methods/get');
  await link.click();
  await expect(page).toHaveURL(/\/en\/search$/);
  await page.setViewportSize({ width: 400, height: 800 });
  await expect(link).toBeHidden();
  await page.getByRole('button', { name: 'Menu' }).click();
  await expect(link).toBeVisible();
});

test('a target outside the API is refused and not sent', async ({ page, console }) => {
  await page.goto('/ko/methods/get');
  const form = page.locator('.request-form').first();
  await form.locator('.target-input').fill('//example.com/api/users');
  await form.getByRole('button', { name: '보내기' }).click();
  await console.expectPageStatus(422);
  await expect(page.getByRole('alert')).toContainText('다른 서버');
  await expect(page.locator('.target-input')).toHaveValue('//example.com/api/users');
});

test('logs in and out', async ({ page }) => {
  const [email, password] = [`grace-${Date.now()}@example.com`, 'correct horse battery'];
  routebook(['account', 'create', '--email', email, '--name', 'Grace Hopper', '--role', 'learner'], `${password}\n`);
  await page.goto('/en/login?next=/en/methods/put');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/\/en\/methods\/put$/);
  await expect(page.getByRole('banner')).toContainText('Grace Hopper');
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('banner')).not.toContainText('Grace Hopper');
});
