// Shows the times of a page in the time zone of its reader. Without it they are in UTC.
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
});
const showLocalTimes = () => {
  for (const time of document.querySelectorAll('time[data-local]')) {
    const local = format.format(new Date(time.dateTime));
    if (time.dataset.local === 'title') {
      time.title = local;
    } else {
      time.title = time.textContent;
      time.textContent = local;
    }
    delete time.dataset.local;
  }
};
showLocalTimes();
// The cards of lessons and the live list are replaced while the page is shown.
for (const part of document.querySelectorAll('.assessment, #live-list')) {
  new MutationObserver(showLocalTimes).observe(part, { childList: true, subtree: true });
}
