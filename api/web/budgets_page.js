// What may fail, what did, and how long the rest lasts.

import {hasToken} from "./api.js";
import {burnDownPanel, maintenance} from "./burn_down.js";
import {element} from "./dom.js";
import {burn, hoursLeft, integer, percent, time} from "./format.js";
import {budgetTone, objectiveText, SLO_NAMES} from "./model.js";
import {empty, meter, missing, panel, plainTable, tierLink} from "./parts.js";
import {resource} from "./store.js";

function projection(one) {
  return one.burn === null ? element("span", {class: "muted"}, "no data") : element("span", null, hoursLeft(one.exhausted_in_hours), element("span", {class: "muted small"}, ` at ${burn(one.burn)}`));
}

function row(tier, budget) {
  const tone = budgetTone(budget.remaining);
  return [element("span", null, tierLink(tier.tier), element("span", {class: "muted"}, ` ${SLO_NAMES[budget.slo] ?? budget.slo}`)), objectiveText(budget.objective),
    integer(Math.floor(budget.allowed_bad)), integer(budget.bad),
    budget.total === 0 ? element("span", {class: "muted"}, "no data") : element("span", null, meter(budget.remaining, tone), element("span", {class: `strong ${tone === "good" ? "" : tone}`}, percent(budget.remaining))),
    ...budget.projections.map(projection), percent(budget.coverage)];
}

function table() {
  const found = resource("/v1/budgets", 3000);
  const rows = (found.data?.tiers ?? []).flatMap((tier) => tier.budgets.map((budget) => row(tier, budget)));
  const windows = found.data?.tiers.flatMap((tier) => tier.budgets).at(0)?.projections.map((one) => one.window) ?? [];
  return panel("Error budgets", {tools: !hasToken() && element("a", {href: "/v1/report?since=14d"}, "Review of the last 14 days (JSON)")}, missing(found, "Budgets") ?? plainTable("Error budgets", [["SLO"], ["Objective", "number"], ["Allowed", "number"], ["Bad", "number"], ["Left"],
    ...windows.map((window) => [`At the burn of ${window}`]), ["Period held", "number"]], rows));
}

function maintenanceTable() {
  const found = maintenance();
  const all = found.data?.maintenance ?? [];
  return panel("Maintenance", {}, missing(found, "Maintenance") ?? (all.length === 0 ? empty("No maintenance is announced, and none lies in the period.")
    : plainTable("Maintenance windows", [["Id"], ["Tier"], ["From"], ["To"], ["State"], ["Comment"]],
      all.map((one) => [one.id, one.tier === "*" ? "every tier" : tierLink(one.tier), time(one.from), time(one.to), one.state, one.comment]))));
}

export const budgetsPage = () => [burnDownPanel(), table(), maintenanceTable()];
