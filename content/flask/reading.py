"""Parses the id in the path, the query and the body. Every error is a problem."""

import re

from flask import request
from werkzeug.routing import BaseConverter

from formats import FIELDS, MALFORMED, READERS, from_json
from problem import Problem, invalid, invalid_query, user_not_found
from rules import type_name

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class UserId(BaseConverter):
    """An id in a path. Flask's own `int` would return 404 for text that is not a number."""

    def to_python(self, value):
        if not re.fullmatch("-?[0-9]+", value):
            raise Problem("invalid-id", "the id in the path is not a number; write /api/users/1")
        if value.startswith(("0", "-")) or int(value) >= 2**31:
            raise user_not_found(value)
        return int(value)


TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
TAGS = re.compile(rf"[\s,]*{TAG}([\s,]+{TAG})*[\s,]*")


def read_tags(field):
    """Parses If-Match or If-None-Match: tags or *; None without it, empty if it is malformed.

    Werkzeug's own parser also accepts tags without quotes.
    """
    value = request.headers.get(field)
    if value is None:
        return None
    if value.strip() == "*":
        return {"*"}
    return set(re.findall(TAG, value)) if TAGS.fullmatch(value) else set()


def read_query(*known):
    """Returns the query; refuses unknown and repeated keys."""
    for key, values in request.args.lists():
        if key not in known:
            rest = f"known are {', '.join(known)}" if known else "this takes no query"
            raise invalid_query(key, f"is not known here; {rest}")
        if len(values) > 1:
            raise invalid_query(key, "appears twice")
    return request.args


def read_number(query, key, default, highest):
    text = query.get(key, str(default))
    if not re.fullmatch("[0-9]+", text) or not 1 <= int(text) <= highest:
        detail = f'must be a whole number from 1 to {highest}, not "{text}"'
        raise invalid_query(key, detail)
    return int(text)


def read_order(query):
    sort = query.get("sort", "id")
    field = sort.removeprefix("-")
    if field not in FIELDS:  # it becomes part of the SQL, so only known names
        raise invalid_query("sort", "must be one field, with - before it for descending order; "
                                    f"fields are {', '.join(FIELDS)}")
    return f"{field} COLLATE BINARY {'DESC' if sort.startswith('-') else ''}, id"


def read_role(query):
    role = query.get("role")
    if role not in (None, "admin", "member"):
        raise invalid_query("role", f'must be admin or member, not "{role}"')
    return role


def read_search(query):
    text = query.get("q")
    if text is not None and not re.fullmatch(r"[^\0-\x1f\x7f-\x9f]{1,100}", text):
        raise invalid_query("q", "must be 1 to 100 characters, none of them a control character")
    return text


def read_fields(query):
    names = query["fields"].split(",") if "fields" in query else FIELDS
    for at, name in enumerate(names):
        if name not in FIELDS:
            raise invalid_query("fields", f'has no field "{name}"; fields are {", ".join(FIELDS)}')
        if name in names[:at]:
            raise invalid_query("fields", f'names "{name}" twice')
    return [field for field in FIELDS if field in names]


def read_object(accepted=tuple(READERS)):
    """Returns the object in the body; the errors are 415, 400 and 422."""
    check_media_type(accepted)
    try:
        body = READERS.get(request.mimetype, from_json)(request.get_data())
    except MALFORMED as error:
        is_json = request.mimetype in (JSON, MERGE_PATCH)
        kind = "malformed-json" if is_json else "malformed-body"
        raise Problem(kind, str(error)) from error
    if not isinstance(body, dict):
        raise invalid([{"pointer": "", "detail": f"must be an object, not {type_name(body)}"}])
    return body


def check_media_type(accepted):
    types = " or ".join(accepted)
    charset = request.mimetype_params.get("charset", "utf-8")
    coding = request.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        detail = f'the content coding "{coding}" is not read here; send the body as it is'
    elif not request.mimetype:
        detail = f"the body has no Content-Type; send {types}"
    elif request.mimetype not in accepted:
        detail = f'the format "{request.mimetype}" is not read here; send {types}'
    elif charset.lower() != "utf-8":
        detail = f'the charset "{charset}" is not read here; send UTF-8'
    else:
        return
    header = "Accept-Patch" if MERGE_PATCH in accepted else "Accept"
    raise Problem("unsupported-media-type", detail, headers={header: ", ".join(accepted)})
