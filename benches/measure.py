"""What the measurements share: the server under test, and the load generator."""

import os
import re
import signal
import subprocess
from contextlib import contextmanager


def wrk(url, options, arguments):
    """Requests a second, 99th percentile in milliseconds, responses that were no success."""
    environment = dict(os.environ)
    flags = []
    for option in options:
        if isinstance(option, tuple):
            environment[option[0]] = option[1]
        else:
            flags.append(option)
    command = ["wrk", "-t2", f"-c{arguments.connections}", f"-d{arguments.seconds}s", "--latency", *flags, url]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    p99 = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, p99, int(errors[1]) if errors else 0


@contextmanager
def routebook(folder):
    """The release build with its data in a folder: its origin and its process."""
    environment = dict(os.environ, RUST_LOG="warn")
    for key in ("REQUESTS_PER_MINUTE", "WRITES_PER_MINUTE", "SANDBOXES_PER_HOUR"):
        environment[f"ROUTEBOOK_LIMITS_{key}"] = "1000000000"
    command = [os.environ["ROUTEBOOK_BIN"], "serve", "--listen", "127.0.0.1:0", "--data", f"{folder}/data"]
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
