// Which endpoints burn the budget of the week.

import {bigTable, searchField} from "./table.js";
import {element} from "./dom.js";
import {integer, percent} from "./format.js";
import {empty, missing, panel, plainTable, tierLink} from "./parts.js";
import {linkTo} from "./router.js";
import {resource} from "./store.js";
import {SLO_NAMES} from "./model.js";

export const offenders = () => resource("/v1/offenders?window=7d", 10000);
const ratio = (row) => (row.total > 0 ? row.bad / row.total : null);

const COLUMNS = [
  {name: "endpoint", title: "Endpoint", value: (row) => row.endpoint, cell: (row) => row.endpoint},
  {name: "tier", title: "Tier", value: (row) => row.tier, cell: (row) => tierLink(row.tier)},
  {name: "slo", title: "SLO", value: (row) => row.slo, cell: (row) => SLO_NAMES[row.slo] ?? row.slo},
  {name: "total", title: "Requests", kind: "number", value: (row) => row.total, cell: (row) => integer(row.total)},
  {name: "bad", title: "Bad", kind: "number", value: (row) => row.bad, cell: (row) => integer(row.bad)},
  {name: "ratio", title: "Bad share", kind: "number", value: ratio, cell: (row) => percent(ratio(row))},
  {name: "burnt", title: "Budget burnt", kind: "number", value: (row) => row.burnt, cell: (row) => percent(row.burnt)},
];

// All of them, or those of one tier.
export function endpointTable(title, tier) {
  const found = offenders();
  const key = tier === undefined ? "endpoints" : `endpoints-${tier}`;
  const rows = (found.data?.offenders ?? []).filter((row) => tier === undefined || row.tier === tier);
  return panel(title, {key, tools: searchField(key, "Search endpoints")}, missing(found, "Budget by endpoint")
    ?? bigTable({key, caption: title, rows, sort: "burnt", text: (row) => `${row.endpoint} ${row.tier} ${row.slo}`,
      columns: tier === undefined ? COLUMNS : COLUMNS.filter((column) => column.name !== "tier")}));
}

// The worst few.
export function topOffenders() {
  const found = offenders();
  const rows = (found.data?.offenders ?? []).filter((row) => row.bad > 0).sort((a, b) => b.burnt - a.burnt).slice(0, 8);
  const body = missing(found, "Budget by endpoint") ?? (rows.length === 0 ? empty("Nothing burnt any budget this week.")
    : plainTable("Top offenders of the week", [["Endpoint"], ["Bad", "number"], ["Budget burnt", "number"]],
      rows.map((row) => [
        element("span", null, row.endpoint, element("span", {class: "muted small"}, ` ${row.tier}, ${row.slo}`)),
        integer(row.bad), percent(row.burnt)])));
  return panel("Top offenders of the week", {size: "half", tools: element("a", {href: linkTo("endpoints")}, "All endpoints")}, body);
}
