// Adds a passkey of Chromium's virtual authenticator, logs in with it, and removes it.

import { execFileSync } from 'node:child_process';
import type { CDPSession, Page } from '@playwright/test';
import { expect, ownServer, test } from './fixtures';

const password = 'correct horse battery';
const email = 'mina@example.com';

/** Gives the browser a device that keeps passkeys and that its owner unlocks, or refuses to. */
async function addDevice(page: Page) {
  const client: CDPSession = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    unlocks: (isUserVerified: boolean) => client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    count: async () => (await client.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
    /** Makes the device a copy that was made before its last logins: it counts from `signCount` again. */
    countFrom: async (signCount: number) => {
      const { credentials } = await client.send('WebAuthn.getCredentials', { authenticatorId });
      await client.send('WebAuthn.clearCredentials', { authenticatorId });
      for (const credential of credentials) {
        await client.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount } });
      }
    },
  };
}

async function createSite() {
  const env: Record<string, string> = {};
  const site = await ownServer([], env);
  // Browsers make passkeys for host names only.
  const origin = site.origin.replace('127.0.0.1', 'localhost');
  env.ROUTEBOOK_BASE_URL = origin;
  const account = ['account', 'create', '--email', email, '--name', 'Mina', '--role', 'admin', '--language', 'en', '--data', site.data];
  execFileSync(process.env.ROUTEBOOK_BIN!, account, { input: `${password}\n` });
  await site.start();
  return { origin, end: site.end };
}

async function logIn(page: Page, origin: string) {
  await page.goto(`${origin}/en/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(page.getByRole('banner')).toContainText('Mina');
}

async function addPasskey(page: Page, origin: string, current = password) {
  await page.goto(`${origin}/en/account/passkeys`);
  await page.getByLabel('Name of the device').fill('My laptop');
  await page.getByLabel('Current password').fill(current);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
}

test('a passkey is added, logs in without a password, and is removed', async ({ page, console }) => {
  test.setTimeout(90_000);
  const { origin, end } = await createSite();
  try {
    const device = await addDevice(page);
    await logIn(page, origin);
    await addPasskey(page, origin, 'wrong password');
    await expect(page.getByText('This is not the current password.')).toBeVisible();
    await console.expectPageStatus(422);
    await expect(page.getByLabel('Name of the device')).toHaveValue('My laptop');

    await addPasskey(page, origin);
    await expect(page.getByRole('listitem').filter({ hasText: 'My laptop' })).toContainText('not used yet');

    await page.getByRole('button', { name: 'Log out' }).first().click();
    await page.goto(`${origin}/en/login?next=/en/account/passkeys`);
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await expect(page.getByRole('banner')).toContainText('Mina');
    await expect(page.getByRole('listitem').filter({ hasText: 'My laptop' })).toContainText('last used');

    // The owner does not unlock the device.
    await page.getByRole('button', { name: 'Log out' }).first().click();
    await page.goto(`${origin}/ko/login`);
    await device.unlocks(false);
    await page.getByRole('button', { name: '패스키로 로그인' }).click();
    await expect(page.getByRole('alert')).toContainText('브라우저에서 취소했거나');
    await device.unlocks(true);
    await page.getByRole('button', { name: '패스키로 로그인' }).click();
    await expect(page.getByRole('banner')).toContainText('Mina');

    await page.goto(`${origin}/en/account/passkeys`);
    const row = page.getByRole('listitem').filter({ hasText: 'My laptop' });
    await row.getByRole('button').click();
    await expect(row).toContainText('You will no longer log in with My laptop.');
    await row.getByRole('button').click();
    await expect(row).toHaveCount(0);

    // The device has the passkey still, the site no longer.
    expect(await device.count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Log out' }).first().click();
    await page.goto(`${origin}/en/login`);
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await expect(page.getByRole('heading', { name: 'This passkey is unknown' })).toBeVisible();
    await console.expectPageStatus(401);
  } finally {
    await end();
  }
});

test('the response of a passkey is accepted once', async ({ page }) => {
  test.setTimeout(60_000);
  const { origin, end } = await createSite();
  try {
    await addDevice(page);
    await logIn(page, origin);
    await addPasskey(page, origin);
    await expect(page.getByRole('listitem').filter({ hasText: 'My laptop' })).toBeVisible();
    await page.getByRole('button', { name: 'Log out' }).first().click();
    await page.goto(`${origin}/en/login`);
    const sent = page.waitForRequest((request) => request.url().endsWith('/en/login/passkey'));
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    const request = await sent;
    const cookies = (await request.allHeaders()).cookie;
    await expect(page.getByRole('banner')).toContainText('Mina');
    const again = await fetch(request.url(), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookies },
      body: request.postData(),
      redirect: 'manual',
    });
    expect(again.status).toBe(400);
  } finally {
    await end();
  }
});

test('a passkey whose device counts backwards is refused', async ({ page, console }) => {
  test.setTimeout(60_000);
  const { origin, end } = await createSite();
  try {
    const device = await addDevice(page);
    await logIn(page, origin);
    await addPasskey(page, origin);
    await expect(page.getByRole('listitem').filter({ hasText: 'My laptop' })).toBeVisible();
    const logInAgain = async () => {
      await page.context().clearCookies();
      await page.goto(`${origin}/en/login`);
      await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    };
    await device.countFrom(100);
    await logInAgain();
    await expect(page.getByRole('banner')).toContainText('Mina');
    await device.countFrom(50);
    await logInAgain();
    await expect(page.getByRole('heading', { name: 'The passkey was not accepted' })).toBeVisible();
    await console.expectPageStatus(400);
  } finally {
    await end();
  }
});

test('a browser without passkeys says so', async ({ page }) => {
  const { origin, end } = await createSite();
  try {
    await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'));
    await page.goto(`${origin}/en/login`);
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await expect(page.getByRole('alert')).toHaveText('This browser has no passkeys. Log in with your password.');
  } finally {
    await end();
  }
});
