// Reading a lesson in both locales.

import { expect, test, hydrate } from './fixtures';

for (const [lang, other] of [
  ['ko', 'English'],
  ['en', '한국어'],
] as const) {
  test(`shows a lesson in ${lang} and switches to the other locale`, async ({ page }) => {
    await page.goto(`/${lang}/methods/get`);
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page).toHaveTitle(/Routebook/);
    await expect(page.locator('[aria-current=page]')).toHaveCount(1);
    await expect(page.locator('[aria-current=page]')).toHaveText(/GET/);

    // Follows a link of the table of contents, then switches to the same heading in the other locale.
    const contents = page.locator('.toc a');
    await contents.nth(1).click();
    const fragment = new URL(page.url()).hash;
    expect(fragment).toMatch(/^#[a-z0-9-]+$/);
    await page.getByRole('link', { name: other }).click();
    await page.waitForURL(/methods\/get/);
    expect(new URL(page.url()).hash).toBe(fragment);
    await expect(page.locator('html')).toHaveAttribute('lang', lang === 'ko' ? 'en' : 'ko');
    await expect(page.locator(fragment)).toBeInViewport();
  });
}

test('the chosen locale is used for an address without a locale', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/en$/);
  await page.getByRole('link', { name: '한국어' }).click();
  await expect(page).toHaveURL(/\/ko$/);
  await page.goto('/methods/get');
  await expect(page).toHaveURL(/\/ko\/methods\/get$/);
});

test('the next links lead from the front page through all lessons', async ({ page }) => {
  await page.goto('/en');
  const lessons = await page.locator('.chapters a').count();
  expect(lessons).toBe(17);
  await page.locator('.chapters a').first().click();
  for (let at = 1; at < lessons; at += 1) {
    const before = page.url();
    await page.getByRole('link', { name: /^Next/ }).click();
    await page.waitForURL((url) => url.href !== before);
  }
  await expect(page.getByRole('link', { name: /^Next/ })).toHaveCount(0);
  await expect(page.getByRole('link', { name: /^Previous/ })).toHaveCount(1);
});

test('the head of a page has its canonical address, its locales and its description', async ({ page }) => {
  await page.goto('/ko/methods/post');
  const href = (selector: string) => page.locator(selector).getAttribute('href');
  expect(await href('link[rel=canonical]')).toMatch(/\/ko\/methods\/post$/);
  expect(await href('link[hreflang=en]')).toMatch(/\/en\/methods\/post$/);
  expect(await href('link[hreflang=x-default]')).toMatch(/\/ko\/methods\/post$/);
  expect(await page.locator('meta[name=description]').getAttribute('content')).toBeTruthy();
});

test('code tabs change together, also by keyboard, and keep the choice on the next page', async ({ page }) => {
  await page.goto('/en/methods/get');
  await hydrate(page);
  const groups = page.locator('leptos-island[data-hydrated] > .tabs');
  await expect(groups.first()).toBeVisible();
  const panel = (key: string) => groups.first().locator(`[data-tab=${key}]`);
  await expect(panel('flask')).toBeVisible();
  await expect(panel('axum')).toBeHidden();
  await groups.first().getByRole('tab', { name: 'Flask' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(panel('axum')).toBeVisible();
  await expect(panel('flask')).toBeHidden();
  await expect(groups.first().getByRole('tab', { name: 'Axum' })).toBeFocused();
  for (const group of await groups.all()) {
    if ((await group.getByRole('tab', { name: 'Axum' }).count()) > 0) {
      await expect(group.getByRole('tab', { name: 'Axum' })).toHaveAttribute('aria-selected', 'true');
    }
  }
  await page.goto('/en/methods/post');
  await expect(page.locator('leptos-island[data-hydrated] > .tabs [data-tab=axum]').first()).toBeVisible();
});

test('the skip link moves the focus to the content', async ({ page }) => {
  await page.goto('/en/methods/get');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#content')).toBeFocused();
});

test('the contents mark the heading that is read, and a closed section stays closed on other pages', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/en/methods/post');
  const current = page.locator('.site-nav .toc [aria-current=location]');
  await page.locator('#your-turn').evaluate((heading) => heading.scrollIntoView({ block: 'start', behavior: 'instant' }));
  await expect(current).toHaveCount(1);
  await expect(current).toHaveAttribute('href', '#your-turn');
  await expect(page.locator('[aria-current=page]')).toHaveCount(1);
  const section = page.locator('.nav-section[data-section=methods]');
  await section.locator('summary').click();
  await expect(section).not.toHaveAttribute('open');
  await page.goto('/en/start/what-is-rest');
  await expect(section).not.toHaveAttribute('open');
  // The section of the page is open.
  await page.goto('/en/methods/get');
  await expect(section).toHaveAttribute('open');
});

test('an unknown address returns a page with status 404', async ({ page, console }) => {
  const response = await page.goto('/en/methods/nothing');
  expect(response!.status()).toBe(404);
  await console.expectPageStatus(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing at this address');
  await page.getByRole('link', { name: 'To the front page' }).click();
  await expect(page).toHaveURL(/\/en$/);
});

test('the theme changes, applies to the next page before the first paint, and can be reset', async ({ page }) => {
  const theme = (name: string) => page.getByRole('radio', { name });
  await page.goto('/en');
  await expect(theme('Auto')).toBeChecked();
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByTitle('Dark').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await background()).not.toBe(light);

  // The script in the head sets the theme before the body is parsed.
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      (window as unknown as { early: string }).early = document.documentElement.dataset.theme ?? 'none';
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto('/en/methods/get');
  expect(await page.evaluate(() => (window as unknown as { early: string }).early)).toBe('dark');
  await expect(theme('Dark')).toBeChecked();
  await page.getByTitle('Auto').click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
  expect(await background()).toBe(light);
});
