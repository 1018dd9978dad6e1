// Latency of the last six hours: an endpoint a row, five minutes a cell, coloured by p95 against the tier's limit.

import {axisTime, baseOption, chart} from "./charts.js";
import {integer, milliseconds, timeText} from "./format.js";
import {changed, resource} from "./store.js";
import {element, on} from "./dom.js";
import {empty, missing, panel, select} from "./parts.js";
import {colour} from "./theme.js";

const ROWS = 20;
const chosen = {tier: null, source: null, page: 0};

on("heat-tier", (input) => { Object.assign(chosen, {tier: input.value, page: 0}); changed(); });
on("heat-source", (input) => { chosen.source = input.value; changed(); });
on("heat-page", (button) => { chosen.page += Number(button.dataset.step); changed(); });

const worst = (row) => Math.max(-1, ...row.p95_ms.filter((value) => value !== null));

// Where a latency stands between quick and twice the limit; without a limit, twice the median of what is shown.
function reference(limit, rows) {
  if (limit) return limit;
  const values = rows.flatMap((row) => row.p95_ms).filter((value) => value !== null).sort((a, b) => a - b);
  return 2 * (values[Math.floor(values.length / 2)] ?? 1);
}

// Four blues below the limit; at it and at its double the colour changes in kind, so that no cell is in doubt.
function pieces(limit) {
  const blue = (share) => globalThis.echarts.color.lerp(share, ["heat-low", "heat-middle"].map(colour));
  return [...[0, 1, 2, 3].map((quarter) => ({gte: limit * quarter / 4, lt: limit * (quarter + 1) / 4, color: blue(quarter / 3)})),
    {gte: limit, lt: 2 * limit, color: colour("heat-limit")}, {gte: 2 * limit, color: colour("heat-high")}];
}

function option(data, rows, limit) {
  const from = Date.parse(data.from);
  const slot = data.slot_seconds * 1000;
  const scale = reference(limit, rows);
  const cells = rows.flatMap((row, y) => row.p95_ms.map((value, x) => [x, y, value])).filter((cell) => cell[2] !== null);
  const labelWidth = innerWidth < 700 ? 110 : 200;
  const quiet = {axisLine: {show: false}, axisTick: {show: false}, splitLine: {show: false}};
  return {
    ...baseOption(),
    grid: {left: labelWidth + 12, right: 12, top: 6, bottom: 24},
    xAxis: {type: "category", data: Array.from({length: data.slots}, (_, i) => axisTime(from + i * slot, 6 * 3600e3)), ...quiet, axisLabel: {color: colour("muted"), interval: innerWidth < 700 ? 23 : 11}},
    yAxis: {type: "category", inverse: true, data: rows.map((row) => row.endpoint), ...quiet, axisLabel: {color: colour("text"), width: labelWidth, overflow: "truncate"}},
    visualMap: {show: false, type: "piecewise", dimension: 2, pieces: pieces(scale)},
    tooltip: {...baseOption().tooltip, formatter: ({value: [x, y, latency]}) =>
      `${rows[y].endpoint}\n${timeText(from + x * slot)} UTC, 5 min\np95 ${milliseconds(latency)}${limit ? ` of ${milliseconds(limit)}` : ""}, ${integer(rows[y].count[x])} requests`},
    series: [{type: "heatmap", data: cells, itemStyle: {borderColor: colour("surface"), borderWidth: 1}, emphasis: {itemStyle: {borderColor: colour("text")}}}],
  };
}

function pager(pages) {
  if (pages < 2) return null;
  const step = (by, text, possible) => element("button", {type: "button", class: "quiet", "data-action": "heat-page", "data-step": by, disabled: !possible}, text);
  return [step(-1, "‹", chosen.page > 0), element("span", {class: "small muted"}, `${chosen.page + 1} of ${pages}`), step(1, "›", chosen.page + 1 < pages)];
}

function heatLegend(limit) {
  return element("div", {class: "legend"}, element("span", null, element("i", {class: "swatch of-heat-low"}), "quick"),
    element("span", null, element("i", {class: "swatch of-heat-middle"}), limit ? `below the limit of ${milliseconds(limit)}` : "usual"),
    element("span", null, element("i", {class: "swatch of-heat-limit"}), limit ? "at it and above" : "slow"), element("span", null, element("i", {class: "swatch of-heat-high"}), limit ? "twice the limit and more" : "slowest"),
    element("span", null, "empty: no requests"));
}

// Of the tier given, or of the one the reader chose.
export function heatmapPanel(state, {tier: fixed} = {}) {
  const {tiers} = state.slos;
  const tier = tiers.find((one) => one.tier === (fixed ?? chosen.tier)) ?? tiers[0];
  const source = chosen.source ?? tier.source;
  const found = resource(`/v1/latency/heatmap?tier=${encodeURIComponent(tier.tier)}&source=${source}`, 15000);
  const limit = tier.slos.find((slo) => slo.latency_limit_ms)?.latency_limit_ms;
  const all = (found.data?.endpoints ?? []).filter((row) => worst(row) >= 0).sort((a, b) => worst(b) - worst(a));
  const pages = Math.ceil(all.length / ROWS);
  const page = Math.min(chosen.page, Math.max(0, pages - 1));
  const rows = all.slice(page * ROWS, (page + 1) * ROWS);
  const tools = [!fixed && select("heat-tier", "Tier", tier.tier, tiers.map((one) => [one.tier, one.tier])),
    select("heat-source", "Source", source, [["rum", "real users"], ["synthetic", "synthetic"]]), pager(pages)];
  const body = missing(found, "The latency heatmap") ?? (rows.length === 0 ? empty("No timed requests in the last six hours.") : [
    chart(`heat-${fixed ?? ""}-${rows.length}`, {
      makeOption: () => option(found.data, rows, limit), version: `${tier.tier}/${source}/${page}/${found.data.at}`,
      summary: `p95 by endpoint over six hours; the slowest is ${rows[0].endpoint} with ${milliseconds(worst(rows[0]))}`,
      size: `rows-${Math.min(ROWS, rows.length)}`,
    }), heatLegend(limit)]);
  return panel("Latency by endpoint, last 6 h", {key: `heatmap-${fixed ?? "any"}`, tools}, body);
}
