// What this page has seen since it was opened: the burn of every window, for the charts of the tier pages.

import {windowsOf} from "./model.js";

const MOST = 900;
const series = new Map();  // "tier/slo" -> [{at, burns: {"fast short": number | null}}]

export function remember(state) {
  const at = Date.parse(state.slos.time);
  for (const tier of state.slos.tiers) {
    for (const slo of tier.slos) {
      const key = `${tier.tier}/${slo.slo}`;
      if (!series.has(key)) series.set(key, []);
      const points = series.get(key);
      if (points.length > 0 && points[points.length - 1].at >= at) continue;
      const burns = {};
      for (const {pair, side, reading} of windowsOf(slo)) burns[`${pair.pair} ${side}`] = reading.burn;
      points.push({at, burns});
      if (points.length > MOST) points.shift();
    }
  }
}

export const remembered = (tier, slo) => series.get(`${tier}/${slo}`) ?? [];
