// The way of an admin with the keyboard alone, at 320 px, and without a page that scrolls sideways at any width; axe finds no
// violation on the pages of the administration and of the team.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { createAccount, expect, routebook, tabTo, test } from './fixtures';

const password = 'correct horse battery';
let admin: string;

test.beforeAll(({}, info) => {
  admin = `keys-${info.parallelIndex}-${Date.now()}@example.com`;
  routebook(['account', 'create', '--email', admin, '--name', 'Key Admin', '--role', 'admin', '--language', 'en'], `${password}\n`);
});

const pages = [
  '/admin/members',
  '/admin/groups',
  '/admin/invitations',
  '/admin/content',
  '/admin/settings',
  '/admin/backup',
  '/admin/audit',
  '/team',
  '/team/lessons',
  '/team/stuck',
  '/team/assignments',
  '/team/live',
];

async function logIn(page: Page) {
  await page.goto('/en/login');
  await page.getByLabel('Email').focus();
  await page.keyboard.type(admin);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('banner')).toContainText('Key Admin');
}

/** Follows a link of the navigation of the administration. */
async function openPage(page: Page, name: string) {
  await tabTo(page, page.locator('.portal-nav').getByRole('link', { name, exact: true }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
}

test('an admin changes a setting, finds it in the audit log and looks at content and backups with the keyboard alone', async ({ page, console }) => {
  test.setTimeout(90_000);
  await page.setViewportSize({ width: 320, height: 640 });
  await logIn(page);
  await page.goto('/en/admin/members');
  await openPage(page, 'Settings');
  const days = page.getByLabel('Network addresses, in days');
  await tabTo(page, days);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('0');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await console.expectPageStatus(422);
  // The field with the problem has the focus.
  await expect(days).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(String(20 + Math.floor(Math.random() * 1000)));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText('saved');
  await openPage(page, 'Audit log');
  await tabTo(page, page.getByRole('searchbox'));
  await page.keyboard.type('key admin');
  await tabTo(page, page.getByRole('combobox', { name: 'Action', exact: true }));
  await page.keyboard.type('Changed a setting');
  await tabTo(page, page.getByRole('button', { name: 'Show' }));
  await page.keyboard.press('Enter');
  // On a narrow screen each entry is a card without the row of heads.
  await expect(page.getByRole('row').first()).toContainText('Network addresses, in days');
  await openPage(page, 'Content');
  await openPage(page, 'Backup');
});

test('the question before a change has the focus', async ({ page }) => {
  const name = `Asked ${Date.now()}`;
  const email = createAccount(name);
  await logIn(page);
  await page.goto(`/en/admin/members?q=${email}`);
  await tabTo(page, page.getByRole('button', { name: 'Disable' }));
  await page.keyboard.press('Enter');
  const question = page.getByRole('form', { name });
  await expect(question).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText(name);
});

test('times are in the time zone of the reader', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, timezoneId: 'Asia/Seoul' });
  const page = await context.newPage();
  await logIn(page);
  await page.goto('/en/admin/audit');
  const time = page.locator('time').first();
  await expect(time).toContainText('GMT+9');
  await expect(time).toHaveAttribute('title', /UTC$/);
  await context.close();
});

for (const width of [320, 720, 1440])
  test(`pages of the administration and the team at ${width} px`, async ({ page }) => {
    test.setTimeout(180_000);
    // 720 px is a window of 1440 px at 200 %.
    await page.setViewportSize({ width, height: 640 });
    await logIn(page);
    for (const lang of ['en', 'ko'])
      for (const path of pages) {
        await page.goto(`/${lang}${path}`);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(beyond, `${lang}${path} scrolls sideways`).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), path).toEqual([]);
      }
  });
