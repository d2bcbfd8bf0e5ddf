// The pages around an account that are read before a login, and the pages of exercises and quizzes: axe finds no violation in either
// theme, with and without errors, and they are used with the keyboard alone.

import { execFileSync } from 'node:child_process';
import type { APIRequestContext } from '@playwright/test';
import { expect, expectAccessible, ownServer, playground, send, tabTo, test } from './fixtures';

const password = 'correct horse battery';
const lead = 'lead@example.com';

/** Starts a site that sends mail, with an admin, on which people with an address of example.com can register. */
async function createSite(request: APIRequestContext) {
  const env = {
    // Nobody sends a form that needs it.
    ROUTEBOOK_SMTP_URL: 'smtp://127.0.0.1:9',
    ROUTEBOOK_SMTP_FROM: 'site@example.com',
  };
  const site = await ownServer([], env);
  const account = ['account', 'create', '--email', lead, '--name', 'Team Lead', '--role', 'admin', '--language', 'en', '--data', site.data];
  execFileSync(process.env.ROUTEBOOK_BIN!, account, { input: `${password}\n` });
  await site.start();
  const post = async (path: string, form: Record<string, string>) => {
    const response = await request.post(`${site.origin}${path}`, { form, maxRedirects: 0 });
    expect(response.status(), path).toBeLessThan(400);
    return response.text();
  };
  await post('/en/login', { email: lead, password });
  const days = { attempt_days: '365', audit_days: '365', address_days: '30' };
  const locales = { locale_en: 'on', locale_ko: 'on' };
  await post('/en/admin/settings', { title: 'Team', registration: 'domains', registration_domains: 'example.com', ...locales, ...days });
  const link = (page: string, path: string) => page.match(new RegExp(`/en/${path}/([\\w-]+)`))![1];
  const invited = await post('/en/admin/invitations', { do: 'create', role: 'learner', days: '7', uses: '9', emails: '' });
  const reset = await post('/en/admin/members', { do: 'reset', id: '1' });
  return { ...site, join: link(invited, 'join'), reset: link(reset, 'reset') };
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`pages before a login, ${colorScheme}`, async ({ page, request, console }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const site = await createSite(request);
    try {
      const paths = ['/login', '/forgot', '/register', `/join/${site.join}`, `/reset/${site.reset}`, '/exercises/create-an-admin', '/quizzes/post'];
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        for (const lang of ['ko', 'en'])
          for (const path of paths) {
            const response = await page.goto(`${site.origin}/${lang}${path}`);
            expect(response!.status(), path).toBe(200);
            await expectAccessible(page);
          }
      }
      // With the errors beside the fields.
      for (const path of [`/join/${site.join}`, `/reset/${site.reset}`, '/register']) {
        await page.goto(`${site.origin}/en${path}`);
        const form = page.getByRole('main').locator('form');
        await form.evaluate((element: HTMLFormElement) => (element.noValidate = true));
        await form.getByRole('button').click();
        await console.expectPageStatus(422);
        await expect(page.getByRole('alert').first()).toBeVisible();
        await expectAccessible(page);
      }
    } finally {
      await site.end();
    }
  });

test('an invited person joins with the keyboard alone', async ({ page, request, console }) => {
  test.setTimeout(60_000);
  await page.setViewportSize({ width: 320, height: 640 });
  const site = await createSite(request);
  try {
    await page.goto(`${site.origin}/en/join/${site.join}`);
    const submit = page.getByRole('button', { name: 'Create the account' });
    await tabTo(page, page.getByLabel('Name'));
    await page.keyboard.type('Mina');
    await tabTo(page, page.getByLabel('Email'));
    await page.keyboard.type('mina@example.com');
    await tabTo(page, page.getByLabel('Password'));
    await page.keyboard.type('password1');
    await tabTo(page, submit);
    await page.keyboard.press('Enter');
    await console.expectPageStatus(422);
    // The field with the problem has the focus.
    await expect(page.getByLabel('Password')).toBeFocused();
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('banner')).toContainText('Mina');

    await page.context().clearCookies();
    await page.goto(`${site.origin}/en/reset/${site.reset}`);
    await tabTo(page, page.getByLabel('Password'));
    await page.keyboard.type('another sentence');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('banner')).toContainText('Team Lead');
  } finally {
    await site.end();
  }
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`an exercise and a quiz that are being done, ${colorScheme}`, async ({ page }) => {
    test.setTimeout(90_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto('/en/exercises/create-an-admin');
    const exercise = page.locator('#exercise-create-an-admin');
    const start = exercise.getByRole('button', { name: 'Start', exact: true });
    await tabTo(page, start);
    await page.keyboard.press('Enter');
    const block = await playground(page, 'exercise-create-an-admin-request-1');
    await send(page, block, '201 Created');
    await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'failed');
    await expectAccessible(page);
    await page.setViewportSize({ width: 320, height: 800 });
    await expectAccessible(page);

    await page.goto('/en/quizzes/post');
    for (const name of ['created', 'idempotent']) await page.locator(`input[name=${name}]`).first().check();
    await page.locator('input[name=order]').first().check();
    await page.getByRole('button', { name: 'Check answers' }).click();
    await expect(page.getByRole('main')).toContainText('Your first answers');
    await expectAccessible(page);
  });
