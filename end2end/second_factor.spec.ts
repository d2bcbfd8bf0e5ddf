// A member sets up a code from an authenticator app, and logs in with it and with a recovery code; axe finds no violation.

import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, routebook, tabTo, test } from './fixtures';

const password = 'correct horse battery';

/** Returns the code that an authenticator app shows for a secret in base32 (RFC 6238). */
function totp(secret: string, milliseconds: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[digest.length - 1] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** Logs in up to the page that asks for a code. */
async function enterPassword(page: Page, email: string) {
  await page.goto('/en/login?next=/en/account');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible();
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`a second step is set up and used, ${colorScheme}`, async ({ page, console }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const email = `totp-${colorScheme}-${Date.now()}@example.com`;
    routebook(['account', 'create', '--email', email, '--name', 'Mina Kim', '--role', 'learner', '--language', 'en'], `${password}\n`);
    await page.goto('/en/login?next=/en/account/second-factor');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();

    await expect(page.getByRole('img', { name: 'QR code' })).toBeVisible();
    await expectAccessible(page);
    const secret = await page.locator('code.recovery-code').innerText();
    const now = Date.now();
    // A wrong code is refused and keeps the secret.
    await page.getByLabel('Code', { exact: true }).fill(totp(secret, now - 3_600_000));
    await page.getByLabel('password').fill(password);
    await page.getByRole('button', { name: 'Use the two-step login' }).click();
    await console.expectPageStatus(422);
    await expect(page.getByRole('alert')).toContainText('This code is not valid');
    await expect(page.locator('code.recovery-code')).toHaveText(secret);
    await expectAccessible(page);
    // The code of the period before is valid too, and leaves those of now and after for the logins.
    const first = Date.now();
    await page.getByLabel('Code', { exact: true }).fill(totp(secret, first - 30_000));
    await page.getByLabel('password').fill(password);
    await page.getByRole('button', { name: 'Use the two-step login' }).click();
    await expect(page.locator('.recovery-codes code')).toHaveCount(10);
    const recovery = await page.locator('.recovery-codes code').first().innerText();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Log out' }).first().click();

    await enterPassword(page, email);
    await expectAccessible(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await expectAccessible(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    // A code works once.
    const code = page.getByLabel('Code', { exact: true });
    await code.fill(totp(secret, first - 30_000));
    await page.keyboard.press('Enter');
    await console.expectPageStatus(422);
    await expect(page.getByRole('alert')).toContainText('This code is not valid');
    await expectAccessible(page);
    // With the keyboard alone.
    await page.goto('/en/login/code');
    if (!(await code.evaluate((element) => element === document.activeElement))) await tabTo(page, code);
    await page.keyboard.type(totp(secret, Date.now()));
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${email}, Learner`)).toBeVisible();
    await expect(page.getByRole('main')).toContainText('Two-step login: on.');
    await page.getByRole('button', { name: 'Log out' }).first().click();

    await enterPassword(page, email);
    await code.fill(recovery);
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${email}, Learner`)).toBeVisible();
    await page.goto('/en/account/second-factor');
    await expect(page.getByRole('main')).toContainText('Recovery codes left: 9');
    await expectAccessible(page);
  });
