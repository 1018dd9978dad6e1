// Which pages there are.

import {alertsPage} from "./alerts_page.js";
import {budgetsPage} from "./budgets_page.js";
import {element} from "./dom.js";
import {empty} from "./parts.js";
import {endpointTable} from "./offenders_table.js";
import {healthPage} from "./health_page.js";
import {latencyPage} from "./latency_page.js";
import {overview} from "./overview.js";
import {tierPage} from "./tier_page.js";

export const NAVIGATION = [["overview", "Overview"], ["alerts", "Alerts"], ["budgets", "Budgets"], ["latency", "Latency"], ["endpoints", "Endpoints"], ["health", "Health"]];

const PAGES = {
  overview, alerts: alertsPage, budgets: budgetsPage, latency: latencyPage, health: healthPage, tier: tierPage,
  endpoints: () => [endpointTable("Endpoints, last 7 days, by budget burnt")],
};

// Pages whose heading is part of what they show.
const OWN_HEADING = new Set(["overview", "tier"]);

// What draws the page of that name: (state, name) -> elements.
export function pageOf(page) {
  if (!Object.hasOwn(PAGES, page)) return () => [empty(`There is no page “${page}”.`)];
  if (OWN_HEADING.has(page)) return PAGES[page];
  const [, heading] = NAVIGATION.find(([key]) => key === page);
  return (state, name) => [element("h1", {class: "unseen"}, heading), PAGES[page](state, name)];
}
