// Hydrates an island at the first sign that it is used. Until then, events that only scripts can handle are held; they are
// replayed afterwards, or their forms are sent as plain forms if the module cannot be had.
const ISLAND = 'leptos-island';
const { href, wasm, messages, css, member } = document.querySelector('link[data-islands]').dataset;
const isMember = member !== undefined;
const started = new WeakMap();
const released = new WeakSet();
const held = [];
let loading;

// After a logout, what a member left in this browser is removed: drafts, the session of the API, the key of the sandbox; requests that
// were saved stay. A login can give the browser the sandbox of the account, so the key of the one before is forgotten.
const MEMBER = 'routebook-member';
const isPrivate = (key) => key.startsWith('draft:') || ['routebook-session', 'routebook-user', 'routebook-sandbox', MEMBER].includes(key);
for (const name of ['localStorage', 'sessionStorage']) {
  try {
    const storage = window[name];
    const wasMember = storage.getItem(MEMBER) !== null;
    if (isMember && !wasMember) {
      storage.setItem(MEMBER, '');
      if (storage === localStorage) storage.setItem('routebook-sandbox', '1');
      else storage.removeItem('routebook-sandbox');
    } else if (wasMember && !isMember) Object.keys(storage).filter(isPrivate).forEach((key) => storage.removeItem(key));
  } catch { /* Storage may be refused. */ }
}

// The sandbox of the first request is created while the visitor presses Send and while the module loads.
let sandbox;
const createSandbox = () => {
  if (sandbox || isStored('routebook-sandbox')) return;
  sandbox = fetch('/api/sandbox', { method: 'POST' }).then(async (response) => (response.ok ? (await response.json()).key : null)).catch(() => null);
  load().then((module) => module.set_sandbox_request(sandbox), () => {});
};

const addStyle = () => new Promise((done) => {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: css, onload: done, onerror: done });
  document.head.append(link);
});
const messageText = async () => {
  const response = await fetch(messages);
  if (!response.ok) throw new Error(`${messages}: ${response.status}`);
  return response.text();
};
const load = () => loading ??= Promise.all([import(href), fetch(wasm), messageText(), css && addStyle()]).then(async ([module, code, texts]) => {
  await module.default({ module_or_path: code });
  module.start_islands(texts);
  return module;
}).catch((error) => { loading = undefined; throw error; });

const release = (island, isHydrated) => {
  released.add(island);
  for (const event of held.filter((event) => event.island === island)) {
    held.splice(held.indexOf(event), 1);
    event.button?.removeAttribute('aria-busy');
    // Without the module only a form can be sent.
    if (isHydrated || event.form) event.replay();
  }
};

const panelIsland = () => document.querySelector('#data-panel')?.closest(ISLAND);

const start = async (island) => {
  try {
    const module = await load();
    module.set_island_element(island);
    module[island.dataset.component](island);
    // The effects of the island run first.
    await new Promise((done) => setTimeout(done));
    island.dataset.hydrated = '';
    release(island, true);
    // The data panel and the history show what the requests of the page do.
    if (island.querySelector('.request-form')) hydrateAll('#data-panel, .exchange-history, .assessment');
  } catch (error) {
    console.warn(error);
    started.delete(island);
    release(island, false);
  }
};
const hydrate = (island) => {
  if (!started.has(island)) started.set(island, start(island));
};
const hydrateAll = (parts) => {
  for (const part of document.querySelectorAll(parts)) hydrate(part.closest(ISLAND));
};

// A change of a draft that no island stores yet, unless it may hold a secret.
const store = (form) => {
  const data = new FormData(form);
  const [names, values] = ['header-name', 'header-value'].map((name) => data.getAll(name));
  const headers = names.map((name, at) => ({ name, value: values[at] })).filter(({ name }) => name);
  const draft = JSON.stringify({ method: data.get('method'), target: data.get('target'), headers, body: data.get('body') });
  try {
    if (!/password|token|authorization|cookie|sandbox-key/i.test(draft)) sessionStorage.setItem(`draft:${location.pathname}#${form.id}`, draft);
  } catch { /* Storage may be refused. */ }
};

const hold = (event) => {
  const { target, submitter, type, key } = event;
  const island = target.closest?.(ISLAND);
  if (!island || released.has(island)) return;
  if (type === 'input') {
    if (target.form?.matches('.request-form')) store(target.form);
    return;
  }
  // What was pressed may be a part of the control, such as an icon, which cannot be clicked by a script.
  const control = target.closest('button[type=button]:not([popovertarget]), a[data-opens]');
  if (type === 'click' && !control) return;
  if (type === 'keydown' && !(key === 'Enter' && (event.ctrlKey || event.metaKey) && target.form)) return;
  event.preventDefault();
  event.stopPropagation();
  const form = type === 'submit' ? target : type === 'keydown' ? target.form : null;
  if (form) {
    // A second submission would cancel the first.
    if (held.some((other) => other.form === form)) return;
    const button = submitter ?? form.querySelector('[type=submit]');
    button?.setAttribute('aria-busy', 'true');
    if (form.matches('.request-form')) createSandbox();
    held.push({ island, form, button, replay: () => form.requestSubmit(submitter) });
  } else if (type === 'click') held.push({ island, replay: () => control.click() });
  else held.push({ island, replay: () => target.dispatchEvent(new Event(type, { bubbles: true })) });
  hydrate(island);
};
for (const type of ['submit', 'click', 'change', 'input', 'keydown']) addEventListener(type, hold, true);

