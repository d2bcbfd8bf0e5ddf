skip-to-content = Skip to content
skip-to-data = Skip to your data
language = Language
lessons = Lessons
contents = Contents
on-this-page = On this page
breadcrumb = Where you are
neighbours = Previous and next lesson
previous = Previous
next = Next
read-first = Read first:
glossary = Glossary
glossary-lead = The terms of these lessons, each in one or two sentences.
glossary-also = Also: { $words }
glossary-lessons = In the lessons
minutes = { $count } min
footer = Every request on this site goes to a real server and uses your own copy of the data.
login = Log in
logout = Log out
edit-page = Edit this page
last-updated = Last updated on { $day }
author-findings = Findings about the files
author-outdated = Findings about the files (until they are corrected, the last valid content is shown, or else the built-in lessons)
author-errors = errors
author-warnings = warnings
draft = Draft
draft-notice = This is a draft. Because of draft: true in its front matter it is only on sites that run with --drafts or --watch.
untranslated = This lesson has not been translated yet. Here it is in { $language }.
heading-link = Link to this section: { $heading }
alert-note = Note
alert-tip = Tip
alert-important = Important
alert-warning = Warning
alert-caution = Caution

home-title = Learn REST APIs by sending requests
home-lead = Each lesson has a form that sends a real request to a real API. You see the response, what the server did, and what changed in your own copy of the data.
home-start = Start with the first lesson
home-playground = Open the playground
home-hello = Hello, { $name }.
home-all-done = You have finished all lessons
home-due = lessons to do: { $count }
menu-answers = Menu, new answers of mentors: { $count }
home-answers = new answers of mentors: { $count }
home-continue = Continue
home-request = A first request
home-try = Try it here
home-try-text = No account, nothing to install. The request goes to the API of this site.
home-path = The lessons
home-audiences = For teams and for authors
home-teams = For teams
home-teams-text = One program with a database inside hosts the site for a team. Everyone has their own data, so nobody is in anybody’s way.
home-authors = For authors
home-authors-text = A lesson is a Markdown file in a folder. A block of the language http becomes a form, and a test sends every one of its requests before readers do.
home-illustration = A request adds a user: it is sent, the server reads, checks and stores it, and a row appears in the data.
home-loop-request = You send
home-loop-server = The server
home-loop-data = Your data
home-step-json = JSON is read
home-step-valid = Fields are valid
home-step-insert = INSERT INTO users
menu = Menu
progress-opened = opened before
progress-read = read
palette-open = Search
palette-label = Search lessons, endpoints, actions and saved requests
palette-close = Close the search
palette-none = Nothing matches. Try a part of a title or of a path, such as users.
palette-failed = The list could not be loaded. Close the search and open it again.
palette-actions = Actions
palette-saved = Saved requests
palette-request = New request
palette-data = Your data
palette-editor = Write or open a .http file

search-title = Search
search-title-query = Search: { $query }
search-label = Search the lessons
search-submit = Search
search-hint = Enter one or more words. Each result is a part of a lesson that contains all of them.
search-count = { $count ->
    [one] 1 result for “{ $query }”
   *[other] { $count } results for “{ $query }”
 }
search-none = No lesson contains “{ $query }”.
search-more = These are the best { $count } results. Add a word to find fewer.
search-elsewhere = { $count ->
    [one] 1 result in { $language }
   *[other] { $count } results in { $language }
 }
search-advice-fewer = Use fewer words: a result has to contain all of them.
search-advice-part = Enter only a part of a word, such as auth.
search-advice-terms = Try the word of the HTTP standard: a method, a status code or the name of a header.
search-failed = The search is not available right now. Try again in a moment.
search-passages = In the lessons
search-all = All { $count } results

not-found-title = There is nothing at this address
not-found-text = The page was moved, or the address is mistyped.
not-found-home = To the front page

theme-label = Theme
theme-auto = Auto
theme-light = Light
theme-dark = Dark

copy-code = Copy
copy-done = Copied
tabs-label = Code in different languages

diagram-yes = yes
diagram-no = no

sample-response = Sample response to request { $number }
sample-varies = … marks text that varies or is left out.
request-title = Request { $number }: { $method } { $target }
request-method = Method
request-target = Path and query
request-tabs = Parts of the request
request-params = Params
request-params-documented = Documented:
request-part-path = path
request-part-query = query
request-query-name = Name of the parameter
request-query-value = Value of the parameter
request-query-add = Add a query parameter
request-query-remove = Remove this parameter
request-headers = Headers
request-header-name = Header name
request-header-value = Header value
request-body = Body
request-session = API session
request-header-add = Add a header
request-send = Send
request-cancel = Cancel
request-reset = Reset
request-reset-label = Reset to the example
request-curl = Copy as curl
request-curl-copied = Copied. In a terminal this command works on the same data as this page.
request-curl-shown = The browser does not allow pages to copy here. Select the command and copy it yourself.

request-code-form = Language or tool
request-copy = Copy
request-copy-label = Copy as code
request-header-remove = Remove this header
request-format = Format
request-json-wrong = Invalid JSON at line { $line }, column { $column }. You can send it anyway; the server will report the same error.
request-break = Break it
request-break-label = Break it on purpose
request-break-hint = Sends the request with a mistake, or twice:
request-mutation-no-content-type = Without Content-Type
request-mutation-trailing-comma = A trailing comma
request-mutation-wrong-type = A number instead of text
request-mutation-wrong-method = A wrong method
request-mutation-stale-tag = A stale ETag
request-mutation-no-cookie = Not logged in
request-mutation-twice = Send twice
request-link = Link
request-link-label = Copy a link
request-link-copied = Copied. The link opens this form with its current content, without secrets. It does not send the request.
request-credentials = Who sends the request
request-credentials-user = { $name } (cookie)
request-credentials-session = User logged in to the sandbox (cookie)
request-credentials-bearer = Bearer: last token
request-credentials-none = No session
request-not-logged-in = none yet
request-session-hint-user = The browser sends the cookie of the last login to the sandbox. Your account of this site is something else.
request-session-hint-session = The user of the sandbox who logs in with POST /api/session. Your account of this site is something else.
request-session-hint-bearer = Adds the last token of a response: Authorization: Bearer …
request-session-hint-no-token = No response has contained a token yet. POST /api/tokens creates one.
request-session-hint-none = Sends no cookies, only the key of your sandbox.
request-session-shared = The choice holds for all requests in this browser. Copied code has it too.
request-session-own = This example is sent without cookies. A choice here holds for this request only.
request-pasted = Filled in from the curl command.
request-pasted-no-address = The curl command has no address. The request is unchanged.
request-pasted-option = This form has nothing for the curl option { $name }. The request is unchanged.
request-pasted-file = The curl command reads the file { $name }, which a page cannot read. The request is unchanged.
request-prompt-empty = Fill in “{ $name }” first.
request-unknown = { $name } has no value.
request-earlier-missing = This request needs a value from the response of “{ $earlier }”. Send that request first.
request-earlier-unknown = This request needs a value from the response of “{ $earlier }”, which works only with scripts. Copy the value from that response into the request.
request-too-large = With its values filled in, the request is longer than { $limit } KiB. Use shorter values.
request-to-response = Skip to the response

response-headers = Headers ({ $count })
response-body = Body of the response
response-no-body = The response has no body.
response-binary = The body is not text.
trace-passed = passed:
trace-stopped = ended here:
trace-unreached = not reached:
response-title = The response
response-request = The request
response-exercise = See the verdict of the exercise
response-back = Back to the lesson

send-offline = This device is offline. Connect, then send again.
send-unreachable = The server does not respond. It may be restarting: send again in a moment.
send-timeout = No response arrived within 10 seconds. Send the request again.
send-cancelled = Cancelled. The server may already have carried out the request: check the data.
send-refused = The browser refused to send this request. Copy it as curl to send it from a terminal.

problem-method = A method is one word of letters, such as GET.
problem-method-forbidden = A browser does not send the method { $name }.
problem-target-path = Begin the path with /api/, for example /api/users.
problem-target-host = A path that begins with // would go to another server. Begin it with /api/.
problem-target-character = The path contains a character that is not allowed, such as a backslash.
problem-target-fragment = The text after # is not sent to the server. Remove it, or write %23 for the character.
problem-target-outside = Only paths under /api/ can be called from here.
problem-target-stream = The event stream never ends, so it has no response to show.
problem-header-name = “{ $name }” is not a header name: it has a space or one of ( ) : ; < > @.
problem-header-forbidden = A browser does not send the header { $name }.
problem-header-value = The value of { $name } has a line break or another control character. Remove it.
problem-body-forbidden = A browser sends no body with GET or HEAD. Remove the body.
problem-no-token = No response has contained a token yet. Send POST /api/tokens first, or choose another session.
problem-target-long = The path with its query is too long: the server reads at most 8192 bytes. Send long data in a body.
problem-headers-many = There are too many headers: the server reads at most 100, and 3 are added to those written here.
problem-headers-long = All headers together are too long: the server reads at most 64 KiB of them.

data-title = Your users
data-change = Change
data-added = added
data-changed = changed
data-removed = removed
data-unchanged = Nothing changed in your data.
data-rows-added = { $count ->
    [one] 1 row added
   *[other] { $count } rows added
 }
data-rows-changed = { $count ->
    [one] 1 row changed
   *[other] { $count } rows changed
 }
data-rows-removed = { $count ->
    [one] 1 row removed
   *[other] { $count } rows removed
 }
data-rows-none = no user changed
data-changes-title = What changed
data-user = user { $id }

