"""Runs Schemathesis against the API with several kinds of visitors, on both databases.

Each visitor is a separate process of Schemathesis on a separate server, with all checks and all phases. One tested
operation counts as one test. The last line is "N passed, N failed"; the lines before it show the failures, each with
a curl command that reproduces it.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import jsonschema_rs
from schemathesis.specs.openapi.definitions import OPENAPI_31

HERE = Path(__file__).resolve().parent
# These responses never end, and Schemathesis waits for complete responses.
ENDLESS = ["/api/sandbox/events"]
# These change the responses to other operations, so they are tested in a separate run.
SANDBOX_OPERATIONS = ["updateSandbox", "deleteSandbox", "resetSandbox"]
# The kind of the token of each role.
TOKEN_KINDS = {"member": "opaque", "admin": "jwt"}
# High limits, so that requests still pass the limiter.
LIMITS = {"USERS": 10**6, "SANDBOXES_PER_HOUR": 10**6, "REQUESTS_PER_MINUTE": 10**7, "WRITES_PER_MINUTE": 10**7, "SANDBOX_REQUESTS_PER_MINUTE": 10**7}


@contextmanager
def server(binary, folder, database):
    """Starts a server on a free port and yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--data", str(folder)]
    if database:
        command += ["--database", database, "--sandbox-database", database]
    environment = os.environ | {f"ROUTEBOOK_LIMITS_{key}": str(value) for key, value in LIMITS.items()}
    with open(folder / "server.log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{base}/api/health", timeout=5)
                break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None:
                    break
                time.sleep(0.1)
        else:
            raise RuntimeError("the server does not respond")
        if process.poll() is not None:
            raise RuntimeError("the server ended: " + (folder / "server.log").read_text()[-2000:])
        yield base
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def call(base, method, path, headers=(), body=None):
    """Sends a request; returns the headers and the JSON of the response."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, {"Content-Type": "application/json", **dict(headers)}, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.headers, json.load(response)


def document_errors(base):
    """Validates the document against the meta-schema of OpenAPI 3.1, and its schemas against that of JSON Schema."""
    _, document = call(base, "GET", "/api/openapi.json")
    errors = [f"{error.instance_path}: {error.message}" for error in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(document)]
    for name, schema in document["components"]["schemas"].items():
        try:
            jsonschema_rs.meta.validate(schema)
        except jsonschema_rs.ValidationError as error:
            errors.append(f"{name}: {error.message}")
    return errors


def anonymous(base):
    return {}, {}


def logged_in(role):
    def identify(base):
        """Creates a token for a user with this role in a new sandbox."""
        created, _ = call(base, "POST", "/api/sandbox")
        sandbox = {"Sandbox-Key": created["Sandbox-Key"]}
        user = {"name": "Tester", "email": "tester@example.com", "role": role}
        _, user = call(base, "POST", "/api/users", sandbox, user)
        login, _ = call(base, "POST", "/api/session", sandbox, {"email": user["email"], "password": "routebook"})
        cookie = {"Cookie": login["Set-Cookie"].split(";")[0]}
        _, token = call(base, "POST", "/api/tokens", sandbox | cookie, {"name": "schemathesis", "kind": TOKEN_KINDS[role]})
        own_ids = {"ROUTEBOOK_OWN_USER": str(user["id"]), "ROUTEBOOK_OWN_TOKEN": token["id"]}
        return sandbox | {"Authorization": f"Bearer {token['token']}"}, own_ids

    return identify


def without_sandbox_operations(options):
    for name in SANDBOX_OPERATIONS:
        options += ["--exclude-operation-id", name]
    return options


VISITORS = {
    "anonymous": (anonymous, without_sandbox_operations([])),
    "member": (logged_in("member"), without_sandbox_operations([])),
    "admin": (logged_in("admin"), without_sandbox_operations([])),
    "its sandbox": (anonymous, ["--include-path-regex", "^/api/sandbox"]),
}


def run_schemathesis(base, folder, visitor, arguments):
    """Runs Schemathesis once; returns the numbers of passed and failed operations and of requests, and its output."""
    identify, options = VISITORS[visitor]
    report = folder / "report.json"
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", f"{base}/api/openapi.json", "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"]
    command += ["--seed", str(arguments.seed), "--max-examples", str(arguments.examples), "--continue-on-failure", "--no-color"]
    command += ["--report", "json", "--report-json-path", str(report), *options]
    for path in ENDLESS:
        command += ["--exclude-path", path]
    headers, own_ids = identify(base)
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    if arguments.seconds:
        command += ["--max-time", str(arguments.seconds)]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"), "PYTHONDONTWRITEBYTECODE": "1"} | own_ids
    run = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    (folder / "schemathesis.log").write_text(run.stdout)
    if headers:
        # Fails when the credentials are no longer valid, because most requests would then have been anonymous.
        call(base, "GET", "/api/me", headers)
    try:
        result = json.loads(report.read_text())
    except (OSError, ValueError):
        return 0, 1, 0, run.stdout
    tested, cases = result["operations"]["tested"], result["test_cases"]["generated"]
    failed = min(tested, max(result["operations"]["errored"], len(failed_operations(run.stdout))))
    if run.returncode != 0 or tested == 0 or not result["complete"]:
        failed = max(failed, 1)
    return max(tested - failed, 0), failed, cases, run.stdout


def failed_operations(output):
    """Returns the operations with failures or errors."""
    return set(re.findall(r"^_{3,} (.+?) _{3,}$", output, re.MULTILINE))


def test_engine(engine, arguments):
    """Runs all visitors on one database engine, one after another."""
    results = []
    for number, visitor in enumerate(VISITORS):
        if arguments.only and visitor not in arguments.only:
            continue
        folder = arguments.logs / f"{engine}-{visitor.replace(' ', '-')}"
        folder.mkdir(parents=True, exist_ok=True)
        database = create_database(arguments.postgres, number) if engine == "postgres" else None
        started = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="routebook-schema-") as data, server(arguments.binary, Path(data), database) as base:
                passed, failed, cases, output = run_schemathesis(base, folder, visitor, arguments)
        except (RuntimeError, OSError) as error:
            passed, failed, cases, output = 0, 1, 0, str(error)
        results.append((passed, failed))
        took = time.monotonic() - started
        print(f"{engine}, {visitor}: {passed} operations passed, {failed} failed; {cases} requests in {took:.0f} s", flush=True)
        if failed:
            print(output, flush=True)
    return results


def create_database(url, number):
    """Creates a database in the cluster and returns its URL."""
    name = f"schema_{os.getpid()}_{number}"
    base, _, query = url.partition("?")
    socket_folder = dict(pair.split("=", 1) for pair in query.split("&") if pair).get("host")
    command = ["psql", "--quiet", "--dbname", url, "--command", f"CREATE DATABASE {name}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    base = base.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?host={socket_folder}" if socket_folder else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="path of the server binary")
    parser.add_argument("--logs", type=Path, required=True, help="folder for the output of Schemathesis")
    parser.add_argument("--examples", type=int, default=20, help="number of random requests for each operation")
    parser.add_argument("--seconds", type=int, default=0, help="time limit of each run; by default each run is one pass")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers")
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgres"])
    parser.add_argument("--only", nargs="+", help="the visitors to run")
    arguments = parser.parse_args()
    arguments.logs = arguments.logs.resolve()
    arguments.postgres = os.environ.get("ROUTEBOOK_TEST_POSTGRES")
    if "postgres" in arguments.engines and not arguments.postgres:
        print("set ROUTEBOOK_TEST_POSTGRES to the URL of PostgreSQL\n0 passed, 1 failed")
        return 1
    with tempfile.TemporaryDirectory(prefix="routebook-schema-") as data, server(arguments.binary, Path(data), None) as base:
        errors = document_errors(base)
    print("the document is valid OpenAPI 3.1" if not errors else "\n".join(errors), flush=True)
    document = (0, 1) if errors else (1, 0)
    with ThreadPoolExecutor(len(arguments.engines)) as pool:
        results = [document] + [result for of_engine in pool.map(lambda engine: test_engine(engine, arguments), arguments.engines) for result in of_engine]
    passed, failed = (sum(column) for column in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
