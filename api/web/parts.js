// Small things that many panels are made of.

import {element, svg} from "./dom.js";
import {linkTo} from "./router.js";

export function panel(title, {tools, size = "", key = title} = {}, ...children) {
  const id = `panel-${key.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  return element("section", {class: `panel ${size}`, "aria-labelledby": id, "data-key": key},
    element("header", null, element("h2", {id}, title), tools && element("div", {class: "tools"}, tools)), ...children);
}

export const empty = (...children) => element("p", {class: "empty"}, ...children);

// What stands in the place of data that is not there; null when `resource` has some.
export function missing(resource, what) {
  if (resource.data !== null) return null;
  if (resource.status === "absent") return empty(`${what}: not available from this server.`);
  if (resource.status === "failed") return empty(`${what}: the server does not answer this at present; asking again.`);
  return empty("Loading…");
}

const SIGNS = {good: "✓", warn: "▲", bad: "✕", idle: "○"};

export const badge = (tone, text) => element("span", {class: "badge", "data-tone": tone}, `${SIGNS[tone]} ${text}`);
export const sign = (tone) => element("span", {class: "sign", "aria-hidden": "true"}, SIGNS[tone]);

// A bar that is `share` full, 0 to 1, with a mark at `mark`. It repeats a number that stands beside it.
export function meter(share, tone, {mark, long} = {}) {
  const clamp = (value) => Math.min(1, Math.max(0, value || 0));
  return svg("svg", {class: long ? "meter long" : "meter", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true"},
    svg("rect", {class: "track", width: "100", height: "8"}),
    svg("rect", {class: tone, width: (100 * clamp(share)).toFixed(1), height: "8"}),
    mark !== undefined && svg("rect", {class: "mark", x: (100 * clamp(mark) - 0.5).toFixed(1), width: "1.2", height: "8"}));
}

export const tierLink = (tier) => element("a", {href: linkTo("tier", tier)}, tier);

// A choice among `options`, as [value, text].
export function select(action, label, chosen, options) {
  return element("label", {class: "small muted"}, `${label} `,
    element("select", {"data-action": action, "data-on": "change"},
      options.map(([value, text]) => element("option", {value, selected: value === chosen}, text))));
}

// A table; `columns` are [heading, "number"?].
export function plainTable(caption, columns, rows, {key} = {}) {
  return element("div", {class: "scroll", "data-key": key ?? caption},
    element("table", {class: "cards"}, element("caption", {class: "unseen"}, caption),
      element("thead", null, element("tr", null, columns.map(([name, kind]) => element("th", {scope: "col", class: kind}, name)))),
      element("tbody", null, rows.map((cells) => element("tr", null,
        cells.map((cell, i) => i === 0 ? element("th", {scope: "row"}, cell)
          : element("td", {class: columns[i][1], "data-label": columns[i][0]}, cell)))))));
}