nav-playground = Playground
reference-title = Playground
reference-lead = Send any request to the API, or choose an endpoint from the list to see its parameters and responses. All requests use your own copy of the data.
reference-free = A request of your own
reference-empty = The response appears here.
reference-editor = Write, open or download a .http file
reference-editor-hint = Paste or write requests as in the lessons, separated by ###. Each request gets a form above.
reference-editor-text = Requests
reference-editor-fill = Create forms
reference-editor-error = Line { $line }, column { $column }: { $problem }
reference-editor-unknown = { $names } has no value. Write the value itself, or above the request a variable (@name = value) or a prompt (# @prompt name Label). A value of a response needs # @name above an earlier request.
reference-editor-too-large = With the values of its variables filled in, the file is longer than { $limit } KiB. Use shorter values, or split the file.
reference-editor-too-many-fields = The requests have too many headers and query parameters: at most { $limit } in one file. Split the file.
workspace-address-hint = A path, an address or a curl command
workspace-lists = saved requests, history
workspace-save = Save
workspace-save-label = Save under a name
workspace-cancel = Cancel
workspace-name = Name
workspace-saved = Saved as “{ $name }”. It is above the list of endpoints, in this browser.
workspace-saved-without = Saved as “{ $name }”, without the headers that carry credentials: they are not kept in the browser. When you send it, choose the session instead.
workspace-replace = “{ $name }” exists. Save again to replace it, or choose another name.
workspace-replaced = “{ $name }” is replaced.
workspace-name-missing = A name is missing.
workspace-name-taken = “{ $name }” exists already. Choose another name.
workspace-full = 100 requests are saved, which is the limit. Delete one first.
workspace-gone = The saved request is gone. It may have been deleted or renamed in another tab.
workspace-blocked = The browser does not let this site store anything, so requests cannot be saved. Download them as a .http file instead.
workspace-storage-full = The storage of the browser is full. Delete saved requests, or download this one as a .http file.
workspace-saved-title = Saved
workspace-saved-none = Nothing yet. Press Save in a request to keep it here under a name.
workspace-rename = Rename “{ $name }”
workspace-delete = Delete “{ $name }”
workspace-new-name = New name of “{ $name }”
workspace-renamed = Renamed to “{ $name }”.
workspace-deleted = “{ $name }” is deleted.
workspace-restored = “{ $name }” is restored.
workspace-undo = Undo
workspace-history-title = History
workspace-history-none = No requests yet. Send one: it appears here and can be opened in the form again.
workspace-history-all = All requests, in “Your data”
workspace-exchange = The whole exchange
workspace-exchange-gone = The request cannot be opened: its record is gone or does not contain the whole body.
workspace-open-file = Open a file
workspace-download = Download the requests as a file
workspace-file-hint = You can also drop a .http file here. The download contains all requests of this page and the key of your data, for editors such as VS Code.
workspace-file-too-large = The file is larger than 64 KiB. Split it into several files.
workspace-file-unreadable = The browser could not read the file.
workspace-downloaded = Downloaded: requests.http
workspace-not-printable = Request { $number } cannot be written into a .http file: its address is not a path, or a line of its body has a meaning of its own in such a file, such as ###.
reference-endpoints = Endpoints
reference-search = Search endpoints
reference-search-button = Search
reference-search-hint = A path, a method or a word
reference-search-count = { $count } of { $all } endpoints
reference-search-none = No endpoint matches “{ $query }”. Try a part of a path, such as users, or a method.
reference-search-all = Show all
reference-more-methods = HEAD and OPTIONS ({ $count })
reference-document = The OpenAPI document
reference-tag-users = Users
reference-tag-account = Login and tokens
reference-tag-sandbox = The sandbox
reference-tag-echo = Echo and status
reference-tag-service = The service
reference-try = Try it
reference-no-try = This is a stream that never ends, so it has no response to show here. In a terminal: curl -N and this address.
reference-access = Access and limits
reference-access-open = Open to everyone.
reference-access-sandbox = Open to everyone. The header Sandbox-Key or the cookie selects the copy of the data; without either, reads show the initial data.
reference-access-login = Needs a login: a session cookie or a bearer token, together with the sandbox they belong to.
reference-limit-rate = At most { $requests } requests a minute in one sandbox, { $writes } of them writes; beyond that 429.
reference-limit-body = A body has at most 64 KiB; beyond that 413.
reference-parameters = Parameters
reference-name = Name
reference-in-path = path
reference-in-query = query
reference-in-header = header
reference-in-cookie = cookie
reference-type = Schema
reference-characters = { $range } characters
reference-items = { $range } items
reference-default = default { $value }
reference-description = Description
reference-required = required
reference-optional = optional
reference-example = Example
reference-body = Request body
reference-body-optional = The body is optional.
reference-body-required = A body must be sent.
reference-responses = Responses
reference-responses-error = When it fails
reference-header = Header
reference-headers = Headers
reference-field = Field
reference-class-2 = Any other success status that was requested.
reference-class-3 = Any other redirect status that was requested.
reference-class-4 = Any other client error status that was requested.
reference-class-5 = Any other server error status that was requested.
download-http = All requests of this lesson as a .http file
print-section = All lessons of this section on one page, to print
print-hint = Print this page with your browser, or save it as a PDF. Exercises are graded and quizzes answered on the pages of the lessons.
print-request = Request { $number }
download-key = To act on your own data, get a key with POST { $origin }/api/sandbox and put it in the header Sandbox-Key.
operation-head = { $title }: headers only
operation-options = Methods of { $path }

operation-list-users = List users
operation-create-user = Create a user
operation-export-users = Export all users as a file
operation-delete-user = Delete a user
operation-show-user = Show a user
operation-update-user = Change some fields of a user
operation-replace-user = Replace or create a user
operation-stats = Statistics for admins
operation-show-me = Show the current user
operation-update-me = Change the current user
operation-log-in = Log in
operation-log-out = Log out
operation-show-session = Show the session
operation-list-tokens = List your tokens
operation-create-token = Create a token
operation-delete-token = Revoke a token
operation-show-token = Show a token
operation-show-sandbox = Show your sandbox
operation-create-sandbox = Create a sandbox
operation-update-sandbox = Change the behaviors of the sandbox
operation-delete-sandbox = Delete the sandbox
operation-events = Follow exchanges as they happen
operation-list-exchanges = List recorded exchanges
operation-show-exchange = Show a recorded exchange
operation-reset-sandbox = Reset the data
operation-undo = Undo the last change
operation-health = Check that the API is up
operation-time = Read the time of the server
operation-openapi = Get the OpenAPI document
operation-get-echo = Echo a GET request
operation-get-echo-below = Echo a GET request with a path
operation-get-status = Get any status with GET
operation-post-echo = Echo a POST request
operation-post-echo-below = Echo a POST request with a path
operation-post-status = Get any status with POST
operation-put-echo = Echo a PUT request
operation-put-echo-below = Echo a PUT request with a path
operation-put-status = Get any status with PUT
operation-patch-echo = Echo a PATCH request
operation-patch-echo-below = Echo a PATCH request with a path
operation-patch-status = Get any status with PATCH
operation-delete-echo = Echo a DELETE request
operation-delete-echo-below = Echo a DELETE request with a path
operation-delete-status = Get any status with DELETE

http-missing-request = a request line is missing: write one such as GET /api/users
http-too-many-blocks = a file has at most { $value } requests; split it into several files
http-not-a-request = this is not a request line: write a method and a path, as in GET /api/users; comments begin with #
http-missing-target = the path is missing after the method, as in GET /api/users
http-relative-target = a path begins with /, as in GET /api/users
http-absolute-target = requests go to this site only: write the path without the host
http-version = write HTTP/1.1 or leave the version out
http-response-for-request = this is a response; write a request here
http-indented-separator = write ### at the start of its line
http-control-character = remove the control character here
http-query-not-indented = indent a line that continues the query, below the request line
http-query-misplaced = write the lines that continue the query directly below the request line
http-query-malformed = write a query line as ?key=value or &key=value
http-query-mark = begin this query line with { $value }
http-header-without-colon = write a header as Name: value; an empty line comes before the body, ### before another request
http-header-name = a header name has letters, digits and hyphens, and the colon follows without a space
http-header-folded = a header is one line; an empty line comes before the body
http-comment-among-headers = write comments and # @… lines above the request line
http-multipart = multipart bodies are not supported; send JSON or a URL-encoded form
http-file-reference = references to files are not supported: write the body itself
http-script = scripts are not supported: state what you expect with # @expect
http-unknown-directive = # @{ $value } is not known: use id, name, prompt, expect, predict, note, no-redirect, no-cookie-jar or browser-cache
http-directive-without-value = # @{ $value } needs a value
http-directive-with-value = # @{ $value } takes no value
http-repeated-directive = # @{ $value } appears twice; keep one
http-id = write the id in lower-case letters, digits and hyphens, as in list-users
http-duplicate-id = a request above has the id { $value }; choose another
http-name = a name begins with a letter or _ and continues with letters, digits, _ and -
http-duplicate-name = a request above has the name { $value }; choose another
http-duplicate-variable = the request already has a variable { $value }; choose another name
http-variable-without-value = write a variable as @name = value
http-expectation = write what you expect as in # @expect status == 201
http-unclosed-placeholder = {"}}"} is missing after {"{{"}
http-placeholder = write the name of a variable, a value of an earlier response, or $guid, $timestamp, $randomInt 1 9 or $datetime iso8601 between {"{{"} and {"}}"}
http-sample-body = the body is not JSON
http-status-line = a response begins with a status line, as in HTTP/1.1 201 Created

explain-more = More on { $name }

explain-status-200 = The request succeeded; the body contains the result.
explain-status-201 = A new resource was created; Location contains its address.
explain-status-202 = The server accepted the request and will process it later; this response does not contain the result.
explain-status-203 = The request succeeded, but a server in between, such as a proxy, changed the response.
explain-status-204 = The request succeeded, and the response has no body.
explain-status-205 = The request succeeded; the client should reset its form.
explain-status-206 = The body contains only the requested range; Content-Range says which one.
explain-status-207 = The body contains several statuses, one for each part of the request.
explain-status-208 = This member was listed earlier in the same response, so it is not repeated.
explain-status-226 = The body is the difference from the version that the client has.
explain-status-300 = There are several versions; the client chooses one.
explain-status-301 = The resource has moved permanently: use the address in Location from now on.
explain-status-302 = The resource is temporarily at the address in Location; keep using the old address.
explain-status-303 = The response is at another address: fetch the address in Location with GET.
explain-status-304 = Your copy is still current, so the body is not sent again.
explain-status-305 = An old status that named a proxy to use; it is no longer used.
explain-status-307 = The resource is temporarily elsewhere: send the same method and body to the address in Location.
explain-status-308 = The resource has moved permanently: send the same method and body to the address in Location.
explain-status-400 = The server cannot read the request: its syntax is wrong, such as malformed JSON.
explain-status-401 = The server does not know who you are: log in, or send a valid token.
explain-status-402 = Reserved for payment; some services use it when a plan has run out.
explain-status-403 = The server understood the request but refuses it, usually because this user does not have permission.
explain-status-404 = There is nothing at this address, or the server does not reveal that there is.
explain-status-405 = The address exists but does not support this method; Allow lists the supported ones.
explain-status-406 = The server has none of the formats that Accept lists.
explain-status-407 = A proxy in between requires a login first.
explain-status-408 = The rest of the request did not arrive in time.
explain-status-409 = The request conflicts with the current state, such as an email address that is already used.
explain-status-410 = The resource existed and was removed permanently.
explain-status-411 = The server requires the length of the body: Content-Length is missing.
explain-status-412 = A condition such as If-Match does not hold: the resource has changed since you read it, so nothing was done.
explain-status-413 = The body is larger than the server accepts.
explain-status-414 = The address is longer than the server accepts.
explain-status-415 = The server does not accept this media type; Content-Type is missing or names a type that it cannot read.
explain-status-416 = The requested range is beyond the end.
explain-status-417 = The server cannot fulfill the header Expect.
explain-status-421 = This server is not responsible for the host in the request.
explain-status-422 = The body can be read, but its values are not valid; errors says which ones and why.
explain-status-423 = The resource is locked.
explain-status-424 = The request was not carried out because another step that it depends on failed.
explain-status-425 = The server does not process data that arrived so early that it could be a copy sent by somebody else.
explain-status-426 = The server requires another protocol; Upgrade names it.
explain-status-428 = The server requires a condition for this change: send If-Match with the ETag that you read.
explain-status-429 = Too many requests in a short time; Retry-After says when to send again.
explain-status-431 = The headers are larger than the server accepts.
explain-status-451 = The resource must not be shown for legal reasons.
explain-status-500 = An error occurred in the server; the request itself may be correct.
explain-status-501 = The server does not support this method at all.
explain-status-502 = A server in between received an invalid response from the server behind it.
explain-status-503 = The server cannot respond now, because it is overloaded or under maintenance; try again later.
explain-status-504 = A server in between waited too long for the server behind it.
explain-status-505 = The server does not support this version of HTTP.
explain-status-506 = The content negotiation of the server is configured wrongly and leads back to itself.
explain-status-507 = There is not enough storage to carry out the request.
explain-status-508 = The server detected an infinite loop and stopped.
explain-status-511 = The network requires a login first, for example in a hotel.

explain-method-get = GET reads. The client asks for no change, so it may be repeated, cached and prefetched.
explain-method-head = HEAD asks for the same headers as GET, without the body.
explain-method-post = POST sends data for the server to process, most often to create a resource. Sent twice, it may take effect twice.
explain-method-put = PUT replaces the whole resource at the address. Sent twice, the result is the same.
explain-method-patch = PATCH changes some fields and leaves the others unchanged.
explain-method-delete = DELETE removes the resource. Sent again, there is nothing left to remove: the state stays the same.
explain-method-options = OPTIONS asks which methods an address supports; Allow lists them.

explain-header-accept = The formats the client can read, best first; the server chooses one of them.
explain-header-accept-encoding = The compressions that the client can decode.
explain-header-accept-language = The languages that the user prefers.
explain-header-accept-patch = The media types that PATCH accepts at this address.
explain-header-accept-ranges = Says that ranges can be requested, and in which unit.
explain-header-allow = The methods that this address supports.
explain-header-authorization = The credentials of the client: here a token after the word Bearer.
explain-header-cache-control = Who may store the response, and for how long.
explain-header-connection = Whether the connection stays open after this message.
explain-header-content-disposition = Says that the body is to be saved as a file, and under which name.
explain-header-content-encoding = How the body is compressed.
explain-header-content-length = The length of the body in bytes.
explain-header-content-location = The address of exactly this representation.
explain-header-content-range = Which bytes of the whole are in the body.
explain-header-content-security-policy = What a browser may load and run when it shows this response.
explain-header-content-type = The media type of the body: how its bytes are to be read.
explain-header-cookie = The cookies that this server set earlier; a browser adds them automatically.
explain-header-cross-origin-embedder-policy = Says that the page loads only resources that allow other sites to load them.
explain-header-cross-origin-opener-policy = Keeps pages of other sites from accessing this window.
explain-header-cross-origin-resource-policy = Says which sites may load this response into their pages.
explain-header-permissions-policy = Which functions of the browser, such as the camera, the page may use.
explain-header-strict-transport-security = Tells the browser to use only HTTPS for this site from now on.
explain-header-x-frame-options = Keeps other sites from showing this page in a frame.
explain-header-date = When the server created the response.
explain-header-etag = The version of the content. Send it back in If-None-Match or If-Match.
explain-header-exchange-group = Puts the request into a group of the sandbox's record; the value none keeps it out of the record. Only this API has it.
explain-header-host = The name of the requested site; one server can serve several.
explain-header-idempotency-key = A name for this attempt: sent again with the same key, the request is not carried out twice.
explain-header-idempotency-replayed = Says that this is the stored response to an earlier request with the same Idempotency-Key.
explain-header-if-match = Carry out the request only if the resource still has this ETag; otherwise 412. It keeps two people from overwriting each other's changes.
explain-header-if-modified-since = Send the body only if it has changed since this date; otherwise 304.
explain-header-if-none-match = Carry out the request only if the ETag is different; otherwise 304 for GET and HEAD, 412 for others.
explain-header-if-range = Send the range only if the content has not changed; otherwise send all of it.
explain-header-if-unmodified-since = Carry out the request only if nothing has changed since this date; otherwise 412.
explain-header-last-event-id = The last event that the client received; the stream continues after it.
explain-header-last-modified = When the content last changed.
explain-header-link = Addresses related to this response, such as the next page.
explain-header-location = The next address: the new resource after 201, the target of a redirect after 3xx.
explain-header-origin = The site whose page made the browser send this.
explain-header-range = Which part of the content is requested, such as the first thousand bytes.
explain-header-ratelimit = How many requests are left, and when they are refilled.
explain-header-ratelimit-policy = How many requests are allowed in what time.
explain-header-referer = The page from which the request came.
explain-header-referrer-policy = How much of its address a page may tell other sites.
explain-header-request-id = The identifier of this exchange in the record of the server.
explain-header-retry-after = How many seconds to wait before sending again.
explain-header-sandbox-key = Selects your own copy of the data. Only this API has it.
explain-header-sec-fetch-site = Set by the browser: whether the request comes from this site or from another one.
explain-header-set-cookie = Asks the browser to keep a cookie and to send it with later requests.
explain-header-total-count = How many entries the whole list has, not only this page.
explain-header-transfer-encoding = How the body is transferred; chunked means in parts, without a length in advance.
explain-header-user-agent = The program that sent the request.
explain-header-vary = The request headers that this response depends on; a cache keeps one copy for each.
explain-header-www-authenticate = How to log in here: every 401 contains it.
explain-header-x-content-type-options = Keeps the browser from guessing another media type than Content-Type says.

explain-cookie-httponly = Scripts in the page cannot read this cookie, so an injected script cannot steal it.
explain-cookie-secure = The cookie travels only over HTTPS.
explain-cookie-samesite = Whether the cookie is sent when another site causes the request: with Lax only when the request opens a page by a safe method, such as a link; with Strict never.
explain-cookie-path = The cookie is sent only to addresses that begin with this path.
explain-cookie-max-age = After this many seconds the browser deletes the cookie; 0 deletes it at once.
explain-cookie-expires = At this time the browser deletes the cookie.
explain-cookie-domain = The cookie is also sent to the subdomains of this domain.
explain-cookie-host-prefix = The browser accepts a cookie with the prefix __Host- only with Secure, without Domain and with Path=/, so no other host can have set it.
explain-cookie-name = The name and the value that are sent with later requests.
exchange-title = What the server recorded
exchange-back = Your data and requests
exchange-tabs = Parts of the exchange
exchange-body = Response
exchange-headers = Headers
exchange-wire = Wire
exchange-trace = What happened
exchange-data = Data
exchange-code = Code
exchange-cut = Only the beginning of the body was recorded.
exchange-from-cache = Your browser took this response from its cache. No request was sent; the server did not run. Below is the record of the request whose response was stored.
exchange-hops = { $count ->
    [one] The response before this one
   *[other] { $count } responses before this one
 }
exchange-response-headers = Headers of the response
exchange-request-headers = Headers of the request
exchange-translation = In translation
response-unrecorded = Requests to /api/sandbox are never recorded, so there are no steps of this one to show. The response is complete.
response-lost = What the server recorded could not be fetched. The response above is complete.
response-no-sandbox = Nothing was recorded, because no sandbox could be created for you: too many were created from your network address or with your account. Try again later, or log in: members have a separate limit.
wire-request = The request, as the server received it
wire-response = The response, as the server sent it
wire-you = you
wire-browser = browser
wire-proxy = proxy
wire-page = this page
wire-mask = (hidden)
wire-masked = Passwords, keys and tokens are masked in the record.
wire-added = The server then adds Date and the security headers of the site, and compresses the body if the client accepts that (Content-Encoding).
wire-cut = … { $bytes } bytes in total
trace-end = { $status } after { $time } on the server
trace-stop-layer = Stopped in the layer { $name }
trace-stop-route = Stopped at the route
trace-stop-extractor = Stopped in the extractor { $name }
trace-stop-authentication = Stopped at authentication
trace-stop-authorization = Stopped at authorization
trace-stop-handler = Stopped in the handler { $name }
trace-stop-validation = Stopped at validation
trace-stop-precondition = Stopped at the precondition
trace-stop-database = Stopped at the database
trace-stop-response = Stopped while the response was built
trace-ran-nothing = The handler { $name } ran, and nothing was changed.
trace-ran-added = The handler { $name } ran, and { $count ->
    [one] one row was added
   *[other] { $count } rows were added
 }.
trace-ran-changed = The handler { $name } ran, and { $count ->
    [one] one row was changed
   *[other] { $count } rows were changed
 }.
trace-ran-removed = The handler { $name } ran, and { $count ->
    [one] one row was removed
   *[other] { $count } rows were removed
 }.
trace-ran-several = The handler { $name } ran, and { $count } rows were written.
trace-not-modified = The handler { $name } ran. The client has the current representation, so the response has no body.
trace-unhandled = The response was made before a handler ran.
trace-unrecorded = The steps of this request are not recorded.
trace-wrote-nothing = Nothing was written.
trace-wrote-rows = { $count ->
    [one] One row was written.
   *[other] { $count } rows were written.
 }
trace-layers = { $count ->
    [one] 1 layer passed
   *[other] { $count } layers passed
 }
trace-statement = SQL statement
trace-label-stopped = ended here
trace-label-unreached = not reached
trace-label-deciding = decided the response
trace-rows-returned = { $count ->
    [one] 1 row returned
   *[other] { $count } rows returned
 }
trace-rows-inserted = { $count ->
    [one] 1 row inserted
   *[other] { $count } rows inserted
 }
trace-rows-updated = { $count ->
    [one] 1 row updated
   *[other] { $count } rows updated
 }
trace-rows-deleted = { $count ->
    [one] 1 row deleted
   *[other] { $count } rows deleted
 }
trace-rows-written = { $count ->
    [one] 1 row written
   *[other] { $count } rows written
 }
trace-kind-layer = layer
trace-kind-route = route
trace-kind-extractor = extractor
trace-kind-authentication = authentication
trace-kind-authorization = authorization
trace-kind-handler = handler
trace-kind-validation = validation
trace-kind-precondition = precondition
trace-kind-sql = SQL
trace-kind-constraint = constraint
trace-kind-response = response
code-intro = The function that handled this request, from the source code of the running server.
code-none = No handler ran, because the request ended earlier. “What happened” shows where.
code-unreached = The function of this route, which did not run because the request ended earlier. “What happened” shows where.
code-axum = axum, as it runs here
code-axum-unreached = axum, which did not run
code-flask = The same in Flask
check-title = What this example expects
check-count = { $held }/{ $all } as expected
check-passed = as expected:
check-failed = not as expected:
check-differs = The example expects this of its own request, in the data that the lesson begins with. After a change of either, another response can be right.
check-actual = but it is { $actual }
check-absent = missing
check-not-json = not JSON
check-unknown = not known
expect-status = the status
expect-header = the header { $name }
expect-body = { $path } in the body
expect-query = the query parameter { $name }
expect-request-header = the request header { $name }
expect-request-body = { $path } in the request body
expect-rows-after = { $path } in the users after the request
expect-rows-added = the number of rows added
expect-rows-changed = the number of rows changed
expect-rows-removed = the number of rows removed
expect-exists = { $subject } is there
expect-body-exists = the body has { $path }
expect-body-equal = the body has { $path } = { $value }
expect-number = { $subject } is a number
expect-equal = { $subject } is { $value }
expect-not-equal = { $subject } is not { $value }
expect-greater = { $subject } is greater than { $value }
expect-greater-or-equal = { $subject } is at least { $value }
expect-less = { $subject } is less than { $value }
expect-less-or-equal = { $subject } is at most { $value }
expect-starts-with = { $subject } starts with { $value }
expect-ends-with = { $subject } ends with { $value }
expect-includes = { $subject } contains { $value }
expect-paths = { $root } is the whole JSON body; { $member } is its member id.
broken-on-purpose = broken on purpose: { $how }
broken-no-content-type = no Content-Type
broken-trailing-comma = JSON does not parse
broken-wrong-type = a number instead of text
broken-wrong-method = wrong method
broken-stale-tag = stale ETag
broken-no-cookie = not logged in
predict-title = What will happen?
predict-status = Status code
predict-changes = Will your data change?
predict-yes = Yes
predict-no = No
predict-choose = Choose
predict-right = Your prediction was right.
predict-right-status = You predicted the status, and not whether the data changes.
predict-step = Show the step that decided the response.
predict-wrong = Neither the status nor the data change matched your prediction.
predict-wrong-status = The data change matched your prediction, the status did not.
predict-wrong-status-alone = The status did not match your prediction. Whether the data changes was not predicted.
predict-wrong-rows = The status matched your prediction, the data change did not.
response-raw = Raw body
response-cut = The first { $shown } KiB of { $bytes } bytes are shown.
response-download = Download the whole body
response-compare = Different from the response before: { $parts }
response-compare-none = There is no earlier response to the same request to compare with.
response-compare-equal = { $count ->
    [one] 1 equal line
   *[other] { $count } equal lines
 }
response-compare-identical = The same as the response before, with the same Date and Request-Id.
response-compare-same = The same as the response before, apart from Date, Request-Id and RateLimit.
response-compare-status = Status
response-compare-headers = Headers
response-compare-body = Body
response-compare-other = The bodies differ.

data-panel-title = Your data
data-panel-close = Close
data-panel-empty = Here you see your users and their changes, every request that you send, and switches for the behavior of the API.
data-panel-page = Open on a separate page
data-panel-lead = Your sandbox: your own copy of the data behind the API, the behavior of the API, and every request that was sent to it, from a page or a terminal.
data-panel-back-to = Back to the lesson
data-panel-loading = Loading …
data-panel-offline = This device is offline. The data shown may be out of date.
data-panel-lost = The connection was lost. Trying again …
data-panel-refused = Changes are not shown at once at the moment, because too many pages are connected to the server. They are shown every ten seconds.
data-panel-failed = Your data could not be loaded. It will be loaded again with your next request.
data-panel-seed = These are the users that everyone begins with. The first request that you send creates your own sandbox.
data-panel-users = Users ({ $count })
data-panel-more = The first { $shown } of { $count } are shown.
data-panel-undo = Undo the last change
data-panel-undo-what = Last change: { $request }
data-panel-reset = Reset all
data-panel-reset-note = This puts the users back to how they were at the beginning, logs you out, revokes all tokens, turns the switches off, and deletes the list of requests. “Undo the last change” brings the users and the switches back, but not the login, the tokens and the list of requests.
data-panel-reset-now = Reset now
data-panel-lesson-restore = Restore this lesson’s data
data-panel-lesson-restore-note = This puts the users back to how this lesson begins, logs you out, revokes all tokens, turns the switches off, and deletes the list of requests. “Undo the last change” brings the users and the switches back, but not the login, the tokens and the list of requests.
data-panel-lesson-restore-now = Restore now
data-panel-lesson-differs = Your users are not those with which this lesson begins ({ $changes }). Responses may differ from its text.
data-panel-lesson-keep = Keep my data
data-panel-behaviors = Behavior of the API
data-panel-behaviors-on = changed: { $count }
data-panel-apply = Apply
data-panel-active = Switches that are on
data-panel-off = off
data-panel-require-auth = Require a login
data-panel-require-auth-note = Writes without a login get 401, and only an admin may delete.
data-panel-require-if-match = Require If-Match
data-panel-require-if-match-note = PUT, PATCH and DELETE without a condition get 428.
data-panel-require-idempotency-key = Require an Idempotency-Key
data-panel-require-idempotency-key-note = POST without the header gets 400.
data-panel-latency-ms = Delay in milliseconds
data-panel-latency-ms-note = Every request is delayed by this time, at most 5000.
data-panel-fail-every = Fail every n-th request
data-panel-fail-every-note = It gets 503. With 1, every request does.
data-panel-rate-limit = Requests per minute
data-panel-rate-limit-note = Further requests get 429.
data-panel-stream = Requests
data-panel-search = Search the requests
data-panel-find = Search
data-panel-none = No requests yet. Send a request from a lesson, or run a command copied as curl: it appears here.
data-panel-none-found = No request contains “{ $search }”.
data-panel-changed = rows changed: { $count }
data-panel-back = Back to the list
data-panel-restore = Open in a form
data-panel-share = Copy a link to this request
data-panel-shared = The link is copied. It contains the request without credentials.
data-panel-body-cut = The body was too large to be recorded completely, so the request cannot be opened in a form.
data-panel-whole = The whole exchange
data-panel-gone = This request is no longer recorded.
data-panel-problem-nothing = There is no change to undo.
data-panel-problem-changed = The change cannot be undone: the user was changed in another way since. Change the user yourself, or reset everything.
data-panel-problem-taken = The change cannot be undone: another user has that email address now.
data-panel-problem-values = Nothing was changed: numbers must be whole and within their limits.
data-panel-problem-room = Not carried out: this lesson begins with more users than a sandbox of this site may have. Tell an admin of the site.
data-panel-problem-busy = This is not possible at the moment. Try again shortly.
data-panel-problem-writes = Not carried out: this sandbox has reached its limit of writes per minute. Try again in a minute.
data-panel-problem-requests = Not carried out: this sandbox has reached its limit of requests per minute. Try again in a minute.
data-panel-problem-address = Not carried out: the limit of new sandboxes for your network address is reached. Try again later, or log in: members have a separate limit.
data-panel-problem-account = Not carried out: the limit of new sandboxes for your account is reached. Try again within the hour.

login-title = Log in
login-lead = Reading and sending requests need no account. Accounts are for the learning space of your team. The users in the lessons, such as Grace Hopper, are data of your sandbox: they log in with requests to the API, not here.
login-email = Email
login-password = Password
login-wrong = The email or the password is wrong.
login-busy = Too many people are logging in at this moment. Try again in a few seconds.
login-throttled = { $seconds ->
    [one] Too many failed attempts to log in. Try again in 1 second.
   *[other] Too many failed attempts to log in. Try again in { $seconds } seconds.
 }
login-required = Enter your email and your password.
login-unavailable = Logging in is not possible at the moment. Reading and sending requests still work.
login-unreadable = The form could not be read. Try again from this page.

assessment-continue = See what you have done here, and continue
assessment-back = Back to the lesson
assessment-refused = This did not work, because there were too many requests or the server is busy. Wait a moment and try again.

exercise-label = Your turn
exercise-request = Request { $number } of the exercise
exercise-state-new = Not started
exercise-state-started = In progress
exercise-state-failed = Not met yet
exercise-state-passed = Passed
exercise-message = { $state }: { $passed } of { $count } steps
exercise-attempt = Attempt { $number }
exercise-was-passed = Passed in an earlier attempt
exercise-any-client = Requests count from any client that uses your sandbox: the form below, curl, an editor.
exercise-sets-behaviors = Starting this exercise changes the switches of your sandbox, which are shown with your data.
exercise-left-behaviors = The switches that this exercise has set are still on, so other requests are answered by them too.
exercise-default-behaviors = Turn the switches off
exercise-other-behaviors = The switches of your sandbox are no longer those of this exercise. Start again to set them.
exercise-steps = Steps
exercise-step-passed = Passed:
exercise-step-failed = Not met:
exercise-step-waiting = Next:
exercise-step-later = Later:
exercise-came = You sent { $request }, and the response was { $status }. Not met yet:
exercise-request-query = The query of the request is not as this step needs it.
exercise-request-header = A header of the request is not as this step needs it.
exercise-request-body = The body of the request is not as this step needs it.
exercise-other-method = You last sent { $request } and received { $status }. This step needs a request with another method.
exercise-other-path = You last sent { $request } and received { $status }. The method is right; this step needs another path.
exercise-hints = Hints
exercise-solution-title = A solution
exercise-start = Start
exercise-restart = Start again…
exercise-restart-ask = The steps that this attempt has passed are lost, and you begin with the first step. Your data, hints and questions stay.
exercise-restart-passed = You begin with the first step in a new attempt. The exercise stays passed, and your data stay as they are.
exercise-restart-really = Start again now
exercise-check = Check
exercise-hint = Show hint { $number } of { $count }
exercise-solution = Show the solution

quiz-label = Quiz
quiz-single = Choose one.
quiz-multiple = Choose all that apply.
quiz-submit = Check answers
quiz-again = Take the quiz again (practice)
quiz-practice-note = Practice: answer again. Only your first answers count; you pass when all are correct, in practice too.
quiz-first-counts = The first answer to each question counts. Further answers are practice; you pass when all are correct, in practice too.
quiz-choose = Choose an answer to at least one question first.
quiz-score = Your first answers: { $correct } of { $count } correct.
quiz-score-unfinished = Your first answers: { $correct } of { $count } correct, { $left } not answered.
quiz-passed = Passed. You have answered every question correctly.
quiz-correct = Correct.
quiz-wrong = Not correct.
quiz-first-correct = Your first answer was correct.
quiz-first-wrong = Your first answer was not correct.
quiz-practice-correct = Your answer in practice: correct.
quiz-practice-wrong = Your answer in practice: not correct.
quiz-correct-option = correct
quiz-wrong-option = your answer, not correct

# Accounts and the administration.
to-home = To the front page
unavailable-title = Not possible at the moment
unavailable-text = The accounts of this site cannot be reached. Reading and sending requests still work. Try again in a minute.
forbidden-title = Only for admins
forbidden-text = Your account may not open this page. An admin of your team can give it another role.
link-invalid-title = This link is not valid
link-invalid-text = It was used or revoked, has expired, or is not complete. If you have an account already, log in; otherwise ask whoever sent the link for a new one.
role-admin = Admin
role-mentor = Mentor
role-learner = Learner
login-disabled = An admin has disabled this account.
login-first = Log in first, then do it again.
join-title = Create your account
join-lead = { $name } has invited you to this learning space. Your role: { $role }.
join-lead-first = This is the first account. It becomes the admin’s, with which you invite the others.
join-logged-in = You are logged in as { $name }. This link creates another account, and you are logged in with that one then. To keep the accounts apart, log out first.
join-name = Name
join-name-note = Your team sees this name.
join-name-invalid = A name has 1 to 100 characters.
join-email-invalid = An email address has the form name@example.com.
join-email-taken = There is an account with this address already. Log in with it.
join-other-address = The invitation is for another address.
join-submit = Create the account
new-password = New password
new-password-note = At least 8 characters. A sentence is easier to remember than symbols.
password-too-short = A password has at least 8 characters.
password-too-long = A password has at most 256 characters.
password-common = This password is one of the most common ones. Choose another.
current-password = Current password
account-unavailable = This is not possible at the moment. Try again in a minute.
reset-title = Set a new password
reset-lead = All devices that are logged in with this account are logged out.
reset-submit = Set the password
account-title = Your account
account-lead = { $email }, { $role }
account-profile = Name and language
account-save = Save
account-same = Nothing was different, so nothing was saved.
account-saved = Saved.
account-password = Password
account-password-change = Change the password
account-password-changed = The password was changed. Other devices are logged out.
account-current-wrong = This is not the current password.
account-sessions = Where you are logged in
account-session-own = This device
account-session-end = Log out
account-session-ended = The device is logged out.
account-session-unknown = This device is no longer logged in.
account-end-others-ask = You are logged out on all devices but this one. What is not saved there yet is lost.
account-end-others = Log out all other devices
account-others-ended = All other devices are logged out.
account-email-changed = The email address was changed. Log in with the new one from now on.
account-device = Unknown device
account-seen = last used
account-privacy = Your data
account-privacy-text = Admins see your name, your address and when you were last here. What is done with accounts is recorded and kept for { $audit } days; network addresses are removed from the record and from your sessions after { $address } days. The practice data of the lessons and of the playground follow your account to other browsers, and leave this one when you log out.
account-data = Download my data
account-delete = Delete the account
account-delete-text = Your account is deleted with its sessions, your progress and certificates, your questions and their answers, and your data in the sandbox. What you have tried stays in the sums of the team without your name. The audit log keeps your name and address for { $days } days. This cannot be undone. Enter your password to confirm.
account-delete-really = Delete my account
admin-title = Administration
admin-members = Members
admin-invitations = Invitations
admin-audit = Audit log
member-name = Name and address
member-role = Role
member-state = State
member-seen = Last here
member-joined = Joined
member-actions = Actions
member-count = Members: { $count }
member-search = Name or address
member-any-role = All roles
member-any-state = All states
member-active = Active
member-is-disabled = Disabled
member-filter = Show
member-role-of = Role of { $name }
member-role-set = Change
member-reset = Password link
member-enable = Enable
member-disable = Disable
member-delete = Delete
member-delete-ask = { $name } loses the account with its progress, certificates, questions, assignments and data in the sandbox; open invitations and password links that { $name } made stop working. This cannot be undone. The audit log keeps the name and the address for { $days } days. Type { $email } to confirm.
member-disable-ask = { $name } is logged out everywhere and can no longer log in. Open invitations and password links that { $name } made stop working. Progress stays.
member-disable-really = Disable the account
member-role-ask = { $name } becomes { $role }, is logged out everywhere, and no longer sees the pages of the role so far. Open invitations and password links that { $name } made stop working.
member-role-really = Change the role
member-delete-confirm = Address of the account
member-delete-really = Delete for good
member-delete-wrong = The address is not that of the account. Nothing was deleted.
member-role-changed = { $name } has another role now and is logged out.
member-disabled = { $name } can no longer log in.
member-enabled = { $name } can log in again.
member-deleted = The account was deleted.
member-reset-link = With this link { $name } sets a new password within an hour. It is shown only here.
member-last-admin = The team needs an admin who can log in. Make somebody else an admin first.
member-not-found = There is no such account any more.
previous-page = Previous page
next-page = Next page
invite-new = Invite
invite-role = Role
invite-language = Language
invite-language-note = The link opens in this language, and the mail is written in it.
invite-valid = Valid for
invite-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
 }
