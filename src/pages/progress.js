// Marks the links to lessons that were opened or read in this browser; a lesson is read when its end was in view.
const READ = 'routebook-lessons';
const readProgress = () => {
  try { return JSON.parse(localStorage.getItem(READ)) ?? {}; } catch { return {}; }
};
const lesson = document.querySelector('.site-nav a[data-lesson][aria-current]')?.dataset.lesson;
const descriptions = document.querySelector('link[data-islands]').dataset;
const showProgress = (progress) => {
  for (const link of document.querySelectorAll('a[data-lesson]')) {
    const state = progress.lessons?.[link.dataset.lesson];
    if (state !== 'opened' && state !== 'read') continue;
    link.dataset.progress = state;
    link.ariaDescription = descriptions[state];
  }
  const last = document.querySelector(`.home a[data-lesson="${CSS.escape(progress.last ?? '')}"]`);
  const resume = document.querySelector('.continue');
  if (!last || !resume) return;
  const link = resume.querySelector('a');
  link.href = last.href;
  link.textContent = last.textContent;
  resume.hidden = false;
};
const keepProgress = (state) => {
  const progress = readProgress();
  progress.last = lesson;
  progress.lessons = { ...progress.lessons, [lesson]: progress.lessons?.[lesson] === 'read' ? 'read' : state };
  try { localStorage.setItem(READ, JSON.stringify(progress)); } catch { /* Storage may be refused. */ }
  showProgress(progress);
};
if (lesson) {
  keepProgress('opened');
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    keepProgress('read');
  }).observe(document.querySelector('.neighbours'));
} else showProgress(readProgress());
