"""Pages from memory beside a bare axum handler with the same bytes: requests a second, in one run.

Each content coding of a page and of the OpenAPI document. Rounds are interleaved, so that what else the machine does
falls on both; the processor time for each request depends less on it. Also prints the time from start to the first answer,
and the memory of a server without requests and after the rounds. Needs wrk.

    scripts/bench page [PATH] [--rounds N] [--seconds N] [--connections N]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from measure import ended, first_address, routebook, wrk  # noqa: E402

CODINGS = ["br", "gzip", "identity"]
# Made in the background; the bytes stay the same from then on.
BEST_BROTLI_SECONDS = 5
# Until the code of the lessons is highlighted and the memory for it released.
IDLE_SECONDS = 5


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("path", nargs="?", default="/en/methods/post")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=3)
    arguments.add_argument("--connections", type=int, default=32)
    arguments = arguments.parse_args()
    paths = {"page": arguments.path, "openapi": "/api/openapi.json"}
    with tempfile.TemporaryDirectory() as folder, routebook(folder) as (_, server):
        time.sleep(IDLE_SECONDS)
        idle = memory(server.pid)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with routebook(folder) as (origin, server):
            fetch(origin + arguments.path, "identity")
            started = time.monotonic() - began
            bodies = Path(folder, "bodies")
            bodies.mkdir()
            for path in paths.values():
                fetch(origin + path, "br")
            time.sleep(BEST_BROTLI_SECONDS)
            for name, path in paths.items():
                for coding in CODINGS:
                    (bodies / f"{name}-{coding}").write_bytes(fetch(origin + path, coding))
            results = compare(origin, server, bodies, paths, arguments)
            report(results, bodies, paths, arguments)
            print(f"\nFrom start to the first answer: {started * 1000:.0f} ms. "
                  f"Memory: {idle:.0f} MiB without requests, {memory(server.pid):.0f} MiB after all rounds.")


def compare(origin, server, bodies, paths, arguments):
    """Requests a second of each body by name: ours and those of the bare handler."""
    results = {}
    command = [os.environ["ROUTEBOOK_BARE_HANDLER"], str(bodies)]
    bare_handler = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with ended(bare_handler):
        bare = first_address(bare_handler)
        for number in range(arguments.rounds):
            for name, path in paths.items():
                for coding in CODINGS:
                    key = f"{name}-{coding}"
                    accept = ["-H", f"Accept-Encoding: {coding}"]
                    ours = wrk(origin + path, accept, arguments, server)
                    theirs = wrk(f"{bare}/{key}", accept, arguments, bare_handler)
                    results.setdefault(key, []).append((ours, theirs))
                    print(f"round {number + 1}: {key}: {ours[0]:.0f}/s, bare {theirs[0]:.0f}/s", file=sys.stderr)
    return results


def report(results, bodies, paths, arguments):
    print(f"\n{arguments.rounds} rounds of {arguments.seconds} s, {arguments.connections} connections, "
          f"{os.cpu_count()} cores; medians\n")
    print("| response | bytes | /s | p99 ms | CPU µs | errors | bare /s | CPU µs | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for key, found in results.items():
        rate, p99, _, spent = (statistics.median(ours[at] for ours, _ in found) for at in range(4))
        bare, _, _, bare_spent = (statistics.median(theirs[at] for _, theirs in found) for at in range(4))
        errors = sum(ours[2] + theirs[2] for ours, theirs in found)
        name, coding = key.split("-")
        size = (bodies / key).stat().st_size
        print(f"| {paths[name]}, {coding} | {size:,} | {rate:.0f} | {p99:.1f} | {spent:.0f} | {errors} | {bare:.0f} | "
              f"{bare_spent:.0f} | {rate / bare:.2f} |")


def fetch(url, coding):
    request = urllib.request.Request(url, headers={"Accept-Encoding": coding})
    with urllib.request.urlopen(request) as response:
        assert response.headers.get("Content-Encoding", "identity") == coding, response.headers
        return response.read()


def memory(pid):
    """The resident memory of a process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


if __name__ == "__main__":
    main()
