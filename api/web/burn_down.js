// The error budget over the period, from full to what is left, with alerts and maintenance marked.

import {axisStyle, axisTime, baseOption, chart} from "./charts.js";
import {percent, timeText} from "./format.js";
import {colour} from "./theme.js";
import {element, svg} from "./dom.js";
import {empty, missing, panel} from "./parts.js";
import {resource} from "./store.js";
import {SLO_NAMES} from "./model.js";

export const burnDown = () => resource("/v1/burndown", 10000);
export const history = () => resource("/v1/history", 5000);
export const maintenance = () => resource("/v1/maintenance", 10000);

// Neither red nor amber: those mean alerts here.
const SERIES = ["short", "long", "budget", "nodata", "maintenance"];
const DASHES = ["solid", "dashed", "dotted"];

function episodes(tier, from) {
  return (history().data?.episodes ?? []).filter((episode) =>
    (tier === undefined || episode.labels.tier === tier) && Date.parse(episode.resolved_at ?? Date.now()) > from
    && ["page", "ticket"].includes(episode.labels.severity));
}

function windows(tier, from, to) {
  return (maintenance().data?.maintenance ?? []).filter((one) => (tier === undefined || one.tier === tier || one.tier === "*")
    && Date.parse(one.to) > from && Date.parse(one.from) < to);
}

const band = (from, to, name) => [{xAxis: from, itemStyle: {color: colour(name), opacity: 0.28}}, {xAxis: to}];

function marks(tier, from, to) {
  const bands = windows(tier, from, to).map((one) => band(Math.max(from, Date.parse(one.from)), Math.min(to, Date.parse(one.to)), "maintenance"));
  for (const one of episodes(tier, from)) {
    // A short alert is a hair's breadth of a month: it is shown at least wide enough to be seen.
    const begin = Math.max(from, Date.parse(one.firing_since));
    const end = Math.min(to, one.resolved_at ? Date.parse(one.resolved_at) : to);
    const least = (to - from) / 300;
    bands.push(band(Math.min(begin, to - least), Math.max(end, Math.min(begin, to - least) + least), one.labels.severity === "page" ? "page" : "ticket"));
  }
  return bands;
}

function option(budgets, tier) {
  const from = Math.min(...budgets.map((one) => one.points[0][0]));
  const to = Math.max(...budgets.map((one) => one.points[one.points.length - 1][0]));
  const lowest = Math.min(0, ...budgets.flatMap((one) => one.points.map((point) => point[1] ?? 0)));
  // A budget spent many times over runs off the floor, lest it flatten all others; the legend has its number.
  const floor = Math.max(-1, Math.floor(lowest * 4) / 4);
  return {
    ...baseOption(),
    tooltip: {...baseOption().tooltip, trigger: "axis", formatter: (points) =>
      [`${timeText(points[0].value[0])} UTC`, ...points.map((point) => `${point.seriesName}: ${percent(point.value[1])}`)].join("\n")},
    xAxis: {type: "time", min: from, max: to, ...axisStyle(), axisLabel: {...axisStyle().axisLabel, formatter: (at) => axisTime(at, to - from)}, splitLine: {show: false}},
    yAxis: {type: "value", max: 1, min: floor, interval: floor < -0.5 ? 0.5 : 0.25, ...axisStyle(), axisLabel: {...axisStyle().axisLabel, formatter: percent}},
    series: budgets.map((one, i) => ({
      name: tier === undefined ? `${one.tier} ${one.slo}` : SLO_NAMES[one.slo] ?? one.slo, type: "line", showSymbol: false, data: one.points,
      lineStyle: {width: 2, type: DASHES[Math.floor(i / SERIES.length) % DASHES.length]}, color: colour(SERIES[i % SERIES.length]),
      markArea: i === 0 ? {silent: true, data: marks(tier, from, to)} : undefined,
    })),
  };
}

const swatch = (name) => element("i", {class: `swatch of-${name}`, "aria-hidden": "true"});

function legend(budgets, tier) {
  return element("div", {class: "legend"},
    budgets.map((one, i) => element("span", null, svg("svg", {class: `stroke of-${SERIES[i % SERIES.length]}`, viewBox: "0 0 20 4", "aria-hidden": "true"},
      svg("line", {x1: 0, x2: 20, y1: 2, y2: 2, "stroke-dasharray": ["", "5 3", "2 2"][Math.floor(i / SERIES.length) % 3]})),
      tier === undefined ? `${one.tier} ${one.slo}` : SLO_NAMES[one.slo] ?? one.slo, ` ${percent(one.points[one.points.length - 1][1])}`)),
    element("span", null, swatch("page-band"), "page"), element("span", null, swatch("ticket-band"), "ticket"),
    element("span", null, swatch("maintenance-band"), "maintenance"));
}

// Of one tier, or of all of them.
export function burnDownPanel({tier, size = ""} = {}) {
  const found = burnDown();
  const all = (found.data?.budgets ?? []).filter((one) => one.points.length > 1);
  const budgets = all.filter((one) => tier === undefined || one.tier === tier).slice(0, 12);
  const title = `Error budget over ${found.data?.period ?? "the period"}`;
  const known = history().data?.since;
  const body = missing(found, "The burn-down") ?? (budgets.length === 0 ? empty("No requests yet: the budget is whole.") : [
    chart(`burndown-${tier ?? ""}`, {
      makeOption: () => option(budgets, tier),
      version: JSON.stringify([found.data.time, history().data?.episodes?.length, maintenance().data?.maintenance, history().data?.episodes?.[0]]),
      summary: `Error budget left: ${budgets.map((one) => `${one.tier} ${one.slo} ${percent(one.points[one.points.length - 1][1])}`).join(", ")}`,
    }),
    legend(budgets, tier),
    known && element("p", {class: "muted small"}, `Alerts are marked as far as this process has seen them: since ${timeText(known)} UTC.`)]);
  return panel(title, {size, key: `burndown-${tier ?? "all"}`}, body);
}
