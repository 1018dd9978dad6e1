// One alert, with what it means, why it fires and what to do about it.

import {ago, time} from "./format.js";
import {element} from "./dom.js";
import {badge, tierLink} from "./parts.js";
import {toneOf} from "./model.js";

// Configurations name runbooks, so an address may be anything: only the web is linked to.
function runbookLink(address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return element("a", {href: url.href, rel: "noreferrer"}, url.origin === location.origin ? "Runbook" : "Runbook ↗");
}

function since(alert, now) {
  if (alert.status === "resolved") return ["resolved ", time(alert.resolved_at, now), `, ${ago(alert.resolved_at, now)}`, alert.reason && ` (${alert.reason.replace("_", " ")})`];
  const from = alert.firing_since ?? alert.active_since;
  return ["since ", time(from, now), `, ${ago(from, now)}`];
}

export function alertCard(alert, state, {brief} = {}) {
  const {annotations, labels} = alert;
  const now = state.slos.time;
  const tone = toneOf(alert);
  return element("article", {class: "alert", "data-tone": tone, "data-key": alert.fingerprint, "data-alert": alert.status},
    element("p", {class: "facts"}, badge(tone, alert.status), element("span", {class: "strong"}, labels.severity),
      element("span", null, labels.alertname, labels.pair && ` · ${labels.pair}`),
      labels.tier && element("span", null, tierLink(labels.tier)), labels.endpoint && element("span", null, labels.endpoint),
      element("span", null, since(alert, now))),
    element("h3", null, annotations.summary ?? labels.alertname),
    annotations.causes && element("p", null, element("span", {class: "muted"}, "Cause: "), annotations.causes),
    annotations.verdict && element("p", null, element("span", {class: "muted"}, "Seen from: "), annotations.verdict),
    !brief && element("p", {class: "muted"}, annotations.description ?? ""),
    brief && annotations.description && element("details", {"data-key": "more"}, element("summary", null, "Explanation"), element("p", null, annotations.description)),
    element("p", {class: "links"}, annotations.runbook_url && runbookLink(annotations.runbook_url)),
    !brief && element("div", {class: "labels"}, Object.entries(labels).map(([name, value]) => element("code", null, `${name}=${value}`))));
}

// An alert that is over, on one line.
export function alertLine(alert, state) {
  const {annotations, labels} = alert;
  return element("article", {class: "alert line", "data-tone": toneOf(alert), "data-key": alert.fingerprint, "data-alert": alert.status},
    element("p", {class: "facts"}, badge(toneOf(alert), alert.status), element("span", {class: "strong"}, labels.severity),
      element("span", null, annotations.summary ?? labels.alertname), element("span", null, since(alert, state.slos.time))));
}
