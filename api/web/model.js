// Reading the server's state: what several panels want to know of it. Nothing here draws.

import {hoursLeft} from "./format.js";

export const alertsOf = (state, ...statuses) => state.alerts.alerts.filter((alert) => statuses.includes(alert.status));

// Pages before tickets, and then the newest first.
const URGENCY = {page: 0, ticket: 1, none: 2};
export function byUrgency(a, b) {
  const urgency = (URGENCY[a.labels.severity] ?? 3) - (URGENCY[b.labels.severity] ?? 3);
  return urgency || (b.firing_since ?? b.active_since).localeCompare(a.firing_since ?? a.active_since);
}

// "bad" pages, "warn" is a ticket or pending, "good" is over.
export function toneOf(alert) {
  if (alert.status === "resolved") return "good";
  if (alert.status === "pending") return "idle";
  return alert.labels.severity === "page" ? "bad" : "warn";
}

// A short window is above its threshold: an alert will follow if the long one goes there too.
const burnsFast = (slo) => slo.pairs.some((pair) => pair.short.burn > pair.burn_threshold);

// The worst that is true of a tier, as {tone, text}.
export function tierState(tier, alerts) {
  const own = alerts.filter((alert) => alert.labels.tier === tier.tier);
  const firing = own.filter((alert) => alert.status === "firing").sort(byUrgency);
  if (firing.some((alert) => alert.labels.severity === "page")) return {tone: "bad", text: "paging"};
  if (firing.length > 0) return {tone: "warn", text: "ticket"};
  if (tier.maintenance_until) return {tone: "idle", text: "maintenance"};
  if (tier.feed === "lost") return {tone: "warn", text: tier.last_event ? "no signal" : "no data yet"};
  if (own.some((alert) => alert.status === "pending")) return {tone: "warn", text: "pending"};
  if (tier.slos.some(burnsFast)) return {tone: "warn", text: "burning"};
  if (tier.slos.some((slo) => slo.budget.left <= 0)) return {tone: "warn", text: "budget used up"};
  return tier.last_event ? {tone: "good", text: "ok"} : {tone: "idle", text: "no data yet"};
}

// The reading of a tier's shortest window: what "now" means for traffic and errors; null before the first event.
export function now(tier) {
  const slo = tier.slos.find((one) => one.slo === "availability") ?? tier.slos[0];
  const windows = (slo?.pairs ?? []).map((pair) => pair.short);
  const shortest = windows.sort((a, b) => milliseconds(a.window) - milliseconds(b.window))[0];
  if (!shortest) return null;
  const total = shortest.total + shortest.excluded.total;
  return {window: shortest.window, perSecond: 1000 * total / milliseconds(shortest.window),
    errors: shortest.total > 0 ? shortest.bad / shortest.total : null};
}

const UNITS = {ms: 1, s: 1000, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3, y: 365 * 86400e3};
// "1h30m" in milliseconds.
export function milliseconds(text) {
  let sum = 0;
  for (const [, many, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) sum += Number(many) * UNITS[unit];
  return sum;
}

// How alarming a burn is: above its threshold, above 1 (the budget would not last), or neither.
export function burnTone(burn, threshold) {
  if (burn === null || burn === undefined) return "idle";
  return burn > threshold ? "bad" : burn > 1 ? "warn" : "good";
}

export const budgetTone = (left) => (left <= 0 ? "bad" : left < 0.25 ? "warn" : "good");

// How long the budget lasts at the burn of the first long window that has one.
export function outlook(slo) {
  if (slo.budget.left <= 0) return "used up";
  const pair = slo.pairs.find((one) => one.long.burn !== null);
  return pair ? hoursLeft(pair.hours_left) : "nothing burns";
}

export const SLO_NAMES = {availability: "Availability", latency: "Latency"};

// "99.9 %", with all the nines.
export const objectiveText = (objective) => `${Number((100 * objective).toFixed(6))} %`;

// What a window reads and a rule asks, of one SLO: "0.4×" of "14.4×".
export const windowsOf = (slo) => slo.pairs.flatMap((pair) =>
  [["short", pair.short], ["long", pair.long]].map(([side, reading]) => ({pair, side, reading})));
