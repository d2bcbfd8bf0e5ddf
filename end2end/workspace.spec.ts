// The workspace of the playground: saved requests, history, and whole files.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, hydrate, part, playground, send, test } from './fixtures';

const saved = (page: Page) => page.locator('.saved-requests');
const history = (page: Page) => page.locator('.exchange-history .nav-section');
const rows = (page: Page) => saved(page).locator('li');
const count = (group: Locator) => group.locator('.nav-count');

/** Opens a folded group above the endpoints. */
async function open(group: Locator): Promise<void> {
  await group.locator('> summary').click();
  await expect(group).toHaveAttribute('open');
}

/** Fills the free form with a request. */
async function write(page: Page, method: string, target: string, body = ''): Promise<Locator> {
  const form = await playground(page, 'request-1');
  await form.locator('.method-select').selectOption(method);
  await form.locator('.target-input').fill(target);
  if (body) await form.locator('.body-input').fill(body);
  return form;
}

/** Saves the request of a form under a name. */
async function save(form: Locator, name: string): Promise<void> {
  await form.getByRole('button', { name: 'Save under a name' }).click();
  const field = form.getByLabel('Name', { exact: true });
  await expect(field).toBeFocused();
  await field.fill(name);
  await field.press('Enter');
  await expect(form.locator('.request-message')).toContainText(name);
}

test('a request is saved, opened, renamed and deleted by keyboard, and survives a reload', async ({ page }) => {
  await page.goto('/en/playground');
  const form = await write(page, 'POST', '/api/users?dry=1', '{"name": "Rose"}');
  const button = form.getByRole('button', { name: 'Save under a name' });
  await button.press('Enter');
  const field = form.getByLabel('Name', { exact: true });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('POST /api/users');
  await field.fill('');
  await field.press('Enter');
  await expect(form.getByRole('alert').filter({ hasText: 'A name is missing.' })).toBeVisible();
  await field.fill('Add Rose');
  await field.press('Enter');
  await expect(form.locator('.request-message')).toContainText('Saved as “Add Rose”');
  await expect(button).toBeFocused();
  // Enter in the field does not send the request.
  await expect(form.locator('.response-status')).toHaveCount(0);

  await page.reload();
  await expect(count(saved(page))).toHaveText('1');
  await saved(page).locator('> summary').press('Enter');
  const link = rows(page).getByRole('link', { name: 'Add Rose' });
  await write(page, 'GET', '/api/echo');
  await link.press('Enter');
  await expect(form.locator('.target-input')).toHaveValue('/api/users?dry=1');
  await expect(form.locator('.target-input')).toBeFocused();
  await expect(form.locator('.method-select')).toHaveValue('POST');
  await expect(form.locator('.body-input')).toHaveValue('{"name": "Rose"}');
  expect(new URL(page.url()).hash).toBe('');

  await rows(page).getByRole('button', { name: 'Rename “Add Rose”' }).press('Enter');
  const name = rows(page).getByLabel('New name of “Add Rose”');
  await expect(name).toBeFocused();
  await name.fill('Add a user');
  await name.press('Enter');
  await expect(rows(page).getByRole('link', { name: 'Add a user' })).toBeFocused();

  await rows(page).getByRole('button', { name: 'Delete “Add a user”' }).press('Enter');
  await expect(rows(page)).toHaveCount(0);
  await expect(saved(page).getByRole('status')).toHaveText('“Add a user” is deleted.');
  const undo = saved(page).getByRole('button', { name: 'Undo' });
  await expect(undo).toBeFocused();
  await undo.press('Enter');
  await expect(rows(page).getByRole('link', { name: 'Add a user' })).toBeFocused();
  await rows(page).getByRole('button', { name: 'Delete “Add a user”' }).click();
  await page.reload();
  await hydrate(page);
  await expect(count(saved(page))).toHaveText('0');
  await open(saved(page));
  await expect(saved(page)).toContainText('Press Save in a request');
});

