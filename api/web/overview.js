// The page to look at first: how it stands, and where to look closer.

import {alertCard, alertLine} from "./alert_card.js";
import {burnDownPanel} from "./burn_down.js";
import {gaugesPanel} from "./gauges_panel.js";
import {heatmapPanel} from "./heatmap.js";
import {alertsOf, byUrgency} from "./model.js";
import {topOffenders} from "./offenders_table.js";
import {element} from "./dom.js";
import {panel} from "./parts.js";
import {linkTo} from "./router.js";
import {sourcesPanel} from "./sources_panel.js";
import {tierTable} from "./tier_table.js";
import {verdictLine} from "./verdict_line.js";

const MOST = 4;

function alerts(state) {
  const active = [...alertsOf(state, "firing").sort(byUrgency), ...alertsOf(state, "pending"), ...alertsOf(state, "resolved").sort(byUrgency)];
  if (active.length === 0) return null;
  const more = active.length - MOST;
  return panel("Alerts", {tools: element("a", {href: linkTo("alerts")}, more > 0 ? `All alerts, ${more} more` : "All alerts")},
    active.slice(0, MOST).map((alert) => (alert.status === "resolved" ? alertLine(alert, state) : alertCard(alert, state, {brief: true}))));
}

export function overview(state) {
  return [verdictLine(state), alerts(state), tierTable(state), burnDownPanel({size: "half"}), topOffenders(),
    heatmapPanel(state), sourcesPanel(state), gaugesPanel(state)];
}
