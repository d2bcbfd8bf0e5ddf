"""Many people log in at once: how long readers wait meanwhile, and how long until everybody is logged in.

Readers request a lesson, a user of the API and the page of a member's own learning, at a constant rate. The time of a
request counts from the moment at which it was due, so that a wait delays no later measurement. Those who log in come from
addresses of their own, through a proxy that is trusted, and try again after the time that a 503 names.

    scripts/bench logins [--logins N] [--rate N] [--seconds N]
"""

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))
from measure import routebook  # noqa: E402

PASSWORD = "a password of a learner"
# Connections of the readers.
READERS = 20
# The longest time until everybody is logged in.
LIMIT_SECONDS = 120


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--logins", type=int, default=200)
    arguments.add_argument("--rate", type=int, default=500, help="requests of the readers a second")
    arguments.add_argument("--seconds", type=int, default=10, help="of readers alone, before the logins")
    arguments = arguments.parse_args()
    os.environ["ROUTEBOOK_TRUSTED_PROXIES"] = '["127.0.0.1/32"]'
    with tempfile.TemporaryDirectory() as folder, routebook(folder) as (origin, _):
        create_accounts(folder, arguments.logins)
        asyncio.run(measure(origin, arguments))


def create_accounts(folder, count):
    print(f"creating {count} accounts …", file=sys.stderr)
    command = [os.environ["ROUTEBOOK_BIN"], "account", "create", "--data", f"{folder}/data", "--name", "Learner", "--email"]

    def create(number):
        subprocess.run([*command, address(number)], input=PASSWORD + "\n", text=True, check=True, capture_output=True)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(create, range(count)))


def address(number):
    return f"learner{number}@example.com"


async def measure(origin, arguments):
    member = (await log_in(origin, 0))[0]
    sandbox = await new_sandbox(origin)
    targets = [
        ("/en/methods/post", {}),
        ("/api/users/1", {"Sandbox-Key": sandbox}),
        ("/en/learn", {"Cookie": member}),
    ]
    readers = asyncio.create_task(read(origin, targets, arguments.rate))
    await asyncio.sleep(arguments.seconds)
    # In a process of its own, so that the readers do not wait while this one opens the connections.
    with ProcessPoolExecutor(1) as processes:
        await asyncio.get_running_loop().run_in_executor(processes, os.getpid)
        began = time.monotonic()
        people = asyncio.get_running_loop().run_in_executor(processes, log_in_all, origin, arguments.logins)
        finished = await people
        ended = time.monotonic()
    readers.cancel()
    times = await readers
    print(f"{arguments.logins} logins at once, {arguments.rate} reads a second; {os.cpu_count()} cores\n")
    print(f"Logged in: the first after {min(at for _, at, _ in finished) - began:.1f} s, half after "
          f"{statistics.median(at for _, at, _ in finished) - began:.1f} s, all after {ended - began:.1f} s; "
          f"{sum(refused for _, _, refused in finished)} times 503, tried again.\n")
    print("| readers of | alone: p50 ms | p99 ms | during the logins: p50 ms | p99 ms | requests |")
    print("|---|--:|--:|--:|--:|--:|")
    for path, _ in targets:
        row(path, [time for time in times if time[0] == path], began)
    row("all", times, began)


def row(name, times, began):
    alone = [took for _, at, took in times if at < began]
    during = [took for _, at, took in times if at >= began]
    print(f"| {name} | {quantile(alone, 50):.1f} | {quantile(alone, 99):.1f} | {quantile(during, 50):.1f} | "
          f"{quantile(during, 99):.1f} | {len(during)} |")


def quantile(seconds, percent):
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000


async def read(origin, targets, rate):
    """Sends requests at a constant rate until it is cancelled; returns path, time when due, and seconds of each."""
    times = []
    began = time.monotonic()

    async def reader(first):
        reader_, writer = await connect(origin)
        try:
            number = first
            while True:
                due = began + number / rate
                await asyncio.sleep(max(0, due - time.monotonic()))
                path, headers = targets[number % len(targets)]
                status, _, _ = await exchange(reader_, writer, "GET", path, headers)
                assert status == 200, (path, status)
                times.append((path, due, time.monotonic() - due))
                number += READERS
        finally:
            writer.close()

    try:
        await asyncio.gather(*(reader(number) for number in range(READERS)))
    except asyncio.CancelledError:
        return times


def log_in_all(origin, count):
    async def run():
        people = (log_in(origin, number) for number in range(count))
        return await asyncio.wait_for(asyncio.gather(*people), LIMIT_SECONDS)

    return asyncio.run(run())


async def log_in(origin, number):
    """Logs in, and again after a 503: the cookie, the time when it was done, and how often it was refused."""
    body = urlencode({"email": address(number), "password": PASSWORD}).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": origin,
        "X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}",
    }
    refused = 0
    while True:
        reader, writer = await connect(origin)
        status, answer, _ = await exchange(reader, writer, "POST", "/en/login", headers, body)
        writer.close()
        if status == 303:
            cookie = re.search(r"(?mi)^set-cookie: (routebook=[^;]+)", answer)[1]
            return cookie, time.monotonic(), refused
        assert status == 503, (status, answer)
        refused += 1
        await asyncio.sleep(float(re.search(r"(?mi)^retry-after: (\d+)", answer)[1]))


async def new_sandbox(origin):
    reader, writer = await connect(origin)
    _, answer, _ = await exchange(reader, writer, "POST", "/api/sandbox", {})
    writer.close()
    return re.search(r"(?mi)^sandbox-key: (\S+)", answer)[1]


async def connect(origin):
    url = urlsplit(origin)
    return await asyncio.open_connection(url.hostname, url.port)


async def exchange(reader, writer, method, path, headers, body=b""):
    """Sends a request: the status, the header section and the content of the response."""
    host = ":".join(str(part) for part in writer.get_extra_info("peername"))
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"(?mi)^content-length: (\d+)", head)
    content = await reader.readexactly(int(length[1])) if length else b""
    if re.search(r"(?mi)^transfer-encoding: chunked", head):
        while size := int(await reader.readline(), 16):
            content += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    return int(head.split()[1]), head, content


if __name__ == "__main__":
    main()
