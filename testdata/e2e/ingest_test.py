#!/usr/bin/env python3
"""What people and broken clients send to POST /v1/events: the exact code, a clear message, and the server alive."""

import gzip
import json
import socket
import threading
import time
import unittest

import harness

CONFIG = """
slo_tiers:
  api:
    p95_ms: 500
    availability: 0.99
    endpoints: [/a, /b]
"""

GOOD = '{"endpoint": "/a", "status": 200}'
FRAMED = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class IngestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.config = harness.write(harness.temporary_folder(), "rules.yaml", CONFIG)
        cls.server = harness.Server("--config", cls.config)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        assert cls.server.exit_code == 0, cls.server.exit_code

    def tearDown(self):
        self.assertEqual(self.server.get("/-/healthy").status, 200, "the server is alive")

    def total(self):
        slos = self.server.get("/v1/slos").json()
        return slos["tiers"][0]["slos"][0]["budget"]["total"]

    def assert_counts(self, answer, status, accepted, rejected, late=0):
        self.assertEqual(answer.status, status, answer.body)
        body = answer.json()
        self.assertEqual((body["accepted"], body["rejected"], body["late"]), (accepted, rejected, late), body)
        return body["errors"]

    def test_one_object_an_array_and_lines(self):
        self.assert_counts(self.server.post_events(GOOD), 200, 1, 0)
        self.assert_counts(self.server.post_events(f"[{GOOD},\n {GOOD}]"), 200, 2, 0)
        self.assert_counts(self.server.post_events(f"{GOOD}\n{GOOD}\n{GOOD}"), 200, 3, 0)
        pretty = json.dumps(json.loads(GOOD), indent=2)
        self.assert_counts(self.server.post_events(pretty, **{"Content-Type": "application/json"}), 200, 1, 0)
        lines = self.server.post_events(f"{GOOD}\r\n\r\n{GOOD}\r\n", **{"Content-Type": "application/x-ndjson"})
        self.assert_counts(lines, 200, 2, 0)

    def test_gzip(self):
        body = gzip.compress(f"{GOOD}\n{GOOD}\n".encode())
        self.assert_counts(self.server.post_events(body, **{"Content-Encoding": "gzip"}), 200, 2, 0)

    def test_gzip_that_lies(self):
        for body in (GOOD.encode(), gzip.compress(GOOD.encode())[:-6], gzip.compress(GOOD.encode()) + b"junk"):
            answer = self.server.post_events(body, **{"Content-Encoding": "gzip"})
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn("gzip", answer.json()["error"])
        bomb = gzip.compress(b" " * (33 << 20))
        self.assertEqual(self.server.post_events(bomb, **{"Content-Encoding": "gzip"}).status, 413)
        self.assertEqual(self.server.post_events(GOOD, **{"Content-Encoding": "br"}).status, 415)

    def test_a_bad_line_spoils_none_of_its_neighbours_wherever_it_is(self):
        bad_lines = ['{"endpoint": "/a", "status": 200', '{"endpoint": "/a", "status": tru}', '{"x": "unclosed}', "nonsense",
                     '{"endpoint": "/a", "status": 200} {"endpoint": "/a", "status": 200}', "\x01", '{"endpoint": "/a"}',
                     '{"endpoint": "/a", "status": 200, "status": 503}', "[]", "null", '{"endpoint": "\\ud800", "status": 200}']
        for bad in bad_lines:
            for position in range(5):
                lines = [GOOD] * 5
                lines[position] = bad
                errors = self.assert_counts(self.server.post_events("\n".join(lines)), 200, 4, 1)
                self.assertEqual([error["index"] for error in errors], [position], bad)

    def test_wrong_values_are_named(self):
        far = 10 ** 13 * 3
        cases = {
            '{"endpoint": "/a", "status": "200"}': "status",
            '{"endpoint": "/a", "status": 99}': "status",
            '{"endpoint": "/a", "status": 600}': "status",
            '{"endpoint": "/a", "status": 200.5}': "status",
            '{"endpoint": 5, "status": 200}': "endpoint",
            '{"endpoint": "", "status": 200}': "endpoint",
            '{"endpoint": "/a\\u0000b", "status": 200}': "endpoint",
            json.dumps({"endpoint": "/" + "x" * 10240, "status": 200}): "endpoint",
            '{"status": 200}': "endpoint",
            '{"endpoint": "/a"}': "status",
            '{"endpoint": "/a", "status": 200, "latency_ms": -1}': "latency_ms",
            '{"endpoint": "/a", "status": 200, "latency_ms": "5"}': "latency_ms",
            '{"endpoint": "/a", "status": 200, "ts": 1764000000}': "looks like seconds",
            '{"endpoint": "/a", "status": 200, "ts": 0}': "ts",
            '{"endpoint": "/a", "status": 200, "ts": "1970-01-01T00:00:00Z"}': "ts",
            '{"endpoint": "/a", "status": 200, "ts": "2999-01-01T00:00:00Z"}': "ts",
            '{"endpoint": "/a", "status": 200, "ts": %d}' % far: "ts",
            '{"endpoint": "/a", "status": 200, "source": "robot"}': "source",
            '{"endpoint": "/a", "status": 200, "count": 0}': "count",
            '{"endpoint": "/a", "status": 200, "count": 1000001}': "count",
            '{"endpoint": "/a", "status": 200, "retries": -1}': "retries",
        }
        for body, named in cases.items():
            errors = self.assert_counts(self.server.post_events(body), 400, 0, 1)
            self.assertIn(named, errors[0]["reason"], body[:80])
        for body in ('{"endpoint": "/a", "status": NaN}', '{"endpoint": "/a", "status": 200, "latency_ms": NaN}',
                     '{"endpoint": "/a", "status": 200, "latency_ms": Infinity}'):
            self.assert_counts(self.server.post_events(body), 400, 0, 1)

    def test_quotes_in_an_endpoint_are_kept_as_text(self):
        endpoint = '/it\'s "quoted" \\ <script>'
        self.assert_counts(self.server.post_events({"endpoint": endpoint, "status": 200}), 200, 1, 0)
        metrics = self.server.get("/metrics").body.decode()
        self.assertIn('endpoint="/it\'s \\"quoted\\" \\\\ <script>"', metrics)

    def test_old_and_new_events(self):
        now = int(time.time() * 1000)
        old = {"endpoint": "/a", "status": 200, "ts": now - 40 * 86400 * 1000}
        self.assert_counts(self.server.post_events(old), 200, 0, 0, late=1)
        self.assert_counts(self.server.post_events({**old, "ts": now - 86400 * 1000}), 200, 1, 0)
        self.assert_counts(self.server.post_events({**old, "ts": now + 20000}), 200, 1, 0)
        errors = self.assert_counts(self.server.post_events({**old, "ts": now + 60000}), 400, 0, 1)
        self.assertIn("ahead", errors[0]["reason"])

    def test_only_twenty_errors_are_told(self):
        errors = self.assert_counts(self.server.post_events("\n".join(["x"] * 50)), 400, 0, 50)
        self.assertEqual(len(errors), 20)

    def test_empty_bodies(self):
        for body in ("", " ", "\n\n", "[]"):
            self.assert_counts(self.server.post_events(body), 400, 0, 0)

    def test_a_line_of_a_mebibyte(self):
        long_line = json.dumps({"endpoint": "/a", "status": 200, "pad": "x" * (1 << 20)})
        errors = self.assert_counts(self.server.post_events(f"{GOOD}\n{long_line}\n{GOOD}"), 200, 2, 1)
        self.assertEqual(errors[0]["index"], 1)

    def test_a_body_of_nine_mebibytes(self):
        answer = self.server.post_events("\n".join([GOOD] * (9 * (1 << 20) // len(GOOD))))
        self.assertEqual(answer.status, 413)
        self.assertIn("8388608", answer.json()["error"])

    def test_a_small_gzip_body_of_millions_of_brackets(self):
        bomb = gzip.compress(b"{}\n" * 10_000_000)
        self.assertLess(len(bomb), 40_000)
        answer = self.server.post_events(bomb, **{"Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 413)
        self.assertIn("in parts", answer.json()["error"])

    def test_other_content_types(self):
        self.assertEqual(self.server.post_events(GOOD, **{"Content-Type": "image/png"}).status, 415)
        self.assertEqual(self.server.post_events(GOOD, **{"Content-Type": "text/plain; charset=utf-8"}).status, 200)

    def test_unknown_paths_and_wrong_methods(self):
        self.assertEqual(self.server.get("/nowhere").status, 404)
        self.assertEqual(self.server.get("/runbooks/Nothing").status, 404)
        wrong = self.server.get("/v1/events")
        self.assertEqual((wrong.status, wrong.headers.get("Allow")), (405, "POST"))
        self.assertEqual(self.server.request("DELETE", "/v1/slos").status, 405)

    def test_foreign_origins_and_hosts(self):
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
            self.assertEqual(self.server.post_events(GOOD, **headers).status, 403, headers)

    def test_broken_framing_is_refused_and_closed(self):
        body = GOOD.encode()
        length = b"Content-Length: %d\r\n" % len(body)
        cases = {
            "two lengths": FRAMED + length + length + b"\r\n" + body,
            "a length that is none": FRAMED + b"Content-Length: 5x\r\n\r\n" + body,
            "length and chunked": FRAMED + length + b"Transfer-Encoding: chunked\r\n\r\n" + body,
            "chunked, identity": FRAMED + b"Transfer-Encoding: chunked, identity\r\n\r\n" + body,
            "no host": b"POST /v1/events HTTP/1.1\r\n" + length + b"\r\n" + body,
            "two hosts": FRAMED + b"Host: 127.0.0.1\r\n" + length + b"\r\n" + body,
        }
        for what, request in cases.items():
            self.assertTrue(self.server.raw(request).startswith(b"HTTP/1.1 400 "), what)

    def test_header_bombs(self):
        big = FRAMED + b"X: " + b"y" * (17 << 10) + b"\r\n\r\n"
        many = FRAMED + b"".join(b"X%d: y\r\n" % i for i in range(65)) + b"\r\n"
        for request in (big, many):
            self.assertTrue(self.server.raw(request).startswith(b"HTTP/1.1 431 "))
        long_uri = b"GET /" + b"x" * 2100 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        self.assertTrue(self.server.raw(long_uri).startswith(b"HTTP/1.1 414 "))
        self.assertTrue(self.server.raw(FRAMED + b"\r\n").startswith(b"HTTP/1.1 411 "))

    def test_two_hundred_slow_clients_hold_up_nobody(self):
        slow = [socket.create_connection(("127.0.0.1", self.server.port)) for _ in range(200)]
        try:
            for connection in slow:
                connection.sendall(FRAMED + b"Content-Length: 100\r\n\r\n{")
            times = []

            def honest():
                begun = time.monotonic()
                self.assert_counts(self.server.post_events(GOOD), 200, 1, 0)
                times.append(time.monotonic() - begun)

            threads = [threading.Thread(target=honest) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(times), 20)
            self.assertLess(max(times), 5)
        finally:
            for connection in slow:
                connection.close()

    def test_events_are_counted_where_they_belong(self):
        self.server.post_events(GOOD)
        harness.wait_for(lambda: self.total() > 0, 15, "the next evaluation shows the event")
        before = self.server.get("/metrics").body.decode()
        self.server.post_events({"endpoint": "/b?user=1", "status": 404, "latency_ms": 700, "source": "synthetic", "count": 7})
        after = self.server.get("/metrics").body.decode()
        line = 'firebreak_requests_total{endpoint="/b",tier="api",status_class="4xx",source="synthetic"} 7'
        self.assertNotIn(line, before)
        self.assertIn(line, after)
        self.assertIn('firebreak_request_duration_seconds_bucket{endpoint="/b",tier="api",source="synthetic",le="0.5"} 0', after)
        self.assertIn('firebreak_request_duration_seconds_bucket{endpoint="/b",tier="api",source="synthetic",le="0.75"} 7', after)


if __name__ == "__main__":
    harness.main()
