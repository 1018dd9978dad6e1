#!/usr/bin/env python3
"""Receives Firebreak's webhook (Alertmanager's version 4), checks the signature and prints the alerts.

A sample to start from: Python's standard library alone, each rule of the delivery in one place.

    webhook_consumer.py --port 8080 --secret-file hook.key

With --port 0 the system chooses a port. The first line printed is "listening on http://HOST:PORT/".
Answers 200 when the message was taken, 401 for a missing, wrong or old signature, 400 for a body that is no webhook
message, 411 and 413 for a body of unknown or too large size. Firebreak retries after 5xx and gives up after 4xx.
"""

import argparse
import collections
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import sys
import threading
import time

MAX_BODY_BYTES = 4 << 20
SIGNATURE_TOLERANCE_SECONDS = 300
REMEMBERED_KEYS = 10_000
FIRING_ENDS_AT = "0001-01-01T00:00:00Z"


class Refused(Exception):
    """A request that is answered with `status`."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def check_signature(header, body, secret, now):
    """Raises Refused unless `header` is Firebreak's signature of `body`, made within 5 minutes of `now`.

    The header is `t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`. Signing the time keeps a message that
    somebody overheard from being played again tomorrow.
    """
    match = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", header or "")
    if match is None:
        raise Refused(401, "no signature" if not header else "malformed signature")
    signed_at, signature = match.groups()
    wanted = hmac.new(secret, signed_at.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, signature):
        raise Refused(401, "wrong signature")
    if abs(now - int(signed_at)) > SIGNATURE_TOLERANCE_SECONDS:
        raise Refused(401, "the signature is too old, or a clock is wrong")


def parse_message(body):
    """The message as a dict that has a list of alerts. Raises Refused."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "not JSON") from error
    alerts = message.get("alerts") if isinstance(message, dict) else None
    if not isinstance(alerts, list) or not all(isinstance(alert, dict) for alert in alerts):
        raise Refused(400, "not a webhook message: it has no list of alerts")
    if message.get("version") != "4":
        raise Refused(400, f"webhook version {message.get('version')!r}, wanted \"4\"")
    return message


def printable(text):
    """Labels hold what strangers sent as an endpoint: nothing of it may move the cursor."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text))


def describe(alert):
    """One alert in lines for people."""
    labels = alert.get("labels") or {}
    annotations = alert.get("annotations") or {}
    subject = " ".join(
        f"{name}={labels[name]}" for name in ("tier", "slo", "pair", "endpoint", "severity") if labels.get(name)
    )
    lines = [f"{str(alert.get('status', '?')).upper()} {labels.get('alertname', '?')} {subject}"]
    ends_at = alert.get("endsAt")
    lines.append(f"  since {alert.get('startsAt')}" + (f" until {ends_at}" if ends_at not in (None, FIRING_ENDS_AT) else ""))
    for name in ("summary", "description", "causes", "verdict", "runbook_url"):
        if annotations.get(name):
            lines.append(f"  {name}: {annotations[name]}")
    return "\n".join(printable(line) for line in lines)


class SeenKeys:
    """Idempotency keys of the newest messages: a retry of one that arrived is not printed again. Thread-safe."""

    def __init__(self, capacity):
        self._capacity = capacity
        self._keys = collections.OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, key):
        with self._lock:
            if key in self._keys:
                return False
            self._keys[key] = True
            if len(self._keys) > self._capacity:
                self._keys.popitem(last=False)
            return True


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 30  # seconds a peer may take over one read
    secret = b""  # empty: signatures are not checked
    seen = SeenKeys(REMEMBERED_KEYS)
    output_lock = threading.Lock()

    def do_POST(self):
        try:
            body = self._read_body()
            if self.secret:
                check_signature(self.headers.get("X-Firebreak-Signature"), body, self.secret, time.time())
            message = parse_message(body)
        except Refused as refused:
            self._answer(refused.status, str(refused))
            return
        key = self.headers.get("Idempotency-Key")
        if key is None or self.seen.is_new(key):
            self._show(message)
        self._answer(200, "ok")

    def _read_body(self):
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,18}", length):
            self.close_connection = True
            raise Refused(411, "a Content-Length is wanted")
        if int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            raise Refused(413, "too large")
        return self.rfile.read(int(length))

    def _show(self, message):
        with self.output_lock:
            for alert in message["alerts"]:
                print(describe(alert), flush=True)
            if message.get("truncatedAlerts"):
                print(f"  and {message['truncatedAlerts']} more", flush=True)

    def _answer(self, status, text):
        body = (text + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """One line on standard error for each request, nothing a peer sent in it unescaped."""
        sys.stderr.write(printable(format % args) + "\n")


def read_secret(path):
    """The secret of `path`, or of $FIREBREAK_WEBHOOK_SECRET, without the newline an editor adds."""
    text = pathlib.Path(path).read_bytes() if path else os.environ.get("FIREBREAK_WEBHOOK_SECRET", "").encode()
    return text.rstrip(b"\r\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0: any free one (default: %(default)s)")
    parser.add_argument("--secret-file", help="what webhooks[].secret_file names (default: $FIREBREAK_WEBHOOK_SECRET)")
    parser.add_argument("--unsigned", action="store_true", help="take messages without checking a signature")
    arguments = parser.parse_args()
    Handler.secret = b"" if arguments.unsigned else read_secret(arguments.secret_file)
    if not Handler.secret and not arguments.unsigned:
        parser.error("no secret: give --secret-file or $FIREBREAK_WEBHOOK_SECRET, or say --unsigned")
    server = http.server.ThreadingHTTPServer((arguments.host, arguments.port), Handler)
    print(f"listening on http://{arguments.host}:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
