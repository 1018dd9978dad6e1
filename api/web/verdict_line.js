// How everything stands, in one sentence.

import {element} from "./dom.js";
import {alertsOf, byUrgency, tierState} from "./model.js";
import {sign} from "./parts.js";

const many = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`;

function judge(state) {
  const {tiers} = state.slos;
  const firing = alertsOf(state, "firing").sort(byUrgency);
  const pages = firing.filter((alert) => alert.labels.severity === "page").length;
  if (firing.length > 0) {
    const counts = [pages > 0 && many(pages, "page"), firing.length > pages && many(firing.length - pages, "ticket")].filter(Boolean);
    return {tone: pages > 0 ? "bad" : "warn", text: `${counts.join(" and ")} firing`, more: firing[0].annotations.summary};
  }
  if (tiers.every((tier) => tier.last_event === null)) {
    return {tone: "idle", text: "No events yet", more: "Send the first one: POST /v1/events, as docs/http-api.md describes."};
  }
  const states = tiers.map((tier) => ({name: tier.tier, ...tierState(tier, state.alerts.alerts)}));
  const odd = states.filter((one) => one.tone !== "good");
  if (odd.length === 0) return {tone: "good", text: tiers.length === 1 ? "The objective holds" : `All ${tiers.length} tiers hold their objectives`, more: null};
  const tone = odd.some((one) => one.tone === "warn") ? "warn" : "idle";
  return {tone, text: "No alert is firing", more: odd.map((one) => `${one.name}: ${one.text}`).join("; ")};
}

export function verdictLine(state) {
  const {tone, text, more} = judge(state);
  return element("div", {class: "verdict", "data-tone": tone, "data-key": "verdict"}, sign(tone),
    element("div", null, element("h1", null, text), more && element("p", null, more)));
}
