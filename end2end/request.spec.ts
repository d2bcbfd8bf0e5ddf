// The request card: its tabs, pasting, the session, and what the first request of a browser costs.

import AxeBuilder from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import type { Locator, Page } from '@playwright/test';
import { addHeader, expect, part, playground, send, test } from './fixtures';

/** Pastes a text into the address field, as the browser does. */
async function paste(page: Page, block: Locator, text: string) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await block.locator('.target-input').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+v');
}

/** Returns the names and values of the headers of the form. */
const headers = (block: Locator) =>
  block.locator('.request-headers').evaluate((part) => {
    const inputs = [...part.querySelectorAll('input')].map((input) => input.value);
    return inputs.flatMap((name, at) => (at % 2 === 0 && name ? [`${name}: ${inputs[at + 1]}`] : []));
  });

/** Returns the copied code in a language. */
async function code(page: Page, block: Locator, language = 'curl'): Promise<string> {
  const tool = block.getByRole('button', { name: 'Copy as code' });
  if ((await tool.getAttribute('aria-expanded')) === 'false') await tool.click();
  await block.locator('.code-form').selectOption(language);
  await expect(block.locator('.request-code code')).toContainText('Sandbox-Key');
  return (await block.locator('.request-code code').textContent())!;
}

const run = (command: string) => execFileSync('bash', ['-c', `cd "$(mktemp -d)" && ${command}`], { encoding: 'utf8', timeout: 20_000 });

test('tabs have counts, follow the arrow keys, and show one panel', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  const tab = (key: string) => block.locator(`.request-tabs [data-key=${key}]`);
  await expect(tab('body')).toHaveAttribute('aria-selected', 'true');
  await expect(tab('headers')).toHaveText('Headers 1');
  await expect(tab('session')).toHaveText('API session none yet');
  await tab('body').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(tab('headers')).toBeFocused();
  await expect(block.getByRole('tabpanel', { name: 'Headers 1' })).toBeVisible();
  await expect(block.locator('.body-input')).toBeHidden();
  await page.keyboard.press('Home');
  await expect(tab('params')).toBeFocused();
  await block.locator('.target-input').fill('/api/users?page=1&x=2');
  await expect(tab('params')).toHaveText('Params 2');
  // A panel is in the form also while it is hidden.
  await send(page, block, '400');
});

test('the page does not move when the scripts come', async ({ page }) => {
  await page.goto('/en/methods/post');
  const boxes = () => page.locator('.playground').evaluateAll((blocks) => blocks.map((block) => block.getBoundingClientRect().height));
  const before = await boxes();
  await playground(page, 'create-user');
  await playground(page, 'your-own');
  expect(await boxes()).toEqual(before);
});

test('a method with a body opens it with a Content-Type in place', async ({ page }) => {
  await page.goto('/en/methods/get');
  const id = await page.locator('.playground section').first().getAttribute('id');
  const block = await playground(page, id!);
  expect(await headers(block)).toEqual([]);
  await block.locator('.method-select').selectOption('POST');
  await expect(block.locator('.body-input')).toBeVisible();
  expect(await headers(block)).toEqual(['Content-Type: application/json']);
  // The media type that the API takes for PATCH.
  await block.locator('.method-select').selectOption('PATCH');
  expect(await headers(block)).toEqual(['Content-Type: application/merge-patch+json']);
});

test('a curl command fills the form and is sent; another text is pasted as usual', async ({ page, baseURL }) => {
  await page.goto('/en/methods/get');
  const id = await page.locator('.playground section').first().getAttribute('id');
  const block = await playground(page, id!);
  await paste(page, block, `curl -X POST '${baseURL}/api/users' \\\n  -H 'Content-Type: application/json' -H "X-A: it's" \\\n  --data-raw '{"name":"Curl","email":"curl@example.com"}'`);
  await expect(block.locator('.target-input')).toHaveValue('/api/users');
  await expect(block.locator('.method-select')).toHaveValue('POST');
  await expect(block.locator('.body-input')).toBeVisible();
  expect(await headers(block)).toEqual(['Content-Type: application/json', "X-A: it's"]);
  await expect(block.locator('.request-message')).toHaveText('Filled in from the curl command.');
  await send(page, block, '201 Created');
  // What is copied can be pasted.
  const copied = await code(page, block);
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  await paste(page, block, copied);
  await expect(block.locator('.body-input')).toHaveValue('{"name":"Curl","email":"curl@example.com"}');
  // An address of this site becomes its path; nothing else changes.
  await paste(page, block, `${baseURL}/api/echo?q=1`);
  await expect(block.locator('.target-input')).toHaveValue('/api/echo?q=1');
  await paste(page, block, '/api/me');
  await expect(block.locator('.target-input')).toHaveValue('/api/me');
  await expect(block.locator('.method-select')).toHaveValue('POST');
  expect(await headers(block)).toEqual(['Content-Type: application/json', "X-A: it's"]);
  // What a form cannot represent is named, and the form stays.
  await paste(page, block, `curl ${baseURL}/api/users -F a=b`);
  await expect(block.locator('.request-message')).toContainText('-F');
  await expect(block.locator('.target-input')).toHaveValue('/api/me');
  await paste(page, block, 'curl https://example.com/api/users');
  await expect(block.getByRole('alert')).toContainText('Begin the path with /api/');
});