invite-uses = Number of accounts
invite-uses-note = How many people can use the link, from 1 to 500. With a list of addresses each gets a link of its own.
invite-uses-invalid = The number of accounts is from 1 to 500.
invite-emails = Addresses (optional)
invite-emails-note = One on each line. Each gets a link that only this address can use; an earlier link for the same address stops working. No mail is sent.
invite-address-invalid = “{ $address }” is not an email address. Nothing was created.
invite-too-many = At most 500 addresses at once.
invite-submit = Create
invite-created = Invitations created: { $count }
invite-once = Copy this now and send it: links are shown only once.
invite-list = Open invitations
invite-none = There are no open invitations.
invite-for = For
invite-anybody = Anybody with the link
invite-uses-left = Uses left
invite-expires = Valid until
invite-creator = Created by
invite-actions = Actions
invite-revoke = Revoke
invite-revoke-for = Revoke the invitation: { $name }
invite-revoke-ask = The link of this invitation stops working, also for people who have it already: { $name }. It cannot be restored; you can create a new one.
invite-revoke-really = Revoke the invitation
invite-not-open = This invitation is no longer open: it was used or revoked, or has expired.
invite-revoked = The invitation was revoked.
audit-time = Time
audit-action = Action
audit-actor = Who
audit-subject = What about
audit-address = From
audit-any = All actions
audit-nobody = Without an account
audit-older = Older
audit-log-in = Logged in
audit-log-in-failed = Failed to log in
audit-join = Created an account
audit-invite = Invited
audit-revoke-invitation = Revoked an invitation
audit-change-role = Changed a role
audit-disable = Disabled an account
audit-enable = Enabled an account
audit-delete = Deleted an account
audit-create-reset-link = Created a password link
audit-reset-password = Set a password with a link
audit-change-password = Changed the password
audit-export = Exported
login-lead-members = This site is for members only.
invite-sent-again = This form was sent already, so nothing more was created.
roles-note = Admins manage members, groups, invitations and settings. Mentors see the progress of the team, or of their groups, answer questions and give assignments. Learners see their own progress only.
member-clear = Show all
audit-csv = Download as CSV
audit-jsonl = Download as JSONL
member-reset-disabled = The account is disabled. Enable it first.
invite-members = These addresses have accounts already: { $addresses }
group-lead = Groups are parts of the team. A mentor who belongs to groups sees the progress of their members only; a mentor without a group sees the whole team.
admin-groups = Groups
group-none = There are no groups yet. Without groups every mentor sees the whole team.
group-new = New group
group-create = Create the group
group-name = Name of the group
group-name-invalid = A name has 1 to 100 characters and no line breaks.
group-name-taken = Another group has this name.
group-created = The group was created. Add its members.
group-same = The group has this name already, so nothing was changed.
group-renamed = The group has its new name.
group-deleted = The group was deleted. Its members stay in the team.
group-added = The member was added.
group-removed = The member was removed from the group, and stays in the team.
group-empty = Nobody belongs to this group yet.
group-add = Add a member
group-member-email = Email address of the member
group-no-account = Nobody has an account with this address. Invite them first.
group-remove = Remove
group-remove-ask = { $name } leaves the group { $group }: its mentors no longer see this member, and its assignments no longer hold for this member, who stays in the team.
group-remove-ask-mentor = A mentor who is in no other group then sees the whole team.
group-remove-really = Remove from the group
group-remove-member = Remove from the group: { $name }
group-rename = Rename
group-delete = Delete the group
group-delete-ask = The group { $name } and its assignments will be deleted. Its members stay in the team. A mentor who is in no other group then sees the whole team.
group-delete-really = Delete it
group-all = All groups
invite-group = Group
invite-no-group = No group
invite-group-gone = This group was deleted in the meantime. Nothing was created.
audit-create-group = Created a group
audit-rename-group = Renamed a group
audit-delete-group = Deleted a group
audit-add-to-group = Added a member to a group
audit-remove-from-group = Removed a member from a group
audit-change-setting = Changed a setting
admin-settings = Settings
setting-site = The site
setting-title = Name of the site
setting-title-note = Empty for the name in the content folder: { $title }
setting-title-invalid = A name has at most 100 characters and no line breaks.
setting-members-only = For members only
setting-members-only-note = Visitors without an account see only the login. The search, the files and the API obey too.
setting-members-fixed-on = For members only: on. The configuration has set it, so it cannot be changed here.
setting-members-fixed-off = For members only: off. The configuration has set it, so it cannot be changed here.
setting-people = Accounts
setting-registration = Who can create an account
setting-registration-closed = Nobody: invitations wait until this is changed
setting-registration-invitation = Who has an invitation
setting-registration-domains = Who has an invitation, or an email address of these domains
setting-domains = Domains
setting-domains-note = Separated by commas, such as example.com, example.org. Who registers gets a link by mail, so that the address is proven.
setting-registration-unknown = Choose who can create an account.
setting-domains-invalid = Write domains such as example.com, separated by commas, at most 50.
setting-domains-missing = Write at least one domain.
setting-domains-need-mail = This needs mail, because only a link in a mail proves whose address it is. Set smtp.url and smtp.from in the configuration first.
setting-totp = Admins need the two-step login
setting-totp-note = Admins without one must set it up before they do anything else; so must you, right after saving.
setting-privacy = How long data is kept
setting-attempt-days = Attempts at exercises, in days
setting-audit-days = Audit log, in days
setting-address-days = Network addresses, in days
setting-address-note = After this time the addresses are removed from sessions and from the audit log.
setting-days-invalid = Write a number of days from 1 to 3650.
setting-save = Save
setting-saved = The settings were saved. They hold from now on.
setting-same = Nothing was different, so nothing was saved.
setting-refused = Nothing was saved: correct the fields below.
setting-fixed = Set by the configuration
setting-fixed-note = These come from the configuration file, the environment or the command line, and need a restart.
setting-origin = Address
setting-listen = Listens on
setting-proxies = Trusted proxies
setting-smtp = Mail is sent from
setting-provider = Identity provider
setting-none = none
setting-database = Database
setting-content = Content folder
setting-built-in = none, only the built-in lessons
setting-languages = Languages
setting-limit-users = Users in a sandbox
setting-limit-sandboxes = Sandboxes
registration-closed-title = Nobody can register now
registration-closed-text = The admins of this site have closed the registration. Your invitation stays valid until its date: try again later, or ask the person who invited you.
team-title = Team
team-lessons = Lessons
team-stuck = Stuck
team-live = Live
team-group = Group
team-all-groups = All groups
team-everybody = Everybody
team-state-stuck = stuck
team-state-quiet = quiet for two weeks
team-order = Order
team-order-name = By name
team-order-progress = Least progress first
team-order-seen = Longest away first
team-nobody = Nobody matches. Invite people, or clear the filter.
team-cells = Each cell counts the lessons read and the exercises and quizzes passed, out of all in the chapter.
team-member = Member
team-lessons-note = How many members have opened and read each lesson, passed its quiz and its exercise, and at which step most of the others stop.
team-lesson = Lesson
team-opened = Opened
team-read = Read
team-quiz = Quiz
team-exercise = Exercise
team-passed = Passed
team-not-passed = not passed yet
team-stops = Where people stop
team-share = { $passed } of { $started } ({ $percent } %)
team-stops-at = { $count } at step { $number }: { $title }
team-solutions = { $count } looked at the solution.
team-stuck-members = Who is stuck
team-stuck-note = Who has tried an exercise within the last week, has not passed it, and has sent three or more requests that were refused (4xx), or had the method and the path of the step and did not meet its conditions, in all attempts together; and who has asked a question that is not answered. What is shown as expected is from the last attempt in which a request was sent.
team-nobody-stuck = Nobody is stuck at the moment.
team-is-stuck = { $failures ->
    [one] stuck at step { $step } of { $steps }, 1 failed request
   *[other] stuck at step { $step } of { $steps }, { $failures } failed requests
 }
