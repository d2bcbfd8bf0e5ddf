// Shows the times of a page in the time zone of its reader. Without it they are in UTC.
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
});
for (const time of document.querySelectorAll('time[data-local]')) {
  time.title = time.textContent;
  time.textContent = format.format(new Date(time.dateTime));
}
