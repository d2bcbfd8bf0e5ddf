// What the measurements in Chromium have in common: a server with its own data, and the browser.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts the server ROUTEBOOK_BIN on a free port; `environment` sets its limits. */
export async function serve(environment = {}) {
  const data = mkdtempSync(join(tmpdir(), 'routebook-bench-'));
  const child = spawn(process.env.ROUTEBOOK_BIN, ['serve', '--listen', '127.0.0.1:0', '--data', data], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const origin = await new Promise((found, fail) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (address) found(address[0]);
    });
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
  });
  child.removeAllListeners('exit');
  return {
    origin,
    async stop() {
      const ended = new Promise((done) => child.on('exit', done));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Starts the browser ROUTEBOOK_CHROMIUM, by default Debian's. */
export function launch(chromium) {
  return chromium.launch({
    executablePath: process.env.ROUTEBOOK_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}
