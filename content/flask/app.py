"""The users API in Flask: the same API that Routebook itself serves with axum.

    python app.py             for development: http://127.0.0.1:5000/api/users
    gunicorn -w 2 app:app     several processes that share one database file

Settings are environment variables: FLASK_DATABASE (a file, users.db by default), FLASK_SECRET_KEY
(by default generated at the first start and stored in the file), FLASK_PROBLEMS (the base address
of the types of problems), FLASK_RUN_PORT. All clients share the same users; POST
/api/sandbox/reset restores the first ones.
"""

import base64
import functools
import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Response, g, request, session, url_for
from flask_login import current_user, login_required, login_user
from werkzeug.exceptions import HTTPException

from auth import (
    CHALLENGE, admin_required, check_login, forbidden, jwt_manager, login_manager, issue_token)
from echo import describe_request
from formats import WRITERS, to_json
from problem import Problem, user_not_found, problem_of_status
from reading import (
    JSON, MERGE_PATCH, UserId, read_fields, read_number, read_object, read_order, read_query,
    read_role, read_search, read_tags)
from rules import (
    LOGIN, TOKEN, check_read_only, parse_fields, parse_new_user, parse_patch, parse_user)
from store import store

LIST_KEYS = ("page", "per_page", "sort", "role", "q", "fields")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}

ELSEWHERE = {"Location": "/api/echo"}
STATUS_HEADERS = {
    201: ELSEWHERE, 300: ELSEWHERE, 301: ELSEWHERE, 302: ELSEWHERE, 303: ELSEWHERE,
    304: {"ETag": '"as-you-have-it"'}, 307: ELSEWHERE, 308: ELSEWHERE,
    401: {"WWW-Authenticate": CHALLENGE}, 405: {"Allow": "OPTIONS"}, 415: {"Accept": JSON},
    416: {"Content-Range": "bytes */1000"}, 429: {"Retry-After": "1"}, 503: {"Retry-After": "1"},
}

NOT_REGISTERED = (418, 510)  # unused or obsolete, but in Python's HTTPStatus

app = Flask(__name__)
app.url_map.converters["id"] = UserId
app.url_map.merge_slashes = False  # //users and /users are different paths
app.config.update(
    DATABASE="users.db",
    RUN_PORT=5000,
    PROBLEMS="http://127.0.0.1:3000/problems",
    MAX_CONTENT_LENGTH=64 * 1024,
    SESSION_COOKIE_NAME="api_session",
    SESSION_COOKIE_SAMESITE="Lax",  # HttpOnly is on by default
    SESSION_REFRESH_EACH_REQUEST=False,
    PERMANENT_SESSION_LIFETIME=timedelta(days=1),
    JWT_ENCODE_AUDIENCE="users",
    JWT_DECODE_AUDIENCE="users",
)
app.config.from_prefixed_env()
app.json.sort_keys = False
app.json.ensure_ascii = False
store.open(app.config["DATABASE"])
app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or store.secret
login_manager.init_app(app)
jwt_manager.init_app(app)

# --- Around every request -------------------------------------------------------------------------


@app.before_request
def assign_request_id():
    g.request_id = uuid.uuid4()


@app.after_request
def add_headers(response):
    response.headers["Request-Id"] = str(g.request_id)
    has_credentials = g.get("authenticated") or "Authorization" in request.headers
    is_private = has_credentials or session.modified
    response.headers.setdefault("Cache-Control", "no-store" if is_private else "no-cache")
    response.vary.update(["Cookie", "Authorization"])
    if request.method == "OPTIONS":
        response.status_code = 204
        if "PATCH" in response.allow and request.endpoint not in ("echo", "show_status"):
            response.headers["Accept-Patch"] = MERGE_PATCH
    if not response.get_data() and request.method != "HEAD":
        del response.headers["Content-Type"]  # the response has no content
    return response


# --- Errors ---------------------------------------------------------------------------------------


@app.errorhandler(Problem)
def send_problem(problem):
    body = problem.as_dict(app.config["PROBLEMS"], f"urn:uuid:{g.request_id}")
    return Response(to_json(body), problem.code, problem.headers, "application/problem+json")