team-has-asked = has asked a question
team-is-at = { $failures ->
    [one] at step { $step } of { $steps }, 1 failed request
   *[other] at step { $step } of { $steps }, { $failures } failed requests
 }
team-has-passed = passed
team-reads = reading
team-live-note = Who has done something in the last 20 minutes, and what. The list follows by itself while this page is open; without scripts, load the page again.
team-live-nobody = Nobody is at work at the moment.
team-live-more = More members are at work: { $count }. Choose a group to see fewer at once.
team-live-lost = The connection was lost. The list is shown as it was; the page connects again by itself.
team-score = { $correct } of { $answered } at the first try
team-more-attempts = { $count ->
    [one] 1 earlier attempt
   *[other] { $count } earlier attempts
 }
team-attempt-stopped = { $failures ->
    [one] stopped at step { $step }, 1 failed request
   *[other] stopped at step { $step }, { $failures } failed requests
 }
team-saw-solution = with the solution
team-saw-hints = { $count ->
    [one] with 1 hint
   *[other] with { $count } hints
 }
ago-now = just now
ago-minutes = { $count } min ago
ago-hours = { $count } h ago
ago-days = { $count } d ago

account-signing-in = Logging in
account-email = Change the email address
forgot-title = Forgot your password?
forgot-lead = Enter the address of your account. You get a mail with a link to set a new password.
forgot-ask = An admin of your team can give you a link to set a new password. Ask them in the way in which you reach them otherwise.
forgot-submit = Send the link
forgot-sent = If there is an account with this address, a mail with a link is on its way. The link is valid for an hour. Look into the spam folder too.
email-change-title = Change the email address
email-change-lead = You log in with the new address from now on. Other devices are logged out.
email-change-lead-mail = The new address gets a mail with a link. It becomes the address of your account when you open the link. Other devices are then logged out.
email-change-new = New email address
email-change-submit = Change the address
email-change-taken = Another account has this address.
email-change-sent = A mail with a link is on its way to { $email }. Until you open the link your address stays as it is. The link is valid for an hour.
email-confirm-title = Confirm the address
email-confirm-lead = { $email } becomes the address of your account, with which you log in. Other devices are logged out.
email-confirm-submit = Use this address
email-taken-title = The address is taken
email-taken-text = Another account has this address by now. Your address stays as it is.
mail-server-failed = The mail server does not answer, so nothing was changed. Try again later, or ask an admin of your team.
invite-send = Send each link by mail
invite-emails-note-mail = One on each line. Each gets a link that only this address can use; an earlier link for the same address stops working.
invite-mail-failed = The mail server does not answer, so nothing was created. Try again later, or without mail.
invite-mail-sent = The mails are sent.
invite-mail-not-sent = No mail could be sent to: { $addresses }. Send them their links yourself.
invite-mail-unfinished = The mails are still being sent.
mail-reset-subject = { $site }: set a new password
mail-reset-text =
    Somebody, probably you, asked for a new password for your account. Set it here within an hour:

    { $link }

    If it was not you, do nothing: your password stays as it is.
