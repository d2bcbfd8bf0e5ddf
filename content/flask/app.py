"""The users API in Flask: the twin of the API that Routebook itself serves with axum.

    python app.py             to try it out: http://127.0.0.1:5000/api/users
    gunicorn -w 2 app:app     several processes that share one database file

Settings are environment variables: FLASK_DATABASE (a file; users.db if not set), FLASK_SECRET_KEY
(made at the first start and kept in the file if not set), FLASK_PROBLEMS (where the types of
problems lead). Everybody sees the same users; POST /api/sandbox/reset puts the first ones back.
"""

import functools
import hashlib
import json
import re
import uuid

from flask import Flask, Response, g, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from formats import WRITERS, from_json, to_json
from problem import Problem, invalid, invalid_query, no_user
from rules import check_read_only, kind_of, merge, parse_new_user, parse_user
from store import Store

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
FIELDS = ("id", "name", "email", "role", "bio", "created_at", "updated_at")

app = Flask(__name__)
app.config.update(
    DATABASE="users.db",
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
    if request.method not in METHODS:
        raise Problem("not-implemented", f"no resource has the method {request.method}")


@app.after_request
def finish(response):
    response.headers["Request-Id"] = str(g.request_id)
    response.headers.setdefault("Cache-Control", "no-cache")
    response.vary.update(["Cookie", "Authorization"])
    if request.method == "OPTIONS":
        response.status_code = 204
        if "PATCH" in response.allow:
            response.headers["Accept-Patch"] = MERGE_PATCH
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
def internal_error(error):  # Flask has logged the cause; the client is not told
    detail = "the cause is in the server's log, under the id of this request"
    return send_problem(Problem("internal-error", detail))


# --- What the client sent -------------------------------------------------------------------------


class UserId(BaseConverter):
    """An id in a path. With Flask's own `int`, what is not a number would be a 404."""

    def to_python(self, value):
        if not re.fullmatch("-?[0-9]+", value):
            raise Problem("invalid-id", "the id in the path is not a number; write /api/users/1")
        if value.startswith(("0", "-")) or int(value) >= 2**31:
            raise no_user(value)
        return int(value)


app.url_map.converters["id"] = UserId


def read_query(*known):
    """The query: known keys, each once."""
    for key, values in request.args.lists():
        if key not in known:
            rest = f"known are {', '.join(known)}" if known else "this takes no query"
            raise invalid_query(key, f"is not known here; {rest}")
        if len(values) > 1:
            raise invalid_query(key, "stands twice")
    return request.args


def read_number(query, key, default, highest):
    text = query.get(key, str(default))
    if not re.fullmatch("[0-9]+", text) or not 1 <= int(text) <= highest:
        detail = f'must be a whole number from 1 to {highest}, not "{text}"'
        raise invalid_query(key, detail)
    return int(text)


def read_object(accepted=JSON):
    """The JSON object in the body; what is wrong with another body is 415, 400 or 422."""
    check_media_type(accepted)
    try:
        body = from_json(request.get_data())
    except ValueError as error:
        raise Problem("malformed-json", str(error)) from error
    if not isinstance(body, dict):
        raise invalid([{"pointer": "", "detail": f"must be an object, not {kind_of(body)}"}])
    return body


def check_media_type(accepted):
    charset = request.mimetype_params.get("charset", "utf-8")
    coding = request.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        detail = f'the content coding "{coding}" is not read here; send the body as it is'
    elif not request.mimetype:
        detail = f"the body has no Content-Type; send {accepted}"
    elif request.mimetype != accepted:
        detail = f'the format "{request.mimetype}" is not read here; send {accepted}'
    elif charset.lower() != "utf-8":
        detail = f'the charset "{charset}" is not read here; JSON is UTF-8'
    else:
        return
    header = "Accept-Patch" if accepted == MERGE_PATCH else "Accept"
    raise Problem("unsupported-media-type", detail, headers={header: accepted})


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
        return response.make_conditional(request)  # 304 if the client has it already
    return wrapper


def entity_tag(representation):
    return hashlib.sha256(representation).hexdigest()[:32]


def check_condition(stored):
    """Lets a write happen only to what the client has seen, so that no update is lost."""
    tags = {entity_tag(write(stored).encode()) for write in WRITERS.values()} if stored else set()
    wanted, unwanted = request.if_match, request.if_none_match
    if wanted and not (wanted.star_tag and stored or any(map(wanted.is_strong, tags))):
        raise Problem("precondition-failed", "...")
    if unwanted and (unwanted.star_tag and stored or any(map(unwanted.contains_weak, tags))):
        raise Problem("precondition-failed", "...")


# --- Users ----------------------------------------------------------------------------------------


@app.route("/api/users", methods=["GET"])
@negotiated
def list_users():
    query = read_query("page", "per_page", "sort", "role", "q")
    page = read_number(query, "page", 1, 1_000_000)
    per_page = read_number(query, "per_page", 20, 100)
    users, total = store.list(read_order(query), query.get("role"), query.get("q"),
                              limit=per_page, offset=(page - 1) * per_page)
    headers = {"Total-Count": str(total), "Link": page_links(page, per_page, total)}
    return users, 200, headers


def read_order(query):
    sort = query.get("sort", "id")
    field = sort.removeprefix("-")
    if field not in FIELDS:  # it becomes part of the SQL, so it is one of ours
        raise invalid_query("sort", "must be one field, with - before it for the other direction; "
                                    f"fields are {', '.join(FIELDS)}")
    return f"{field} DESC, id DESC" if sort.startswith("-") else f"{field}, id"


def page_links(page, per_page, total):
    """The pages around this one, with the same filters (RFC 8288)."""
    last = max(1, -(-total // per_page))
    pages = {"first": 1, "prev": min(page - 1, last), "next": page + 1, "last": last}
    if page == 1:
        del pages["prev"]
    if page >= last:
        del pages["next"]
    query = request.args.to_dict()
    return ", ".join(f'<{url_for("list_users", **query | {"page": number})}>; rel="{relation}"'
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
    patch = read_object(MERGE_PATCH)
    with store.transaction():
        stored = find_user(user_id)
        check_condition(stored)
        body = merge(stored, patch)
        fields = parse_user(body)
        check_read_only(body, user_id, stored)
        return store.change(stored, fields)


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
    app.run()
