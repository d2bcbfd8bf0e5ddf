"""The users API beside its Flask version, or beside another build of itself: requests a second and 99th percentile, in
one run.

Both serve SQLite with a write-ahead log and synchronous=OFF; the Flask version under gunicorn with two workers. Rounds are
interleaved, so that what else the machine does falls on both. Routebook runs as it is served, with the limiter (set
high) and the recorder; `unrecorded` is the same request with `Exchange-Group: none`. Needs wrk.

    scripts/bench api [--beside BINARY] [--rounds N] [--seconds N] [--connections N]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measure import ended, routebook, wrk  # noqa: E402

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SANDBOXES = 128


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--beside", help="another build of routebook, to be compared with instead of the Flask version")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--connections", type=int, default=32)
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, routebook(folder) as (ours, server), \
            other(folder, arguments.beside) as (theirs, other_server):
        headers = [(ours, sandbox(ours)), (theirs, {} if arguments.beside is None else sandbox(theirs))]
        for base, header in headers:
            fill(base, header)
        results = {}
        for number in range(arguments.rounds):
            mine = cases(*headers[0], folder)
            beside = dict(cases(*headers[1], folder))
            for name, options in mine:
                for whose, base, process, chosen in (
                        ("", ours, server, options), ("beside", theirs, other_server, beside.get(name))):
                    if chosen is None:
                        continue
                    path, *options = chosen
                    found = wrk(base + path, options, arguments, process)
                    results.setdefault((name, whose), []).append(found)
                    print(f"round {number + 1}: {name} {whose}: {found[0]:.0f}/s", file=sys.stderr)
        report(results, arguments)


def cases(base, header, folder):
    """Name, then path and options of wrk, of all that a server can do: the Flask version has no sandboxes."""
    mine = [part for name, value in header.items() for part in ("-H", f"{name}: {value}")]
    tag = request(base + "/api/users/3", headers=header)[1]["ETag"]
    post = ["-s", str(HERE / "post.lua")]
    found = [
        ("get one", ["/api/users/3", *mine]),
        ("list of 20", ["/api/users", *mine]),
        ("304", ["/api/users/3", *mine, "-H", f"If-None-Match: {tag}"]),
    ]
    if header:
        keys = Path(folder, f"keys-{base.rsplit(':')[-1]}.txt")
        keys.write_text("\n".join(sandbox(base)["Sandbox-Key"] for _ in range(SANDBOXES)))
        post.append(("KEYS", str(keys)))
        found += [
            ("get one, unrecorded", ["/api/users/3", *mine, "-H", "Exchange-Group: none"]),
            ("get one, no sandbox", ["/api/users/3"]),
        ]
    return [*found, ("post", ["/api/users", *post])]


def report(results, arguments):
    def median(name, whose, at):
        return statistics.median(found[at] for found in results[name, whose])

    print(f"{arguments.rounds} rounds of {arguments.seconds} s, {arguments.connections} connections, "
          f"{os.cpu_count()} cores; medians\n")
    print("| request | /s | p99 ms | CPU µs | errors | beside /s | p99 ms | CPU µs | errors | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name in dict.fromkeys(name for name, _ in results):
        # The Flask version has neither records nor sandboxes: its plain request is beside those that have none.
        beside = (name if (name, "beside") in results else name.split(",")[0], "beside")
        cells = []
        for whose in ((name, ""), beside):
            errors = sum(found[2] for found in results[whose])
            cells.append(f"{median(*whose, 0):.0f} | {median(*whose, 1):.1f} | {median(*whose, 3):.0f} | {errors}")
        print(f"| {name} | {' | '.join(cells)} | {median(name, '', 0) / median(*beside, 0):.2f} |")


@contextmanager
def other(folder, binary):
    """The server to compare with: the Flask version, or another build."""
    if binary is None:
        with flask(folder) as found:
            yield found
        return
    beside = Path(folder, "beside")
    beside.mkdir()
    with routebook(beside, binary) as found:
        yield found


@contextmanager
def flask(folder):
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "--log-level", "warning", "app:app"]
    environment = dict(os.environ, FLASK_DATABASE=f"{folder}/users.db")
    server = subprocess.Popen(command, env=environment, cwd=ROOT / "content" / "flask")
    with ended(server):
        origin = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                request(origin + "/api/users/1")
                break
            except OSError:
                time.sleep(0.1)
        yield origin, server


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def sandbox(origin):
    """The header field of a new sandbox."""
    return {"Sandbox-Key": request(origin + "/api/sandbox", "POST")[1]["Sandbox-Key"]}


def fill(origin, headers):
    """Enough users for a page of twenty."""
    for number in range(20):
        user = {"name": f"User {number}", "email": f"user{number}@example.com", "role": "member"}
        request(origin + "/api/users", "POST", headers | {"Content-Type": "application/json"}, json.dumps(user))


def request(url, method="GET", headers=None, body=None):
    asked = urllib.request.Request(url, body.encode() if body else None, headers or {}, method=method)
    with urllib.request.urlopen(asked) as response:
        return response.status, response.headers


if __name__ == "__main__":
    main()
