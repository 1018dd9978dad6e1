// One tier: every window's burn against its threshold, the budget, the endpoints.

import {alertCard} from "./alert_card.js";
import {axisStyle, axisTime, baseOption, chart} from "./charts.js";
import {burnDownPanel, maintenance} from "./burn_down.js";
import {remembered} from "./burn_memory.js";
import {element} from "./dom.js";
import {burn, integer, milliseconds as ms, percent, perSecond, time, timeText} from "./format.js";
import {heatmapPanel} from "./heatmap.js";
import {alertsOf, budgetTone, burnTone, byUrgency, now, objectiveText, outlook, SLO_NAMES, tierState, windowsOf} from "./model.js";
import {endpointTable} from "./offenders_table.js";
import {badge, empty, meter, panel, plainTable} from "./parts.js";
import {linkTo} from "./router.js";
import {colour} from "./theme.js";

// Burns reach from nothing to a thousand: bars are as long as their logarithm.
const onScale = (value) => Math.log10(1 + Math.max(0, value ?? 0)) / 3;

const STATUS_TONES = {inactive: "good", pending: "idle", firing: "bad", resolved: "good"};
const STATUS_WORDS = {inactive: "quiet", pending: "pending", firing: "firing", resolved: "resolved"};

function windowRow({pair, side, reading}) {
  const tone = burnTone(reading.burn, pair.burn_threshold);
  return [
    element("span", null, pair.pair, element("span", {class: "muted small"}, ` ${pair.severity}`)),
    reading.window,
    element("span", null, meter(onScale(reading.burn), tone === "idle" ? "good" : tone, {mark: onScale(pair.burn_threshold)}), element("span", {class: `strong ${tone === "good" ? "" : tone}`}, burn(reading.burn))),
    burn(pair.burn_threshold),
    reading.total === 0 ? element("span", {class: "muted"}, "no data") : percent(reading.bad / reading.total),
    `${pair.error_percent_threshold} %`,
    `${integer(reading.bad)} of ${integer(reading.total)}`,
    percent(reading.coverage),
    side === "short" ? badge(STATUS_TONES[pair.status], STATUS_WORDS[pair.status]) : ""];
}

const COLUMNS = [["Pair"], ["Window"], ["Burn"], ["Threshold", "number"], ["Bad share", "number"], ["Alerts above", "number"], ["Bad", "number"], ["Covered", "number"], ["State"]];
const COLOURS = ["short", "long", "ticket", "budget", "nodata", "maintenance"];

// Logarithmic, since an incident burns a thousand times what a quiet hour does; what is zero stands on the floor.
function burnOption(points, slo) {
  const names = windowsOf(slo).map(({pair, side, reading}) => ({key: `${pair.pair} ${side}`, name: `${pair.pair} ${reading.window}`}));
  const span = points[points.length - 1].at - points[0].at;
  return {
    ...baseOption(),
    legend: {top: 0, right: 0, textStyle: {color: colour("muted")}, itemHeight: 8, itemWidth: 16},
    grid: {left: 8, right: 16, top: 30, bottom: 4, containLabel: true},
    tooltip: {...baseOption().tooltip, trigger: "axis", formatter: (at) =>
      [`${timeText(at[0].value[0])} UTC`, ...at.map((point) => `${point.seriesName}: ${burn(point.value[2])}`)].join("\n")},
    xAxis: {type: "time", ...axisStyle(), splitLine: {show: false}, axisLabel: {...axisStyle().axisLabel, formatter: (at) => axisTime(at, span)}},
    yAxis: {type: "log", min: 0.1, max: (value) => 10 ** Math.ceil(Math.log10(Math.max(100, value.max))), ...axisStyle(), axisLabel: {...axisStyle().axisLabel, formatter: (value) => `${value}×`}},
    series: names.map(({key, name}, i) => ({
      name, type: "line", showSymbol: false, color: colour(COLOURS[i % COLOURS.length]), lineStyle: {width: 2, type: i % 2 === 0 ? "solid" : "dashed"},
      data: points.filter((point) => point.burns[key] !== null).map((point) => [point.at, Math.max(0.1, point.burns[key]), point.burns[key]]),
      markLine: i > 0 ? undefined : {silent: true, symbol: "none", lineStyle: {color: colour("threshold"), type: "dotted"}, label: {color: colour("threshold"), position: "insideEndTop", formatter: ({value}) => `${value}×`},
        data: [...new Set(slo.pairs.map((pair) => pair.burn_threshold))].map((yAxis) => ({yAxis}))},
    })),
  };
}

