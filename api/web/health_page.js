// Whether alerts get out, and how Firebreak itself is.

import {element} from "./dom.js";
import {ago, bytes, duration, integer, milliseconds as ms, time} from "./format.js";
import {badge, empty, missing, panel, plainTable} from "./parts.js";
import {resource} from "./store.js";

function destinationRow(one, now) {
  const [tone, text] = one.parked > 0 ? ["bad", "refused"] : one.last_error ? ["warn", "failing"] : one.queued > 0 ? ["idle", "sending"] : ["good", "fine"];
  return [element("span", null, one.name, element("span", {class: "muted small"}, ` ${one.kind}`)), badge(tone, text), integer(one.queued), integer(one.parked), integer(one.sent.ok ?? 0),
    integer(Object.entries(one.sent).reduce((sum, [result, count]) => (result === "ok" ? sum : sum + count), 0)),
    one.last_success ? ago(one.last_success, now) : "never", one.last_error ?? ""];
}

function delivery(found) {
  return panel("Destinations", {}, missing(found, "Destinations") ?? (found.data.destinations.length === 0
    ? empty("The configuration names nobody to tell: alerts are shown here and sent nowhere (notify, docs/configuration.md).")
    : plainTable("Destinations", [["Destination"], ["State"], ["Waiting", "number"], ["Refused", "number"], ["Delivered", "number"], ["Failed tries", "number"], ["Last delivered"], ["Last error"]],
      found.data.destinations.map((one) => destinationRow(one, found.data.time)))));
}

const STATES = {waiting: "idle", retrying: "warn", delivered: "good", parked: "bad"};

function outbox() {
  const found = resource("/v1/outbox", 3000);
  const items = found.data?.outbox ?? [];
  return panel("Outbox", {}, missing(found, "The outbox") ?? (items.length === 0 ? empty("Nothing is to be told, and nothing is being told again.")
    : plainTable("Outbox", [["Destination"], ["Alert"], ["State"], ["Since"], ["Tries", "number"], ["Next try"], ["Last error"]], items.slice(0, 200).map((item) => [item.destination,
      element("span", null, `${item.status} ${item.labels.alertname}`, element("span", {class: "muted small"}, ` ${[item.labels.tier, item.labels.slo, item.labels.pair].filter(Boolean).join(" ")}`)),
      badge(STATES[item.state] ?? "idle", item.state), time(item.since, found.data.time), integer(item.tries), item.next_try ? time(item.next_try, found.data.time) : "", item.last_error ?? ""]))));
}

const pairs = (rows) => element("dl", {class: "pairs"}, rows.filter(Boolean).map(([name, ...value]) => [element("dt", null, name), element("dd", null, value)]));

function evaluation({evaluation: one, time: now}) {
  return panel("Evaluation", {size: "half"}, pairs([
    ["State", one.fresh ? badge("good", "keeps up") : badge("bad", "behind")], ["Last", time(one.at, now)],
    ["Every", duration(one.interval_seconds * 1000)], ["Done", integer(one.done)], ["Missed", integer(one.missed)],
    ["Events too late", integer(one.late_dropped)], ["Events beyond a full counter", integer(one.overflow_dropped)]]));
}

function ingest({ingest: one}) {
  return panel("Ingest", {size: "half"}, pairs([
    ["Events accepted", integer(one.accepted)], ["Events rejected", integer(one.rejected)], ["Events too late", integer(one.late)], ["Batches", integer(one.batches)],
    ["Batches refused (503)", integer(one.refused_batches)], ["Batches sent twice", integer(one.duplicate_batches)]]));
}

function storage({ledger: one}) {
  if (!one) return panel("Storage", {size: "half"}, pairs([["State", badge("idle", "in memory only")], ["Note", "A restart forgets counts and alerts; serve --data-dir keeps them."]]));
  return panel("Storage", {size: "half"}, pairs([
    ["State", one.refusing ? badge("bad", "refuses events") : badge("good", "writes")], one.error && ["Last error", one.error], ["Size", bytes(one.bytes)],
    ["Last commit took", ms(one.last_commit_ms)], ["Failed commits", integer(one.failed_commits)], ["Waiting", integer(one.waiting)],
    ["Reserve", one.reserve_held ? "held" : badge("warn", "lent to a full disk")]]));
}

function server({http, version, started, reload, time: now}) {
  const refused = Object.entries(http.refused).filter(([, count]) => count > 0);
  return panel("Server", {size: "half"}, pairs([
    ["Version", version], ["Running since", time(started, now)], ["Configuration", reload.successful ? "taken over" : badge("warn", "the last reload was refused"), " ", time(reload.at, now)],
    ["Connections", integer(http.connections)], ["Open streams", integer(http.streams)],
    ["Answers", Object.entries(http.responses).map(([code, count]) => `${code}: ${integer(count)}`).join(", ") || "none"],
    ["Refused", refused.map(([reason, count]) => `${reason.replaceAll("_", " ")}: ${integer(count)}`).join(", ") || "none"]]));
}

export function healthPage() {
  const found = resource("/v1/health", 3000);
  const own = found.data;
  return [delivery(found), outbox(), ...(own ? [evaluation(own), ingest(own), storage(own), server(own)] : [])];
}
