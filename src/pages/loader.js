const { href, wasm } = document.querySelector('link[data-islands]').dataset;
const inside = (event) => event.target.closest?.('[data-island]');
const held = [];
let begun, awake;
const load = async () => {
  const islands = await import(href);
  await islands.default({ module_or_path: wasm });
  islands.wake();
};
const wake = () => {
  begun ??= load()
    .then(() => { awake = true; for (const { again } of held) again(); })
    .catch((error) => { console.warn(error); awake = true; for (const { plain } of held) plain?.(); });
};
const send = (form, submitter) => {
  // Pressed again it would be a cancel.
  if (held.some((act) => act.form === form)) return;
  held.push({ form, again: () => form.requestSubmit(submitter), plain: () => form.submit() });
};
const hold = (event) => {
  if (awake || !inside(event)) return;
  const { target, submitter, type, key } = event;
  if (type === 'click' && !target.closest('button[type=button]')) return;
  if (type === 'keydown' && !(key === 'Enter' && (event.ctrlKey || event.metaKey) && target.form)) return;
  event.preventDefault();
  event.stopPropagation();
  if (type === 'submit') send(target, submitter);
  else if (type === 'keydown') send(target.form);
  else if (type === 'click') held.push({ again: () => target.click() });
  else held.push({ again: () => target.dispatchEvent(new Event(type, { bubbles: true })) });
  wake();
};
for (const type of ['submit', 'click', 'change', 'keydown']) addEventListener(type, hold, true);
for (const type of ['pointerover', 'pointerdown', 'focusin', 'keydown']) {
  addEventListener(type, (event) => { if (inside(event)) wake(); }, { passive: true });
}
const kept = () => {
  try {
    return Object.keys(localStorage).some((key) => key === 'routebook-tab' || key.startsWith(`draft:${location.pathname}#`));
  } catch { return false; }
};
if (location.hash.includes('try=') || kept()) wake();
const { theme = 'auto' } = document.documentElement.dataset;
for (const list of document.querySelectorAll('.theme-toggle select')) list.value = theme;
