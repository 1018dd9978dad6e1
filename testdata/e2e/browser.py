"""A page as Chromium shows it: driven over the DevTools protocol, through two pipes, with the standard library alone."""

import json
import os
import pathlib
import select
import shutil
import subprocess
import time

import harness


class Browser:
    """Chromium without a window, with one page. `problems` is what it complained of, `requests` what it loaded."""

    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            raise SystemExit("no chromium: install package chromium (./test does it by itself)")
        self.problems, self.requests = [], []
        self._numbers, self._answers, self._unread = 0, {}, b""
        commands_out, self._commands = os.pipe()
        self._messages, messages_in = os.pipe()
        self.log = open(os.path.join(harness.temporary_folder(), "chromium.log"), "wb")
        # It expects its pipes as 3 and 4.
        shell = f'exec "$@" 3<&{commands_out} 4>&{messages_in}'
        profile = harness.temporary_folder()
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", f"--user-data-dir={profile}",
             "--remote-debugging-pipe"],
            pass_fds=(commands_out, messages_in), stdout=self.log, stderr=self.log,
            env={**os.environ, "HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile})
        os.close(commands_out)
        os.close(messages_in)
        self.session = None  # of the page, once there is one
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._commands)
        os.close(self._messages)
        self.log.close()

    def call(self, method, **parameters):
        self._numbers += 1
        message = {"id": self._numbers, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60
        while self._numbers not in self._answers:
            self._read(deadline, method)
        answer = self._answers.pop(self._numbers)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def _read(self, deadline, what):
        ready, _, _ = select.select([self._messages], [], [], max(0, deadline - time.monotonic()))
        chunk = os.read(self._messages, 1 << 20) if ready else b""
        if not chunk:
            raise AssertionError(f"Chromium did not answer to {what}; see {self.log.name}")
        *whole, self._unread = (self._unread + chunk).split(b"\0")
        for message in map(json.loads, whole):
            self._take(message)

    def _take(self, message):
        if "id" in message:
            self._answers[message["id"]] = message
            return
        method, parameters = message["method"], message["params"]
        if method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.problems.append(json.dumps(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.problems.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def open(self, path):
        self.evaluate("window.left = true")  # the page that is there may answer for a while yet
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        harness.wait_for(lambda: self.evaluate("document.readyState === 'complete' && !window.left"), 60,
                         f"{path} is loaded")

    def evaluate(self, expression):
        """The value of a JavaScript expression, as JSON has it."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def resize(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def prefer(self, theme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
