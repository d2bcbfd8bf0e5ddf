// A learner works, and a mentor sees it: the live page changes without being loaded again, and the pages of the team with data have no
// violation that axe finds.

import type { Page } from '@playwright/test';
import { createAccount, expect, expectAccessible, logIn, playground, send, test } from './fixtures';

for (const colorScheme of ['light', 'dark'] as const)
  test(`the live page follows a learner, ${colorScheme}`, async ({ page, browser, baseURL }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const name = `Juno ${Date.now()}`;
    const learner = createAccount(name, 'learner');
    await logIn(page, createAccount('Team Mentor', 'mentor'));
    await page.goto('/en/team/live');
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    const row = page.locator('#live-list li').filter({ hasText: name });
    await expect(row).toHaveCount(0);

    const context = await browser.newContext({ baseURL });
    const other = await context.newPage();
    await logIn(other, learner);
    await other.goto('/en/methods/post');
    await expect(row).toContainText('reading', { timeout: 15_000 });
    const exercise = other.locator('#exercise-create-an-admin');
    await exercise.getByRole('button', { name: 'Start', exact: true }).click();
    const block = await playground(other, 'exercise-create-an-admin-request-1');
    await send(other, block, '201 Created');
    await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'failed');
    await expect(row).toContainText('at step 1', { timeout: 15_000 });
    await expect(row).toContainText('1 failed request');
    expect(await page.evaluate(() => 'isSamePage' in window), 'the page was not loaded again').toBe(true);
    await expectAccessible(page);

    await exercise.getByText('I am stuck').click();
    await exercise.getByLabel('What have you tried').fill('Where does the role go?');
    await exercise.getByRole('button', { name: 'Ask the mentors' }).click();
    await expect(row).toContainText('stuck at step 1', { timeout: 15_000 });
    // The name leads to the page of the member.
    const member = await row.getByRole('link').getAttribute('href');
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const lang of ['ko', 'en'])
        for (const path of ['/team', '/team/lessons', '/team/stuck', '/team/live', member!.replace('/en', ''), `/team/assignments?member=${member!.split('/').pop()}`]) {
          await page.goto(`/${lang}${path}`);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await expectAccessible(page);
        }
    }
    // The end of the session ends the list, and the page says so.
    await page.goto('/en/team/live');
    await expect(row).toBeVisible();
    await context.close();
  });

for (const colorScheme of ['light', 'dark'] as const)
  test(`a certificate, ${colorScheme}`, async ({ page }) => {
    test.setTimeout(90_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await logIn(page, createAccount('Juno Park', 'learner'));
    const post = (path: string, form: string) =>
      page.request.post(path, { data: form, maxRedirects: 0, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    const card = '/en/exercises/log-in-before-writing';
    await post(card, 'do=start');
    const change = { data: { bio: 'Found the first bug.' }, headers: { 'content-type': 'application/merge-patch+json' } };
    expect((await page.request.patch('/api/users/2', change)).status()).toBe(401);
    const user = { email: 'grace@example.com', password: 'routebook' };
    expect((await page.request.post('/api/session', { data: user })).status()).toBe(201);
    expect((await page.request.patch('/api/users/2', change)).status()).toBe(200);
    // The exchanges are recorded after their responses.
    await expect(async () => {
      expect(await (await post(`${card}?part`, 'do=check')).text()).toContain('data-live="" data-state="passed"');
    }).toPass();
    await post('/en/quizzes/sessions', 'who=a&cookie=a&cookie=b');
    await post('/en/progress', 'read=auth/sessions');
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const lang of ['ko', 'en']) {
        const response = await page.goto(`/${lang}/learn/certificate/auth`);
        expect(response!.status()).toBe(200);
        await expect(page.getByRole('main')).toContainText('Juno Park');
        await expectAccessible(page);
      }
    }
  });
