// The data panel shows changes of the data by any client at once, in every tab.

import AxeBuilder from '@axe-core/playwright';
import { execFileSync } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Locator, Page } from '@playwright/test';
import { expect, ownServer, playground, send, show, test } from './fixtures';

test.use({ viewport: { width: 1440, height: 900 } });

const dataPanel = (page: Page) => page.locator('#data-panel');
const rows = (page: Page) => dataPanel(page).locator('tr[data-row]');
const stream = (page: Page) => dataPanel(page).locator('.data-panel-stream li');

/** Hydrates the data panel with a pointer event. */
async function hydrate(page: Page): Promise<void> {
  await page.locator('#data-panel:visible, .data-panel-open:visible').first().hover();
  await expect(page.locator('leptos-island[data-hydrated]').filter({ has: dataPanel(page) })).toHaveCount(1);
}

/** Returns the data panel, hydrated and with its users loaded. */
async function hydratedDataPanel(page: Page): Promise<Locator> {
  await hydrate(page);
  await expect(rows(page).first()).toBeVisible();
  return dataPanel(page);
}

/** Creates a sandbox for the browser and returns its key. */
async function sandbox(context: BrowserContext, baseURL: string): Promise<string> {
  const response = await context.request.post(`${baseURL}/api/sandbox`);
  return (await response.json()).key;
}

