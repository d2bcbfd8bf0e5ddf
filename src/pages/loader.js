const { href, dataset } = document.querySelector('link[data-islands]');
const wake = async () => {
  const islands = await import(href);
  await islands.default({ module_or_path: dataset.islands });
  islands.hydrate();
  for (const place of document.querySelectorAll('leptos-island')) {
    const island = islands[place.dataset.component];
    if (island) island(place);
    else console.warn(`no such island: ${place.dataset.component}`);
  }
};
if ('requestIdleCallback' in window) requestIdleCallback(wake, { timeout: 500 });
else setTimeout(wake);