test('a saved request is opened from the page of an endpoint and saved again under its name', async ({ page }) => {
  await page.goto('/en/playground/show-user');
  const endpoint = await playground(page, 'request');
  await endpoint.getByRole('button', { name: 'Save under a name' }).click();
  const field = endpoint.getByLabel('Name', { exact: true });
  await expect(field).toHaveValue('Show a user');
  await field.press('Enter');
  await open(saved(page));
  await rows(page).getByRole('link').click();
  await expect(page).toHaveURL(/\/en\/playground$/);
  const form = page.locator('.playground').first();
  await expect(form.locator('.target-input')).toHaveValue('/api/users/2');
  await form.locator('.target-input').fill('/api/users/3');
  await form.getByRole('button', { name: 'Save under a name' }).click();
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue('Show a user');
  await form.getByLabel('Name', { exact: true }).press('Enter');
  await expect(form.locator('.request-message')).toContainText('is replaced');
  await expect(count(saved(page))).toHaveText('1');

  // The name of another request is asked for twice.
  await form.getByRole('button', { name: 'Reset to the example' }).click();
  await form.getByRole('button', { name: 'Save under a name' }).click();
  await form.getByLabel('Name', { exact: true }).fill('Show a user');
  await form.getByLabel('Name', { exact: true }).press('Enter');
  await expect(form.locator('.save-error')).toContainText('Save again to replace it');
  await form.getByLabel('Name', { exact: true }).press('Enter');
  await expect(form.locator('.request-message')).toContainText('is replaced');
});

test('tabs see the changes of each other; headers with credentials are not kept', async ({ page, context }) => {
  await page.goto('/en/playground');
  const other = await context.newPage();
  await other.goto('/en/playground');
  await hydrate(other);
  const form = await write(page, 'GET', '/api/me');
  await part(form, 'headers');
  await form.getByRole('button', { name: 'Add a header' }).click();
  await form.locator('.header-name:visible').last().fill('Authorization');
  await form.locator('.header-value:visible').last().fill('Bearer secret');
  await save(form, 'Me');
  await expect(form.locator('.request-message')).toContainText('without the headers that carry credentials');
  await expect(count(saved(other))).toHaveText('1');
  await open(saved(other));
  await rows(other).getByRole('button', { name: 'Delete “Me”' }).click();
  await expect(count(saved(page))).toHaveText('0');
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Bearer secret');
});

test('storage that is full, blocked or at its limit is reported', async ({ page }) => {
  await page.goto('/en/playground');
  const form = await playground(page, 'request-1');
  const attempt = async (name: string) => {
    await form.getByRole('button', { name: 'Save under a name' }).click();
    await form.getByLabel('Name', { exact: true }).fill(name);
    await form.getByLabel('Name', { exact: true }).press('Enter');
  };
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await attempt('a');
  await expect(form.locator('.save-error')).toContainText('The storage of the browser is full');
  await page.evaluate(() => Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } }));
  await form.getByRole('button', { name: 'Cancel' }).click();
  await attempt('a');
  await expect(form.locator('.save-error')).toContainText('does not let this site store anything');

  await page.goto('/en/playground?again');
  await page.evaluate(() => {
    const draft = { method: 'GET', target: '/api/users', headers: [], body: '' };
    const all = Array.from({ length: 100 }, (_, at) => ({ name: `Request ${at}`, draft }));
    localStorage.setItem('routebook-saved', JSON.stringify(all));
  });
  await page.reload();
  await expect(count(saved(page))).toHaveText('100');
  await playground(page, 'request-1');
  await attempt('one more');
  await expect(form.locator('.save-error')).toContainText('100 requests are saved');
});