/** Sends a request with curl and returns its status. */
function curl(baseURL: string, key: string, path: string, ...args: string[]): string {
  const command = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Sandbox-Key: ${key}`, ...args, baseURL + path];
  return execFileSync('curl', command, { encoding: 'utf8', timeout: 10_000 });
}

/** Restores the data of the lesson, from the offer or from the control below the users. */
async function restore(place: Locator): Promise<void> {
  await place.getByText('Restore this lesson’s data').filter({ visible: true }).click();
  await place.getByRole('button', { name: 'Restore now' }).filter({ visible: true }).click();
}

/** Collects the requests of a browser for event streams. */
function streamRequests(context: BrowserContext): { page: Page }[] {
  const requests: { page: Page }[] = [];
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/sandbox/events') requests.push({ page: request.frame().page() });
  });
  return requests;
}

test('a change from a terminal appears within a second, marked by sign and text', async ({ page, context, baseURL }) => {
  const asked = streamRequests(context);
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  await expect(rows(page)).toHaveCount(12);
  await expect(place).toContainText('that everyone begins with');
  expect(await context.cookies(), 'looking makes no sandbox').toEqual([]);
  const key = await sandbox(context, baseURL!);
  await page.reload();
  await hydratedDataPanel(page);
  await expect.poll(() => asked.length).toBe(1);
  await page.waitForTimeout(200);

  expect(curl(baseURL!, key, '/api/users/3', '-X', 'DELETE')).toBe('204');
  await expect(stream(page)).toHaveCount(1, { timeout: 1000 });
  await expect(stream(page).first()).toContainText('DELETE');
  await expect(stream(page).first()).toContainText('204 No Content');
  await expect(stream(page).first()).toContainText('rows changed: 1');
  const removed = place.locator('.row-removed');
  await expect(removed).toHaveCount(1);
  await expect(removed.locator('.row-sign')).toHaveText('−removed');
  await expect(place.locator('.data-panel-message')).toHaveText('DELETE /api/users/3: 204');

  const json = ['-H', 'Content-Type: application/json', '-d', '{"name":"Rose","email":"rose@example.org"}'];
  expect(curl(baseURL!, key, '/api/users', ...json)).toBe('201');
  await expect(place.locator('.row-added .row-sign')).toHaveText('+added', { timeout: 1000 });
  await expect(place.locator('.row-added')).toContainText('rose@example.org');
  await expect(rows(page)).toHaveCount(12);
  const patch = ['-X', 'PATCH', '-H', 'Content-Type: application/merge-patch+json', '-d', '{"bio":"A rose"}'];
  expect(curl(baseURL!, key, '/api/users/13', ...patch)).toBe('200');
  await expect(place.locator('.row-changed .row-sign')).toHaveText('~changed', { timeout: 1000 });

  // What changes only the list of requests leaves the marks of the last change in place.
  expect(curl(baseURL!, key, '/api/users/4', '-X', 'DELETE')).toBe('204');
  await expect(removed).toHaveCount(1);
  expect(curl(baseURL!, key, '/api/users/4')).toBe('404');
  await expect(stream(page).first()).toContainText('404 Not Found');
  await expect(removed).toHaveCount(1);
  await expect(removed.locator('.row-sign')).toHaveText('−removed');
});

test('the first use of a page and a request of it fetch the data panel at most three times', async ({ page, context, baseURL }) => {
  await sandbox(context, baseURL!);
  const fetched: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/en/data') fetched.push(request.url());
  });
  await page.goto('/en/methods/post');
  await hydratedDataPanel(page);
  await page.waitForTimeout(500);
  // The content, and once more when the event stream is open.
  expect(fetched.length).toBeLessThanOrEqual(2);
  const before = fetched.length;
  await send(page, await playground(page, 'create-user'), '201 Created');
  await expect(stream(page)).toHaveCount(1);
  await page.waitForTimeout(500);
  expect(fetched.length - before).toBe(1);
});

test('requests of the page appear, and the first one creates the sandbox', async ({ page }) => {
  await page.goto('/en/methods/post');
  const place = await hydratedDataPanel(page);
  await send(page, await playground(page, 'create-user'), '201 Created');
  await expect(place.locator('.row-added')).toContainText('seoa@example.com');
  await expect(stream(page)).toHaveCount(1);
  await expect(place).not.toContainText('that everyone begins with');
});

test('tabs share one event stream; another tab opens it when the first is closed', async ({ page, context, baseURL }) => {
  const asked = streamRequests(context);
  const key = await sandbox(context, baseURL!);
  await page.goto('/en/methods/get');
  await hydratedDataPanel(page);
  await expect.poll(() => asked.length).toBe(1);
  const other = await context.newPage();
  await other.setViewportSize({ width: 1440, height: 900 });
  await other.goto('/ko/methods/post');
  await hydratedDataPanel(other);
  await other.waitForTimeout(300);
  expect(curl(baseURL!, key, '/api/users/1')).toBe('200');
  for (const tab of [page, other]) await expect(stream(tab)).toHaveCount(1, { timeout: 1000 });
  expect(asked.map(({ page }) => page)).toEqual([page]);

  await page.close();
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[1].page).toBe(other);
  expect(curl(baseURL!, key, '/api/users/2')).toBe('200');
  await expect(stream(other)).toHaveCount(2, { timeout: 1000 });
  expect(asked).toHaveLength(2);
});

test('a switch changes the next request, and reset and undo change the data', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  await place.getByText('Behavior of the API').click();
  const every = place.getByLabel('Fail every n-th request');
  await every.fill('1');
  await every.press('Enter');
  await expect(place).toContainText('changed: 1');
  await expect(every, 'the focus stays').toBeFocused();
  expect(curl(baseURL!, key, '/api/users')).toBe('503');
  await expect(stream(page).first()).toContainText('503 Service Unavailable');
  // An event meanwhile neither removes nor submits a half-typed value.
  await every.fill('');
  curl(baseURL!, key, '/api/users');
  await page.waitForTimeout(500);
  expect(await stream(page).count()).toBe(1);
  expect(curl(baseURL!, key, '/api/users')).toBe('503');
  await every.press('Tab');
  await expect(place).toContainText('changed: 0');
  await expect(stream(page)).toHaveCount(3);
  await place.getByRole('switch', { name: 'Require If-Match' }).check();
  await expect(place).toContainText('changed: 1');
  expect(curl(baseURL!, key, '/api/users/1', '-X', 'DELETE')).toBe('428');
  await place.getByRole('switch', { name: 'Require If-Match' }).uncheck();
  await expect(place).toContainText('changed: 0');

  for (const id of [1, 2]) expect(curl(baseURL!, key, `/api/users/${id}`, '-X', 'DELETE')).toBe('204');
  await expect(place.locator('h2').first()).toHaveText('Users (10)');
  await place.getByRole('button', { name: 'Undo the last change' }).click();
  await expect(place.locator('.row-added')).toHaveCount(1);
  await expect(place.locator('h2').first()).toHaveText('Users (11)');
  await restore(place);
  await expect(rows(page)).toHaveCount(12);
  await expect(stream(page)).toHaveCount(0);
  await expect(place).toContainText('No requests yet');
  await expect(place.locator('.data-panel-reset summary')).toBeFocused();
  // The reset is a change, too.
  await place.getByRole('button', { name: 'Undo the last change' }).click();
  await expect(place.locator('h2').first()).toHaveText('Users (11)');
  expect(page.url()).toMatch(/\/en\/methods\/get$/);
});

test('a lesson offers to restore its data when the users differed as it was opened', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  expect(curl(baseURL!, key, '/api/users/1', '-X', 'DELETE')).toBe('204');
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  const offer = place.locator('.data-panel-offer');
  await expect(offer).toContainText('Your users are not those with which this lesson begins (1 row removed)');
  const control = place.getByText('Restore this lesson’s data').filter({ visible: true });
  await expect(control, 'only one of the two controls is visible').toHaveCount(1);
  await offer.getByRole('button', { name: 'Keep my data' }).click();
  await expect(offer).toBeHidden();
  await expect(control).toHaveCount(1);
  await expect(place.locator('summary:focus')).toHaveText('Restore this lesson’s data');
  curl(baseURL!, key, '/api/users/2');
  await expect(stream(page)).toHaveCount(2, { timeout: 1000 });
  await expect(offer, 'new content keeps it hidden').toBeHidden();
  await page.reload();
  await hydratedDataPanel(page);
  await expect(rows(page)).toHaveCount(11);
  await expect(offer).toBeHidden();

  await page.goto('/ko/methods/post');
  await hydratedDataPanel(page);
  await expect(offer).toContainText('내 사용자 데이터가 이 레슨의 시작 데이터와 다릅니다(1행 삭제)');
  await offer.getByText('레슨 시작 데이터로 되돌리기').click();
  await expect(offer).toContainText('요청 기록을 지웁니다');
  await offer.getByRole('button', { name: '지금 되돌리기' }).click();
  await expect(rows(page)).toHaveCount(12);
  await expect(offer).toHaveCount(0);
  await expect(place.locator('summary:focus')).toHaveText('레슨 시작 데이터로 되돌리기');
  // What the requests of this page change is no reason for the offer.
  expect(curl(baseURL!, key, '/api/users/3', '-X', 'DELETE')).toBe('204');
  await expect(place.locator('.row-removed')).toHaveCount(1, { timeout: 1000 });
  await expect(offer).toBeHidden();
});

test('a reset ends the session of all forms and tabs at once', async ({ page, context }) => {
  const label = (page: Page) => page.locator('#me-with-a-token .request-tabs [data-key=session] .tab-content');
  await page.goto('/en/auth/sessions');
  await hydratedDataPanel(page);
  await send(page, await playground(page, 'log-in'), '201 Created');
  await expect(label(page)).toHaveText('Grace Hopper');
  // One tab has loaded the module, the other has not.
  const hydrated = await context.newPage();
  const inert = await context.newPage();
  for (const tab of [hydrated, inert]) {
    await tab.setViewportSize({ width: 800, height: 800 });
    await tab.goto('/en/auth/sessions');
  }
  await playground(hydrated, 'me-with-a-token');
  await expect(label(hydrated)).toHaveText('Grace Hopper');
  await expect(label(inert)).toHaveText('Grace Hopper');
  await expect(inert.locator('[data-hydrated]')).toHaveCount(0);
  await restore(dataPanel(page));
  for (const tab of [page, hydrated, inert]) await expect(label(tab)).toHaveText('none yet', { timeout: 1000 });
  await expect(page.locator('#log-in .request-tabs [data-key=session]')).toHaveText('API session none yet');
});

test('a search is kept while the list changes', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  for (const path of ['/api/users/1', '/api/users/99']) curl(baseURL!, key, path);
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  await expect(stream(page)).toHaveCount(2);
  const search = place.getByRole('searchbox', { name: 'Search the requests' });
  await search.pressSequentially('404');
  await expect(stream(page)).toHaveCount(1);
  curl(baseURL!, key, '/api/users/98');
  await expect(stream(page)).toHaveCount(2, { timeout: 1000 });
  await expect(search).toHaveValue('404');
  await expect(search).toBeFocused();
  await search.pressSequentially('0');
  await expect(place).toContainText('No request contains “4040”.');
});

test('an exchange opens in the data panel, is shared without secrets, and links back to the list', async ({ page, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const key = await sandbox(context, baseURL!);
  const json = ['-H', 'Content-Type: application/json', '-H', 'Authorization: Bearer secret', '-d', '{"name":"Rose"}'];
  curl(baseURL!, key, '/api/users', ...json);
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  await stream(page).first().getByRole('link').click();
  const back = place.getByRole('link', { name: 'Back to the list' });
  await expect(back).toBeFocused();
  await place.getByRole('button', { name: 'Copy a link to this request' }).click();
  await expect(place).toContainText('The link is copied.');
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  expect(link.pathname).toBe('/en/playground');
  const draft = JSON.parse(Buffer.from(link.hash.slice('#try='.length), 'base64url').toString());
  expect(draft).toEqual({
    method: 'POST',
    target: '/api/users',
    headers: [{ name: 'content-type', value: 'application/json' }],
    body: '{"name":"Rose"}',
  });
  await expect(place.locator('.response-compare-same')).toContainText('no earlier response to the same request');
  const tabs = ['Response', 'What happened', 'Data', 'Headers', 'Wire', 'Code'];
  await expect(place.getByRole('tab')).toHaveText(tabs);
  for (const name of tabs) {
    await place.getByRole('tab', { name }).click();
    await expect(place.getByRole('tabpanel', { name })).toBeVisible();
  }
  await place.getByRole('tab', { name: 'Wire' }).click();
  await expect(place.getByRole('tabpanel', { name: 'Wire' })).toContainText('POST /api/users');
  // Another event may refresh the list meanwhile.
  await back.evaluate((link) => {
    link.click();
    document.dispatchEvent(new CustomEvent('routebook-sent'));
  });
  await expect(stream(page)).toHaveCount(1);
  await expect(stream(page).first().getByRole('link')).toBeFocused();
  // The link fills a form and does not send the request.
  await stream(page).first().getByRole('link').click();
  await place.getByRole('link', { name: 'Open in a form' }).click();
  await expect(page).toHaveURL(/\/en\/playground#try=/);
  await expect(page.locator('.target-input').first()).toHaveValue('/api/users');
  await expect(page.locator('.body-input').first()).toHaveValue('{"name":"Rose"}');
  await expect(stream(page)).toHaveCount(1);
});

test('on the playground page an exchange opens in the form of the page', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  for (const path of ['/api/users/3', '/api/users/4']) curl(baseURL!, key, path);
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.goto('/en/playground');
  const target = page.locator('.target-input').first();
  for (const path of ['/api/users/4', '/api/users/3']) {
    await page.locator('.data-panel-open').click();
    await stream(page).getByRole('link').filter({ has: page.getByText(path, { exact: true }) }).click();
    await dataPanel(page).getByRole('link', { name: 'Open in a form' }).click();
    await expect(target).toHaveValue(path);
    await expect(dataPanel(page)).toBeHidden();
    await page.locator('.data-panel-open').click();
    await dataPanel(page).getByRole('link', { name: 'Back to the list' }).click();
    await dataPanel(page).getByRole('button', { name: 'Close' }).click();
  }
  await page.goBack();
  await expect(target, 'the form follows the address').toHaveValue('/api/users/4');
  await expect(target).toBeFocused();
});

test('the page of an exchange has all tabs, in the locale of the page', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  curl(baseURL!, key, '/api/users', '-H', 'Content-Type: application/json', '-d', '{"name":"Rose"}');
  curl(baseURL!, key, '/api/users/2', '-X', 'PUT', '-H', 'Content-Type: application/json', '-d', '{"id":3}');
  await page.goto('/ko/data');
  const refused = stream(page).filter({ hasText: '/api/users/2' }).getByRole('link');
  await page.goto((await refused.getAttribute('href'))!);
  const trace = await show(page.locator('main'), 'trace');
  const stopped = trace.locator('.step-stopped');
  await expect(stopped).toContainText('검사');
  await expect(stopped.locator('.step-detail')).toContainText('올바르지 않은 필드가');
  await expect(trace.locator('li', { hasText: 'Data' })).toContainText('샌드박스의 데이터');
  await expect(trace.locator('.step-unreached').last()).toContainText('성공 응답');
  await expect(page.locator('[data-tab=body]')).toBeHidden();
});

test('shows that it is offline, and refreshes when it is online again', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  // A response that was in progress when the network failed may still arrive; it does not hide the message.
  let come = () => {};
  const held = new Promise<void>((done) => (come = done));
  await page.route('**/en/data?part**', async (route) => {
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  });
  const under = page.waitForRequest('**/en/data?part**');
  await page.evaluate(() => document.dispatchEvent(new CustomEvent('routebook-sent')));
  await under;
  await context.setOffline(true);
  const offline = place.locator('[data-state=offline]');
  await expect(offline).toBeVisible();
  await expect(offline).toContainText('is offline');
  const arrived = page.waitForResponse('**/en/data?part**');
  come();
  await arrived;
  await page.unroute('**/en/data?part**');
  await page.waitForTimeout(100);
  await expect(offline).toBeVisible();
  expect(curl(baseURL!, key, '/api/users/4', '-X', 'DELETE')).toBe('204');
  await page.waitForTimeout(300);
  await context.setOffline(false);
  await expect(place.locator('.data-panel-state:visible')).toHaveCount(0);
  await expect(stream(page)).toHaveCount(1);
  expect(curl(baseURL!, key, '/api/users/5')).toBe('200');
  await expect(stream(page)).toHaveCount(2, { timeout: 1000 });
});

test('shows a lost connection, and reconnects when the server is back', async ({ page, context, console }) => {
  test.setTimeout(60_000);
  console.allow(/net::ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET)/);
  const server = await ownServer();
  try {
    await server.start();
    const key = await sandbox(context, server.origin);
    await page.goto(`${server.origin}/en/methods/get`);
    const place = await hydratedDataPanel(page);
    expect(curl(server.origin, key, '/api/users/1')).toBe('200');
    await expect(stream(page)).toHaveCount(1);
    // An exchange is recorded a moment after its response.
    await page.waitForTimeout(500);
    await server.kill();
    await expect(place.locator('[data-state=lost]')).toBeVisible();
    await expect(rows(page), 'what was seen stays').toHaveCount(12);
    await server.start();
    await expect(place.locator('.data-panel-state:visible')).toHaveCount(0, { timeout: 20_000 });
    expect(curl(server.origin, key, '/api/users/2', '-X', 'DELETE')).toBe('204');
    await expect(stream(page)).toHaveCount(2, { timeout: 1000 });
    await expect(dataPanel(page).locator('.row-removed')).toHaveCount(1);
  } finally {
    await server.end();
  }
});

test('a refused event stream is said, and the list is polled until there is room', async ({ page, context, baseURL }) => {
  test.setTimeout(60_000);
  const key = await sandbox(context, baseURL!);
  // As many streams as one sandbox may have. Node closes a response that nobody refers to any more.
  const full = new AbortController();
  const streams: globalThis.Response[] = [];
  for (let count = 0; count < 5; count += 1) {
    const open = await fetch(`${baseURL}/api/sandbox/events`, { headers: { 'Sandbox-Key': key }, signal: full.signal });
    expect(open.status).toBe(200);
    streams.push(open);
  }
  const refused = page.waitForResponse((response) => response.url().endsWith('/api/sandbox/events'));
  await page.goto('/en/methods/get');
  const place = await hydratedDataPanel(page);
  expect((await refused).status()).toBe(429);
  const state = place.locator('[data-state=refused]');
  await expect(state).toContainText('too many pages are connected');
  // A request of the page is shown at once, and the message stays.
  await send(page, await playground(page, 'one-user'), '200 OK');
  await expect(stream(page)).toHaveCount(1);
  await expect(state).toBeVisible();
  // A request of a terminal is shown by polling.
  curl(baseURL!, key, '/api/users/2');
  await expect(stream(page)).toHaveCount(2, { timeout: 12_000 });
  await expect(state).toBeVisible();
  expect(streams.map((open) => open.bodyUsed)).toEqual(streams.map(() => false));
  full.abort();
  await expect(place.locator('.data-panel-state:visible')).toHaveCount(0, { timeout: 30_000 });
  curl(baseURL!, key, '/api/users/3');
  await expect(stream(page)).toHaveCount(3, { timeout: 1000 });
});

test('an event stream that has dropped events makes the list load again', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  // A stream in place of the server's, which stays open.
  const events = createServer();
  const opened = new Promise<ServerResponse>((done) => {
    events.on('request', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
      done(response);
    });
  });
  await new Promise<void>((done) => events.listen(0, '127.0.0.1', done));
  try {
    const { port } = events.address() as AddressInfo;
    await page.route('**/api/sandbox/events', (route) => route.continue({ url: `http://127.0.0.1:${port}/` }));
    await page.goto('/en/methods/get');
    await hydratedDataPanel(page);
    const response = await opened;
    await page.waitForTimeout(500);
    for (const id of [1, 2, 3]) curl(baseURL!, key, `/api/users/${id}`);
    await page.waitForTimeout(500);
    expect(await stream(page).count()).toBe(0);
    response.write('event: lagged\ndata: {"missed":3}\n\n');
    await expect(stream(page)).toHaveCount(3, { timeout: 1000 });
  } finally {
    await page.close();
    events.closeAllConnections();
    events.close();
  }
});

