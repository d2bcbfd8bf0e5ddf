"""What the measurements share: the server under test, and the load generator."""

import os
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path


def wrk(url, options, arguments, server):
    """Requests a second, 99th percentile in milliseconds, responses that were no success, and how many microseconds of
    processor time a server spent on each."""
    environment = dict(os.environ)
    flags = []
    for option in options:
        if isinstance(option, tuple):
            environment[option[0]] = option[1]
        else:
            flags.append(option)
    command = ["wrk", "-t2", f"-c{arguments.connections}", f"-d{arguments.seconds}s", "--latency", *flags, url]
    before = processor_seconds(server)
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    spent = processor_seconds(server) - before
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    p99 = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    count = int(re.search(r"(\d+) requests in", out)[1])
    return rate, p99, int(errors[1]) if errors else 0, spent / count * 1e6


def processor_seconds(server):
    """The processor time of a process and of its children that run."""
    ticks = 0
    for pid in (server.pid, *children(server.pid)):
        # The name of the program stands in parentheses before the third field.
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@contextmanager
def routebook(folder, binary=None):
    """The release build, or another one, with its data in a folder: its origin and its process."""
    environment = dict(os.environ, RUST_LOG="warn")
    for key in ("REQUESTS_PER_MINUTE", "WRITES_PER_MINUTE", "SANDBOXES_PER_HOUR"):
        environment[f"ROUTEBOOK_LIMITS_{key}"] = "1000000000"
    command = [binary or os.environ["ROUTEBOOK_BIN"], "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/data"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    with ended(server):
        yield first_address(server), server


def first_address(server):
    """The address in the first line that a server prints."""
    return re.search(r"http://\S+", server.stdout.readline())[0]


@contextmanager
def ended(server):
    """Ends a process at the end of the block."""
    try:
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
