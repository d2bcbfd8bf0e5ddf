// Reloads the page when there is new content, and shows the findings about files that were changed. Only the tab that is
// seen is connected, because a browser opens few connections to a site.
const { version, title, outdated, errors, warnings } = document.currentScript.dataset;
const heading = document.createElement('summary');
const list = document.createElement('ul');
const box = document.createElement('details');
box.className = 'author-findings';
box.setAttribute('role', 'status');
box.append(heading, list);
// Reads as in the terminal. As text, because a finding repeats parts of files.
const item = ({ file, line, severity, rule, message }) => {
  const kind = Object.assign(document.createElement('b'), { className: severity, textContent: `${severity}[${rule}]` });
  const element = document.createElement('li');
  element.append(`${file}:${line}: `, kind, `: ${message}`);
  return element;
};
let events;
const show = ({ data }) => {
  const status = JSON.parse(data);
  if (status.version !== version) return location.reload();
  const count = (severity) => status.findings.filter((finding) => finding.severity === severity).length;
  heading.textContent = `${status.outdated ? outdated : title} – ${errors}: ${count('error')}, ${warnings}: ${count('warning')}`;
  list.replaceChildren(...status.findings.map(item));
  box.open = count('error') > 0;
  box.classList.toggle('has-errors', box.open);
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