mail-invitation-subject = { $site }: your invitation
mail-invitation-text =
    { $inviter } invites you to { $site }. Your role: { $role }. Create your account here:

    { $link }

    The link is for your address only, and valid until { $expires }.
mail-confirm-email-subject = { $site }: confirm your new address
mail-confirm-email-text =
    Somebody, probably you, wants to use this address for an account. Confirm it here within an hour:

    { $link }

    If it was not you, do nothing.
mail-email-changed-subject = { $site }: your address was changed
mail-email-changed-text =
    The address of your account is now { $email }. You no longer log in with this one.

    If it was not you, tell an admin of your team.
audit-change-name = Changed the name
audit-change-language = Chose another language
audit-change-email = Changed the address
audit-enable-second-factor = Began to use the two-step login
audit-disable-second-factor = Stopped using the two-step login
audit-new-recovery-codes = Got new recovery codes
audit-use-recovery-code = Logged in with a recovery code
audit-reset-second-factor = Removed a two-step login
audit-link-provider = Linked an account to the identity provider
audit-add-passkey = Added a passkey
audit-remove-passkey = Removed a passkey
register-title = Create an account
register-lead = People with an email address of { $domains } can create an account. A link to do so is sent by mail.
register-submit = Send the link
register-sent = The mail is on its way. Open the link in it within a day; if none comes, look among the unwanted mails.
register-ask = Accounts are created with an invitation: ask an admin of your team for one.
register-closed = The registration is not open. Ask an admin of your team for an invitation.
register-other-domain = Only addresses of { $domains } can register. With another address, ask an admin of your team for an invitation.
login-register = Create an account
join-lead-register = Your address is confirmed. Choose a name and a password.
mail-register-subject = Create your account at { $site }
mail-register-text = With this link you create your account at { $site } within a day:

    { $link }

    If you have not asked for it, ignore this mail.
