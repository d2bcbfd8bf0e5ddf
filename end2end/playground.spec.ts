// Sending requests from lessons.

import { execFileSync } from 'node:child_process';
import { expect, part, playground, send, show, test, hydrate } from './fixtures';

test('GET shows the response and that no data changed', async ({ page }) => {
  await page.goto('/en/methods/get');
  const block = await playground(page, await firstId(page));
  await send(page, block, '200 OK');
  await expect(block.locator('.response-status')).toContainText(/\d+ ms · \d+(\.\d)? (B|KiB)/);
  await expect(block.locator('.response-body')).toContainText('haneul@example.com');
  await expect(block.locator('.response-status')).toContainText('no user changed');
  await show(block, 'data');
  await expect(block.locator('.user-table tbody tr')).toHaveCount(12);
  const headers = await show(block, 'headers');
  await expect(headers.locator('tr').filter({ hasText: /^content-type/ })).toContainText('application/json');
});

test('the front page shows a sample response, which the real response replaces', async ({ page }) => {
  await page.goto('/en');
  const sample = page.locator('.sample-response');
  await expect(sample).toBeVisible();
  await expect(sample).toContainText('haneul@example.com');
  await hydrate(page);
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.locator('.exchange')).toBeVisible();
  await expect(sample).toBeHidden();
});

test('POST adds a row; sent again it fails because the email address is taken', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await send(page, block, '201 Created');
  const added = block.locator('.row-added');
  await expect(added).toHaveCount(1);
  await expect(added).toContainText('seoa@example.com');
  await expect(added.locator('.row-sign')).toContainText('+');
  await expect(block.locator('.response-status')).toContainText('1 row added');
  await send(page, block, '409 Conflict');
  await expect(block.locator('.response-body')).toContainText('/email');
  await expect(block.locator('.response-status')).toContainText('no user changed');
  await expect(block.locator('.user-table tbody tr')).toHaveCount(13);
});

test('the trace shows the step that ended the request and the steps not reached', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await send(page, block, '201 Created');
  await show(block, 'trace');
  const steps = block.locator('.trace .step-row');
  await expect(steps.filter({ hasText: 'route' }).filter({ hasText: '/api/users' }).first()).toBeVisible();
  await expect(steps.filter({ hasText: 'INSERT INTO users' })).toHaveCount(1);
  await expect(block.locator('.step-stopped, .step-unreached')).toHaveCount(0);
  const wrong = await playground(page, 'invalid-email');
  await send(page, wrong, '422');
  await show(wrong, 'trace');
  await expect(wrong.locator('.step-stopped')).toHaveCount(1);
  await expect(wrong.locator('.step-stopped')).toContainText('validation');
  await expect(wrong.locator('.step-unreached').last()).toContainText('not reached');
  await expect(wrong.locator('.trace .step-row').filter({ hasText: 'INSERT' })).toHaveCount(0);
});

test('PATCH marks the changed row', async ({ page }) => {
  await page.goto('/en/methods/patch');
  const block = await playground(page, 'change-role');
  await send(page, block, '200 OK');
  await expect(block.locator('.row-changed')).toHaveCount(1);
  await expect(block.locator('.row-changed')).toContainText('jimin@example.com');
  await expect(block.locator('.row-changed')).toContainText('admin');
});

test('DELETE marks the removed row; sent again it returns 404', async ({ page }) => {
  await page.goto('/ko/methods/delete');
  const block = await playground(page, await firstId(page, 'DELETE'));
  await send(page, block, '204 No Content');
  await expect(block.locator('.row-removed')).toHaveCount(1);
  await expect(block.locator('.response')).toContainText('응답에 본문이 없습니다.');
  await send(page, block, '404 Not Found');
  await expect(block.locator('.user-table tbody tr')).toHaveCount(11);
});

