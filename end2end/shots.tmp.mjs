import { chromium } from '@playwright/test';
import { launch } from './bench.mjs';
import { readFileSync } from 'node:fs';
const base = 'http://127.0.0.1:3422';
const browser = await launch(chromium);
const link = readFileSync('/tmp/shots/log', 'utf8').match(/http:\/\/127.0.0.1:3422\/ko\/join\/\S+/)[0];
const admin = await browser.newContext({ locale: 'en' });
let page = await admin.newPage();
await page.goto(link.replace('/ko/', '/en/'));
await page.fill('[name=name]', 'Sora Kim'); await page.fill('[name=email]', 'lead@example.com'); await page.fill('[name=password]', 'correct horse battery');
await page.click('main button[type=submit]');
const post = (p, form) => page.request.post(base + p, { form, headers: { 'sec-fetch-site': 'same-origin', origin: base }, maxRedirects: 0 });
await post('/en/admin/groups', { name: 'Backend 1기' }); await post('/en/admin/groups', { name: 'Frontend' });
const r = await post('/en/admin/invitations', { do: 'create', role: 'learner', group: '1', days: '7', uses: '20' });
const join = (await r.text()).match(/\/en\/join\/[\w-]+/)[0];
const names = ['김하늘', '이준서', 'Ada Lovelace', '박서연', 'Alan Turing', '최민준', 'Grace Hopper', '정하은'];
for (const [i, name] of names.entries()) {
  const c = await browser.newContext();
  const p = await c.newPage();
  const send = (path, form) => p.request.post(base + path, { form, headers: { 'sec-fetch-site': 'same-origin', origin: base }, maxRedirects: 0 });
  await send(join, { name, email: `m${i}@example.com`, password: 'correct horse battery' });
  for (const l of ['start/first-request', 'methods/get', 'methods/post', 'methods/put', 'auth/sessions'].slice(0, i)) await send('/ko/progress', { read: l });
  if (i % 2) {
    await send('/ko/exercises/create-an-admin', { do: 'start' });
    for (let k = 0; k < i; k++) await p.request.post(base + '/api/users', { data: { name: 'A', email: `a${k}@b.co`, role: 'member' } });
    await send('/ko/exercises/create-an-admin', { do: 'check' });
    if (i > 3) await send('/ko/exercises/create-an-admin', { do: 'ask', question: 'role을 admin으로 보냈는데 왜 통과하지 못하나요?' });
  }
  if (i === 5) {
    for (const [w, t] of [[375, 'light'], [1440, 'dark']]) {
      const q = await c.newPage(); await q.setViewportSize({ width: w, height: 900 }); await q.emulateMedia({ colorScheme: t });
      for (const path of ['learn', 'account', 'account/second-factor', 'account/passkeys', 'methods/post', 'exercises/create-an-admin']) {
        await q.goto(`${base}/ko/${path}`); await q.screenshot({ path: `/tmp/shots/learner-${path.replaceAll('/', '_')}-${w}.png`, fullPage: path !== 'methods/post' });
      }
    }
  }
  await c.close();
}
for (const [w, t, l] of [[375, 'dark', 'ko'], [800, 'light', 'en'], [1440, 'light', 'en'], [2560, 'dark', 'ko']]) {
  await page.setViewportSize({ width: w, height: 900 }); await page.emulateMedia({ colorScheme: t });
  for (const path of ['team', 'team/lessons', 'team/stuck', 'team/assignments', 'team/live', 'team/members/6', 'admin/settings', 'admin/groups', 'admin/groups/1', 'admin/invitations', 'login', 'forgot']) {
    await page.goto(`${base}/${l}/${path}`); await page.screenshot({ path: `/tmp/shots/${path.replaceAll('/', '_')}-${w}.png`, fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log('overflow', path, w, over);
  }
}
await browser.close();
