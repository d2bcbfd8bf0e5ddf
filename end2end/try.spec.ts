// The functions of a request form besides sending: queued events, mutations, prompts, drafts, predictions.

import type { Locator, Page } from '@playwright/test';
import { addHeader, expect, part, playground, send, show, test, hydrate } from './fixtures';

test('a click on Send before hydration is queued and sent after it', async ({ page }) => {
  // The WASM takes two seconds to load.
  await page.route('**/pkg/**/*.wasm', async (route) => {
    await new Promise((done) => setTimeout(done, 2000));
    await route.continue();
  });
  await page.goto('/en/methods/post');
  const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
  const body = block.locator('.body-input');
  await body.fill('{"name": "Queued", "email": "queued@example.com"}');
  const address = page.url();
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(page.locator('leptos-island[data-hydrated]')).toHaveCount(0);
  await expect(block.locator('.exchange')).toBeVisible({ timeout: 15_000 });
  await expect(block.locator('.response-status')).toContainText('201 Created');
  await expect(block.locator('.response-body').first()).toContainText('queued@example.com');
  expect(page.url()).toBe(address);
});

test('a button that waits for the scripts is marked as busy', async ({ page }) => {
  let load = () => {};
  const isLoaded = new Promise<void>((resolve) => (load = resolve));
  await page.route('**/pkg/**/*.wasm', async (route) => {
    await isLoaded;
    await route.continue();
  });
  await page.goto('/en/methods/post');
  const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
  const button = block.getByRole('button', { name: 'Send' });
  await button.click();
  await expect(button).toHaveAttribute('aria-busy', 'true');
  load();
  await expect(block.locator('.response-status')).toContainText('201 Created', { timeout: 15_000 });
  await expect(block.locator('.send')).not.toHaveAttribute('aria-busy');
});

test('a draft that is typed before the scripts are loaded survives a reload', async ({ page }) => {
  // The scripts do not load at first.
  await page.route('**/pkg/**/*.wasm', () => {});
  await page.goto('/en/methods/post');
  const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
  await block.locator('.target-input').fill('/api/users?draft=1');
  await block.locator('.body-input').fill('{"name": "Kept"}');
  await expect(page.locator('leptos-island[data-hydrated]')).toHaveCount(0);
  await page.unroute('**/pkg/**/*.wasm');
  await page.reload();
  await expect(block.locator('.body-input')).toHaveValue('{"name": "Kept"}');
  await expect(block.locator('.target-input')).toHaveValue('/api/users?draft=1');
});

test('two tabs keep two drafts of the same form apart', async ({ page, context }) => {
  const other = await context.newPage();
  for (const [tab, name] of [[page, 'One'], [other, 'Two']] as const) {
    await tab.goto('/en/methods/post');
    await (await playground(tab, 'create-user')).locator('.body-input').fill(`{"name": "${name}"}`);
  }
  for (const [tab, name] of [[page, 'One'], [other, 'Two']] as const) {
    await tab.reload();
    await expect(tab.locator('#create-user .body-input')).toHaveValue(`{"name": "${name}"}`);
  }
});

test('glue and WASM are requested at the same time', async ({ page }) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(new URL(request.url()).pathname));
  let load = () => {};
  const isLoaded = new Promise<void>((resolve) => (load = resolve));
  await page.route('**/pkg/**/*.js', async (route) => {
    await isLoaded;
    await route.continue();
  });
  await page.goto('/en/methods/post');
  await page.locator('leptos-island').first().dispatchEvent('pointerover');
  await expect.poll(() => requested.filter((path) => /\.(js|wasm)$/.test(path)).length).toBe(2);
  load();
  await hydrate(page);
});

test('Ctrl+Enter before hydration is queued, and pressed twice it sends one request', async ({ page }) => {
  await page.route('**/pkg/**/*.wasm', async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/users')) sent.push(request.url());
  });
  await page.goto('/en/methods/post');
  const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
  await block.locator('.body-input').press('Control+Enter');
  await block.locator('.body-input').press('Control+Enter');
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.locator('.response-status')).toContainText('201 Created', { timeout: 15_000 });
  await expect(block.locator('.exchange')).toBeVisible();
  expect(sent).toHaveLength(1);
});

