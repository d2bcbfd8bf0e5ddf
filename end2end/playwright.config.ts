// Starts the server on a free port with an empty data folder, and runs the specs against it in Chromium.
//
// ROUTEBOOK_BIN        the server; default ../target/debug/routebook
// ROUTEBOOK_CHROMIUM   the browser; default Debian's
//
// ROUTEBOOK_E2E_DATA is the data folder of the server; specs use it to create accounts with the command line.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });

// The first process sets these variables; workers evaluate this file again and inherit them.
if (!process.env.ROUTEBOOK_E2E_PORT) {
  process.env.ROUTEBOOK_E2E_PORT = String(await freePort());
  const data = mkdtempSync(join(tmpdir(), 'routebook-e2e-'));
  process.env.ROUTEBOOK_E2E_DATA = data;
  process.on('exit', () => rmSync(data, { recursive: true, force: true }));
}
process.env.ROUTEBOOK_BIN ??= resolve(import.meta.dirname, '../target/debug/routebook');

const origin = `http://127.0.0.1:${process.env.ROUTEBOOK_E2E_PORT}`;

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 30_000,
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    baseURL: origin,
    locale: 'en-US',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.ROUTEBOOK_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: 'exec "$ROUTEBOOK_BIN" serve --listen "127.0.0.1:$ROUTEBOOK_E2E_PORT" --data "$ROUTEBOOK_E2E_DATA"',
    cwd: resolve(import.meta.dirname, '..'),
    // Every spec is another visitor, but all have the same client address.
    env: { ROUTEBOOK_LIMITS_SANDBOXES_PER_HOUR: '1000' },
    url: `${origin}/api/health`,
    timeout: 60_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    stdout: 'pipe',
    stderr: 'pipe',
  },
});
