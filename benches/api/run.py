"""The users API beside its Flask version: requests a second and 99th percentile, in one run.

Both serve SQLite with a write-ahead log and synchronous=OFF; the twin under gunicorn with two workers. Rounds are
interleaved, so that what else the machine does falls on both. Routebook runs as it is served, with the limiter (set
high) and the recorder; `unrecorded` is the same request with `Exchange-Group: none`. Needs wrk.

    scripts/bench api [--rounds N] [--seconds N] [--connections N]
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
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--connections", type=int, default=32)
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, routebook(folder) as (ours, _), twin(folder) as theirs:
        key = new_sandbox(ours)
        for base, headers in ((ours, {"Sandbox-Key": key}), (theirs, {})):
            fill(base, headers)
        results = {}
        for number in range(arguments.rounds):
            keys = [new_sandbox(ours) for _ in range(SANDBOXES)]
            Path(folder, "keys.txt").write_text("\n".join(keys))
            for name, base, path, options in cases(ours, theirs, key, Path(folder, "keys.txt")):
                found = wrk(base + path, options, arguments)
                results.setdefault(name, []).append(found)
                print(f"round {number + 1}: {name}: {found[0]:.0f}/s", file=sys.stderr)
        report(results, arguments)


def cases(ours, theirs, key, keys):
    """Name, origin, path, options of wrk."""
    mine = ["-H", f"Sandbox-Key: {key}"]
    tag = request(ours + "/api/users/3", headers={"Sandbox-Key": key})[1]["ETag"]
    twins_tag = request(theirs + "/api/users/3")[1]["ETag"]
    post = ["-s", str(HERE / "post.lua")]
    return [
        ("get one", ours, "/api/users/3", mine),
        ("get one, unrecorded", ours, "/api/users/3", [*mine, "-H", "Exchange-Group: none"]),
        ("get one, no sandbox", ours, "/api/users/3", []),
        ("get one, twin", theirs, "/api/users/3", []),
        ("list of 20", ours, "/api/users", mine),
        ("list of 20, twin", theirs, "/api/users", []),
        ("304", ours, "/api/users/3", [*mine, "-H", f"If-None-Match: {tag}"]),
        ("304, twin", theirs, "/api/users/3", ["-H", f"If-None-Match: {twins_tag}"]),
        ("post", ours, "/api/users", [*post, ("KEYS", str(keys))]),
        ("post, twin", theirs, "/api/users", post),
    ]


def report(results, arguments):
    def median(name, at):
        return statistics.median(found[at] for found in results[name])

    print(f"{arguments.rounds} rounds of {arguments.seconds} s, {arguments.connections} connections, "
          f"{os.cpu_count()} cores; medians\n")
    print("| request | /s | p99 ms | errors | twin /s | ratio |\n|---|---|---|---|---|---|")
    for name in results:
        if name.endswith("twin"):
            continue
        twin_name = name.split(",")[0] + ", twin"
        theirs = median(twin_name, 0)
        errors = sum(found[2] for found in results[name])
        print(f"| {name} | {median(name, 0):.0f} | {median(name, 1):.1f} | {errors} | {theirs:.0f} | "
              f"{median(name, 0) / theirs:.2f} |")
    for name in results:
        if name.endswith("twin") and (errors := sum(found[2] for found in results[name])):
            print(f"\n{name}: {errors} errors")


@contextmanager
def twin(folder):
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
        yield origin


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def new_sandbox(origin):
    return request(origin + "/api/sandbox", "POST")[1]["Sandbox-Key"]


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
