// Every tier and what it promised: traffic, errors, latency, burn of every window, budget, state.

import {burn, decimal, milliseconds as ms, percent, perSecond} from "./format.js";
import {element} from "./dom.js";
import {budgetTone, burnTone, now, objectiveText, outlook, SLO_NAMES, tierState} from "./model.js";
import {badge, meter, panel, tierLink} from "./parts.js";
import {resource} from "./store.js";

const COLUMNS = 6;

export function p95(latency, tier) {
  const found = latency?.tiers.find((one) => one.tier === tier.tier && one.source === tier.source);
  return found?.windows["5m"]?.p95_ms;
}

function head(tier, state, latency) {
  const at = now(tier);
  const {tone, text} = tierState(tier, state.alerts.alerts);
  const limit = tier.slos.find((slo) => slo.latency_limit_ms)?.latency_limit_ms;
  return element("tr", {class: "head"},
    element("th", {scope: "rowgroup", colspan: COLUMNS}, element("div", {class: "facts"},
      element("span", {class: "strong"}, tierLink(tier.tier)), badge(tone, text),
      tier.verdict && tier.verdict.state !== "ok" && badge("warn", tier.verdict.state.replace("_", " ")),
      element("span", {class: "muted small"}, "traffic ", element("span", {class: "strong"}, perSecond(at?.perSecond))),
      element("span", {class: "muted small"}, "errors ", element("span", {class: "strong"}, percent(at?.errors))),
      element("span", {class: "muted small"}, "p95 ", element("span", {class: "strong"}, ms(p95(latency, tier))), limit && ` of ${ms(limit)}`),
      tier.feed !== "traffic" && element("span", {class: "small warn"}, `feed ${tier.feed}`))));
}

// Only what deviates is coloured.
const LOUD = {bad: "bad strong", warn: "warn"};

// "fast": both windows against the threshold.
export function pairText(pair) {
  return [pair.short, pair.long].map((reading, i) => element("span", {class: "nowrap"}, i > 0 && " ",
    element("span", {class: "muted small"}, `${reading.window} `),
    element("span", {class: LOUD[burnTone(reading.burn, pair.burn_threshold)]}, burn(reading.burn))));
}

function sloRow(slo, pairs) {
  const left = slo.budget.left;
  const silent = slo.budget.total === 0;
  return element("tr", {class: "slo"},
    element("th", {scope: "row"}, SLO_NAMES[slo.slo] ?? slo.slo),
    element("td", {class: "number", "data-label": "Objective"}, objectiveText(slo.objective)),
    pairs.map((name) => {
      const pair = slo.pairs.find((one) => one.pair === name);
      return element("td", {"data-label": `Burn ${name}${pair ? ` (of ${burn(pair.burn_threshold)})` : ""}`}, pair ? pairText(pair) : "");
    }),
    element("td", {"data-label": "Budget left", class: "nowrap"}, silent ? element("span", {class: "muted"}, "no data")
      : [meter(left, budgetTone(left)), element("span", {class: `strong ${budgetTone(left) === "good" ? "" : budgetTone(left)}`}, percent(left))]),
    element("td", {class: "muted", "data-label": "At this burn"}, silent ? "" : outlook(slo)));
}

export function tierTable(state) {
  const {tiers} = state.slos;
  const latency = resource("/v1/latency", 5000).data;
  const pairs = [...new Set(tiers.flatMap((tier) => tier.slos.flatMap((slo) => slo.pairs.map((pair) => pair.pair))))];
  const threshold = (name) => {
    const all = new Set(tiers.flatMap((tier) => tier.slos.flatMap((slo) => slo.pairs.filter((pair) => pair.pair === name).map((pair) => pair.burn_threshold))));
    return all.size === 1 ? `, alerts above ${decimal([...all][0])}×` : "";
  };
  const headings = ["", "Objective", ...pairs.map((name) => `Burn ${name}${threshold(name)}`), "Budget left", "At this burn"];
  return panel("Tiers", {},
    element("div", {class: "scroll"}, element("table", {class: "tiers cards"},
      element("caption", {class: "unseen"}, "Tiers, their objectives, burn rates and budgets"),
      element("thead", null, element("tr", null, headings.map((text, i) => element("th", {scope: "col", class: i === 1 && "number"}, text)))),
      tiers.map((tier) => element("tbody", {"data-key": tier.tier}, head(tier, state, latency), tier.slos.map((slo) => sloRow(slo, pairs)))))));
}
