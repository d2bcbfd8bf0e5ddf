"""What Schemathesis cannot know of the API from its OpenAPI document."""

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
KEYS = itertools.count()
TURNS = itertools.count()
# Who the run is: a user or a token that must outlast it, each with another id in its place.
OWN = {
    os.environ.get("ROUTEBOOK_OWN_USER"): 2147483000,
    os.environ.get("ROUTEBOOK_OWN_TOKEN"): "5a0f6f0e-8a0e-4a55-9a39-0f6de1d1f4c2",
}
WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


@st.composite
def row_of_a_user(draw):
    """A header row and one row, as RFC 4180 has them."""
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


schemathesis.openapi.media_type("text/csv", row_of_a_user())


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Examples of what has a strategy of its own must be bytes, which no JSON document has."""
    for item in raw_schema["paths"].values():
        for operation in item.values():
            operation.get("requestBody", {}).get("content", {}).get("text/csv", {}).pop("example", None)


@schemathesis.serializer("application/xml")
def as_xml(context, value):
    """Schemathesis makes text of null, and leaves out what no XML may hold; so what is wrong would be right."""
    if not isinstance(value, dict) or not all(text is None or isinstance(text, str) for text in value.values()):
        return serialize_xml(context.case, value)["data"]
    fields = {name: text or "" for name, text in value.items() if text is not None or name != "bio"}
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    return f"<user>{fields}</user>".encode(errors="surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Values that the document can only describe: they depend on what was answered or sent before."""
    if case.operation.path.startswith("/api/status/"):
        # What is asked for is the redirection.
        kwargs["allow_redirects"] = False
    if case.meta is None:
        return
    query, headers = case.query, case.headers
    if query and "cursor" in query and not case.meta.is_negative_at(ParameterLocation.QUERY):
        # No text is a cursor but one from a Link, and the empty one, the start.
        query["cursor"] = ""
        query.pop("page", None)
        query.pop("sort", None)
    if headers and "Idempotency-Key" in headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
        # Another body needs another key.
        headers["Idempotency-Key"] = f"key-{next(KEYS)}"
    if headers and case.method in ("PUT", "PATCH", "DELETE") and next(TURNS) % 2:
        # Most conditions do not hold; every other write shall get past them.
        for name in ("If-Match", "If-None-Match", "If-Unmodified-Since"):
            headers.pop(name, None)
    if headers and "Authorization" in headers and None in OWN and not case.meta.is_negative_at(ParameterLocation.HEADER):
        # A token that means nothing, but looks like one: others are 400.
        token = hashlib.sha256(str(headers["Authorization"]).encode()).hexdigest()
        headers["Authorization"] = f"Bearer {token}"
    if case.method in ("PUT", "PATCH", "DELETE"):
        own = str((case.path_parameters or {}).get("id"))
        if own in OWN:
            case.path_parameters["id"] = OWN[own]
        if case.path == "/api/me" and isinstance(case.body, dict):
            # An admin who is a member from now on.
            case.body.pop("role", None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """What is still there after DELETE and may be: OPTIONS speaks of an address, and an echo has nothing to delete."""
    there = case.method == "OPTIONS" or case.operation.path.startswith("/api/echo")
    return not (isinstance(failure, UseAfterFree) and there)