test('the session is chosen once for all forms, pages and tabs, and is in copied code', async ({ page, context }) => {
  await page.goto('/en/auth/sessions');
  const session = (block: Locator) => block.locator('.request-tabs [data-key=session]');
  const who = await playground(page, 'who-is-logged-in');
  await expect(session(who)).toHaveText('API session none yet');
  await send(page, await playground(page, 'log-in'), '201 Created');
  await expect(session(who)).toHaveText('API session Grace Hopper');
  // Also in forms that are not hydrated, but not where the author has chosen nobody.
  await expect(page.locator('#me-with-a-token .request-tabs [data-key=session]')).toHaveText('API session Grace Hopper');
  await expect(page.locator('#admin-stats .request-tabs [data-key=session]')).toHaveText('API session No session');
  await send(page, who, '200 OK');
  expect(run(await code(page, who))).toContain('grace@example.com');
  // The cookie of the browser is in no code.
  const cookie = (await context.cookies()).find(({ name }) => name === 'api_session')!;
  expect(await code(page, who)).not.toContain(cookie.value);

  const made = await playground(page, 'make-a-token');
  await send(page, made, '201 Created');
  const token = JSON.parse((await made.locator('.response-raw pre').textContent())!).token as string;
  await part(who, 'session');
  await who.getByRole('radio', { name: 'Bearer: last token' }).check();
  await expect(session(made)).toHaveText('API session Bearer');
  const sent = page.waitForRequest((request) => request.url().endsWith('/api/session'));
  await send(page, who, '200 OK');
  expect((await sent).headers().authorization).toBe(`Bearer ${token}`);
  expect(await code(page, who)).toContain(`Authorization: Bearer ${token}`);
  expect(run(await code(page, who))).toContain('grace@example.com');

  // A reload, the next page and another tab keep it.
  await page.goto('/en/playground/show-me');
  const me = await playground(page, 'request');
  await expect(session(me)).toHaveText('API session Bearer');
  await send(page, me, '200 OK');
  const other = await context.newPage();
  await other.goto('/en/playground/show-me');
  const there = await playground(other, 'request');
  await expect(session(there)).toHaveText('API session Bearer');
  await part(there, 'session');
  await there.getByRole('radio', { name: 'No session' }).check();
  await expect(session(me)).toHaveText('API session No session');
  await send(other, there, '401 Unauthorized');
  await part(there, 'session');
  await there.getByRole('radio', { name: 'Grace Hopper (cookie)' }).check();
  await send(other, there, '200 OK');

  // The token is in no draft and in no storage that outlasts the tab.
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(token);
  const drafts = await page.evaluate(() => Object.entries(sessionStorage).filter(([key]) => key.startsWith('draft:')));
  expect(JSON.stringify(drafts)).not.toContain(token);
  await other.close();
});

test('without a token the choice of the bearer is an error at its field', async ({ page }) => {
  await page.goto('/en/playground/show-me');
  const block = await playground(page, 'request');
  await part(block, 'session');
  await block.getByRole('radio', { name: 'Bearer: last token' }).check();
  await part(block, 'headers');
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.getByRole('alert')).toContainText('No response has contained a token yet.');
  await expect(block.getByRole('radio', { name: 'Bearer: last token' })).toBeFocused();
});

test('an example without cookies keeps its own choice', async ({ page }) => {
  await page.goto('/en/auth/sessions');
  await send(page, await playground(page, 'log-in'), '201 Created');
  const stats = await playground(page, 'admin-stats');
  await expect(stats.locator('.request-tabs [data-key=session]')).toHaveText('API session No session');
  await send(page, stats, '401 Unauthorized');
  await part(stats, 'session');
  await stats.getByRole('radio', { name: 'Grace Hopper (cookie)' }).check();
  await send(page, stats, '403 Forbidden');
  await stats.getByRole('button', { name: 'Reset to the example' }).click();
  await send(page, stats, '401 Unauthorized');
});