@app.errorhandler(404)
def not_found(error):
    return send_problem(Problem("not-found", "no resource has this address; /api/users is one"))


@app.errorhandler(405)
def method_not_allowed(error):
    if request.method not in METHODS:
        detail = f"no resource has the method {request.method}"
        return send_problem(Problem("not-implemented", detail))
    detail = f"{request.method} is not among the methods of this resource; Allow lists them"
    allow = {"Allow": ", ".join(error.valid_methods)}
    return send_problem(Problem("method-not-allowed", detail, headers=allow))


@app.errorhandler(413)
def content_too_large(error):
    detail = f"a body holds at most {app.config['MAX_CONTENT_LENGTH']} bytes"
    return send_problem(Problem("content-too-large", detail))


@app.errorhandler(HTTPException)
def other_http_error(error):
    return send_problem(Problem("bad-request", "the request cannot be answered as it is"))


@app.errorhandler(500)
def internal_error(error):  # Flask has logged the cause, which must not be sent to the client
    detail = "the cause is in the server's log, under the id of this request"
    return send_problem(Problem("internal-error", detail))


# --- Representations and preconditions ------------------------------------------------------------


def negotiate():
    """Returns the format that the client prefers (RFC 9110, section 12.5.1)."""
    accept = request.accept_mimetypes
    if not accept.provided:
        return JSON
    named = set(accept.values())  # takes precedence over a wildcard of the same weight
    best = max(WRITERS, key=lambda mimetype: (accept.quality(mimetype), mimetype in named))
    if not accept.quality(best):
        formats = ", ".join(WRITERS)
        detail = f"Accept allows none of the formats of this resource; it has {formats}"
        raise Problem("not-acceptable", detail, headers={"Vary": "Accept"})
    return best


def negotiated(view):
    """Sends the users that a view returns in the format that the client prefers."""
    @functools.wraps(view)
    def wrapper(**arguments):
        mimetype = negotiate()  # before the view writes anything
        result = view(**arguments)
        value, status, headers = result if isinstance(result, tuple) else (result, 200, {})
        response = Response(WRITERS[mimetype](value), status, headers, mimetype=mimetype)
        response.vary.add("Accept")
        if request.method != "PUT":  # the user is not stored as it was sent (RFC 9110, 9.3.4)
            response.set_etag(entity_tag(response.get_data()))
            if changed_at(value):
                response.last_modified = changed_at(value)
        if request.method in ("GET", "HEAD"):
            check_if_match(value)
            if is_current(response):
                response.status_code = 304  # the client has the current representation
                response.set_data(b"")
        return response
    return wrapper


def entity_tag(representation):
    digest = hashlib.sha256(representation).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def changed_at(value):
    """Returns when a user last changed; None for a list, because deletions leave no time."""
    return datetime.fromisoformat(value["updated_at"]) if isinstance(value, dict) else None


def is_current(response):
    """Returns whether the client has this representation. Tags take precedence over a time."""
    tags = read_tags("If-None-Match")
    if tags is None:
        since = request.if_modified_since
        return bool(since and response.last_modified and response.last_modified <= since)
    return "*" in tags or is_among(tags, [response.get_etag()[0]], weak=True)


def check_preconditions(stored):
    """Raises an error unless the preconditions of a write hold, so that no update is lost."""
    check_if_match(stored)
    excluded = read_tags("If-None-Match")
    if excluded is None:
        return
    has_any = "*" in excluded and stored
    if not excluded or has_any or is_among(excluded, entity_tags_of(stored), weak=True):
        raise precondition_failed()


def check_if_match(value):
    """Checks If-Match and If-Unmodified-Since. The tag of any format matches."""
    required, since = read_tags("If-Match"), request.if_unmodified_since
    if required is None:
        changed = since and changed_at(value) and changed_at(value) > since
    else:
        is_any = "*" in required and value is not None
        changed = not (is_any or is_among(required, entity_tags_of(value)))
    if changed:
        raise precondition_failed()


