"""Authentication by session (Flask-Login) or bearer token (Flask-JWT-Extended); authorization."""

import functools
import hashlib
import hmac
import re
import secrets
from datetime import timedelta

import jwt
from flask import g, request, session
from flask_jwt_extended import JWTManager, create_access_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import LoginManager, UserMixin, current_user, login_required

from problem import Problem
from store import store

PASSWORD = "routebook"  # of every user, because the data are examples
OPAQUE = "rbt_"  # the prefix of opaque tokens
CHALLENGE = 'Bearer realm="routebook"'

login_manager = LoginManager()
jwt_manager = JWTManager()


class Caller(UserMixin):
    """An authenticated user in the form that Flask-Login requires."""

    def __init__(self, user):
        self.user, self.id = user, user["id"]
        g.authenticated = True


@login_manager.user_loader
def load_from_session(user_id):
    if "Authorization" in request.headers:
        return None  # a token takes precedence over the session
    user = store.find(int(user_id))
    return user and Caller(user)


@login_manager.request_loader
def load_from_token(request):
    if "Authorization" not in request.headers:
        return None
    token = bearer_token(request.headers["Authorization"])
    if token.startswith(OPAQUE):
        found = store.find_token_by_hash(token_hash(token))
    else:
        found = store.find_token(decode_jwt(token)["jti"])
    user = found and store.find(found["user_id"])
    if not user:
        raise invalid_token("the token is not valid in this sandbox, or was revoked")
    if found["expires_at"] <= store.now():
        raise invalid_token("the token has expired")
    store.record_use(found["id"])
    return Caller(user)


def bearer_token(header):
    """Parses the token in the header (RFC 6750, section 2.1)."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("the scheme of the Authorization header is not Bearer")
    if not re.fullmatch("[A-Za-z0-9._~+/-]+=*", token.strip()):
        raise malformed("what follows Bearer is not a token")
    return token.strip()


def decode_jwt(token):
    """Returns the claims of a signed token; checks its signature, audience and expiry."""
    try:
        return decode_token(token)
    except jwt.ExpiredSignatureError as error:
        raise invalid_token("the token has expired") from error
    except (jwt.PyJWTError, JWTExtendedException, KeyError) as error:
        raise invalid_token("the token is not valid in this sandbox, or was revoked") from error


@login_manager.unauthorized_handler
def reject_anonymous():
    ended = "_user_id" in session and "Authorization" not in request.headers
    nobody = "no user of this sandbox is logged in"
    raise unauthorized("the session of this cookie has ended" if ended else nobody)


def admin_required(view):
    @functools.wraps(view)
    @login_required
    def wrapper(**arguments):
        if current_user.user["role"] != "admin":
            raise forbidden("this needs the role admin, and yours is member")
        return view(**arguments)
    return wrapper


def check_login(email, password):
    """Returns the user. The error does not say which part is wrong, to make guessing harder."""
    user = store.find_by_email(email)
    if not hmac.compare_digest(password.encode(), PASSWORD.encode()) or user is None:
        detail = ("no user of this sandbox has this email address and password; "
                  f'the password of every user of a sandbox is "{PASSWORD}"')
        challenge = {"WWW-Authenticate": 'Login realm="routebook"'}
        raise Problem("wrong-login", detail, headers=challenge)
    return Caller(user)


def issue_token(user_id, name, kind, expires_in):
    """Creates a token; returns its fields with its secret, which no later response contains."""
    opaque = OPAQUE + secrets.token_urlsafe(32) if kind == "opaque" else None
    token = store.insert_token(user_id, name, kind, expires_in, opaque and token_hash(opaque))
    signed = opaque or create_access_token(
        str(user_id), expires_delta=timedelta(seconds=expires_in),
        additional_claims={"jti": token["id"]})
    return token | {"token": signed}


def token_hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


def unauthorized(reason):
    """Returns a 401 problem; without credentials it has no error code (RFC 6750, section 3)."""
    detail = f"{reason}; log in with POST /api/session, or send a token as Authorization: Bearer …"
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": CHALLENGE})


def malformed(reason):
    detail = f"{reason}; send one as Authorization: Bearer …"
    return Problem("bad-request", detail, headers=challenge("invalid_request", reason))


def invalid_token(reason):
    detail = f"{reason}; make a new one with POST /api/tokens"
    return Problem("invalid-token", detail, headers=challenge("invalid_token", reason))


def forbidden(reason):
    """Returns a 403 problem; only for a token it has an error code (RFC 6750, section 3.1)."""
    has_token = "Authorization" in request.headers
    headers = challenge("insufficient_scope", reason) if has_token else None
    return Problem("forbidden", reason, headers=headers)


def challenge(error, description):
    value = f'{CHALLENGE}, error="{error}", error_description="{description}"'
    return {"WWW-Authenticate": value}
