"""A user, or a list of users, as JSON, XML, CSV and text; and one read from the first three."""

import csv
import io
import json
import re
import sys
from xml.etree import ElementTree
from xml.sax.saxutils import escape

# Python refuses longer numbers as too slow to read. A request holds 64 KiB, which is soon read.
sys.set_int_max_str_digits(0)

FIELDS = ("id", "name", "email", "role", "bio", "created_at", "updated_at")
# Spreadsheets split a file at any of these, some also within quotes; a formula may follow each.
SEPARATOR = re.compile('[,;|\t\r\n"]')
CELL = f"(^|(?<={SEPARATOR.pattern}))"
FORMULA = "(?='*[=+@＝＋－＠-])"
BLANK = "(?='*([\t\r\n]|\\Z))"
RISKY = re.compile(f"{CELL}{FORMULA}|^{BLANK}")  # an apostrophe is put there
MARKED = re.compile(f"{CELL}'{FORMULA}|^'{BLANK}")


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_xml(value):
    if isinstance(value, dict):
        root = xml_user(value)
    else:
        root = f"<users>{''.join(map(xml_user, value))}</users>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def xml_user(user):
    fields = [f"<{field}>{escape(str(value), {chr(13): '&#13;'})}</{field}>"
              for field, value in user.items() if value is not None]
    return f"<user>{''.join(fields)}</user>"


def to_csv(value):
    users = as_list(value)
    rows = [users[0] if users else FIELDS]
    rows += [[csv_cell(value) for value in user.values()] for user in users]
    return "".join((",".join(row) or '""') + "\r\n" for row in rows)


def csv_cell(value):
    if value is None:
        return ""
    text = RISKY.sub("'", str(value))  # no cell begins like a formula, however the file is split
    if SEPARATOR.search(text):
        text = text.replace('"', '""')
        return f'"{text}"'
    return text


def to_text(value):
    users = as_list(value)
    return "\n".join(map(text_user, users)) if users else "(no users)\n"


def text_user(user):
    lines = []
    for field, value in user.items():
        value = "(none)" if value is None else str(value)
        lines.append(f"{field}: " + "\n  ".join(re.split("\r\n|\r|\n", value)) + "\n")
    return "".join(lines)


def as_list(value):
    return [value] if isinstance(value, dict) else value


WRITERS = {
    "application/json": to_json,
    "application/xml": to_xml,
    "text/csv": to_csv,
    "text/plain": to_text,
}


def from_json(data):
    """Stricter than `json.loads`: no key twice, no NaN, no half of a surrogate pair."""
    body = json.loads(data.decode(), object_pairs_hook=once, parse_constant=no_constant)
    to_json(body).encode()
    return body


def once(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def from_xml(data):
    root = ElementTree.fromstring(data.decode(), ElementTree.XMLParser(target=Builder()))
    if root.tag != "user" or root.attrib or any(field.attrib or len(field) for field in root):
        raise ValueError("must be <user> with an element for each field")
    return typed(once([(field.tag, field.text or "") for field in root]))


class Builder(ElementTree.TreeBuilder):
    def doctype(self, name, public_id, system):
        raise ValueError("a document type is not read here")  # it could make a bomb of entities


def from_csv(data):
    lines = io.StringIO(data.decode("utf-8-sig"), newline="")
    rows = [row for row in csv.reader(lines, strict=True) if row]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        raise ValueError("must be a header row and one row that is as long")
    cells = once(list(zip(*rows)))
    return typed({field: MARKED.sub("", cell) for field, cell in cells.items() if cell})


def typed(fields):
    """XML and CSV know only text; the id is a number."""
    if re.fullmatch("-?[1-9][0-9]*|0", fields.get("id", "")):
        fields["id"] = int(fields["id"])
    return fields


READERS = {"application/json": from_json, "application/xml": from_xml, "text/csv": from_csv}
MALFORMED = (ValueError, RecursionError, ElementTree.ParseError, csv.Error)
