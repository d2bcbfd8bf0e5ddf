(() => {
  const root = document.documentElement;
  const theme = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
  if (theme) root.dataset.theme = theme[1];
  root.dataset.js = '';
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) root.dataset.apple = '';
  addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a[data-language]');
    if (!link) return;
    link.hash = location.hash;
    document.cookie = `lang=${link.dataset.language}; Path=/; Max-Age=31536000; SameSite=Lax`;
  });
})();
