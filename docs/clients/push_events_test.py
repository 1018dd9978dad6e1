#!/usr/bin/env python3
"""push_events.py against a server that notes what it is sent."""

import http.server
import json
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path("docs/clients").resolve()))
import push_events  # noqa: E402


class FakeFirebreak(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((dict(self.headers), [json.loads(line) for line in body.splitlines()]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class ReporterTest(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeFirebreak)
        self.server.requests, self.server.statuses = [], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def reporter(self, **options):
        return push_events.Reporter(f"http://127.0.0.1:{self.server.server_port}", **options)

    def events(self):
        return [event for _, events in self.server.requests for event in events]

    def test_requests_arrive_as_events(self):
        reporter = self.reporter(region="eu")
        with reporter.track("/userid/") as call:
            call.status = 200
        reporter.close()
        [event] = self.events()
        self.assertEqual((event["endpoint"], event["status"], event["source"], event["region"]), ("/userid/", 200, "rum", "eu"))
        self.assertNotIn("outcome", event)
        self.assertGreaterEqual(event["latency_ms"], 0)
        self.assertGreater(event["ts"], 1_700_000_000_000)

    def test_exceptions_are_failures_and_passed_on(self):
        reporter = self.reporter()
        for error in (TimeoutError(), KeyError("id")):
            with self.assertRaises(type(error)), reporter.track("/userid/"):
                raise error
        reporter.close()
        self.assertEqual([event["outcome"] for event in self.events()], ["timeout", "KeyError"])

    def test_a_refused_batch_is_sent_again_under_the_same_key(self):
        self.server.statuses = [503]
        reporter = self.reporter(token="t0ken")
        with reporter.track("/userid/") as call:
            call.status = 200
        while len(self.server.requests) < 2:  # the test's own time limit ends this if the second never comes
            threading.Event().wait(0.01)
        reporter.close()
        (first, _), (second, _) = self.server.requests
        self.assertEqual(first["Idempotency-Key"], second["Idempotency-Key"])
        self.assertEqual(first["Authorization"], "Bearer t0ken")

    def test_a_batch_refused_for_good_is_not_repeated(self):
        self.server.statuses = [400]
        reporter = self.reporter()
        with reporter.track("/userid/") as call:
            call.status = 200
        reporter.close()
        self.assertEqual(len(self.server.requests), 1)

    def test_what_finds_no_room_is_counted(self):
        reporter = self.reporter(max_waiting=0)
        with reporter.track("/userid/"):
            pass
        self.assertEqual(reporter.dropped, 1)
        reporter.close()
        self.assertEqual(self.server.requests, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