test('Ctrl+Enter sends the edited request, and reset restores the example', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  const body = block.locator('.body-input');
  const example = await body.inputValue();
  await body.fill('{"name": "Rose", "email": "rose@example.com",}');
  await body.press('Control+Enter');
  await expect(block.locator('.response-status')).toContainText('400 Bad Request');
  await expect(block.locator('.response-body')).toContainText(/line 1/);
  await expect(block.locator('.response[aria-busy]')).toHaveAttribute('aria-busy', 'false');
  await body.fill('{"name": "로제", "email": "rose@example.com"}');
  await body.press('Control+Enter');
  await expect(block.locator('.response-status')).toContainText('201 Created');
  await expect(block.locator('.row-added')).toContainText('로제');
  await part(block, 'headers');
  await block.getByRole('button', { name: 'Add a header' }).click();
  await expect(block.locator('.request-headers .field-row:visible')).toHaveCount(2);
  await expect(block.locator('.header-name:visible').last()).toBeFocused();
  await block.getByRole('button', { name: 'Add a header' }).click();
  await expect(block.locator('.request-headers .field-row:visible')).toHaveCount(3);
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  expect(await body.inputValue()).toBe(example);
  await part(block, 'headers');
  await expect(block.locator('.request-headers .field-row:visible')).toHaveCount(1);
});

test('a path outside the API is marked at its field and not sent', async ({ page }) => {
  await page.goto('/en/methods/get');
  const block = await playground(page, await firstId(page));
  const sent: string[] = [];
  page.on('request', (request) => {
    // The sandbox is created while the button is pressed.
    if (!request.url().endsWith('/api/sandbox')) sent.push(request.url());
  });
  await block.locator('.target-input').fill('/api/../logout');
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.getByRole('alert')).toContainText('Only paths under /api/');
  await expect(block.locator('.target-input')).toBeFocused();
  await expect(block.locator('.target-input')).toHaveAttribute('aria-invalid', 'true');
  expect(sent).toEqual([]);
});

test('the copied command works in a terminal on the same data', async ({ page, context, browserName }) => {
  expect(browserName).toBe('chromium');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await block.getByRole('button', { name: 'Copy as code' }).click();
  await expect(block.locator('.request-code code')).toContainText('Sandbox-Key');
  await block.locator('.request-code').getByRole('button', { name: 'Copy' }).click();
  await expect(block.locator('.request-message')).toContainText('Copied.');
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toBe(await block.locator('.request-code code').textContent());
  const printed = execFileSync('sh', ['-c', command], { encoding: 'utf8', timeout: 20_000 });
  expect(printed).toContain('201 Created');

  // The page shows the change of the terminal.
  await page.goto('/en/methods/get');
  const list = await playground(page, await firstId(page));
  await send(page, list, '200 OK');
  await expect(list.locator('.user-table')).toContainText('seoa@example.com');
});

test('loading a lesson creates no sandbox and sets no cookie; the first Send creates one for all forms', async ({ page, context }) => {
  const created: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/api/sandbox') created.push(request.url());
  });
  await page.goto('/en/methods/post');
  await playground(page, 'create-user');
  expect(await context.cookies()).toEqual([]);
  const [first, second] = [await playground(page, 'create-user'), await playground(page, 'invalid-email')];
  await Promise.all([
    first.getByRole('button', { name: 'Send' }).click(),
    second.getByRole('button', { name: 'Send' }).click(),
  ]);
  await expect(first.locator('.response-status')).toContainText('201 Created');
  await expect(second.locator('.response-status')).toContainText('422');
  expect(created).toHaveLength(1);
  const cookies = await context.cookies();
  expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
    { name: 'sandbox', httpOnly: true, sameSite: 'Lax' },
  ]);
});

test('two browsers do not see each other', async ({ page, browser, console }) => {
  await page.goto('/en/methods/post');
  await send(page, await playground(page, 'create-user'), '201 Created');
  const other = await browser.newContext();
  console.watch(other);
  const otherPage = await other.newPage();
  await otherPage.goto('/en/methods/get');
  const list = await playground(otherPage, await firstId(otherPage));
  await send(otherPage, list, '200 OK');
  await expect(list.locator('.user-table tbody tr')).toHaveCount(12);
  await expect(list.locator('.user-table')).not.toContainText('seoa@example.com');
  await other.close();
});

test('without a server an error is shown and the typed request is kept', async ({ page, context }) => {
  await page.goto('/en/methods/get');
  const block = await playground(page, await firstId(page));
  await send(page, block, '200 OK');
  await context.setOffline(true);
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.locator('.response-error')).toHaveText('This device is offline. Connect, then send again.');
  await context.setOffline(false);
  await send(page, block, '200 OK');
});

/** Returns the id of the first request of a page with this method. */
async function firstId(page: import('@playwright/test').Page, method = 'GET'): Promise<string> {
  const form = page.locator('.playground section').filter({ has: page.locator(`select[data-method=${method}]`) });
  return (await form.first().getAttribute('id'))!;
}