test('a lesson loads no script files before its first use', async ({ page }) => {
  const paths: string[] = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  await page.goto('/en/methods/post', { waitUntil: 'networkidle' });
  expect(paths.filter((path) => /\.(wasm|js)$/.test(path))).toEqual([]);
  expect(paths.length).toBeLessThanOrEqual(6);
  await hydrate(page);
  expect(paths.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
});

test('each mutation gets the error response that it is meant to cause', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  const sendMutation = async (mutation: string, status: string) => {
    const tool = block.getByRole('button', { name: 'Break it on purpose' });
    if ((await tool.getAttribute('aria-expanded')) === 'false') await tool.click();
    await block.getByRole('button', { name: mutation }).click();
    await expect(block.locator('.response-status')).toContainText(status);
    await expect(block.locator('.response[aria-busy]')).toHaveAttribute('aria-busy', 'false');
  };
  // Each is made in the request as it was before the one before.
  await sendMutation('A trailing comma', '400 Bad Request');
  await sendMutation('Without Content-Type', '415 Unsupported Media Type');
  await sendMutation('A number instead of text', '422 Unprocessable Content');
  await sendMutation('A wrong method', '405 Method Not Allowed');
  await sendMutation('Send twice', '409 Conflict');
  await expect(block.locator('.exchange')).toHaveCount(2);
  await expect(block.locator('.exchange').first()).toContainText('201');
  // The response of another request would be misunderstood below the example.
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  await expect(block.locator('.exchange')).toHaveCount(0);
});

test('a request with empty prompts is not sent', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'your-own');
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.getByRole('alert')).toHaveText(['Fill in “Name” first.', 'Fill in “Email” first.']);
  await expect(block.getByLabel('Name', { exact: true })).toBeFocused();
  await expect(block.locator('.response-status')).toHaveCount(0);
  await block.getByLabel('Name', { exact: true }).fill('한소리');
  await block.getByLabel('Email').fill('sori@example.com');
  await send(page, block, '201 Created');
  await show(block, 'data');
  await expect(block.locator('.row-added')).toContainText('한소리');
});

test('two editors: the second update gets 412', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 1000 });
  await page.goto('/en/methods/put');
  const place = (id: string) => page.locator('.playground').filter({ has: page.locator(`#${id}`) }).boundingBox();
  const [left, right] = [(await place('first-editor-reads'))!, (await place('second-editor-reads'))!];
  expect(left.y).toBe(right.y);
  expect(left.x + left.width).toBeLessThan(right.x);
  const second = await playground(page, 'second-editor-saves');
  await second.getByRole('button', { name: 'Send' }).click();
  await expect(second.getByRole('alert')).toContainText('Send that request first.');
  await send(page, await playground(page, 'first-editor-reads'), '200 OK');
  await send(page, await playground(page, 'second-editor-reads'), '200 OK');
  await send(page, await playground(page, 'first-editor-saves'), '200 OK');
  await second.getByLabel('Status code').selectOption('200');
  await second.getByLabel('Will your data change?').selectOption('yes');
  await send(page, second, '412 Precondition Failed');
  await expect(second.locator('.prediction')).toContainText('Neither');
  // A wrong prediction opens the trace.
  await expect(second.locator('.exchange-tabs [data-tab=trace]')).toBeVisible();
  await expect(second.locator('.step-stopped')).toHaveCount(1);
  await second.locator('.exchange-tabs [data-key=data]').click();
  await second.getByRole('link', { name: 'Show the step that decided the response.' }).click();
  await expect(second.locator('.step-stopped')).toBeInViewport();
  await second.getByLabel('Status code').selectOption('412');
  await second.getByLabel('Will your data change?').selectOption('no');
  await send(page, second, '412');
  await expect(second.locator('.prediction')).toContainText('Your prediction was right.');
});

test('the token of a response is used in the next request and stored in no draft', async ({ page }) => {
  await page.goto('/en/auth/sessions');
  await send(page, await playground(page, 'log-in'), '201 Created');
  const made = await playground(page, 'make-a-token');
  await send(page, made, '201 Created');
  const token = JSON.parse((await made.locator('.response-raw pre').textContent())!).token as string;
  const me = await playground(page, 'me-with-a-token');
  await send(page, me, '200 OK');
  await expect(me.locator('.check-failed')).toHaveCount(0);
  const wire = await show(me, 'wire');
  await expect(wire).toContainText('authorization');
  expect(token.length).toBeGreaterThan(40);
  await expect(wire).not.toContainText(token);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }));
  expect(stored).not.toContain(token);
});

