"""The response of /api/echo: the request as the server parsed it."""

import base64
from urllib.parse import parse_qsl, quote

from flask import request

from formats import MALFORMED, from_json

HIDDEN = "(hidden)"
SHOWN = frozenset("""
    accept accept-charset accept-encoding accept-language access-control-request-headers
    access-control-request-method cache-control connection content-encoding content-language
    content-length content-range content-type date dnt exchange-group expect host idempotency-key
    if-match if-modified-since if-none-match if-range if-unmodified-since origin pragma prefer
    priority range referer request-id sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user
    sec-gpc te transfer-encoding upgrade-insecure-requests user-agent
""".split())
PROXY = frozenset("forwarded via x-real-ip x-request-id cf-ray".split())


def describe_request():
    return {
        "method": request.method,
        "path": quote(request.path),
        "query": pairs(parse_qsl(request.query_string.decode(), keep_blank_values=True)),
        "headers": [header(name.lower(), value) for name, value in request.headers],
        "cookies": pairs(cookie.partition("=")[::2] for cookie in masked_cookies()),
        "content_type": content_type(),
        "body": body() if request.get_data() else None,
    }


def pairs(items):
    return [{"name": name, "value": value} for name, value in items]


def header(name, value):
    source = "proxy" if name in PROXY or name.startswith("x-forwarded-") else "client"
    return {"name": name, "value": masked(name, value), "source": source}


def masked(name, value):
    """Masks secrets, and all values that do not belong to this API."""
    if name == "cookie":
        return "; ".join(masked_cookies())
    if name == "authorization":
        scheme, _, token = value.partition(" ")
        is_own_token = token.startswith("rbt_") or token.count(".") == 2
        if scheme.lower() == "bearer" and is_own_token:
            return f"{scheme} {token.strip()[:12]}…"
        return f"{scheme} {HIDDEN}" if token else HIDDEN
    return value if name in SHOWN else HIDDEN


def masked_cookies():
    for cookie in request.headers.get("Cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name:
            yield f"{name}={value[:4]}…" if name == "api_session" else f"{name}={HIDDEN}"


def content_type():
    if not request.mimetype:
        return None
    return {"type": request.mimetype, "parameters": pairs(request.mimetype_params.items())}


def body():
    data = request.get_data()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"size": len(data), "base64": base64.b64encode(data).decode(),
                "error": "it is not text in UTF-8, so here are its bytes in base64"}
    parsed = {"size": len(data), "text": text}
    if request.mimetype == "application/x-www-form-urlencoded":
        parsed["form"] = pairs(parse_qsl(text, keep_blank_values=True))
    elif request.is_json:
        try:
            parsed["json"] = from_json(data)
        except MALFORMED as error:
            parsed["error"] = str(error)
    return parsed
