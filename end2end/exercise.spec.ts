// Exercises are graded when a request arrives, from whatever client; quizzes are answered in the page.

import { execFileSync } from 'node:child_process';
import AxeBuilder from '@axe-core/playwright';
import { expect, playground, send, test } from './fixtures';

const card = '#exercise-create-an-admin';

test('an exercise ticks its steps when the form and curl have sent the requests', async ({ page, context, baseURL }) => {
  await page.goto('/en/methods/post');
  const exercise = page.locator(card);
  await expect(exercise.locator('.request-form')).toBeHidden();
  await exercise.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'started');

  const block = await playground(page, 'exercise-create-an-admin-request-1');
  await send(page, block, '201 Created');
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'failed');
  await expect(exercise.locator('.exercise-verdict')).toContainText('"member"');

  const key = (await context.cookies()).find((cookie) => cookie.name === 'sandbox')!.value;
  const body = '{"name":"Hana","email":"hana2@example.com","role":"admin"}';
  const headers = ['-H', `Sandbox-Key: ${key}`, '-H', 'Content-Type: application/json'];
  const sent = execFileSync('curl', ['-s', ...headers, '-d', body, `${baseURL}/api/users`], { encoding: 'utf8' });
  await expect(exercise.locator('.exercise-step').first()).toHaveAttribute('data-state', 'passed');
  execFileSync('curl', ['-s', ...headers, `${baseURL}/api/users/${JSON.parse(sent).id}`]);
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'passed');
  await expect(exercise.locator('.assessment > [role=status]')).toHaveText('Passed: 2 of 2 steps');

  // The page shows it again when the card is in view.
  await page.reload();
  await exercise.scrollIntoViewIfNeeded();
  await expect(exercise.locator('.exercise-state')).toHaveAttribute('data-state', 'passed');
  const found = await new AxeBuilder({ page }).include(card).analyze();
  expect(found.violations).toEqual([]);
});

test('an exercise ticks its steps when curl alone sends requests', async ({ page, context, baseURL }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/en/methods/post');
  const exercise = page.locator(card);
  await exercise.getByRole('button', { name: 'Start', exact: true }).click();
  const state = exercise.locator('.exercise-state');
  await expect(state).toHaveAttribute('data-state', 'started');
  // Nothing else of the page is touched.
  const key = (await context.cookies()).find((cookie) => cookie.name === 'sandbox')!.value;
  const headers = ['-H', `Sandbox-Key: ${key}`, '-H', 'Content-Type: application/json'];
  const body = JSON.stringify({ name: 'Hana', email: 'hana3@example.com', role: 'admin' });
  const sent = execFileSync('curl', ['-s', ...headers, '-d', body, `${baseURL}/api/users`], { encoding: 'utf8' });
  const step = exercise.locator('.exercise-step').first();
  await expect(step).toHaveAttribute('data-state', 'passed');
  // After a reload, too.
  await page.reload();
  await exercise.scrollIntoViewIfNeeded();
  await expect(step).toHaveAttribute('data-state', 'passed');
  execFileSync('curl', ['-s', ...headers, `${baseURL}/api/users/${JSON.parse(sent).id}`]);
  await expect(state).toHaveAttribute('data-state', 'passed');
});

test('a quiz keeps the first answer and takes later ones as practice', async ({ page }) => {
  await page.goto('/en/methods/post');
  const quiz = page.locator('#quiz-post');
  await quiz.locator('[name=created][value=a]').check();
  await quiz.getByRole('button', { name: 'Check answers' }).click();
  await expect(quiz.locator('.quiz-result')).toHaveAttribute('data-state', 'wrong');
  await quiz.locator('[name=created][value=c]').check();
  await quiz.getByRole('button', { name: 'Check answers' }).click();
  await expect(quiz.locator('.quiz-result')).toContainText('in practice: correct');
  await expect(quiz.locator('.quiz-status')).toContainText('0 of 3 correct, 2 not answered');
  await expect(page).toHaveURL(/\/en\/methods\/post$/);
});
