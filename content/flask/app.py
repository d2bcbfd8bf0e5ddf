"""The users API in Flask: the twin of the API that Routebook itself serves with axum.

    python app.py             to try it out: http://127.0.0.1:5000/api/users
    gunicorn -w 2 app:app     several processes that share one database file

Settings are environment variables: FLASK_DATABASE (a file; users.db if not set), FLASK_SECRET_KEY
(made at the first start and kept in the file if not set), FLASK_PROBLEMS (where the types of
problems lead), FLASK_RUN_PORT. Everybody sees the same users; POST /api/sandbox/reset puts the first ones back.
"""

import base64
import functools
import hashlib
import uuid
from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for
from werkzeug.exceptions import HTTPException

from formats import WRITERS, to_json
from problem import Problem, no_user
from reading import (
    MERGE_PATCH, UserId, read_fields, read_number, read_object, read_order, read_query, read_role,
    read_search)
from rules import check_read_only, parse_new_user, parse_patch, parse_user
from store import Store

JSON = "application/json"
LIST_KEYS = ("page", "per_page", "sort", "role", "q", "fields")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}

app = Flask(__name__)
app.url_map.converters["id"] = UserId
app.config.update(
    DATABASE="users.db",
    RUN_PORT=5000,
    PROBLEMS="http://127.0.0.1:3000/problems",
    MAX_CONTENT_LENGTH=64 * 1024,
)
app.config.from_prefixed_env()
store = Store(app.config["DATABASE"])
app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or store.secret

# --- Around every request -------------------------------------------------------------------------


@app.before_request
def begin():
    g.request_id = uuid.uuid4()


@app.after_request
def finish(response):
    response.headers["Request-Id"] = str(g.request_id)
    response.headers.setdefault("Cache-Control", "no-cache")
    response.vary.update(["Cookie", "Authorization"])
    if request.method == "OPTIONS":
        response.status_code = 204
        if "PATCH" in response.allow:
            response.headers["Accept-Patch"] = MERGE_PATCH
    if response.status_code in (204, 308):
        del response.headers["Content-Type"]  # there is no content
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
    kind = "method-not-allowed"
    detail = f"{request.method} is not among the methods of this resource; Allow lists them"
    if request.method not in METHODS:
        kind, detail = "not-implemented", f"no resource has the method {request.method}"
    allow = {"Allow": ", ".join(error.valid_methods)}
    return send_problem(Problem(kind, detail, headers=allow))


@app.errorhandler(413)
def content_too_large(error):
    detail = f"a body holds at most {app.config['MAX_CONTENT_LENGTH']} bytes"
    return send_problem(Problem("content-too-large", detail))


@app.errorhandler(HTTPException)
def other_http_error(error):
    return send_problem(Problem("bad-request", "the request cannot be answered as it is"))


@app.errorhandler(500)
def internal_error(error):  # Flask has logged the cause; the client is not told
    detail = "the cause is in the server's log, under the id of this request"
    return send_problem(Problem("internal-error", detail))


# --- What the client gets -------------------------------------------------------------------------


def negotiate():
    """The format that the client prefers (RFC 9110, section 12.5.1)."""
    accept = request.accept_mimetypes
    if not accept.provided:
        return JSON
    named = set(accept.values())  # goes before what a * allows
    best = max(WRITERS, key=lambda mimetype: (accept.quality(mimetype), mimetype in named))
    if not accept.quality(best):
        formats = ", ".join(WRITERS)
        detail = f"Accept allows none of the formats of this resource; it has {formats}"
        raise Problem("not-acceptable", detail)
    return best


def negotiated(view):
    """For a view that answers with users: they go out in the format that the client prefers."""
    @functools.wraps(view)
    def wrapper(**arguments):
        mimetype = negotiate()  # before anything is written
        result = view(**arguments)
        value, status, headers = result if isinstance(result, tuple) else (result, 200, {})
        response = Response(WRITERS[mimetype](value), status, headers, mimetype=mimetype)
        response.set_etag(entity_tag(response.get_data()))
        response.vary.add("Accept")
        if isinstance(value, dict):
            response.last_modified = datetime.fromisoformat(value["updated_at"])
        return response.make_conditional(request)  # 304 if the client has it already
    return wrapper


def entity_tag(representation):
    digest = hashlib.sha256(representation).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check_condition(stored):
    """Lets a write happen only to what the client has seen, so that no update is lost."""
    tags = {entity_tag(write(stored).encode()) for write in WRITERS.values()} if stored else set()
    wanted, unwanted = request.if_match, request.if_none_match
    lost = wanted and not (wanted.star_tag and stored or any(map(wanted.is_strong, tags)))
    there = unwanted.star_tag and stored or any(map(unwanted.contains_weak, tags))
    if lost or there:
        raise Problem("precondition-failed", "what is stored is not as the condition says; GET it "
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
    """The pages around this one, with the same filters (RFC 8288)."""
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
    if "Content-Range" in request.headers:  # a part must not be taken for the whole
        detail = "PUT takes a whole user, not a range of one; leave Content-Range out"
        raise Problem("bad-request", detail)
    body = read_object()
    fields = parse_user(body)
    with store.transaction():
        stored = store.find(user_id)
        check_condition(stored)
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
        check_condition(stored)
        check_read_only(patch, user_id, stored)
        return store.change(stored, changes)


@app.route("/api/users/<id:user_id>", methods=["DELETE"])
def delete_user(user_id):
    read_query()
    with store.transaction():
        check_condition(find_user(user_id))
        store.delete(user_id)
    return "", 204


def find_user(user_id):
    user = store.find(user_id)
    if user is None:
        raise no_user(user_id)
    return user


@app.route("/api/users/", methods=["GET", "POST"])
def users_with_slash():
    """A path that is spelled otherwise: the method and the body go there too."""
    query = request.query_string.decode()
    location = url_for("list_users") + (f"?{query}" if query else "")
    return Response(status=308, headers={"Location": location})


# --- Everything else ------------------------------------------------------------------------------


@app.route("/api/health", methods=["GET"])
def health():
    return Response('{"status":"ok"}', mimetype=JSON)


@app.route("/api/sandbox/reset", methods=["POST"])
def reset():
    store.reset()
    return "", 204


if __name__ == "__main__":
    app.run(port=app.config["RUN_PORT"])