mail-registered-subject = You have an account at { $site }
mail-registered-text = Somebody, probably you, wanted to create an account at { $site } with this address. You have one already: log in here.

    { $link }

    If you have forgotten your password, the page of the login has a link for that. If you have not asked for anything, ignore this mail.

# Learning: progress, the own path, assignments, questions to mentors.
progress-exercise = exercise passed
progress-quiz = quiz passed
mark-read = Mark as read
ring-label = { $count ->
    [one] { $done } of 1 lesson done
   *[other] { $done } of { $count } lessons done
 }
due-until = until { $day }
due-today = due today, { $day } (UTC)
due-late = overdue: was due { $day }
day-name = { $month ->
    [1] { $day } January { $year }
    [2] { $day } February { $year }
    [3] { $day } March { $year }
    [4] { $day } April { $year }
    [5] { $day } May { $year }
    [6] { $day } June { $year }
    [7] { $day } July { $year }
    [8] { $day } August { $year }
    [9] { $day } September { $year }
    [10] { $day } October { $year }
    [11] { $day } November { $year }
   *[other] { $day } December { $year }
 }
learn-title = My path
learn-lead-start = You have not finished a lesson yet. A lesson is done when you have read it to the end and passed its exercise and its quiz.
learn-lead = { $done ->
    [one] 1 of { $count } lessons is done.
   *[other] { $done } of { $count } lessons are done.
 }
