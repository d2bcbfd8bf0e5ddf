const { href, wasm } = document.querySelector('link[data-islands]').dataset;
const isInIsland = (event) => event.target.closest?.('[data-island]');
const queue = [];
let loading, isHydrated;
const load = async () => {
  const islands = await import(href);
  await islands.default({ module_or_path: wasm });
  islands.hydrate();
};
const hydrate = () => {
  loading ??= load()
    .then(() => { isHydrated = true; for (const { replay } of queue) replay(); })
    .catch((error) => { console.warn(error); isHydrated = true; for (const { submitPlain } of queue) submitPlain?.(); });
};
const queueSubmit = (form, submitter) => {
  // A second submit would cancel the request of the first.
  if (queue.some((entry) => entry.form === form)) return;
  queue.push({ form, replay: () => form.requestSubmit(submitter), submitPlain: () => form.submit() });
};
const queueEvent = (event) => {
  if (isHydrated || !isInIsland(event)) return;
  const { target, submitter, type, key } = event;
  if (type === 'click' && !target.closest('button[type=button]')) return;
  if (type === 'keydown' && !(key === 'Enter' && (event.ctrlKey || event.metaKey) && target.form)) return;
  event.preventDefault();
  event.stopPropagation();
  if (type === 'submit') queueSubmit(target, submitter);
  else if (type === 'keydown') queueSubmit(target.form);
  else if (type === 'click') queue.push({ replay: () => target.click() });
  else queue.push({ replay: () => target.dispatchEvent(new Event(type, { bubbles: true })) });
  hydrate();
};
for (const type of ['submit', 'click', 'change', 'keydown']) addEventListener(type, queueEvent, true);
for (const type of ['pointerover', 'pointerdown', 'focusin', 'keydown']) {
  addEventListener(type, (event) => { if (isInIsland(event)) hydrate(); }, { passive: true });
}
const hasStoredState = () => {
  try {
    return Object.keys(localStorage).some((key) => key === 'routebook-tab' || key.startsWith(`draft:${location.pathname}#`));
  } catch { return false; }
};
if (location.hash.includes('try=') || hasStoredState()) hydrate();
const { theme = 'auto' } = document.documentElement.dataset;
for (const list of document.querySelectorAll('.theme-toggle select')) list.value = theme;
