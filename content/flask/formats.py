"""Writes users as JSON, XML, CSV and text, and parses a user from JSON, XML and CSV."""

import csv
import io
import json
import re
import sys
from xml.etree import ElementTree
from xml.sax.saxutils import escape

# Python refuses to parse long numbers, because it is slow. A body has at most 64 KiB.
sys.set_int_max_str_digits(0)

FIELDS = ("id", "name", "email", "role", "bio", "created_at", "updated_at")
# Spreadsheets split a file at any of these, some also within quotes; a formula may follow each.
SEPARATOR = re.compile('[,;|\t\r\n"]')
CELL = f"(^|(?<={SEPARATOR.pattern}))"
FORMULA = "(?='*[=+@＝＋－＠-])"
BLANK = "(?='*([\t\r\n]|\\Z))"
RISKY = re.compile(f"{CELL}{FORMULA}|^{BLANK}")  # where an apostrophe is inserted
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
    text = RISKY.sub("'", str(value))  # no cell begins like a formula, with any separator
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
    """Parses JSON; unlike `json.loads` it refuses repeated keys, NaN and lone surrogates."""
    body = json.loads(data.decode(), object_pairs_hook=unique_members,
                      parse_constant=reject_constant)
    to_json(body).encode()
    return body


def unique_members(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name appears twice")
    return members


def reject_constant(name):
    raise ValueError(f"{name} is not JSON")


def from_xml(data):
    root = ElementTree.fromstring(data.decode(), ElementTree.XMLParser(target=Builder()))
    if root.tag != "user" or root.attrib or any(field.attrib or len(field) for field in root):
        raise ValueError("must be <user> with an element for each field")
    return convert_id(unique_members([(field.tag, field.text or "") for field in root]))


class Builder(ElementTree.TreeBuilder):
    def doctype(self, name, public_id, system):
        raise ValueError("a document type is not read here")  # it could define endless entities


def from_csv(data):
    lines = io.StringIO(data.decode("utf-8-sig"), newline="")
    rows = [row for row in csv.reader(lines, strict=True) if row]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        raise ValueError("must be a header row and one row that is as long")
    cells = unique_members(list(zip(*rows)))
    return convert_id({field: MARKED.sub("", cell) for field, cell in cells.items() if cell})


def convert_id(fields):
    """Converts the id to a number, because XML and CSV contain only text."""
    if re.fullmatch("-?[1-9][0-9]*|0", fields.get("id", "")):
        fields["id"] = int(fields["id"])
    return fields


READERS = {"application/json": from_json, "application/xml": from_xml, "text/csv": from_csv}
MALFORMED = (ValueError, RecursionError, ElementTree.ParseError, csv.Error)
