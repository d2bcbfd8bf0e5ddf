"""What a user may be: the checks of everything that a client writes. No Flask here."""

import functools
import re
import unicodedata
from datetime import datetime

from problem import Problem, at, invalid

LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})*")
READ_ONLY = ("id", "created_at", "updated_at")
ANYBODY = {"name": "A", "email": "a@a", "role": "member"}  # what a user cannot be without


def kind_of(value):
    kinds = {dict: "an object", list: "an array", str: "text", bool: "a boolean"}
    return "null" if value is None else kinds.get(type(value), "a number")


def check_string(value):
    return None if isinstance(value, str) else f"must be text, not {kind_of(value)}"


def check_text(value, shortest, longest, allowed=""):
    """Says what is wrong with a text, if anything is."""
    if wrong := check_string(value):
        return wrong
    if not shortest <= len(value) <= longest:
        return f"must have {shortest} to {longest} characters, and has {len(value)}"
    for char in value:
        if (char < " " and char not in allowed) or char in "\x7f\ufffe\uffff":
            return f"must not hold the control character U+{ord(char):04X}"


def check_email(value):
    if wrong := check_string(value):
        return wrong
    if len(value) > 254 or not EMAIL.fullmatch(value):
        return "must be an email address such as `kim@example.com`, of at most 254 bytes"


def check_role(value):
    if wrong := check_string(value):
        return wrong
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
    """The fields that a client writes of a user, and all that is wrong with them."""
    fields = defaults | {field: body[field] for field in CHECKS if field in body}
    errors = []
    for field, check in CHECKS.items():
        wrong = check(fields[field]) if field in fields else "is required"
        if wrong:
            errors.append(at(field, wrong))
    errors += [at(field, "is not a field of a user")
               for field in body if field not in CHECKS and field not in READ_ONLY]
    return fields, errors


def parse_new_user(body):
    """The body of POST: the server chooses the id and the times."""
    fields, errors = read_fields(body, role="member", bio=None)
    set_by_server = [at(field, "is set by the server; leave it out")
                     for field in READ_ONLY if field in body]
    reject(set_by_server + errors)
    return fields


def parse_user(body):
    """The body of PUT: the whole user; only bio may be left out."""
    fields, errors = read_fields(body, bio=None)
    reject(wrong_id(body) + errors)
    return fields


def parse_patch(patch):
    """The body of PATCH, a merge patch (RFC 7396): only what it names changes, null removes."""
    errors = [at(field, "cannot be removed" if field in READ_ONLY else "is not a field of a user")
              for field, value in patch.items() if value is None and field not in CHECKS]
    merged = {field: value for field, value in (ANYBODY | patch).items() if value is not None}
    fields, wrong = read_fields(merged, bio=None)
    reject(errors + wrong_id(merged) + wrong)
    return {field: fields[field] for field in fields if field in patch}


def wrong_id(body):
    whole = is_whole(body.get("id", 1))
    return [] if whole else [at("id", "must be a whole number; or leave it out")]


def reject(errors):
    if errors:
        raise invalid(errors)


def check_read_only(body, user_id, stored):
    """What only the server sets may be said again in PUT and PATCH, but not otherwise."""
    other = body.get("id", user_id)
    if other != user_id:
        detail = f"the body has the id {other}; send it to /api/users/{other}, or leave the id out"
        raise Problem("id-mismatch", detail, [at("id", "is not the id of the address")])
    errors = []
    for field in ("created_at", "updated_at"):
        if field in body and not stored:
            errors.append(at(field, "is set by the server; leave it out"))
        elif field in body and not same_time(body[field], stored[field]):
            detail = f"is set by the server, and is {stored[field]}; leave it out or as it is"
            errors.append(at(field, detail))
    reject(errors)


def is_whole(value):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and value % 1 == 0 and abs(value) < 2**53


def same_time(said, stored):
    try:
        return datetime.fromisoformat(said) == datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return False


def check_token_name(value):
    if wrong := check_string(value):
        return wrong
    if not 1 <= len(value) <= 100 or any(unicodedata.category(char) == "Cc" for char in value):
        return "must have 1 to 100 characters, none of them a control"


def check_token_kind(value):
    if wrong := check_string(value):
        return wrong
    if value not in ("opaque", "jwt"):
        return "must be `opaque` or `jwt`"


def check_seconds(value):
    if not is_whole(value) or not 1 <= value <= 604800:
        return "must be a whole number of seconds from 1 to 604800"


LOGIN = {"email": check_string, "password": check_string}
TOKEN = {"name": check_token_name, "kind": check_token_kind, "expires_in": check_seconds}


def parse_form(body, checks, **defaults):
    """The fields of another body than a user's, each with its check."""
    fields = defaults | body
    errors = []
    for field, check in checks.items():
        wrong = check(fields[field]) if field in fields else "is required"
        if wrong:
            errors.append(at(field, wrong))
    errors += [at(field, f"is not known here; known are {', '.join(checks)}")
               for field in body if field not in checks]
    reject(errors)
    return fields
