// Fixtures of all specs: a check that the browser console stays silent, and actions of a visitor.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

/** Collects the console messages of a context. Each 4xx or 5xx response of the API allows one message about a failed load. */
class Console {
  private messages: string[] = [];
  private allowed: RegExp[] = [];
  private failedLoads = 0;
  private apiErrors = 0;

  watch(context: BrowserContext) {
    context.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      const failedLoad = message.text().startsWith('Failed to load resource') && message.location().url.includes('/api/');
      // The browser reports an event stream that is open when the network is switched off.
      if (message.text().includes('net::ERR_INTERNET_DISCONNECTED')) return;
      if (this.allowed.some((text) => text.test(message.text()))) return;
      if (failedLoad) this.failedLoads += 1;
      else this.messages.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.messages.push(`page error: ${error.error().message}`));
    context.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      if (path.startsWith('/api/') && response.status() >= 400) this.apiErrors += 1;
    });
  }

  /** Expects the message that the browser writes for a page with an error status. */
  async expectPageStatus(status: number) {
    const line = new RegExp(`status of ${status} `);
    const find = () => this.messages.findIndex((text) => line.test(text));
    // The message may arrive after the page.
    await expect.poll(find, { message: `the console reports the page status ${status}` }).toBeGreaterThanOrEqual(0);
    this.messages.splice(find(), 1);
  }

  /** Allows a message that a spec causes in another way than by a response of the API. */
  allow(text: RegExp) {
    this.allowed.push(text);
  }

  verify() {
    expect(this.messages, 'the console stays silent').toEqual([]);
    expect(this.failedLoads, 'failed loads are the API errors that the spec provoked').toBe(this.apiErrors);
  }
}

export const test = base.extend<{ console: Console }>({
  console: [
    async ({ context }, use) => {
      const console = new Console();
      console.watch(context);
      await use(console);
      console.verify();
    },
    { auto: true },
  ],
});

export { expect };

/** Hydrates every island of the page, as the first pointer event on each does. */
export async function hydrate(page: Page): Promise<void> {
  await page.locator('leptos-island').evaluateAll((islands) => {
    for (const island of islands) island.dispatchEvent(new Event('pointerover', { bubbles: true }));
  });
  await expect(page.locator('leptos-island:not([data-hydrated])')).toHaveCount(0);
}

/** Returns the playground of the request with this id, hydrated. */
export async function playground(page: Page, id: string): Promise<Locator> {
  const island = page.locator('leptos-island').filter({ has: page.locator(`.playground > #${id}`) });
  await island.dispatchEvent('pointerover');
  await expect(island).toHaveAttribute('data-hydrated', '');
  return island.locator('.playground');
}

/** Selects a tab of the request: params, headers, body or session. */
export async function part(block: Locator, key: string): Promise<Locator> {
  const tab = block.locator(`.request-tabs [data-key=${key}]`);
  await tab.click();
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  return block.locator(`.request-tabs [data-panel=${key}]`);
}

/** Adds a header to the request. */
export async function addHeader(block: Locator, name: string, value: string): Promise<void> {
  await part(block, 'headers');
  await block.getByRole('button', { name: 'Add a header' }).click();
  await block.locator('.header-name:visible').last().fill(name);
  await block.locator('.header-value:visible').last().fill(value);
}

/** Shows a tab of the exchange: body, headers, wire, trace, data or code. */
export async function show(block: Locator, part: string): Promise<Locator> {
  const tab = block.locator(`.exchange-tabs [data-key=${part}]`).last();
  await tab.click();
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  return block.locator(`.exchange-tabs [data-tab=${part}]`).last();
}

/** Clicks Send and checks that the island sends the request: a form without scripts would navigate instead. */
export async function send(page: Page, block: Locator, status: string): Promise<void> {
  const address = page.url();
  const method = await block.locator('.method-select').inputValue();
  const path = (await block.locator('.target-input').inputValue()).split('?')[0];
  const sent = page.waitForRequest((request) => request.method() === method && new URL(request.url()).pathname === path);
  await block.getByRole('button', { name: /^(Send|보내기)$/ }).click();
  expect((await sent).resourceType()).toBe('fetch');
  await expect(block.locator('.response-status')).toContainText(status);
  await expect(block.locator('.response[aria-busy]')).toHaveAttribute('aria-busy', 'false');
  expect(page.url()).toBe(address);
}

/** Expects that axe finds no violation on the page, and that it does not scroll sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), page.url()).toEqual([]);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(beyond, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** Presses Tab until the element has the focus, and checks on the way that each element with the focus is visible. */
export async function tabTo(page: Page, goal: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press(key);
    const focused = page.locator(':focus');
    if ((await focused.count()) > 0) await expect(focused, 'the focus is never on something invisible').toBeVisible();
    if (await goal.evaluate((element) => element === document.activeElement).catch(() => false)) return;
  }
  throw new Error(`${goal} was not reached with ${key}`);
}

/** Creates a server with its own data, flags and environment that a spec can kill and restart at the same address. */
export async function ownServer(flags: string[] = [], env: Record<string, string> = {}) {
  const port = await new Promise<number>((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
  const origin = `http://127.0.0.1:${port}`;
  const data = mkdtempSync(join(tmpdir(), 'routebook-e2e-'));
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    child = undefined;
  };
  return {
    origin,
    data,
    /** Starts the server; resolves when it responds. */
    async start() {
      child = spawn(process.env.ROUTEBOOK_BIN!, ['serve', '--listen', `127.0.0.1:${port}`, '--data', data, ...flags], {
        stdio: 'ignore',
        env: { ...process.env, ...env },
      });
      await expect.poll(() => fetch(`${origin}/api/health`).then((response) => response.status, () => 0), { timeout: 20_000 }).toBe(200);
    },
    kill,
    async end() {
      await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Runs the command line of the server with the data folder of the specs. */
export function routebook(args: string[], input = ''): string {
  const data = ['--data', process.env.ROUTEBOOK_E2E_DATA!];
  return execFileSync(process.env.ROUTEBOOK_BIN!, [...args, ...data], { input, encoding: 'utf8' });
}

/** The password of the accounts that `createAccount` creates. */
export const accountPassword = 'correct horse battery';
let accounts = 0;

/** Creates an account with another address each time, and returns the address. */
export function createAccount(name: string, role = 'learner'): string {
  const email = `${role}-${process.pid}-${Date.now()}-${accounts++}@example.com`;
  routebook(['account', 'create', '--email', email, '--name', name, '--role', role, '--language', 'en'], `${accountPassword}\n`);
  return email;
}

/** Logs in to an account that `createAccount` has created. */
export async function logIn(page: Page, email: string): Promise<void> {
  await page.goto('/en/login');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(accountPassword);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('banner')).toContainText('My path');
}