learn-lead-done = All lessons are done. Well done!
learn-legend = Marks beside lessons
learn-legend-opened = opened
learn-legend-read = read to the end
learn-legend-done = done: read, with its exercise and its quiz passed
learn-legend-ring = how many lessons of a chapter are done
learn-next = Next
learn-due = To do
learn-questions = Your questions to the mentors
learn-count = { $done } of { $count }
learn-missing = still to do: { $what }
learn-missing-read = read to the end
learn-missing-exercise = exercise
learn-missing-quiz = { $count ->
    [one] quiz ({ $done } of 1 question answered correctly, { $open } left)
   *[other] quiz ({ $done } of { $count } questions answered correctly, { $open } left)
 }
certificate-title = Certificate
certificate-open = Certificate to print
certificate-text = has finished the chapter “{ $chapter }”: all lessons read, all exercises and quizzes passed.
certificate-print = Print this page with your browser, or save it as a PDF.
help-title = Your questions
help-you = You
help-waiting = A mentor has not answered yet.
help-stuck = I am stuck
help-question = What have you tried, and where do you get no further?
help-goes-to = Your question goes to { $names } and the admins.
help-goes-to-many = Your question goes to { $count } mentors and the admins.
help-goes-to-admins = Your question goes to the admins, because no mentor looks after you yet.
help-note = Mentors see this text, and what your attempt has passed and not passed. Up to 1000 characters.
help-markdown = Markdown works: `code`, **bold**, lists, and links to https addresses.
help-send = Ask the mentors
help-invalid = Write a question with 1 to 1000 characters.
help-no-attempt = Your account has no attempt at this exercise yet. Start it again, then ask.
help-too-many = 20 of your questions are not answered yet. Wait for answers before you ask more.
team-forbidden-title = Only for mentors and admins
team-forbidden-text = Your account may not open this page. An admin of your team can give it another role.
assignment-title = Assignments
assignment-lead = Give lessons to a person, a group or everybody, with a day until which they are to be done. Learners see them on their path and beside the lessons.
assignment-none = There are no assignments.
assignment-new = New assignment
assignment-group = For
assignment-everybody = Everybody
assignment-group-note = To give lessons to one person, open the page of the member in the overview of the team.
assignment-for-member = For { $name }.
assignment-for-group = For a group or everybody instead
assignment-due = Until
assignment-lessons = Lessons
assignment-creator = Given by
assignment-actions = Actions
assignment-submit = Assign
assignment-due-invalid = Choose a day.
assignment-due-over = This day is over. Choose today or a later day.
assignment-due-late = The latest day that can be chosen is { $day }.
assignment-given = Given already: { $lessons }. To change the day, delete that assignment first.
assignment-disabled = The account of { $name } is disabled, so that nobody can do the lessons. Choose somebody else, or let an admin enable the account.
assignment-lessons-missing = Choose at least one lesson.
assignment-created = The lessons were assigned.
assignment-deleted = The assignment was deleted.
assignment-delete = Delete
assignment-delete-of = Delete the assignment: { $group }, { $day }
assignment-delete-ask = { $group } will no longer see that these lessons are due on { $day }. What was done of them stays.
assignment-delete-really = Delete for good
audit-assign = Assigned lessons
audit-delete-assignment = Deleted an assignment
account-privacy-learning = Admins, and the mentors who look after you, see which lessons you have opened and read, the score of your first answers in quizzes, your attempts at exercises with the step at which they stopped and whether you used hints or the solution, and your questions. Attempts and questions are deleted after { $days ->
    [one] 1 day
   *[other] { $days } days
 }. When you delete your account, attempts stay for statistics without your name and without what you sent; everything else is deleted.
team-questions = Questions
team-no-questions = No question is waiting for an answer.
team-answered = Answered questions
team-more-questions = { $count ->
    [one] 1 more is waiting.
   *[other] { $count } more are waiting.
 }
