#!/usr/bin/env python3
"""Reports an application's requests to Firebreak: the article's `track()` without a metrics library.

    reporter = Reporter("http://127.0.0.1:9710")
    with reporter.track("/userid/") as call:
        answer = client.get("/userid/", ...)
        call.status = answer.status_code

One background thread sends what has gathered, at most once a second, and tries a batch that did not arrive again under
the same Idempotency-Key. A Firebreak that is away costs memory for `max_waiting` events and never the application's time.
Python's standard library alone.
"""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
import uuid

BATCH_EVENTS = 5_000
TRY_SECONDS = 5
LONGEST_PAUSE_SECONDS = 30


class Call:
    """What became of one request. Set `status`; or `outcome` ("timeout", "shape_mismatch") where there is none."""

    def __init__(self):
        self.status = None
        self.outcome = None
        self.retries = 0


class Reporter:
    """Thread-safe. close() sends what is left, for at most a few seconds."""

    def __init__(self, url, token=None, source="rum", region=None, max_waiting=100_000):
        self._url = url.rstrip("/") + "/v1/events"
        self._token = token
        self._common = {"source": source, **({"region": region} if region else {})}
        self._max_waiting = max_waiting
        self._waiting = []
        self._changed = threading.Condition()
        self._closed = False
        self.dropped = 0  # events that found no room
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def track(self, endpoint):
        """Times the body of a `with`. An exception counts as a failure and is passed on."""
        call = Call()
        began = time.monotonic()
        try:
            yield call
        except TimeoutError:
            call.outcome = "timeout"
            raise
        except Exception as error:
            call.outcome = type(error).__name__
            raise
        finally:
            self._add(endpoint, call, time.monotonic() - began)

    def _add(self, endpoint, call, seconds):
        event = {"ts": int(time.time() * 1000), "endpoint": endpoint, "latency_ms": round(seconds * 1000, 1)}
        if call.status is not None:
            event["status"] = call.status
        if call.outcome is not None or call.status is None:
            event["outcome"] = call.outcome or "ok"
        if call.retries:
            event["retries"] = call.retries
        with self._changed:
            if len(self._waiting) >= self._max_waiting:
                self.dropped += 1
                return
            self._waiting.append({**event, **self._common})
            self._changed.notify()

    def _run(self):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                batch, self._waiting = self._waiting[:BATCH_EVENTS], self._waiting[BATCH_EVENTS:]
            self._deliver(batch)
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._waiting) >= BATCH_EVENTS, timeout=1)

    def _deliver(self, batch):
        """Sends a batch until it is taken or refused for good; gives up on a close()."""
        body = "\n".join(json.dumps(event) for event in batch).encode()
        key = str(uuid.uuid4())
        pause = 0.5
        while not self._send(body, key):
            with self._changed:
                if self._changed.wait_for(lambda: self._closed, timeout=pause):
                    return
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    def _send(self, body, key):
        """Whether there is nothing more to do for this body."""
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self._url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=TRY_SECONDS):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500 and error.code not in (408, 425, 429)
        except OSError:
            return False

    def close(self):
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout=2 * TRY_SECONDS)
