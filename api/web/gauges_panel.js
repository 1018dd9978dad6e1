// Credits and other things that run out: how full, which way they go, and when they would be empty.

import {axisStyle, axisTime, baseOption, chart} from "./charts.js";
import {colour} from "./theme.js";
import {element} from "./dom.js";
import {ago, decimal, duration, integer, percent, time, timeText} from "./format.js";
import {badge, empty, meter, missing, panel} from "./parts.js";
import {resource} from "./store.js";

const SOON_MS = 7 * 86400e3;

function trend(gauge) {
  const from = gauge.history[0][0];
  const to = gauge.history[gauge.history.length - 1][0];
  return {
    ...baseOption(),
    grid: {left: 4, right: 8, top: 8, bottom: 4, containLabel: true},
    tooltip: {...baseOption().tooltip, trigger: "axis", formatter: ([point]) => `${timeText(point.value[0])} UTC\n${decimal(point.value[1])}`},
    xAxis: {type: "time", ...axisStyle(), splitLine: {show: false}, axisLabel: {...axisStyle().axisLabel, formatter: (at) => axisTime(at, to - from)}},
    yAxis: {type: "value", min: 0, splitNumber: 2, ...axisStyle()},
    series: [{type: "line", data: gauge.history, showSymbol: false, lineStyle: {width: 2}, color: colour("short"), areaStyle: {opacity: 0.12}}],
  };
}

// Credits are good when full, pools and queues when empty.
function toneOf(gauge, left) {
  const share = gauge.capacity ? gauge.value / gauge.capacity : null;
  if (gauge.kind === "credits") return gauge.value <= 0 ? "bad" : left !== null && left < SOON_MS ? "warn" : "good";
  return share === null ? "idle" : share >= 1 ? "bad" : share > 0.8 ? "warn" : "good";
}

function outlook(gauge, left, now) {
  if (gauge.kind !== "credits") return null;
  if (gauge.value <= 0) return element("p", {class: "bad strong"}, "✕ Used up");
  if (left === null) return element("p", {class: "muted"}, "No end in sight at the present use.");
  return element("p", null, "Empty in ", element("span", {class: "strong"}, duration(left)), ", on ", time(gauge.exhausted_at, now));
}

// What goes in a day: negative where more came than went.
function use(perDay) {
  if (typeof perDay !== "number" || perDay === 0) return null;
  return `${perDay > 0 ? "uses" : "gains"} ${integer(Math.abs(perDay))} a day, `;
}

function card(gauge, now) {
  const left = gauge.exhausted_at ? Date.parse(gauge.exhausted_at) - Date.parse(now) : null;
  const tone = toneOf(gauge, left);
  const words = {good: "fine", warn: gauge.kind === "credits" ? "runs out soon" : "nearly full", bad: gauge.kind === "credits" ? "used up" : "full", idle: "no capacity known"};
  return element("div", {class: "gauge", "data-key": gauge.name},
    element("div", {class: "facts"}, element("h3", null, gauge.name), badge(tone, words[tone])),
    element("p", null, element("span", {class: "big"}, integer(gauge.value)), gauge.capacity && element("span", {class: "muted"}, ` of ${integer(gauge.capacity)} (${percent(gauge.value / gauge.capacity)})`)),
    gauge.capacity && meter(gauge.value / gauge.capacity, tone === "idle" ? "good" : tone, {long: true}),
    outlook(gauge, left, now),
    element("p", {class: "muted small"}, gauge.tier && `${gauge.tier}, `, use(gauge.per_day), `told ${ago(gauge.at, now)}`),
    gauge.history?.length > 1 && chart(`gauge-${gauge.name}`, {makeOption: () => trend(gauge), version: `${gauge.at}/${gauge.history.length}`, summary: `${gauge.name} over time`, size: "low"}));
}

export function gaugesPanel(state, {size = "half"} = {}) {
  const found = resource("/v1/gauges", 5000);
  const all = [...(found.data?.gauges ?? [])].sort((a, b) => (b.kind === "credits") - (a.kind === "credits") || a.name.localeCompare(b.name));
  return panel("Credits and gauges", {size}, missing(found, "Gauges") ?? (all.length === 0 ? empty("No gauge was told yet: POST /v1/gauges.")
    : element("div", {class: "gauges"}, all.slice(0, 12).map((gauge) => card(gauge, state.slos.time)))));
}