test('a draft is kept after a reload; a link contains it without secrets and does not send it', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/en/methods/post');
  let block = await playground(page, 'create-user');
  await block.locator('.body-input').fill('{"name": "드래프트"}');
  await addHeader(block, 'Authorization', 'Bearer of-mine');
  await page.reload();
  block = await playground(page, 'create-user');
  await expect(block.locator('.body-input')).toHaveValue('{"name": "드래프트"}');
  const values = await block.locator('.header-value').evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
  expect(values).not.toContain('Bearer of-mine');
  await block.getByRole('button', { name: 'Copy a link' }).click();
  await expect(block.locator('.request-message')).toContainText('Copied.');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await block.getByRole('button', { name: 'Reset to the example' }).click();

  const other = await context.newPage();
  const paths: string[] = [];
  other.on('request', (request) => paths.push(new URL(request.url()).pathname));
  await other.goto(link);
  const linked = other.locator('.playground').filter({ has: other.locator('#create-user') });
  await expect(linked.locator('.body-input')).toHaveValue('{"name": "드래프트"}');
  await expect(linked.locator('.response-status')).toHaveCount(0);
  expect(paths.filter((path) => path.startsWith('/api/'))).toEqual([]);
  await other.close();
});

test('code in every language follows the draft', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await block.getByRole('button', { name: 'Copy as code' }).click();
  const code = block.locator('.request-code code');
  await expect(code).toContainText('curl');
  await block.locator('.body-input').fill('{"name": "live"}');
  await expect(code).toContainText('live');
  for (const [form, text] of [
    ['powershell', 'curl'],
    ['python', 'requests'],
    ['fetch', 'await fetch'],
    ['reqwest', 'reqwest'],
    ['http', 'POST '],
  ]) {
    await block.locator('.code-form').selectOption(form);
    await expect(code).toContainText(text);
    await expect(code).toContainText('live');
  }
});

test('malformed JSON is reported in the form and can be sent', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await block.locator('.body-input').fill('{\n  "name": }');
  await expect(block.locator('.body-check'), 'while it is typed').toContainText('line 2, column 11');
  await send(page, block, '400 Bad Request');
  await block.locator('.body-input').fill('{"name":"x"}');
  await block.getByRole('button', { name: 'Format' }).click();
  await expect(block.locator('.body-input')).toHaveValue('{\n  "name": "x"\n}');
  await expect(block.locator('.body-check')).toBeEmpty();
});

