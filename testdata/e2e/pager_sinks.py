#!/usr/bin/env python3
"""Stand-ins for PagerDuty's Events API v2 and Slack's incoming webhooks, on 127.0.0.1, that check what they get against
the public documentation and answer as the services do. By hand: ./pager_sinks.py, then send to the URLs it prints."""

import http.server
import json
import re
import threading
import time

MAX_EVENT_BYTES = 512_000
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


class Fault(Exception):
    """What is wrong with a body, by its path."""


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def check_text(value, path, least=0, most=None):
    if not isinstance(value, str):
        raise Fault(f"{path}: no string")
    if utf16(value) < least or (most is not None and utf16(value) > most):
        raise Fault(f"{path}: {utf16(value)} characters")


def check_object(value, path, required, optional):
    """Both are {key: check(value, path)}; another key is a fault."""
    if not isinstance(value, dict):
        raise Fault(f"{path}: no object")
    for key in required:
        if key not in value:
            raise Fault(f"{path}.{key}: missing")
    for key, member in value.items():
        check = required.get(key) or optional.get(key)
        if check is None:
            raise Fault(f"{path}.{key}: unknown")
        check(member, f"{path}.{key}")


def check_list(value, path, least, most, check):
    if not isinstance(value, list):
        raise Fault(f"{path}: no array")
    if not least <= len(value) <= most:
        raise Fault(f"{path}: {len(value)} items")
    for index, item in enumerate(value):
        check(item, f"{path}[{index}]")


def text(least=0, most=None):
    return lambda value, path: check_text(value, path, least, most)


def one_of(*wanted):
    def check(value, path):
        if value not in wanted:
            raise Fault(f"{path}: not one of {', '.join(wanted)}")
    return check


def boolean(value, path):
    if not isinstance(value, bool):
        raise Fault(f"{path}: no boolean")


def any_object(value, path):
    if not isinstance(value, dict):
        raise Fault(f"{path}: no object")


def matching(pattern):
    def check(value, path):
        check_text(value, path, 1)
        if not re.fullmatch(pattern, value):
            raise Fault(f"{path}: not of the documented form")
    return check


# ---- PagerDuty: https://developer.pagerduty.com/docs/send-alert-event

def check_payload(value, path):
    check_object(value, path,
                 {"summary": text(1, 1024), "source": text(1), "severity": one_of("critical", "error", "warning", "info")},
                 {"timestamp": matching(TIMESTAMP), "component": text(), "group": text(), "class": text(),
                  "custom_details": any_object})


def check_link(value, path):
    check_object(value, path, {"href": matching(r"https?://[!-~]+")}, {"text": text()})


def check_event(event):
    required = {"routing_key": text(32, 32), "event_action": one_of("trigger", "acknowledge", "resolve")}
    ends = isinstance(event, dict) and event.get("event_action") != "trigger"
    optional = {"links": lambda v, p: check_list(v, p, 0, 100, check_link), "client": text(), "client_url": text()}
    (required if ends else optional)["dedup_key"] = text(1, 255)
    (optional if ends else required)["payload"] = check_payload
    check_object(event, "event", required, optional)


# ---- Slack: https://docs.slack.dev/reference/block-kit/blocks

def check_markup(value, path):
    """Nothing but entities and links of http(s) with words of their own: no mention, no channel."""
    rest = re.sub(r"&(amp|lt|gt);", "", re.sub(r"<https?://[^<>|\s]+\|[^<>|]+>", "", value))
    if re.search(r"[&<>]", rest):
        raise Fault(f"{path}: not escaped")


def text_object(types, most):
    def check(value, path):
        def words(v, p):
            check_text(v, p, 1, most)
            check_markup(v, p)
        plain = isinstance(value, dict) and value.get("type") == "plain_text"
        check_object(value, path, {"type": one_of(*types), "text": words}, {"emoji" if plain else "verbatim": boolean})
        if not plain and value.get("verbatim") is not True:
            raise Fault(f"{path}: not verbatim, so that Slack looks for names and URLs in it")
    return check


EITHER = ("plain_text", "mrkdwn")
BLOCKS = {
    "header": ({"text": text_object(("plain_text",), 150)}, {}),
    "section": ({}, {"text": text_object(EITHER, 3000),
                     "fields": lambda v, p: check_list(v, p, 1, 10, text_object(EITHER, 2000))}),
    "context": ({"elements": lambda v, p: check_list(v, p, 1, 10, text_object(EITHER, 3000))}, {}),
    "divider": ({}, {}),
}


