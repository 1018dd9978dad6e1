// Every alert there is, and those that were.

import {alertCard} from "./alert_card.js";
import {history} from "./burn_down.js";
import {element} from "./dom.js";
import {duration, time, timeText} from "./format.js";
import {alertsOf, byUrgency} from "./model.js";
import {badge, empty, missing, panel, tierLink} from "./parts.js";
import {bigTable, searchField} from "./table.js";

function list(title, alerts, state, nothing) {
  return panel(`${title}${alerts.length > 0 ? ` (${alerts.length})` : ""}`, {key: title},
    alerts.length === 0 ? empty(nothing) : alerts.map((alert) => alertCard(alert, state)));
}

const lasted = (row) => (row.resolved_at ? Date.parse(row.resolved_at) - Date.parse(row.firing_since) : null);

function columns(now) {
  return [
    {name: "summary", title: "Alert", value: (row) => row.summary, cell: (row) => row.summary || row.labels.alertname},
    {name: "severity", title: "Severity", value: (row) => row.labels.severity, cell: (row) => badge(row.labels.severity === "page" ? "bad" : "warn", row.labels.severity)},
    {name: "tier", title: "Tier", value: (row) => row.labels.tier ?? "", cell: (row) => (row.labels.tier ? tierLink(row.labels.tier) : "")},
    {name: "began", title: "Fired", value: (row) => row.firing_since, cell: (row) => time(row.firing_since, now)},
    {name: "lasted", title: "Lasted", kind: "number", value: lasted, cell: (row) => (row.resolved_at ? duration(lasted(row)) : "still firing")},
    {name: "reason", title: "Ended", value: (row) => row.reason ?? "", cell: (row) => (row.reason ?? "").replace("_", " ")},
  ];
}

function past(state) {
  const found = history();
  return panel("Past and present episodes", {key: "episodes", tools: searchField("episodes", "Search episodes")}, missing(found, "The history of alerts")
    ?? [bigTable({key: "episodes", caption: "Episodes of alerts", rows: found.data.episodes, sort: "began", columns: columns(state.slos.time),
      text: (row) => `${row.summary} ${Object.values(row.labels).join(" ")}`}),
    element("p", {class: "muted small"}, `As far as this process has seen them: since ${timeText(found.data.since)} UTC.`)]);
}

export function alertsPage(state) {
  return [
    list("Firing", alertsOf(state, "firing").sort(byUrgency), state, "No alert is firing."),
    list("Pending", alertsOf(state, "pending").sort(byUrgency), state, "Nothing is about to fire."),
    list("Resolved in the last 15 minutes", alertsOf(state, "resolved").sort(byUrgency), state, "Nothing ended lately."),
    past(state)];
}