test('a request can be edited, sent and read with the keyboard alone', async ({ page }) => {
  await page.goto('/en/methods/get');
  await hydrate(page);
  const block = page.locator('.playground').first();
  await block.locator('.target-input').focus();
  await page.keyboard.press('Control+Enter');
  await expect(block.locator('.exchange')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(block.getByRole('button', { name: 'Send' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(block.getByRole('link', { name: 'Skip to the response' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const tabs = block.locator('.exchange-tabs');
  const body = tabs.getByRole('tab', { name: 'Response' });
  for (let presses = 0; presses < 8 && !(await body.evaluate((tab) => tab === document.activeElement)); presses++) {
    await page.keyboard.press('Tab');
  }
  await expect(body).toBeFocused();
  for (const name of ['What happened', 'Data', 'Headers', 'Wire', 'Code']) {
    await page.keyboard.press('ArrowRight');
    await expect(tabs.getByRole('tab', { name })).toBeFocused();
  }
  await expect(tabs.getByRole('tabpanel', { name: 'Code' })).toBeVisible();
});

test('each hop of a redirect is shown', async ({ page }) => {
  await page.goto('/en/methods/get');
  const block = page.locator('.playground').first();
  await hydrate(page);
  await block.locator('.target-input').fill('/api/users/?per_page=2');
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.locator('.exchange')).toHaveCount(2);
  await expect(block.locator('.exchange').first()).toContainText('308 Permanent Redirect');
  await expect(block.locator('.response-status')).toContainText('200 OK');
});

test('a request that a browser cannot send is marked at its field and can be copied as curl', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await addHeader(block, 'Host', 'example.com');
  await addHeader(block, 'Cookie', 'a=b');
  // The tab of an invalid field is opened.
  await part(block, 'body');
  await block.getByRole('button', { name: 'Send' }).click();
  const alerts = block.getByRole('alert');
  await expect(alerts).toHaveText([/^A browser does not send the header Host\./, /^A browser does not send the header Cookie\./]);
  const names = block.locator('.header-name[aria-invalid=true]');
  await expect(names).toHaveCount(2);
  await expect(names.first()).toBeFocused();
  const message = page.locator(`[id="${await names.last().getAttribute('aria-errormessage')}"]`);
  await expect(message).toContainText('Cookie');
  await alerts.last().getByRole('button', { name: 'Copy as curl' }).click();
  await expect(block.locator('.request-message')).toContainText('Copied.');
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain('Cookie: a=b');
  expect(command).toContain('Host: example.com');
});

test('the fields for path and query values and the target stay the same', async ({ page }) => {
  await page.goto('/en/playground/list-users');
  const block = await playground(page, 'request');
  const target = block.locator('.target-input');
  const field = (name: string) => block.getByLabel(name, { exact: true });
  await field('page query').fill('2');
  await expect(target).toHaveValue('/api/users?page=2');
  await field('q query').pressSequentially('a b&c');
  await expect(target).toHaveValue('/api/users?page=2&q=a%20b%26c');
  await expect(field('q query')).toHaveValue('a b&c');
  await field('page query').fill('');
  await expect(target).toHaveValue('/api/users?q=a%20b%26c');
  // The fields show the values typed in the target; an undocumented parameter has a row.
  await target.fill('/api/users?sort=-id&x=%7e+1&sort=name');
  await expect(field('sort query')).toHaveValue('-id');
  await expect(field('q query')).toHaveValue('');
  const lines = block.locator('.request-parts .field-row');
  const line = (at: number) => Promise.all(['.query-name', '.query-value'].map((part) => lines.nth(at).locator(part).inputValue()));
  await expect(lines).toHaveCount(2);
  expect([await line(0), await line(1)]).toEqual([['x', '~ 1'], ['sort', 'name']]);
  await field('per_page query').fill('2');
  await expect(target, 'what is left alone keeps its spelling').toHaveValue('/api/users?sort=-id&per_page=2&x=%7e+1&sort=name');
  for (const _ of [0, 1]) await block.getByRole('button', { name: 'Remove this parameter' }).first().click();
  await expect(target).toHaveValue('/api/users?sort=-id&per_page=2');
  await block.getByRole('button', { name: 'Add a query parameter' }).click();
  await page.keyboard.type('fields');
  await page.keyboard.press('Tab');
  await page.keyboard.type('id,name');
  await expect(target).toHaveValue('/api/users?sort=-id&per_page=2&fields=id,name');
  const sent = page.waitForRequest((request) => new URL(request.url()).search === '?sort=-id&per_page=2&fields=id,name');
  await page.keyboard.press('Control+Enter');
  await sent;
  await expect(block.locator('.response-status')).toContainText('200');
  await expect(block.locator('.fold-item', { hasText: '"email"' })).toHaveCount(0);
  // A restored draft fills the fields too.
  await page.reload();
  await playground(page, 'request');
  await expect(field('per_page query')).toHaveValue('2');
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  await expect(field('per_page query')).toHaveValue('');
  await expect(target).toHaveValue('/api/users');
});

test('a field with the name of a path value changes the target', async ({ page }) => {
  await page.goto('/en/methods/put');
  const block = (await playgroundWith(page, '/api/users/')).first();
  await part(block, 'params');
  const id = block.getByLabel('id path', { exact: true });
  const old = await id.inputValue();
  const target = block.locator('.target-input');
  await expect(target).toHaveValue(`/api/users/${old}`);
  await id.fill('a/7');
  await expect(target).toHaveValue('/api/users/a%2F7');
  await target.fill('/api/users');
  await expect(id).toBeHidden();
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  await part(block, 'params');
  await expect(id).toHaveValue(old);
});

test('the body is highlighted while it is typed, also when it is not valid JSON', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = (await playgroundWith(page, '/api/users')).first();
  const body = block.locator('.body-input');
  const picture = block.locator('.body-paint');
  await expect(picture.locator('.tok-key').first()).toHaveText('"name"');
  await body.fill('{"a": [1, true,], "한글": "<b>');
  await expect(picture).toHaveText('{"a": [1, true,], "한글": "<b>');
  await expect(picture.locator('.tok-number, .tok-constant, .tok-key')).toHaveCount(4);
  // The colored copy has the same scroll position as the field.
  await body.fill(`{"list": [\n${'  "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789",\n'.repeat(60)}]}`);
  await body.evaluate((field) => field.scrollTo(1e6, 1e6));
  const offset = () => Promise.all([body, picture].map((part) => part.evaluate((part) => [part.scrollLeft, part.scrollTop])));
  await expect.poll(async () => { const [field, shown] = await offset(); return field[1] > 100 && field.join() === shown.join(); }).toBe(true);
  await body.fill(`["${'x'.repeat(9_000)}"]`);
  await expect(picture).toBeHidden();
  expect(await body.evaluate((field) => getComputedStyle(field).color)).not.toBe('rgba(0, 0, 0, 0)');
  await body.fill('plain text');
  await expect(picture).toBeHidden();
  await body.fill('[]');
  await expect(picture).toBeVisible();
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  await expect(picture.locator('.tok-key').first()).toHaveText('"name"');
});

/** Returns the playgrounds whose target begins with a text, hydrated. */
async function playgroundWith(page: Page, target: string): Promise<Locator> {
  await hydrate(page);
  const id = await page.locator(`.target-input[value^="${target}"]`).first().evaluate((input) => input.closest('section')!.id);
  return playground(page, id);
}
