#!/usr/bin/env python3
"""The sample consumer as a process of its own, spoken to over HTTP."""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

SECRET = b"the secret"
ALERT = {
    "status": "firing",
    "labels": {"alertname": "ErrorBudgetBurn", "tier": "tier1", "slo": "availability", "pair": "fast", "severity": "page"},
    "annotations": {"summary": "tier1 burns 29x"},
    "startsAt": "2026-05-29T14:03:55Z",
    "endsAt": "0001-01-01T00:00:00Z",
}


def message(*alerts):
    return json.dumps({"version": "4", "status": "firing", "alerts": list(alerts) or [ALERT]}).encode()


def sign(body, secret=SECRET, at=None):
    at = int(time.time() if at is None else at)
    return f"t={at},v1=" + hmac.new(secret, b"%d." % at + body, hashlib.sha256).hexdigest()


class WebhookConsumerTest(unittest.TestCase):
    def setUp(self):
        secret_file = pathlib.Path(os.environ["TEST_TMPDIR"]) / "hook.key"
        secret_file.write_bytes(SECRET + b"\n")
        self.start("--secret-file", str(secret_file))

    def start(self, *arguments):
        self.consumer = subprocess.Popen(
            [sys.executable, "docs/clients/webhook_consumer.py", "--port", "0", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        self.addCleanup(self.stop)
        self.port = int(re.search(r":(\d+)/", self.consumer.stdout.readline()).group(1))

    def stop(self):
        """Ends the consumer; returns what it has printed that was not read yet."""
        if self.consumer.poll() is None:
            self.consumer.terminate()
        printed, _ = self.consumer.communicate(timeout=20)
        return printed

    def post(self, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/hook", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def post_signed(self, body, **more):
        return self.post(body, {"X-Firebreak-Signature": sign(body), **more})

    def assert_refused(self, body, headers, status, reason):
        answered, text = self.post(body, headers)
        self.assertEqual((answered, text), (status, reason + "\n"))
        self.assertEqual(self.stop(), "", "a refused message was printed")

    def test_a_signed_message_is_printed(self):
        self.assertEqual(self.post_signed(message())[0], 200)
        printed = self.stop()
        self.assertIn("FIRING ErrorBudgetBurn tier=tier1 slo=availability pair=fast severity=page\n", printed)
        self.assertIn("  since 2026-05-29T14:03:55Z\n", printed)
        self.assertIn("  summary: tier1 burns 29x\n", printed)

    def test_a_resolved_alert_says_until_when(self):
        self.post_signed(message({**ALERT, "status": "resolved", "endsAt": "2026-05-29T14:39:55Z"}))
        printed = self.stop()
        self.assertIn("RESOLVED ErrorBudgetBurn", printed)
        self.assertIn("  since 2026-05-29T14:03:55Z until 2026-05-29T14:39:55Z\n", printed)

    def test_a_retry_is_taken_but_not_printed_again(self):
        body = message()
        self.assertEqual(self.post_signed(body, **{"Idempotency-Key": "k1"})[0], 200)
        self.assertEqual(self.post_signed(body, **{"Idempotency-Key": "k1"})[0], 200)
        self.assertEqual(self.post_signed(body, **{"Idempotency-Key": "k2"})[0], 200)
        self.assertEqual(self.stop().count("FIRING"), 2)

    def test_no_signature(self):
        self.assert_refused(message(), {}, 401, "no signature")

    def test_malformed_signature(self):
        self.assert_refused(message(), {"X-Firebreak-Signature": "v1=abc"}, 401, "malformed signature")

    def test_signature_with_another_secret(self):
        body = message()
        self.assert_refused(body, {"X-Firebreak-Signature": sign(body, b"other")}, 401, "wrong signature")

    def test_signature_of_another_body(self):
        self.assert_refused(message(), {"X-Firebreak-Signature": sign(b"{}")}, 401, "wrong signature")

    def test_signature_with_its_time_moved(self):
        body = message()
        signature = re.sub("t=[0-9]+", f"t={int(time.time()) - 9}", sign(body))
        self.assert_refused(body, {"X-Firebreak-Signature": signature}, 401, "wrong signature")

    def test_an_old_signature(self):
        body = message()
        self.assert_refused(body, {"X-Firebreak-Signature": sign(body, at=time.time() - 310)}, 401,
                            "the signature is too old, or a clock is wrong")  # fmt: skip

    def test_a_signature_from_the_future(self):
        body = message()
        self.assert_refused(body, {"X-Firebreak-Signature": sign(body, at=time.time() + 310)}, 401,
                            "the signature is too old, or a clock is wrong")  # fmt: skip

    def test_a_signature_just_within_tolerance(self):
        body = message()
        self.assertEqual(self.post(body, {"X-Firebreak-Signature": sign(body, at=time.time() - 280)})[0], 200)

    def test_bodies_that_are_no_message(self):
        for body in (b"", b"{", b"[]", b"{}", b'{"version":"4","alerts":[1]}', b'{"version":"3","alerts":[]}', b"[" * 100000):
            self.assertEqual(self.post_signed(body)[0], 400, body[:30])
        self.assertEqual(self.stop(), "")

    def test_a_body_of_too_large_or_unknown_size(self):
        self.assertEqual(self.post(b"", {"Content-Length": str((4 << 20) + 1)})[0], 413)
        self.assertEqual(self.post(iter([b"{}"]), {"Transfer-Encoding": "chunked"})[0], 411)

    def test_hostile_labels_cannot_move_the_cursor(self):
        hostile = {**ALERT, "labels": {"alertname": "A", "endpoint": "/\x1b[2J\nFIRING fake"}}
        self.post_signed(message(hostile))
        printed = self.stop()
        self.assertIn("endpoint=/\\x1b[2J\\x0aFIRING fake", printed)
        self.assertNotIn("\x1b", printed)

    def test_without_a_secret_it_does_not_start(self):
        environment = {name: value for name, value in os.environ.items() if name != "FIREBREAK_WEBHOOK_SECRET"}
        consumer = subprocess.run([sys.executable, "docs/clients/webhook_consumer.py", "--port", "0"], env=environment,
                                  capture_output=True, text=True, timeout=20)  # fmt: skip
        self.assertEqual(consumer.returncode, 2)
        self.assertIn("no secret", consumer.stderr)

    def test_unsigned_has_to_be_asked_for(self):
        self.stop()
        self.start("--unsigned")
        self.assertEqual(self.post(message(), {})[0], 200)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
