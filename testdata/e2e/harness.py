"""What the end-to-end tests share: the real binary on a free port, requests, sinks, deadlines."""

import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request


def binary():
    """The firebreak under test: $FIREBREAK, or where Bazel put it beside the tests."""
    for candidate in (os.environ.get("FIREBREAK"), "firebreak", "../../firebreak"):
        if candidate and os.path.exists(candidate):
            return os.path.abspath(candidate)
    raise SystemExit("no firebreak binary: set FIREBREAK, or run under Bazel")


def temporary_folder():
    return tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))


def enter_mount_namespace():
    """Starts the script that runs again where it may mount."""
    if os.environ.get("IN_MOUNT_NAMESPACE"):
        return
    unshare = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    os.environ["IN_MOUNT_NAMESPACE"] = "1"
    os.execvp("unshare", [*unshare, sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds, what):
    """Returns condition()'s first true value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Server:
    """A running `firebreak serve`. Ends with the `with` block; its exit code is then in `exit_code`. `under` is the command
    that runs firebreak, where it is not the binary alone."""

    def __init__(self, *arguments, env=None, under=None, port=0):
        self.log = tempfile.TemporaryFile()
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*(under or [binary()]), "serve", "--listen", f"127.0.0.1:{port}", *arguments],
            stdout=self.out, stderr=self.log, env={**os.environ, **(env or {})})
        self.exit_code = None
        self.ended = {}
        try:
            self.port = int(wait_for(self._find_port, 30, "the server says where it listens"))
        except BaseException:
            self.process.kill()
            self.process.wait()
            self._close()
            raise

    def _find_port(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}: {self.errors()}")
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.errors() + self.output())
        return found and found.group(1)

    def _read(self, file):
        if file in self.ended:
            return self.ended[file]
        return os.pread(file.fileno(), 1 << 24, 0).decode(errors="replace")

    def _close(self):
        """The process is over: what it wrote is kept, its files are not."""
        for file in (self.log, self.out):
            if file not in self.ended:
                self.ended[file] = self._read(file)
                file.close()

    def errors(self):
        return self._read(self.log)

    def output(self):
        return self._read(self.out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the server did not stop within 10 s")
        self.exit_code = self.process.returncode
        self._close()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post_events(self, body, **headers):
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        return self.request("POST", "/v1/events", body=body, headers=headers)

    def raw(self, data, seconds=10):
        """Sends bytes as they are and returns all that comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            received = b""
            with contextlib.suppress(ConnectionResetError, TimeoutError):
                while chunk := connection.recv(65536):
                    received += chunk
            return received


class Sink:
    """An HTTP server that keeps every POST it gets: (headers, parsed JSON)."""

    def __init__(self):
        self.requests = []
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.requests.append((dict(self.headers), json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def bodies(self):
        return [body for _, body in self.requests]


def start_alertmanager(folder, config):
    """The real one, ready: (its process, its port)."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        raise AssertionError("prometheus-alertmanager is not installed (Debian package prometheus-alertmanager)")
    port = free_port()
    process = subprocess.Popen(
        [program, f"--config.file={write(folder, 'alertmanager.yml', config)}", f"--storage.path={folder}/am",
         f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ready():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2).status == 200
        except OSError:
            return False

    wait_for(ready, 20, "Alertmanager is ready")
    return process, port


def run(*arguments, stdin=None):
    """Runs a firebreak command to its end: (exit code, stdout, stderr)."""
    done = subprocess.run([binary(), *arguments], input=stdin, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
