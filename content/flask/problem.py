"""Error responses as problem details (RFC 9457)."""

from werkzeug.exceptions import HTTPException

# The slug of each kind with its status and title. The general kind of a status comes first.
KINDS = {
    "bad-request": (400, "The request is not understood"),
    "malformed-json": (400, "The body is not valid JSON"),
    "malformed-body": (400, "The body is not valid"),
    "invalid-query": (400, "The query is not valid"),
    "invalid-id": (400, "The id is not a number"),
    "unauthorized": (401, "This needs credentials"),
    "invalid-token": (401, "The token is not valid"),
    "wrong-login": (401, "The email address or the password is wrong"),
    "forbidden": (403, "This is not allowed"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "The resource does not have this method"),
    "not-acceptable": (406, "No acceptable format"),
    "conflict": (409, "The request clashes with what is stored"),
    "duplicate-email": (409, "Another user has this email address"),
    "id-mismatch": (409, "The body has another id than the address"),
    "precondition-failed": (412, "The condition of the request does not hold"),
    "content-too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "The body's format is not supported"),
    "invalid-fields": (422, "Some fields are not valid"),
    "too-many-requests": (429, "Too many requests"),
    "internal-error": (500, "Something went wrong on the server"),
    "not-implemented": (501, "The server does not know this method"),
    "unavailable": (503, "The server is busy"),
}


class Problem(HTTPException):
    """An error of a request. A view or a function that it calls raises it."""

    def __init__(self, kind, detail, errors=(), headers=None):
        super().__init__(detail)
        self.kind, self.errors, self.headers = kind, list(errors), headers
        self.code, self.title = KINDS[kind]

    def as_dict(self, base, instance):
        kind = f"{base}/{self.kind}" if self.kind else "about:blank"
        members = {"type": kind, "title": self.title, "status": self.code,
                   "detail": self.description, "instance": instance}
        return members | ({"errors": self.errors} if self.errors else {})


def problem_of_status(code, title, detail, headers):
    """Returns the problem for a status; its type is about:blank when the status has no kind."""
    kind = next((kind for kind, (status, _) in KINDS.items() if status == code), None)
    problem = Problem(kind or "bad-request", detail, headers=headers)
    if kind is None:
        problem.kind, problem.code, problem.title = None, code, title
    return problem


def field_error(field, detail):
    """Returns an error in a field of the body, with its JSON pointer (RFC 6901)."""
    return {"pointer": "/" + field.replace("~", "~0").replace("/", "~1"), "detail": detail}


def invalid(errors):
    subject = "one field is" if len(errors) == 1 else f"{len(errors)} fields are"
    return Problem("invalid-fields", f"{subject} not valid; errors says which", errors)


def invalid_query(key, detail):
    errors = [{"parameter": key, "detail": detail}]
    return Problem("invalid-query", f'the query key "{key}" {detail}', errors)


def user_not_found(user_id):
    return Problem("not-found", f"there is no user with the id {user_id}")