function burnChart(tier, slo) {
  const points = remembered(tier.tier, slo.slo);
  if (points.length < 2) return null;
  return [element("p", {class: "muted small"}, `Burn since this page was opened, at ${timeText(points[0].at)} UTC`),
    chart(`burn-${tier.tier}-${slo.slo}`, {makeOption: () => burnOption(points, slo), version: points[points.length - 1].at, summary: `Burn rates of ${tier.tier} ${slo.slo} since this page was opened`})];
}

function promise(slo) {
  return slo.slo === "latency" ? `${objectiveText(slo.objective)} of timed requests within ${ms(slo.latency_limit_ms)}` : `${objectiveText(slo.objective)} of requests succeed`;
}

function sloPanel(tier, slo) {
  const {budget} = slo;
  const tone = budgetTone(budget.left);
  return panel(`${SLO_NAMES[slo.slo] ?? slo.slo}: ${promise(slo)}`, {key: slo.slo},
    budget.total === 0 ? element("p", {class: "muted"}, "No requests are counted here yet: the budget is whole.") : [
      element("p", {class: "facts"}, element("span", null, "Budget left ", element("span", {class: `strong ${tone === "good" ? "" : tone}`}, percent(budget.left))),
        element("span", {class: "muted"}, `${integer(budget.bad)} bad of ${integer(budget.total)}, ${integer(budget.total * (1 - slo.objective))} allowed`),
        element("span", {class: "muted"}, `at the present burn: ${outlook(slo)}`),
        budget.excluded.total > 0 && element("span", {class: "muted"}, `${integer(budget.excluded.total)} under maintenance left out`)),
      meter(budget.left, tone, {long: true})],
    plainTable(`Windows of ${slo.slo}`, COLUMNS, windowsOf(slo).map(windowRow)), burnChart(tier, slo));
}

function maintenancePanel(tier) {
  const own = (maintenance().data?.maintenance ?? []).filter((one) => one.tier === tier.tier || one.tier === "*");
  if (own.length === 0) return null;
  return panel("Maintenance", {}, plainTable("Maintenance windows", [["Id"], ["From"], ["To"], ["State"], ["Comment"]],
    own.map((one) => [one.id, time(one.from), time(one.to), one.state, one.comment])));
}

function head(tier, state) {
  const {tone, text} = tierState(tier, state.alerts.alerts);
  const at = now(tier);
  return element("div", null, element("div", {class: "title"}, element("h1", null, tier.tier), badge(tone, text)),
    element("p", {class: "facts muted"}, element("span", null, `traffic ${perSecond(at?.perSecond)}`), element("span", null, `errors ${percent(at?.errors)}`),
      element("span", null, `feed ${tier.feed}`), element("span", null, "last event ", tier.last_event ? time(tier.last_event, state.slos.time) : "never"),
      element("span", null, `counts ${tier.source === "rum" ? "real users" : "probes"}`), element("span", null, `${percent(tier.coverage)} of the period held`),
      tier.maintenance_until && element("span", {class: "strong"}, "under maintenance until ", time(tier.maintenance_until, state.slos.time)),
      tier.verdict?.why && element("span", null, `${tier.verdict.state.replace("_", " ")}: ${tier.verdict.why}`)));
}

export function tierPage(state, name) {
  const tier = state.slos.tiers.find((one) => one.tier === name);
  if (!tier) return [empty(`There is no tier “${name}”. `, element("a", {href: linkTo("")}, "All tiers"))];
  const alerts = alertsOf(state, "firing", "pending", "resolved").filter((alert) => alert.labels.tier === name).sort(byUrgency);
  return [head(tier, state), alerts.length > 0 && panel("Alerts", {}, alerts.map((alert) => alertCard(alert, state, {brief: true}))),
    tier.slos.map((slo) => sloPanel(tier, slo)), burnDownPanel({tier: name}), heatmapPanel(state, {tier: name}), endpointTable("Endpoints, last 7 days", name), maintenancePanel(tier)];
}
