// Numbers, times and durations as the page shows them. What is not a number is a dash, never "NaN" or "null".

import {element} from "./dom.js";

export const NOTHING = "–";

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const grouped = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});
export const integer = (value) => (isNumber(value) ? grouped.format(value) : NOTHING);

// Three figures that mean something, and no zeros behind them: 1234, 12.3, 0.0456.
function figures(value) {
  const size = Math.abs(value);
  if (size >= 100) return grouped.format(value);
  return String(Number(value.toPrecision(size < 0.001 ? 1 : 3)));
}

export const burn = (value) => (isNumber(value) ? `${figures(value)}×` : NOTHING);
export const decimal = (value) => (isNumber(value) ? figures(value) : NOTHING);

export function percent(share) {
  if (!isNumber(share)) return NOTHING;
  if (share !== 0 && Math.abs(share) < 0.0001) return share > 0 ? "< 0.01 %" : "> −0.01 %";
  return `${figures(100 * share).replace("-", "−")} %`;
}

export const perSecond = (value) => (isNumber(value) ? `${figures(value)}/s` : NOTHING);

export function milliseconds(value) {
  if (!isNumber(value)) return NOTHING;
  return value >= 10000 ? `${figures(value / 1000)} s` : `${figures(value)} ms`;
}

export function bytes(value) {
  if (!isNumber(value)) return NOTHING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; ++unit) value /= 1024;
  return `${figures(value)} ${units[unit]}`;
}

// "3 d 4 h", "12 min", "5 s": two units at most.
export function duration(milliseconds) {
  if (!isNumber(milliseconds)) return NOTHING;
  let rest = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [];
  for (const [unit, seconds] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const many = Math.floor(rest / seconds);
    rest -= many * seconds;
    if (many > 0) parts.push(`${grouped.format(many)} ${unit}`);
    if (parts.length === 2 || (parts.length === 1 && many === 0)) break;
  }
  return parts.join(" ") || "0 s";
}

// How long a budget lasts: null is for ever, 0 is used up.
export function hoursLeft(hours) {
  if (hours === null || hours === undefined) return "no end in sight";
  if (!(hours > 0)) return "used up";
  return hours > 24 * 366 ? "over a year" : `lasts ${duration(hours * 3600e3)}`;
}

const two = (number) => String(number).padStart(2, "0");
const day = (at) => `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
const clock = (at) => `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;

// "2026-03-01 10:42:30", UTC, of milliseconds or of RFC 3339.
export function timeText(when) {
  const at = new Date(when);
  return Number.isNaN(at.getTime()) ? NOTHING : `${day(at)} ${clock(at)}`;
}

// The same as an element: the day is left out when it is that of `now`; local time on hover.
export function time(when, now) {
  if (when === null || when === undefined) return NOTHING;
  const at = new Date(when);
  if (Number.isNaN(at.getTime())) return NOTHING;
  const text = now !== undefined && day(at) === day(new Date(now)) ? clock(at) : `${day(at)} ${clock(at)}`;
  return element("time", {datetime: at.toISOString(), title: `${timeText(at)} UTC, local time ${at.toLocaleString()}`}, `${text} UTC`);
}

// "4 min ago", as of `now`.
export const ago = (when, now) => `${duration(new Date(now) - new Date(when))} ago`;