def check_block(value, path):
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in BLOCKS:
        raise Fault(f"{path}: not one of {', '.join(BLOCKS)}")
    if kind == "section" and not {"text", "fields"} & set(value):
        raise Fault(f"{path}: neither text nor fields")
    required, optional = BLOCKS[kind]
    check_object(value, path, {"type": text(1), **required}, {"block_id": text(1, 255), **optional})


# ---- Slack's older form, which Alertmanager sends: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

MARKDOWN_PLACES = ("pretext", "text", "fields", "fallback")  # the last is Alertmanager's; Slack overlooks it


def check_attachment(value, path):
    def words(most):
        def check(v, p):
            check_text(v, p, 0, most)
            check_markup(v, p)
        return check
    check_object(value, path, {"fallback": words(None)},
                 {"title": words(None), "title_link": matching(r"https?://[!-~]+"), "text": words(8000),
                  "footer": words(None), "callback_id": text(),
                  "color": matching(r"good|warning|danger|#[0-9A-Fa-f]{6}"),
                  "mrkdwn_in": lambda v, p: check_list(v, p, 0, 4, one_of(*MARKDOWN_PLACES))})


def check_attachments(message):
    check_object(message, "message", {"attachments": lambda v, p: check_list(v, p, 1, 100, check_attachment)},
                 {"username": text(1), "channel": text(1)})


def check_message(message):
    def fallback(value, path):
        check_text(value, path, 1, 40_000)
        check_markup(value, path)
    check_object(message, "message", {"text": fallback, "blocks": lambda v, p: check_list(v, p, 1, 50, check_block)},
                 {"unfurl_links": boolean, "unfurl_media": boolean})


# ---- The servers

class PagerSink:
    """A server that keeps the bodies it took in `taken` and the faults of the others in `faults`. `fail(status)` makes it
    answer so until `work()`."""

    def __init__(self):
        self.taken, self.faults = [], []
        self.lock = threading.Lock()
        self.failing = None
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, kind, said = sink.answer(self.path, self.headers, body)
                said = said.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fail(self, status):
        self.failing = status

    def work(self):
        self.failing = None

    def answer(self, path, headers, body):
        with self.lock:
            if self.failing:
                return self.failing, "text/plain", f"failing {path}"
            if headers["Content-Type"].split(";")[0] != "application/json":
                return self.refused("the type is not application/json")
            try:
                return self.take(path, body)
            except (Fault, ValueError) as fault:
                return self.refused(str(fault))


class PagerDutySink(PagerSink):
    """`open` holds the incidents that are open, by routing key and dedup key: the severity they were last given."""

    def __init__(self):
        super().__init__()
        self.open = {}
        self.url = self.base + "/v2/enqueue"

    def take(self, path, body):
        if path != "/v2/enqueue":
            return 404, "text/plain", "Not Found"
        if len(body) > MAX_EVENT_BYTES:
            self.faults.append(f"{len(body)} bytes")
            return 413, "text/plain", "Payload Too Large"
        event = json.loads(body.decode("utf-8"))
        check_event(event)
        self.taken.append(event)
        incident = (event["routing_key"], event["dedup_key"])
        if event["event_action"] == "trigger":
            self.open[incident] = event["payload"]["severity"]
        else:
            self.open.pop(incident, None)
        said = {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]}
        return 202, "application/json", json.dumps(said)

    def refused(self, fault):
        self.faults.append(fault)
        said = {"status": "invalid event", "message": "Event object is invalid", "errors": [fault]}
        return 400, "application/json", json.dumps(said)


class SlackSink(PagerSink):
    """Takes messages at `url` alone: of blocks, as Firebreak sends them, and of attachments, as Alertmanager does."""

    def __init__(self, path="/services/T00000000/B00000000/hushed-slack-token"):
        super().__init__()
        self.path = path
        self.url = self.base + path

    def take(self, path, body):
        if path != self.path:
            return 404, "text/html", "no_service"
        message = json.loads(body.decode("utf-8"))
        (check_attachments if "attachments" in message else check_message)(message)
        self.taken.append(message)
        return 200, "text/html", "ok"

    def refused(self, fault):
        self.faults.append(fault)
        return 400, "text/html", "invalid_payload" if "JSON" in fault else "invalid_blocks"

    def headers(self):
        return [message["blocks"][0]["text"]["text"] for message in list(self.taken)]


def main():
    sinks = [PagerDutySink(), SlackSink()]
    for sink in sinks:
        print(sink.url, flush=True)
    shown = [0, 0]
    while True:
        time.sleep(0.2)
        for i, sink in enumerate(sinks):
            news = [json.dumps(body) for body in sink.taken] + [f"REFUSED {fault}" for fault in sink.faults]
            for line in news[shown[i]:]:
                print(line, flush=True)
            shown[i] = len(news)


if __name__ == "__main__":
    main()
