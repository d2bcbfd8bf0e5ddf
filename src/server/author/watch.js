// Reloads the page when there is new content, and shows the findings about files that were changed. Only the tab that is
// seen is connected, because a browser opens few connections to a site.
const { version, title, outdated } = document.currentScript.dataset;
const heading = document.createElement('summary');
const list = document.createElement('ul');
const box = document.createElement('details');
box.className = 'author-findings';
box.setAttribute('role', 'status');
box.append(heading, list);
let events;
const show = ({ data }) => {
  const status = JSON.parse(data);
  if (status.version !== version) return location.reload();
  heading.textContent = status.outdated ? outdated : title;
  // As text, because a finding repeats parts of files.
  list.replaceChildren(...status.findings.map((finding) => Object.assign(document.createElement('li'), { textContent: finding })));
  box.open = status.findings.some((finding) => finding.includes(': error['));
  if (status.findings.length) document.body.append(box);
  else box.remove();
};
const connect = () => {
  events?.close();
  events = undefined;
  if (document.hidden) return;
  events = new EventSource('/author/events');
  events.onmessage = show;
};
document.addEventListener('visibilitychange', connect);
// A stream that is open when the page is left would keep the browser from going back to it at once.
addEventListener('pagehide', () => events?.close());
addEventListener('pageshow', ({ persisted }) => { if (persisted) connect(); });
connect();
