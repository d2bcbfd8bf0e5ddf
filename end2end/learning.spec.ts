// What a member does is kept with the account: from before the login, in ticks, on the own path, and as a certificate.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { createAccount, expect, logIn, playground, send, test } from './fixtures';

/** Reads a lesson to its end. */
async function read(page: Page, lesson: string) {
  await page.goto(`/en/${lesson}`);
  const kept = page.waitForResponse((response) => response.url().endsWith('/en/progress') && response.request().postData()!.includes('read='));
  await page.locator('.neighbours').scrollIntoViewIfNeeded();
  expect((await kept).status()).toBe(204);
}

const link = (page: Page, lesson: string) => page.locator(`a[data-lesson="${lesson}"]`).first();

test('a login keeps what was done in this browser, and a logout leaves none of it', async ({ page }) => {
  const email = createAccount('Mina Kim');
  await page.goto('/en/methods/put');
  await page.locator('.neighbours').scrollIntoViewIfNeeded();
  await expect(link(page, 'methods/put')).toHaveAttribute('data-progress', 'read');
  await page.goto('/en/methods/post');
  const exercise = page.locator('#exercise-create-an-admin');
  await exercise.getByRole('button', { name: 'Start', exact: true }).click();
  const block = await playground(page, 'exercise-create-an-admin-request-1');
  await send(page, block, '201 Created');
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'failed');

  const moved = page.waitForResponse((response) => response.url().endsWith('/en/progress'));
  await logIn(page, email);
  expect((await moved).status()).toBe(204);
  await expect.poll(() => page.evaluate(() => localStorage.getItem('routebook-lessons'))).toBe(null);
  await expect(link(page, 'methods/put')).toHaveAttribute('data-progress', 'read');
  await page.getByRole('link', { name: 'My path' }).click();
  await expect(page.getByRole('link', { name: /^Continue: / })).toHaveAttribute('href', '/en/methods/post');

  // The exercise goes on where it was, and a mentor can be asked about it.
  await page.goto('/en/exercises/create-an-admin');
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'failed');
  await exercise.getByText('I am stuck').click();
  await exercise.getByLabel('What have you tried').fill('Where does the role go?');
  await exercise.getByRole('button', { name: 'Ask the mentors' }).click();
  await expect(exercise.locator('.help-request')).toContainText('Where does the role go?');

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible();
  await expect(page.locator('[data-progress]')).toHaveCount(0);
  expect(await page.evaluate(() => localStorage.getItem('routebook-lessons'))).toBe(null);
  await page.goto('/en/exercises/create-an-admin');
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'new');
});

test('a chapter whose lessons are done has a certificate', async ({ page, browser, baseURL }) => {
  test.setTimeout(90_000);
  const email = createAccount('Juno Park');
  await logIn(page, email);
  await page.getByRole('link', { name: 'My path' }).click();
  const chapter = page.locator('#chapter-auth');
  await expect(chapter.getByRole('img')).toHaveAttribute('aria-label', '0 of 1 lesson done');
  // The exercise is done from a terminal with the sandbox of the browser.
  const send = (method: string, path: string, options: object) => page.request.fetch(path, { method, maxRedirects: 0, ...options });
  const card = '/en/exercises/log-in-before-writing';
  await send('POST', card, { form: { do: 'start' } });
  const change = { data: { bio: 'Found the first bug.' }, headers: { 'content-type': 'application/merge-patch+json' } };
  expect((await send('PATCH', '/api/users/2', change)).status()).toBe(401);
  const user = { email: 'grace@example.com', password: 'routebook' };
  expect((await send('POST', '/api/session', { data: user })).status()).toBe(201);
  expect((await send('PATCH', '/api/users/2', change)).status()).toBe(200);
  // The exchanges are recorded after their responses.
  await expect(async () => {
    const graded = await send('POST', `${card}?part`, { form: { do: 'check' } });
    expect(await graded.text()).toContain('data-live="" data-state="passed"');
  }).toPass();
  const answers = new URLSearchParams([['who', 'a'], ['cookie', 'a'], ['cookie', 'b']]).toString();
  await send('POST', '/en/quizzes/sessions', { data: answers, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const lessons = ['auth/sessions'];
  for (const lesson of lessons) await read(page, lesson);
  await page.goto('/en/learn');
  await expect(chapter.getByRole('img')).toHaveAttribute('aria-label', '1 of 1 lesson done');
  await chapter.getByRole('link', { name: 'Certificate to print' }).click();
  await expect(page.getByRole('main')).toContainText('Juno Park');
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('banner')).toBeHidden();

  // Another browser of the member, without scripts.
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const other = await context.newPage();
  await logIn(other, email);
  await expect(link(other, lessons[0]!)).toHaveAttribute('data-progress', 'done');
  await other.goto('/en/methods/get');
  await other.getByRole('button', { name: 'Mark as read' }).click();
  await expect(link(other, 'methods/get')).toHaveAttribute('data-progress', 'read');
  await context.close();
});

for (const [at, colorScheme] of (['light', 'dark'] as const).entries())
  for (const width of [320, 1280])
    test(`the own path and assignments, ${colorScheme}, ${width} px`, async ({ page }) => {
      test.setTimeout(90_000);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 800 });
      await logIn(page, createAccount('Team Lead', 'admin'));
      await read(page, 'methods/get');
      await page.goto('/en/team/assignments');
      await page.getByLabel('Until').fill('2100-06-01');
      // A lesson is assigned to everybody once.
      await page.getByRole('checkbox').nth(2 * at + (width === 320 ? 0 : 1)).check();
      await page.getByRole('button', { name: 'Assign', exact: true }).click();
      await expect(page.getByRole('status')).toHaveText('The lessons were assigned.');
      await page.setViewportSize({ width, height: 800 });
      for (const lang of ['ko', 'en'])
        for (const path of ['/learn', '/team/assignments', '/methods/get', '']) {
          await page.goto(`/${lang}${path}`);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), path).toEqual([]);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
        }
    });

test('a login shows the data of the account, and a logout leaves neither drafts nor the session of the API', async ({ browser, baseURL }) => {
  const email = createAccount('Sora Han');
  const options = { baseURL, viewport: { width: 1440, height: 900 } };
  const first = await browser.newContext(options);
  await logIn(await first.newPage(), email);
  const created = await first.request.post('/api/users', { data: { name: 'Of Sora', email: 'of-sora@example.com' } });
  expect(created.status()).toBe(201);
  await first.close();

  // Another browser, in which nothing was done: without a sign of use.
  const second = await browser.newContext(options);
  const page = await second.newPage();
  await logIn(page, email);
  await page.goto('/en/auth/sessions');
  await expect(page.locator('#data-panel')).toContainText('Of Sora');
  await send(page, await playground(page, 'log-in'), '201 Created');
  const session = page.locator('#me-without-credentials .request-tabs [data-key=session]');
  const own = page.locator('#who-is-logged-in .request-tabs [data-key=session]');
  await expect(own).not.toContainText('none yet');
  await (await playground(page, 'me-with-a-token')).locator('.target-input').fill('/api/me?draft=1');
  const stored = () => page.evaluate(() => [localStorage, sessionStorage].flatMap((storage) => Object.keys(storage)).filter((key) => key.startsWith('draft:')));
  await expect.poll(stored).not.toEqual([]);

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible();
  expect(await stored()).toEqual([]);
  await page.goto('/en/auth/sessions');
  await expect(session).toBeVisible();
  await expect(own).toHaveText('API session none yet');
  await expect(page.locator('#me-with-a-token .target-input')).toHaveValue('/api/me');
  await second.close();
});