test('nothing floats over the fields and the response', async ({ page, context, baseURL }) => {
  await sandbox(context, baseURL!);
  for (const [width, height] of [[320, 640], [375, 667], [740, 360], [800, 600]]) {
    await page.setViewportSize({ width, height });
    await page.goto('/en/methods/post');
    await send(page, await playground(page, 'create-user'), width === 320 ? '201 Created' : '409 Conflict');
    const opener = page.locator('.site-header').getByRole('button', { name: 'Your data' });
    await expect(opener).toBeInViewport({ ratio: 1 });
    const floating = await page.evaluate(() => {
      const isFixed = (element: Element) => getComputedStyle(element).position === 'fixed';
      const isVisible = (element: Element) => element.checkVisibility() && element.getBoundingClientRect().width > 1;
      return [...document.querySelectorAll('body *')].filter((element) => isFixed(element) && isVisible(element)).map((element) => element.className);
    });
    expect(floating, `${width} × ${height}`).toEqual([]);
    const header = await page.locator('.site-header').evaluate((header) => [header.scrollWidth - header.clientWidth, header.scrollHeight - header.clientHeight]);
    expect(header, `${width}: the header has room for all`).toEqual([0, 0]);
    await opener.click();
    await expect(rows(page).first()).toBeVisible();
  }
});