team-answer = Answer
team-answer-again = Change the answer
team-answer-to = Answer to { $name }
team-answer-invalid = Write an answer with 1 to 1000 characters.
team-answered-done = The answer was sent. The member sees it beside the exercise and on the page “My path”.
team-expected = expected:
team-came = came:
team-came-nothing = nothing
account-second-factor-on = Two-step login: on.
account-second-factor-off = Two-step login: off.
account-passkeys-count = Passkeys: { $count }.
account-second-factor = Two-step login
code-title = Enter the code
code-lead = Your account has the two-step login: enter the code that your authenticator app shows at this moment.
code-label = Code
code-note = Six digits. If you do not have the device, use one of your recovery codes.
code-wrong = This code is not valid. Enter the one that the app shows now; each code works once.
second-factor-title = Two-step login
second-factor-lead = After your password you are asked for a code from an app on your phone, such as Aegis, Google Authenticator or 1Password. Read this picture with the app, then enter the code that it shows.
second-factor-required = Admins of this site need the two-step login. After your password you are asked for a code from an app on your phone, such as Aegis, Google Authenticator or 1Password. Read this picture with the app, then enter the code that it shows.
second-factor-picture = QR code for the authenticator app
second-factor-open = Open in an app on this device
second-factor-type = If the app cannot read the picture, type this key:
second-factor-enable = Use the two-step login
second-factor-used = You are asked for a code after your password. Recovery codes left: { $count }. To change this, enter your password.
second-factor-new-codes = Get new recovery codes
second-factor-disable = Stop using it
second-factor-disabled = The two-step login is off. Your password is enough to log in.
second-factor-no-password = You log in without a password, so no code is asked for.
recovery-title = Your recovery codes
recovery-done = The two-step login is in use. Other devices are logged out.
recovery-lead = Keep these codes where you find them without your phone. Each replaces a code of the app once. They are shown only here; earlier recovery codes are void.
recovery-print = Print this page, or keep the codes in a password manager.
recovery-continue = I have stored them
member-factor = Remove the two-step login
member-factor-ask = { $name } then logs in with the password alone, loses all passkeys, and is logged out everywhere. Do this only if you are sure that it is { $name } who asks.
member-factor-really = Remove it
member-factor-removed = { $name } has no two-step login and no passkeys any more.
member-factor-none = There was nothing to remove.
provider-log-in = Log in with { $name }
provider-going-title = On to { $name }
provider-going-text = If nothing happens, use the button.
provider-go = Continue at { $name }
provider-expired-title = This login is no longer valid
provider-expired-text = It was begun more than ten minutes ago, in another browser, or it is finished. Begin again from the login page.
provider-refused-title = You are not logged in
provider-refused-text = The login was cancelled, or you may not use this site. Begin again from the login page, or ask an admin of your team.
provider-unreachable-title = The other site does not answer
provider-unreachable-text = The site with which you log in cannot be reached at the moment. Try again in a minute, or log in with a password.
provider-failed-title = The login failed
provider-failed-text = The answer of the other site is not valid. Begin again from the login page. If it happens again, tell an admin of your team: the reason is in the log of the server.
provider-disabled-title = Your account is disabled
provider-disabled-text = An admin has disabled this account.
provider-taken-title = There is an account with your address already
provider-taken-text = Log in with its password. An admin of your team can have both linked.
provider-no-admin-title = There is no admin yet
provider-no-admin-text = The first account must be an admin’s. Whoever runs this site finds the link for it in the log of the server.
provider-no-email-title = Your address is missing
provider-no-email-text = The other site does not say your email address, or has not verified it. Ask whoever looks after your account there.
account-passkeys = Passkeys
passkeys-title = Passkeys
passkeys-lead = With a passkey you log in by unlocking your device, with a fingerprint, your face or a PIN. You then need neither password nor code.
passkeys-no-host = Passkeys need a host name in the address of the site, and this site has an IP address. Whoever runs it can set base_url.
passkey-name = Name of the device
passkey-name-note = So that you recognize it in this list later, for example “My laptop”.
passkey-added = The passkey was added.
passkey-removed = The passkey was removed.
passkey-add = Add a passkey
passkey-log-in = Log in with a passkey
passkey-unused = not used yet
passkey-remove = Remove
passkey-remove-label = Remove the passkey: { $name }
passkey-remove-ask = You will no longer log in with { $name }. Remove it from the device too.
passkey-remove-really = Remove it
passkey-none = This browser has no passkeys. Log in with your password.
passkey-cancelled = Nothing was done: the browser was asked to stop, or there is no passkey for this site on this device.
passkey-known = This device has a passkey for your account already.
passkey-no-script = Passkeys need JavaScript.
passkey-failed-title = The passkey was not accepted
passkey-failed-text = The passkey was not accepted. Begin again from this page, or use another way to log in.
passkey-unknown-title = This passkey is unknown
passkey-unknown-text = The passkey of your device was removed from its account here. Log in in another way, then add a new one.
setting-totp-fixed-on = Admins need the two-step login: yes. The configuration has set it, so it cannot be changed here.
setting-totp-fixed-off = Admins need the two-step login: no. The configuration has set it, so it cannot be changed here.
account-delete-text-provider = Your account is deleted with its sessions, your progress and certificates, your questions and their answers, and your data in the sandbox. What you have tried stays in the sums of the team without your name. The audit log keeps your name and address for { $days } days. This cannot be undone.
email-change-provider = You log in without a password, so nobody can confirm the change here.
invite-closed = The registration is closed in the settings: invitations can be created, and wait until it is opened.
cancel = Cancel
team-waiting = { $count ->
    [one] 1 question waiting
   *[other] { $count } questions waiting
}
assignment-readers = Read by
assignment-count = { $count } of { $all }

# The content of the site, for admins

admin-content = Content
audit-reload-content = Loaded the content again
audit-system = The server
draft-notice-admin = Draft: only admins see this page, at this address only, and only they can work on its exercises and quizzes. To publish it, remove draft: true from its front matter.
content-source = What is loaded
content-folder = Content folder
content-loaded = Loaded
content-built-in = None: the built-in lessons are served. To add your own, start the server with --content.
content-over-built-in = { $folder }, over the built-in lessons
content-over-none = { $folder }, without the built-in lessons
content-watched = The folder is watched: changes appear by themselves.
content-last-reload = Last loaded again
content-reload-served = Valid, and served
content-reload-failed = Not served, because of the errors below. Visitors see the content that was loaded before.
content-no-reload = Not since the server was started
content-reload = Load the folder again
content-reload-note = Changes of the folder appear when it is loaded again. If there are errors in it, visitors keep the content that they have.
content-reload-done = The folder was loaded and is served.
content-reload-refused = The folder was loaded and has errors, so visitors see the content from before. Correct the findings and load it again.
content-reload-busy = The folder is being loaded. Wait a moment and open this page again.
content-findings = Findings
content-no-findings = Nothing was found.
content-no-own = The built-in lessons were checked before they were released. Findings in a content folder of your own are listed here.
content-checking = The requests of the lessons are still being checked. Open this page again in a moment.
content-findings-more = { $count } more. routebook check lists all of them.
content-finding-position = Where
content-finding-severity = Severity
content-finding-rule = Rule
content-finding-message = What to correct
content-error = Error
content-warning = Warning
content-lessons = Lessons
content-section = Section
content-total = All sections
content-numbers = How many have read and passed each lesson is on the pages of the team:
content-numbers-lessons = numbers of the lessons
content-numbers-stuck = who is stuck
content-drafts = Drafts
content-no-drafts = There are no drafts. A lesson with draft: true in its front matter is listed here.
content-drafts-note = Only admins can open drafts that are not served.
content-draft-served = served, because the server runs with --drafts or --watch

# The filter of the audit log

audit-ask-for-help = Asked the mentors
audit-answer-help = Answered a question
audit-person = Name or email address
audit-from = From
audit-to = Until
audit-note = Days are in UTC. Times are in the time zone of your browser, or in UTC where they say so.
audit-none = There are no entries here.
audit-replaced = Replaced by a new invitation
audit-known-account = Account of { $name }
audit-day-invalid = Enter days as 2026-11-29, or leave the fields empty.
audit-days-order = The first day is after the last one: exchange them.
audit-action-unknown = There is no such action: choose one of the list.
audit-team-progress = The progress of the team
audit-invited = { $role }, number of accounts: { $uses }
audit-not-served = Not served. Findings: { $count }
audit-bytes = { $size } bytes
audit-hidden-locales = Languages that are switched off
audit-on = on
audit-off = off
audit-unset = not set
audit-empty = none
audit-filter-wrong-title = The file was not made
audit-filter-wrong-text = The filter in the address is not valid. Go back to the audit log and choose again.

# Languages, limits and the logo in the settings

setting-languages-note = A language that is switched off leads to the default one, on every page.
setting-languages-none = Offer one language at least.
setting-language-default = For visitors whose languages are not offered
setting-language-content = That of the content: { $language }
setting-language-unknown = Choose one of the languages.
setting-language-hidden = This language is switched off: choose another one.
setting-limits = Limits
setting-limits-note = They hold at once, for every visitor. Leave a field empty for the configured number.
setting-requests-per-minute = Requests a minute in one sandbox
setting-writes-per-minute = Writes a minute in one sandbox
setting-sandboxes-per-hour = New sandboxes an hour from one address or account
setting-limit-note = { $low } to { $high }; empty: { $value }
setting-limit-invalid = Enter a whole number from { $low } to { $high }, or leave the field empty.
setting-limit-fixed = { $label }: { $value }. The server's configuration sets it, so it cannot be changed here.
logo-title = Logo
logo-alt = The logo as it is now
logo-file = File
logo-note = SVG, PNG or WebP with at most { $size } kB. It stands beside the name of the site, on light and on dark pages.
logo-upload = Upload
logo-remove = Remove the logo
logo-remove-ask = The logo is deleted and no longer stands beside the name of the site. To show it again, the file has to be uploaded again.
logo-fixed = The site.toml of the content sets the logo, so it cannot be changed here.
logo-too-large = The file is too large: a logo has at most { $size } kB.
logo-format = The file is neither SVG nor PNG nor WebP: save the picture in one of these formats.
logo-invalid = The file was refused. The reason: { $cause }.

# The page of backups

admin-backup = Backup
audit-back-up = Made a backup
backup-last = Last backup
backup-none = No backup was made yet. If the disk is lost, all accounts and all progress are lost.
backup-old = The last backup is older than a week. What was done since then is in no backup.
backup-make = Make a backup
backup-make-note = Run this on the server, with the same configuration, while the site is running; every day, for example with cron, where each % of the command is written as \%. Keep the file on another machine.
backup-restore = Restore a backup
backup-restore-sqlite = Stop the server first, then run this on it with the name of your file for BACKUP, and start the server again. What was done after the backup is lost, and everybody has to log in again. The database before is kept beside the restored one, with .replaced at the end of its name.
backup-restore-postgres = Stop all instances first, then run this with the name of your file, and start them again. What was done after the backup is lost.

# The page of a member, for admins

audit-restore = Restored a backup
audit-end-sessions = Ended sessions
audit-sessions = Sessions: { $count }
member-all = All members
member-progress = Progress
member-sessions = Where the member is logged in
member-no-sessions = The member is logged in nowhere.
member-end-sessions = Log out everywhere
member-session-ask = { $name } is logged out on this device: { $device }. What is not saved there yet is lost.
member-sessions-ask = { $name } is logged out on all devices. What is not saved there yet is lost.
member-sessions-ended = The member is logged out everywhere.

login-ended-title = The login has ended
login-ended-text = While you were logging in, your account was changed: it was disabled, or it has another password or role. Log in again.
mail-invited-subject = You are invited to { $site }
mail-invited-text = Somebody, probably you, wanted to create an account at { $site } with this address. An admin has invited you already: use the link of that invitation.

    If you do not have it any more, ask an admin of your team for another one. If you have not asked for anything, ignore this mail.
invite-registered = Registered with the address
login-no-cookie = The login has worked, but the browser has not sent its cookie. Allow cookies for this site, and open it at its own address, with https:// if it has that; then log in again.
audit-create-account = Created an account
