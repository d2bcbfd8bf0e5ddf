"""The validation rules of users, logins and tokens. This module does not depend on Flask."""

import functools
import re
import unicodedata
from datetime import datetime

from problem import Problem, field_error, invalid

LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})*")
READ_ONLY = ("id", "created_at", "updated_at")
PLACEHOLDER = {"name": "A", "email": "a@a", "role": "member"}  # valid values of the required fields


def type_name(value):
    kinds = {dict: "an object", list: "an array", str: "text", bool: "a boolean"}
    return "null" if value is None else kinds.get(type(value), "a number")


def check_string(value):
    return None if isinstance(value, str) else f"must be text, not {type_name(value)}"


def check_text(value, shortest, longest, allowed=""):
    """Returns the error of a text; None when it is valid."""
    if error := check_string(value):
        return error
    if not shortest <= len(value) <= longest:
        return f"must have {shortest} to {longest} characters, and has {len(value)}"
    for char in value:
        if (char < " " and char not in allowed) or char in "\x7f\ufffe\uffff":
            return f"must not hold the control character U+{ord(char):04X}"


def check_email(value):
    if error := check_string(value):
        return error
    if len(value) > 254 or not EMAIL.fullmatch(value):
        return "must be an email address such as `kim@example.com`, of at most 254 bytes"


def check_role(value):
    if error := check_string(value):
        return error
    if value not in ("admin", "member"):
        return "must be `admin` or `member`"


def check_bio(value):
    return None if value is None else check_text(value, 0, 500, allowed="\n\r\t")


CHECKS = {
    "name": functools.partial(check_text, shortest=1, longest=100),
    "email": check_email,
    "role": check_role,
    "bio": check_bio,
}


def read_fields(body, **defaults):
    """Returns the fields of a user that a client may set, and their errors."""
    fields = defaults | {field: body[field] for field in CHECKS if field in body}
    errors = []
    for field, check in CHECKS.items():
        error = check(fields[field]) if field in fields else "is required"
        if error:
            errors.append(field_error(field, error))
    errors += [field_error(field, "is not a field of a user")
               for field in body if field not in CHECKS and field not in READ_ONLY]
    return fields, errors


def parse_new_user(body):
    """Validates the body of POST: the server assigns the id and the times."""
    fields, errors = read_fields(body, role="member", bio=None)
    set_by_server = [field_error(field, "is set by the server; leave it out")
                     for field in READ_ONLY if field in body]
    raise_errors(set_by_server + errors)
    return fields


def parse_user(body):
    """Validates the body of PUT: the complete user; only bio may be left out."""
    fields, errors = read_fields(body, bio=None)
    raise_errors(id_errors(body) + errors)
    return fields


def parse_patch(patch):
    """Validates the body of PATCH, a merge patch (RFC 7396); null removes a field."""
    errors = [field_error(field, "cannot be removed" if field in READ_ONLY
                          else "is not a field of a user")
              for field, value in patch.items() if value is None and field not in CHECKS]
    merged = {field: value for field, value in (PLACEHOLDER | patch).items() if value is not None}
    fields, field_errors = read_fields(merged, bio=None)
    raise_errors(errors + id_errors(merged) + field_errors)
    return {field: fields[field] for field in fields if field in patch}


def id_errors(body):
    if is_whole(body.get("id", 1)):
        return []
    return [field_error("id", "must be a whole number; or leave it out")]


def raise_errors(errors):
    if errors:
        raise invalid(errors)


def check_read_only(body, user_id, stored):
    """Checks that read-only fields in PUT and PATCH have their stored values."""
    other = body.get("id", user_id)
    if other != user_id:
        detail = f"the body has the id {other}; send it to /api/users/{other}, or leave the id out"
        raise Problem("id-mismatch", detail, [field_error("id", "is not the id of the address")])
    errors = []
    for field in ("created_at", "updated_at"):
        if field in body and not stored:
            errors.append(field_error(field, "is set by the server; leave it out"))
        elif field in body and not is_same_time(body[field], stored[field]):
            detail = f"is set by the server, and is {stored[field]}; leave it out or as it is"
            errors.append(field_error(field, detail))
    raise_errors(errors)


def is_whole(value):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and value % 1 == 0 and abs(value) < 2**53


def is_same_time(sent, stored):
    try:
        return datetime.fromisoformat(sent) == datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return False


def check_token_name(value):
    if error := check_string(value):
        return error
    if not 1 <= len(value) <= 100 or any(unicodedata.category(char) == "Cc" for char in value):
        return "must have 1 to 100 characters, none of them a control"


def check_token_kind(value):
    if error := check_string(value):
        return error
    if value not in ("opaque", "jwt"):
        return "must be `opaque` or `jwt`"


def check_seconds(value):
    if not is_whole(value) or not 1 <= value <= 604800:
        return "must be a whole number of seconds from 1 to 604800"


LOGIN = {"email": check_string, "password": check_string}
TOKEN = {"name": check_token_name, "kind": check_token_kind, "expires_in": check_seconds}


def parse_fields(body, checks, **defaults):
    """Validates the fields of a login or a token with one check for each field."""
    fields = defaults | body
    errors = []
    for field, check in checks.items():
        error = check(fields[field]) if field in fields else "is required"
        if error:
            errors.append(field_error(field, error))
    errors += [field_error(field, f"is not known here; known are {', '.join(checks)}")
               for field in body if field not in checks]
    raise_errors(errors)
    return fields
