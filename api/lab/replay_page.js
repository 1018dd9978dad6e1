// Draws a replay: alert bars over time, the burn of both windows of each alert, and what was left of the budgets.
(() => {
  const {data, element, colour, chart, time, integer, percent} = page;
  const phone = matchMedia("(max-width: 600px)");
  const burnFloor = 0.1;  // where a logarithmic axis begins: less is drawn there
  const linearReach = 5;  // a linear axis ends at so many times the threshold, which a peak would flatten
  let logarithmic = true;
  const linked = [];  // the charts of lines, which ECharts connects
  let bars = null;    // the chart of bars

  const from = data.from, to = data.to;
  const severityColour = (bar) => colour(bar.severity === "page" ? "page" : "ticket");
  const ofNoData = (bar) => bar.name.endsWith("/NoData");
  const barColour = (bar) => {
    if (bar.status === "pending") return colour("pending");
    return ofNoData(bar) ? colour("nodata") : severityColour(bar);
  };
  const burnText = (value) => value === null || value === undefined ? "no data" : `${Number(value.toPrecision(3))}x`;
  const duration = (ms) => {
    const minutes = Math.round(ms / 60000);
    if (minutes < 1) return `${Math.round(ms / 1000)} s`;
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };
  const endOf = (bar) => bar.end === null ? to : bar.end;

  // --- what all charts share

  function grid(extra) {
    return {left: phone.matches ? 44 : 60, right: phone.matches ? 10 : 16, top: 14, bottom: 30, ...extra};
  }
  function timeAxis() {
    return {
      type: "time", min: from, max: to,
      axisLine: {lineStyle: {color: colour("line")}},
      axisLabel: {color: colour("muted"), hideOverlap: true},
      splitLine: {show: false},
    };
  }
  function zoom() {
    return [{type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, preventDefaultMouseMove: false}];
  }
  function tooltip(formatter, trigger) {
    return {
      trigger, confine: true, formatter, backgroundColor: colour("surface"), borderColor: colour("line"),
      textStyle: {color: colour("text"), fontSize: 13},
    };
  }
  const tip = (...lines) => {
    const holder = element("div", {class: "tip"});
    for (const line of lines) holder.append(element("div", {}, line));
    return holder;
  };
  // After the last event a replay goes on until every window is empty.
  const silence = data.recorded_to !== null && data.recorded_to < to ? data.recorded_to : null;
  function endLines() {
    return silence === null ? []
      : [{xAxis: silence, lineStyle: {color: colour("muted"), type: "solid", width: 1}, label: {show: false}}];
  }
  function silenceAreas() {
    const label = {
      show: true, formatter: "after the recording", position: "insideTopRight", color: colour("muted"), fontSize: 11,
    };
    return silence === null ? []
      : [[{xAxis: silence, label, itemStyle: {color: colour("muted"), opacity: 0.08}}, {xAxis: to}]];
  }

  function linkedChart(holder, makeOption) {
    const made = chart(holder, makeOption);
    made.group = "replay";
    linked.push(made);
    return made;
  }
  // ECharts connects charts by the numbers of their points, of which bars have others: a bar would have the lines show
  // another time than its own. So the bars follow the zoom of the lines, and they that of the bars, by time.
  function barsChart(holder) {
    bars = chart(holder, barsOption);
    bars.on("datazoom", () => copyZoom(bars, linked[0]));
    bars.on("mouseover", (item) => pointAt(data.bars[item.dataIndex].begin));
    bars.on("mouseout", () => linked[0]?.dispatchAction({type: "hideTip"}));
  }
  function copyZoom(source, target) {
    if (!source || !target) return;
    const [wanted, present] = [source, target].map((one) => one.getOption().dataZoom[0]);
    if (wanted.startValue === present.startValue && wanted.endValue === present.endValue) return;
    target.dispatchAction({type: "dataZoom", startValue: wanted.startValue, endValue: wanted.endValue});
  }
  // Has the lines show their numbers at a time, by where it is.
  function pointAt(at) {
    const x = linked[0]?.convertToPixel({xAxisIndex: 0}, at);
    if (x !== undefined) linked[0].dispatchAction({type: "showTip", x, y: linked[0].getHeight() / 2});
  }
  function show(begin, end) {
    const one = linked[0] || bars;
    if (one) one.dispatchAction({type: "dataZoom", startValue: begin, endValue: end});
  }

  // --- alert bars

  const rows = [];
  for (const bar of data.bars) if (!rows.includes(bar.name)) rows.push(bar.name);
  rows.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  // As the configuration has them; what it does not name comes last.
  function order(name) {
    const at = data.burns.findIndex((burn) => burn.name === name);
    return at < 0 ? data.burns.length : at;
  }

  function barsOption() {
    const shorten = (text, most) => text.length > most ? "…" + text.slice(1 - most) : text;
    return {
      useUTC: true, animation: false,
      grid: grid({top: 6}),
      xAxis: timeAxis(),
      // A name stands above its bars, so that time lines up with the charts below.
      yAxis: {
        type: "category", data: rows, inverse: true, axisTick: {show: false},
        axisLine: {lineStyle: {color: colour("line")}},
        axisLabel: {
          color: colour("text"), formatter: (name) => shorten(name, phone.matches ? 50 : 140), interval: 0, inside: true,
          margin: 4, verticalAlign: "bottom", fontSize: phone.matches ? 10 : 12, lineHeight: 15,
        },
        splitLine: {show: true, lineStyle: {color: colour("grid")}},
      },
      dataZoom: zoom(),
      tooltip: tooltip((item) => barTip(data.bars[item.dataIndex]), "item"),
      series: [{
        type: "custom", clip: true, encode: {x: [1, 2], y: 0},
        data: data.bars.map((bar) => [rows.indexOf(bar.name), bar.begin, endOf(bar)]),
        renderItem: (params, api) => {
          const begin = api.coord([api.value(1), api.value(0)]);
          const end = api.coord([api.value(2), api.value(0)]);
          const shape = echarts.graphic.clipRectByRect(
            {x: begin[0], y: begin[1] + 1, width: Math.max(end[0] - begin[0], 2), height: 12},
            {x: params.coordSys.x, y: params.coordSys.y, width: params.coordSys.width, height: params.coordSys.height});
          const bar = data.bars[params.dataIndex];
          const edge = ofNoData(bar) ? {stroke: severityColour(bar), lineWidth: 2} : {};
          return shape && {type: "rect", shape, style: {fill: barColour(bar), ...edge}};
        },
        markArea: {silent: true, data: silenceAreas().concat(missingAreas())},
        markLine: {silent: true, symbol: "none", data: endLines()},
      }],
    };
  }
  // Where bars are missing: [begin, end, what], at most two.
  const missing = (() => {
    const {firing, pending} = data.missing;
    const end = firing.count > 0 ? firing.from : to;
    return [[firing.from, to, "bars"], [pending.from, end, "pending bars"]]
      .filter(([begin, until]) => begin !== null && begin < until);
  })();
  function missingAreas() {
    return missing.map(([begin, end], i) =>
      [{xAxis: begin, itemStyle: {color: colour("threshold"), opacity: i === 0 ? 0.18 : 0.1}}, {xAxis: end}]);
  }
  function barTip(bar) {
    const what = bar.status === "pending" ? "pending" : `${bar.severity}, firing`;
    const until = bar.end === null ? "to the end" : `to ${time(bar.end)}${bar.reason ? ` (${bar.reason})` : ""}`;
    return tip(element("b", {}, bar.name), what, `${time(bar.begin)} ${until}, ${duration(endOf(bar) - bar.begin)}`, ...bar.windows);
  }

  // --- burn of one alert

  function burnOption(burn) {
    const drawn = (points) => !logarithmic ? points
      : points.map(([at, value]) => [at, value === null ? null : Math.max(value, burnFloor)]);
    const line = (window, name, width, z) => ({
      name, z, type: "line", data: drawn(window.points), showSymbol: false, connectNulls: false,
      lineStyle: {width, color: colour(name), cap: "round"}, itemStyle: {color: colour(name)}, emphasis: {disabled: true},
    });
    const areas = data.bars.filter((bar) => bar.name === burn.name).map((bar) => [
      {xAxis: bar.begin, itemStyle: {color: barColour(bar), opacity: bar.status === "pending" ? 0.18 : 0.22}}, {xAxis: endOf(bar)}]);
    const maintenance = data.maintenance.filter((m) => m.tier === burn.tier || m.tier === "*").map((m) => [
      {xAxis: m.from, itemStyle: {color: colour("maintenance"), opacity: 0.25}}, {xAxis: m.to}]);
    const long = line(burn.long, "long", 2, 2);
    long.markArea = {silent: true, data: areas.concat(maintenance, silenceAreas())};
    long.markLine = {
      silent: true, symbol: "none", data: [{yAxis: burn.burn}, ...endLines()],
      lineStyle: {color: colour("threshold"), type: "dashed", width: 1.5},
      label: {formatter: burn.burn_text, position: "insideEndTop", color: colour("threshold")},
    };
    const highest = Math.max(burn.burn, ...burn.short.points.concat(burn.long.points).map(([, value]) => value));
    const end = burn.burn * linearReach;
    const cut = !logarithmic && highest > end;
    return {
      useUTC: true, animation: false, grid: grid(), xAxis: timeAxis(), dataZoom: zoom(),
      title: {
        show: cut, text: `cut at ${burnText(end)}; the peak is ${burnText(highest)}`, left: grid().left, top: 7, padding: 0,
        textStyle: {color: colour("muted"), fontSize: 12, fontWeight: "normal"},
      },
      yAxis: {
        type: logarithmic ? "log" : "value", min: logarithmic ? burnFloor : 0, max: cut ? end : highest * 1.3,
        axisLabel: {showMaxLabel: false, color: colour("muted"), formatter: (value) => `${Number(value.toPrecision(3))}x`},
        splitLine: {lineStyle: {color: colour("grid")}},
      },
      tooltip: tooltip((items) => burnTip(burn, items), "axis"),
      series: [line(burn.short, "short", 1, 3), long],
    };
  }
  function burnTip(burn, items) {
    const value = (name) => {
      const item = items.find((candidate) => candidate.seriesName === name);
      if (!item) return "no data";
      const [, burned] = burn[name].points[item.dataIndex];
      return burnText(burned);
    };
    return tip(element("b", {}, time(items[0].axisValue)), `${burn.short.window}: ${value("short")}`,
      `${burn.long.window}: ${value("long")}`, `alerts above ${burn.burn_text} (${burn.percent}) in both, for ${burn.for}`);
  }

  // Where a budget's axis begins, at or below what is left of it, and how far its labels are apart.
  function budgetAxis(budget) {
    const lowest = Math.min(0, ...budget.points.map(([, value]) => value));
    const power = 10 ** Math.floor(Math.log10((1 - lowest) / 4));
    const interval = [1, 2.5, 5, 10].map((factor) => factor * power).find((step) => (1 - lowest) / step <= 5);
    return {min: -interval * Math.ceil(-lowest / interval), interval};
  }
  function budgetOption(budget) {
    const axis = budgetAxis(budget);
    return {
      useUTC: true, animation: false, grid: grid(), xAxis: timeAxis(), dataZoom: zoom(),
      yAxis: {
        type: "value", max: 1, ...axis,
        axisLabel: {
          color: colour("muted"), formatter: (value) => percent(value, 0), showMaxLabel: 1 / axis.interval % 1 === 0,
        },
        splitLine: {lineStyle: {color: colour("grid")}},
      },
      tooltip: tooltip((items) => tip(element("b", {}, time(items[0].axisValue)),
        items[0].value[1] === null ? "no data" : `${percent(items[0].value[1])} of the budget left`), "axis"),
      series: [{
        name: "budget", type: "line", data: budget.points, showSymbol: false, emphasis: {disabled: true},
        lineStyle: {width: 2, color: colour("budget"), cap: "round"}, itemStyle: {color: colour("budget")},
        areaStyle: {color: colour("budget"), opacity: 0.12, origin: 0},
        markArea: {silent: true, data: silenceAreas()},
        markLine: {silent: true, symbol: "none", data: endLines()},
      }],
    };
  }

  // --- the page

  function figure(count, one, many, name) {
    return element("span", {class: `figure ${name}`}, element("b", {}, integer(count)), count === 1 ? one : many);
  }
  function header() {
    const span = from === null ? "nothing was evaluated" : `${time(from)} to ${time(to)} UTC, evaluated every ${data.step}`;
    const head = element("div", {class: "panel"},
      element("div", {class: "head"}, element("div", {},
        element("h1", {}, `Replay under ${data.config}`),
        element("p", {class: "muted"}, span),
        element("p", {class: "muted"}, data.inputs.join(", "))), page.themeButton()),
      element("div", {class: "figures"},
        figure(data.pages, "page", "pages", data.pages > 0 ? "page" : ""),
        figure(data.tickets, "ticket", "tickets", data.tickets > 0 ? "ticket" : ""),
        figure(data.no_data, "time without data", "times without data", ""),
        figure(data.events, "event", "events", ""),
        figure(data.rejected, "rejected", "rejected", "")));
    if (data.notes.length > 0) {
      head.append(element("ul", {class: "notes muted"}, ...data.notes.map((note) => element("li", {}, note))));
    }
    return head;
  }
  function tools() {
    const scale = element("button", {type: "button", onclick: () => {
      logarithmic = !logarithmic;
      scale.textContent = logarithmic ? "Linear scale" : "Logarithmic scale";
      page.redraw();
    }}, "Linear scale");
    return element("div", {class: "tools"},
      element("button", {type: "button", onclick: () => show(from, to)}, "Whole time"), scale,
      element("button", {type: "button", onclick: zoomOut}, "Zoom out"));
  }
  function zoomOut() {
    const zoomed = (linked[0] || bars).getOption().dataZoom[0];
    const middle = (zoomed.startValue + zoomed.endValue) / 2;
    const reach = zoomed.endValue - zoomed.startValue;
    show(Math.max(from, middle - reach), Math.min(to, middle + reach));
  }
  const swatch = (name, text, edge) => element("span", {}, coloured(name, edge), text);
  function coloured(name, edge) {
    const mark = element("i", {});
    mark.style.background = `var(--${name})`;
    if (edge) mark.style.border = `2px solid var(--${edge})`;
    return mark;
  }
  function barsPanel() {
    const panel = element("section", {class: "panel"}, element("h2", {}, "Alerts"));
    if (data.bars.length === 0) {
      panel.append(element("p", {class: "muted"}, "No alert was pending or firing."));
      return panel;
    }
    panel.append(element("div", {class: "legend"}, swatch("page", "page"), swatch("ticket", "ticket"),
      swatch("pending", "pending"), swatch("nodata", "no data (page)", "page"), swatch("nodata", "no data (ticket)", "ticket"),
      ...missing.map(([begin, , what]) => swatch("missing", `${what} are missing from ${time(begin)} on`)),
      element("span", {}, "Drag to move; Ctrl and the wheel, or two fingers, to zoom.")));
    const holder = element("div", {class: "chart", id: "bars"});
    holder.style.height = `${50 + 36 * rows.length}px`;
    panel.append(holder);
    return panel;
  }
  function firings() {
    const fired = data.bars.filter((bar) => bar.status === "firing");
    const most = 200;
    const table = element("table", {}, element("thead", {}, element("tr", {},
      ...["", "fired", "alert", "as", "lasted", "ended", "windows when it fired"].map((name) => element("th", {}, name)))));
    const body = element("tbody", {});
    for (const bar of fired.slice(0, most)) {
      const reach = Math.max(endOf(bar) - bar.begin, 600000);
      body.append(element("tr", {},
        element("td", {}, element("button", {type: "button", class: "go", title: "Show it in the charts",
          onclick: () => show(Math.max(from, bar.begin - reach), Math.min(to, endOf(bar) + reach))}, "zoom")),
        element("td", {}, time(bar.begin)), element("td", {class: "name"}, bar.name),
        element("td", {}, element("span", {class: `badge ${bar.severity === "page" ? "page" : "ticket"}`}, bar.severity)),
        element("td", {}, duration(endOf(bar) - bar.begin)), element("td", {}, bar.end === null ? "still firing" : bar.reason),
        element("td", {class: "windows"}, ...bar.windows.map((window) => element("div", {}, window)))));
    }
    table.append(body);
    const panel = element("section", {class: "panel"}, element("h2", {}, "What fired"), element("div", {class: "scroll tall"}, table));
    const all = fired.length + data.missing.firing.count;
    if (all > most) panel.append(element("p", {class: "muted"}, `The first ${most} of ${integer(all)}.`));
    return fired.length > 0 ? panel : "";
  }
  function traffic() {
    const rows = data.tiers.map((tier) => element("tr", {}, element("td", {}, tier.tier),
      element("td", {class: "number"}, integer(tier.total)), element("td", {class: "number"}, integer(tier.bad)),
      element("td", {class: "number"}, tier.total > 0 ? percent(tier.bad / tier.total, 3) : ""), element("td", {}, tier.objective),
      element("td", {}, tier.limit === null ? "" : `${integer(tier.slow)} of ${integer(tier.timed)} slower than ${tier.limit}`)));
    return element("section", {class: "panel"}, element("h2", {}, "Traffic"), element("div", {class: "scroll"}, element("table", {},
      element("thead", {}, element("tr", {}, element("th", {}, "tier"), ...["requests", "bad", ""].map((name) =>
        element("th", {class: "number"}, name)), element("th", {}, "objective"), element("th", {}, "latency"))),
      element("tbody", {}, ...rows))));
  }
  function burnPanel(burn) {
    const panel = element("section", {class: "panel"}, element("h2", {}, burn.name),
      element("div", {class: "legend"}, swatch("short", burn.short.window), swatch("long", burn.long.window),
        swatch("threshold", `${burn.severity} above ${burn.burn_text} (${burn.percent}) in both, for ${burn.for}`)));
    const holder = element("div", {class: "chart burn"});
    panel.append(holder);
    return [panel, () => linkedChart(holder, () => burnOption(burn))];
  }
  function budgetPanel(budget) {
    const panel = element("section", {class: "panel"}, element("h2", {}, `${budget.tier}/${budget.slo}: error budget left`),
      element("p", {class: "muted"}, `Objective ${budget.objective}; of what is held of ${data.period}`));
    const holder = element("div", {class: "chart budget"});
    panel.append(holder);
    return [panel, () => linkedChart(holder, () => budgetOption(budget))];
  }

  document.body.append(header(), traffic(), barsPanel(), firings());
  if (from === null) return;
  document.body.append(tools());
  for (const budget of data.budgets) {
    for (const burn of data.burns.filter((one) => one.tier === budget.tier && one.slo === budget.slo)) {
      const [panel, draw] = burnPanel(burn);
      document.body.append(panel);
      draw();
    }
    const [panel, draw] = budgetPanel(budget);
    document.body.append(panel);
    draw();
  }
  echarts.connect("replay");
  const holder = document.getElementById("bars");
  if (holder) barsChart(holder);
  if (linked.length > 0) linked[0].on("datazoom", () => copyZoom(linked[0], bars));
  phone.addEventListener("change", page.redraw);
})();
