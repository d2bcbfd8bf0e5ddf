"""Hooks for rules of the API that its OpenAPI document cannot express."""

import csv
import hashlib
import io
import itertools
import os
from xml.sax.saxutils import escape

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import UseAfterFree
from schemathesis.transport.serialization import serialize_xml

LETTERS = st.characters(min_codepoint=0x20, exclude_characters="\x7f\ufffe\uffff", exclude_categories=["Cs"])
KEY_NUMBERS = itertools.count()
WRITE_NUMBERS = itertools.count()
# The user and the token of the run, which must not be deleted, each with the id that replaces it.
OWN_IDS = {
    os.environ.get("ROUTEBOOK_OWN_USER"): 2147483000,
    os.environ.get("ROUTEBOOK_OWN_TOKEN"): "5a0f6f0e-8a0e-4a55-9a39-0f6de1d1f4c2",
}
WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


@st.composite
def csv_of_user(draw):
    """Generates a header row and one row (RFC 4180)."""
    fields = {
        "name": draw(st.text(LETTERS, min_size=1, max_size=100)),
        "email": f"{draw(WORD)}@{draw(WORD)}.example",
        "role": draw(st.sampled_from(["admin", "member"])),
    }
    if draw(st.booleans()):
        fields["bio"] = draw(st.text(LETTERS, max_size=500))
    columns = draw(st.permutations(sorted(fields)))
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerow([fields[column] for column in columns])
    return file.getvalue().encode()


schemathesis.openapi.media_type("text/csv", csv_of_user())


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Removes the examples of CSV: with a custom strategy they must be bytes, which JSON cannot contain."""
    for item in raw_schema["paths"].values():
        for operation in item.values():
            operation.get("requestBody", {}).get("content", {}).get("text/csv", {}).pop("example", None)


@schemathesis.serializer("application/xml")
def as_xml(context, value):
    """Serializes a user. Schemathesis itself converts null to text and drops characters that XML forbids,
    which would turn invalid users into valid ones."""
    if not isinstance(value, dict) or not all(text is None or isinstance(text, str) for text in value.values()):
        return serialize_xml(context.case, value)["data"]
    fields = {name: text or "" for name, text in value.items() if text is not None or name != "bio"}
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    return f"<user>{fields}</user>".encode(errors="surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sets values that depend on earlier requests and responses."""
    if case.operation.path.startswith("/api/status/"):
        # The redirect itself is tested.
        kwargs["allow_redirects"] = False
    if case.meta is None:
        return
    query, headers = case.query, case.headers
    if query and "cursor" in query and not case.meta.is_negative_at(ParameterLocation.QUERY):
        # Random text is not a cursor. The empty cursor is the start of the list.
        query["cursor"] = ""
        query.pop("page", None)
        query.pop("sort", None)
    if headers and "Idempotency-Key" in headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
        # Another body requires another key.
        headers["Idempotency-Key"] = f"key-{next(KEY_NUMBERS)}"
    if headers and case.method in ("PUT", "PATCH", "DELETE") and next(WRITE_NUMBERS) % 2:
        # Most random preconditions are false, so every other write is sent without them.
        for name in ("If-Match", "If-None-Match", "If-Unmodified-Since"):
            headers.pop(name, None)
    if headers and "Authorization" in headers and None in OWN_IDS and not case.meta.is_negative_at(ParameterLocation.HEADER):
        # A well-formed unknown token, because a malformed one returns 400.
        token = hashlib.sha256(str(headers["Authorization"]).encode()).hexdigest()
        headers["Authorization"] = f"Bearer {token}"
    if case.method in ("PUT", "PATCH", "DELETE"):
        own_id = str((case.path_parameters or {}).get("id"))
        if own_id in OWN_IDS:
            case.path_parameters["id"] = OWN_IDS[own_id]
        if case.path == "/api/me" and isinstance(case.body, dict):
            # The admin of the run must stay an admin.
            case.body.pop("role", None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Ignores resources that exist after DELETE: OPTIONS applies to any address, and an echo deletes nothing."""
    may_exist = case.method == "OPTIONS" or case.operation.path.startswith("/api/echo")
    return not (isinstance(failure, UseAfterFree) and may_exist)