def is_among(listed, tags, weak=False):
    if weak:  # W/"x" equals "x"
        listed = [tag.removeprefix("W/") for tag in listed]
    return any(f'"{tag}"' in listed for tag in tags)


def entity_tags_of(value):
    writers = WRITERS.values() if value is not None else ()
    return [entity_tag(write(value).encode()) for write in writers]


def precondition_failed():
    return Problem("precondition-failed", "what is stored is not as the condition says; GET it "
                   "again, look at what changed, and send your request with the new ETag")


# --- Users ----------------------------------------------------------------------------------------


@app.route("/api/users", methods=["GET"])
@negotiated
def list_users():
    query = read_query(*LIST_KEYS)
    page = read_number(query, "page", 1, 1_000_000)
    per_page = read_number(query, "per_page", 20, 100)
    users, total = store.list(order=read_order(query), role=read_role(query), q=read_search(query),
                              limit=per_page, offset=(page - 1) * per_page)
    fields = read_fields(query)
    users = [{field: user[field] for field in fields} for user in users]
    return users, 200, {"Total-Count": total, "Link": page_links(page, per_page, total)}


def page_links(page, per_page, total):
    """Returns links to the neighboring pages with the same filters (RFC 8288)."""
    last = max(1, -(-total // per_page))
    pages = {"first": 1, "prev": min(page - 1, last), "next": page + 1, "last": last}
    if page == 1:
        del pages["prev"]
    if page >= last:
        del pages["next"]
    filters = {key: request.args[key] for key in LIST_KEYS[2:] if key in request.args}
    query = {"page": page, "per_page": per_page} | filters
    return ", ".join(f'<{request.path}?{urlencode(query | {"page": number})}>; rel="{relation}"'
                     for relation, number in pages.items())


@app.route("/api/users", methods=["POST"])
@negotiated
def create_user():
    read_query()
    user = store.insert(parse_new_user(read_object()))
    return user, 201, {"Location": url_for("get_user", user_id=user["id"])}


@app.route("/api/users/<id:user_id>", methods=["GET"])
@negotiated
def get_user(user_id):
    read_query()
    return find_user(user_id)


@app.route("/api/users/<id:user_id>", methods=["PUT"])
@negotiated
def replace_user(user_id):
    read_query()
    if "Content-Range" in request.headers:  # a part must not be stored as a user
        detail = "PUT takes a whole user, not a range of one; leave Content-Range out"
        raise Problem("bad-request", detail)
    body = read_object()
    fields = parse_user(body)
    with store.transaction():
        stored = store.find(user_id)
        check_preconditions(stored)
        check_read_only(body, user_id, stored)
        if stored:
            return store.change(stored, fields)
        return store.insert(fields, user_id), 201, {"Location": request.path}


@app.route("/api/users/<id:user_id>", methods=["PATCH"])
@negotiated
def update_user(user_id):
    read_query()
    patch = read_object(accepted=(MERGE_PATCH,))
    changes = parse_patch(patch)
    with store.transaction():
        stored = find_user(user_id)
        check_preconditions(stored)
        check_read_only(patch, user_id, stored)
        return store.change(stored, changes)


@app.route("/api/users/<id:user_id>", methods=["DELETE"])
def delete_user(user_id):
    read_query()
    with store.transaction():
        check_preconditions(find_user(user_id))
        store.delete(user_id)
    return "", 204


def find_user(user_id):
    user = store.find(user_id)
    if user is None:
        raise user_not_found(user_id)
    return user


@app.route("/api/users/", methods=["GET", "POST"])
def users_with_slash():
    """Redirects another spelling of the path. 308 keeps the method and the body."""
    query = request.query_string.decode()
    location = url_for("list_users") + (f"?{query}" if query else "")
    return Response(status=308, headers={"Location": location})


# --- Authentication -------------------------------------------------------------------------------


@app.route("/api/session", methods=["POST"])
def log_in():
    read_query()
    login = parse_fields(read_object(accepted=(JSON,)), LOGIN)
    caller = check_login(login["email"], login["password"])
    session.clear()  # a new session must not contain data of the old one
    session.permanent = True
    login_user(caller)
    return caller.user, 201, {"Location": request.path}


@app.route("/api/session", methods=["GET"])
@login_required
def show_session():
    read_query()
    return current_user.user


@app.route("/api/session", methods=["DELETE"])
def log_out():
    read_query()
    session.clear()
    return "", 204


@app.route("/api/tokens", methods=["POST"])
@login_required
def create_token():
    read_query()
    new = parse_fields(read_object(accepted=(JSON,)), TOKEN, expires_in=3600)
    token = issue_token(current_user.id, new["name"], new["kind"], int(new["expires_in"]))
    return token, 201, {"Location": url_for("get_token", token_id=token["id"])}


@app.route("/api/tokens", methods=["GET"])
@login_required
def list_tokens():
    read_query()
    return store.list_tokens(current_user.id)


@app.route("/api/tokens/<token_id>", methods=["GET"])
@login_required
def get_token(token_id):
    read_query()
    for token in store.list_tokens(current_user.id):
        if token["id"] == token_id:
            return token
    raise token_not_found()


@app.route("/api/tokens/<token_id>", methods=["DELETE"])
@login_required
def delete_token(token_id):
    read_query()
    if not store.delete_token(current_user.id, token_id):
        raise token_not_found()
    return "", 204


def token_not_found():
    return Problem("not-found", "you have no token with this id")


@app.route("/api/me", methods=["GET"])
@login_required
@negotiated
def show_me():
    read_query()
    return current_user.user


@app.route("/api/me", methods=["PATCH"])
@login_required
@negotiated
def update_me():
    read_query()
    patch = read_object(accepted=(MERGE_PATCH,))
    changes = parse_patch(patch)
    with store.transaction():
        stored = find_user(current_user.id)
        if stored["role"] == "member" and changes.get("role") == "admin":
            raise forbidden("an admin can give you the role admin; you cannot take it")
        check_preconditions(stored)
        check_read_only(patch, stored["id"], stored)
        return store.change(stored, changes)


@app.route("/api/admin/stats", methods=["GET"])
@admin_required
def show_stats():
    read_query()
    return store.stats()


# --- Everything else ------------------------------------------------------------------------------


@app.route("/api/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@app.route("/api/echo/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def echo(rest=None):
    return describe_request(), 200, {"Cache-Control": "no-store"}


@app.route("/api/status/<text>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def show_status(text):
    """Returns a response with the status in the path and its usual headers."""
    status = read_status(text)
    headers = STATUS_HEADERS.get(status, {})
    if status >= 400:
        detail = f"you asked for it; usually: {status.description or status.phrase}"
        raise problem_of_status(status, status.phrase, detail, headers)
    if status in (204, 205, 304):
        return Response(status=status, headers=headers)
    return {"status": status, "reason": status.phrase}, status, headers


def read_status(text):
    if not re.fullmatch("[1-5][0-9][0-9]", text):
        detail = "a status code is a number from 100 to 599; write /api/status/404"
        raise Problem("bad-request", detail)
    if text < "200":
        detail = "a status below 200 is only an interim response: the one that counts comes after it"
        raise Problem("bad-request", detail)
    if int(text) not in set(HTTPStatus).difference(NOT_REGISTERED):
        raise Problem("not-found", f"{text} is not in the registry of status codes")
    return HTTPStatus(int(text))


@app.route("/api/time", methods=["GET"])
def show_time():
    """Returns the time, in a response that caches may store for 30 seconds."""
    read_query()
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"Cache-Control": "private, max-age=30", "Content-Type": JSON}
    return to_json({"time": time}), 200, headers


@app.route("/api/health", methods=["GET"])
def health():
    return Response('{"status":"ok"}', mimetype=JSON)


@app.route("/api/sandbox/reset", methods=["POST"])
def reset():
    store.reset()
    return "", 204


if __name__ == "__main__":
    app.run(port=app.config["RUN_PORT"])
