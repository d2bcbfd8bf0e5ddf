// Logs in with a real OpenID Connect provider: the account is made at the first login, its role follows the groups, and a
// logout ends the session at the provider too.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import Provider from 'oidc-provider';
import { expect, ownServer, test } from './fixtures';

/** The groups of each person. */
const groups: Record<string, string[]> = {};

/** Creates a provider for a site; it listens once it is started. */
async function createProvider(site: string) {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'routebook',
        client_secret: 'a secret of the site',
        redirect_uris: [`${site}/login/callback`],
        post_logout_redirect_uris: [`${site}/`],
      },
    ],
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    pkce: { required: () => true },
    cookies: { keys: ['a key of the tests'] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, name: `Person ${id}`, groups: groups[id] ?? [] }),
    }),
  });
  return {
    issuer,
    start: () => server.on('request', provider.callback()),
    async end() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Logs in at the provider as a person, and agrees that the site gets the claims. */
async function logIn(page: Page, site: string, person: string) {
  await page.goto(`${site}/en/login?next=/en/account`);
  await page.getByRole('button', { name: 'Log in with Team ID' }).click();
  await page.getByPlaceholder('Enter any login').fill(person);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${site}/en/**`);
}

test('a person logs in with the provider, gets the role of the groups, and logs out there', async ({ page }) => {
  test.setTimeout(120_000);
  const env: Record<string, string> = {};
  const site = await ownServer([], env);
  const provider = await createProvider(site.origin);
  // The pages of the provider load a font from elsewhere, and have no icon.
  await page.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  await page.route(`${provider.issuer}/favicon.ico`, (route) => route.fulfill({ contentType: 'image/svg+xml', body: '' }));
  try {
    Object.assign(env, {
      ROUTEBOOK_OIDC_ISSUER: provider.issuer,
      ROUTEBOOK_OIDC_CLIENT_ID: 'routebook',
      ROUTEBOOK_OIDC_CLIENT_SECRET: 'a secret of the site',
      ROUTEBOOK_OIDC_NAME: 'Team ID',
      ROUTEBOOK_OIDC_SCOPES: '["email", "profile", "groups"]',
      ROUTEBOOK_OIDC_ADMIN_GROUP: 'leads',
      ROUTEBOOK_OIDC_MENTOR_GROUP: 'mentors',
    });
    const password = 'correct horse battery';
    const account = ['account', 'create', '--email', 'lead@example.com', '--name', 'Lead', '--role', 'admin', '--data', site.data];
    execFileSync(process.env.ROUTEBOOK_BIN!, account, { input: `${password}\n` });
    await site.start();
    provider.start();

    groups.mina = ['everybody', 'mentors'];
    await logIn(page, site.origin, 'mina');
    await expect(page.getByRole('banner')).toContainText('Person mina');
    await expect(page.getByText('mina@example.com, Mentor')).toBeVisible();

    await page.getByRole('button', { name: 'Log out' }).first().click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.waitForURL(new RegExp(`^${site.origin}/(en|ko)?$`));
    await expect(page.getByRole('banner')).toContainText(/Log in|로그인/);

    groups.mina = ['leads'];
    await logIn(page, site.origin, 'mina');
    await expect(page.getByText('mina@example.com, Admin')).toBeVisible();
  } finally {
    await provider.end();
    await site.end();
  }
});
