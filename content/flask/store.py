"""The users in an SQLite file that several processes share. Does not depend on Flask."""

import fcntl
import json
import secrets
import sqlite3
import threading
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from problem import Problem, field_error

SEED = Path(__file__).with_name("seed.json")
SCHEMA = """
    CREATE TABLE IF NOT EXISTS users (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        email TEXT NOT NULL UNIQUE COLLATE NOCASE,
        role TEXT NOT NULL,
        bio TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS tokens (
        id TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        hash TEXT UNIQUE,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        last_used_at TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS secret (id INTEGER PRIMARY KEY, key TEXT NOT NULL) STRICT;
"""


class Store:
    """The database file; each thread has its own connection."""

    def open(self, path):
        self.path, self.local = path, threading.local()
        with open(f"{path}.lock", "w") as lock, self.connect() as db:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of gunicorn start at the same time
            db.execute("PRAGMA journal_mode = WAL")  # readers and a writer at the same time
            db.executescript(SCHEMA)
            db.execute("BEGIN IMMEDIATE")
            if db.execute("SELECT 1 FROM secret").fetchone() is None:
                db.execute("INSERT INTO secret VALUES (1, ?)", [secrets.token_hex(32)])
                insert_seed(db)
            self.secret = db.execute("SELECT key FROM secret").fetchone()["key"]

    def connect(self):
        db = sqlite3.connect(self.path, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = OFF")  # a power failure may lose recent data
        db.create_function("lower", 1, str.lower, deterministic=True)  # SQLite's own: only ASCII
        return db

    @property
    def db(self):
        if not hasattr(self.local, "db"):
            self.local.db = self.connect()
        return self.local.db

    def transaction(self):
        """Begins a transaction for `with`. It excludes other writers."""
        self.db.execute("BEGIN IMMEDIATE")
        return self.db

    def reset(self):
        with self.transaction() as db:
            insert_seed(db)

    def list(self, *, order, role, q, limit, offset):
        """Returns a page of users and the total number. `order` is SQL, never client input."""
        where = ("WHERE (:role IS NULL OR role = :role) AND"
                 " (:q IS NULL OR instr(lower(name), lower(:q)) OR instr(lower(email), lower(:q)))")
        values = {"role": role, "q": q, "limit": limit, "offset": offset}
        rows = self.db.execute(
            f"SELECT * FROM users {where} ORDER BY {order} LIMIT :limit OFFSET :offset", values)
        count = self.db.execute(f"SELECT count(*) FROM users {where}", values)
        return [dict(row) for row in rows], count.fetchone()[0]

    def find(self, user_id):
        row = self.db.execute("SELECT * FROM users WHERE id = ?", [user_id]).fetchone()
        return row and dict(row)

    def find_by_email(self, email):
        row = self.db.execute("SELECT * FROM users WHERE email = ?", [email]).fetchone()
        return row and dict(row)

    def insert(self, fields, user_id=None):
        """Inserts a user; without an id, assigns one that was never used."""
        return self.write("INSERT INTO users VALUES (:id, :name, :email, :role, :bio, :now, :now)"
                          " RETURNING *", fields | {"id": user_id})

    def change(self, stored, fields):
        """Updates a user. When no field differs, `updated_at` does not change either."""
        if fields.items() <= stored.items():
            return stored
        return self.write("UPDATE users SET name = :name, email = :email, role = :role,"
                          " bio = :bio, updated_at = :now WHERE id = :id RETURNING *",
                          stored | fields)

    def write(self, statement, values):
        try:
            return dict(self.db.execute(statement, values | {"now": self.now()}).fetchone())
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
                raise
            detail = "another user has this email address; choose another one"
            errors = [field_error("email", "is the address of another user")]
            raise Problem("duplicate-email", detail, errors) from error

    def delete(self, user_id):
        self.db.execute("DELETE FROM users WHERE id = ?", [user_id])

    # A JWT is found by its id, and an opaque token by its hash, so the file contains no tokens.

    def insert_token(self, user_id, name, kind, expires_in, token_hash):
        values = [str(uuid.uuid4()), user_id, name, kind, token_hash, self.now(),
                  self.now(after=expires_in)]
        row = self.db.execute(
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL) RETURNING *", values)
        return public_fields(row.fetchone())

    def list_tokens(self, user_id):
        rows = self.db.execute(
            "SELECT * FROM tokens WHERE user_id = ? ORDER BY created_at, id", [user_id])
        return [public_fields(row) for row in rows]

    def find_token(self, token_id):
        return self.db.execute("SELECT * FROM tokens WHERE id = ?", [token_id]).fetchone()

    def find_token_by_hash(self, token_hash):
        return self.db.execute("SELECT * FROM tokens WHERE hash = ?", [token_hash]).fetchone()

    def record_use(self, token_id):
        self.db.execute("UPDATE tokens SET last_used_at = ?1 WHERE id = ?2 AND"
                        " (last_used_at IS NULL OR last_used_at <= ?3)",
                        [self.now(), token_id, self.now(after=-60)])

    def delete_token(self, user_id, token_id):
        """Deletes a token; returns whether it existed."""
        done = self.db.execute(
            "DELETE FROM tokens WHERE id = ? AND user_id = ?", [token_id, user_id])
        return done.rowcount > 0

    def stats(self):
        rows = self.db.execute("SELECT role, count(*) FROM users GROUP BY role")
        users = {"admin": 0, "member": 0} | dict(tuple(row) for row in rows)
        tokens = self.db.execute("SELECT count(*) FROM tokens WHERE expires_at > ?", [self.now()])
        return {"users": users, "tokens": tokens.fetchone()[0]}

    @staticmethod
    def now(after=0):
        """Returns the time `after` seconds from now in the stored format."""
        moment = datetime.now(timezone.utc) + timedelta(seconds=after)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def public_fields(token):
    """Returns the fields of a token that clients may see."""
    return {key: token[key] for key in ("id", "name", "kind", "created_at", "expires_at",
                                        "last_used_at")}


def insert_seed(db):
    """Restores the first users; new ids continue after theirs."""
    db.execute("DELETE FROM users")
    db.execute("DELETE FROM sqlite_sequence")
    db.executemany(
        "INSERT INTO users VALUES (:id, :name, :email, :role, :bio, :created_at, :updated_at)",
        json.loads(SEED.read_text("utf-8")))


store = Store()
