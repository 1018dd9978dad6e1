// How long requests take: by endpoint over six hours, and in numbers.

import {element} from "./dom.js";
import {integer, milliseconds as ms} from "./format.js";
import {heatmapPanel} from "./heatmap.js";
import {missing, panel, plainTable, tierLink} from "./parts.js";
import {resource} from "./store.js";
import {bigTable, searchField} from "./table.js";

const SOURCES = {rum: "real users", synthetic: "synthetic"};
const WINDOWS = ["5m", "1h", "6h"];

function tierRows(found) {
  return found.data.tiers.filter((one) => one.windows["6h"]?.count > 0).map((one) => [
    element("span", null, tierLink(one.tier), element("span", {class: "muted small"}, ` ${SOURCES[one.source] ?? one.source}`)),
    ...WINDOWS.flatMap((window) => [ms(one.windows[window]?.p50_ms), ms(one.windows[window]?.p95_ms), ms(one.windows[window]?.p99_ms)])]);
}

const COLUMNS = [
  {name: "endpoint", title: "Endpoint", value: (row) => row.endpoint, cell: (row) => row.endpoint},
  {name: "tier", title: "Tier", value: (row) => row.tier, cell: (row) => tierLink(row.tier)},
  {name: "source", title: "Source", value: (row) => row.source, cell: (row) => SOURCES[row.source] ?? row.source},
  ...["p50_ms", "p95_ms", "p99_ms"].map((name) => ({name, title: `${name.slice(0, 3)} 1h`, kind: "number", value: (row) => row.windows["1h"]?.[name], cell: (row) => ms(row.windows["1h"]?.[name])})),
  {name: "count", title: "Timed 1h", kind: "number", value: (row) => row.windows["1h"]?.count, cell: (row) => integer(row.windows["1h"]?.count)},
];

export function latencyPage(state) {
  const found = resource("/v1/latency", 5000);
  const rows = (found.data?.tiers ?? []).flatMap((one) => one.endpoints.map((endpoint) => ({...endpoint, tier: one.tier, source: one.source})));
  return [
    heatmapPanel(state),
    panel("Quantiles by tier", {}, missing(found, "Latency") ?? plainTable("Quantiles by tier", [["Tier"], ...WINDOWS.flatMap((window) => ["p50", "p95", "p99"].map((name) => [`${name} ${window}`, "number"]))], tierRows(found))),
    panel("Quantiles by endpoint", {tools: searchField("latency", "Search endpoints")}, missing(found, "Latency")
      ?? bigTable({key: "latency", caption: "Quantiles by endpoint", rows, columns: COLUMNS, sort: "p95_ms", text: (row) => `${row.endpoint} ${row.tier}`}))];
}
