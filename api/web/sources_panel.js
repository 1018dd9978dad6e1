// What probes see beside what people see: the same errors point at us, one-sided ones at the way between.

import {element} from "./dom.js";
import {milliseconds as ms, percent, integer} from "./format.js";
import {badge, missing, panel, plainTable, tierLink} from "./parts.js";
import {resource} from "./store.js";

const WORDS = {
  ok: ["good", "agree"], upstream: ["bad", "upstream"], client_side: ["warn", "client side"],
  synthetic_only: ["warn", "probes only"], regional: ["warn", "regional"], unknown: ["idle", "unknown"],
};

function p95Of(latency, tier, source) {
  return latency?.tiers.find((one) => one.tier === tier && one.source === source)?.windows["1h"]?.p95_ms;
}

function side(tier, source, latency) {
  const hour = tier?.sources.find((one) => one.source === source)?.windows["1h"];
  if (!hour || hour.total === 0) return [element("span", {class: "muted"}, "no requests"), ""];
  return [element("span", {title: `${integer(hour.bad)} of ${integer(hour.total)}`}, percent(hour.bad / hour.total)), ms(p95Of(latency, tier.tier, source))];
}

function verdictOf(tier) {
  if (!tier.verdict) return "";
  const [tone, text] = WORDS[tier.verdict.state] ?? WORDS.unknown;
  return [badge(tone, text), tier.verdict.why && element("span", {class: "muted small"}, ` ${tier.verdict.why}`)];
}

export function sourcesPanel(state, {size = "half"} = {}) {
  const found = resource("/v1/sources", 5000);
  const latency = resource("/v1/latency", 5000).data;
  return panel("Real users and probes, last hour", {size}, missing(found, "Sources") ?? plainTable("Errors and p95 by source",
    [["Tier"], ["Users’ errors", "number"], ["p95", "number"], ["Probes’ errors", "number"], ["p95", "number"], ["Together"]],
    state.slos.tiers.map((tier) => {
      const sources = found.data.tiers.find((one) => one.tier === tier.tier);
      return [tierLink(tier.tier), ...side(sources, "rum", latency), ...side(sources, "synthetic", latency), verdictOf(tier)];
    })));
}