test('a control character in a header is an error of its field', async ({ page }) => {
  await page.goto('/en/methods/get');
  const id = await page.locator('.playground section').first().getAttribute('id');
  const block = await playground(page, id!);
  await addHeader(block, 'X-A', 'a\u001b[31mb');
  await block.getByRole('button', { name: 'Send' }).click();
  await expect(block.getByRole('alert')).toContainText('The value of X-A has');
  await expect(block.locator('.header-value[aria-invalid=true]')).toBeFocused();
  expect(await code(page, block)).not.toContain('\u001b');
});

test('a header with letters of any script arrives as UTF-8, as from copied code', async ({ page }) => {
  await page.goto('/en/methods/get');
  const id = await page.locator('.playground section').first().getAttribute('id');
  const block = await playground(page, id!);
  await block.locator('.target-input').fill('/api/echo');
  await addHeader(block, 'If-Match', '"é 한"');
  await send(page, block, '200 OK');
  await expect(block.locator('.response-body').first()).toContainText('\\"é 한\\"');
  expect(run(await code(page, block))).toContain('\\"é 한\\"');
});

test('the sandbox is asked for once in a browser, while the module loads', async ({ page }) => {
  let load = () => {};
  const isLoaded = new Promise<void>((resolve) => (load = resolve));
  await page.route('**/pkg/**/*.wasm', async (route) => {
    await isLoaded;
    await route.continue();
  });
  const asked: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/sandbox') asked.push(request.method());
  });
  await page.goto('/en/methods/post');
  const block = page.locator('.playground').filter({ has: page.locator('#create-user') });
  const created = page.waitForResponse((response) => response.url().endsWith('/api/sandbox'));
  await block.getByRole('button', { name: 'Send' }).click();
  // The module is still loading.
  expect((await created).status()).toBe(201);
  await expect(block.getByRole('button', { name: 'Send' })).toHaveAttribute('aria-busy', 'true');
  load();
  await expect(block.locator('.exchange')).toBeVisible({ timeout: 15_000 });
  const invalid = await playground(page, 'invalid-email');
  await send(page, invalid, '422');
  await page.goto('/en/methods/put');
  await send(page, await playground(page, 'first-editor-reads'), '200 OK');
  await page.reload();
  await send(page, await playground(page, 'first-editor-reads'), '200 OK');
  expect(asked).toEqual(['POST']);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds no violation in any tab and tool, ${colorScheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto('/en/methods/patch');
      const block = await playground(page, 'change-role');
      const clean = async (state: string) => {
        const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
        const { violations } = await axe.include('#change-role').analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), `${state}, ${width}`).toEqual([]);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(beyond, `${state} scrolls sideways`).toBeLessThanOrEqual(0);
      };
      for (const key of ['params', 'headers', 'body', 'session']) {
        await part(block, key);
        await clean(key);
      }
      await addHeader(block, 'Host', 'a');
      await block.locator('.body-input').evaluate((field) => field.dispatchEvent(new Event('input')));
      await block.getByRole('button', { name: 'Send' }).click();
      await expect(block.getByRole('alert')).toBeVisible();
      await clean('an error');
      for (const tool of ['Copy as code', 'Break it on purpose']) {
        await block.getByRole('button', { name: tool }).click();
        await clean(tool);
      }
      await block.getByRole('button', { name: 'Reset to the example' }).click();
    }
  });

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('all parts are visible, and the session is chosen in the form', async ({ page, console }) => {
    await page.goto('/en/auth/sessions');
    const form = (id: string) => page.locator(`#${id} .request-form`);
    await expect(form('log-in').locator('.body-input')).toBeVisible();
    await expect(form('log-in').locator('.header-name').first()).toBeVisible();
    await expect(form('log-in').getByRole('tab')).toHaveCount(0);
    await form('log-in').getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.locator('.response-status').first()).toContainText('201 Created');
    await page.goto('/en/auth/sessions');
    await form('who-is-logged-in').getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.locator('.response-status').first()).toContainText('200 OK');
    await page.goto('/en/auth/sessions');
    await form('who-is-logged-in').getByRole('radio', { name: 'No session' }).check();
    await form('who-is-logged-in').getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.locator('.response-status').first()).toContainText('401');
    await page.goto('/en/auth/sessions');
    await form('who-is-logged-in').getByRole('radio', { name: 'Bearer' }).check();
    await form('who-is-logged-in').getByRole('button', { name: 'Send', exact: true }).click();
    await console.expectPageStatus(422);
    await expect(page.getByRole('alert')).toContainText('No response has contained a token yet.');
  });
});
