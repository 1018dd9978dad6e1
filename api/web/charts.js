// Charts, drawn by ECharts, which is fetched when the first one is wanted. Drawing a view says which charts it holds; a
// holder that stays on the page keeps its chart, and gets new data only when there are some.

import {element} from "./dom.js";
import {colour} from "./theme.js";

const drawn = new Map();   // holder -> {instance, version}
let wanted = new Map();    // key -> {makeOption, version}
let themeVersion = 0;
let library = null;

function load() {
  library ??= new Promise((done, failed) => {
    const script = element("script", {src: "/web/echarts.min.js"});
    script.addEventListener("load", done);
    script.addEventListener("error", () => { library = null; failed(new Error("charts cannot be loaded")); });
    document.head.append(script);
  });
  return library;
}

// A place for a chart. `version` tells when it must be drawn anew; `summary` says in words what it shows.
export function chart(key, {makeOption, version, summary, size = ""}) {
  wanted.set(key, {makeOption, version});
  return element("div", {class: `chart ${size}`, role: "img", "aria-label": summary, "data-key": `chart-${key}`,
    "data-chart": key, "data-keep": true});
}

export function beginDrawing() {
  wanted = new Map();
}

export function themeChanged() {
  ++themeVersion;
  for (const made of drawn.values()) made.version = undefined;
}

function drop(holder) {
  drawn.get(holder).observer.disconnect();
  drawn.get(holder).instance.dispose();
  drawn.delete(holder);
}

function make(holder) {
  const instance = globalThis.echarts.init(holder, null, {renderer: "canvas"});
  const observer = new ResizeObserver(() => instance.resize());
  observer.observe(holder);
  const made = {instance, observer, version: undefined};
  drawn.set(holder, made);
  return made;
}

function draw(holder) {
  const want = wanted.get(holder.dataset.chart);
  if (!want) return;
  const made = drawn.get(holder) ?? make(holder);
  const version = `${themeVersion}/${want.version}`;
  if (made.version === version) return;
  made.version = version;
  made.instance.setOption(want.makeOption(), {replaceMerge: ["series", "visualMap"]});
}

// Draws what the page holds now, and lets go of what it held before.
export async function endDrawing() {
  for (const holder of [...drawn.keys()]) {
    if (!holder.isConnected) drop(holder);
  }
  const holders = [...document.querySelectorAll("[data-chart]")];
  if (holders.length === 0) return;
  try {
    await load();
  } catch {
    return;  // what a chart shows stands in numbers beside it; the next drawing tries again
  }
  for (const holder of holders) {
    if (holder.isConnected) draw(holder);
  }
}

const two = (number) => String(number).padStart(2, "0");
// Axis labels in UTC, whatever the browser's zone.
export function axisTime(ms, span) {
  const at = new Date(ms);
  if (span > 2 * 86400e3) return `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${span < 600e3 ? `:${two(at.getUTCSeconds())}` : ""}`;
}

// What every chart shares: quiet axes, tooltips without markup, no jumping about.
export function baseOption() {
  return {
    animation: false,
    textStyle: {fontFamily: getComputedStyle(document.body).fontFamily, color: colour("text")},
    grid: {left: 8, right: 16, top: 16, bottom: 4, containLabel: true},
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: colour("surface"), borderColor: colour("line"),
      textStyle: {color: colour("text"), fontSize: 12},
    },
  };
}

export const axisStyle = () => ({
  axisLine: {lineStyle: {color: colour("line")}}, axisTick: {lineStyle: {color: colour("line")}},
  axisLabel: {color: colour("muted"), hideOverlap: true}, splitLine: {lineStyle: {color: colour("grid")}},
});
