// The response to a request: its line, where it is on the screen, and what its parts open.

import type { Locator, Page } from '@playwright/test';
import { expect, playground, send, show, test } from './fixtures';

// At 1440 × 900 and 200 % zoom a page has 720 × 450 pixels.
const sizes = [
  [320, 640],
  [375, 667],
  [800, 600],
  [1440, 900],
  [2560, 1440],
  [720, 450],
  [812, 375],
] as const;

/** Returns whether an element is inside the window and not behind the header. */
const isInView = (element: Locator) =>
  element.evaluate((element) => {
    const header = document.querySelector('.site-header')?.getBoundingClientRect().bottom ?? 0;
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > top && top >= Math.max(0, header) && bottom <= innerHeight;
  });

const scrolled = (page: Page) => page.evaluate(() => scrollY);

for (const reducedMotion of ['reduce', 'no-preference'] as const)
  test(`after Send the response line is in view at every size, motion ${reducedMotion}`, async ({ page }) => {
    test.setTimeout(90_000);
    await page.emulateMedia({ reducedMotion });
    for (const [width, height] of sizes) {
      await test.step(`${width} × ${height}`, async () => {
        await page.setViewportSize({ width, height });
        await page.goto('/en/methods/post');
        const block = await playground(page, 'create-user');
        const button = block.locator('.send');
        // The button is at the lower edge, so that the response is outside of the window.
        await button.evaluate((button) => button.scrollIntoView({ block: 'end', behavior: 'instant' }));
        await button.click();
        const line = block.locator('.response-status');
        await expect(line).toContainText(/201 Created|409 Conflict/);
        // What its parts open may reach beyond the window.
        const status = line.locator('.status');
        await expect.poll(() => isInView(status)).toBe(true);
        await expect(block.locator('.exchange')).toBeVisible();
        await expect.poll(() => isInView(status)).toBe(true);
        await expect(button).toBeFocused();
        expect(await block.evaluate((block) => block.getBoundingClientRect().right - innerWidth)).toBeLessThanOrEqual(0);
        // A line that is in view stays where it is.
        const before = await scrolled(page);
        await page.keyboard.press('Enter');
        await expect(block.locator('.response')).toHaveAttribute('aria-busy', 'false');
        await expect(block.locator('.exchange')).toBeVisible();
        if (reducedMotion === 'reduce') expect(await scrolled(page)).toBe(before);
      });
    }
  });

test('the response line has every part once, and each part leads further', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await send(page, block, '201 Created');
  const line = block.locator('.response-status');
  await expect(line).toHaveCount(1);
  await expect(line).toContainText(/^201 Created.*\d+ ms · \d+ B ✓ 6\/6 as expected.* 1 row added$/s);
  await expect(block.locator('.response .status')).toHaveCount(1);
  await line.locator('.status').click();
  await expect(line.getByText('A new resource was created', { exact: false })).toBeVisible();
  const checks = line.locator('.checks');
  await expect(checks).toBeHidden();
  await line.getByText('6/6 as expected').click();
  await expect(checks).toBeVisible();
  await expect(checks).toContainText('the header Location starts with "/api/users/"');
  await line.getByRole('link', { name: '1 row added' }).click();
  await expect(block.locator('[data-tab=data]')).toBeVisible();
  await expect(block.locator('.exchange-tabs [data-key=data]')).toBeFocused();
  await expect(block.locator('.changes li')).toContainText('user 13 added · name: "Seoa Yoon"');
});