test('the history has the newest request first, opens it in the form again and leads to its exchange', async ({ page }) => {
  await page.goto('/en/playground');
  await hydrate(page);
  await open(history(page));
  await expect(history(page)).toContainText('No requests yet');
  const form = await write(page, 'POST', '/api/users', '{"name": "Rose", "email": "rose@example.com"}');
  await send(page, form, '201 Created');
  await expect(count(history(page))).toHaveText('1');
  await write(page, 'PATCH', '/api/users/13');
  await send(page, form, '200 OK');
  await expect(count(history(page))).toHaveText('2');
  const entries = history(page).locator('li');
  await expect(entries.first()).toContainText('/api/users/13');
  await expect(entries.first()).toContainText('200 OK');
  await expect(entries.first().locator('time')).toHaveText(/\d+:\d\d:\d\d/);
  await entries.nth(1).getByRole('link').first().press('Enter');
  await expect(form.locator('.method-select')).toHaveValue('POST');
  await expect(form.locator('.target-input')).toHaveValue('/api/users');
  await expect(form.locator('.target-input')).toBeFocused();
  await expect(form.locator('.body-input')).toHaveValue('{"name": "Rose", "email": "rose@example.com"}');
  await expect(form.locator('.response-status'), 'the response of another request').toHaveCount(0);
  await entries.nth(1).getByRole('link', { name: 'The whole exchange: POST /api/users: 201' }).click();
  await expect(page).toHaveURL(/\/en\/exchanges\//);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('POST /api/users');

  // The next page has it at once.
  await page.goto('/en/playground/list-users');
  await expect(count(history(page))).toHaveText('2');
});

test('the history follows while the data panel is closed, shows a search or one exchange, and asks once', async ({ page }) => {
  const fetched: string[] = [];
  page.on('request', (request) => {
    const address = new URL(request.url());
    if (address.pathname === '/en/data') fetched.push(address.search);
  });
  await page.setViewportSize({ width: 800, height: 800 });
  await page.goto('/en/playground');
  const form = await write(page, 'GET', '/api/users');
  await send(page, form, '200 OK');
  await expect(count(history(page))).toHaveText('1');
  await page.setViewportSize({ width: 1440, height: 900 });
  const panel = page.locator('#data-panel');
  await panel.locator('[data-open]').first().click();
  await expect(panel.locator('[data-back]')).toBeVisible();
  await send(page, form, '200 OK');
  await expect(count(history(page))).toHaveText('2');
  await expect(panel.locator('[data-back]')).toBeVisible();
  await panel.locator('[data-back]').click();
  await panel.locator('#data-panel-q').fill('nothing like this');
  await expect(panel).toContainText('No request contains');
  await send(page, form, '200 OK');
  await expect(count(history(page))).toHaveText('3');
  await panel.locator('#data-panel-q').fill('');
  await expect(panel.locator('.data-panel-stream li')).toHaveCount(3);
  fetched.length = 0;
  await send(page, form, '200 OK');
  await expect(count(history(page))).toHaveText('4');
  await page.waitForTimeout(500);
  expect(fetched.length, 'panel and history share a request').toBeLessThanOrEqual(2);
  expect(fetched.map((search) => new URLSearchParams(search).get('q'))).toEqual(fetched.map(() => ''));
});

test('the download of a lesson with a login is opened as a file and sent', async ({ page }, info) => {
  await page.goto('/en/auth/sessions');
  const started = page.waitForEvent('download');
  await page.getByRole('link', { name: /as a .http file/ }).click();
  const path = info.outputPath('sessions.http');
  await (await started).saveAs(path);

  await page.goto('/en/playground');
  await page.locator('.http-editor > summary').click();
  const field = page.getByLabel('Open a file');
  await field.focus();
  await field.setInputFiles(path);
  await expect(page).toHaveURL(/\/en\/playground\?file$/);
  await expect(page.locator('.http-editor textarea')).toHaveValue(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  /** Returns the form of the request with this line above it. */
  const form = async (line: string) => {
    const block = page.locator('.playground').filter({ has: page.locator(`[name=line][value="${line}"]`) });
    return playground(page, (await block.locator('section').getAttribute('id'))!);
  };
  const login = await form('# @name login');
  await send(page, login, '201 Created');
  await expect(login.locator('.response-status')).toContainText('4/4 as expected');
  const token = await form('# @name token');
  await expect(token.locator('.body-input')).toHaveValue(/\{\{login\.response\.body\.\$\.name\}\}/);
  await send(page, token, '201 Created');
  const me = await form('# @id me-with-a-token');
  await send(page, me, '200 OK');
  await expect(me.locator('.response-status')).toContainText('2/2 as expected');
  await expect(me.locator('.response-body')).toContainText('grace@example.com');
});

test('a file with an error says where; a dropped file is opened', async ({ page, console }, info) => {
  await page.goto('/en/playground');
  await page.locator('.http-editor > summary').click();
  const wrong = info.outputPath('wrong.http');
  writeFileSync(wrong, 'GET /api/users\nbroken\n');
  await page.getByLabel('Open a file').setInputFiles(wrong);
  await expect(page.getByRole('alert')).toContainText('Line 2, column 1');
  await console.expectPageStatus(422);
  const large = info.outputPath('large.http');
  writeFileSync(large, `POST /api/users\n\n${'x'.repeat(70_000)}`);
  await hydrate(page);
  await page.getByLabel('Open a file').setInputFiles(large);
  await expect(page.locator('.file-status')).toContainText('larger than 64 KiB');

  const data = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['DELETE /api/users/4\n'], 'dropped.http'));
    return data;
  });
  await page.dispatchEvent('.http-editor textarea', 'drop', { dataTransfer: data });
  await expect(page.locator('.target-input')).toHaveValue('/api/users/4');
  await expect(page.locator('.method-select')).toHaveValue('DELETE');
});