test('on narrow screens it is a drawer that the keyboard can open and close', async ({ page, context, baseURL }) => {
  const key = await sandbox(context, baseURL!);
  for (const width of [1000, 375]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/en/methods/get');
    await hydrate(page);
    await expect(dataPanel(page)).toBeHidden();
    const opener = page.getByRole('button', { name: 'Your data' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await expect(rows(page).first()).toBeVisible();
    const box = async () => (await dataPanel(page).boundingBox())!;
    const bottom = async () => Math.round((await box()).y + (await box()).height);
    await expect.poll(bottom, { message: 'it stands at the bottom' }).toBe(800);
    if (width === 375) expect((await box()).width).toBe(375);
    // Moves the focus into the drawer and out again.
    await page.keyboard.press('Tab');
    await expect(dataPanel(page).getByRole('button', { name: 'Close' })).toBeFocused();
    curl(baseURL!, key, '/api/users/6');
    await expect(stream(page).first()).toContainText('/api/users/6', { timeout: 1000 });
    await page.keyboard.press('Escape');
    await expect(dataPanel(page)).toBeHidden();
    await expect(opener).toBeFocused();
  }
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds no violation in the drawer and the panel, ${colorScheme}`, async ({ page, context, baseURL }) => {
    test.setTimeout(60_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const key = await sandbox(context, baseURL!);
    for (const lang of ['ko', 'en'])
      for (const width of [375, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`/${lang}/methods/get`);
        await hydrate(page);
        if (width === 375) await page.locator('.data-panel-open').click();
        await expect(dataPanel(page).locator('[data-sandbox]')).toBeVisible();
        curl(baseURL!, key, '/api/users/1', '-X', 'PATCH', '-H', 'Content-Type: application/merge-patch+json', '-d', `{"name":"${lang}${width}"}`);
        await expect(dataPanel(page).locator('.row-changed')).toHaveCount(1);
        await dataPanel(page).locator('.data-panel-behaviors summary').click();
        const clean = async (state: string, whole = false) => {
          const axe = new AxeBuilder({ page });
          const { violations } = await (whole ? axe : axe.include('#data-panel')).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), state).toEqual([]);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${lang} ${width} scrolls sideways`).toBeLessThanOrEqual(0);
        };
        await clean(`${lang} ${width}`, width === 375);
        await stream(page).first().getByRole('link').click();
        await expect(dataPanel(page).locator('[data-back]')).toBeFocused();
        await clean(`${lang} ${width}, an exchange`);
      }
    await page.goto('/ko/data');
    await hydratedDataPanel(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  });

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a lesson links to the data panel, whose forms work', async ({ page, context, baseURL, console }) => {
    const key = await sandbox(context, baseURL!);
    await page.goto('/en/methods/get');
    await page.getByRole('link', { name: 'Open on a separate page' }).click();
    await expect(page).toHaveURL(/\/en\/data\?from=\/methods\/get$/);
    expect(curl(baseURL!, key, '/api/users/1', '-X', 'DELETE')).toBe('204');
    await page.getByRole('searchbox', { name: 'Search the requests' }).fill('delete');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(stream(page)).toHaveCount(1);
    await expect(rows(page)).toHaveCount(11);
    await page.locator('.data-panel-behaviors summary').click();
    await page.getByLabel('Fail every n-th request').fill('1');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.locator('main')).toContainText('changed: 1');
    expect(curl(baseURL!, key, '/api/users')).toBe('503');
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await expect(rows(page)).toHaveCount(12);
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await expect(page.getByRole('alert')).toHaveText('There is no change to undo.');
    await console.expectPageStatus(409);
    // The page of the panel knows the lesson that it was opened from.
    await restore(page.locator('main'));
    await expect(stream(page)).toHaveCount(0);
    expect(curl(baseURL!, key, '/api/users/1', '-X', 'DELETE')).toBe('204');
    await page.reload();
    await expect(page.locator('.data-panel-offer')).toContainText('(1 row removed)');
    await restore(page.locator('main'));
    await expect(rows(page)).toHaveCount(12);
    await expect(page.locator('.data-panel-offer')).toHaveCount(0);
    await expect(stream(page)).toHaveCount(0);
    await page.getByRole('link', { name: /^Back to the lesson/ }).click();
    await expect(page).toHaveURL(/\/en\/methods\/get$/);
    // On narrow screens the drawer opens with its popover button.
    await page.setViewportSize({ width: 375, height: 800 });
    await page.getByRole('button', { name: 'Your data' }).click();
    await expect(page.getByRole('link', { name: 'Open on a separate page' })).toBeVisible();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(dataPanel(page)).toBeHidden();
  });
});