test('a response is announced once', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  const live = block.locator('.response-announcement');
  await live.evaluate((live) => {
    const announced: string[] = [];
    (window as unknown as { announced: string[] }).announced = announced;
    new MutationObserver(() => live.textContent && announced.push(live.textContent)).observe(live, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await send(page, block, '201 Created');
  await expect(block.locator('.exchange')).toBeVisible();
  const announced = await page.evaluate(() => (window as unknown as { announced: string[] }).announced);
  expect(announced).toHaveLength(1);
  expect(announced[0]).toMatch(/^201 Created · \d+ ms · \d+ B$/);
});

test('a response from the cache of the browser is shown as one, and no request is recorded for it', async ({ page }) => {
  await page.goto('/en/get-and-post/compared');
  const block = await playground(page, 'fresh-for-30-seconds');
  const times: string[] = [];
  const notes: number[] = [];
  for (let sends = 0; sends < 2; sends += 1) {
    await send(page, block, '200 OK');
    times.push((await block.locator('.response-raw pre').textContent()) ?? '');
    notes.push(await block.getByText('Your browser took this response from its cache').count());
    // The time has whole seconds.
    await page.waitForTimeout(1100);
  }
  expect(times[0]).toMatch(/"time":\s*"2\d{3}-/);
  expect(times[1]).toBe(times[0]);
  expect(notes).toEqual([0, 1]);
  await expect(block.locator('.response-compare-same')).toContainText('the same Date and Request-Id');
  const recorded = () =>
    page.evaluate(async () => {
      const exchanges: { target: string }[] = await (await fetch('/api/sandbox/exchanges')).json();
      return exchanges.filter((exchange) => exchange.target === '/api/time').length;
    });
  expect(await recorded()).toBe(1);
  // Another form sends the same request to the server.
  const form = await playground(page, 'stored-response');
  await form.locator('.target-input').fill('/api/time');
  await send(page, form, '200 OK');
  expect(await recorded()).toBe(2);
});

test('a second send and a broken request are not judged as the first send', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  const line = block.locator('.response-status');
  const mutate = async (name: string, status: string) => {
    await block.getByRole('button', { name: 'Break it on purpose' }).click();
    await block.getByRole('button', { name }).click();
    await expect(line).toContainText(status);
    await expect(block.locator('.response')).toHaveAttribute('aria-busy', 'false');
  };
  await mutate('A trailing comma', '400 Bad Request');
  await expect(line).toContainText('broken on purpose: JSON does not parse');
  await expect(line).not.toContainText('as expected');
  // The draft is still broken.
  await send(page, block, '400 Bad Request');
  await expect(line).toContainText('broken on purpose');
  await block.getByRole('button', { name: 'Reset to the example' }).click();
  await send(page, block, '201 Created');
  await expect(line).toContainText('6/6 as expected');
  await send(page, block, '409 Conflict');
  await expect(line).toContainText('2/2 as expected');
  await expect(line).toContainText('no user changed');
  // The lesson states nothing of a third send.
  await send(page, block, '409 Conflict');
  await expect(line).not.toContainText('as expected');
});

test('a response is compared with the one before', async ({ page }) => {
  await page.goto('/en/methods/post');
  const block = await playground(page, 'create-user');
  await send(page, block, '201 Created');
  await expect(block.locator('.response-compare')).toHaveCount(0);
  await send(page, block, '409 Conflict');
  await expect(block.locator('.response-compare > summary')).toHaveText('Different from the response before: status, headers, body');
  await block.locator('.response-compare > summary').click();
  await expect(block.locator('.response-compare')).toContainText('− 201');
  await expect(block.locator('.response-compare')).toContainText('+ 409');
  await page.goto('/en/methods/get');
  const list = page.locator('.playground').first();
  const read = await playground(page, (await list.locator('section').getAttribute('id'))!);
  await send(page, read, '200 OK');
  await read.getByRole('button', { name: 'Send' }).click();
  await expect(read.locator('.response-compare-same')).toContainText('The same as the response before');
});

test('only the different lines of two responses are shown, the equal ones are folded', async ({ page, context, baseURL }) => {
  const { key } = await (await context.request.post(`${baseURL}/api/sandbox`)).json();
  await page.goto('/en/methods/get');
  const block = await playground(page, (await page.locator('.playground section').first().getAttribute('id'))!);
  await send(page, block, '200 OK');
  await context.request.patch(`${baseURL}/api/users/3`, {
    headers: { 'Sandbox-Key': key, 'Content-Type': 'application/merge-patch+json' },
    data: '{"bio":"Reads logs."}',
  });
  await block.getByRole('button', { name: 'Send' }).click();
  const compared = block.locator('.response-compare');
  await expect(compared.locator('> summary')).toHaveText(/^Different from the response before: (headers, )?body$/);
  await compared.locator('> summary').click();
  const body = compared.getByRole('group', { name: 'Body' });
  await expect(body.locator('.compared-added').first()).toHaveText('+     "bio": "Reads logs.",');
  const fold = body.locator('.compared-fold').first();
  await expect(fold.locator('summary')).toHaveText(/^\d+ equal lines$/);
  const first = body.locator('.compared', { hasText: '"id": 1,' });
  await expect(first).toBeHidden();
  await fold.locator('summary').click();
  await expect(first).toBeVisible();
});

test('what happened is a sentence and a waterfall with the step that decided', async ({ page }) => {
  await page.goto('/ko/methods/post');
  const block = await playground(page, 'create-user');
  await send(page, block, '201 Created');
  const trace = await show(block, 'trace');
  await expect(trace.locator('.trace-sentence')).toHaveText('user::create 핸들러가 실행되어 1행이 추가되었습니다.');
  await expect(trace.locator('.step-deciding > .step-sql > .step-row')).toContainText('INSERT INTO users');
  await expect(trace.locator('.trace-layers .step').first()).toBeHidden();
  await trace.locator('.trace-layers summary').first().click();
  await expect(trace.locator('.trace-layers .step').first()).toBeVisible();
  // No time has five digits of microseconds.
  for (const time of await trace.locator('.step-time').allTextContents()) expect(time).toMatch(/^$|^\d{1,3} µs$|^\d+\.\d ms$/);
  await send(page, block, '409 Conflict');
  await show(block, 'trace');
  await expect(trace.locator('.trace-sentence')).toContainText('데이터베이스에서 멈췄습니다: 다른 사용자가 이미 쓰는 이메일 주소입니다.');
  await expect(trace.locator('.step-stopped')).toContainText('여기서 멈춤');
  await expect(block.locator('.problem-translation')).toBeHidden();
  await show(block, 'body');
  await expect(block.locator('.problem-translation')).toContainText('다른 사용자가 이 이메일 주소를 쓰고 있습니다.');
});
