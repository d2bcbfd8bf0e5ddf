// What an author sees while a content folder is watched: changes at once, and findings about its files.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, ownServer, test } from './fixtures';

test('a saved file appears on the page, and an error in it is shown until it is corrected', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'routebook-author-'));
  execFileSync(process.env.ROUTEBOOK_BIN!, ['init', folder, '--locale', 'en,ko']);
  const server = await ownServer(['--content', folder, '--watch']);
  const file = join(folder, 'en/first-steps/first-lesson.md');
  const lesson = readFileSync(file, 'utf8');
  const change = (text: string) => writeFileSync(file, lesson.replace('This lesson is an example.', text));
  try {
    await server.start();
    await page.goto(`${server.origin}/en/first-steps/first-lesson`);
    const text = page.locator('.prose');
    await expect(text).toContainText('This lesson is an example.');

    const picture = page.getByRole('img', { name: 'The client sends GET /api/users/2' });
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    const [inner, outer] = await Promise.all([picture.boundingBox(), text.boundingBox()]);
    expect(inner!.width).toBeLessThanOrEqual(outer!.width);
    await expect(page.getByText('A request and its response', { exact: true })).toBeVisible();

    change('It is changed.');
    await expect(text).toContainText('It is changed.', { timeout: 15_000 });

    change('It is [wrong](x<b>.md).');
    const findings = page.locator('.author-findings');
    await expect(findings).toContainText('en/first-steps/first-lesson.md:8: error[link]: en/first-steps/x<b>.md', {
      timeout: 15_000,
    });
    await expect(findings).toContainText('the last valid content is shown');
    await expect(findings).toContainText('errors: 1, warnings: 0');
    await expect(text).toContainText('It is changed.');

    change('It is right.');
    await expect(text).toContainText('It is right.', { timeout: 15_000 });
    await expect(findings).toHaveCount(0);
    // The browser would report a stream that the server ends.
    await page.goto('about:blank');
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
});
