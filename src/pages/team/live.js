// Shows who is at work as it changes. Only the tab that is seen is connected, because a browser opens few connections to a site.
const list = document.getElementById('live-list');
const lost = document.getElementById('live-lost');
let events;
const connect = () => {
  events?.close();
  events = undefined;
  if (document.hidden) return;
  events = new EventSource(list.dataset.events);
  events.onmessage = ({ data }) => {
    lost.hidden = true;
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    // The server has escaped the names.
    list.innerHTML = data;
    if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  };
  events.onerror = () => { lost.hidden = false; };
};
document.addEventListener('visibilitychange', connect);
addEventListener('pagehide', () => events?.close());
addEventListener('pageshow', ({ persisted }) => { if (persisted) connect(); });
connect();
