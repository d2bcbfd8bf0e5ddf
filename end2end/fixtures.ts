// What every spec shares: a browser console that must stay silent, and the ways of a reader.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

/** Watches every page of a context. A failed load is forgiven once for each 4xx or 5xx that the API really gave. */
class Console {
  private noise: string[] = [];
  private forgiven: RegExp[] = [];
  private failedLoads = 0;
  private failures = 0;

  watch(context: BrowserContext) {
    context.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      const failedLoad = message.text().startsWith('Failed to load resource') && message.location().url.includes('/api/');
      // A stream that is open when the network goes says so; nobody can keep the browser from it.
      if (message.text().includes('net::ERR_INTERNET_DISCONNECTED')) return;
      if (this.forgiven.some((text) => text.test(message.text()))) return;
      if (failedLoad) this.failedLoads += 1;
      else this.noise.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.noise.push(`page error: ${error.error().message}`));
    context.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      if (path.startsWith('/api/') && response.status() >= 400) this.failures += 1;
    });
  }

  /** A page that answers with this status makes the browser say so once. */
  async expectPageStatus(status: number) {
    const line = new RegExp(`status of ${status} `);
    const find = () => this.noise.findIndex((text) => line.test(text));
    // The console may be told after the page is there.
    await expect.poll(find, { message: `the console says that the page has status ${status}` }).toBeGreaterThanOrEqual(0);
    this.noise.splice(find(), 1);
  }

  /** What a spec provokes beside responses of the API, and a browser cannot be kept from saying. */
  forgive(text: RegExp) {
    this.forgiven.push(text);
  }

  verify() {
    expect(this.noise, 'the console stays silent').toEqual([]);
    expect(this.failedLoads, 'failed loads are the API errors that the spec provoked').toBe(this.failures);
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

/** Wakes the page as the first sign of use does. */
export async function wake(page: Page): Promise<void> {
  await page.locator('[data-island]').first().dispatchEvent('pointerover');
  await expect(page.locator('html')).toHaveAttribute('data-awake', '');
}

/** The request with this id, awake. */
export async function playground(page: Page, id: string): Promise<Locator> {
  await wake(page);
  const block = page.locator('.playground').filter({ has: page.locator(`#${id}`) });
  await expect(block).toHaveAttribute('data-ready', '');
  return block;
}

/** Shows a part of the exchange: body, headers, wire, trace, data or code. */
export async function show(block: Locator, part: string): Promise<Locator> {
  const tab = block.locator(`.exchange-tabs [data-key=${part}]`).last();
  await tab.click();
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  return block.locator(`.exchange-tabs [data-tab=${part}]`).last();
}

/** Presses Send; a dead island would navigate, and asks the API for nothing. */
export async function send(page: Page, block: Locator, status: string): Promise<void> {
  const address = page.url();
  const method = await block.locator('.method-select').inputValue();
  const path = (await block.locator('.target-input').inputValue()).split('?')[0];
  const asked = page.waitForRequest((request) => request.method() === method && new URL(request.url()).pathname === path);
  await block.getByRole('button', { name: /^(Send|보내기)$/ }).click();
  expect((await asked).resourceType()).toBe('fetch');
  await expect(block.locator('.response-status')).toContainText(status);
  await expect(block.locator('.response')).toHaveAttribute('aria-busy', 'false');
  expect(page.url()).toBe(address);
}

/** A server of a spec's own, on data of its own, that may be killed and started again at its address. */
export async function ownServer() {
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
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = undefined;
  };
  return {
    origin,
    /** Resolves once it answers. */
    async start() {
      child = spawn(process.env.ROUTEBOOK_BIN!, ['serve', '--listen', `127.0.0.1:${port}`, '--data', data], { stdio: 'ignore' });
      await expect.poll(() => fetch(`${origin}/api/health`).then((response) => response.status, () => 0), { timeout: 20_000 }).toBe(200);
    },
    kill,
    async end() {
      await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Runs the server's command line on its own data. */
export function routebook(args: string[], input = ''): string {
  const data = ['--data', process.env.ROUTEBOOK_E2E_DATA!];
  return execFileSync(process.env.ROUTEBOOK_BIN!, [...args, ...data], { input, encoding: 'utf8' });
}
