skip-to-content = Skip to content
language = Language
lessons = Lessons
contents = Contents
on-this-page = On this page
neighbours = Previous and next lesson
previous = Previous
next = Next
minutes = { $count } min
footer = Every request on this site goes to a real server, on data that is yours alone.
login = Log in
logout = Log out

home-title = Learn REST APIs by sending requests
home-lead = Each lesson holds a form that sends a real request to a real API. Watch the reply, and see what changed in your own copy of the data.
home-request = A first request
home-path = The lessons in order

not-found-title = There is nothing at this address
not-found-text = The page was moved, or the address has a typing error.
not-found-home = To the front page

theme-label = Theme
theme-auto = Auto
theme-light = Light
theme-dark = Dark

copy-code = Copy
copy-done = Copied
tabs-label = Ways to write it

request-title = Request { $number }: { $method } { $target }
request-method = Method
request-target = Path and query
request-headers = Headers
request-header-name = Header name
request-header-value = Header value
request-body = Body
request-add-header = Add a header
request-send = Send
request-cancel = Cancel
request-reset = Back to the example
request-curl = Copy as curl
request-curl-copied = Copied. In a terminal this command works on the same data as this page.
request-curl-shown = The browser does not let pages copy here: select the command and copy it yourself.
request-hint = Ctrl or ⌘ + Enter sends

reply-cost = { $ms } ms · { $bytes } bytes
reply-headers = Headers ({ $count })
reply-body = Body of the reply
reply-no-body = The reply has no body.
reply-binary = The body is not text.
trace-title = What the server did ({ $count } steps)
trace-passed = passed:
trace-stopped = ended here:
trace-unreached = not reached:
reply-title = The reply
reply-request = What was sent
reply-back = Back to the lesson

send-offline = This device has no network. Connect, then send again.
send-unreachable = The server does not answer. It may be restarting: send again in a moment.
send-timeout = No reply came within 10 seconds. Send again, or look at what the server is busy with.
send-cancelled = Cancelled. Whether the server had already acted is not known: look at the data.
send-refused = The browser refused to send this request. Copy it as curl to send it from a terminal.

problem-method = A method is one word of letters, such as GET.
problem-method-forbidden = A browser will not send this method. Copy the request as curl.
problem-target-path = Begin the path with /api/, for example /api/users.
problem-target-host = A path that begins with // would go to another server. Begin it with /api/.
problem-target-character = The path has a character that cannot stand there, such as a backslash.
problem-target-fragment = What follows # never leaves the browser. Take it out, or write %23 for the character.
problem-target-outside = Only paths under /api/ can be called from here.
problem-target-stream = The event stream never ends, so it has no reply to show.
problem-header-name = A header name has no spaces and none of ( ) : ; < > @.
problem-header-forbidden = A browser will not send one of these headers. Copy the request as curl.
problem-header-value = A header value is one line.
problem-header-latin = A browser will not send these characters in a header. Copy the request as curl.
problem-body-forbidden = A browser sends no body with GET or HEAD. Empty it, or copy the request as curl.

data-title = Your users
data-change = Change
data-added = added
data-changed = changed
data-removed = removed
data-unchanged = Your data: nothing changed.
data-changes = Your data: { $added } added, { $changed } changed, { $removed } removed.

login-title = Log in
login-lead = Reading and sending requests need no account. An account is for your team's learning space.
login-email = E-mail
login-password = Password
login-wrong = The e-mail or the password is not right.
login-busy = Too many people are logging in at this moment. Try again in a few seconds.
login-required = Enter your e-mail and your password.
login-unavailable = Logging in is not possible right now. Reading and trying things out still works.
login-unreadable = The form that was sent could not be read. Try again from this page.
