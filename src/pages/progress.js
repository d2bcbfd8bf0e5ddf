// Marks the links to lessons that were opened or read. For visitors this is known in this browser only; a lesson is read when its
// end was in view. Pages for members have the marks of the account, to which what was read is sent, as is what the browser knows
// from before the login.
const READ = 'routebook-lessons';
const RANKS = ['opened', 'read', 'done'];
const readProgress = () => {
  try { return JSON.parse(localStorage.getItem(READ)) ?? {}; } catch { return {}; }
};
const lesson = document.querySelector('.site-nav a[data-lesson][aria-current]')?.dataset.lesson;
const descriptions = document.querySelector('link[data-islands]').dataset;
const showLessons = (lessons) => {
  for (const link of document.querySelectorAll('a[data-lesson]')) {
    const state = lessons?.[link.dataset.lesson];
    if (state !== 'opened' && state !== 'read') continue;
    if (RANKS.indexOf(state) <= RANKS.indexOf(link.dataset.progress)) continue;
    link.dataset.progress = state;
    // A link with another title, which says what the lesson is about, keeps it.
    if (!link.title || link.title === link.ariaDescription) link.title = descriptions[state];
    link.ariaDescription = descriptions[state];
  }
};
const showProgress = (progress) => {
  showLessons(progress.lessons);
  const lessons = [...document.querySelectorAll('.home a[data-lesson]')];
  const last = lessons.findIndex((link) => link.dataset.lesson === progress.last);
  // From a lesson that was read to its end, the next one.
  const next = lessons.slice(last).find((link) => progress.lessons?.[link.dataset.lesson] !== 'read');
  const resume = document.querySelector('.continue');
  if (last < 0 || !next || !resume) return;
  const link = resume.querySelector('a');
  link.href = next.href;
  link.textContent = next.textContent;
  resume.hidden = false;
};
const sendLessons = async (lessons) => {
  const body = new URLSearchParams(lessons);
  const { ok } = await fetch(`/${document.documentElement.lang}/progress`, { method: 'POST', body, keepalive: true });
  return ok;
};
// Shows the ticks, rings and due days of the account as the server renders them now.
const refreshMarks = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), 'text/html');
  for (const marks of ['.site-nav a[data-lesson]', '.site-nav .ring']) {
    const fresh = page.querySelectorAll(marks);
    document.querySelectorAll(marks).forEach((old, at) => fresh[at] && old.replaceWith(fresh[at]));
  }
};
const countPassed = () => document.querySelectorAll('.assessment [data-state="passed"]:is(.exercise-state, .quiz-form)').length;
const keepProgress = (state) => {
  if (isMember) {
    if (state === 'read') sendLessons([['read', lesson]]).then((ok) => ok && refreshMarks()).catch(() => {});
    return;
  }
  const progress = readProgress();
  progress.last = lesson;
  progress.lessons = { ...progress.lessons, [lesson]: progress.lessons?.[lesson] === 'read' ? 'read' : state };
  try { localStorage.setItem(READ, JSON.stringify(progress)); } catch { /* Storage may be refused. */ }
  showProgress(progress);
};
const moveToAccount = async () => {
  const { lessons, last } = readProgress();
  if (!lessons) return;
  const known = Object.entries(lessons).filter(([, state]) => state === 'opened' || state === 'read').slice(0, 900);
  if (!await sendLessons([...known.map(([path, state]) => [state, path]), ['last', last ?? '']])) return;
  localStorage.removeItem(READ);
  showLessons(lessons);
};
if (isMember) {
  moveToAccount().catch(() => {});
  let passed = countPassed();
  document.addEventListener('routebook-graded', () => {
    const before = passed;
    passed = countPassed();
    if (passed > before) refreshMarks().catch(() => {});
  });
}
if (lesson) {
  keepProgress('opened');
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    keepProgress('read');
  }).observe(document.querySelector('.neighbours'));
} else if (!isMember) showProgress(readProgress());
