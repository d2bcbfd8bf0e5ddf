// A member logs in and out.

import { expect, routebook, test } from './fixtures';

const password = 'correct horse battery';
let email: string;

test.beforeAll(({}, info) => {
  email = `ada-${info.parallelIndex}-${Date.now()}@example.com`;
  routebook(['account', 'create', '--email', email, '--name', 'Ada Lovelace', '--role', 'learner', '--language', 'en'], `${password}\n`);
});

test('login returns to the lesson and shows the name; logout ends the session', async ({ page, context }) => {
  await page.goto('/en/methods/get');
  await page.getByRole('link', { name: 'Log in' }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/\/en\/methods\/get$/);
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  const session = (await context.cookies()).find((cookie) => cookie.name === 'routebook')!;
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible();
  expect((await context.cookies()).map((cookie) => cookie.name)).not.toContain('routebook');

  // The old cookie is not valid after the logout.
  await context.addCookies([session]);
  await page.goto('/en/methods/get');
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible();
});

test('a wrong password shows an error and keeps the email address', async ({ page, console }) => {
  await page.goto('/ko/login');
  await page.getByLabel('이메일').fill(email);
  await page.getByLabel('비밀번호').fill('wrong password');
  await page.getByRole('button', { name: '로그인' }).click();
  await console.expectPageStatus(401);
  await expect(page.getByRole('alert')).toHaveText('이메일 또는 비밀번호가 올바르지 않습니다.');
  await expect(page.getByLabel('이메일')).toHaveValue(email);
  await expect(page.getByLabel('비밀번호')).toHaveValue('');
});

test('login redirects only to pages of this site', async ({ page }) => {
  await page.goto('/en/login?next=//example.com/');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/en$/);
});

test('the Back button shows nothing of the account after a logout', async ({ page }) => {
  await page.goto('/en/login?next=/en/account');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByText(`${email}, Learner`)).toBeVisible();
  await page.getByRole('button', { name: 'Log out' }).first().click();
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/en\/login\?next=/);
  await expect(page.getByText(email)).toHaveCount(0);
});