test('exported requests are opened again as they are', async ({ page }, info) => {
  await page.goto('/en/playground');
  const text = '### First\n# @name made\n# @expect status == 201\nPOST /api/users\nContent-Type: application/json\n\n{"name": "Rose", "email": "rose@example.com"}\n\n'
    + '###\n# @prompt number The number\n# @note Look.\nGET /api/users/{{number}}?a={{made.response.body.$.id}}\n';
  await page.locator('.http-editor > summary').click();
  await page.locator('.http-editor textarea').fill(text);
  await page.getByRole('button', { name: 'Create forms' }).click();
  await expect(page.locator('.playground')).toHaveCount(2);
  await expect(page.locator('.request-prompts label')).toHaveText('The number');
  await expect(page.locator('.request-note')).toHaveText('Look.');
  // What is typed is exported, also in a form that is not hydrated.
  await page.locator('.target-input').last().fill('/api/users/{{number}}?b={{$guid}}');
  const started = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the requests as a file' }).press('Enter');
  const download = await started;
  expect(download.suggestedFilename()).toBe('requests.http');
  const path = info.outputPath('requests.http');
  await download.saveAs(path);
  const exported = readFileSync(path, 'utf8');
  const origin = new URL(page.url()).origin;
  expect(exported).toContain(`### First\n# @name made\n# @expect status == 201\nPOST ${origin}/api/users HTTP/1.1\n`);
  expect(exported).toMatch(/Sandbox-Key: \S+/);

  await page.getByLabel('Open a file').setInputFiles(path);
  await expect(page.locator('.http-editor textarea')).toHaveValue(exported);
  await expect(page.locator('.target-input').first()).toHaveValue('/api/users');
  await expect(page.locator('.target-input').last()).toHaveValue('/api/users/{{number}}?b={{$guid}}');
  await expect(page.locator('.body-input').first()).toHaveValue('{"name": "Rose", "email": "rose@example.com"}');
  await expect(page.locator('.header-value').first()).toHaveValue('application/json');
  await expect(page.locator('.header-value[value*="-"]'), 'the key of the visitor is not shown').toHaveCount(0);
  await expect(page.locator('.request-prompts label')).toHaveText('The number');
});

test('a request that a file cannot contain is named', async ({ page }) => {
  await page.goto('/en/playground');
  await write(page, 'POST', '/api/users', 'a\n### b');
  await page.locator('.http-editor > summary').click();
  await page.getByRole('button', { name: 'Download the requests as a file' }).click();
  await expect(page.locator('.file-status')).toContainText('Request 1 cannot be written');
});

test('the palette begins a new request and finds saved ones', async ({ page }) => {
  await page.goto('/en/playground');
  const form = await write(page, 'DELETE', '/api/users/4');
  await save(form, 'Remove Jimin');
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: /Search lessons/ });
  await field.fill('new request');
  await field.press('Enter');
  await expect(form.locator('.target-input')).toHaveValue('');
  await expect(form.locator('.target-input')).toBeFocused();
  await expect(form.locator('.method-select')).toHaveValue('GET');

  await page.goto('/en/methods/get');
  await page.keyboard.press('Control+k');
  await field.fill('jimin');
  await expect(page.getByRole('option')).toContainText(['Remove Jimin']);
  await field.press('Enter');
  await expect(page).toHaveURL(/\/en\/playground$/);
  await expect(form.locator('.target-input')).toHaveValue('/api/users/4');
  await expect(form.locator('.method-select')).toHaveValue('DELETE');

  await page.goto('/en/methods/get');
  await page.keyboard.press('Control+k');
  await field.fill('new request');
  await field.press('Enter');
  await expect(page).toHaveURL(/\/en\/playground$/);
  await expect(form.locator('.target-input')).toHaveValue('');
  await expect(form.locator('.target-input')).toBeFocused();
});
