"""A user, or a list of them, as JSON, XML, CSV and text. No Flask here."""

import csv
import io
import json
from xml.sax.saxutils import escape


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_xml(value):
    root = xml_element("user", value) if isinstance(value, dict) else (
        "<users>" + "".join(xml_element("user", user) for user in value) + "</users>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def xml_element(name, user):
    fields = (f"<{field}>{escape(str(value))}</{field}>"
              for field, value in user.items() if value is not None)
    return f"<{name}>{''.join(fields)}</{name}>"


def to_csv(value):
    users = [value] if isinstance(value, dict) else value
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(users[0] if users else [])
    rows.writerows(user.values() for user in users)
    return text.getvalue()


def to_text(value):
    users = [value] if isinstance(value, dict) else value
    return "".join(f"{user['id']} {user['name']}\n" for user in users)


WRITERS = {
    "application/json": to_json,
    "application/xml": to_xml,
    "text/csv": to_csv,
    "text/plain": to_text,
}


def from_json(data):
    """Stricter than `json.loads`: no key twice, no NaN, no half of a surrogate pair."""
    try:
        body = json.loads(data, object_pairs_hook=once, parse_constant=no_constant)
        to_json(body).encode()
    except RecursionError as error:
        raise ValueError("arrays and objects are nested too deep") from error
    return body


def once(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return members


def no_constant(name):
    raise ValueError(f"{name} is not JSON")
