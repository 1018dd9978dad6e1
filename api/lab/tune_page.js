// The page of `firebreak tune --html`. `page.data` is what `--json` prints.
"use strict";

(() => {
  const {data, element, colour, chart, time, percent} = page;
  const number = (value) => value === null ? "–" : String(Number(value.toPrecision(3)));

  function duration(seconds) {
    if (seconds === null) return "–";
    const wholeSeconds = Math.floor(seconds);
    const parts = [[Math.floor(wholeSeconds / 86400), "d"], [Math.floor(wholeSeconds / 3600) % 24, "h"],
                   [Math.floor(wholeSeconds / 60) % 60, "m"], [wholeSeconds % 60, "s"]];
    return parts.filter(([amount]) => amount > 0).map(([amount, unit]) => amount + unit).join("") || "0s";
  }

  const countOf = (n, what) => `${page.integer(n)} ${what}${n === 1 ? "" : "s"}`;
  const noun = data.severity === "page" ? "page" : "alert";
  // Cells may break before the brackets and behind the stroke, and nowhere else.
  const unbroken = (text) => text.replaceAll(" ", "\u00a0").replaceAll("–", "\u2060–\u2060");
  const spread = (value, format) => value === null ? "–"
    : `${unbroken(`${format(value.median)} /`)} ${unbroken(format(value.worst))}`;
  const proportion = (p) => p.n === 0 ? "none"
    : `${unbroken(`${p.k} of ${p.n}`)} ${unbroken(`(${Math.round(100 * p.low)}–${Math.round(100 * p.high)} %)`)}`;

  function incidentText(incident) {
    const line = incident.line ? `line ${incident.line}: ` : "";
    return `${line}${incident.begin} to ${incident.end}${incident.what ? ` (${incident.what})` : ""}`;
  }

  // The rules that count: with --severity page, those that page.
  function ruleText(rules) {
    const counted = rules.filter((rule) => data.severity === "ticket" || rule.severity === "page");
    const texts = counted.map((rule) => `${rule.pair} ${rule.short}/${rule.long} ${rule.burn}x for ${rule.for}` +
      (rule.keep_firing_for === "0s" ? "" : `, kept ${rule.keep_firing_for}`));
    const guards = (rules[0].min_total > 0 ? `, min_total ${rules[0].min_total}` : "") +
      (rules[0].min_bad > 0 ? `, min_bad ${rules[0].min_bad}` : "");
    return texts.join("; ") + guards;
  }

  // --- The front

  // How many incidents are missed: the fewer, the nearer to the eye.
  const groups = [{name: "misses none", paint: "budget", holds: (missed) => missed === 0},
                  {name: "misses 1", paint: "ticket", holds: (missed) => missed === 1},
                  {name: "misses more", paint: "page", holds: (missed) => missed > 1}];

  function pointSeries(slo) {
    return groups.map((group, place) => ({
      name: group.name,
      type: "scatter",
      z: 4 - place,
      data: slo.points.filter((point) => point.detection_seconds !== null && group.holds(point.missed))
        .map((point) => ({value: [point.false_pages, point.detection_seconds], point})),
      symbolSize: (value, {data: {point}}) => Math.min(26, 8 + 2.5 * Math.log2(point.combinations)),
      itemStyle: {color: colour(group.paint), opacity: .65},
      tooltip: {formatter: ({data: {point}}) =>
        `${point.combinations} combination${point.combinations === 1 ? "" : "s"}: ${point.missed} missed, ` +
        `${point.false_pages} false, detected after ${duration(point.detection_seconds)}`},
    })).filter((series) => series.data.length > 0);
  }

  function planSeries(name, plans, symbol, paint) {
    return {
      name, type: "scatter", symbol, symbolSize: 17, z: 5,
      data: plans.filter((plan) => plan.chosen_on.detection_seconds !== null)
        .map((plan) => ({value: [plan.chosen_on.false_pages, plan.chosen_on.detection_seconds.median],
                         text: ruleText(plan.rules)})),
      itemStyle: {color: "transparent", borderColor: colour(paint), borderWidth: 2.5},
      // Rules are made of names and numbers of our own configuration language: no markup can be among them.
      tooltip: {formatter: ({data: point}) => `${name}: ${point.text}`},
    };
  }

  // Seconds between two ticks of an axis that ends at `most`: what people count in.
  function interval(most) {
    const steps = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
    return steps.find((step) => most / step <= 7) || 7 * 86400;
  }

  function frontOption(slo) {
    const latest = slo.points.reduce((most, point) => Math.max(most, point.detection_seconds || 0), 60);
    const step = interval(latest);
    const axis = {nameTextStyle: {color: colour("muted")}, axisLabel: {color: colour("muted")},
                  axisLine: {lineStyle: {color: colour("line")}}, splitLine: {lineStyle: {color: colour("grid")}}};
    return {
      animation: false,
      grid: {left: 90, right: 20, top: 40, bottom: 50},
      legend: {top: 0, type: "scroll", itemWidth: 14, itemHeight: 14, textStyle: {color: colour("text")}},
      tooltip: {backgroundColor: colour("surface"), borderColor: colour("line"), textStyle: {color: colour("text")}},
      xAxis: {...axis, name: `false ${noun}s`, nameLocation: "middle", nameGap: 28, minInterval: 1, min: 0},
      yAxis: {...axis, name: "detection, median", nameLocation: "middle", nameGap: 66, min: 0, interval: step,
              max: Math.ceil(latest / step) * step, axisLabel: {color: colour("muted"), formatter: duration, margin: 16}},
      series: [...pointSeries(slo), planSeries("Pareto front", slo.front, "circle", "long"),
               planSeries("now", [slo.current], "diamond", "text")],
    };
  }

  // --- Incidents and alerts over time

  function bars(spans, row, paint) {
    return {
      type: "custom",
      data: spans.map((span) => ({value: [row, span.from, span.to], text: span.text})),
      encode: {x: [1, 2], y: 0},
      itemStyle: {color: colour(paint)},
      renderItem(parameters, api) {
        const from = api.coord([api.value(1), row]);
        const to = api.coord([api.value(2), row]);
        const left = Math.max(from[0], parameters.coordSys.x);
        const width = Math.max(3, Math.min(to[0], parameters.coordSys.x + parameters.coordSys.width) - left);
        return {type: "rect", shape: {x: left, y: from[1] - 8, width, height: 16, r: 2}, style: api.style()};
      },
    };
  }

  function timesOption(slo) {
    const end = Date.parse(data.to);
    const alerts = (list) => list.map((alert) => ({
      from: Date.parse(alert.fired), to: alert.resolved ? Date.parse(alert.resolved) : end, text: "alert"}));
    const incidents = slo.incidents.map((incident) => ({
      from: Date.parse(incident.begin), to: Date.parse(incident.end), text: incident.what}));
    return {
      animation: false,
      grid: {left: 90, right: 20, top: 10, bottom: 46},
      tooltip: {
        backgroundColor: colour("surface"), borderColor: colour("line"), textStyle: {color: colour("text")},
        renderMode: "richText",
        formatter: ({data: bar}) => `${bar.text}\n${time(bar.value[1])} to ${time(bar.value[2])}`,
      },
      dataZoom: [{type: "inside", filterMode: "weakFilter"}, {type: "slider", height: 14, bottom: 4, filterMode: "weakFilter"}],
      xAxis: {type: "time", min: Date.parse(data.from), max: end, axisLabel: {color: colour("muted"), hideOverlap: true},
              axisLine: {lineStyle: {color: colour("line")}}},
      yAxis: {type: "category", inverse: true, data: ["incidents", "now", "best"], axisTick: {show: false},
              axisLabel: {color: colour("muted")}, axisLine: {show: false},
              splitLine: {show: true, lineStyle: {color: colour("grid")}}},
      series: [bars(incidents, 0, "long"), bars(alerts(slo.current_alerts), 1, "page"),
               bars(alerts(slo.best_alerts), 2, "short")],
    };
  }

  // --- Numbers and words

  const columns = ["missed", "false", "precision", "recall", "detection", "reset", "budget spent", `${noun}s/week`];

  function cells(score) {
    return [[`${score.missed} of ${score.incidents}`, score.missed > 0 ? "number bad" : "number"],
            [String(score.false_pages), "number"],
            [proportion(score.precision), "number"], [proportion(score.recall), "number"],
            [spread(score.detection_seconds, duration), "number"], [spread(score.reset_seconds, duration), "number"],
            [spread(score.budget_spent, (share) => percent(share)), "number"],
            [number(score.pages_per_week), "number"]]
      .map(([text, style]) => element("td", {class: style}, text));
  }

  function rows(slo, name, plan) {
    const chosen = sameRules(plan, slo.recommended) ? "chosen" : "";
    const alike = plan.alike > 0 ? `  (+${plan.alike} alike)` : "";
    const row = element("tr", {class: `${chosen} ${plan.held_out ? "above" : ""}`}, element("td", {}, name),
                        element("td", {class: "rule"}, ruleText(plan.rules) + alike), ...cells(plan.chosen_on));
    if (!plan.held_out) return [row];
    return [row, element("tr", {class: "below"}, element("td", {}), element("td", {}, "… on the last third"),
                         ...cells(plan.held_out))];
  }

  const sameRules = (a, b) => JSON.stringify(a.rules) === JSON.stringify(b.rules);

  function table(slo) {
    const place = slo.front.findIndex((plan) => sameRules(plan, slo.current));
    const made = element("table", {}, element("tr", {}, element("th", {}), element("th", {}, "rule"),
      ...columns.map((name) => element("th", {class: "number"}, name))));
    made.append(...rows(slo, place < 0 ? "now" : `now, ${place + 1}`, slo.current));
    slo.front.forEach((plan, at) => {
      if (at !== place) made.append(...rows(slo, String(at + 1), plan));
    });
    return element("div", {class: "scroll"}, made);
  }

  function howChosen(slo) {
    const held = slo.hold_out;
    if (held.method === "last_third") return `Chosen on the time until ${held.from}, scored on the last third as well.`;
    if (held.method === "one_incident") {
      return "Too few incidents to hold a third of the time out, so each was left out in turn: what was chosen without it " +
        `caught ${proportion(held.recall)}. False ${noun}s and times are of the data that the choice was made on.`;
    }
    return "One incident holds nothing out: every number is of the data that the choice was made on.";
  }

  // What the recommendation does to SLOs that share settings with this one.
  function sideEffects(slo) {
    const texts = [];
    for (const effect of slo.side_effects) {
      const changes = `This changes ${effect.tier}/${effect.slo} too, which then`;
      for (const incident of effect.missed) texts.push(`${changes} misses ${incidentText(incident)}.`);
      if (effect.false_pages_then > effect.false_pages_now) {
        texts.push(`${changes} has ${countOf(effect.false_pages_then, `false ${noun}`)} (${effect.false_pages_now} now).`);
      }
    }
    return texts.map((text) => element("p", {class: "bad"}, text));
  }

  // What the numbers leave out.
  function leftOut(slo) {
    const texts = [];
    const {swapped_windows, unreachable} = slo.left_out;
    if (swapped_windows > 0) {
      texts.push(`${countOf(swapped_windows, "combination")} left out: a short window not shorter than its long one.`);
    }
    if (unreachable > 0) {
      texts.push(`${countOf(unreachable, "combination")} left out: no error ratio can exceed a threshold.`);
    }
    for (const incident of slo.outside) {
      texts.push(`Left out, since it does not begin in the recording: ${incidentText(incident)}; its ${noun}s are not false.`);
    }
    return texts.map((text) => element("p", {class: "muted"}, text));
  }

  function advice(slo) {
    const texts = {
      change: `Recommended: ${ruleText(slo.recommended.rules)}, instead of ${ruleText(slo.current.rules)}.`,
      keep: `Recommended: keep ${ruleText(slo.current.rules)}; nothing tried is better.`,
      keep_by_held_out: `Recommended: keep ${ruleText(slo.current.rules)}. The first of the front was better where it was ` +
        "chosen, and worse on the last third.",
    };
    const parts = [element("p", {}, element("strong", {}, texts[slo.advice]))];
    for (const index of slo.recommended.missed) {
      const incident = slo.incidents[index];
      const all = slo.missed_by_all.includes(index) ? "; so does every combination" : "";
      const late = slo.recommended.fired_before.includes(index) ? "; an alert fired when it began: is the label late?" : ".";
      parts.push(element("p", {class: "bad"}, `It misses ${incidentText(incident)}${all}${late}`));
    }
    parts.push(...sideEffects(slo));
    if (slo.yaml) parts.push(element("pre", {}, slo.yaml.replace(/^ {4}/gm, "")));
    return parts;
  }

  function panel(slo) {
    const front = element("div", {class: "chart"});
    const times = element("div", {class: "times"});
    document.body.append(element("section", {class: "panel"},
      element("h2", {}, `${slo.tier} / ${slo.slo}`),
      element("p", {class: "muted"}, `Objective ${slo.objective} %. ` +
        `${countOf(slo.incidents.length, "incident")}, ${countOf(slo.combinations, "combination")}. ${howChosen(slo)}`),
      ...leftOut(slo), front, times, table(slo), ...advice(slo)));
    chart(front, () => frontOption(slo));
    chart(times, () => timesOption(slo));
  }

  document.body.append(element("div", {class: "head"},
    element("div", {}, element("h1", {}, `Rules tried: ${data.config}`),
      element("p", {class: "muted"}, `${data.from} to ${data.to}, evaluated every ${duration(data.step_seconds)}. ` +
        `Tried: ${data.sweep}`)),
    page.themeButton()));
  if (data.incidents.circular) {
    document.body.append(element("p", {class: "warning"},
      `Incidents are derived: each stretch that spent at least ${data.incidents.derived_from_budget_share} of the budget. ` +
      "This is circular: rules that watch the burn rate are measured by the burn rate. It compares rules; it proves none."));
  } else {
    document.body.append(element("p", {class: "muted"}, `Incidents: as labelled in ${data.incidents.labelled_in}.`));
  }
  if (data.rejected > 0) {
    document.body.append(element("p", {class: "warning"}, `${countOf(data.rejected, "line")} rejected:`),
      element("pre", {}, [...data.rejections, ...(data.rejected > data.rejections.length ? ["…"] : [])].join("\n")));
  }
  for (const note of data.notes) document.body.append(element("p", {class: "muted"}, `Note: ${note}.`));
  for (const slo of data.slos) panel(slo);
})();