// The definition of a term appears under the pointer and at the focus, too; a press and Escape need no script.
const define = ({ type, target, relatedTarget, pointerType }) => {
  const group = target.closest?.('.term-group');
  if (!group || pointerType === 'touch' || group.contains(relatedTarget)) return;
  group.lastElementChild.togglePopover?.(type === 'pointerover' || type === 'focusin');
};
for (const type of ['pointerover', 'pointerout', 'focusin', 'focusout']) addEventListener(type, define);

const use = ({ target, type }) => {
  if (type === 'pointerdown' && target.closest?.('.request-form [type=submit]')) createSandbox();
  if (target.closest?.('.data-panel-open')) hydrate(panelIsland());
  for (let island = target.closest?.(ISLAND); island; island = island.parentElement.closest(ISLAND)) hydrate(island);
};
for (const type of ['pointerover', 'pointerdown', 'focusin', 'keydown', 'dragenter', 'hydrate']) addEventListener(type, use, { passive: true });

const isStored = (key) => {
  try { return [sessionStorage, localStorage].some((storage) => storage.getItem(key) !== null); } catch { return false; }
};
// A request in the address: a draft, a saved request, one of the history, or an empty one.
const isLinked = () => /try=|^#(saved|exchange)=|^#new$/.test(location.hash);
for (const island of document.querySelectorAll(ISLAND)) {
  const form = island.querySelector('.request-form');
  const hasDraft = form && (isLinked() || isStored(`draft:${location.pathname}#${form.id}`));
  if (hasDraft || (island.querySelector(':scope > .tabs') && isStored('routebook-tab'))) hydrate(island);
}
addEventListener('hashchange', () => { if (isLinked()) hydrateAll('.request-form'); });
if (isStored('routebook-saved')) hydrateAll('.saved-requests');
// The data panel has the exchanges for the history.
if (isStored('routebook-sandbox') && document.querySelector('.exchange-history')) hydrateAll('#data-panel, .exchange-history');
// The page shows exercises and quizzes as they are before anything was done.
if (isStored('routebook-sandbox')) {
  const inView = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) hydrate(target.closest(ISLAND));
  });
  for (const card of document.querySelectorAll('.assessment')) inView.observe(card);
}
// Forms that are not hydrated show who sends them, too.
const showSession = () => {
  let session = {};
  try { session = JSON.parse(sessionStorage.getItem('routebook-session') ?? localStorage.getItem('routebook-user')) ?? {}; } catch { /* Storage may be refused. */ }
  const name = session.credentials === 'bearer' ? 'Bearer' : session.credentials === 'session' && session.name;
  for (const label of document.querySelectorAll(`${ISLAND}:not([data-hydrated]) [data-key=session] .tab-content`)) {
    const text = label.firstChild;
    label.dataset.nobody ??= text.data;
    const isOwn = label.closest('form').querySelector('[name=credentials]:checked').value === 'none';
    text.data = (!isOwn && name) || label.dataset.nobody;
  }
};
document.addEventListener('routebook-session', showSession);
showSession();
// The session of the other tabs, also while this tab has not loaded the module.
if (document.querySelector('.request-form')) {
  const tabs = new BroadcastChannel('routebook-session');
  tabs.onmessage = ({ data }) => {
    if (!data) return;
    try { sessionStorage.setItem('routebook-session', data); } catch { /* Storage may be refused. */ }
    showSession();
  };
  if (!isStored('routebook-session')) tabs.postMessage('');
}
// The page shows the data of a new sandbox; the data panel fetches that of a visitor who has one.
const panel = document.querySelector('.data-panel');
if (panel?.offsetWidth && isStored('routebook-sandbox')) hydrate(panel.closest(ISLAND));
const { theme = 'auto' } = document.documentElement.dataset;
for (const choice of document.querySelectorAll(`.theme-toggle [value=${theme}]`)) choice.checked = true;

// On a narrow screen the navigation covers the text until it is closed.
document.querySelector('.site-nav')?.addEventListener('click', ({ target, currentTarget }) => {
  if (target.closest('a') && matchMedia('(width < 50rem)').matches) currentTarget.open = false;
});

addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  document.querySelector('.palette-open').click();
});

// A closed section of the navigation stays closed on the next pages, except for that of the page.
const CLOSED = 'routebook-closed-sections';
const closedSections = () => {
  try { return JSON.parse(localStorage.getItem(CLOSED)) ?? []; } catch { return []; }
};
for (const section of document.querySelectorAll('.nav-section')) {
  const { section: slug } = section.dataset;
  if (closedSections().includes(slug) && !section.querySelector('[aria-current=page]')) section.open = false;
  section.addEventListener('toggle', () => {
    const closed = closedSections().filter((other) => other !== slug);
    if (!section.open) closed.push(slug);
    try { localStorage.setItem(CLOSED, JSON.stringify(closed)); } catch { /* Storage may be refused. */ }
  });
}

// The contents mark the last heading above the middle of the window.
const contents = [...document.querySelectorAll('.site-nav .toc a')];
const headings = contents.map(({ hash }) => document.querySelector(hash));
const markHeading = () => {
  const current = headings.findLastIndex((heading) => heading?.getBoundingClientRect().top < innerHeight / 2);
  contents.forEach((link, at) => { link.ariaCurrent = at === current ? 'location' : null; });
};
if (contents.length) {
  addEventListener('scroll', () => requestAnimationFrame(markHeading), { passive: true });
  markHeading();
}
