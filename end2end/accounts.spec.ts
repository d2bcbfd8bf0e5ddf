// A team lead invites people and looks after their accounts; axe finds no violation on these pages.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, routebook, test } from './fixtures';

const password = 'correct horse battery';
let admin: string;

test.beforeAll(({}, info) => {
  admin = `lead-${info.parallelIndex}-${Date.now()}@example.com`;
  routebook(['account', 'create', '--email', admin, '--name', 'Team Lead', '--role', 'admin', '--language', 'en'], `${password}\n`);
});

async function logIn(page: Page) {
  await page.goto('/en/login');
  await page.getByLabel('Email').fill(admin);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('banner')).toContainText('Team Lead');
}

test('an invited person joins, gets another role, and a new password', async ({ page, browser, baseURL }) => {
  test.setTimeout(90_000);
  await logIn(page);
  await page.getByRole('link', { name: 'Administration' }).click();
  await page.getByRole('link', { name: 'Invitations' }).click();
  const email = `mina-${Date.now()}@example.com`;
  await page.getByLabel('Addresses').fill(email);
  await page.getByRole('button', { name: 'Create' }).click();
  // The link stands beside the address that it is for.
  const [, invitation] = (await page.locator('.code-block code').innerText()).split(',');
  expect(invitation.startsWith(`${baseURL}/en/join/`)).toBe(true);

  // Without scripts, as everything here works.
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const visitor = await context.newPage();
  await visitor.goto(invitation);
  await expect(visitor.getByLabel('Email')).toHaveValue(email);
  await visitor.getByLabel('Name').fill('Mina');
  await visitor.getByLabel('Password').fill('short');
  await visitor.getByRole('button', { name: 'Create the account' }).click();
  await expect(visitor.getByRole('alert')).toHaveText('A password has at least 8 characters.');
  await expect(visitor.getByLabel('Name')).toHaveValue('Mina');
  await visitor.getByLabel('Password').fill('a sentence of Mina');
  await visitor.getByRole('button', { name: 'Create the account' }).click();
  await expect(visitor.getByRole('banner')).toContainText('Mina');

  await page.getByRole('link', { name: 'Members' }).click();
  await page.getByLabel('Name or address').fill(email);
  await page.getByRole('button', { name: 'Show' }).click();
  const row = page.getByRole('row', { name: 'Mina' });
  await row.getByLabel('Role of Mina').selectOption('Mentor');
  await row.getByRole('button', { name: 'Change' }).click();
  await expect(page.getByRole('status')).toContainText('Mina has another role now');
  await visitor.reload();
  await expect(visitor.getByRole('banner')).toContainText('Log in');

  await row.getByRole('button', { name: 'Password link' }).click();
  const link = await page.locator('.portal-link code').innerText();
  await visitor.goto(link);
  await visitor.getByLabel('Password').fill('another sentence');
  await visitor.getByRole('button', { name: 'Set the password' }).click();
  await expect(visitor.getByRole('banner')).toContainText('Mina');
  await visitor.getByRole('link', { name: 'Mina' }).click();
  await expect(visitor.getByText(`${email}, Mentor`)).toBeVisible();
  await context.close();

  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('row', { name: /Changed a role.*Team Lead/ }).first()).toContainText('Learner → Mentor');
});

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [320, 1280])
    test(`accounts and administration, ${colorScheme}, ${width} px`, async ({ page }) => {
      test.setTimeout(90_000);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 800 });
      await logIn(page);
      await page.setViewportSize({ width, height: 800 });
      for (const lang of ['ko', 'en'])
        for (const path of ['/account', '/account/second-factor', '/account/passkeys', '/account/email', '/admin/members', '/admin/invitations', '/admin/audit']) {
          await page.goto(`/${lang}${path}`);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), path).toEqual([]);
          const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(beyond, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
        }
    });
